"""From a scheme to compound sums (方案到复合和): which models the exact lane can answer, and by which laws.

Groups of the insured are independent given what they share: levels, trends, a mixing variable of the pool. So a year is
a sum of as many compound sums as there are groups, at one set of levels at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from fundsim.benefits.schedule import ClassSchedule, PayerSchedule
from fundsim.claims import AS_STATED, Cell, ClaimsModel, Levels
from fundsim.exact.bills import BillMap, bill_map
from fundsim.exact.counts import BinomialCount, Count, MixedPoissonCount, PoissonCount
from fundsim.exact.errors import OutOfReachError
from fundsim.exact.maps import FEN, Floats, PiecewiseMap
from fundsim.exact.overflow import Overflow
from fundsim.exact.payouts import Mixture, Payment
from fundsim.exact.person import Year
from fundsim.frequency import FREQUENCIES, AtMostOne, FrequencyFamily, NegativeBinomial, Poisson
from fundsim.scenario import Scenario
from fundsim.severity import CostTable, GeneralisedPareto, SeverityFamily, Spliced

ANNUAL: Final = "start from the annual amount (claims: {basis: in-policy-left})"


@dataclass(frozen=True, eq=False)
class GroupYear:
    """One group at one set of levels: so many persons, each with a year like this."""

    number: int
    """Of the group, from 0."""
    persons: int
    year: Year | None
    """A person's year, admission by admission."""
    annual: tuple[float, Mixture] | None
    """Probability of an amount in the year, and what is then paid, on the annual basis."""


@dataclass(frozen=True, eq=False)
class YearModel:
    """A scheme's first year whose claims are a compound sum."""

    scenario: Scenario
    model: ClaimsModel

    @classmethod
    def build(cls, scenario: Scenario) -> YearModel:
        """Check that a scheme is within reach.

        Raises:
            OutOfReachError: it is not; told is why, and what would bring it inside.
        """
        if scenario.may_change_behaviour:
            why = "patients answer to what they bear, which a pilot has to find out"
            raise OutOfReachError(why, "leave 'behaviour' out, or simulate (fundsim run)")
        if len(scenario.plan.covers) > 1:
            why = f"the contract covers several payers ({', '.join(scenario.plan.covers)}), paid one after another"
            raise OutOfReachError(why, "cover one of them, or simulate (fundsim run)")
        found = cls(scenario, ClaimsModel.build(scenario.terms.claims, scenario.population))
        found._check_payer()
        if not found.model.annual:
            found._check_schedules()
        return found

    @property
    def payer(self) -> PayerSchedule:
        """The covered payer."""
        return self.scenario.plan.payer(self.scenario.plan.primary)

    def _check_payer(self) -> None:
        payer, annual = self.payer, self.model.annual
        if payer.tops_up and not annual:
            why = f"'{payer.name}' tops up what {', '.join(payer.tops_up)} paid, bill by bill"
            raise OutOfReachError(why, "let it pay by its own rates, or simulate (fundsim run)")
        if payer.cap_shared_with and not annual:
            why = f"'{payer.name}' shares its cap with {', '.join(payer.cap_shared_with)}"
            raise OutOfReachError(why, "state a cap of its own, or simulate (fundsim run)")
        frequency = self.model.frequency
        if not isinstance(frequency, Poisson | NegativeBinomial | AtMostOne):
            known = ", ".join(FREQUENCIES)
            raise OutOfReachError(f"no generating function of '{frequency.family}' is known", f"use one of: {known}")

    def _check_schedules(self) -> None:
        """What a person's admissions are paid must not depend on their order."""
        for g, group in enumerate(self.model.population.groups):
            covered = [self._schedule(g, cell) for cell in self.model.cells if self._schedule(g, cell).covered]
            caps = {schedule.cap for schedule in covered}
            curves = {schedule.curve for schedule in covered}
            if self.payer.by_year and (len(curves) > 1 or len(caps) > 1):
                why = (
                    f"in the group '{group.name}' the bills of one year have {max(len(curves), len(caps))} different "
                    f"schedules of '{self.payer.name}', so that what is paid depends on their order"
                )
                raise OutOfReachError(why, f"use one schedule for all bills of a person, or {ANNUAL}")
            if len(caps) > 1:
                why = (
                    f"in the group '{group.name}' the caps of '{self.payer.name}' differ between the bills of one year"
                )
                raise OutOfReachError(why, "state one cap for all bills of a person")

    def case(self, g: int, cell: Cell) -> int:
        """Number of the class of case of a cell's bills in a group."""
        declared = self.scenario.plan.traits
        traits = {**self.model.population.groups[g].traits, **cell.traits}
        return declared.number({name: value for name, value in traits.items() if name in declared.values})

    def _schedule(self, g: int, cell: Cell) -> ClassSchedule:
        return self.payer.classes[self.case(g, cell)]

    # -- at one set of levels ------------------------------------------------------------------------------------------

    def groups(self, levels: Levels = AS_STATED, v: int = 0, mixing: Floats | None = None) -> list[GroupYear]:
        """Every group with persons, at row ``v`` of the levels.

        Args:
            levels: as of :class:`fundsim.claims.Levels`.
            v: the row.
            mixing: (g,) the shared mixing variable of the frequency of each group, where persons share one.
        """
        return [
            self._group(g, levels, v, 1.0 if mixing is None else float(mixing[g]))
            for g, persons in enumerate(self.persons(levels, v))
            if persons > 0
        ]

    def persons(self, levels: Levels, v: int) -> list[int]:
        """Heads of each group."""
        if levels.persons is None:
            return [group.persons for group in self.model.population.groups]
        return [int(persons) for persons in _row(levels.persons, v)]

    def _group(self, g: int, levels: Levels, v: int, mixing: float) -> GroupYear:
        group, model = self.model.population.groups[g], self.model
        multiplier = group.admissions * model.frequency_factor * mixing
        if levels.admissions is not None:
            row = _row(levels.admissions, v)
            multiplier *= float(row[min(g, len(row) - 1)])
        shares = [cell.probability for cell in model.cells]
        if levels.probabilities is not None:
            shares = [float(share) for share in _row(levels.probabilities, v)]
        persons = self.persons(levels, v)[g]
        if model.annual:
            paid = Mixture(tuple((p, self._amount(g, c, levels, v)) for c, p in enumerate(shares)))
            return GroupYear(g, persons, None, (model.frequency.mean(multiplier), paid))
        admission = Mixture(tuple((p, self._admission(g, c, levels, v)) for c, p in enumerate(shares)))
        count = person_count(model.frequency, multiplier)
        return GroupYear(g, persons, Year(count, admission, self.pays(g), self._overflow(g, levels, v)), None)

    def pays(self, g: int) -> PiecewiseMap:
        """What is paid on a person's year: on its own cost, or where bills are paid one by one, on their sum."""
        covered = [schedule for cell in self.model.cells if (schedule := self._schedule(g, cell)).covered]
        if not covered:
            return PiecewiseMap.level(0.0)
        if not self.payer.by_year:
            cap = covered[0].cap
            return (
                PiecewiseMap.straight(1.0)
                if cap is None
                else PiecewiseMap.straight(1.0).least(PiecewiseMap.level(cap / FEN))
            )
        return PiecewiseMap.of_curve(covered[0].curve, covered[0].cap)

    def _amount(self, g: int, c: int, levels: Levels, v: int) -> Payment:
        """What is paid on an annual amount."""
        schedule = self._schedule(g, self.model.cells[c])
        pays = PiecewiseMap.of_curve(schedule.curve, schedule.cap) if schedule.covered else PiecewiseMap.level(0.0)
        return Payment(
            self._severity(c, levels, v), pays.least(PiecewiseMap.straight(1.0)), self._factor(g, c, levels, v)
        )

    def _admission(self, g: int, c: int, levels: Levels, v: int) -> Payment:
        """What counts of one admission for the covered payer; where bills are paid one by one, what is paid on it."""
        cell = self.model.cells[c]
        base = self._bill(self.case(g, cell), self._splits(c, levels, v)).base
        if not base.rises:
            why = f"what counts of a bill at '{cell.level}' falls where the bill grows"
            raise OutOfReachError(why, "let the covered payer count what basic insurance counts")
        schedule = self._schedule(g, cell)
        pays = base if self.payer.by_year else PiecewiseMap.of_curve(schedule.curve, schedule.cap).after(base)
        return Payment(self._severity(c, levels, v), pays, self._factor(g, c, levels, v))

    def paid_before(self, g: int, c: int, payer: str, part: tuple[float, Payment]) -> tuple[float, Payment]:
        """What a payer before the covered one pays on an admission of a cell, in place of what counts of it."""
        cell = self.model.cells[c]
        paid = self._bill(self.case(g, cell), cell.splits).before[payer].paid
        return part[0], Payment(part[1].severity, paid, part[1].factor)

    @cached_property
    def overflowing(self) -> str | None:
        """The payer whose yearly cap overflows to the covered one whole, if only one has a cap.

        It stands right before the covered payer, which takes its payment off the base; all bills are covered, and have
        the same cap.
        """
        plan = self.scenario.plan
        before = plan.payers[: plan.names.index(self.payer.name)]
        capped = [payer for payer in before if any(schedule.cap is not None for schedule in payer.classes)]
        if len(capped) != 1 or capped[0] is not before[-1] or not self.payer.by_year:
            return None
        payer = capped[0]
        parts = [(part.what, part.sign) for part in self.payer.parts if part.payer == payer.name]
        known = ("paid by", -1) in parts and all(what == "deductible of" for what, _ in parts if what != "paid by")
        alone = not payer.cap_shared_with and not payer.tops_up
        return payer.name if known and alone else None

    def _overflow(self, g: int, levels: Levels, v: int) -> Overflow | None:
        """The overflow of a group's bills; None where it is not known."""
        payer = self.overflowing
        if payer is None:
            return None
        cases = [(self.case(g, cell), cell) for cell in self.model.cells]
        caps = {self.scenario.plan.payer(payer).classes[case].cap for case, _ in cases}
        bills = [self._bill(case, self._splits(c, levels, v)) for c, (case, _) in enumerate(cases)]
        cap = next(iter(caps))
        if len(caps) > 1 or cap is None or not all(self.payer.classes[case].covered for case, _ in cases):
            return None
        if not all(bill.free for bill in bills):
            return None
        return Overflow(cap / FEN, tuple(bill.before[payer].paid for bill in bills))

    def _bill(self, case: int, splits: Sequence[int]) -> BillMap:
        key = (case, *splits)
        if key not in self._bills:
            self._bills[key] = bill_map(self.scenario.plan, case, splits)
        return self._bills[key]

    @cached_property
    def _bills(self) -> dict[tuple[int, ...], BillMap]:
        return {}

    def _splits(self, c: int, levels: Levels, v: int) -> tuple[int, ...]:
        """The cumulative catalogue shares of a cell."""
        if levels.splits is None:
            return self.model.cells[c].splits
        return tuple(int(part) for part in _row(levels.splits, v)[c])

    def _factor(self, g: int, c: int, levels: Levels, v: int) -> float:
        factor = self.model.population.groups[g].cost * self.model.cost_factor
        if levels.cost is not None:
            rows = _row(levels.cost, v)
            factor *= float(rows[min(g, len(rows) - 1), c])
        return factor

    def _severity(self, c: int, levels: Levels, v: int) -> SeverityFamily:
        number = self.model.cells[c].severity
        severity = self.model.severities[number]
        if levels.tail_index is None:
            return severity
        index = float(_row(levels.tail_index, v)[number])
        return severity if index == self.model.tables[number].tail_index else with_index(severity, index)


def person_count(frequency: FrequencyFamily, multiplier: float) -> Count:
    """How many admissions a person has, given what persons share."""
    mean = frequency.mean(multiplier)
    if isinstance(frequency, AtMostOne):
        return BinomialCount(1, mean)
    if isinstance(frequency, NegativeBinomial) and frequency.mixing == "person":
        return MixedPoissonCount(mean, frequency.cv)
    return PoissonCount(mean)


def with_index(severity: SeverityFamily, index: float) -> SeverityFamily:
    """The same costs with another tail index: body, threshold, weight and scale of the tail stay, as in a run.

    Raises:
        OutOfReachError: a family whose closed tail cannot be changed by itself.
    """
    tail = severity.closed_tail()
    if isinstance(severity, Spliced) and tail is not None:
        changed = severity.tail.model_copy(update={"index": index, "scale": tail.scale * FEN})
        return severity.model_copy(update={"tail": changed})
    if isinstance(severity, GeneralisedPareto) and tail is not None:
        return severity.model_copy(update={"index": index, "scale": tail.scale * FEN, "mean_excess": None})
    if isinstance(severity, CostTable) and tail is not None:
        return severity.with_tail(index)
    raise OutOfReachError(f"the tail of '{severity.family}' has no index of its own", "write a spliced cost")


def _row(values: Any, v: int) -> Any:
    """The row of a replication; the only one where there is one for all."""
    return values[v if len(values) > 1 else 0]
