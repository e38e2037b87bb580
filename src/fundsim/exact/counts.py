"""How many there are: counts (计数分布) by their generating functions, for claims as for persons.

Each gives log E[(1 + d)^N], written in d = z - 1 so that a million of them loses no digits near z = 1.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundsim.exact.errors import ExactError

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]


class Count(ABC):
    """A random whole number N >= 0."""

    mean: float
    """E[N]."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """Var[N]."""

    @abstractmethod
    def log_pgf(self, d: Complexes) -> Complexes:
        """The logarithm of E[(1 + d)^N] for |1 + d| <= 1, element by element."""

    @abstractmethod
    def log_mgf(self, d: Floats) -> Floats:
        """The same for real d, also above 0, where it is infinite if the expectation is."""


@dataclass(frozen=True)
class PoissonCount(Count):
    """Poisson (泊松): E[z^N] = exp(m·(z - 1))."""

    mean: float

    def __post_init__(self) -> None:
        _not_negative(self.mean)

    @property
    def variance(self) -> float:
        return self.mean

    def log_pgf(self, d: Complexes) -> Complexes:
        return self.mean * d

    def log_mgf(self, d: Floats) -> Floats:
        return self.mean * d


@dataclass(frozen=True)
class MixedPoissonCount(Count):
    """Negative binomial (负二项): Poisson given a gamma variable of mean 1 and coefficient of variation ``cv``.

    E[z^N] = (1 - m/r·(z - 1))^(-r) with r = 1/cv².
    """

    mean: float
    cv: float

    def __post_init__(self) -> None:
        _not_negative(self.mean)
        if not self.cv > 0:
            raise ExactError(
                f"a mixing variable cannot have the coefficient of variation {self.cv:g}; give one above 0"
            )

    @property
    def variance(self) -> float:
        return self.mean + (self.cv * self.mean) ** 2

    def log_pgf(self, d: Complexes) -> Complexes:
        r = self.cv**-2
        return np.asarray(-r * np.log1p(-self.mean / r * d))

    def log_mgf(self, d: Floats) -> Floats:
        r = self.cv**-2
        inside = self.mean / r * d
        return np.where(inside < 1.0, -r * np.log1p(-np.minimum(inside, 1.0 - 1e-15)), np.inf)


@dataclass(frozen=True)
class BinomialCount(Count):
    """Binomial (二项): each of ``n`` with ``probability``, as persons with at most one event a year.

    With probability 1 it is the number ``n`` itself.
    """

    n: int
    probability: float = 1.0

    def __post_init__(self) -> None:
        _not_negative(float(self.n))
        if not 0 <= self.probability <= 1:
            raise ExactError(f"{self.probability:g} is no probability; give one from 0 to 1")

    @property
    def mean(self) -> float:  # type: ignore[override]
        """E[N]."""
        return self.n * self.probability

    @property
    def variance(self) -> float:
        return self.n * self.probability * (1.0 - self.probability)

    def log_pgf(self, d: Complexes) -> Complexes:
        with np.errstate(divide="ignore"):
            return np.asarray(self.n * np.log1p(self.probability * d))

    def log_mgf(self, d: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(self.n * np.log1p(self.probability * d))


def _not_negative(mean: float) -> None:
    if not 0 <= mean < np.inf:
        raise ExactError(f"a count cannot have the mean {mean:g}; give a number from 0 on")
