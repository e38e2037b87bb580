"""Premium principles (保费原则): what a risk costs by the classical rules, from the claims of a simulation.

Each is a rule on the distribution of X, the claims per insured and year over the whole term. They give a risk premium
(风险保费): the insurer's running cost is not in it. Loadings are the caller's; the defaults only show the scale.

Distortion principles are H(X) = ∫ g(S(x)) dx with S(x) = P(X > x). From n values in order they are the sum of
(x_k+1 - x_k)·g(1 - k/n) above the smallest; errors are those of the mean of the influence of each value,
-∫ (1{X <= x} - F(x))·g'(S(x)) dx (Jones and Zitikis, *North American Actuarial Journal* 7, 2003).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from fundsim.estimates import NORMAL_95, mean_of, quantile_of
from fundsim.pricing.errors import PriceError
from fundsim.pricing.figures import Floats
from fundsim.pricing.targets import tail_mean

if TYPE_CHECKING:
    import pandas as pd

    from fundsim.results import Results


@dataclass(frozen=True)
class Quoted:
    """A premium by one principle, with its Monte Carlo standard error (None where the sample cannot tell)."""

    premium: float
    se: float | None


class Quote(Protocol):
    """A principle's rule: values of X, its parameter, and how many replications are stratified together."""

    def __call__(self, x: Floats, parameter: float, /, batch: int | None = None) -> Quoted: ...


@dataclass(frozen=True)
class Principle:
    """One rule, with the loading that it takes."""

    id: str
    zh: str
    formula: str
    source: str
    loading: float
    """The default of its one parameter."""
    allowed: tuple[float, float]
    """Between which values the parameter may lie, both excluded, but for zero at the lower end."""
    quote: Quote


def _with_error(premium: float, influence: Floats, batch: int | None) -> Quoted:
    return Quoted(premium, mean_of(influence, batch=batch).se)


def expected_value(x: Floats, loading: float, batch: int | None = None) -> Quoted:
    """(1 + θ)·E[X] (期望值原则): Bühlmann, *Mathematical Methods in Risk Theory*, 1970, chapter 4."""
    return _with_error((1 + loading) * float(x.mean()), (1 + loading) * x, batch)


def standard_deviation(x: Floats, loading: float, batch: int | None = None) -> Quoted:
    """E[X] + β·sd(X) (标准差原则): Bühlmann, *Mathematical Methods in Risk Theory*, 1970, chapter 4."""
    mean, sd = float(x.mean()), float(x.std(ddof=1))
    spread = ((x - mean) ** 2 - sd**2) / (2 * sd) if sd else np.zeros_like(x)
    return _with_error(mean + loading * sd, x + loading * spread, batch)


def percentile(x: Floats, level: float, batch: int | None = None) -> Quoted:
    """The smallest premium exceeded with probability 1 - level at most (分位数原则).

    Goovaerts, De Vylder and Haezendonck, *Insurance Premiums*, 1984. Its error is the width of the interval between two
    order statistics over 2·1.96 (conservative where replications are stratified).
    """
    found = quantile_of(x, level, stratified=batch is not None)
    se = None if found.lo is None or found.hi is None else (found.hi - found.lo) / (2 * NORMAL_95)
    return Quoted(float(np.quantile(x, level, method="inverted_cdf")), se)


def tail_value(x: Floats, level: float, batch: int | None = None) -> Quoted:
    """TVaR, the mean of the worst 1 - level (尾部均值原则): Acerbi and Tasche, *J. of Banking and Finance* 26, 2002."""
    tail, influence = tail_mean(x, level)
    return _with_error(tail, influence, batch)


def proportional_hazard(x: Floats, index: float, batch: int | None = None) -> Quoted:
    """∫ S(x)^(1/ρ) dx, ρ >= 1 (比例风险变换): Wang, *Insurance: Mathematics and Economics* 17, 1995."""
    return _distorted(x, lambda s: s ** (1 / index), lambda s: s ** (1 / index - 1) / index, batch)


def wang(x: Floats, shift: float, batch: int | None = None) -> Quoted:
    """∫ Φ(Φ⁻¹(S(x)) + λ) dx (王变换): Wang, *Journal of Risk and Insurance* 67, 2000."""
    return _distorted(
        x,
        lambda s: ndtr(ndtri(s) + shift),
        lambda s: np.exp(-shift * ndtri(s) - shift**2 / 2),
        batch,
    )


CAPITAL_LEVEL: Final = 0.99
"""Capital is what the premium lacks of the mean of the worst 1% of years."""


def cost_of_capital(x: Floats, rate: float, batch: int | None = None) -> Quoted:
    """H = E[X] + i·(TVaR99(X) - H), so H = (E[X] + i·TVaR99(X)) / (1 + i) (资本成本原则).

    The yearly return i on the capital that covers the worst 1% beyond the premium: the cost-of-capital rule of the
    Swiss Solvency Test, with its tail value at 99% over one year; 6% is its rate, and that of Solvency II (Delegated
    Regulation (EU) 2015/35, article 39).
    """
    tail, influence = tail_mean(x, CAPITAL_LEVEL)
    premium = (float(x.mean()) + rate * tail) / (1 + rate)
    return _with_error(premium, (x + rate * influence) / (1 + rate), batch)


def _distorted(
    x: Floats, distort: Callable[[Floats], Floats], slope: Callable[[Floats], Floats], batch: int | None
) -> Quoted:
    """A distortion principle and its error, from values in any order."""
    order = np.argsort(x, kind="stable")
    ordered, n = x[order], len(x)
    gaps, above = np.diff(ordered), 1 - np.arange(1, n) / n
    premium = float(ordered[0] + gaps @ distort(above))
    weighted = gaps * slope(above)
    reaches = np.concatenate([np.cumsum(weighted[::-1])[::-1], [0.0]])  # of x_k: the weights of all gaps above it
    influence = np.empty(n)
    influence[order] = -reaches
    return _with_error(premium, influence, batch)


_LISTED: Final = (
    Principle("expected-value", "期望值原则", "(1+θ)·E[X]", "Bühlmann 1970", 0.05, (0, 10), expected_value),
    Principle("standard-deviation", "标准差原则", "E[X] + β·sd(X)", "Bühlmann 1970", 0.5, (0, 10), standard_deviation),
    Principle("percentile", "分位数原则", "P(X > H) = 1 - level", "Goovaerts et al. 1984", 0.95, (0, 1), percentile),
    Principle("tvar", "尾部均值原则", "E[X | worst 1 - level]", "Acerbi, Tasche 2002", 0.9, (0, 1), tail_value),
    Principle("proportional-hazard", "比例风险变换", "∫ S^(1/ρ) dx", "Wang 1995", 1.5, (1, 20), proportional_hazard),
    Principle("wang", "王变换", "∫ Φ(Φ⁻¹(S) + λ) dx", "Wang 2000", 0.25, (0, 5), wang),
    Principle("cost-of-capital", "资本成本原则", "(E[X] + i·TVaR99)/(1+i)", "SST", 0.06, (0, 1), cost_of_capital),
)
PRINCIPLES: Final[dict[str, Principle]] = {each.id: each for each in _LISTED}
"""Every principle, in the order of the table."""


def premium_principles(results: Results, loadings: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return what a simulated scheme costs per head and year by every premium principle (yuan, risk premium).

    Args:
        results: of a simulation; the claims per head are those of the whole term, a year's average.
        loadings: parameters by principle, where they are not the defaults: ``{"percentile": 0.99}``.

    Returns:
        One row per principle, the pure premium first: ``zh``, ``parameter``, ``premium``, ``se`` (Monte Carlo),
        ``over_pure`` (loading over the pure premium, a share), ``formula``, ``source``.

    Raises:
        PriceError: an unknown principle, or a parameter outside its range.
    """
    import pandas as pd

    given = dict(loadings or {})
    for name, value in given.items():
        _check(name, value)
    x = results.values("pure_premium")
    assert x is not None
    pure = float(x.mean())
    rows: list[dict[str, object]] = [
        _row("pure", "纯保费", None, expected_value(x, 0.0, results.batch), pure, "E[X]", "")
    ]
    for name, each in PRINCIPLES.items():
        parameter = given.get(name, each.loading)
        quoted = each.quote(x, parameter, results.batch)
        rows.append(_row(name, each.zh, parameter, quoted, pure, each.formula, each.source))
    return pd.DataFrame(rows).set_index("principle")


def _row(
    name: str, zh: str, parameter: float | None, quoted: Quoted, pure: float, formula: str, source: str
) -> dict[str, object]:
    over = quoted.premium / pure - 1 if pure else None
    return {
        "principle": name, "zh": zh, "parameter": parameter, "premium": quoted.premium, "se": quoted.se,
        "over_pure": over, "formula": formula, "source": source,
    }  # fmt: skip


def _check(name: str, value: float) -> None:
    if name not in PRINCIPLES:
        raise PriceError(f"there is no premium principle '{name}'; there are {', '.join(PRINCIPLES)}")
    low, high = PRINCIPLES[name].allowed
    if not low <= value < high or (value == 0 and name in ("percentile", "tvar")):
        raise PriceError(f"{name}: {value:g} is out of range; write a number from {low:g} to below {high:g}")
