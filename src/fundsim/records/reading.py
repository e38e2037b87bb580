"""Reads settlement records into arrays of integers, a piece at a time; nothing is dropped, what is bad gets a reason.

At the peak some 0.7 kB is held for each record (measured: 0.9 GB for 1.3 million), so 2 GB do for three million.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.bills.texts import Bools, Int64s, Texts, concatenated
from fundsim.records import cells
from fundsim.records.cells import BAD, EMPTY, GOOD, Categories, Days, States
from fundsim.records.columns import Column, ColumnMap
from fundsim.records.names import (
    AMOUNTS,
    CATEGORIES,
    DATES,
    DISCHARGED,
    IDS,
    PERSON,
    REFUNDED,
    SETTLED,
    TOTAL,
)
from fundsim.records.problems import RecordProblems
from fundsim.records.reasons import KEPT, NUMBER
from fundsim.records.sources import Piece, RecordSource

_MOST_NAMES: Final = 5_000
"""Different names that a category has at most; a column with more of them is an id."""
_FLAGGED: Final = ("1", "是", "Y", "y", "true", "True", "TRUE")

_ID: Final = re.compile(r"\d{15}")

Int8s = npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Raw:
    """Every row of a file that has as many cells as the header, n of them, as integers."""

    row: Int64s
    """(n,) where it stands."""
    person: Int64s
    """(n,) number of the person; it means nothing outside this reading."""
    texts: Mapping[str, Int64s]
    """(n,) numbers of the other ids, by field."""
    days: Mapping[str, Int64s]
    """(n,) ordinals, 0 where there is none, by field."""
    categories: Mapping[str, npt.NDArray[np.int32]]
    """(n,) positions in ``names``, by field."""
    names: Mapping[str, tuple[str, ...]]
    flagged: Bools
    """(n,) marked as refunded."""
    amounts: Mapping[str, Int64s]
    """(n,) fen, by field; 0 where it is not known."""
    total_known: Bools
    """(n,) the cost in all could be read."""
    reason: Int8s
    """(n,) number of the reason for which the row cannot be read, or ``KEPT``."""
    empty: Mapping[str, int]
    """Empty cells, by field."""
    unreadable: Mapping[str, int]
    """Cells that cannot be read, by field."""
    persons: int
    rounded_ids: int
    """Ids of 18 digits that end in three zeros."""
    unnamed: Mapping[str, tuple[str, ...]]
    """Texts of categories that the column map does not name."""
    unused: tuple[str, ...]
    """Columns of the file that are no field."""

    def __len__(self) -> int:
        return len(self.row)


def read_rows(source: RecordSource, columns: ColumnMap) -> Raw:
    """Read all rows.

    Raises:
        RecordsError: columns are missing, a quote is not closed, there is no record, or a category is an id.
    """
    problems = RecordProblems(source.place)
    header = source.header(problems)
    problems.raise_if_any()
    found = columns.found_in(header, source.header_row, problems)
    problems.raise_if_any()
    reader = _Reader(found)
    for piece in source.pieces([column.column for column in found.values()], problems):
        reader.read(piece)
    reader.complain_of_names(source, problems)
    if not reader.parts and not problems:
        problems.add(-1, None, "there is no record, only the header", "write a row for each settlement")
    problems.raise_if_any()
    used = {column.column for column in found.values()}
    return reader.raw(tuple(name for name in header if name not in used))


@dataclass
class _Part:
    """What was read of a piece."""

    numbers: dict[str, npt.NDArray[np.generic]] = field(default_factory=dict)
    texts: dict[str, Texts] = field(default_factory=dict)


class _Reader:
    def __init__(self, found: Mapping[str, Column]) -> None:
        self._found = found
        self._days = {name: Days() for name in DATES if name in found}
        self._categories = {name: Categories(found[name].values) for name in CATEGORIES if name in found}
        self._empty = dict.fromkeys(found, 0)
        self._unreadable = dict.fromkeys(found, 0)
        self._rounded = 0
        self.parts: list[_Part] = []

    def read(self, piece: Piece) -> None:
        """Read some rows."""
        if not len(piece.rows):
            return
        part = _Part({"row": piece.rows, "reason": np.zeros(len(piece.rows), dtype=np.int8)})
        self.parts.append(part)
        states = dict[str, States]()
        for name, column in self._found.items():
            states[name] = self._column(name, column, piece, part)
            self._empty[name] += int((states[name] == EMPTY).sum())
            self._unreadable[name] += int((states[name] == BAD).sum())
        part.numbers["reason"] = self._reasons(states, len(piece.rows))
        part.numbers["total_known"] = states[TOTAL] == GOOD

    def _column(self, name: str, column: Column, piece: Piece, part: _Part) -> States:
        given = piece.cells[column.column]
        if name in IDS:
            texts, states = cells.ids(given)
            part.texts[name] = Texts.joined(texts.joint(), texts.lengths)  # of its own, so that the piece can go
            self._rounded += int(cells.ends_in_zeros(texts).sum()) if name == PERSON else 0
        elif name in self._days:
            part.numbers[name], states = self._days[name].of(given)
        elif name in self._categories:
            part.numbers[name], states = self._categories[name].of(given)
        elif name == REFUNDED:
            flags, place = cells.as_texts(given).distinct()
            part.numbers[name] = np.array([flag.strip() in _FLAGGED for flag in flags], dtype=np.bool_)[place]
            states = np.full(len(piece.rows), GOOD)
        else:
            part.numbers[name], states = cells.amounts(given, column.decimals)
            if column.empty_is_nothing:
                states[states == EMPTY] = GOOD
        return states

    def _reasons(self, states: Mapping[str, States], rows: int) -> Int8s:
        """The first reason for which each row cannot be read."""
        amounts = [states[name] for name in AMOUNTS if name in states]
        day = states[DISCHARGED if DISCHARGED in states else SETTLED]
        dates = [states[name] for name in DATES if name in states]
        asked = (
            ("missing-id", states[PERSON] == EMPTY),
            ("damaged-id", states[PERSON] == BAD),
            ("missing-date", day == EMPTY),
            ("bad-date", np.any([each == BAD for each in dates], axis=0)),
            ("missing-amount", np.any([each == EMPTY for each in amounts], axis=0)),
            ("bad-amount", np.any([each == BAD for each in amounts], axis=0)),
        )
        reason = np.full(rows, KEPT, dtype=np.int8)
        for name, holds in reversed(asked):
            reason[holds] = NUMBER[name]
        return reason

    def complain_of_names(self, source: RecordSource, problems: RecordProblems) -> None:
        """A category of ids, or of too many names, is something else; its texts are not told."""
        for name, category in self._categories.items():
            column = self._found[name].column
            if len(category.known) > _MOST_NAMES:
                why = f"the column holds more than {_MOST_NAMES:,} different texts, too many for {name}"
                problems.add(source.header_row, column, why, "map another column to it")
            elif any(map(_ID.search, category.known)):
                why = f"the column holds numbers of 15 digits or more: ids of persons cannot be {name}"
                problems.add(source.header_row, column, why, "map another column to it")

    def raw(self, unused: tuple[str, ...]) -> Raw:
        """Everything that was read."""
        row = self._number("row").astype(np.int64)
        people, person = self._text(PERSON).distinct()
        amounts = {name: self._number(name).astype(np.int64) for name in AMOUNTS if name in self._found}
        return Raw(
            row=row,
            person=person,
            texts={name: self._text(name).distinct()[1] for name in IDS if name in self._found and name != PERSON},
            days={name: self._number(name).astype(np.int64) for name in self._days},
            categories={name: self._category(name) for name in self._categories},
            names={name: tuple(category.order) for name, category in self._categories.items()},
            flagged=self._flagged(len(row)),
            amounts=amounts,
            total_known=self._number("total_known").astype(np.bool_),
            reason=self._number("reason").astype(np.int8),
            empty=self._empty,
            unreadable=self._unreadable,
            persons=len(people),
            rounded_ids=self._rounded,
            unnamed={name: tuple(category.unnamed) for name, category in self._categories.items()},
            unused=unused,
        )

    def _category(self, name: str) -> npt.NDArray[np.int32]:
        """Positions in the order of names, which does not depend on where they were met."""
        category = self._categories[name]
        place = np.zeros(len(category.known), dtype=np.int32)
        for position, known in enumerate(category.order):
            place[category.known[known]] = position
        return place[self._number(name).astype(np.int64)]

    def _flagged(self, rows: int) -> Bools:
        if REFUNDED not in self._found:
            return np.zeros(rows, dtype=np.bool_)
        return self._number(REFUNDED).astype(np.bool_)

    def _number(self, name: str) -> npt.NDArray[np.generic]:
        return np.concatenate([part.numbers.pop(name) for part in self.parts])

    def _text(self, name: str) -> Texts:
        return concatenated([part.texts.pop(name) for part in self.parts])
