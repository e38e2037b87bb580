"""Figures as image files: drawn once for all formats, the same bytes for the same results."""

from __future__ import annotations

from io import BytesIO
from weakref import WeakKeyDictionary

from PIL import Image

from fundsim.report.document.model import Picture
from fundsim.report.document.words import Lang

DPI = 150
COLOURS = 128
_drawn: WeakKeyDictionary[Picture, dict[Lang, bytes]] = WeakKeyDictionary()


def png(picture: Picture, lang: Lang) -> bytes:
    """A figure as PNG; drawn when it is first asked for."""
    known = _drawn.setdefault(picture, {})
    if lang not in known:
        drawn = BytesIO()
        picture.draw(lang).savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
        known[lang] = _small(drawn)
    return known[lang]


def _small(drawn: BytesIO) -> bytes:
    """The same picture in a third of the space: no transparency, and the few colours that a figure has."""
    with Image.open(drawn) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small = BytesIO()
    few.save(small, "PNG", optimize=True)
    return small.getvalue()
