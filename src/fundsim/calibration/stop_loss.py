"""What matters of a fit (停损曲线): E[max(X - d, 0)] over the deductibles in question, beside the data, with errors.

Everything is per record that is seen: where only amounts above a point are in the records, given that the amount lies
above it; where a cap cuts amounts off, of the amount up to the cap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fundsim.calibration.errors import FitError
from fundsim.calibration.fit import Fit
from fundsim.calibration.observations import Observations
from fundsim.severity import SeverityFamily

Floats = npt.NDArray[np.float64]

FEWEST_ABOVE: Final = 20
"""Records above a deductible below which the data say too little to judge a fit there."""
TOLERANCE: Final = 0.05
"""A stop-loss premium that is off by less is not called wrong, however many records there are."""
SCORE: Final = 3.0
"""Standard errors of the data beyond which a difference is not chance."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A stop-loss curve fitted and seen, all (k,)."""

    deductibles: Floats
    above: Floats
    """Records above each deductible."""
    data: Floats
    data_se: Floats
    fitted: Floats
    fitted_se: Floats

    @property
    def off(self) -> Floats:
        """Fitted over seen, less one; NaN where nothing was seen."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.data > 0, self.fitted / self.data - 1.0, np.nan)

    @property
    def score(self) -> Floats:
        """The difference in standard errors of the data."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.data_se > 0, (self.fitted - self.data) / self.data_se, np.nan)

    @property
    def wrong(self) -> npt.NDArray[np.bool_]:
        """Where the fit misprices: off by more than 5% and by more than three standard errors, with records to tell."""
        with np.errstate(invalid="ignore"):
            off = (np.abs(self.off) > TOLERANCE) & (np.abs(self.score) > SCORE)
        return np.asarray(off & (self.above >= FEWEST_ABOVE))

    def verdict(self, lang: str = "en") -> str:
        """In words whether the fit prices what lies above the deductibles."""
        if not self.wrong.any():
            return _well(self, lang)
        worst = int(np.argmax(np.where(self.wrong, np.abs(self.off), -1.0)))
        off, at, score = self.off[worst], self.deductibles[worst], abs(self.score[worst])
        if lang == "zh":
            word = "少算" if off < 0 else "多算"
            return f"定价失真：{at:,.0f}元以上{word}{abs(off):.0%}（相差{score:.1f}个标准误）"
        word = "too little" if off < 0 else "too much"
        return f"misprices: {abs(off):.0%} {word} above {at:,.0f} ({score:.1f} standard errors)"

    def frame(self) -> Any:
        """One row per deductible; a pandas DataFrame."""
        import pandas as pd

        columns = ("above", "data", "data_se", "fitted", "fitted_se", "off", "score", "wrong")
        return pd.DataFrame(
            {name: getattr(self, name) for name in columns}, index=pd.Index(self.deductibles, name="deductible")
        )


def _well(curve: Curve, lang: str) -> str:
    judged = curve.above >= FEWEST_ABOVE
    if not judged.any():
        return "记录太少，无法判断" if lang == "zh" else "too few records above any deductible to tell"
    worst = int(np.nanargmax(np.where(judged, np.abs(curve.off), -1.0)))
    off, at, score = curve.off[worst], curve.deductibles[worst], abs(curve.score[worst])
    if abs(off) <= TOLERANCE:
        return (
            f"定价相符：偏差不超过{abs(off):.1%}" if lang == "zh" else f"prices every deductible within {abs(off):.1%}"
        )
    if lang == "zh":
        return f"偏差未超出抽样误差（最大{off:+.0%}，在{at:,.0f}元以上，{score:.1f}个标准误）"
    return f"off by no more than chance (at most {off:+.0%} above {at:,.0f}, {score:.1f} standard errors)"


def seen_stop_loss(observations: Observations, deductibles: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Records above, mean excess per record, and its standard error, for each deductible (k,).

    Raises:
        FitError: amounts known by their band only, whose excess nobody has seen.
    """
    if np.any(np.isfinite(observations.high) & ~observations.is_exact):
        raise FitError("the excess of amounts known by their band is not seen", "compare the bands' own mean amounts")
    at, amounts, weight = np.asarray(deductibles, dtype=np.float64), observations.low, observations.weight
    n = observations.records
    excess = np.maximum(amounts - at[:, None], 0.0)
    mean = excess @ weight / n
    variance = (excess**2 @ weight / n - mean**2) / max(n - 1, 1)
    return (amounts > at[:, None]) @ weight, mean, np.sqrt(np.maximum(variance, 0.0))


def stop_loss_curve(fitted: Fit, observations: Observations, deductibles: Sequence[float]) -> Curve:
    """The fitted stop-loss curve beside the seen one.

    Raises:
        FitError: records with several truncation points or caps, or known by their band only.
    """
    above, mean, se = seen_stop_loss(observations, deductibles)
    start, cap = window_of(observations)
    at = np.asarray(deductibles, dtype=np.float64)
    told = [fitted.of(partial(told_stop_loss, deductible=float(d), start=start, cap=cap)) for d in at]
    values, errors = np.array(told).T
    return Curve(at, above, mean, se, values, errors)


def window_of(observations: Observations) -> tuple[float, float]:
    """The one point above which amounts are seen, and the one cap; infinite where there is none.

    Raises:
        FitError: there are several.
    """
    starts = np.unique(observations.above)
    caps = np.unique(observations.low[np.isposinf(observations.high)])
    if len(starts) != 1 or len(caps) > 1:
        raise FitError(
            "these records have several truncation points or caps", "compare the records of each by themselves"
        )
    return float(starts[0]), float(caps[0]) if len(caps) else math.inf


def told_stop_loss(severity: SeverityFamily, deductible: float, start: float = 0.0, cap: float = math.inf) -> float:
    """E[max(min(X, cap) - d, 0) given X > start], yuan.

    Below the start, d takes nothing but itself from every record seen.
    """
    d = max(deductible, start)
    beyond = float(severity.stop_loss(d)) - (0.0 if math.isinf(cap) else float(severity.stop_loss(cap)))
    return max(beyond, 0.0) / float(severity.survival(start)) + (d - deductible)
