"""A model's figures beside the published ones, and by how many standard errors they differ.

Every figure is a mean of something over one person's year, or the ratio of two such means. A published figure is one
realisation of what the model says: with M person-years of cover a count has variance M·E[N²] (a compound Poisson sum:
persons are independent, and nearly all of them count nothing), a ratio of totals has, by the delta method,
M·E[(N - R·D)²]/(M·E[D])² (Cochran, *Sampling Techniques*, section 6.3). Figures of the same people have the covariances
that go with these: many dear patients raise the mean and the number above an amount alike. A largest payment m is
judged by the distribution of the largest among all, P(largest <= m) = exp(-M·P(payment > m)), as a normal score.

The standard error of a difference puts together the luck of that one realisation, the tolerance of publication (a range
of width w has w/√12) and the Monte Carlo error of the model's figure. What everybody shares, such as an epidemic in the
year of the figures, is not in it, and a largest payment is taken as independent of the other figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from fundsim.calibration.targets.people import SCRAMBLES, Floats, Settled
from fundsim.calibration.targets.terms import TargetTerms
from fundsim.estimates import NORMAL_95

_FEN: Final = 100.0
_EXPECTED: Final = (1e-6, 600.0)
"""Between these numbers of payments above the largest one, its score is told apart from ±5 and beyond."""


@dataclass(frozen=True)
class Cover:
    """What a person's mean is multiplied by to become a published total."""

    persons: float
    person_years: float
    premium: float
    """Yuan per person and year."""


@dataclass(frozen=True)
class Compared:
    """One published figure beside the model's."""

    name: str
    published: float
    low: float
    high: float
    """The range of what was published; both ends are the value where it was published exactly."""
    fitted: float
    tolerance: float
    """Standard deviation of what publication left open."""
    sampling: float
    """Standard deviation of the luck of one realisation."""
    simulation: float
    """Monte Carlo standard error of the model's figure."""
    score: float | None = None
    """Of a largest payment: its normal score."""
    spread: tuple[float, float] | None = None
    """Of a largest payment: where 95% of the largest payments lie."""

    @property
    def error(self) -> float:
        """Standard error of the difference."""
        return sqrt(self.tolerance**2 + self.sampling**2 + self.simulation**2)

    @property
    def difference(self) -> float:
        """Model less published, in standard errors."""
        return -self.score if self.score is not None else (self.fitted - self.published) / self.error

    @property
    def holds(self) -> bool:
        """Whether the model is within what was published, but for 1.96 standard errors of luck and simulation."""
        if self.score is not None:
            return abs(self.score) <= NORMAL_95
        slack = NORMAL_95 * sqrt(self.sampling**2 + self.simulation**2)
        return self.low - slack <= self.fitted <= self.high + slack


@dataclass(frozen=True, eq=False)
class Comparison:
    """All figures beside those of a model, and how their luck goes together."""

    figures: tuple[Compared, ...]
    luck: Floats
    """(t, t) covariance of the published figures as one realisation; a largest payment stands by itself, as a score."""

    @property
    def covariance(self) -> Floats:
        """(t, t) of the differences: luck, tolerance and simulation."""
        apart = [0.0 if each.score is not None else each.tolerance**2 + each.simulation**2 for each in self.figures]
        return self.luck + np.diag(apart)


@dataclass(frozen=True, eq=False)
class _Figure:
    """A figure as scale·E[n] over one person's year, or scale·E[n]/E[d]; (n,) of each person of the sample."""

    n: Floats
    d: Floats | None
    scale: float

    def told(self, settled: Settled) -> tuple[float, float]:
        """The figure and its Monte Carlo error; nothing where the denominator is nothing."""
        n = _means(settled, self.n)
        d = np.ones_like(n) if self.d is None else _means(settled, self.d)
        below = float(d.mean())
        if below == 0.0:
            return 0.0, 0.0
        ratio = float(n.mean()) / below
        error = float((n - ratio * d).std(ddof=1)) / below / sqrt(SCRAMBLES)
        return ratio * self.scale, error * self.scale

    def influence(self, settled: Settled, person_years: float) -> Floats:
        """(n,) by how much each person moves the figure of one realisation."""
        if self.d is None:
            return self.n * (self.scale / person_years)
        below = float(_means(settled, self.d).mean())
        ratio = float(_means(settled, self.n).mean()) / below if below else 0.0
        return (self.n - ratio * self.d) * (self.scale / person_years / below if below else 0.0)


def _means(settled: Settled, values: Floats) -> Floats:
    """(scramblings,) mean over one person's year."""
    return np.asarray(np.bincount(settled.scramble, settled.weights * values, minlength=SCRAMBLES), np.float64)


def compare(settled: Settled, targets: Iterable[tuple[str, TargetTerms]], cover: Cover) -> Comparison:
    """Compare what was published with the settled sample, figure by figure."""
    stated = list(targets)
    found = [None if target.of == "largest" else _figure(settled, target, cover) for _, target in stated]
    influences = [None if each is None else each.influence(settled, cover.person_years) for each in found]
    luck = np.array([[_together(settled, cover, one, other) for other in influences] for one in influences])
    np.fill_diagonal(luck, [1.0 if each is None else v for each, v in zip(found, np.diag(luck), strict=True)])
    compared = tuple(
        _largest(settled, name, target, cover)
        if each is None
        else _compared(name, target, each.told(settled), sqrt(variance))
        for (name, target), each, variance in zip(stated, found, np.diag(luck), strict=True)
    )
    return Comparison(compared, luck)


def _together(settled: Settled, cover: Cover, one: Floats | None, other: Floats | None) -> float:
    """Covariance of two figures of one realisation."""
    if one is None or other is None:
        return 0.0
    return cover.person_years * float(_means(settled, one * other).mean())


def _compared(name: str, target: TargetTerms, told: tuple[float, float], luck: float) -> Compared:
    value, low, high = target.parsed
    return Compared(name, value.number, low, high, told[0], (high - low) / sqrt(12), luck, told[1])


def _figure(settled: Settled, target: TargetTerms, cover: Cover) -> _Figure:
    """What a published figure is a mean of."""
    unit, years = target.parsed[0].unit, cover.person_years
    if target.of in ("beneficiaries", "above") and unit in ("count", "rate"):
        return _Figure(_counted(settled, target), None, years / (cover.persons if unit == "rate" else 1.0))
    if target.of in ("loss-ratio", "benefit-per-insured"):
        paid = settled.per_person(settled.claim) / _FEN
        return _Figure(paid, None, 1.0 / cover.premium if target.of == "loss-ratio" else years / cover.persons)
    return _Figure(*_ratio(settled, target), 1.0)


def _counted(settled: Settled, target: TargetTerms) -> Floats:
    """(n,) persons, or person-times, whose payment lies above the target's amount; above nothing, without one."""
    fen = 0 if target.amount is None else target.above_fen
    if target.count == "persons":
        return (settled.per_person(settled.claim) > fen).astype(np.float64)
    return settled.per_person(settled.claim > fen)


def _ratio(settled: Settled, target: TargetTerms) -> tuple[Floats, Floats]:
    """(n,) numerator and denominator of a figure per beneficiary, person or time."""
    paid = settled.per_person(settled.claim)
    if target.of == "reimbursement":
        levels = np.array([target.care is None or level in target.care for level in settled.levels])
        chosen = levels[settled.cell]
        return (
            settled.per_person(settled.reimbursed * chosen) * (paid > 0),
            settled.per_person(settled.gross * chosen) * (paid > 0),
        )
    beneficiaries = (
        (paid > 0).astype(np.float64) if target.count == "persons" else settled.per_person(settled.claim > 0)
    )
    return (paid / _FEN if target.of == "mean-benefit" else _counted(settled, target)), beneficiaries


def _largest(settled: Settled, name: str, target: TargetTerms, cover: Cover) -> Compared:
    value = target.parsed[0].number
    amounts, weights, scramble = _payments(settled, target)
    above = np.bincount(scramble, weights * (amounts >= value), minlength=SCRAMBLES) * cover.person_years
    expected, error = float(above.mean()), float(above.std(ddof=1) / sqrt(SCRAMBLES))
    low, median, high = (_largest_at(amounts, weights, cover, p) for p in (0.025, 0.5, 0.975))
    score = largest_score(expected)
    slope = exp(-0.5 * score**2) / sqrt(2 * np.pi)
    simulation = error * exp(-expected) / slope if slope > 0 else 0.0
    return Compared(
        name, value, value, value, median, 0.0, 1.0, simulation, score / sqrt(1.0 + simulation**2), (low, high)
    )


def largest_score(expected: float) -> float:
    """The normal score of a largest payment that ``expected`` payments reach on average: z of exp(-expected).

    Of a capped payment the probability that the largest stays below the cap.
    """
    expected = min(max(expected, _EXPECTED[0]), _EXPECTED[1])
    if expected > log(2):
        return float(special.ndtri_exp(-expected))
    return -float(special.ndtri(-np.expm1(-expected)))


def _payments(settled: Settled, target: TargetTerms) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Payments in yuan, of persons or of times, with weights and scramblings."""
    if target.count == "persons":
        return settled.per_person(settled.claim) / _FEN, settled.weights, settled.scramble
    bills = np.diff(settled.starts, append=len(settled.claim))
    return settled.claim / _FEN, np.repeat(settled.weights, bills), np.repeat(settled.scramble, bills)


def _largest_at(amounts: Floats, weights: Floats, cover: Cover, p: float) -> float:
    """The amount that the largest payment does not exceed with probability p."""
    order = np.argsort(amounts)[::-1]
    above = np.cumsum(weights[order]) / SCRAMBLES * cover.person_years
    place = int(np.searchsorted(above, -log(p)))
    return float(amounts[order[min(place, len(order) - 1)]])
