"""What behaviour comes to under a set of rules: a pilot settles the same people under the base and under the new rules.

The pilot is the scheme itself as its claims state it, without behaviour and with nothing uncertain drawn, and with so
many persons in every group, whatever its size: the shares that patients bear are then known to about a thousandth, and
the error of their ratio is far smaller, because the people are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim import streams
from fundsim.behaviour import BehaviourTerms, Floats
from fundsim.blocks import BlockJob
from fundsim.claims import Levels
from fundsim.scenario import Scenario

PERSONS: Final = 100_000
"""Persons of each group in a replication of the pilot."""
REPLICATIONS: Final = 10


@dataclass(frozen=True, eq=False)
class Response:
    """How each group answers to the rules of a design (g,)."""

    base: Floats
    """Share of gross cost that patients bear under the base rules, what no payer considers included."""
    borne: Floats
    """The same under the rules of the design."""
    factor: Floats
    """On gross cost; the two below multiply to it."""
    admissions: Floats
    cost: Floats

    @classmethod
    def of(cls, behaviour: BehaviourTerms, base: Floats, borne: Floats) -> Response:
        """The answer where patients bear the share ``borne`` instead of ``base``."""
        factor = behaviour.factors(base, borne)
        return cls(base, borne, factor, *behaviour.divided(factor))

    @property
    def key(self) -> bytes:
        """Equal for answers that move the same people in the same way."""
        return self.admissions.tobytes() + self.cost.tobytes()

    def on(self, levels: Levels) -> Levels:
        """The levels of a replication's year with this answer in them; the very same where nothing answers."""
        if (self.factor == 1.0).all():
            return levels
        cost, admissions = self.cost[None, :, None], self.admissions[None, :]
        return replace(
            levels,
            cost=cost if levels.cost is None else levels.cost * cost,
            admissions=admissions if levels.admissions is None else levels.admissions * admissions,
        )


def responses(scenarios: Sequence[Scenario], job: BlockJob) -> tuple[Response | None, ...]:
    """How people answer to each design that a block settles; None where a design states no behaviour."""
    if all(scenario.terms.behaviour is None for scenario in scenarios):
        return (None,) * len(scenarios)
    borne = _shares_borne(job)
    known: list[tuple[Scenario, Floats]] = []
    found: list[Response | None] = []
    for scenario, share in zip(scenarios, borne, strict=True):
        if scenario.terms.behaviour is None:
            found.append(None)
            continue
        base = scenario.under_base_rules
        shares = next((shares for other, shares in known if _settle_alike(base, other)), None)
        if shares is None:
            shares = _shares_borne(BlockJob.build([base], job.seed))[0]
            known.append((base, shares))
        found.append(Response.of(scenario.terms.behaviour, shares, share))
    return tuple(found)


def _settle_alike(one: Scenario, other: Scenario) -> bool:
    return one.plan == other.plan and one.terms.claims == other.terms.claims


def _shares_borne(job: BlockJob) -> Floats:
    """(d, g) share of gross cost that patients bear under each design; 0 for a group that has no cost."""
    from fundsim import kernels

    seed, _ = streams.key(job.seed, "behaviour")
    persons = np.full((1, len(job.cases)), PERSONS, dtype=np.int64)
    pilot = replace(job, seed=seed, everyone=True, by_month=True)
    settled = pilot.settle(np.arange(REPLICATIONS), Levels(persons=persons)).sum(axis=1)
    gross, payable, left = (settled[..., c] for c in (kernels.ALL_GROSS, kernels.ALL_PAYABLE, kernels.ALL_LEFT))
    return np.asarray((gross - payable + left) / np.maximum(gross, 1))


def alike(answers: Sequence[Response | None]) -> Iterator[tuple[npt.NDArray[np.intp], Response | None]]:
    """Designs whose people answer in the same way, and that answer."""
    keys = [b"" if answer is None or (answer.factor == 1.0).all() else answer.key for answer in answers]
    for key in dict.fromkeys(keys):
        designs = np.array([d for d, each in enumerate(keys) if each == key])
        yield designs, None if key == b"" else answers[designs[0]]
