"""Reads chunks of text into numbers and ids, and complains of every cell that cannot be read."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from fundsim.benefits.schedule import Plan
from fundsim.bills import cells
from fundsim.bills.header import ADMISSION, COSTS, DATE, EXCLUDED, LEFT, PERSON, Layout
from fundsim.bills.problems import BillProblems, Words
from fundsim.bills.records import Records, numbers_of
from fundsim.bills.sources import Chunk
from fundsim.bills.texts import Bools, Int64s, Texts
from fundsim.money import LARGEST_BILL, format_yuan


class Validity(Protocol):
    """The first and the last day of a scheme."""

    @property
    def from_(self) -> datetime.date:
        """The first day."""

    @property
    def to(self) -> datetime.date:
        """The last day."""


def overpaid(payable: Int64s, paid: Int64s) -> tuple[Int64s, Int64s]:
    """What is left (n,) before the first payer that takes more than that, and its position; -1 where none does.

    Args:
        payable: (n,) fen.
        paid: (n, p) fen by position in the waterfall; negative where a payment is not known yet.
    """
    left, position = payable.copy(), np.full(len(payable), -1, dtype=np.int64)
    for p in range(paid.shape[1]):
        position = np.where((position < 0) & (paid[:, p] > left), p, position)
        left = np.where(position < 0, left - np.maximum(paid[:, p], 0), left)
    return left, position


class RowReader:
    """Turns chunks of text into records, and complains of what cannot be read; it keeps no row."""

    def __init__(self, plan: Plan, layout: Layout, valid: Validity | None, problems: BillProblems) -> None:
        self._plan = plan
        self._layout = layout
        self._valid = valid
        self._problems = problems
        self._kind = numbers_of(len(layout.given))
        self._days = cells.Reading(cells.day_number)
        self._traits = {trait: cells.Reading(_positions(values)) for trait, values in plan.traits.values.items()}

    def read(self, chunk: Chunk) -> Records:
        """Read some rows; one that does not say whose bill it is is only complained of."""
        numbers = np.zeros(len(chunk.rows), self._kind)
        numbers["row"] = np.fromiter(chunk.rows, np.int64, len(chunk.rows))
        numbers["cost"], numbers["excluded"], read = self._cost(chunk)
        numbers["paid"], numbers["deductible"] = self._given(chunk, numbers["cost"].sum(axis=1), read)
        persons, told_apart = self._ids(PERSON, chunk, cells.explain_person, b"eE")
        numbers["day"] = self._day(chunk)
        numbers["case"] = self._case(chunk)
        admissions, _ = self._ids(ADMISSION, chunk, cells.explain_admission, b"")
        numbers["person_bytes"], numbers["admission_bytes"] = persons.lengths, admissions.lengths
        records = Records(numbers, persons, admissions)
        return records if told_apart.all() else records.taken(np.flatnonzero(told_apart))

    def _ids(
        self, column: str, chunk: Chunk, explain: Callable[[str], Words | None], doubtful: bytes
    ) -> tuple[Texts, Bools]:
        """The ids of a column, and which of them are ids; to be explained are empty ones and those with a mark."""
        good = np.ones(len(chunk.rows), dtype=np.bool_)
        if column not in chunk.cells:
            return Texts.joined(b"", np.zeros(len(chunk.rows), dtype=np.int64)), good
        ids = cells.stripped(chunk.cells[column])
        places = np.flatnonzero((ids.lengths == 0) | ids.holding(doubtful)).tolist()
        wrong = {place: words for place in places if (words := explain(ids[place])) is not None}
        good[list(wrong)] = False
        self._problems.cells(chunk.rows, column, list(wrong), wrong.__getitem__)
        return ids, good

    def _day(self, chunk: Chunk) -> Int64s:
        texts = chunk.cells.get(DATE)
        if texts is None:
            return np.zeros(len(chunk.rows), dtype=np.int64)
        days = self._days.of(texts)
        unread = days == cells.UNREAD
        self._complain(DATE, chunk, unread, lambda place: cells.explain_day(texts[place]))
        if self._valid is not None:
            first, last = self._valid.from_, self._valid.to
            outside = ~unread & ((days < first.toordinal()) | (days > last.toordinal()))
            period = f"lies outside the scheme's validity, {first} to {last}"
            instead = "leave the bill out, or settle it by the scheme that was in force"
            self._complain(DATE, chunk, outside, lambda place: (f"'{texts[place].strip()}' {period}", instead))
        return days

    def _case(self, chunk: Chunk) -> Int64s:
        """Number the classes of case; a trait that is not stated, as no payer looks at it, has its first."""
        case = np.zeros(len(chunk.rows), dtype=np.int64)
        for trait, values in self._plan.traits.values.items():
            case *= len(values)
            if trait in chunk.cells:
                case += self._trait(trait, values, chunk)
        return case

    def _trait(self, trait: str, values: tuple[str, ...], chunk: Chunk) -> Int64s:
        texts = chunk.cells[trait]
        found = self._traits[trait].of(texts)
        self._complain(trait, chunk, found < 0, lambda place: cells.explain_trait(texts[place], trait, values))
        return found

    def _cost(self, chunk: Chunk) -> tuple[Int64s, Int64s, Bools]:
        """Cost by catalogue class, what is excluded, and of which bills both could be read."""
        zero, read = np.zeros(len(chunk.rows), dtype=np.int64), np.ones(len(chunk.rows), dtype=np.bool_)
        columns = (LEFT,) if self._layout.annual else COSTS
        cost = np.stack([*(self._amounts(column, chunk, read) for column in columns), zero, zero][:3], axis=1)
        excluded = zero if self._layout.annual else self._amounts(EXCLUDED, chunk, read)
        large = cost.sum(axis=1) + excluded > LARGEST_BILL
        words = "the bill adds up to more than 10 billion yuan", "check the amounts; they are in yuan"
        self._complain(columns[0], chunk, large, lambda _: words)
        return cost, excluded, read

    def _given(self, chunk: Chunk, payable: Int64s, read: Bools) -> tuple[Int64s, Int64s]:
        """What each given payer paid, and what its deductible took."""
        given = self._layout.given
        paid, deductible = np.zeros((2, len(chunk.rows), len(given)), dtype=np.int64)
        for p, payer in enumerate(given):
            paid[:, p] = self._amounts(f"paid_{payer}", chunk, read)
            deductible[:, p] = self._amounts(f"deductible_{payer}", chunk, read)
        left, position = overpaid(payable, paid)
        for p in sorted(set(position[position >= 0].tolist())):
            column, wrong = f"paid_{given[p]}", (position == p) & read
            self._complain(column, chunk, wrong, _explain_overpaid(chunk.cells.get(column, ()), left))
        return paid, deductible

    def _amounts(self, column: str, chunk: Chunk, read: Bools) -> Int64s:
        """Read a column of amounts; rows of which one cannot be read are taken out of ``read``."""
        texts = chunk.cells.get(column)
        if texts is None:
            read[:] = False
            return np.zeros(len(chunk.rows), dtype=np.int64)
        fen, good = cells.amounts(texts)
        self._complain(column, chunk, ~good, lambda place: cells.explain_amount(texts[place]))
        read &= good
        return np.where(good, fen, 0)

    def _complain(self, column: str, chunk: Chunk, wrong: Bools, explain: Callable[[int], Words]) -> None:
        self._problems.cells(chunk.rows, column, np.flatnonzero(wrong).tolist(), explain)


def _positions(values: Sequence[str]) -> Callable[[str], int]:
    """The position of a text among the values of a trait; -1 where it is none of them."""
    position = {value: place for place, value in enumerate(values)}
    return lambda text: position.get(text, -1)


def _explain_overpaid(texts: Sequence[str], left: Int64s) -> Callable[[int], Words]:
    def explain(place: int) -> Words:
        why = f"'{texts[place].strip()}' is more than what is left to pay, {format_yuan(int(left[place]))} yuan"
        return why, "check the payment; all payers together can pay cost_a, cost_b and cost_c, and no more"

    return explain
