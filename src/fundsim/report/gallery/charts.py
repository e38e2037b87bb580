"""Charts of the gallery (待遇图): benefit against own cost, scheme by scheme and all of them beside one another.

The bytes of a chart depend on its curves and on matplotlib alone: no date, no random ids, and letters are drawn from
the font that comes with matplotlib. A checksum of the curves stands in the file, by which a stale chart is known.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fundsim.report.frame import BLUE, SMALL, VERMILION
from fundsim.report.gallery.curves import FARTHEST, STEP, BenefitCurve, checksum
from fundsim.report.typeface import LATIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREEN, PURPLE, ORANGE = "#009E73", "#CC79A7", "#E69F00"
LINES: Final = (
    ("black", "-", 2.0),
    (BLUE, (0, (6, 1.5)), 1.7),
    (VERMILION, (0, (1.2, 1.2)), 1.9),
    (GREEN, (0, (6, 1.5, 1.2, 1.5)), 1.7),
    (PURPLE, (0, (3, 1.2)), 1.7),
    (ORANGE, (0, (9, 1.5, 1.2, 1.5, 1.2, 1.5)), 1.7),
)
"""Colour (Okabe and Ito), dashes and width of each curve: told apart by the dashes alone in grey print."""
ACROSS: Final = 4
"""Panels in a row of the chart of all schemes."""
SHORT_NAME: Final = 28
"""Letters of a curve's name of which three stand side by side below a chart."""
LONGEST_LINE: Final = 96
"""Letters of a title that one line above a chart can hold."""
_CHECKSUM: Final = re.compile(r"fundsim curves ([0-9a-f]{64})")


def write_chart(path: Path, title: str, curves: Sequence[BenefitCurve]) -> None:
    """Write the chart of one scheme as SVG: payment, and payment as a part of own cost, against own cost."""
    with _style(path.stem):
        figure = _figure(8.4, 3.7)
        amount, rate = figure.subplots(1, 2)
        for curve, line in zip(curves, LINES, strict=False):
            _draw(amount, curve, [paid / 1e5 for paid in curve.paid], line)
            _draw(rate, curve, [None, *(100 * part for part in curve.rates)], line)
        amount.set_ylabel("the contract pays, thousand yuan")
        rate.set_ylabel("the contract pays, % of own cost")
        rate.set_ylim(0, 100)
        amount.set_ylim(0, FARTHEST / 1e5)
        for ax in (amount, rate):
            _frame(ax)
            ax.set_xlabel("own cost in the year, thousand yuan")
        figure.suptitle(textwrap.fill(title, LONGEST_LINE), x=0.012, ha="left", fontsize=10.5, parse_math=False)
        columns = 3 if all(len(curve.name) <= SHORT_NAME for curve in curves) else 2
        lines, names = amount.get_legend_handles_labels()
        figure.legend(lines, names, loc="outside lower left", ncols=columns, frameon=False, handlelength=3.4)
        _save(figure, path, checksum(curves))


def write_overview(path: Path, schemes: Mapping[str, Sequence[BenefitCurve]]) -> None:
    """Write the chart of all schemes as SVG: a panel each, the payment as a part of own cost on the same scales."""
    with _style(path.stem):
        rows = -(-len(schemes) // ACROSS)
        figure = _figure(9.6, 0.75 + 1.75 * rows)
        panels = figure.subplots(rows, ACROSS, sharex=True, sharey=True, squeeze=False)
        for ax, (name, curves) in zip(panels.flat, schemes.items(), strict=False):
            for other in schemes.values():
                _draw(ax, other[0], [None, *(100 * part for part in other[0].rates)], ("0.85", "-", 0.8))
            for curve, line in reversed(list(zip(curves, LINES, strict=False))):
                _draw(ax, curve, [None, *(100 * part for part in curve.rates)], line)
            ax.set_title(name, loc="left", fontsize=8.5, pad=3)
            ax.set_ylim(0, 100)
            _frame(ax)
        for ax in panels.flat[len(schemes) :]:
            ax.set_visible(False)
        for ax in panels.flat[max(len(schemes) - ACROSS, 0) : len(schemes)]:
            ax.tick_params(labelbottom=True)
        figure.supxlabel("own cost in the year, thousand yuan", fontsize=9, x=0.012, ha="left")
        figure.supylabel("the contract pays, % of own cost", fontsize=9)
        _save(figure, path, overview_checksum(schemes))


def overview_checksum(schemes: Mapping[str, Sequence[BenefitCurve]]) -> str:
    """Checksum of the chart of all schemes."""
    return checksum([curve for curves in schemes.values() for curve in curves])


def checksum_in(path: Path) -> str | None:
    """Checksum of the curves that a chart on disk was drawn from; None where there is no such chart."""
    found = _CHECKSUM.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    return None if found is None else found[1]


def _draw(ax: Axes, curve: BenefitCurve, values: Sequence[float | None], line: tuple[Any, Any, float]) -> None:
    colour, dashes, width = line
    own = [place * STEP / 1e5 for place in range(len(values))]
    ax.plot(own, values, color=colour, linestyle=dashes, linewidth=width, label=curve.name)  # type: ignore[arg-type]


def _frame(ax: Axes) -> None:
    ax.set_xlim(0, FARTHEST / 1e5)
    ax.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


@contextmanager
def _style(salt: str) -> Iterator[None]:
    """The style of the project's figures, with ids in the SVG that are the same every time."""
    from matplotlib import style

    own = {
        "font.family": [LATIN], "font.size": 9.0, "legend.fontsize": SMALL + 1,
        "svg.hashsalt": salt, "path.simplify_threshold": 0.3,
    }  # fmt: skip
    with style.context(["default", own]):
        yield


def _figure(wide: float, high: float) -> Figure:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(wide, high), layout="constrained")
    FigureCanvasSVG(figure)
    return figure


def _save(figure: Figure, path: Path, curves: str) -> None:
    metadata = {"Date": None, "Creator": None, "Description": f"fundsim curves {curves}"}
    figure.savefig(path, format="svg", metadata=metadata)
