"""What a trace knows: a bill as it was settled, the payers' terms for it, and what each of them did."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fundsim.benefits.payer import Match
from fundsim.benefits.schedule import ClassSchedule, PayerSchedule
from fundsim.benefits.settlement import Line, Statement
from fundsim.curves import Slice
from fundsim.traces.phrases import condition_in_words, named


@dataclass(frozen=True)
class TracedVariant:
    """A variant that made a payer's terms for a bill."""

    number: int
    """Its place among the payer's variants, counted from 1."""
    when: Match
    clause: str | None

    def __str__(self) -> str:
        return f"{condition_in_words(self.when)}{f' ({self.clause})' if self.clause else ''}"


@dataclass(frozen=True)
class TracedPayer:
    """A payer of one bill."""

    schedule: PayerSchedule
    title: str
    only: tuple[Match, ...] = ()
    """The classes that it covers; empty: every class."""
    variants: tuple[TracedVariant, ...] = ()
    """In the order in which they changed its terms."""


@dataclass(frozen=True)
class TracedBill:
    """One bill, settled, with what is needed to explain it."""

    row: int
    """Where it stands in the bills."""
    year: int
    """Insurance year, named for the calendar year in which it ends; accumulated bases and caps begin anew with each."""
    period: tuple[datetime.date, datetime.date]
    """First and last day of that insurance year."""
    date: datetime.date
    admission: str | None
    case: Mapping[str, str]
    defaults: Mapping[str, str]
    """The ordinary value of each trait."""
    statement: Statement
    payers: tuple[TracedPayer, ...]
    """One for each line of the statement."""
    annual: bool
    """Whether it is an amount left in policy, instead of costs."""
    cumulative: bool
    """Whether payments are rounded cumulatively."""

    @property
    def gross(self) -> int:
        """Fen."""
        return self.statement.bill.payable + self.statement.bill.excluded

    def steps(self) -> Iterator[Step]:
        """Payer by payer."""
        left = self.statement.bill.payable
        for line, payer in zip(self.statement.lines, self.payers, strict=True):
            yield Step(self, line, payer, left)
            left = line.left

    def short(self, payer: str) -> str:
        """The payer's title; with its id where that of another payer is the same."""
        titles = {each.schedule.name: each.title for each in self.payers}
        title = titles.get(payer, payer)
        return title if Counter(titles.values())[title] <= 1 else named(title, payer)


@dataclass(frozen=True)
class Step:
    """What one payer did with one bill."""

    bill: TracedBill
    line: Line
    payer: TracedPayer
    left: int
    """What was left to pay before it, fen."""

    @property
    def schedule(self) -> PayerSchedule:
        return self.payer.schedule

    @property
    def terms(self) -> ClassSchedule:
        return self.schedule.classes[self.bill.statement.bill.case]

    @property
    def given(self) -> bool:
        """Whether the bills state what it paid."""
        return self.line.payer in self.bill.statement.bill.given

    @property
    def covered(self) -> bool:
        """Whether it has to do with the bill at all."""
        return self.terms.covered or self.given

    @property
    def slices(self) -> tuple[Slice, ...]:
        """The slices above the deductible; nothing is due below it."""
        lowest = self.terms.deductible
        return tuple(Slice(max(s.start, lowest), s.end, s.rate) for s in self.line.slices if s.end > lowest)
