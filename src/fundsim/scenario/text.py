"""How wide text is in a terminal (终端显示宽度): Chinese characters take two columns, combining marks none."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """Columns that a terminal with a fixed-width font gives to ``text``."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def blank(text: str) -> str:
    """White space as wide as ``text``; tabs stay tabs, so that what follows stands below what followed them."""
    return "".join("\t" if character == "\t" else " " * _columns(character) for character in text)


def padded(text: str, columns: int) -> str:
    """``text`` with blanks on its right up to a number of terminal columns."""
    return text + " " * (columns - width(text))


def aligned(rows: list[tuple[str, ...]], indent: str = "  ") -> list[str]:
    """Lines of a table whose columns line up in a terminal, Chinese text included."""
    columns = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        (indent + "  ".join(padded(cell, wide) for cell, wide in zip(row, columns, strict=True))).rstrip()
        for row in rows
    ]
