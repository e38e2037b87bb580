"""Cost families fitted to grouped tables (分组数据): numbers by band, and what the persons of a band have together.

Per year, with n_b persons and mean amount m_b in band b:

log L = Σ n_b·log P(band b) - n·log P(X > lowest) + Σ log f(m_b given n_b).

The mean of a closed band is normal about E[X | band] with variance Var[X | band]/n_b (central limit; bands with fewer
than five persons give their number only). That of the open last band is gamma with these two moments, because a mean
of few dear cases is skew; a distribution without variance there gets no likelihood. Where several years are told,
amounts grow at one rate, which is fitted with the rest: the distribution is that of the last year.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError
from scipy import special

from fundsim.calibration.bands import Bands
from fundsim.calibration.errors import FitError
from fundsim.calibration.families import BODIES, Model, Parameter, model, spread_of
from fundsim.calibration.fit import Fit
from fundsim.calibration.likelihood import probability_between
from fundsim.calibration.maximum import maximise
from fundsim.calibration.observations import Observations
from fundsim.calibration.splice import spliced_model
from fundsim.calibration.stop_loss import Curve
from fundsim.severity import SeverityFamily

Floats = npt.NDArray[np.float64]

FEWEST_FOR_MEAN: Final = 5
"""Persons in a band whose mean amount enters the likelihood."""
GROWTH: Final = Parameter("growth", "identity")
"""Log growth of amounts a year, where several years are told."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_TAIL_NODES, _TAIL_WEIGHTS = np.polynomial.legendre.leggauss(8)
_NEAR: Final = 12
_FAR: Final = 110
"""Octaves about the mean excess: a tail of index 0.45 is then cut off at a ten-millionth of its second moment."""


class GroupedLikelihood:
    """The log-likelihood of grouped tables, as a function of the last year's distribution and log growth a year."""

    def __init__(self, bands: Bands, *, amounts: bool = True) -> None:
        self.bands = bands
        self.persons = float(bands.persons.sum())
        last = bands.years[-1]
        self._back = (last - bands.year).astype(np.float64)
        self._told = amounts & np.isfinite(bands.amount) & (bands.persons >= FEWEST_FOR_MEAN)
        self._lowest = np.array([bands.low[bands.year == year].min() for year in bands.year])

    @property
    def means(self) -> int:
        """Mean amounts that enter."""
        return int(self._told.sum())

    def __call__(self, severity: SeverityFamily, log_growth: float = 0.0) -> float:
        """Return log L, -inf where the distribution cannot have made the table."""
        bands, up = self.bands, np.exp(log_growth * self._back)
        low, high, lowest = bands.low * up, bands.high * up, self._lowest * up
        with np.errstate(all="ignore"):
            inside = probability_between(severity, low, high)
            total = float(np.sum(special.xlogy(bands.persons, inside)))
            total -= float(np.dot(bands.persons, np.log(severity.survival(lowest))))
            total += float(np.sum(self._of_means(severity, low, high, inside, up)))
        return total if np.isfinite(total) else -np.inf

    def _of_means(self, severity: SeverityFamily, low: Floats, high: Floats, inside: Floats, up: Floats) -> Floats:
        told = self._told
        if not told.any():
            return np.zeros(1)
        n = self.bands.persons[told]
        mean = self.bands.amount[told] / n
        about, variance = moments_above(severity, low[told], high[told], inside[told])
        about, variance = about / up[told], variance / up[told] ** 2 / n
        excess = mean - self.bands.low[told]
        normal = -0.5 * (excess - about) ** 2 / variance - 0.5 * np.log(2.0 * math.pi * variance)
        shape = about**2 / variance
        gamma = shape * np.log(shape / about) + (shape - 1.0) * np.log(excess) - shape * excess / about
        gamma -= special.gammaln(shape)
        found = np.where(np.isposinf(high[told]), gamma, normal)
        return np.where(np.isfinite(found), found, -np.inf)


def moments_above(severity: SeverityFamily, low: Floats, high: Floats, inside: Floats) -> tuple[Floats, Floats]:
    """Mean of X - low and variance of X, given that X lies in each band (k,); infinite where there is no variance.

    Closed bands: ∫ (S(x) - S(high)) dx and ∫ 2(x - low)(S(x) - S(high)) dx by 48 Gauss-Legendre nodes. Open bands:
    2·∫ E[max(X - x, 0)] dx from the bound on, octave by octave.
    """
    first, second = np.empty_like(low), np.empty_like(low)
    closed = np.isfinite(high)
    if closed.any():
        half = (high[closed] - low[closed])[:, None] / 2.0
        x = low[closed][:, None] + half * (1.0 + _NODES)
        beyond = severity.survival(x) - severity.survival(high[closed])[:, None]
        first[closed] = np.sum(half * _WEIGHTS * beyond, axis=1) / inside[closed]
        second[closed] = np.sum(half * _WEIGHTS * 2.0 * (x - low[closed][:, None]) * beyond, axis=1) / inside[closed]
    for place in np.flatnonzero(~closed):
        first[place] = float(severity.stop_loss(low[place])) / inside[place]
        second[place] = _second_moment_beyond(severity, float(low[place]), float(inside[place]))
    return first, np.maximum(second - first**2, np.finfo(float).tiny)


def _second_moment_beyond(severity: SeverityFamily, low: float, inside: float) -> float:
    """E[(X - low)² given X > low]; infinite where the variance is."""
    if not math.isfinite(severity.variance()):
        return math.inf
    tail = severity.closed_tail()
    if tail is not None and low >= tail.threshold:
        scale = tail.scale + tail.index * (low - tail.threshold)
        return float(2.0 * scale**2 / ((1.0 - tail.index) * (1.0 - 2.0 * tail.index)))
    edges = float(severity.stop_loss(low)) / inside * np.append(0.0, 2.0 ** np.arange(-_NEAR, _FAR))
    half = (edges[1:] - edges[:-1])[:, None] / 2.0
    x = low + edges[:-1, None] + half * (1.0 + _TAIL_NODES)
    return 2.0 * float(np.sum(half * _TAIL_WEIGHTS * severity.stop_loss(x))) / inside


@dataclass(frozen=True, eq=False)
class GroupedFit:
    """A family fitted to a grouped table."""

    fit: Fit
    """Without the growth, whose error is in its covariance all the same."""
    growth: float
    """Of amounts a year, as a fraction."""
    growth_se: float | None
    """None where one year is told."""
    chi_square: float
    """Pearson's distance of the numbers, and the squared scores of the mean amounts."""
    degrees: int
    p: float | None
    """None where nothing is left to test."""
    curve: Curve
    """Stop-loss premiums at the bands' ends, in the last year."""
    frame_of_bands: Any = field(repr=False)
    """Seen and told, band by band."""


def grouped_model(name: str, lowest: float) -> Model:
    """A family by name; a tail alone begins at the lowest band; ``spliced NAME@THRESHOLD`` is a continuous splice."""
    if name.startswith("spliced "):
        body, _, threshold = name.removeprefix("spliced ").partition("@")
        return spliced_model(model(body), float(threshold), continuous=True)
    return model(name, above=lowest)


def fit_grouped(name: str, bands: Bands, *, amounts: bool = True) -> GroupedFit:
    """Fit one family to a grouped table.

    Args:
        name: a family; ``spliced lognormal@50000`` continues the body with a Pareto tail above 50,000 yuan.
        bands: the table.
        amounts: whether mean amounts enter.

    Raises:
        FitError: too few bands for the family, or no maximum.
    """
    likelihood = GroupedLikelihood(bands, amounts=amounts)
    lowest = float(bands.low.min())
    chosen = grouped_model(name, lowest)
    several = len(bands.years) > 1
    free = len(chosen.parameters) + several
    told = len(bands.low) - len(bands.years) + likelihood.means
    if told < free:
        why = f"{told} numbers and mean amounts cannot bear the {free} parameters of {name}"
        raise FitError(why, "take a family with fewer parameters")

    def within(theta: Floats) -> float:
        if not np.all(np.abs(theta) < 100.0):
            return -np.inf
        severity = chosen.severity(theta[: len(chosen.parameters)])
        return likelihood(severity, float(theta[-1]) if several else 0.0)

    starts = [np.append(start, [0.0] * several) for start in _starts(name, chosen, bands)]
    found = maximise(within, likelihood.persons, starts, f"{name} to bands")
    size = len(chosen.parameters)
    try:
        severity = chosen.finished(found.theta[:size])
    except ValidationError as error:
        why = "; ".join(each["msg"] for each in error.errors())
        raise FitError(f"{name}: {why}", "such costs cannot be priced: take another family") from None
    fitted = Fit(
        replace(chosen, name=name), found.theta[:size], found.covariance[:size, :size], found.value, likelihood.persons,
        severity, found.distance,
    )  # fmt: skip
    log_growth = float(found.theta[-1]) if several else 0.0
    se = math.exp(log_growth) * math.sqrt(found.covariance[-1, -1]) if several else None
    return _measured(fitted, bands, likelihood, log_growth, se, free)


def _starts(name: str, chosen: Model, bands: Bands) -> list[Floats]:
    points = Observations.bands(bands.low, bands.high, bands.persons)
    wide = spread_of(points)
    spreads = (wide, replace(wide, log_sd=0.6 * wide.log_sd))  # the second where the first has no variance
    if not name.startswith("spliced "):
        return [chosen.working(start) for spread in spreads for start in chosen.starts(spread)[:1]]
    body = model(name.removeprefix("spliced ").partition("@")[0])
    return [chosen.working([*body.starts(wide)[0], index]) for index in (0.2, 0.4)]


def _measured(
    fitted: Fit, bands: Bands, likelihood: GroupedLikelihood, log_growth: float, se: float | None, free: int
) -> GroupedFit:
    import pandas as pd

    up = np.exp(log_growth * likelihood._back)
    severity = fitted.model.severity(fitted.theta)
    low, high = bands.low * up, bands.high * up
    inside = probability_between(severity, low, high)
    whole = np.array([bands.persons[bands.year == year].sum() for year in bands.year])
    expected = whole * inside / severity.survival(likelihood._lowest * up)
    about, variance = moments_above(severity, low, high, inside)
    mean_told = bands.low + about / up
    mean_se = np.sqrt(variance / np.maximum(bands.persons, 1.0)) / up
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(bands.persons > 0, bands.amount / bands.persons, np.nan)
        score = np.where(likelihood._told, (mean - mean_told) / mean_se, np.nan)
        of_numbers = float(np.sum((bands.persons - expected) ** 2 / expected))
    chi = of_numbers + float(np.nansum(score**2))
    degrees = len(bands.low) - len(bands.years) + likelihood.means - free
    columns = {
        "year": bands.year, "low": bands.low, "high": bands.high, "persons": bands.persons, "expected": expected,
        "mean": mean, "mean_fitted": mean_told, "mean_score": score,
    }  # fmt: skip
    p = float(special.chdtrc(degrees, chi)) if degrees > 0 else None
    curve = _curve(fitted, bands, variance / up**2)
    return GroupedFit(fitted, math.expm1(log_growth), se, chi, degrees, p, curve, pd.DataFrame(columns))


def _curve(fitted: Fit, bands: Bands, variance: Floats) -> Curve:
    """Stop-loss premiums of the last year at its bands' ends: seen exactly, as amounts less d times persons above."""
    last = bands.year == bands.years[-1]
    low, persons, amount, spread = bands.low[last], bands.persons[last], bands.amount[last], variance[last]
    n, start = float(persons.sum()), float(low.min())
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(persons > 0, amount / persons, 0.0)
    rows = []
    for place, d in enumerate(low):
        above = np.arange(len(low)) >= place
        total = float(np.sum((amount - d * persons)[above & (persons > 0)]))
        square = float(np.sum((persons * ((mean - d) ** 2 + spread))[above & (persons > 0)]))
        seen = total / n
        error = math.sqrt(max(square / n - seen**2, 0.0) / n)
        value, se = fitted.of(lambda s, d=d: float(s.stop_loss(d)) / float(s.survival(start)))  # type: ignore[misc]
        rows.append((float(persons[above].sum()), seen, error, value, se))
    return Curve(low, *np.array(rows).T)


@dataclass(frozen=True, eq=False)
class GroupedComparison:
    """Families fitted to one table, ranked as those of records: what prices first, then AIC."""

    fits: tuple[GroupedFit, ...]
    failed: Mapping[str, str]

    @property
    def best(self) -> GroupedFit:
        """The first of the ranking."""
        return self.fits[0]

    def frame(self, lang: str = "en") -> Any:
        """One row per family; a pandas DataFrame."""
        import pandas as pd

        rows = [
            {
                "family": each.fit.name,
                "parameters": len(each.fit.theta) + (each.growth_se is not None),
                "aic": each.fit.aic,
                "aic_off": each.fit.aic - self.best.fit.aic,
                "chi_square": each.chi_square,
                "degrees": each.degrees,
                "p": each.p,
                "verdict": each.curve.verdict(lang),
            }
            for each in self.fits
        ]
        rows += [{"family": name, "verdict": f"no fit: {why}"} for name, why in self.failed.items()]
        return pd.DataFrame(rows).set_index("family")


def compare_grouped(
    bands: Bands, families: Iterable[str] | None = None, thresholds: Sequence[float] = ()
) -> GroupedComparison:
    """Fit families to a grouped table and rank them.

    Args:
        bands: the table.
        families: bodies from zero, and the (generalised) Pareto where the lowest band begins above zero, by default.
        thresholds: also splices of a lognormal body with a continuous tail above these.

    Raises:
        FitError: no family can be fitted.
    """
    lowest = float(bands.low.min())
    names = (
        list(families) if families is not None else [*BODIES, *(["generalised-pareto", "pareto"] if lowest > 0 else [])]
    )
    names += [f"spliced lognormal@{threshold:g}" for threshold in thresholds]
    found: list[GroupedFit] = []
    failed: dict[str, str] = {}
    for name in names:
        try:
            found.append(fit_grouped(name, bands))
        except FitError as error:
            failed[name] = error.why
    if not found:
        raise FitError("no family can be fitted to the table", "; ".join(f"{n}: {why}" for n, why in failed.items()))
    found.sort(key=lambda each: (bool(each.curve.wrong.any()), each.fit.aic))
    return GroupedComparison(tuple(found), failed)
