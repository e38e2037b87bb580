"""Pieces of a CSV file cut into rows and cells; rows that do not fit the header are set apart, not complained of.

Where nothing is in quotes, all cells of a piece are found at once; else the reader of the standard library takes over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fundsim.bills.lines import Lines, UnreadableRowError, rows_of
from fundsim.bills.texts import Bools, Int64s, Texts, UInt8s
from fundsim.records.problems import RecordProblems

_COMMA, _LF, _CR, _BLANK = ord(","), ord("\n"), ord("\r"), ord(" ")
_BLANKS = b", \t\r"


@dataclass(frozen=True)
class Cut:
    """Rows of a piece; lines are counted from the first of the piece, which is 0."""

    lines: Int64s
    """(n,) where each row begins."""
    columns: list[Texts]
    """(n,) cells of each column."""
    ragged: Int64s
    """Where rows begin that have not as many cells as there are columns."""


def cut(piece: bytes, width: int) -> Cut | None:
    """The rows of a piece where nothing is in quotes; else None."""
    if b'"' in piece or b"\0" in piece:
        return None
    data = (piece if piece.endswith(b"\n") else piece + b"\n") + bytes(256)  # so that cells at the end have room
    view = np.frombuffer(data, np.uint8)
    breaks, commas = np.flatnonzero(view == _LF), np.flatnonzero(view == _COMMA)
    ends = breaks
    if b"\r" in piece:
        returns = view == _CR
        if (view[np.flatnonzero(returns) + 1] != _LF).any():
            return None
        ends = breaks - (returns[breaks - 1] & (breaks > 0))
    starts = np.append(0, breaks[:-1] + 1)
    number = np.diff(np.searchsorted(commas, breaks), prepend=0)
    blank = _blank(data, view, starts, ends)
    fits = (number == width - 1) & ~blank
    between = commas[np.repeat(fits, number)].reshape(-1, width - 1).T
    edges = [starts[fits] - 1, *between, ends[fits]]
    columns = [Texts(data, before + 1, end) for before, end in pairwise(edges)]
    return Cut(np.flatnonzero(fits), columns, np.flatnonzero(~fits & ~blank))


def _blank(data: bytes, view: UInt8s, starts: Int64s, ends: Int64s) -> Bools:
    """(n,) which lines hold nothing; only those are looked at that do not begin with a text."""
    blank: Bools = starts == ends
    first = view[starts]
    for line in np.flatnonzero(~blank & ((first <= _BLANK) | (first == _COMMA))).tolist():
        blank[line] = not data[starts[line] : ends[line]].strip(_BLANKS)
    return blank


def cut_quoted(piece: bytes, lines: Lines, width: int, problems: RecordProblems) -> Cut:
    """The rows of a piece just taken, read one by one; one that is not closed is complained of.

    Lines are those of the file here.
    """
    at, kept, ragged = list[int](), list[list[str]](), list[int]()
    for line, row in read_on(piece, lines, problems):
        if len(row) == width and any(map(str.strip, row)):
            at.append(line)
            kept.append(row)
        elif any(map(str.strip, row)):
            ragged.append(line)
    by_column = list(zip(*kept, strict=True)) if kept else [()] * width
    return Cut(np.array(at, np.int64), [Texts.of(cells) for cells in by_column], np.array(ragged, np.int64))


def read_on(piece: bytes, lines: Lines, problems: RecordProblems) -> Iterator[tuple[int, list[str]]]:
    """The rows of a piece; one that cannot be read on is complained of, and nothing comes after it."""
    try:
        yield from rows_of(piece, lines)
    except UnreadableRowError as row:
        why = f"the row that begins here cannot be read on: {row}"
        problems.add(row.line, None, why, "close every quote, and double a quote that belongs to the text")
        lines.skip_rest()
