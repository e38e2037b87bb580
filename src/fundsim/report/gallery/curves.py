"""Benefit against own cost (待遇曲线): what the covered payers pay in a year for a few telling classes of case.

The readable settlement computes every point, so a rule of whatever kind shows in the curve as it shows in a bill.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from fundsim.benefits.settlement import Bill, settle_person

if TYPE_CHECKING:
    from fundsim.benefits.schedule import Plan
    from fundsim.scenario.scenario import Scenario

FARTHEST: Final = 30_000_000
"""Own cost at which the curves end: 300,000 yuan, in fen."""
STEP: Final = 100_000
"""Fen between two points of a curve: 1,000 yuan."""
MOST: Final = 6
"""Curves that one chart can hold and still be read."""
LONGEST_NAME: Final = 48


@dataclass(frozen=True)
class BenefitCurve:
    """What one class of case is paid, by its own cost."""

    name: str
    """``ordinary``, or what sets the class apart, with all values that are paid alike: ``hardship: poor``."""
    case: Mapping[str, str]
    paid: tuple[int, ...]
    """Fen paid on an own cost, the base of the primary covered payer, of 0, ``STEP``, 2 ``STEP`` … ``FARTHEST``."""

    @property
    def total(self) -> int:
        """The sum of all points: which of two curves is the more generous one."""
        return sum(self.paid)

    @property
    def rates(self) -> tuple[float, ...]:
        """Payment as a part of own cost, at every point but the first."""
        return tuple(paid / (place * STEP) for place, paid in enumerate(self.paid[1:], start=1))


def benefit_curves(scenario: Scenario) -> tuple[BenefitCurve, ...]:
    """Return the curve of the ordinary class, and for every trait the most and the least generous one beside it.

    The ordinary class is the first that the covered payers pay for: with listed diseases, the first listed one.
    Classes that differ from it in one trait only are looked at; those that nobody pays for are left out.
    """
    plan, case = scenario.plan, ordinary_case(scenario)
    paid = _paid(plan, case)
    along = {trait: _along(plan, case, trait) for trait in plan.traits.values}
    apart = [trait for trait, values in plan.traits.values.items() if case[trait] != values[0]]
    name = ", ".join(_named(trait, along[trait][paid]) for trait in apart) or "ordinary"
    ordinary = BenefitCurve(name, case, paid)
    beside = [curve for trait, alike in along.items() for curve in _extremes(ordinary, trait, alike)]
    return ordinary, *beside[: MOST - 1]


def ordinary_case(scenario: Scenario) -> Mapping[str, str]:
    """Return the class of case that stands for the scheme: the first one that the covered payers pay for."""
    plan = scenario.plan
    payers = [plan.payer(name) for name in plan.covers]
    classes = enumerate(plan.traits.classes())
    return next(case for number, case in classes if any(payer.classes[number].covered for payer in payers))


def beyond_the_chart(scenario: Scenario, curves: Iterable[BenefitCurve]) -> tuple[str, ...]:
    """Covered payers that pay nothing on any of the curves, because their base is not the primary one's own cost.

    What basic insurance would have paid but for its cap is such a base: an own cost says nothing of it.
    """
    plan = scenario.plan
    bills = [Bill(plan.traits.number(curve.case), in_policy_left=FARTHEST) for curve in curves]
    settled = [settle_person(plan, [bill])[0] for bill in bills]
    return tuple(payer for payer in plan.covers if not any(statement.paid(payer) for statement in settled))


def checksum(curves: Iterable[BenefitCurve]) -> str:
    """SHA-256 of names and points, by which a drawn chart is known to be that of these curves."""
    text = "\n".join(f"{curve.name}|{','.join(map(str, curve.paid))}" for curve in curves)
    return sha256(text.encode()).hexdigest()


def _paid(plan: Plan, case: Mapping[str, str]) -> tuple[int, ...]:
    number = plan.traits.number(case)
    settled = (settle_person(plan, [Bill(number, in_policy_left=own)])[0] for own in range(0, FARTHEST + STEP, STEP))
    return tuple(sum(statement.paid(payer) for payer in plan.covers) for statement in settled)


def _along(plan: Plan, case: Mapping[str, str], trait: str) -> dict[tuple[int, ...], list[str]]:
    """The values of one trait by what is paid with them, all else as in ``case``."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for value in plan.traits.values[trait]:
        alike.setdefault(_paid(plan, {**case, trait: value}), []).append(value)
    return alike


def _extremes(ordinary: BenefitCurve, trait: str, alike: Mapping[tuple[int, ...], list[str]]) -> Iterator[BenefitCurve]:
    """The most generous curve above the ordinary one and the least generous below it, along one trait."""
    others = [
        BenefitCurve(_named(trait, values), {**ordinary.case, trait: values[0]}, paid)
        for paid, values in alike.items()
        if paid != ordinary.paid and any(paid)
    ]
    above = [curve for curve in others if curve.total >= ordinary.total]
    below = [curve for curve in others if curve.total < ordinary.total]
    if above:
        yield max(above, key=lambda curve: curve.total)
    if below:
        yield min(below, key=lambda curve: curve.total)


def _named(trait: str, values: list[str]) -> str:
    whole = f"{trait}: {', '.join(values)}"
    return whole if len(whole) <= LONGEST_NAME else f"{trait}: {values[0]} and {len(values) - 1} alike"
