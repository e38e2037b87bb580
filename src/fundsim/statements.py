"""Given bills settled (结算单): a statement of every fen of every bill, and the trace of one person's settlement.

The compiled kernel settles; the readable settlement explains, and for the person explained both must agree.
"""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Union

import numpy as np

from fundsim.benefits.batch import Settled, settle_people
from fundsim.benefits.compiled import compile_plans
from fundsim.benefits.schedule import Plan
from fundsim.bills import (
    BillProblem,
    BillProblems,
    BillReading,
    BillsError,
    BillSource,
    BillTable,
    CsvBills,
    Partitions,
    open_bills,
    read_bills,
)
from fundsim.bills.problems import WHOLE
from fundsim.bills.rows import overpaid
from fundsim.bills.texts import Int64s
from fundsim.bills.writing import text_frame, write_beside
from fundsim.explaining import SettlementError, compare, settle_readably, trace
from fundsim.money import format_yuan
from fundsim.scenario import Scenario
from fundsim.terms import nearest
from fundsim.traces import FORMAT, Trace

if TYPE_CHECKING:
    import pandas as pd

Bills: TypeAlias = Union[str, "os.PathLike[str]", "pd.DataFrame"]
"""Where bills come from: a CSV file, or a DataFrame with the same columns."""


@dataclass(frozen=True)
class Settlement:
    """All bills of some persons and what was paid on them, in the order of their source."""

    plan: Plan
    bills: BillTable
    settled: Settled

    def columns(self) -> dict[str, Int64s]:
        """What a statement adds to the bills (fen), by column; payments that were given stand in the bills already."""
        added = {"excluded": self.bills.excluded}
        for place, payer in enumerate(self.plan.names):
            added[f"base_{payer}"] = self.settled.base[:, place]
            if payer not in self.bills.layout.given:
                added[f"paid_{payer}"] = self.settled.paid[:, place]
        return {**added, "patient_pays": self.settled.left}


class Totals:
    """What settlements come to."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._bills = self._persons = self._gross = self._excluded = self._left = 0
        self._paid = dict.fromkeys(scenario.plan.names, 0)

    def add(self, settlement: Settlement) -> None:
        """Count the bills of some more persons."""
        bills, settled = settlement.bills, settlement.settled
        self._bills += len(bills)
        self._persons += len(bills.persons)
        self._gross += int((bills.payable + bills.excluded).sum())
        self._excluded += int(bills.excluded.sum())
        self._left += int(settled.left.sum())
        for place, payer in enumerate(self._paid):
            self._paid[payer] += int(settled.paid[:, place].sum())

    def to_dict(self) -> dict[str, Any]:
        """Return the totals as plain data for JSON; amounts are texts in yuan."""
        return {
            "fundsim": FORMAT,
            "scenario": self._scenario.id,
            "fingerprint": self._scenario.fingerprint,
            "bills": self._bills,
            "persons": self._persons,
            "gross": _yuan(self._gross),
            "excluded": _yuan(self._excluded),
            "paid": {payer: _yuan(paid) for payer, paid in self._paid.items()},
            "patient_pays": _yuan(self._left),
        }


def settle(scenario: Scenario, bills: Bills, *, given: Iterable[str] = ()) -> pd.DataFrame:
    """Settle bills in memory, person by person in the order of discharge.

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

    table = read_bills(_reading(scenario, open_bills(bills), given))
    problems = BillProblems(table.source.place)
    settlement = _settlement(scenario.plan, table, problems)
    problems.raise_if_any()
    frame = text_frame(table) if isinstance(bills, str | os.PathLike) else bills
    added = {name: fen / 100 for name, fen in settlement.columns().items()}
    return pd.concat([frame, pd.DataFrame(added, index=frame.index)], axis=1)


def explain(scenario: Scenario, bills: Bills, person_id: str | int, *, given: Iterable[str] = ()) -> Trace:
    """Trace how the bills of one person are settled: bill by bill, payer by payer, slice by slice.

    Raises:
        BillsError: with everything that is wrong with the bills, or nobody has this id.
    """
    source, person = open_bills(bills), str(person_id).strip()
    reading = _reading(scenario, source, given)
    if not isinstance(source, CsvBills):
        return _explain(scenario, read_bills(reading), person, "person_id")
    with Partitions(source, reading) as parts:
        parts.look_over()
        return _explain(scenario, parts, person, "person_id")


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

    The bills are never all in memory; while they are settled they take room on disk, in the folder of the statement.

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
    statement = None if out is None else Path(out)
    _check_out(Path(bills), statement, person)
    source, explained, totals = CsvBills(Path(bills)), None, Totals(scenario)
    reading, folder = _reading(scenario, source, given), None if statement is None else statement.resolve().parent
    with Partitions(source, reading, folder) as parts:
        problems = BillProblems(source.place)
        if statement is None:
            parts.look_over()
        else:
            _settle_parts(scenario.plan, parts, totals, problems)
        if person is not None:
            explained = _explain(scenario, parts, person.strip(), "--explain")
        problems.raise_if_any()
        if statement is not None:
            write_beside(source, parts.names, parts.found, statement)
    if explained is not None:
        return json.dumps(explained.to_dict(), ensure_ascii=False, indent=2) if as_json else str(explained)
    return json.dumps(totals.to_dict(), ensure_ascii=False, indent=2) if as_json else ""


# -- settling -------------------------------------------------------------------------------------------------------


def _reading(scenario: Scenario, source: BillSource, given: Iterable[str]) -> BillReading:
    payers = (given,) if isinstance(given, str) else given
    return BillReading(source, scenario.plan, scenario.terms.valid, payers)


def _settle_parts(plan: Plan, parts: Partitions, totals: Totals, problems: BillProblems) -> None:
    """Settle the bills of a file, partition by partition; what is wrong with given payments is noted in ``problems``.

    Raises:
        BillsError: anything else is wrong with the bills.
    """
    for table in parts.tables():
        if parts.reading.sound:
            settlement = _settlement(plan, table, problems)
            totals.add(settlement)
            parts.keep(table, settlement.columns())
    parts.reading.raise_if_any()


def _settlement(plan: Plan, bills: BillTable, problems: BillProblems) -> Settlement:
    settled = _settle_in_order(plan, bills, bills.order, bills.starts, problems)
    place = np.empty_like(bills.order)
    place[bills.order] = np.arange(len(place))
    in_source_order = {field.name: getattr(settled, field.name)[place] for field in fields(settled)}
    return Settlement(plan, bills, Settled(**in_source_order))


def _settle_in_order(plan: Plan, bills: BillTable, order: Int64s, starts: Int64s, problems: BillProblems) -> Settled:
    """Settle some bills by the kernel, and check what comes out; the result is in their order.

    Given payments that are larger than what was left are noted in ``problems``, and what comes out is then no use.

    Raises:
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
    if _complain_of_given(plan, bills, order, settled, problems):
        return settled
    lost = payable - settled.paid.sum(axis=1) - settled.left
    if lost.any() or min(settled.left.min(), settled.paid.min()) < 0:
        where = bills.source.place(int(bills.rows[order[np.argmax(lost != 0)]]))
        raise SettlementError(f"{where}: bill, payments and the patient's part do not add up")
    return settled


def _complain_of_given(plan: Plan, bills: BillTable, order: Int64s, settled: Settled, problems: BillProblems) -> bool:
    """Whether a given payment is larger than what the payers before it left."""
    left, position = overpaid(bills.payable[order], settled.paid)
    wrong = np.flatnonzero(position >= 0)
    for at in wrong.tolist():
        payer = plan.names[position[at]]
        paid, rest = format_yuan(int(settled.paid[at, position[at]])), format_yuan(int(left[at]))
        why = f"'{payer}' is said to have paid {paid} yuan, but the payers before it left {rest} yuan"
        instead = f"check the payment, or let fundsim settle '{payer}'"
        problems.add(int(bills.rows[order[at]]), f"paid_{payer}", why, instead)
    return len(wrong) > 0


# -- explaining -----------------------------------------------------------------------------------------------------


class _Held(Protocol):
    """Bills in one table or in many."""

    @property
    def source(self) -> BillSource:
        """Where they come from."""

    def tables(self) -> Iterable[BillTable]:
        """All bills, those of a person in one table."""

    def table_of(self, person: str) -> BillTable | None:
        """The table with the bills of a person; None where nobody has this id."""


def _explain(scenario: Scenario, held: _Held, person: str, asked_by: str) -> Trace:
    plan = scenario.plan
    bills = held.table_of(person)
    if bills is None:
        raise _nobody(held, person, asked_by)
    problems = BillProblems(bills.source.place)
    order, starts = _bills_of(bills, person)
    settled = _settle_in_order(plan, bills, order, starts, problems)
    problems.raise_if_any()
    statements = settle_readably(plan, bills, order, starts)
    compare(plan, statements, settled)
    return trace(scenario, bills, order, statements)


def _bills_of(bills: BillTable, person: str) -> tuple[Int64s, Int64s]:
    """The bills of one person in the order of settlement, and the offsets of the insurance years among them."""
    order = bills.order[bills.person[bills.order] == bills.persons.index(person)]
    changes = np.flatnonzero(np.diff(bills.year[order])) + 1
    return order, np.concatenate([[0], changes, [len(order)]]).astype(np.int64)


def _nobody(held: _Held, person: str, asked_by: str) -> BillsError:
    """Nobody has this id; named is one of nearly this id, of those first in the bills that begin or end alike."""
    half = max(len(person) // 2, 1)
    alike = (
        (row, other)
        for table in held.tables()
        for row, other in zip(table.first_rows.tolist(), table.persons, strict=True)
        if other[:half] == person[:half] or other[-half:] == person[-half:]
    )
    close = nearest(person, [other for _, other in heapq.nsmallest(1000, alike)])
    why = f"there is no bill of the person '{person}' in {held.source.name}{close}"
    return BillsError([BillProblem(asked_by, WHOLE, None, why, "name a person_id as the bills state it")])


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
