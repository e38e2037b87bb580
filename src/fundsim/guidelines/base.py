"""What a guideline is (指导意见): rules that quote its text, and what each of them finds in a scheme."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from math import ceil, floor, log10
from typing import Any, Final

from fundsim.benefits.schedule import ClassSchedule, PayerSchedule
from fundsim.estimates import Estimate
from fundsim.pipeline import simulate
from fundsim.population import InsuredGroup
from fundsim.results import Results
from fundsim.scenario import Scenario

REPLICATIONS: Final = 100
"""Replications behind the rules that simulate, unless others are asked for."""

MOST_REPLICATIONS: Final = 1_000_000
"""More than anybody will wait for; a figure that needs more is not told from its limit by simulation."""

Figures = Mapping[str, Any]


class Verdict(StrEnum):
    """What a rule says of a scheme."""

    PASS = "pass"
    ALLOWED = "allowed"
    """The scheme differs from the standard in a way that the text leaves to the locality."""
    FAIL = "fail"
    NOT_DECIDED = "not decided"
    """The simulation cannot tell the figure from the limit."""
    NOT_JUDGED = "not judged"
    """The file does not state a fact that the rule needs."""
    NOT_APPLICABLE = "not applicable"
    INFORMATION = "information"

    @property
    def zh(self) -> str:
        """The verdict in Chinese."""
        return _IN_CHINESE[self]

    @property
    def met(self) -> bool:
        """Whether the scheme may stand as it is, as far as this rule goes."""
        return self not in (Verdict.FAIL, Verdict.NOT_DECIDED, Verdict.NOT_JUDGED)


_IN_CHINESE: Final = {
    Verdict.PASS: "符合",
    Verdict.ALLOWED: "与标准不同，允许",
    Verdict.FAIL: "不符合",
    Verdict.NOT_DECIDED: "模拟次数不足，不能判定",
    Verdict.NOT_JUDGED: "缺少资料，不能判定",
    Verdict.NOT_APPLICABLE: "不适用",
    Verdict.INFORMATION: "供参考",
}


@dataclass(frozen=True)
class Finding:
    """What a rule found in a scheme."""

    verdict: Verdict
    found: str
    """In words, with the figures that decide."""
    figures: Figures = field(default_factory=dict)
    """The same for scripts: amounts in yuan, shares as numbers."""
    remarks: tuple[str, ...] = ()
    """What else a reader should know."""


def not_stated(what: str, write: str) -> Finding:
    """The finding where the file does not state a fact that a rule needs."""
    return Finding(Verdict.NOT_JUDGED, f"cannot be judged: the file does not say {what}; write {write}")


@dataclass(frozen=True)
class Case:
    """One kind of bill of one group of the insured, and what a payer pays for it."""

    group: InsuredGroup
    traits: Mapping[str, str]
    schedule: ClassSchedule


@dataclass(frozen=True)
class Evidence:
    """A scheme, and its simulation where a rule asks for one."""

    scenario: Scenario
    replications: int = REPLICATIONS

    @cached_property
    def results(self) -> Results:
        """The simulated scheme, from its own seed; all rules look at the same one."""
        return simulate(self.scenario, self.replications)

    @property
    def cii(self) -> PayerSchedule:
        """The payer that is critical illness insurance (大病保险): the primary one that the contract covers."""
        return self.scenario.plan.payer(self.scenario.plan.primary)

    @property
    def covered(self) -> tuple[PayerSchedule, ...]:
        """All payers that the contract covers."""
        return tuple(self.scenario.plan.payer(name) for name in self.scenario.plan.covers)

    def payers_named(self, name: str) -> tuple[str, ...]:
        """Payers of that name, or of a name that begins with it, such as ``basic`` and ``basic-rural``."""
        return tuple(payer for payer in self.scenario.plan.names if payer == name or payer.startswith(f"{name}-"))

    def cases(self, payer: PayerSchedule) -> Iterator[Case]:
        """Every kind of bill that each group can have."""
        traits = self.scenario.plan.traits
        for group in self.scenario.population.groups:
            own = {trait: value for trait, value in group.traits.items() if trait in traits.values}
            for number, case in enumerate(traits.classes()):
                if own.items() <= case.items():
                    yield Case(group, case, payer.classes[number])


@dataclass(frozen=True)
class Quote:
    """What a rule goes by: the words of the text, as printed."""

    article: str
    words: str
    source: str | None = None
    """Another document than the guideline itself."""

    def __str__(self) -> str:
        return f"{self.source or ''}{self.article} “{self.words}”"


@dataclass(frozen=True)
class Rule:
    """One rule of a guideline."""

    id: str
    zh: str
    quotes: tuple[Quote, ...]
    judge: Callable[[Evidence], Finding]
    informs: bool = False
    """Whether it only reports, and no scheme can fail it."""


@dataclass(frozen=True)
class Guideline:
    """One guideline, with the rules that a scheme can be tested by."""

    id: str
    title: str
    number: str
    """文号."""
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Judgement:
    """What a guideline says of one scheme, rule by rule."""

    guideline: Guideline
    evidence: Evidence
    findings: tuple[tuple[Rule, Finding], ...]

    @property
    def unmet(self) -> tuple[str, ...]:
        """Ids of the rules that the scheme fails or cannot be judged by."""
        return tuple(rule.id for rule, finding in self.findings if not finding.verdict.met)


def judge(scenario: Scenario, guideline: Guideline, replications: int = REPLICATIONS) -> Judgement:
    """Test every rule of a guideline against a scheme."""
    evidence = Evidence(scenario, replications)
    return Judgement(guideline, evidence, tuple((rule, rule.judge(evidence)) for rule in guideline.rules))


def at_least(estimate: Estimate, limit: float) -> Verdict:
    """Whether a simulated figure reaches a limit, beyond its Monte Carlo error.

    Passed where the lower end of its 95% interval reaches the limit, failed where the upper end does not.
    """
    interval = estimate.interval()
    if interval is None or interval[0] < limit <= interval[1]:
        return Verdict.NOT_DECIDED
    return Verdict.PASS if interval[0] >= limit else Verdict.FAIL


def replications_to_decide(estimate: Estimate, limit: float) -> int | None:
    """How many replications would tell the figure from the limit, if it is as far away as it seems.

    The interval shrinks with the root of their number; half as many again are added, because the distance itself is
    uncertain. None where it is more than anybody would run.
    """
    interval = estimate.interval()
    if interval is None or estimate.mean is None:
        return REPLICATIONS
    half, distance = (interval[1] - interval[0]) / 2, abs(estimate.mean - limit)
    needed = 1.5 * estimate.n * (half / distance) ** 2 if distance else float("inf")
    if needed > MOST_REPLICATIONS:
        return None
    step = int(10 ** max(floor(log10(max(needed, 1))) - 1, 0))
    return max(ceil(needed / step) * step, 2 * estimate.n)
