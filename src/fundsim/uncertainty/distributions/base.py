"""What every distribution of an uncertain input (不确定参数的分布) offers.

All methods are plain floats in the input's unit: factors and indices as they are, points as fractions (2pp is 0.02).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from fundsim.terms import Terms
from fundsim.uncertainty.quantity import Quantity, Unit, not_in_unit

Floats = npt.NDArray[np.float64]


class Distribution(Terms, ABC):
    """One distribution, by its quantile function in closed form.

    To add one: a file with a subclass, and a line in ``DISTRIBUTIONS``.
    """

    PLACES: ClassVar[tuple[str, ...]] = ()
    """The parameters (as written) that are values of the input, or lists of them."""
    WIDTHS: ClassVar[tuple[str, ...]] = ()
    """The parameters that are differences of such values."""
    CONTINUOUS: ClassVar[bool] = True
    """Whether it can be truncated."""

    family: str

    @abstractmethod
    def _ppf(self, u: Floats) -> Floats: ...

    @abstractmethod
    def _cdf(self, x: Floats) -> Floats: ...

    @abstractmethod
    def mean(self) -> float:
        """E[X]."""

    @abstractmethod
    def variance(self) -> float:
        """Var[X]."""

    def ppf(self, u: npt.ArrayLike) -> Floats:
        """The value that is not exceeded with probability ``u``, 0 < u < 1 (分位数)."""
        return np.asarray(self._ppf(np.asarray(u, dtype=np.float64)), dtype=np.float64)

    def cdf(self, x: npt.ArrayLike) -> Floats:
        """P(X <= x) (分布函数)."""
        return np.asarray(self._cdf(np.asarray(x, dtype=np.float64)), dtype=np.float64)

    def misfits(self, unit: Unit) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        """Parameters that are not written in the unit of the input: where, why, and what to write instead."""
        names = {field.alias or name: name for name, field in type(self).model_fields.items()}
        for key in (*self.PLACES, *self.WIDTHS):
            stated = getattr(self, names[key])
            for at, quantity in _each(key, stated):
                fault = not_in_unit(key, quantity, unit, width=key in self.WIDTHS)
                if fault is not None and names[key] in self.model_fields_set:
                    yield at, *fault
                elif fault is not None:
                    why = f"'{key}' is not stated, and what stands for it does not fit this input"
                    yield (), why, fault[1].replace("write", "add", 1)


def _each(key: str, stated: Quantity | list[Quantity]) -> Iterator[tuple[tuple[str | int, ...], Quantity]]:
    if isinstance(stated, Quantity):
        yield (key,), stated
    else:
        yield from (((key, place), quantity) for place, quantity in enumerate(stated))
