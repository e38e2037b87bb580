"""The columns of given bills: which there must be, which there may be, and what is said of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from fundsim.benefits.schedule import ClassSchedule, Plan
from fundsim.bills.problems import BillProblems, Words
from fundsim.terms import nearest

PERSON: Final = "person_id"
DATE: Final = "discharge_date"
ADMISSION: Final = "admission_id"
COSTS: Final = ("cost_a", "cost_b", "cost_c")
EXCLUDED: Final = "cost_excluded"
LEFT: Final = "in_policy_left"
AMOUNTS: Final = ("cost_", LEFT, "paid_", "deductible_")
"""How the names of columns with amounts in yuan begin."""
REMARKS: Final = ("disease", "care")
"""Columns that are carried along where they are not traits."""


@dataclass(frozen=True)
class Layout:
    """What the columns say."""

    columns: frozenset[str]
    annual: bool
    """Whether bills are amounts left in policy after the payers before the covered one, instead of costs."""
    given: tuple[str, ...]
    """Payers that have settled the bills already, in waterfall order."""

    @property
    def amounts(self) -> tuple[str, ...]:
        """The columns that make up a bill."""
        return (LEFT,) if self.annual else (*COSTS, EXCLUDED)


def lay_out(header: Sequence[str], row: int, plan: Plan, given: Iterable[str], problems: BillProblems) -> Layout:
    """Say what the columns of a header (in ``row``) mean; missing and unknown ones are complained of."""
    named = _known_payers(given, plan, problems)
    columns = frozenset(header)
    layout = Layout(columns, LEFT in columns, tuple(payer for payer in plan.names if payer in named))
    _complain_of_given_before(layout, plan, problems)
    required = _required(layout, plan)
    allowed = [*required, *plan.traits.values, ADMISSION, *REMARKS]
    for column, (why, instead) in [*_repeated(header), *_two_bases(columns)]:
        problems.add(row, column, why, instead)
    for column in required:
        if column not in columns:
            problems.add(row, column, *_missing(column, layout, plan))
    for column in dict.fromkeys(header):
        if column and column not in allowed and column not in (LEFT, *COSTS, EXCLUDED):
            problems.add(row, column, *_unknown(column, allowed, plan))
    return layout


def _known_payers(given: Iterable[str], plan: Plan, problems: BillProblems) -> set[str]:
    known = set()
    for payer in given:
        if payer in plan.names:
            known.add(payer)
        else:
            why = f"the scheme has no payer '{payer}'{nearest(payer, plan.names)}"
            problems.option("--given", why, f"payers of the scheme: {', '.join(plan.names)}")
    return known


def _complain_of_given_before(layout: Layout, plan: Plan, problems: BillProblems) -> None:
    for payer in layout.given if layout.annual else ():
        if plan.names.index(payer) < plan.names.index(plan.primary):
            why = f"{LEFT} is what '{payer}' left, so what it paid has no place beside it"
            problems.option("--given", why, f"leave out --given {payer}, or give the four costs instead of {LEFT}")


def _repeated(header: Sequence[str]) -> list[tuple[str | None, Words]]:
    """Columns that are named twice or not at all."""
    found = list[tuple[str | None, Words]]()
    for place, column in enumerate(header, start=1):
        if not column:
            words = f"column {place} has no name", "name it in the header, or delete the column"
            found.append((None, words))
    for column, times in Counter(header).items():
        if times > 1 and column:
            found.append((column, (f"the header names the column {times} times", "keep one of them")))
    return found


def _two_bases(columns: frozenset[str]) -> list[tuple[str, Words]]:
    costs = [column for column in (*COSTS, EXCLUDED) if column in columns]
    if LEFT not in columns or not costs:
        return []
    why = f"the file states both what was left in policy and costs ({', '.join(costs)})"
    return [(LEFT, (why, "keep either the four costs or in_policy_left"))]


def _required(layout: Layout, plan: Plan) -> list[str]:
    traits = [trait for trait in plan.traits.values if _looking_at(trait, layout, plan)]
    paid = [f"{what}_{payer}" for payer in layout.given for what in ("paid", "deductible")]
    return [PERSON, DATE, *traits, *layout.amounts, *paid]


def _looking_at(trait: str, layout: Layout, plan: Plan) -> list[str]:
    """The payers to be settled that pay by a trait; where there is none, bills need not state it."""
    first = plan.traits.values[trait][0]
    twins = [(plan.traits.number(case), plan.traits.number({**case, trait: first})) for case in plan.traits.classes()]
    payers = plan.payers[plan.names.index(plan.primary) if layout.annual else 0 :]
    return [
        payer.name
        for payer in payers
        if payer.name not in layout.given
        and any(_pays_by(payer.classes[case]) != _pays_by(payer.classes[twin]) for case, twin in twins)
    ]


def _pays_by(terms: ClassSchedule) -> tuple[object, ...]:
    return terms.covered, terms.deductible, terms.curve, terms.cap


def _missing(column: str, layout: Layout, plan: Plan) -> Words:
    values = plan.traits.values.get(column)
    if values is None:
        return "the column is missing", _how_to_add(column)
    payers = ", ".join(_looking_at(column, layout, plan))
    return f"the column is missing, and {payers} pays by it", f"add the trait of each bill, one of: {', '.join(values)}"


def _how_to_add(column: str) -> str:
    if column in (*COSTS, EXCLUDED):
        return f"add it, with 0 where there is none, or give {LEFT} instead of the four costs"
    for what, meaning in (
        ("paid_", "what '{}' paid on each bill"),
        ("deductible_", "what the deductible of '{}' took"),
    ):
        if column.startswith(what):
            return f"add {meaning.format(column.removeprefix(what))}, in yuan, or leave out its --given"
    return "add it to the header and to each row"


def _unknown(column: str, allowed: Sequence[str], plan: Plan) -> Words:
    for what in ("paid_", "deductible_"):
        payer = column.removeprefix(what)
        if column.startswith(what) and payer in plan.names:
            return (
                f"nothing says that the payments of '{payer}' are given",
                f"add --given {payer}, or delete the column",
            )
    if column in ("excluded", "patient_pays") or column.removeprefix("base_") in plan.names:
        return "this is a column of a statement, not of bills", "settle the bills themselves, or delete the column"
    return f"unknown column{nearest(column, allowed)}", f"columns allowed here: {', '.join(dict.fromkeys(allowed))}"
