"""Given bills settled (结算单): a statement of every fen of every bill, and the trace of one person's settlement.

The compiled kernel settles; the readable settlement explains, and for the person explained both must agree.
"""

from __future__ import annotations

import datetime
import json
import os
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np

from fundsim.benefits.batch import Settled, settle_people
from fundsim.benefits.compiled import compile_plans
from fundsim.benefits.schedule import Plan
from fundsim.benefits.settlement import Bill, Given, Statement, settle_person
from fundsim.bills import BillProblems, BillTable, open_bills, read_bills
from fundsim.bills.cells import Int64s
from fundsim.bills.rows import Validity, overpaid
from fundsim.bills.writing import text_frame, write_beside
from fundsim.money import format_yuan
from fundsim.scenario import Scenario
from fundsim.terms import nearest
from fundsim.traces import FORMAT, Trace, TracedBill, TracedPayer, TracedVariant

if TYPE_CHECKING:
    import pandas as pd

Bills: TypeAlias = Union[str, "os.PathLike[str]", "pd.DataFrame"]
"""Where bills come from: a CSV file, or a DataFrame with the same columns."""


class SettlementError(RuntimeError):
    """The settlement contradicts itself: a defect of fundsim, not of the bills."""


@dataclass(frozen=True)
class Settlement:
    """All bills of a source and what was paid on them, in its order."""

    scenario: Scenario
    bills: BillTable
    settled: Settled

    def columns(self) -> dict[str, Int64s]:
        """What a statement adds to the bills (fen), by column; payments that were given stand in the bills already."""
        added = {"excluded": self.bills.excluded}
        for place, payer in enumerate(self.scenario.plan.names):
            added[f"base_{payer}"] = self.settled.base[:, place]
            if payer not in self.bills.layout.given:
                added[f"paid_{payer}"] = self.settled.paid[:, place]
        return {**added, "patient_pays": self.settled.left}

    def totals(self) -> dict[str, Any]:
        """What it comes to, amounts as texts in yuan."""
        paid = {payer: _yuan(self.settled.paid[:, p].sum()) for p, payer in enumerate(self.scenario.plan.names)}
        return {
            "fundsim": FORMAT,
            "scenario": self.scenario.id,
            "fingerprint": self.scenario.fingerprint,
            "bills": len(self.bills),
            "persons": len(self.bills.persons),
            "gross": _yuan((self.bills.payable + self.bills.excluded).sum()),
            "excluded": _yuan(self.bills.excluded.sum()),
            "paid": paid,
            "patient_pays": _yuan(self.settled.left.sum()),
        }


def settle(scenario: Scenario, bills: Bills, *, given: Iterable[str] = ()) -> pd.DataFrame:
    """Settle bills, person by person in the order of discharge.

    Args:
        scenario: the scheme.
        bills: a CSV file, or a DataFrame with the same columns (yuan; text, whole numbers, Decimals, or floats that
            are exact to the fen).
        given: payers whose payments the bills state, in columns ``paid_PAYER`` and ``deductible_PAYER``.

    Returns:
        The bills in their own order, followed by ``excluded``, ``base_PAYER`` and ``paid_PAYER`` for each payer of the
        waterfall, and ``patient_pays``; amounts are floats, each the nearest to a whole number of fen.

    Raises:
        BillsError: with everything that is wrong with the bills.
    """
    import pandas as pd

    settlement = _settlement(scenario, _read(scenario, bills, given))
    frame = text_frame(settlement.bills) if isinstance(bills, str | os.PathLike) else bills
    added = {name: fen / 100 for name, fen in settlement.columns().items()}
    return pd.concat([frame, pd.DataFrame(added, index=frame.index)], axis=1)


def explain(scenario: Scenario, bills: Bills, person_id: str | int, *, given: Iterable[str] = ()) -> Trace:
    """Trace how the bills of one person are settled: bill by bill, payer by payer, slice by slice.

    Raises:
        BillsError: with everything that is wrong with the bills, or nobody has this id.
    """
    return _explain(scenario, _read(scenario, bills, given), str(person_id).strip(), "person_id")


def settle_file(
    scenario: Scenario,
    bills: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    given: Iterable[str] = (),
    person: str | None = None,
    as_json: bool = False,
) -> str:
    """Settle a file of bills into a statement beside it; what ``fundsim settle`` does.

    Args:
        scenario: the scheme.
        bills: the CSV file with the bills; it is never overwritten.
        out: the statement to be written, whole or not at all.
        given: payers whose payments the bills state.
        person: whose settlement is to be explained.
        as_json: whether to answer in JSON.

    Returns:
        What is to be printed: the trace of ``person``, the totals as JSON, or nothing.

    Raises:
        BillsError: with everything that is wrong with the bills or with how the settlement was asked for.
    """
    _check_out(Path(bills), None if out is None else Path(out), person)
    table = _read(scenario, bills, given)
    trace = None if person is None else _explain(scenario, table, person.strip(), "--explain")
    totals = None
    if out is not None:
        settlement = _settlement(scenario, table)
        write_beside(table, settlement.columns(), Path(out))
        totals = settlement.totals()
    if trace is not None:
        return json.dumps(trace.to_dict(), ensure_ascii=False, indent=2) if as_json else str(trace)
    return json.dumps(totals, ensure_ascii=False, indent=2) if as_json else ""


# -- settling -------------------------------------------------------------------------------------------------------


def _read(scenario: Scenario, bills: Bills, given: Iterable[str]) -> BillTable:
    payers = (given,) if isinstance(given, str) else given
    return read_bills(open_bills(bills), scenario.plan, scenario.terms.valid, payers)


def _settlement(scenario: Scenario, bills: BillTable) -> Settlement:
    settled = _settle_in_order(scenario.plan, bills, bills.order, bills.starts)
    place = np.empty_like(bills.order)
    place[bills.order] = np.arange(len(place))
    in_file_order = Settled(settled.paid[place], settled.deductible[place], settled.base[place], settled.left[place])
    return Settlement(scenario, bills, in_file_order)


def _settle_in_order(plan: Plan, bills: BillTable, order: Int64s, starts: Int64s) -> Settled:
    """Settle some bills by the kernel, and check what comes out; the result is in their order.

    Raises:
        BillsError: a given payment that is larger than what was left.
        SettlementError: a fen was lost.
    """
    payable = bills.payable[order]
    settled = settle_people(
        compile_plans([plan]),
        0,
        starts,
        np.ascontiguousarray(bills.cost[order]),
        bills.case[order],
        payable,
        annual=bills.layout.annual,
        paid=bills.paid[order],
        deductible=bills.deductible[order],
    )
    _check_given(plan, bills, order, settled)
    lost = payable - settled.paid.sum(axis=1) - settled.left
    if lost.any() or min(settled.left.min(), settled.paid.min()) < 0:
        where = bills.source.place(int(bills.rows[order[np.argmax(lost != 0)]]))
        raise SettlementError(f"{where}: bill, payments and the patient's part do not add up")
    return settled


def _check_given(plan: Plan, bills: BillTable, order: Int64s, settled: Settled) -> None:
    """No given payment can be larger than what the payers before it left."""
    left, position = overpaid(bills.payable[order], settled.paid)
    problems = BillProblems(bills.source.place)
    for at in np.flatnonzero(position >= 0).tolist():
        payer = plan.names[position[at]]
        paid, rest = format_yuan(int(settled.paid[at, position[at]])), format_yuan(int(left[at]))
        why = f"'{payer}' is said to have paid {paid} yuan, but the payers before it left {rest} yuan"
        instead = f"check the payment, or let fundsim settle '{payer}'"
        problems.add(int(bills.rows[order[at]]), f"paid_{payer}", why, instead)
    problems.raise_if_any()


# -- explaining -----------------------------------------------------------------------------------------------------


def _explain(scenario: Scenario, bills: BillTable, person: str, asked_by: str) -> Trace:
    plan = scenario.plan
    order, starts = _bills_of(bills, person, asked_by)
    settled = _settle_in_order(plan, bills, order, starts)
    years = [order[start:end] for start, end in pairwise(starts.tolist())]
    statements = [each for year in years for each in settle_person(plan, [_bill(plan, bills, bill) for bill in year])]
    compare(plan, statements, settled)
    return Trace(
        scenario=scenario.id,
        title=scenario.title(),
        fingerprint=scenario.fingerprint,
        person=person,
        bills=tuple(_traced(scenario, bills, int(bill), each) for bill, each in zip(order, statements, strict=True)),
    )


def _bills_of(bills: BillTable, person: str, asked_by: str) -> tuple[Int64s, Int64s]:
    """The bills of one person in the order of settlement, and the offsets of the insurance years among them."""
    if person not in bills.persons:
        problems = BillProblems(bills.source.place)
        why = (
            f"there is no bill of the person '{person}' in {bills.source.name}{_nearest_person(person, bills.persons)}"
        )
        problems.option(asked_by, why, "name a person_id as the bills state it")
        problems.raise_if_any()
    order = bills.order[bills.person[bills.order] == bills.persons.index(person)]
    changes = np.flatnonzero(np.diff(bills.year[order])) + 1
    return order, np.concatenate([[0], changes, [len(order)]]).astype(np.int64)


def _nearest_person(person: str, persons: Sequence[str]) -> str:
    """A person of nearly this id; in a large file only those are compared that begin or end alike."""
    half = max(len(person) // 2, 1)
    alike = (other for other in persons if other[:half] == person[:half] or other[-half:] == person[-half:])
    return nearest(person, islice(alike, 1000))


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
    admission = bills.admissions[bills.admission[bill]] if bills.admissions else None
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


# -- checks ---------------------------------------------------------------------------------------------------------


def _check_out(bills: Path, out: Path | None, person: str | None) -> None:
    """Say at once where a statement cannot go, before anything is settled."""
    problems = BillProblems(str)
    if out is None:
        if person is None:
            problems.option("--out", "nothing says where the statement goes", "add --out STATEMENT.csv")
    elif out.exists() and bills.exists() and out.samefile(bills):
        problems.option("--out", f"{out} is the file of the bills", "name another file for the statement")
    elif out.exists() and not out.is_file():
        problems.option("--out", f"{out} is not a file", "name a file for the statement")
    elif not out.parent.is_dir():
        problems.option("--out", f"there is no folder {out.parent}", "make it, or name another")
    problems.raise_if_any()


def _yuan(fen: int) -> str:
    return format_yuan(fen, separator="")
