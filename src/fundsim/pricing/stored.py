"""Claims that stay as they are, while the contract or its premium changes (赔款不变，重新结算合同)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from fundsim.contracts import ContractTerms, YearFacts, settle_term
from fundsim.outcome import facts_of
from fundsim.pricing.figures import TermFigures
from fundsim.pricing.subjects import stated_rates
from fundsim.scenario import Scenario
from fundsim.years import Int64s, TermJob


@dataclass(frozen=True, eq=False)
class Stored:
    """What the contract has to know of one design's years, in one world or, where it asks, in two."""

    scenario: Scenario
    worlds: tuple[tuple[YearFacts, ...], ...]
    """With everything that happens; and without policy-caused events, where the contract asks."""
    persons: tuple[Int64s, ...]
    """By world, (r, year, group) insured."""

    @classmethod
    def of(cls, job: TermJob, d: int, settled: Int64s) -> Stored:
        """Take a design's facts out of settled bills (world, design, r, year, group, column)."""
        heads = job.heads(d, np.arange(settled.shape[2], dtype=np.int64))
        worlds = facts_of(job, d, settled[:, d], heads)
        kept = tuple(tuple(replace(fact, medical=None) for fact in facts) for facts in worlds)
        return cls(job.scenarios[d], kept, tuple(each.persons for each in heads[: len(worlds)]))

    def settled(self, contract: ContractTerms | None = None, more: npt.NDArray[np.int64] | None = None) -> TermFigures:
        """Settle the term once more on the same claims.

        Args:
            contract: other terms than the scheme's own.
            more: (g,) fen per head by which each group's premium is above the stated one. What an event adds to the
                premium stays as it is.
        """
        facts, *without = (self._facts(w, more) for w in range(len(self.worlds)))
        terms = self.scenario.terms.contract if contract is None else contract
        term = settle_term(terms, facts, without=without[0] if without else None)
        return TermFigures.of(term, self.scenario.batch)

    def _facts(self, world: int, more: npt.NDArray[np.int64] | None) -> Sequence[YearFacts]:
        if more is None:
            return self.worlds[world]
        extra = self.persons[world] @ more
        return [
            replace(fact, base_premium=np.maximum(fact.base_premium + extra[:, y], 0))
            for y, fact in enumerate(self.worlds[world])
        ]

    def priced_as(self, other: Stored) -> bool:
        """Whether any premium comes to the same here and there: the same terms and facts, the stated premium apart."""
        mine, theirs = (each.scenario.terms.contract for each in (self, other))
        if mine.model_copy(update={"premium": theirs.premium}) != theirs or len(self.worlds) != len(other.worlds):
            return False
        rates = [stated_rates(each.scenario) for each in (self, other)]
        if any(len(set(stated.tolist())) > 1 for stated in rates):  # what each group's share of a premium would be
            return False
        return all(
            _same_facts(one, another)
            for world, years in enumerate(self.worlds)
            for one, another in zip(years, other._facts(world, rates[0] - rates[1]), strict=True)
        )

    @property
    def pure_premium(self) -> float:
        """Mean claims per head and year, fen."""
        claims = sum(float(np.mean(fact.claims)) for fact in self.worlds[0])
        return claims / max(sum(float(np.mean(fact.insured)) for fact in self.worlds[0]), 1.0)


def _same_facts(one: YearFacts, another: YearFacts) -> bool:
    return all(np.array_equal(getattr(one, each.name), getattr(another, each.name)) for each in fields(YearFacts))
