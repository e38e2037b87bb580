"""The typeface of figures and reports (字体): one Chinese font goes with the program, so that all machines draw alike.

It is Noto Sans SC under the SIL Open Font License, cut down to GB 2312, Latin and the symbols of formulas
(``scripts/make_fonts.py``). Characters beyond it, such as those of rare place names, are warned of by name.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

LATIN: Final = "DejaVu Sans"
"""Comes with matplotlib; draws what the bundled font lacks."""
CHINESE: Final = "Fundsim Sans SC"
FOLDER: Final = Path(str(files("fundsim.report"))) / "fonts"


class MissingCharacters(UserWarning):
    """A text has characters that the font cannot draw."""


@cache
def families() -> tuple[str, ...]:
    """The font families of figures: the one that goes with the program, then matplotlib's own for what it lacks.

    matplotlib knows it from then on.
    """
    from matplotlib import font_manager

    for path in sorted(FOLDER.glob("*.ttf")):
        font_manager.fontManager.addfont(path)
    return CHINESE, LATIN


@contextmanager
def in_charts() -> Iterator[None]:
    """Draw Chinese in charts of your own, for as long as the context lasts.

    For example ``with in_charts(): frame.plot()``.
    """
    import matplotlib as mpl

    with mpl.rc_context({"font.family": list(families())}):
        yield


@cache
def characters() -> frozenset[int]:
    """Code points that figures can draw."""
    from matplotlib import font_manager

    found = (font_manager.findfont(family, fallback_to_default=False) for family in families())
    return frozenset().union(*(font_manager.get_font(path).get_charmap() for path in found))


def drawable(text: str) -> bool:
    """Whether every character of a text can be drawn."""
    return not missing(text)


def missing(text: str) -> str:
    """The characters of a text that cannot be drawn, each once."""
    known = characters()
    return "".join(dict.fromkeys(each for each in text if each >= " " and ord(each) not in known))


def warn_of_missing(text: str, where: str) -> None:
    """Warn of characters that would be drawn as boxes, by name."""
    found = missing(text)
    if found:
        told = ", ".join(f"{each} (U+{ord(each):04X})" for each in found)
        why = f"{where} has characters that the bundled font lacks: {told}"
        warnings.warn(f"{why}; write them another way, or look at the page before it is used", MissingCharacters, 2)
