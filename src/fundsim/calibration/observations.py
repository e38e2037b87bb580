"""What was seen of costs (观测值): exact amounts, amounts beyond a cap, amounts known by their band; and what was not.

One record is an amount between ``low`` and ``high``: equal where it is known to the fen, ``high`` infinite where it is
cut off by a cap (right censoring, 右删失), apart where only its band is known (interval censoring, 区间删失). It stands
in the records only because the amount lies above ``above`` (left truncation, 左截断: a deductible hides the rest) and
at or below ``below`` (right truncation: the body of a splice).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from fundsim.calibration.errors import FitError

Floats = npt.NDArray[np.float64]

MOST_EXACT: Final = 20_000
"""More exact amounts than this are gathered in bins before they are fitted."""
BINS_AN_OCTAVE: Final = 512
"""Bins in a doubling of cost: 0.14% wide. The likelihood then takes the amounts of a bin at their geometric mean, whose
error in σ² is the bin's width squared over 12, some 2e-7: a thousandth of a standard error with a million records."""


@dataclass(frozen=True, eq=False)
class Observations:
    """Amounts in yuan, all arrays (n,); see the module's docstring."""

    low: Floats
    high: Floats
    weight: Floats
    """Records behind each row."""
    above: Floats
    below: Floats

    @classmethod
    def exact(
        cls,
        cost: npt.ArrayLike,
        *,
        weight: npt.ArrayLike | None = None,
        seen_above: npt.ArrayLike = 0.0,
        capped_at: npt.ArrayLike = np.inf,
    ) -> Self:
        """Amounts known one by one.

        Args:
            cost: (n,) gross amounts, yuan; what a payer paid above a deductible must have the deductible added back.
            weight: (n,) records that each amount stands for; one where none is given.
            seen_above: only amounts above this one are in the records, for all or for each record.
            capped_at: an amount at or above this one is only known to be at least as much, for all or for each record.

        Raises:
            FitError: an amount is not positive, not finite, or not above the point from which amounts are seen.
        """
        amounts = np.asarray(cost, dtype=np.float64)
        above = np.broadcast_to(np.asarray(seen_above, dtype=np.float64), amounts.shape)
        cap = np.broadcast_to(np.asarray(capped_at, dtype=np.float64), amounts.shape)
        weights = np.ones_like(amounts) if weight is None else np.asarray(weight, dtype=np.float64)
        _refuse(amounts, above, cap, weights)
        capped = amounts >= cap
        return cls(
            low=np.where(capped, cap, amounts),
            high=np.where(capped, np.inf, amounts),
            weight=weights,
            above=np.array(above),
            below=np.full_like(amounts, np.inf),
        )

    @classmethod
    def bands(cls, low: npt.ArrayLike, high: npt.ArrayLike, persons: npt.ArrayLike, *, seen_above: float = 0.0) -> Self:
        """Numbers by band: ``persons`` (n,) with an amount above ``low`` and up to ``high``, infinite for the last.

        Raises:
            FitError: a band that does not run upwards, or holds a negative number.
        """
        lows, highs = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
        numbers = np.asarray(persons, dtype=np.float64)
        if not np.all(lows < highs) or np.any(numbers < 0) or np.any(lows < seen_above):
            raise FitError("a band does not run upwards, or holds less than nobody", "check the table's bands")
        each = np.ones_like(lows)
        return cls(lows, highs, numbers, each * seen_above, each * np.inf)

    @property
    def records(self) -> float:
        """Number of records, by weight."""
        return float(self.weight.sum())

    @property
    def is_exact(self) -> npt.NDArray[np.bool_]:
        """(n,) amounts known one by one."""
        return np.asarray(self.low == self.high)

    def points(self) -> Floats:
        """(n,) one amount for each row, to start a fit from: the amount, the cap, or the middle of the band."""
        middle = np.sqrt(np.maximum(self.low, self.high * 0.05) * self.high)
        return np.where(np.isfinite(self.high), np.where(self.is_exact, self.low, middle), self.low * 1.2)

    def up_to(self, limit: float) -> Observations:
        """What lies at or below ``limit``, as seen only because it does."""
        kept = self._rows(self.high <= limit)
        return replace(kept, below=np.minimum(kept.below, limit))

    def beyond(self, limit: float) -> Observations:
        """What lies above ``limit``, as seen only because it does."""
        kept = self._rows((self.low >= limit) & ~(self.is_exact & (self.low == limit)))
        return replace(kept, above=np.maximum(kept.above, limit))

    def gathered(self, bins_an_octave: int = BINS_AN_OCTAVE) -> Observations:
        """The same with exact amounts gathered in bins of equal ratio, each at the geometric mean of its amounts.

        Truncation points are kept apart, and so is everything that is censored; equal rows of that are joined.
        """
        exact = self.is_exact
        bins = np.floor(np.log2(np.where(exact, self.low, 1.0)) * bins_an_octave)
        apart = (np.where(exact, 0.0, self.low), np.where(exact, 0.0, self.high), self.above, self.below, exact)
        which = _codes(bins, *apart)
        weight: Floats = np.bincount(which, self.weight).astype(np.float64)
        first = np.empty(len(weight), dtype=np.intp)
        first[which[::-1]] = np.arange(len(which))[::-1]
        logs = np.where(exact, np.log(np.where(exact, self.low, 1.0)), 0.0)
        total = np.bincount(which, self.weight * logs)
        with np.errstate(invalid="ignore"):
            mean = np.exp(np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), 0.0))
        kept = self._rows(first)
        at = np.where(kept.is_exact, mean, kept.low)
        return replace(kept, low=at, high=np.where(kept.is_exact, at, kept.high), weight=weight)

    def for_fitting(self) -> Observations:
        """Gathered in bins where there are many exact amounts, else as they are."""
        return self.gathered() if len(self.low) > MOST_EXACT else self

    def weighted(self, weight: Floats) -> Observations:
        """The same amounts with other weights."""
        return replace(self, weight=weight)

    def _rows(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Observations:
        return Observations(
            self.low[chosen], self.high[chosen], self.weight[chosen], self.above[chosen], self.below[chosen]
        )


def _codes(*columns: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """(n,) a number for each distinct row of the columns, from 0 without gaps; a column of one value costs nothing."""
    code = np.zeros(len(columns[0]), dtype=np.intp)
    for column in columns:
        if not np.all(column == column[0]):
            _, within = np.unique(column, return_inverse=True)
            _, code = np.unique(code * (int(within.max()) + 1) + within, return_inverse=True)
    return code


def together(parts: Iterable[Observations]) -> Observations:
    """All observations of several kinds in one."""
    kept = list(parts)
    return Observations(
        *(
            np.concatenate([getattr(part, name) for part in kept])
            for name in ("low", "high", "weight", "above", "below")
        )
    )


def _refuse(amounts: Floats, above: Floats, cap: Floats, weights: Floats) -> None:
    if amounts.ndim != 1 or amounts.shape != weights.shape:
        raise FitError("costs and weights are not one list each of the same length", "give one weight for each cost")
    if not np.all(np.isfinite(amounts)) or np.any(amounts <= 0):
        wrong = int(np.sum(~(np.isfinite(amounts) & (amounts > 0))))
        raise FitError(f"{wrong:,} of {len(amounts):,} amounts are not above zero", "leave them out, and say so")
    if np.any(amounts <= above):
        wrong = int(np.sum(amounts <= above))
        raise FitError(
            f"{wrong:,} amounts do not lie above the point from which amounts are seen",
            "give gross amounts, with the deductible added back to what was paid above it",
        )
    if np.any(cap <= above):
        raise FitError("a cap lies at or below the point from which amounts are seen", "give the cap on gross amounts")
    if np.any(weights < 0) or not np.all(np.isfinite(weights)):
        raise FitError("a weight is negative or no number", "give each record the number that it stands for")
