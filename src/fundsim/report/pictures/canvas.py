"""What the figures of a report share: size, fonts, axes without clutter. No title: the report has captions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import plain, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, HIGH = 6.6, 3.3
"""Inches: the text width of an A4 page."""


@contextmanager
def blank(*, wide: float = WIDE, high: float = HIGH) -> Iterator[Figure]:
    """A new figure without panels, the same on every machine; draw within."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with style(new=True):
        figure = Figure(figsize=(wide, high), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure


@contextmanager
def canvas(*, wide: float = WIDE, high: float = HIGH) -> Iterator[tuple[Figure, Axes]]:
    """A new figure with one plain panel, the same on every machine; draw within."""
    with blank(wide=wide, high=high) as figure:
        ax = figure.add_subplot()
        plain(ax)
        yield figure, ax


def label(ax: Axes, lang: Lang, *, x: Words, y: Words) -> None:
    """Name both axes."""
    ax.set_xlabel(x.told(lang))
    ax.set_ylabel(y.told(lang))
