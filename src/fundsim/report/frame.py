"""What all figures have in common (图的样式): fonts, colours, a frame with title and origin.

Colours are those of Okabe and Ito, with hatching where two must be told apart in grey print. Chinese stands beside
English, in the font that goes with the program; a text that it cannot draw is left out, never drawn as boxes.
matplotlib is imported when something is drawn; all it learns is where that font lies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

from fundsim.report.amounts import money_of, with_error
from fundsim.report.typeface import drawable, families, warn_of_missing
from fundsim.scenario.text import width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.results import Results
    from fundsim.scenario import Scenario

BLUE, SKY, VERMILION, YELLOW = "#0072B2", "#56B4E9", "#D55E00", "#F0E442"
DPI: Final = 150
TITLE: Final = 0.25
"""Inches of a new figure for the uppermost line, which the layout does not count."""
SMALL: Final = 7.5
"""Points, for notes; axis texts have 9."""
LONGEST: Final = 100
"""Latin letters that a line of a title holds."""


def in_notebook() -> bool:
    """Whether a cell is being run: only there does pyplot learn of a new figure, so that it is shown."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or not hasattr(shell, "kernel"):
        return False
    # What `%matplotlib inline` does, and done before a style is entered, whose end would undo it.
    import_module("matplotlib.pyplot").ion()
    return True


@contextmanager
def style(*, new: bool) -> Iterator[None]:
    """Fonts for what is drawn within; a new figure also forgets the user's own defaults, so that it is always alike."""
    from matplotlib import style

    own = {"font.family": list(families()), "font.size": 9.0}
    with style.context(["default", own] if new else [own]):
        yield


def beside(english: str, chinese: str, gap: str = "  ") -> str:
    """English with Chinese beside it, where its characters can be drawn."""
    return f"{english}{gap}{chinese}" if drawable(chinese) else english


def new_figure(wide: float, high: float, *, shown: bool) -> Figure:
    """Make a figure of so many inches; where it is ``shown``, pyplot learns of it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    below_title = (0, 0, 1, 1 - TITLE / high)
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08, rect=below_title)
    if shown:
        from matplotlib import pyplot

        return pyplot.figure(figsize=(wide, high), layout=layout)
    figure = Figure(figsize=(wide, high), layout=layout)
    FigureCanvasAgg(figure)
    return figure


class OfScheme(Protocol):
    """What speaks of a scheme."""

    @property
    def scenario(self) -> Scenario: ...


def put_frame(results: OfScheme, ax: Axes, what: str, line: str, *, new: bool) -> None:
    """Title: what is shown, of which scheme, and the figures to remember; a new figure has kept room for it."""
    title = ax.set_title(
        f"{scheme_title(results)}\n{line}", loc="left", fontsize=SMALL + 1, linespacing=1.5, parse_math=False
    )
    head = ax.annotate(what, (0, 1), (0, 5), xycoords=title, textcoords="offset points", fontsize=11.5)
    if new:
        head.remove()
        ax.figure.add_artist(head)  # the layout has kept room for it, and what a notebook cuts off leaves it whole
    for text in (title, ax.xaxis.label, ax.yaxis.label):
        text.set_fontfamily(list(families()))  # given axes have these since before the style
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.set_axisbelow(True)


def scheme_title(results: OfScheme) -> str:
    """The scheme's titles as far as they can be drawn, or its id: on two lines where one is too long for a figure.

    Warns of the characters of a title that is left out, by name.
    """
    titles = [" ".join(results.scenario.title(lang).split()) for lang in ("en", "zh")]
    warn_of_missing("".join(titles), f"the title of {results.scenario.id}, which is left out of figures,")
    shown = list(dict.fromkeys(title for title in titles if drawable(title))) or [results.scenario.id]
    one_line = "  ".join(shown)
    return one_line if width(one_line) <= LONGEST else "\n".join(shortened(each, LONGEST) for each in shown)


def shortened(text: str, columns: int) -> str:
    """``text``, cut to the width of so many Latin letters."""
    if width(text) <= columns:
        return text
    kept = next(i for i in range(len(text), -1, -1) if width(text[:i]) < columns)
    return f"{text[:kept]}…"


def put_origin(results: Results, ax: Axes, below: float) -> None:
    """Where the figures come from, in small print at the lower right, so many points below the axes."""
    money = money_of(results)
    premium = f"premium {with_error(results.estimate('premium'), 1 / money.yuan)[0]} {money.en}"
    if results.years:
        premium += f" a year · {results.n_years} years"
    many = f"{results.replications:,} replication{'s' if results.replications > 1 else ''}"
    text = f"{premium} · {many} · seed {results.seed} · {results.scenario.fingerprint[:12]}"
    ax.annotate(
        text, (1, 0), xytext=(0, -below), xycoords="axes fraction", textcoords="offset points",
        ha="right", va="top", fontsize=6, color="0.35",
    )  # fmt: skip


def minus(text: str) -> str:
    """Write minus signs as they are printed."""
    return text.replace("-", "−")
