"""Figures as image files: drawn once for all formats, the same bytes for the same results."""

from __future__ import annotations

from io import BytesIO
from weakref import WeakKeyDictionary

from fundsim.report.document.model import Picture
from fundsim.report.document.words import Lang

DPI = 150
_drawn: WeakKeyDictionary[Picture, dict[Lang, bytes]] = WeakKeyDictionary()


def png(picture: Picture, lang: Lang) -> bytes:
    """A figure as PNG; drawn when it is first asked for."""
    known = _drawn.setdefault(picture, {})
    if lang not in known:
        buffer = BytesIO()
        picture.draw(lang).savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
        known[lang] = buffer.getvalue()
    return known[lang]
