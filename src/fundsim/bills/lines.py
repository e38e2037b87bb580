"""The lines of a file of bills, taken a piece at a time, and the rows and cells of a piece.

Nearly every line of nearly every file is plain: cells between commas, no quotes. Cells of plain lines are found all at
once, without making a text of each; everything else goes through the reader of the standard library.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Final

import numpy as np

from fundsim.bills.texts import Int64s, Texts, UInt8s

_BLOCK: Final = 1 << 22
"""Bytes read from the file at a time."""
_COMMA, _LF, _CR = ord(","), ord("\n"), ord("\r")


class Lines:
    """The lines of a file; they end with LF, CRLF or CR, as an editor counts them."""

    def __init__(self, file: BinaryIO, codec: str) -> None:
        self._file = file
        self._codec = codec
        self._held = b""
        self._at = 0
        self._ends: list[int] | Int64s = []
        """Where the lines end that are held in whole; ``_at`` is where the first that was not taken begins."""
        self._taken = 0
        self._whole = False
        self.number = 1
        """The line that comes next, the first being 1."""

    def take(self, count: int) -> bytes:
        """Up to ``count`` lines, as UTF-8; nothing after the last."""
        while len(self._ends) - self._taken < count and not self._whole:
            self._read_on()
        last = min(self._taken + count, len(self._ends))
        if last == self._taken:
            return b""
        start, self._at = self._at, int(self._ends[last - 1])
        self.number += last - self._taken
        self._taken = last
        piece = self._held[start : self._at]
        return piece if self._codec == "utf-8" else piece.decode(self._codec).encode()

    def skip_rest(self) -> None:
        """Let no line come any more."""
        self._ends, self._taken, self._whole = [], 0, True

    def _read_on(self) -> None:
        rest = self._held[self._at :]
        block = self._file.read(max(_BLOCK, len(rest)))
        self._whole = not block
        self._held, self._at, self._taken = rest + block, 0, 0
        view = np.frombuffer(self._held, np.uint8)
        is_end = view == _LF
        if b"\r" in self._held:
            before_lf = np.append(is_end[1:], not self._whole)  # a CR at the very end may be half of a CRLF
            is_end |= (view == _CR) & ~before_lf
        ends = np.flatnonzero(is_end) + 1
        if self._whole and len(view) and (not len(ends) or ends[-1] < len(view)):
            ends = np.append(ends, len(view))
        self._ends = ends


def rows_of(piece: bytes, lines: Lines) -> Iterator[tuple[int, list[str]]]:
    """The rows that begin in a piece just taken, each with the line on which it begins.

    Where a text in quotes runs over the end of the piece, the lines after it are taken, too.

    Raises:
        UnreadableRowError: a quote is not closed, or stands where it cannot.
    """
    left = deque(io.StringIO(piece.decode(), newline=""))
    first = lines.number - len(left)

    def feed() -> Iterator[str]:
        while left:
            yield left.popleft()
        while more := lines.take(1):
            yield more.decode()

    reader = csv.reader(feed(), strict=True)
    while left:
        begin = first + reader.line_num
        try:
            row = next(reader)
        except csv.Error as error:
            raise UnreadableRowError(begin, str(error)) from None
        yield begin, row


class UnreadableRowError(ValueError):
    """A row that cannot be read on, and nothing after it."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True)
class PlainRows:
    """Rows whose cells stand between commas as they are."""

    lines: Texts
    """The rows without their line ends."""
    columns: list[Texts]


def plain_rows(piece: bytes, width: int) -> PlainRows | None:
    """The rows of a piece where all of them are plain, have ``width`` cells and are not blank; else None."""
    if b'"' in piece or b"\0" in piece:
        return None
    data = (piece if piece.endswith((b"\n", b"\r")) else piece + b"\n") + bytes(256)
    view = np.frombuffer(data, np.uint8)
    marks = np.flatnonzero((view == _COMMA) | (view == _LF))
    if len(marks) % width or (b"\r" in piece and not _carriage_returns_end_lines(view)):
        return None
    *between, breaks = marks.reshape(-1, width).T
    if (view[breaks] != _LF).any() or any((view[commas] != _COMMA).any() for commas in between):
        return None
    starts = np.concatenate([[0], breaks[:-1] + 1])
    ends = breaks - (view[breaks - 1] == _CR)
    edges = [starts - 1, *between, ends]
    columns = [Texts(data, before + 1, end) for before, end in pairwise(edges)]
    lines = Texts(data, starts, ends)
    if lines.widest > csv.field_size_limit() or _any_blank(columns[0]):
        return None
    return PlainRows(lines, columns)


def _carriage_returns_end_lines(view: UInt8s) -> bool:
    return bool((view[np.flatnonzero(view == _CR) + 1] == _LF).all())


def _any_blank(cells: Texts) -> bool:
    """Whether any text is blank; only those are looked at that begin or end oddly."""
    return any(not text.strip() for text in cells.taken(np.flatnonzero(cells.odd_edges())))
