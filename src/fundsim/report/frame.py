"""What all figures have in common (图的样式): fonts, colours, one language, a frame with title and small print.

Colours are those of Okabe and Ito, with hatching where two must be told apart in grey print. All text is in the font
that goes with the program; a title that it cannot draw is left out, never drawn as boxes. matplotlib is imported when
something is drawn; all it learns is where that font lies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from fundsim.language import language
from fundsim.report.amounts import Money, money_for, with_error
from fundsim.report.document.words import Lang, Words
from fundsim.report.typeface import drawable, families, warn_of_missing
from fundsim.scenario.text import width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

    from fundsim.results import Results
    from fundsim.scenario import Scenario

BLUE, SKY, VERMILION, YELLOW = "#0072B2", "#56B4E9", "#D55E00", "#F0E442"
GREEN, PURPLE, ORANGE = "#009E73", "#CC79A7", "#E69F00"
SERIES: Final = ((BLUE, "o"), (VERMILION, "s"), (SKY, "D"), (GREEN, "^"), (PURPLE, "v"), (ORANGE, "P"))
"""Colour and mark of each of several series."""
DPI: Final = 150
TITLE: Final = 0.25
"""Inches of a new figure for the uppermost line, which the layout does not count."""
SMALL: Final = 7.5
"""Points, for notes; axis texts have 9."""
LONGEST: Final = 100
"""Latin letters that a line of a title holds."""


def drawn_in(lang: Lang | None) -> Lang:
    """The language of a figure: that of the call, else that of :func:`fundsim.set_language`, else English."""
    return lang or language() or "en"


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

    own = {"font.family": list(families()), "font.size": 9.0, "hatch.linewidth": 0.8}
    with style.context(["default", own] if new else [own]):
        yield


@contextmanager
def axes_for(ax: Axes | None, wide: float, high: float, *, shown: bool | None = None) -> Iterator[Axes]:
    """The axes to draw on, within the style: the user's, or those of a new figure of so many inches.

    ``shown``: whether pyplot learns of a new figure; by default where a notebook's cell is run.
    """
    seen = in_notebook() if shown is None and ax is None else bool(shown)
    with style(new=ax is None):
        yield new_figure(wide, high, shown=seen).add_subplot() if ax is None else ax


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


def save(ax: Axes, path: str | Path) -> Path:
    """Write the figure of ``ax`` as a PNG file; the same figure gives the same bytes on one machine."""
    figure: Any = ax.figure
    with style(new=True):
        figure.savefig(path, dpi=DPI, format="png", metadata={"Software": None})
    return Path(path)


class OfScheme(Protocol):
    """What speaks of a scheme."""

    @property
    def scenario(self) -> Scenario: ...


def put_frame(found: OfScheme, ax: Axes, what: Words, line: str, lang: Lang, *, new: bool) -> None:
    """Title: what is shown, of which scheme, and the figures to remember; a new figure has kept room for it."""
    title = ax.set_title(
        f"{scheme_title(found, lang)}\n{line}", loc="left", fontsize=SMALL + 1, linespacing=1.5, parse_math=False,
        pad=6 + height_of_legend(ax),
    )  # fmt: skip
    head = ax.annotate(what.told(lang), (0, 1), (0, 5), xycoords=title, textcoords="offset points", fontsize=11.5)
    if new:
        head.remove()
        ax.figure.add_artist(head)  # the layout has kept room for it, and what a notebook cuts off leaves it whole
    in_typeface(ax)
    for text in (title, head):
        text.set_fontfamily(list(families()))
    plain(ax)


def height_of_legend(ax: Axes) -> float:
    """Points that a legend takes between the axes and their title."""
    legend, root = ax.get_legend(), ax.get_figure(root=True)
    if legend is None or root is None:
        return 0.0
    box = legend.get_window_extent()
    return float(box.height * 72 / root.dpi) if box.y0 > ax.bbox.y1 - 1 else 0.0


def plain(ax: Axes) -> None:
    """Axes without clutter."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.set_axisbelow(True)


def in_typeface(ax: Axes) -> None:
    """Give the texts of given axes, which were made before the style, the font of figures."""
    legend = ax.get_legend()
    texts = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels()]
    for text in [*texts, *(legend.get_texts() if legend else ())]:
        text.set_fontfamily(list(families()))


def scheme_title(found: OfScheme, lang: Lang) -> str:
    """The scheme's title in a language, or its id where it cannot be drawn: cut to a line of a figure.

    Warns of the characters of a title that is left out, by name.
    """
    title = " ".join(found.scenario.title(lang).split())
    warn_of_missing(title, f"the title of {found.scenario.id}, which is left out of figures,")
    return shortened(title if drawable(title) else found.scenario.id, LONGEST)


def shortened(text: str, columns: int) -> str:
    """``text``, cut to the width of so many Latin letters."""
    if width(text) <= columns:
        return text
    kept = next(i for i in range(len(text), -1, -1) if width(text[:i]) < columns)
    return f"{text[:kept]}…"


# --- small print ------------------------------------------------------------------------------------------------


def put_origin(results: Results, ax: Axes, below: float, lang: Lang) -> None:
    """Where the figures of results come from, so many points below the axes."""
    money = fund_unit(results, lang)
    amount = with_error(results.estimate("premium"), 1 / money.yuan)[0]
    premium = Words(f"保费{amount}{money.zh}", f"premium {amount} {money.en}").told(lang)
    if results.years:
        many = results.n_years
        premium = Words(f"年均{premium} · {many}年", f"{premium} a year · {many} years").told(lang)
    small_print(ax, below, premium, replications(results.replications, lang), *where_from(results, lang))


def put_small_print(found: Any, ax: Axes, lang: Lang, below: float = 34) -> None:
    """Where the figures of compared designs come from, so many points below the axes."""
    years = [] if found.years == 1 else [Words(f"{found.years}年", f"{found.years} years").told(lang)]
    small_print(ax, below, replications(found.replications, lang), *years, *where_from(found, lang))


def replications(many: int, lang: Lang) -> str:
    """How many replications, in words."""
    return Words(f"{many:,}次模拟", f"{many:,} replication{'s' if many > 1 else ''}").told(lang)


def where_from(found: Any, lang: Lang) -> tuple[str, str]:
    """The seed, and the scheme's fingerprint."""
    return Words(f"种子{found.seed}", f"seed {found.seed}").told(lang), found.scenario.fingerprint[:12]


def small_print(ax: Axes, below: float, *parts: str) -> None:
    """Notes at the lower right, so many points below the axes."""
    ax.annotate(
        " · ".join(parts), (1, 0), xytext=(0, -below), xycoords="axes fraction", textcoords="offset points",
        ha="right", va="top", fontsize=6.5, color="0.35", parse_math=False,
    )  # fmt: skip


# --- legends and figures ----------------------------------------------------------------------------------------


def legend_above(ax: Axes, columns: int) -> None:
    """What is drawn, in rows above the axes, where it can cover nothing."""
    ax.legend(frameon=False, fontsize=SMALL, ncols=columns, loc="lower left", bbox_to_anchor=(-0.01, 1.0))


def legend_below(ax: Axes, handles: Sequence[Any], points: float, columns: int) -> Legend:
    """A legend so many points below the axes (negative)."""
    from matplotlib.transforms import ScaledTranslation

    root = ax.get_figure()
    assert root is not None
    return ax.legend(
        handles=list(handles), loc="upper left", bbox_to_anchor=(0, 0), frameon=False, fontsize=SMALL, ncols=columns,
        bbox_transform=ax.transAxes + ScaledTranslation(0, points / 72, root.dpi_scale_trans),
        borderaxespad=0, borderpad=0, handlelength=2.8, labelspacing=0.5, columnspacing=2.0,
    )  # fmt: skip


def fund_unit(results: Results, lang: Lang) -> Money:
    """The unit of a fund's totals in a figure."""
    return unit_for(float(results.average("premium").mean()), lang)


def unit_for(fen: float, lang: Lang) -> Money:
    """The unit that suits a fund of this size in a figure."""
    return money_for(fen, lang)


def money_unit(money: Money, lang: Lang) -> str:
    """The unit of money in a language."""
    return Words(money.zh, money.en).told(lang)


def minus(text: str) -> str:
    """Write minus signs as they are printed."""
    return text.replace("-", "−")
