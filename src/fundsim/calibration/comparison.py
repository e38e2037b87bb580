"""Families side by side (模型比较): which fits, which prices, and in words why one loses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fundsim.calibration.errors import FitError
from fundsim.calibration.families import BODIES
from fundsim.calibration.fit import Fit, fit
from fundsim.calibration.goodness import Distance, distance
from fundsim.calibration.observations import Observations
from fundsim.calibration.splice import fit_spliced
from fundsim.calibration.stop_loss import Curve, stop_loss_curve
from fundsim.calibration.tails import Proposal


@dataclass(frozen=True, eq=False)
class Candidate:
    """One family in a comparison."""

    fit: Fit
    curve: Curve
    distance: Distance | None
    """None where no bootstrap was asked for, or the records do not allow one."""

    threshold_chosen: bool = False
    """Whether the threshold of its tail was found in the same data."""

    @property
    def aic(self) -> float:
        """Akaike's criterion, a threshold that was found in the data counting as one more parameter."""
        return self.fit.aic + 2.0 * self.threshold_chosen

    @property
    def misprices(self) -> bool:
        """Whether some deductible in question is priced wrongly."""
        return bool(self.curve.wrong.any())


@dataclass(frozen=True, eq=False)
class Comparison:
    """Families ranked: those that price every deductible first, among them by AIC."""

    candidates: tuple[Candidate, ...]
    failed: Mapping[str, str] = field(default_factory=dict)
    """Families without a fit, and why."""
    proposal: Proposal | None = None
    """Where a tail was looked for."""

    @property
    def best(self) -> Candidate:
        """The first of the ranking."""
        return self.candidates[0]

    def __getitem__(self, name: str) -> Candidate:
        """The candidate of this family, such as ``lognormal`` or ``spliced lognormal``."""
        for candidate in self.candidates:
            if candidate.fit.name == name:
                return candidate
        raise KeyError(name)

    def frame(self, lang: str = "en") -> Any:
        """One row per family, the best first, with its verdict in words; a pandas DataFrame."""
        import pandas as pd

        rows = [_row(candidate, self.best.aic, lang) for candidate in self.candidates]
        rows += [{"family": name, "verdict": _no_fit(why, lang)} for name, why in self.failed.items()]
        return pd.DataFrame(rows).set_index("family")

    def curves(self) -> Any:
        """Fitted over seen stop-loss premium, less one: a row per deductible, a column per family."""
        import pandas as pd

        at = pd.Index(self.best.curve.deductibles, name="deductible")
        return pd.DataFrame({each.fit.name: each.curve.off for each in self.candidates}, index=at)


def _no_fit(why: str, lang: str) -> str:
    return f"未能拟合：{why}" if lang == "zh" else f"no fit: {why}"


def _row(candidate: Candidate, best: float, lang: str) -> dict[str, Any]:
    fitted, measured = candidate.fit, candidate.distance
    return {
        "family": fitted.name,
        "parameters": len(fitted.theta) - len(fitted.held),
        "aic": candidate.aic,
        "aic_off": candidate.aic - best,
        "bic": fitted.bic,
        "ks": None if measured is None else measured.ks,
        "ks_p": None if measured is None else measured.ks_p,
        "ad": None if measured is None else measured.ad,
        "ad_p": None if measured is None else measured.ad_p,
        "verdict": candidate.curve.verdict(lang),
    }


def compare(
    observations: Observations,
    deductibles: Sequence[float],
    *,
    families: Iterable[str] = BODIES,
    threshold: float | None = None,
    bodies: Iterable[str] = ("lognormal",),
    proposal: Proposal | None = None,
    samples: int = 0,
    seed: int = 0,
) -> Comparison:
    """Fit every family, price every deductible, and rank.

    Args:
        observations: what was seen.
        deductibles: (k,) in question, yuan on the gross amount.
        families: to be fitted alone.
        threshold: where a splice's tail begins; no splice where it is None.
        bodies: of splices.
        proposal: how the threshold came about, for the record.
        samples: bootstrap samples for the p-values; none where 0.
        seed: of the samples.

    Raises:
        FitError: no family can be fitted at all, or the records do not allow a stop-loss curve.
    """
    data = observations.for_fitting()
    found: list[Fit] = []
    failed: dict[str, str] = {}
    wanted = [(name, False) for name in families]
    wanted += [(name, True) for name in bodies if threshold is not None]
    for name, spliced in wanted:
        try:
            found.append(fit_spliced(name, data, threshold or 0.0) if spliced else fit(name, data))
        except FitError as error:
            failed[f"spliced {name}" if spliced else name] = error.why
    if not found:
        told = "; ".join(f"{name}: {why}" for name, why in failed.items())
        raise FitError(f"no family can be fitted ({told})", "look at the amounts, or join care levels")
    candidates = [
        Candidate(
            each,
            stop_loss_curve(each, data, deductibles),
            _measured(each, data, samples, seed),
            threshold_chosen=each.name.startswith("spliced ") and proposal is not None and proposal.found,
        )
        for each in found
    ]
    candidates.sort(key=lambda each: (each.misprices, each.aic))
    return Comparison(tuple(candidates), failed, proposal)


def _measured(fitted: Fit, data: Observations, samples: int, seed: int) -> Distance | None:
    if samples == 0 or len(np.unique(data.above)) > 1:
        return None
    return distance(fitted, data, samples=samples, seed=seed)
