"""Reading a target's figure at some values: on stored claims, or by settling the same people under several designs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property

from fundsim.pipeline import Progress, settle_bills
from fundsim.pricing.errors import PriceError
from fundsim.pricing.figures import TermFigures
from fundsim.pricing.stored import Stored
from fundsim.pricing.subjects import Subject, stated_rates
from fundsim.pricing.targets import Condition, Reading
from fundsim.scenario import Scenario, ScenarioError
from fundsim.years import TermJob


@dataclass(frozen=True, eq=False)
class Sample:
    """The people on whom values are tried."""

    scenario: Scenario
    n: int
    seed: int
    years: int
    other_people: bool = False
    """Whether the inputs and events of each replication meet the people of another one."""
    workers: int | None = None
    executor: Executor | None = None
    progress: Progress | None = field(default=None, compare=False)

    def job(self, scenarios: Sequence[Scenario]) -> TermJob:
        everyone = self.scenario.terms.simulation.bills == "all"
        job = TermJob.build(scenarios, self.seed, self.years, everyone=everyone)
        return job.swapped({}, self.n) if self.other_people else job

    def stored(self, scenarios: Sequence[Scenario]) -> list[Stored]:
        """Settle some designs on these people, in one pass."""
        job = self.job(scenarios)
        settled = settle_bills(job, self.n, workers=self.workers, executor=self.executor, progress=self.progress)
        return [Stored.of(job, d, settled) for d in range(len(scenarios))]


@dataclass(frozen=True, eq=False)
class ContractLane:
    """The claims at hand, settled again through the contract."""

    subject: Subject
    stored: Stored
    targets: tuple[Condition, ...] = ()
    """Those that will be asked at much the same values: all are read whenever the contract is settled for one."""

    points = 101
    """Of the scan: settling a contract costs little."""
    inner = 1

    @cached_property
    def _known(self) -> dict[tuple[int, Condition], Reading]:
        return {}

    def read(self, values: Sequence[int], target: Condition) -> list[Reading]:
        return [self._read(value, target) for value in values]

    def _read(self, value: int, target: Condition) -> Reading:
        if target not in self.targets:
            return target.measured(self._figures(value))
        if (value, target) not in self._known:
            figures = self._figures(value)
            self._known.update({(value, each): each.measured(figures) for each in self.targets})
        return self._known[value, target]

    def _figures(self, value: int) -> TermFigures:
        scenario, subject = self.stored.scenario, self.subject
        if subject.kind == "premium":
            return self.stored.settled(more=subject.rates(scenario, value) - stated_rates(scenario))
        return self.stored.settled(contract=subject.contract(scenario.terms.contract, value))


@dataclass(frozen=True, eq=False)
class PeopleLane:
    """The same people, settled under one design for each value, several in a pass."""

    subject: Subject
    sample: Sample

    points = 9
    inner = 8

    def read(self, values: Sequence[int], target: Condition) -> list[Reading]:
        designs = [self._design(value) for value in values]
        return [target.measured(stored.settled()) for stored in self.sample.stored(designs)]

    def _design(self, value: int) -> Scenario:
        try:
            return self.sample.scenario.replace(self.subject.change(self.sample.scenario, value))
        except ScenarioError as error:
            first = error.problems[0]
            raise PriceError(
                f"with {self.subject.path} = {self.subject.text(value)} the scheme is not valid: {first.why}; "
                f"{first.instead}, or look between other values"
            ) from None


Lane = ContractLane | PeopleLane


def lane_of(subject: Subject, sample: Sample) -> Lane:
    """The way to read values of a subject on a sample; where the contract is solved for, the people are settled now."""
    if subject.of_contract:
        return ContractLane(subject, sample.stored([sample.scenario])[0])
    return PeopleLane(subject, sample)
