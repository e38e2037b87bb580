"""A calibration: what was found, as tables, text and figures, and as the claims file that a scheme uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from fundsim.calibration.care import Care
from fundsim.calibration.carried import Carried
from fundsim.calibration.completing import Completed
from fundsim.calibration.experience import Experience
from fundsim.calibration.frequency import FrequencyFit
from fundsim.calibration.level import Trends
from fundsim.calibration.thin import Thin
from fundsim.records.privacy import SmallCells

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fundsim.language import Lang

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """A claims model with its errors, and how well it fits."""

    experience: Experience
    """What it was made from; nothing of it is written but sums."""
    year: int
    """Whose level of cost and use the figures have."""
    trends: Trends
    """By which all years were brought to that level."""
    frequency: FrequencyFit
    levels: tuple[Care, ...]
    season: Floats | None
    """(12,) share of discharges by month."""
    completed: Completed | None
    """The counts with late settlements; None where nothing was added, and a note says why."""
    thin: tuple[Thin, ...]
    """Credibility estimates by county and by group; none along an axis of one."""
    carried: Carried
    small: SmallCells
    """How small cells are treated."""
    notes: tuple[tuple[str, str], ...] = ()
    """What the reader must know beyond the tables, Chinese and English."""

    def __repr__(self) -> str:
        return f"Calibration({len(self.levels)} care levels, {len(self.experience.cost):,} admissions)"

    def _repr_html_(self) -> str:
        from fundsim.report.calibration import calibration_html

        return calibration_html(self)

    def __getitem__(self, care: str) -> Care:
        """A care level by its name."""
        for level in self.levels:
            if level.name == care:
                return level
        raise KeyError(care)

    @property
    def source(self) -> str:
        """What the claims file says of where it comes from."""
        return self.experience.source

    @property
    def split_assumed(self) -> str | None:
        """Why classes A and B are an assumption; None where the records tell them."""
        return self.experience.split_note

    def remarks(self, lang: str = "en") -> list[str]:
        """What the reader must know, in one language."""
        place = 0 if lang == "zh" else 1
        told = [*_of_trends(self.trends, self.year, lang), *(note[place] for note in self.notes)]
        for level in self.levels:
            told += [f"{level.name}: {note}" for note in level.chosen.fit.notes]
            if level.chosen.misprices:
                told.append(f"{level.name}: {level.why_zh if lang == 'zh' else level.why}")
        return told

    def write(self, path: str | Path) -> Path:
        """Write the claims file, whole or not at all.

        Raises:
            ScenarioError: the file would not be in order.
        """
        from fundsim.calibration.writing import claims_file, write_text

        return write_text(claims_file(self, Path(path).stem), path)

    def text(self, lang: Literal["en", "zh"] = "zh") -> str:
        """The calibration as text for a terminal."""
        from fundsim.report.calibration import calibration_text

        return calibration_text(self, lang)

    def tables(self, lang: Literal["en", "zh"] = "en") -> dict[str, Any]:
        """All tables as pandas DataFrames.

        ``frequency``, ``trends``, ``completion`` (the open months), ``groups``, ``care``, ``uncertainty``; with axis
        and figure in the index ``credibility``; and with the care level in the index ``families``, ``stop_loss``,
        ``tails`` and ``parameters``.
        """
        import pandas as pd

        return {
            "frequency": self.frequency.frame(),
            "trends": self.trends.frame(),
            "completion": self._completion(lang),
            "credibility": self._credibility(lang),
            "groups": self._groups(),
            "care": self._care(lang),
            "families": pd.concat({level.name: level.comparison.frame(lang) for level in self.levels}, names=["care"]),
            "stop_loss": pd.concat({level.name: level.chosen.curve.frame() for level in self.levels}, names=["care"]),
            "tails": pd.concat(
                {level.name: level.proposal.table.frame() for level in self.levels if level.proposal}, names=["care"]
            ),
            "parameters": pd.concat({level.name: level.chosen.fit.frame() for level in self.levels}, names=["care"]),
            "uncertainty": pd.DataFrame([vars(each) for each in self.carried.inputs]),
        }

    def _completion(self, lang: Literal["en", "zh"] = "en") -> Any:
        import pandas as pd

        return pd.DataFrame() if self.completed is None else self.completed.frame(self.experience, self.small, lang)

    def _credibility(self, lang: Literal["en", "zh"] = "en") -> Any:
        import pandas as pd

        told = {(each.axis, each.what): each.frame(self.small, lang) for each in self.thin if each.found is not None}
        if not told:
            return pd.DataFrame()
        whole = pd.concat(told, names=["axis", "figure", "name"])
        return whole.sort_index(level=["axis", "figure"], sort_remaining=False)

    def _groups(self) -> Any:
        import pandas as pd

        counts = [int(np.sum(self.experience.group == g)) for g in range(len(self.experience.groups))]
        persons = [self.experience.persons_of(self.experience.group == g) for g in range(len(self.experience.groups))]
        hidden = [self.small.is_small(number) for number in persons]
        rows = zip(counts, persons, self.frequency.multipliers, self.frequency.multipliers_se, strict=True)
        table = [(np.nan,) * 4 if hide else row for hide, row in zip(hidden, rows, strict=True)]
        index = pd.Index(self.experience.groups, name="group")
        return pd.DataFrame(table, columns=["admissions", "persons", "multiplier", "se"], index=index)

    def _care(self, lang: str) -> Any:
        import pandas as pd

        rows = [
            {
                "care": level.name,
                "admissions": level.admissions,
                "share": level.share,
                "share_se": level.share_se,
                "family": level.chosen.fit.name,
                "mean": level.chosen.fit.severity.mean(),
                "why": level.why_zh if lang == "zh" else level.why,
            }
            for level in self.levels
        ]
        return pd.DataFrame(rows).set_index("care")

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, as JSON takes them; amounts in yuan."""
        from fundsim.calibration.writing import severity_text

        return {
            "source": self.source,
            "year": self.year,
            "admissions": len(self.experience.cost),
            "trends": {
                name: None if trend is None else {"growth": trend.growth, "se": trend.se}
                for name, trend in (("use", self.trends.use), ("cost", self.trends.cost))
            },
            "completion": None if self.completed is None else self._completion_told(self.completed),
            "credibility": [_thin(each, self.small) for each in self.thin],
            "frequency": {
                "family": self.frequency.family,
                "mean": self.frequency.mean,
                "mean_se": self.frequency.mean_se,
                "cv": self.frequency.cv,
                "cv_se": self.frequency.cv_se,
                "aic": self.frequency.aic,
                "dispersion": vars(self.frequency.dispersion),
            },
            "groups": plain(self._groups()),
            "care": {
                level.name: _level(level) | {"cost": severity_text(level.chosen.fit.severity)} for level in self.levels
            },
            "season": None if self.season is None else [float(month) for month in self.season],
            "uncertainty": {
                "inputs": [vars(each) for each in self.carried.inputs],
                "correlation": [list(each) for each in self.carried.correlations],
                "left_out": list(self.carried.left_out),
            },
            "remarks": self.remarks(),
        }

    def _completion_told(self, completed: Completed) -> dict[str, Any]:
        by_year = {str(year): completed.of_year(place) for place, year in enumerate(self.experience.years)}
        late, not_stated = completed.late_cost, completed.completion.not_stated
        return {
            "factor": completed.factor,
            "se": completed.factor_se,
            "years": {year: {"factor": factor, "se": se} for year, (factor, se) in by_year.items()},
            "not_stated": self.small.fewer() if self.small.is_small(not_stated) else not_stated,
            "late_cost": None if late is None else {"ratio": late[0], "se": late[1]},
            "months": plain(self._completion()),
        }

    # -- figures ---------------------------------------------------------------------------------------------------

    def plot_exceedance(self, care: str, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot the share of admissions that exceed an amount, seen and fitted, on log scales."""
        from fundsim.report.calibration_figures import plot_exceedance

        return plot_exceedance(
            self._seen(care), [each.fit for each in self[care].comparison.candidates], care, ax, lang
        )

    def plot_qq(self, care: str, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot seen against fitted quantiles."""
        from fundsim.report.calibration_figures import plot_qq

        return plot_qq(self._seen(care), self[care].chosen.fit, care, ax, lang)

    def plot_stop_loss(self, care: str, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot the stop-loss curve, seen with its errors and fitted by every family."""
        from fundsim.report.calibration_figures import plot_stop_loss

        return plot_stop_loss(self[care].comparison, care, ax, lang)

    def plot_thresholds(
        self, care: str, what: str = "mean_excess", ax: Axes | None = None, lang: Lang | None = None
    ) -> Axes:
        """Plot ``mean_excess``, ``index`` or ``hill`` over the thresholds tried, and the one that is taken."""
        from fundsim.report.calibration_figures import plot_thresholds

        proposal = self[care].proposal
        assert proposal is not None
        return plot_thresholds(proposal, what, care, ax, lang)

    def _seen(self, care: str) -> tuple[Floats, Floats]:
        """Costs in rising order, pooled so that no point is one person's, and records behind each."""
        mine = self.experience.care == self.experience.care_levels.index(care)
        order = np.argsort(self.experience.cost[mine])
        means, sizes = self.small.pooled(self.experience.cost[mine][order], self.experience.person[mine][order])
        return means, sizes.astype(np.float64)


def _of_trends(trends: Trends, year: int, lang: str) -> Iterator[str]:
    names = ("住院率", "次均费用") if lang == "zh" else ("admissions per person", "cost per admission")
    for name, trend in zip(names, (trends.use, trends.cost), strict=True):
        if trend is None:
            continue
        growth, se = f"{trend.growth:+.1%}", f"{trend.se:.1%}"
        yield (
            f"{name}年增长{growth}（标准误{se}），各年已调整至{year}年水平"
            if lang == "zh"
            else f"{name}: {growth} a year (standard error {se}); all years are brought to the level of {year}"
        )


def _level(level: Care) -> dict[str, Any]:
    return {
        "admissions": level.admissions,
        "share": level.share,
        "share_se": level.share_se,
        "family": level.chosen.fit.name,
        "why": level.why,
        "parameters": {
            name: {"value": value, "se": level.chosen.fit.errors[name]}
            for name, value in level.chosen.fit.parameters.items()
        },
        "covariance": {
            "scales": {p.name: p.scale for p in level.chosen.fit.model.parameters},
            "matrix": level.chosen.fit.covariance.tolist(),
        },
        "threshold": None if level.proposal is None else level.proposal.threshold,
        "threshold_reason": None if level.proposal is None else level.proposal.reason,
        "families": plain(level.comparison.frame()),
        "stop_loss": plain(level.chosen.curve.frame()),
        "catalogue": None if level.catalogue is None else level.catalogue.tolist(),
    }


def _thin(each: Thin, small: SmallCells) -> dict[str, Any]:
    told: dict[str, Any] = {"axis": each.axis, "figure": each.what}
    if each.found is None:
        return told | {"why_not": None if each.why is None else each.why[1]}
    found = each.found
    whole = {"mean": found.mean, "within": found.within, "between": found.between}
    return told | whole | {"cells": plain(each.frame(small))}


def plain(frame: Any) -> list[dict[str, Any]]:
    """Rows of a DataFrame as plain numbers, None where there is none."""
    return list(_rows(frame))


def _rows(frame: Any) -> Iterator[dict[str, Any]]:
    for row in frame.reset_index().to_dict("records"):
        yield {key: _number(value) for key, value in row.items()}


def _number(value: Any) -> Any:
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return None if not np.isfinite(value) else float(value)
    return int(value) if isinstance(value, np.integer) else value
