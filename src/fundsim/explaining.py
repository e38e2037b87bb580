"""How one person's bills were settled: the readable settlement beside the compiled one, made into a trace."""

from __future__ import annotations

import datetime
from calendar import monthrange
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from fundsim.benefits.batch import Settled
from fundsim.benefits.schedule import Plan
from fundsim.benefits.settlement import Bill, Given, Statement, settle_person
from fundsim.bills import BillTable
from fundsim.bills.rows import Validity
from fundsim.bills.texts import Int64s
from fundsim.scenario import Scenario
from fundsim.traces import Trace, TracedBill, TracedPayer, TracedVariant


class SettlementError(RuntimeError):
    """The settlement contradicts itself: a defect of fundsim, not of the bills."""


def settle_readably(plan: Plan, bills: BillTable, order: Int64s, starts: Int64s) -> list[Statement]:
    """Settle the bills of one person, in ``order``, by the readable settlement; ``starts`` are offsets of years."""
    years = [order[start:end].tolist() for start, end in pairwise(starts.tolist())]
    return [each for year in years for each in settle_person(plan, [_bill(plan, bills, bill) for bill in year])]


def trace(scenario: Scenario, bills: BillTable, order: Int64s, statements: Sequence[Statement]) -> Trace:
    """Make the readable settlement of the bills of one person, in ``order``, into a trace."""
    return Trace(
        scenario=scenario.id,
        title=scenario.title(),
        fingerprint=scenario.fingerprint,
        person=bills.persons[int(bills.person[order[0]])],
        bills=tuple(
            _traced(scenario, bills, bill, each) for bill, each in zip(order.tolist(), statements, strict=True)
        ),
    )


def _bill(plan: Plan, bills: BillTable, bill: int) -> Bill:
    paid, deductible = bills.paid[bill].tolist(), bills.deductible[bill].tolist()
    given = {plan.names[p]: Given(paid[p], deductible[p]) for p in range(len(paid)) if paid[p] >= 0}
    a, b, c = bills.cost[bill].tolist()
    if bills.layout.annual:
        return Bill(int(bills.case[bill]), in_policy_left=a, given=given)
    return Bill(int(bills.case[bill]), (a, b, c), int(bills.excluded[bill]), given=given)


def compare(plan: Plan, statements: Sequence[Statement], settled: Settled) -> None:
    """Hold the readable settlement against the compiled one.

    Raises:
        SettlementError: they differ by a fen anywhere.
    """
    for row, statement in enumerate(statements):
        lines = {line.payer: line for line in statement.lines}
        for p, payer in enumerate(plan.names):
            line = lines.get(payer)
            readable = (line.base, line.deductible, line.paid) if line else (0, 0, 0)
            compiled = tuple(int(column[row, p]) for column in (settled.base, settled.deductible, settled.paid))
            if readable != compiled:
                found = f"{readable} in the readable settlement, {compiled} in the compiled one"
                raise SettlementError(f"bill {row + 1}, {payer}: base, deductible and payment are {found} (fen)")
        if statement.patient_pays != settled.left[row]:
            raise SettlementError(f"bill {row + 1}: what the patient pays differs between the two settlements")


def _traced(scenario: Scenario, bills: BillTable, bill: int, statement: Statement) -> TracedBill:
    plan = scenario.plan
    case = list(plan.traits.classes())[statement.bill.case]
    case = {trait: value for trait, value in case.items() if trait in bills.layout.columns}
    admission = bills.admissions[int(bills.admission[bill])] or None
    return TracedBill(
        row=int(bills.rows[bill]),
        year=int(bills.year[bill]),
        period=_insurance_year(int(bills.year[bill]), scenario.terms.valid),
        date=datetime.date.fromordinal(int(bills.day[bill])),
        admission=admission,
        case=case,
        defaults={trait: values[0] for trait, values in plan.traits.values.items()},
        statement=statement,
        payers=tuple(_traced_payer(scenario, line.payer, statement.bill) for line in statement.lines),
        annual=bills.layout.annual,
        cumulative=plan.cumulative_rounding,
    )


def _insurance_year(ends_in: int, valid: Validity | None) -> tuple[datetime.date, datetime.date]:
    """The first and last day of the insurance year that ends in a calendar year, as far as the scheme is in force."""
    if valid is None:
        return datetime.date(ends_in, 1, 1), datetime.date(ends_in, 12, 31)
    before, last = (_same_day(valid.to, year) for year in (ends_in - 1, ends_in))
    return max(before + datetime.timedelta(days=1), valid.from_), last


def _same_day(day: datetime.date, year: int) -> datetime.date:
    """The day in another year; the 28th where that has no 29 February."""
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def _traced_payer(scenario: Scenario, name: str, bill: Bill) -> TracedPayer:
    """The payer with its Chinese title where the scheme has one, and the variants that made its terms for the bill."""
    terms: Any = scenario.terms.payers[name]
    title: Mapping[str, str] | str | None = terms.title
    if isinstance(title, Mapping):
        title = title.get("zh") or next(iter(title.values()), None)
    schedule = scenario.plan.payer(name)
    numbers = () if name in bill.given else schedule.classes[bill.case].variants
    stated = ((number, terms.variants[number - 1]) for number in numbers)
    variants = (TracedVariant(number, variant.when, variant.clause) for number, variant in stated)
    return TracedPayer(schedule, title or name, tuple(terms.only), tuple(variants))
