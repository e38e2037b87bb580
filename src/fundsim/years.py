"""The years of a term (合同期): which rules and which levels each replication meets in each year.

Events change the rules of some replications from some year on. All replications that have the same events in a year are
settled together, on their own people; beside them, where the contract asks what policy has cost, stand the same people
and all other draws without the events that are policy-caused: nothing is scaled, it is settled again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.blocks import BlockJob
from fundsim.claims import AS_STATED, Levels
from fundsim.levels import NOTHING_DRAWN, Outlook
from fundsim.money import PerReplication
from fundsim.responses import Response, alike, responses
from fundsim.scenario import Scenario
from fundsim.uncertainty import Drawn, EventStates, draw, draw_events

Int64s = npt.NDArray[np.int64]
World = tuple[str, ...]
"""The events that are in force, by name."""
MIXING: Final = "frequency mixing"
"""The source of risk that persons share through their frequency, among the groups of inputs and events."""


@dataclass(frozen=True, eq=False)
class Heads:
    """Who is insured, and what is paid for them at the rates of the first year."""

    persons: Int64s
    """(r, year, group)"""
    premium: Int64s
    """(r, year, group) fen."""


@dataclass(frozen=True, eq=False)
class TermJob:
    """All that a block of replications needs over its years: designs, and what may happen to them."""

    scenarios: tuple[Scenario, ...]
    seed: int
    years: int
    everyone: bool = False
    swap: Mapping[str, int] | None = None
    """Offsets of replications by source of risk, for :mod:`fundsim.decomposition`; none for a run."""
    people: int = 0
    """Offset of the replications whose people are met, for the same; what is shared by all of them stays."""

    @classmethod
    def build(cls, scenarios: Sequence[Scenario], seed: int, years: int, *, everyone: bool = False) -> TermJob:
        """Check that the designs can be settled together, and compile their first block.

        Raises:
            ValueError: the designs differ in their people, their claims, their traits, or in what is uncertain.
        """
        job = cls(tuple(scenarios), seed, years, everyone)
        first = scenarios[0].terms
        if any((each.terms.uncertainty, each.terms.events) != (first.uncertainty, first.events) for each in scenarios):
            raise ValueError("designs settled together must have the same uncertainty and events")
        job.__dict__["base"] = BlockJob.build(scenarios, seed, everyone=everyone)  # what is wrong is told at once
        job.responses(())  # before blocks part, so that the pilot is settled once
        return job

    def swapped(self, swap: Mapping[str, int], people: int) -> TermJob:
        """The same on inputs, events and people of other replications; what is compiled is shared."""
        job = replace(self, swap=swap, people=people)
        job.__dict__.update(base=self.base, _jobs=self._jobs)
        return job

    @cached_property
    def _jobs(self) -> dict[World, BlockJob]:
        return {}

    @cached_property
    def _responses(self) -> dict[World, tuple[Response | None, ...]]:
        return {}

    @cached_property
    def base(self) -> BlockJob:
        """The designs without any event."""
        return BlockJob.build(self.scenarios, self.seed, everyone=self.everyone)

    def block(self, world: World) -> BlockJob:
        """The designs with some events, in the columns of those without."""
        if not world:
            return self.base
        if world not in self._jobs:
            changed = [scenario.with_events(world) for scenario in self.scenarios]
            job = BlockJob.build(changed, self.seed, everyone=self.everyone)
            self._jobs[world] = replace(job, edges=self.base.edges, beside=self.base.beside)
        return self._jobs[world]

    @property
    def sampler(self) -> dict[str, object]:
        """Which persons are drawn, and why; with an event, where that is another answer."""
        path, events = self.base.path, self.scenarios[0].terms.events
        other = {name: self.block((name,)).path for name in events if self.block((name,)).path != path}
        return {**path, "events": other} if other else dict(path)

    def responses(self, world: World) -> tuple[Response | None, ...]:
        """How people answer, under some events, to what each design leaves them to bear."""
        if world not in self._responses:
            after = [scenario.with_events(world) for scenario in self.scenarios]
            self._responses[world] = responses(after, self.block(world))
        return self._responses[world]

    def outlook(self, world: World) -> Outlook:
        """The claims model under some events, on its way through the years."""
        terms = (self.scenarios[0].with_events(world) if world else self.scenarios[0]).terms
        return Outlook(self.block(world).model, terms.claims, terms.population)

    @property
    def asks_counterfactual(self) -> bool:
        """Whether the same years without policy-caused events are settled too."""
        asked = any(scenario.terms.contract.by_counterfactual for scenario in self.scenarios)
        return asked and bool(self.policy_events)

    @property
    def policy_events(self) -> frozenset[str]:
        events = self.scenarios[0].terms.events
        return frozenset(name for name, event in events.items() if event.policy == "yes")

    def worlds(self, replications: PerReplication) -> tuple[EventStates, ...]:
        """What happens in some replications; and, where the contract asks it, the same without policy-caused events."""
        terms = self.scenarios[0].terms
        stratified = terms.uncertainty is not None and terms.uncertainty.stratified
        states = draw_events(
            terms.events, self.seed, replications, self.years, stratified=stratified, swap=self.swap or {}
        )
        return (states, states.without(self.policy_events)) if self.asks_counterfactual else (states,)

    def drawn(self, replications: PerReplication) -> Drawn:
        """What is uncertain, drawn for some replications over all years projected."""
        terms = self.scenarios[0].terms.uncertainty
        if terms is None:
            return NOTHING_DRAWN
        steps = max(self.outlook(()).projected + self.years - 1, 1)
        groups = set(terms.groups.values())
        swap = {group: offset for group, offset in (self.swap or {}).items() if group in groups}
        return draw(terms, self.seed, replications, steps, swap)

    def run(self, start: int, stop: int) -> Int64s:
        """Draw and settle some replications: (world, design, replication, year, group, column).

        The second world, if there is one, is that without policy-caused events.
        """
        return self.settled(np.arange(start, stop, dtype=np.int64))

    def settled(self, replications: PerReplication) -> Int64s:
        """Draw and settle some replications, as :meth:`run` does."""
        drawn, worlds = self.drawn(replications), self.worlds(replications)
        shape = (len(self.scenarios), len(replications), self.years, len(self.base.cases), self.base.columns.n)
        out = np.zeros((len(worlds), *shape), dtype=np.int64)
        for w, states in enumerate(worlds):
            sets, which = states.distinct()
            for year in range(1, self.years + 1):
                for number in np.unique(which[:, year - 1]):
                    chosen = np.flatnonzero(which[:, year - 1] == number)
                    if w:  # only those that policy has touched by now are settled again
                        first = worlds[0].state[chosen, year - 1] != states.state[chosen, year - 1]
                        untouched, chosen = chosen[~first.any(axis=1)], chosen[first.any(axis=1)]
                        out[w, :, untouched, year - 1] = out[0, :, untouched, year - 1]
                    if len(chosen):
                        settled = self._settle(sets[number], replications[chosen], _of(drawn, chosen), year)
                        out[w][:, chosen, year - 1] = settled
        return out

    def _settle(self, world: World, replications: PerReplication, drawn: Drawn, year: int) -> Int64s:
        block, levels, people = self.block(world), self._levels(world, drawn, year), replications + self.people
        mixing = (self.swap or {}).get(MIXING, 0)
        if mixing != self.people:
            levels = replace(levels, mixing=replications + mixing)
        parts = list(alike(self.responses(world)))
        if len(parts) == 1 and parts[0][1] is None:
            return block.settle(people, levels, year=year)
        shape = (len(self.scenarios), len(people), len(block.cases), block.columns.n)
        out = np.zeros(shape, dtype=np.int64)
        for designs, response in parts:  # those whose people answer alike meet the same bills, in one pass
            answered = levels if response is None else response.on(levels)
            out[designs] = block.only(designs).settle(people, answered, year=year)
        return out

    def _levels(self, world: World, drawn: Drawn, year: int) -> Levels:
        """The levels of a year; exactly what the model states where nothing differs from it."""
        plain = not drawn.values and year == 1
        return AS_STATED if plain else self.outlook(world).levels(drawn, year)

    def heads(self, d: int, replications: PerReplication) -> tuple[Heads, ...]:
        """The insured of every year and their premium at the rates of the first year, under design ``d``, by world."""
        drawn = self.drawn(replications)
        return tuple(self._heads(d, states, drawn) for states in self.worlds(replications))

    def _heads(self, d: int, states: EventStates, drawn: Drawn) -> Heads:
        sets, which = states.distinct()
        shape = (len(which), self.years, len(self.base.cases))
        persons, premium = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for year, number in product(range(self.years), range(len(sets))):
            chosen = np.flatnonzero(which[:, year] == number)
            if not len(chosen):
                continue
            scenario = self.scenarios[d].with_events(sets[number])
            rates = [scenario.terms.contract.premium_per_head(group.traits) for group in scenario.population.groups]
            persons[chosen, year] = self.outlook(sets[number]).persons(_of(drawn, chosen), year + 1)
            premium[chosen, year] = persons[chosen, year] * np.array(rates, dtype=np.int64)
        return Heads(persons, premium)


def _of(drawn: Drawn, chosen: npt.NDArray[np.intp]) -> Drawn:
    """What was drawn for some of the replications."""
    if not drawn.values:
        return drawn
    values = {name: values[chosen] for name, values in drawn.values.items()}
    return Drawn(drawn.inputs, drawn.replications[chosen], values)
