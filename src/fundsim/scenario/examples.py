"""Cases worked by hand from the policy text (验算案例): read, and settled to see whether they come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fundsim import units
from fundsim.benefits.schedule import Fault, Plan
from fundsim.benefits.settlement import Bill, Given, Line, Statement, settle_person
from fundsim.money import format_rate, format_yuan
from fundsim.scenario.nodes import Block
from fundsim.scenario.problems import Problems, Steps
from fundsim.scenario.sections import Sections
from fundsim.scenario.terms import ExampleTerms
from fundsim.scenario.ways import mark_of
from fundsim.terms import KEY, nearest

COSTS: Final = ("cost_a", "cost_b", "cost_c", "cost_excluded")
"""Amounts of a bill by catalogue class; ``in_policy_left`` may stand instead."""
LEFT: Final = "in_policy_left"


def bills_of(example: ExampleTerms) -> list[tuple[Steps, Mapping[str, str]]]:
    """The bills of an example as written, each with the way to it."""
    if example.bills is not None:
        return [(("bills", place), bill) for place, bill in enumerate(example.bills)]
    return [(("given",), example.given or {})]


# -- whether an example can be settled ------------------------------------------------------------------------------


def examples_can_be_settled(sections: Sections) -> Iterator[Fault]:
    """Examples have names of their own, bills with known keys and amounts, and expect something of somebody."""
    seen: set[str] = set()
    for place, example in enumerate(sections.examples):
        way: Steps = ("examples", place)
        if example.name in seen:
            why = f"there is another example '{example.name}'"
            yield Fault((*way, "name"), why, "give each example a name of its own")
        seen.add(example.name)
        yield from _bills_stated(way, example)
        for bill_way, bill in bills_of(example):
            yield from _bill_faults(sections, (*way, *bill_way), bill)
        yield from _expectation_faults(sections, (*way, "expect"), example)


def _bills_stated(way: Steps, example: ExampleTerms) -> Iterator[Fault]:
    if example.given is None and example.bills is None:
        why = f"the example '{example.name}' has no bill"
        yield Fault((*way, "name"), why, "add 'given: {in_policy_left: 70000 yuan}', or several bills under 'bills'")
    if example.given is not None and example.bills is not None:
        yield Fault((*way, "bills", KEY), "the example states both 'given' and 'bills'", "keep one of the two")


def _bill_faults(sections: Sections, way: Steps, bill: Mapping[str, str]) -> Iterator[Fault]:
    traits = sections.traits.values if sections.traits else {}
    payers = sections.keys("payers")
    amounts = [*COSTS, LEFT, *(f"{what}_{payer}" for payer in payers for what in ("paid", "deductible"))]
    for key, text in bill.items():
        if key in amounts:
            yield from _amount_faults((*way, key), text)
        elif key not in traits and sections.traits is not None:
            why = f"'{key}' is neither an amount of a bill nor a trait{nearest(key, [*amounts, *traits])}"
            yield Fault((*way, key, KEY), why, f"keys of a bill: {', '.join([*COSTS, LEFT, *amounts[5:], *traits])}")
        elif key in traits and text not in traits[key]:
            why = f"'{text}' is not a value of the trait '{key}'{nearest(text, traits[key])}"
            yield Fault((*way, key), why, f"values: {', '.join(traits[key])}")
    if LEFT in bill and any(cost in bill for cost in COSTS):
        why = f"the bill states '{LEFT}' beside the costs that it is left of"
        yield Fault((*way, LEFT, KEY), why, "keep either the costs or what was left")


def _amount_faults(way: Steps, text: str) -> Iterator[Fault]:
    try:
        units.money(text)
    except units.UnitError as error:
        yield Fault(way, error.why, error.instead)


def _expectation_faults(sections: Sections, way: Steps, example: ExampleTerms) -> Iterator[Fault]:
    parties = [*sections.keys("payers"), "patient", "excluded"]
    if not example.expect:
        why = f"the example '{example.name}' expects nothing"
        yield Fault(way, why, f"write what comes out, such as {{cii: 39200.00 yuan}}; parties: {', '.join(parties)}")
    for party in example.expect:
        if party not in parties:
            why = f"'{party}' is not a party to a bill{nearest(party, parties)}"
            yield Fault((*way, party, KEY), why, f"parties: {', '.join(parties)}")


# -- whether it comes out -------------------------------------------------------------------------------------------


def settled_example(example: ExampleTerms, plan: Plan) -> tuple[Statement, ...]:
    """Settle the bills of an example, in the order written."""
    return settle_person(plan, [_bill(bill, plan) for _, bill in bills_of(example)])


def run_examples(examples: list[ExampleTerms], plan: Plan, root: Block, problems: Problems) -> None:
    """Settle every example, and note each expectation that is not met."""
    for place, example in enumerate(examples):
        statements = settled_example(example, plan)
        overpaid = next((line for statement in statements for line in statement.lines if line.left < 0), None)
        if overpaid is not None:
            why = f"example '{example.name}' gives 'paid_{overpaid.payer}' more than was left of the bill"
            whole = ("examples", place)
            problems.add(mark_of(root, whole), whole, why, "give what the payer really paid", trace(statements))
            continue
        for party, expected in example.expect.items():
            found = _total(party, statements)
            if found != expected:
                way = ("examples", place, "expect", party)
                why = (
                    f"example '{example.name}' expects {format_yuan(expected)} yuan for '{party}', "
                    f"but {format_yuan(found)} comes out"
                )
                instead = "check the arithmetic against the policy text, then correct the example or the terms"
                problems.add(mark_of(root, way), way, why, instead, trace(statements))


def _bill(written: Mapping[str, str], plan: Plan) -> Bill:
    amounts = {key: units.money(text) for key, text in written.items() if key not in plan.traits.values}
    given = {
        payer: Given(amounts.get(f"paid_{payer}", 0), amounts.get(f"deductible_{payer}", 0))
        for payer in plan.names
        if f"paid_{payer}" in amounts or f"deductible_{payer}" in amounts
    }
    cost_a, cost_b, cost_c, excluded = (amounts.get(key, 0) for key in COSTS)
    case = {trait: value for trait, value in written.items() if trait in plan.traits.values}
    return Bill(plan.traits.number(case), (cost_a, cost_b, cost_c), excluded, amounts.get(LEFT), given)


def _total(party: str, statements: tuple[Statement, ...]) -> int:
    if party == "patient":
        return sum(statement.patient_pays for statement in statements)
    if party == "excluded":
        return sum(statement.bill.excluded for statement in statements)
    return sum(statement.paid(party) for statement in statements)


def trace(statements: tuple[Statement, ...]) -> tuple[str, ...]:
    """How the bills were settled, a line for each payer and bill."""
    return tuple(
        f"bill {number}, {line.payer}: {_step(line)}"
        for number, statement in enumerate(statements, start=1)
        for line in statement.lines
    )


def _step(line: Line) -> str:
    if line.clause == "as given":
        return f"paid {format_yuan(line.paid)} as given; {format_yuan(line.left)} left"
    slices = ", ".join(f"{format_yuan(piece.width)} at {format_rate(piece.rate)}" for piece in line.slices)
    limit = {None: "", "cap": " (by the cap)", "left": " (all that was left)"}[line.limit]
    return (
        f"base {format_yuan(line.before)} → {format_yuan(line.after)}: {slices or 'nothing counts'}; "
        f"paid {format_yuan(line.paid)}{limit}, {format_yuan(line.left)} left"
    )
