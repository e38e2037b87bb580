"""How many admissions a person has in a year (住院次数): Poisson, mixed Poisson, or at most one.

A family reaches the kernel as thresholds on a uniform 32-bit integer, and, where persons share a mixing variable, as
that variable by inverse distribution function. To add a family: a subclass here and a line in ``FREQUENCIES``.
"""

from __future__ import annotations

import functools
import math
import operator
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field
from scipy import special

from fundsim.errors import UsersError
from fundsim.terms import Frequency, Number, Terms, problem

Floats = npt.NDArray[np.float64]
Thresholds = npt.NDArray[np.uint64]

WORD: Final = 1 << 32
"""Number of values of the uniform integer that picks a count."""
MOST_THRESHOLDS: Final = 64
"""Longest table of thresholds; a person has at most 63 admissions a year."""


class FrequencyError(UsersError, ValueError):
    """A frequency that cannot be sampled: too many admissions, or a probability above one; ``why``, and ``instead``."""

    def __init__(self, why: str, instead: str) -> None:
        super().__init__(why, instead)
        self.why = why
        self.instead = instead

    def __str__(self) -> str:
        return f"{self.why}; {self.instead}"


def _not_negative(value: float) -> float:
    if value < 0:
        raise problem("negative", f"a frequency of {value:g} is negative", "write a frequency of zero or more")
    return value


def _at_most_one(value: float) -> float:
    if value > 1:
        raise problem(
            "at_most_one",
            f"with at most one event a year, {value:g} per person is more than everybody",
            "write at most 1 per person, or use family poisson",
        )
    return value


def _spread(value: float) -> float:
    if not 0.001 <= value <= 100:
        raise problem(
            "coefficient_of_variation",
            f"a coefficient of variation of {value:g} is no spread that a mixing variable can have",
            "write a number above zero, such as 0.05, or use family poisson",
        )
    return value


Mean = Annotated[Frequency, AfterValidator(_not_negative)]


class FrequencyFamily(Terms, ABC):
    """The number N of admissions of one person in one year.

    ``multiplier`` scales the mean for a group, a replication's level, or a draw of the shared mixing variable.
    ``pmf``, ``mean`` and ``variance`` speak of one person unconditionally, ``count_thresholds`` of one person given
    what is shared.
    """

    family: str
    stated_mean: Mean = Field(alias="mean")
    """Events per person and year (人均次数)."""

    def mean(self, multiplier: float = 1.0) -> float:
        """E[N]."""
        return self.stated_mean * multiplier

    @abstractmethod
    def variance(self, multiplier: float = 1.0) -> float:
        """Var[N] of one person."""

    @abstractmethod
    def pmf(self, k: npt.ArrayLike, multiplier: float = 1.0) -> Floats:
        """P(N = k) of one person, for whole k >= 0."""

    def shared_by(self) -> Literal["group", "pool"] | None:
        """Who shares one draw of ``level`` in a replication; None where persons are independent."""
        return None

    def level(self, u: npt.ArrayLike) -> Floats:
        """The shared mixing variable, of mean 1, at probability ``u``; always 1 where nothing is shared."""
        return np.ones_like(np.asarray(u, dtype=np.float64))

    def count_thresholds(self, multiplier: float = 1.0) -> Thresholds:
        """Thresholds T[k] = round(2**32·P(N <= k)): a uniform 32-bit integer w means the count #{k: T[k] <= w}.

        The last entry is 2**32, which no w reaches; a count beyond it has a probability below 2**-33. The mean of what
        is drawn is within 2e-9 of the family's (measured over 15,000 laws: 1.6e-9 at worst, with 60 thresholds, and
        about 2e-10 for a tenth of an admission per person).

        Raises:
            FrequencyError: more than 64 thresholds would be needed.
        """
        (found,) = self.threshold_table(np.array([multiplier]))
        cut: Thresholds = found[: int(np.argmax(found == WORD)) + 1]
        return cut

    def threshold_table(self, multipliers: Floats) -> Thresholds:
        """(m, 64) thresholds for many multipliers, each row filled up with 2**32.

        Raises:
            FrequencyError: more than 64 thresholds would be needed, or a probability is above one.
        """
        below = self._cdf(np.arange(MOST_THRESHOLDS, dtype=np.float64), multipliers[:, None])
        thresholds: Thresholds = np.rint(below * WORD).astype(np.uint64)
        short = thresholds[:, -1] != WORD
        if short.any():
            largest = float(multipliers[short].max())
            raise FrequencyError(
                f"{self.family} with {self.mean(largest):g} events per person needs more than {MOST_THRESHOLDS - 1} "
                "events for one person in a year",
                "lower the mean, its multiplier or its spread",
            )
        return thresholds

    @abstractmethod
    def _cdf(self, k: Floats, multiplier: Floats) -> Floats:
        """P(N <= k) of one person given what is shared, for each multiplier (m, 1) and count (k,)."""


class Poisson(FrequencyFamily):
    """Admissions at a constant rate (泊松): P(N = k) = e^-m·m^k/k!.

    Written as ``{family: poisson, mean: 0.16 per person}``. SciPy: ``poisson(mu=m)``.
    """

    family: Literal["poisson"] = "poisson"

    def variance(self, multiplier: float = 1.0) -> float:
        return self.mean(multiplier)

    def pmf(self, k: npt.ArrayLike, multiplier: float = 1.0) -> Floats:
        count, mean = np.asarray(k, dtype=np.float64), self.mean(multiplier)
        return np.asarray(np.exp(special.xlogy(count, mean) - mean - special.gammaln(count + 1.0)))

    def _cdf(self, k: Floats, multiplier: Floats) -> Floats:
        return np.asarray(special.pdtr(k, self.stated_mean * multiplier))


class NegativeBinomial(FrequencyFamily):
    """Poisson given a gamma mixing variable of mean 1 and coefficient of variation ``cv`` (负二项).

    Written as ``{family: negative-binomial, mean: 0.16 per person, cv: 0.7, mixing: person}``. With mean m and
    r = 1/cv², one person's count is ``scipy.stats.nbinom(n=r, p=r/(r + m))`` with variance m + cv²·m², whoever shares
    the variable. What ``mixing`` decides is dependence: with ``person`` everybody has an own draw; with ``group`` or
    ``pool`` persons are Poisson given one draw for the group or for all insured, so that the total's coefficient of
    variation does not fall below cv. See Klugman, Panjer and Willmot, *Loss Models*, section 6.3 and Appendix B.2.1.4.
    """

    family: Literal["negative-binomial"] = "negative-binomial"
    cv: Annotated[Number, AfterValidator(_spread)]
    """Coefficient of variation of the mixing variable."""
    mixing: Literal["person", "group", "pool"]
    """Who shares one draw of the mixing variable."""

    def variance(self, multiplier: float = 1.0) -> float:
        mean = self.mean(multiplier)
        return mean + (self.cv * mean) ** 2

    def pmf(self, k: npt.ArrayLike, multiplier: float = 1.0) -> Floats:
        count, mean, r = np.asarray(k, dtype=np.float64), self.mean(multiplier), self.cv**-2
        log_choose = -np.log(count + r) - special.betaln(count + 1.0, r)
        return np.asarray(np.exp(log_choose - r * math.log1p(mean / r) + special.xlogy(count, mean / (r + mean))))

    def shared_by(self) -> Literal["group", "pool"] | None:
        return None if self.mixing == "person" else self.mixing

    def level(self, u: npt.ArrayLike) -> Floats:
        if self.mixing == "person":
            return super().level(u)
        r = self.cv**-2
        return np.asarray(special.gammaincinv(r, np.asarray(u, dtype=np.float64)) / r)

    def _cdf(self, k: Floats, multiplier: Floats) -> Floats:
        mean, r = self.stated_mean * multiplier, self.cv**-2
        if self.mixing != "person":
            return np.asarray(special.pdtr(k, mean))
        return np.asarray(special.betainc(r, k + 1.0, r / (r + mean)))


class AtMostOne(FrequencyFamily):
    """One event or none in a year (每年至多一次): for amounts that are already a person's whole year.

    Written as ``{family: at-most-one, mean: 12 per 1000 persons}``. SciPy: ``bernoulli(p=m)``.
    """

    family: Literal["at-most-one"] = "at-most-one"
    stated_mean: Annotated[Mean, AfterValidator(_at_most_one)] = Field(alias="mean")
    """Share of persons with an event in the year (发生率)."""

    def variance(self, multiplier: float = 1.0) -> float:
        probability = self._probability(multiplier)
        return probability * (1.0 - probability)

    def pmf(self, k: npt.ArrayLike, multiplier: float = 1.0) -> Floats:
        count, probability = np.asarray(k, dtype=np.float64), self._probability(multiplier)
        return np.where(count == 0, 1.0 - probability, np.where(count == 1, probability, 0.0))

    def _cdf(self, k: Floats, multiplier: Floats) -> Floats:
        self._probability(float(multiplier.max()))
        return np.where(k < 1, 1.0 - self.stated_mean * multiplier, 1.0)

    def _probability(self, multiplier: float) -> float:
        """The probability of an event, which must not be above one."""
        probability = self.mean(multiplier)
        if probability > 1:
            raise FrequencyError(
                f"at-most-one with mean {self.stated_mean:g} and multiplier {multiplier:g} is a probability of "
                f"{probability:g}",
                "lower the mean or the multiplier, or use family poisson",
            )
        return probability


FREQUENCIES: Final[dict[str, type[FrequencyFamily]]] = {
    "poisson": Poisson,
    "negative-binomial": NegativeBinomial,
    "at-most-one": AtMostOne,
}
"""Every family by the word after ``family:`` in a scenario file."""

if TYPE_CHECKING:
    FrequencyTerms: TypeAlias = FrequencyFamily
else:
    FrequencyTerms = Annotated[functools.reduce(operator.or_, FREQUENCIES.values()), Field(discriminator="family")]
"""The type of a field that takes any frequency."""
