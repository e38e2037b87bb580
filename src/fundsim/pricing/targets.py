"""What a price is to bring about (定价目标): a condition on the contract's results over its term, as text.

    E[insurer_result] = 0                  E[loss_ratio] = 95%               E[insurer_result] >= 2% of premium
    P(insurer_result<0) <= 5%              P(loss > 2% of premium) <= 1%     P(loss_ratio > 110%) <= 10%
    VaR95(loss) <= 0                       p05(insurer_result) >= -50 万元    TVaR95(loss) <= 3% of premium

``E`` is the mean over replications (of a ratio, that of totals), ``VaR`` and ``p`` percentiles, ``TVaR`` the mean of
the worst part above a percentile; ``loss`` is the insurer's result after real cost, turned round. A percentile is a
probability in other words: VaR95(loss) <= c says P(loss > c) <= 5%. So there are three kinds: mean, chance and tail.

Errors: of means and ratios as everywhere (:mod:`fundsim.estimates`); of the tail by its influence function,
(Y - q)+ / (1 - level) + q - TVaR (Acerbi and Tasche, *Journal of Banking and Finance* 26, 2002; Manistre and Hancock,
*North American Actuarial Journal* 9, 2005).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction
from operator import ge, gt, le, lt
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from fundsim.contracts import MEASURES
from fundsim.estimates import mean_of, ratio_of
from fundsim.precision import TargetError
from fundsim.pricing.figures import FIGURES, LOSS, RATIOS, Floats, TermFigures

EXAMPLES: Final = "'E[insurer_result] = 0', 'P(insurer_result<0) <= 5%' or 'TVaR95(loss) <= 3% of premium'"
_TARGET = re.compile(
    r"\s*(?P<what>E|P|T?VaR|[pq])\s*(?P<level>\d+(?:\.\d+)?)?\s*[\[(]\s*(?P<inner>.+?)\s*[\])]"
    r"\s*(?P<sign><=|>=|≤|≥|==|=|<|>)\s*(?P<limit>.+?)\s*"
)
_EVENT = re.compile(r"(?P<figure>\w+)\s*(?P<sign><=|>=|≤|≥|<|>)\s*(?P<limit>.+)")
_LIMIT = re.compile(r"(?P<number>[+-]?\d[\d,]*(?:\.\d+)?)\s*(?P<unit>\D*)")
_MONEY: Final = {"yuan": 1, "元": 1, "万元": 10**4, "亿元": 10**8, "million yuan": 10**6, "billion yuan": 10**9}
_OF_PREMIUM: Final = "% of premium"
_COMPARE: Final[dict[str, Callable[[Floats, Floats], npt.NDArray[np.bool_]]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_CALLED: Final = {"insurer_loss": "insurer_result<0", "deficit": "surplus<0", "return": "surplus_return>0"}
"""Probabilities of a run, by what happens."""

Sign = Literal["<=", ">=", "="]


@dataclass(frozen=True)
class Amount:
    """A limit: an amount of money, a part of the premium, or a share."""

    number: float
    unit: str
    """``yuan`` and its multiples, ``% of premium``, or ``%``."""

    def of(self, figures: TermFigures) -> Floats:
        """(r,) the limit in yuan, or as a fraction."""
        if self.unit == _OF_PREMIUM:
            return figures.premium * (self.number / 100)
        scale = 0.01 if self.unit == "%" else _MONEY[self.unit]
        return np.full(len(figures.premium), self.number * scale)


@dataclass(frozen=True, eq=False)
class Reading:
    """What a target's figure is at one value."""

    excess: float
    """Above the limit: in yuan, or as a probability."""
    influence: Floats
    """(r,) of each replication on the excess, of mean zero."""
    own: Floats
    """(r,) by how much the replication itself is beyond the limit (of a chance: of its event), in yuan."""
    value: float
    """The figure in the unit of the limit."""
    se: float | None
    """Its standard error, in the same unit."""
    batch: int | None

    @property
    def error(self) -> float | None:
        """The standard error of the excess."""
        return mean_of(self.influence, batch=self.batch).se


@dataclass(frozen=True)
class Condition:
    """One target of a price."""

    text: str
    kind: Literal["mean", "chance", "tail"]
    figure: str
    sign: Sign
    limit: Amount
    """Of a chance: the percentage of replications."""
    level: float = 0.0
    """Of a tail, 0 to 1."""
    event: tuple[str, Amount] | None = None
    """Of a chance: what happens to the figure."""

    @property
    def unit(self) -> str:
        """The unit in which the figure is told."""
        return "%" if self.kind == "chance" else self.limit.unit

    def directed(self, excess: float) -> Condition:
        """The condition as a bound, where it is an equation: on the side of a value with this excess."""
        return self if self.sign != "=" else replace(self, sign="<=" if excess <= 0 else ">=")

    def holds(self, reading: Reading) -> bool:
        """Whether a bound holds, rounding of floating point apart."""
        slack = 1e-12 if self.kind == "chance" else 1e-6
        return reading.excess <= slack if self.sign == "<=" else reading.excess >= -slack

    def measured(self, figures: TermFigures) -> Reading:
        """Read the figure of a settled term."""
        if self.kind == "chance":
            return self._chance(figures)
        return self._tail(figures) if self.kind == "tail" else self._mean(figures)

    def _mean(self, figures: TermFigures) -> Reading:
        if self.figure in RATIOS:
            above, below = figures.ratio(self.figure)
            beyond, told = above - below * (self.limit.number / 100), ratio_of(above, below, batch=figures.batch)
            scale = 100.0
        elif self.limit.unit == _OF_PREMIUM:
            of, premium = figures.yuan(self.figure), figures.premium
            beyond, told = of - self.limit.of(figures), ratio_of(of, premium, batch=figures.batch)
            scale = 100.0
        else:
            of = figures.yuan(self.figure)
            beyond, told = of - self.limit.of(figures), mean_of(of, batch=figures.batch)
            scale = 1 / _MONEY[self.limit.unit]
        value, se = (None if each is None else each * scale for each in (told.mean, told.se))
        excess = float(beyond.mean())
        return Reading(excess, beyond - excess, beyond, np.nan if value is None else value, se, figures.batch)

    def _chance(self, figures: TermFigures) -> Reading:
        assert self.event is not None
        sign, limit = self.event
        if self.figure in RATIOS:
            of, premium = figures.ratio(self.figure)
            bound = premium * (limit.number / 100)
        else:
            of, bound = figures.yuan(self.figure), limit.of(figures)
        happened = _COMPARE[sign](of, bound).astype(np.float64)
        p = float(happened.mean())
        own = of - bound if sign in (">", ">=") else bound - of
        influence = happened - p
        error = mean_of(influence, batch=figures.batch).se
        se = None if error is None else 100 * error
        return Reading(p - self.limit.number / 100, influence, own, 100 * p, se, figures.batch)

    def _tail(self, figures: TermFigures) -> Reading:
        bound = self.limit.of(figures)
        beyond = figures.yuan(self.figure) - bound
        excess, influence = tail_mean(beyond, self.level)
        scale = 100 / figures.premium.mean() if self.limit.unit == _OF_PREMIUM else 1 / _MONEY[self.limit.unit]
        error = mean_of(influence, batch=figures.batch).se
        value = (excess + float(bound.mean())) * scale
        return Reading(excess, influence, beyond, value, None if error is None else error * scale, figures.batch)


def tail_mean(values: Floats, level: float) -> tuple[float, Floats]:
    """Return the mean of the worst 1 - level of a sample (TVaR), and each value's influence on it."""
    quantile = float(np.quantile(values, level, method="inverted_cdf"))
    above = np.maximum(values - quantile, 0) / (1 - level)
    tail = quantile + float(above.mean())
    return tail, above + quantile - tail


# --- reading ----------------------------------------------------------------------------------------------------


def read_target(text: str) -> Condition:
    """Read a target.

    Raises:
        TargetError: it does not follow the grammar, or speaks of a figure that there is not.
    """
    match = _TARGET.fullmatch(text)
    if match is None:
        raise TargetError(f"'{text}' is not a target of a price; write one such as {EXAMPLES}")
    what, sign = match["what"], _sign(text, match["sign"])
    if what == "P":
        return _chance_of(text, match["inner"], sign, match["limit"], match["level"])
    if what == "E":
        if match["level"]:
            raise TargetError(f"'{text}': a mean has no level; write E[{match['inner']}]")
        figure = _figure(text, match["inner"])
        return Condition(_tidy(text), "mean", figure, sign, _amount(text, match["limit"], figure))
    level = _level(text, what, match["level"])
    figure = _figure(text, match["inner"])
    limit = _amount(text, match["limit"], figure)
    if what == "TVaR":
        if figure in RATIOS:
            raise TargetError(f"'{text}': a tail is a mean of amounts, not of a ratio; write TVaR95(claims_paid)")
        return Condition(_tidy(text), "tail", figure, sign, limit, level=level)
    return _percentile(text, figure, sign, limit, level)


def _percentile(text: str, figure: str, sign: Sign, limit: Amount, level: float) -> Condition:
    """A percentile in the words of a probability: at most c means that more than c has at most the rest."""
    if sign == ">=":
        return Condition(_tidy(text), "chance", figure, "<=", Amount(100 * level, "%"), event=("<", limit))
    rest = Amount(round(100 * (1 - level), 10), "%")
    return Condition(_tidy(text), "chance", figure, sign, rest, event=(">", limit))


def _chance_of(text: str, inner: str, sign: Sign, limit: str, level: str | None) -> Condition:
    event = _EVENT.fullmatch(_CALLED.get(inner.strip(), inner.strip()))
    if level or event is None:
        raise TargetError(f"'{text}': '{inner}' is no event; write P(insurer_result<0) or P(loss > 2% of premium)")
    figure = _figure(text, event["figure"])
    share = _LIMIT.fullmatch(limit)
    if share is None or share["unit"].strip() != "%" or not 0 <= _number(share["number"]) < 100:
        raise TargetError(f"'{text}': '{limit}' is no probability; write a percentage such as 5%")
    sign_of = event["sign"].replace("≤", "<=").replace("≥", ">=")
    bound = _amount(text, event["limit"], figure)
    return Condition(_tidy(text), "chance", figure, sign, Amount(_number(share["number"]), "%"), event=(sign_of, bound))


def _sign(text: str, sign: str) -> Sign:
    if sign in ("<", ">"):
        raise TargetError(f"'{text}': write {sign}= for '{sign}', the limit itself is allowed")
    return "<=" if sign in ("<=", "≤") else ">=" if sign in (">=", "≥") else "="


def _level(text: str, what: str, level: str | None) -> float:
    if level is None or not 0 < float(level) < 100:
        raise TargetError(f"'{text}': {what} needs a level between 0 and 100; write {what}95(loss)")
    return float(level) / 100


def _figure(text: str, name: str) -> str:
    if name not in FIGURES:
        near = get_close_matches(name, FIGURES, 2) or ("insurer_result", LOSS)
        raise TargetError(
            f"'{text}': a price has no figure '{name}'; write {' or '.join(near)}, or another of: "
            f"{', '.join((*RATIOS, LOSS, *MEASURES))}"
        )
    return name


def _amount(text: str, limit: str, figure: str) -> Amount:
    match = _LIMIT.fullmatch(limit.strip())
    units = ("%",) if figure in RATIOS else (*_MONEY, _OF_PREMIUM)
    if match is None:
        raise TargetError(f"'{text}': '{limit}' is no limit; write {_example(figure, '1')}")
    unit, number = " ".join(match["unit"].split()), _number(match["number"])
    if not unit and number == 0 and figure not in RATIOS:
        unit = "yuan"
    if unit not in units:
        why = f"'{unit}' does not suit {figure}" if unit else f"'{limit}' has no unit"
        raise TargetError(f"'{text}': {why}; write {_example(figure, match['number'])}")
    return Amount(number, unit)


def _example(figure: str, number: str) -> str:
    if figure in RATIOS:
        share = _number(number)
        return f"{100 * share if 0 < share <= 2 else share:g}%"
    return f"{number} yuan, {number} 万元 or {number}% of premium"


def _number(text: str) -> float:
    return float(Fraction(text.replace(",", "")))


def _tidy(text: str) -> str:
    return " ".join(text.split())
