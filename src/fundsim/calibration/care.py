"""One kind of care calibrated (就医级别): its share of admissions, its cost family with errors, its catalogue."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.calibration.comparison import Candidate, Comparison, compare
from fundsim.calibration.experience import Experience
from fundsim.calibration.families import BODIES
from fundsim.calibration.observations import Observations
from fundsim.calibration.stop_loss import FEWEST_ABOVE
from fundsim.calibration.tails import Proposal, propose

Floats = npt.NDArray[np.float64]

DEDUCTIBLES: Final = (0.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0, 200_000.0)
"""Gross amounts above which prices are compared where the user names none, yuan."""
FEWEST_ADMISSIONS: Final = 50
"""A care level with fewer admissions has no cost family of its own."""
FEWEST_PERSONS: Final = 5
"""Nor has one with fewer persons: its parameters would speak of them."""


@dataclass(frozen=True, eq=False)
class Care:
    """What was found of one care level."""

    name: str
    admissions: int
    persons: int
    share: float
    share_se: float
    """With admissions of a person counted as one draw."""
    comparison: Comparison
    chosen: Candidate
    why: str
    """Why this family, in words (English)."""
    why_zh: str
    catalogue: Floats | None
    """(4,) shares of A, B, C and excluded in cost."""
    outside_log_odds_se: float | None
    """Standard error of the log odds of C and excluded against A and B."""

    @property
    def proposal(self) -> Proposal | None:
        """Where a tail was looked for."""
        return self.comparison.proposal


@dataclass(frozen=True)
class Choices:
    """What the analyst decides; the rest is proposed."""

    families: tuple[str, ...] = BODIES
    bodies: tuple[str, ...] = ("lognormal",)
    """Bodies of splices."""
    deductibles: tuple[float, ...] = DEDUCTIBLES
    thresholds: Mapping[str, float | None] | None = None
    """By care level where the tail begins; None for no tail. What is not named is proposed."""
    take: Mapping[str, str] | None = None
    """By care level the family to take, such as ``spliced lognormal``, whatever the ranking says."""
    samples: int = 19
    """Bootstrap samples for p-values: 19 tell whether p is 5%."""
    seed: int = 0


def fit_care(experience: Experience, place: int, choices: Choices) -> Care:
    """Fit one care level of an experience.

    Raises:
        FitError: no family can be fitted, or the family that the analyst takes cannot.
    """
    name, mine = experience.care_levels[place], experience.care == place
    data = observations_of(experience, mine).gathered()
    proposal = _threshold(data, name, choices)
    deductibles = in_question(data, choices.deductibles)
    found = compare(
        data,
        deductibles,
        families=choices.families,
        threshold=proposal.threshold,
        bodies=choices.bodies,
        proposal=proposal,
        samples=choices.samples,
        seed=choices.seed,
    )
    chosen, why, why_zh = _choice(found, name, choices)
    catalogue, odds_se = _catalogue(experience, mine)
    share, share_se = _share(experience, mine)
    return Care(
        name=name,
        admissions=int(mine.sum()),
        persons=experience.persons_of(mine),
        share=share,
        share_se=share_se,
        comparison=found,
        chosen=chosen,
        why=why,
        why_zh=why_zh,
        catalogue=catalogue,
        outside_log_odds_se=odds_se,
    )


def observations_of(experience: Experience, chosen: npt.NDArray[np.bool_]) -> Observations:
    """The costs of some admissions as observations."""
    return Observations.exact(experience.cost[chosen], seen_above=experience.seen_above, capped_at=experience.capped_at)


def in_question(data: Observations, deductibles: Iterable[float]) -> Sequence[float]:
    """The deductibles that some records lie above; always the lowest one."""
    ordered = sorted(set(deductibles))
    return [d for d in ordered if d == ordered[0] or data.weight[data.low > d].sum() >= FEWEST_ABOVE]


def _threshold(data: Observations, name: str, choices: Choices) -> Proposal:
    proposed = propose(data)
    given = choices.thresholds or {}
    if name not in given:
        return proposed
    threshold = given[name]
    told = "no tail" if threshold is None else f"{threshold:,.0f} yuan"
    told_zh = "不设尾部" if threshold is None else f"阈值{threshold:,.0f}元"
    return Proposal(
        threshold,
        f"stated: {told} (proposed: {proposed.reason})",
        f"指定：{told_zh}（建议：{proposed.reason_zh}）",
        proposed.table,
        found=False,
    )


def _choice(found: Comparison, name: str, choices: Choices) -> tuple[Candidate, str, str]:
    wanted = (choices.take or {}).get(name)
    if wanted is not None:
        from fundsim.calibration.errors import FitError

        try:
            return found[wanted], "stated by the analyst", "由分析人员指定"
        except KeyError:
            why = found.failed.get(wanted, "it was not among the families fitted")
            raise FitError(f"{name}: '{wanted}' has no fit: {why}", "take another family") from None
    best = found.best
    if best.misprices:
        return (
            best,
            f"least AIC, but no family prices every deductible; it {best.curve.verdict()}",
            f"AIC最小，但没有分布能在各起付线上定价相符；{best.curve.verdict('zh')}",
        )
    english, chinese = best.curve.verdict(), best.curve.verdict("zh")
    return best, f"least AIC of those that price; {english}", f"定价未见失真者中AIC最小；{chinese}"


def _share(experience: Experience, mine: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """The share of a care level and its error, persons being drawn and their admissions with them."""
    _, who = np.unique(experience.person, return_inverse=True)
    all_of, of_mine = np.bincount(who).astype(np.float64), np.bincount(who, mine)
    share = float(of_mine.sum() / all_of.sum())
    residual = of_mine - share * all_of
    return share, math.sqrt(float(residual @ residual)) / float(all_of.sum())


def _catalogue(experience: Experience, mine: npt.NDArray[np.bool_]) -> tuple[Floats | None, float | None]:
    """Shares of the classes in cost, and the error of the log odds of what lies outside, by linearisation."""
    if experience.split is None:
        return None, None
    split = experience.split[mine]
    totals = split.sum(axis=0)
    shares = totals / totals.sum()
    outside, cost = split[:, 2] + split[:, 3], split.sum(axis=1)
    q = float(shares[2] + shares[3])
    if not 0.0 < q < 1.0:
        return shares, None
    _, who = np.unique(experience.person[mine], return_inverse=True)
    residual = np.bincount(who, outside - q * cost)
    se = math.sqrt(float(residual @ residual)) / float(cost.sum())
    return shares, se / (q * (1.0 - q))
