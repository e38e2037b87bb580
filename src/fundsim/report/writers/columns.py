"""How wide the columns of a table are (列宽): numbers and short words need their own, long texts share the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fundsim.report.document.model import Number, Table
from fundsim.report.document.words import Lang
from fundsim.scenario.text import width

MANY, SHORT = 6, 24
"""Columns from which on texts up to so many letters take the width they need."""
WORD, LINE = 14, 60
"""Letters of a word that takes the width it needs in any table; letters beyond which a text is set in several lines."""

HEAD = 8
"""Letters of a head that is not broken."""
BREAK = "\u200b"
"""A place where a line may be broken."""
_NAME = re.compile(r"[a-z][\w.\[\]/-]*", re.ASCII)
_WORD = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Fit:
    """What a column holds, in letters; a Chinese character is as wide as two."""

    needed: int
    """Letters that its cells need on one line, and its head on two."""
    weight: float
    """Its part of the width that columns of text share; 0 where it takes what it needs."""


def fits(table: Table, lang: Lang) -> list[Fit]:
    """Every column of a table; at least one shares in the width, unless there are so many that none is left."""
    many = len(table.columns) > MANY
    found = [_fit(table, place, lang, many=many) for place in range(len(table.columns))]
    if found and not many and not any(fit.weight for fit in found):
        found[0] = Fit(found[0].needed, 1.0)
    return found


def _fit(table: Table, place: int, lang: Lang, *, many: bool) -> Fit:
    column, cells = table.columns[place], [row[place] for row in table.rows]
    letters = [width(cell.text if isinstance(cell, Number) else cell.told(lang)) for cell in cells] or [0]
    head = width(column.head.told(lang))
    widest, needed = max(head, *letters), max(_in_two_lines(column.head.told(lang)), *letters)
    if column.numeric or (place and widest <= WORD) or (many and widest <= SHORT):
        return Fit(needed, 0.0)
    return Fit(needed, (sum(letters) / len(letters) + min(widest, LINE)) ** 0.75)


def _in_two_lines(head: str) -> int:
    """Letters that a head needs where it may be broken once, but no word of it."""
    words = [width(word) for word in _WORD.findall(head)]
    return max([min(width(head), HEAD), -(-width(head) // 2), *words])


def breakable(text: str) -> str:
    """A name such as ``payers.basic.pay`` with places where a line may be broken; other texts as they are."""
    if _NAME.fullmatch(text) is None:
        return text
    return text.replace(".", f".{BREAK}").replace("/", f"/{BREAK}").replace("[", f"{BREAK}[")
