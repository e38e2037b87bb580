"""The readable settlement: one person's bills, payer by payer, with a trace. It is the oracle of the kernel.

Written for the reader, in Python integers and with nothing in common with the compiled twin but the schedule: each
slice of each band is multiplied out and the sum is rounded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fundsim.benefits.payer import Part
from fundsim.benefits.schedule import ClassSchedule, PayerSchedule, Plan
from fundsim.curves import Slice
from fundsim.money import PPM, half_up


@dataclass(frozen=True)
class Given:
    """What a payer paid on a bill outside this settlement, taken as stated (fen)."""

    paid: int
    deductible: int


@dataclass(frozen=True)
class Bill:
    """One bill of one person (fen)."""

    case: int
    """Number of its class in the plan's traits."""
    cost: tuple[int, int, int] = (0, 0, 0)
    """Cost of catalogue classes A, B and C."""
    excluded: int = 0
    """Cost that no payer counts (超限价床位费 and the like)."""
    in_policy_left: int | None = None
    """Instead of costs: the base of the covered payer itself, what earlier payers left."""
    given: Mapping[str, Given] = field(default_factory=dict)
    """Payers that have settled this bill already."""

    @property
    def payable(self) -> int:
        """All that payers and patient have to share: the bill without what is excluded."""
        return sum(self.cost) if self.in_policy_left is None else self.in_policy_left


@dataclass(frozen=True)
class Line:
    """What one payer did with one bill (fen)."""

    payer: str
    clause: str | None
    base: int
    """What of the bill counts."""
    before: int
    """The payer's accumulated base before the bill; 0 where each bill starts anew."""
    after: int
    deductible: int
    """Part of this bill's base that the deductible absorbed."""
    slices: tuple[Slice, ...]
    """The accumulated base from ``before`` to ``after``, slice by slice."""
    due: int
    """Sum of the slices, rounded half up to the fen."""
    topped: int
    """What the payers that this one tops up have paid of it."""
    used: int
    """What had used up its cap before: its own payments of the year, and those of the payers it shares the cap with."""
    cut: int
    """What the cap withheld of the rest."""
    limit: str | None
    """Why less was paid than was due: ``cap``, ``left`` (no more was left to pay), or None."""
    paid: int
    left: int
    """What is left to pay after this payer."""


@dataclass(frozen=True)
class Statement:
    """One bill, settled: every fen is excluded, paid by one payer, or borne by the patient."""

    bill: Bill
    lines: tuple[Line, ...]
    patient_pays: int

    def paid(self, payer: str) -> int:
        return sum(line.paid for line in self.lines if line.payer == payer)


@dataclass
class _Account:
    """One payer's running year for one person."""

    accumulated: int = 0
    paid: int = 0


def settle_person(plan: Plan, bills: Iterable[Bill]) -> tuple[Statement, ...]:
    """Settle the bills of one person in the order given, payer by payer in waterfall order."""
    accounts = {payer.name: _Account() for payer in plan.payers}
    return tuple(_settle_bill(plan, bill, accounts) for bill in bills)


def _settle_bill(plan: Plan, bill: Bill, accounts: dict[str, _Account]) -> Statement:
    left, lines = bill.payable, list[Line]()
    skipped = plan.names.index(plan.primary) if bill.in_policy_left is not None else 0
    for payer in plan.payers[skipped:]:
        base = _base(plan, payer, bill, lines, left)
        if payer.name in bill.given:
            line = _as_given(payer, bill.given[payer.name], base, left, accounts[payer.name].paid)
        else:
            line = _pay(plan, payer, payer.classes[bill.case], base, lines, left, accounts)
        lines.append(line)
        accounts[payer.name].paid += line.paid
        left = line.left
    return Statement(bill, tuple(lines), patient_pays=left)


def _base(plan: Plan, payer: PayerSchedule, bill: Bill, earlier: list[Line], left: int) -> int:
    """What counts for the payer, rounded once, with what is added and taken off; at least 0, at most ``left``.

    A payer that tops others up looks at the whole bill: what they left limits its payment, not its base.
    """
    if bill.in_policy_left is not None and payer.name == plan.primary:
        return bill.in_policy_left
    cost = bill.cost if bill.in_policy_left is None else (bill.in_policy_left, 0, 0)
    counted = sum(part * rate for part, rate in zip(cost, payer.counts, strict=True))
    counted -= sum(cost) * payer.classes[bill.case].above_share
    base = half_up(max(counted, 0), PPM) + sum(part.sign * _amount(part, earlier) for part in payer.parts)
    return min(max(base, 0), bill.payable if payer.tops_up else left)


def _amount(part: Part, earlier: list[Line]) -> int:
    """What an earlier payer did with the bill; nothing where it was skipped."""
    of = {"paid by": "paid", "deductible of": "deductible", "cut by cap of": "cut"}[part.what]
    return sum(getattr(line, of) for line in earlier if line.payer == part.payer)


def _pay(
    plan: Plan,
    payer: PayerSchedule,
    terms: ClassSchedule,
    base: int,
    earlier: list[Line],
    left: int,
    accounts: dict[str, _Account],
) -> Line:
    account = accounts[payer.name]
    before = account.accumulated if payer.by_year else 0
    after = before + (base if terms.covered else 0)
    slices = terms.curve.slices(before, after)
    if plan.cumulative_rounding:
        due = half_up(terms.curve.value(after), PPM) - half_up(terms.curve.value(before), PPM)
    else:
        due = half_up(sum(piece.due for piece in slices), PPM)
    topped = min(due, sum(line.paid for line in earlier if line.payer in payer.tops_up))
    owed = due - topped
    used = account.paid + sum(accounts[name].paid for name in payer.cap_shared_with)
    room = owed if terms.cap is None else min(owed, max(terms.cap - used, 0))
    paid = min(room, left)
    account.accumulated = after
    return Line(
        payer=payer.name,
        clause=payer.clause,
        base=after - before,
        before=before,
        after=after,
        deductible=min(after, terms.deductible) - min(before, terms.deductible),
        slices=slices,
        due=due,
        topped=topped,
        used=used,
        cut=owed - room,
        limit=None if paid == owed else "cap" if paid == room else "left",
        paid=paid,
        left=left - paid,
    )


def _as_given(payer: PayerSchedule, given: Given, base: int, left: int, used: int) -> Line:
    return Line(
        payer=payer.name,
        clause="as given",
        base=base,
        before=0,
        after=0,
        deductible=given.deductible,
        slices=(),
        due=given.paid,
        topped=0,
        used=used,
        cut=0,
        limit=None,
        paid=given.paid,
        left=left - given.paid,
    )
