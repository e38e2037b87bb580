"""A calibration to a grouped table: one amount a person and year, fitted, with its errors, and as a claims file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fundsim.calibration.bands import Bands, read_bands
from fundsim.calibration.carried import Carried, carry_annual
from fundsim.calibration.grouped import GroupedComparison, GroupedFit, compare_grouped
from fundsim.calibration.stop_loss import FEWEST_ABOVE
from fundsim.records.privacy import SUPPRESS, SmallCells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from fundsim.language import Lang


Language = Literal["en", "zh"]


@dataclass(frozen=True, eq=False)
class GroupedCalibration:
    """What a grouped table tells of the amounts."""

    bands: Bands
    comparison: GroupedComparison
    carried: Carried
    small: SmallCells
    """How small cells are treated."""

    def __repr__(self) -> str:
        return f"GroupedCalibration({self.best.fit.name}, {self.bands.persons.sum():,.0f} persons)"

    def _repr_html_(self) -> str:
        from fundsim.report.calibration import grouped_html

        return grouped_html(self)

    @property
    def best(self) -> GroupedFit:
        """The family that is taken."""
        return self.comparison.best

    @property
    def source(self) -> str:
        """What the claims file says of where it comes from."""
        years = self.bands.years
        return (
            f"分组表{self.bands.source}，{years[0]}–{years[-1]}年"
            if len(years) > 1
            else f"分组表{self.bands.source}，{years[0]}年"
        )

    @property
    def share(self) -> float | None:
        """Persons with an amount per insured, over the years that tell how many are insured; None where none does."""
        insured = self.bands.insured
        if not insured:
            return None
        persons = sum(float(self.bands.persons[self.bands.year == year].sum()) for year in insured)
        return persons / sum(insured.values())

    def remarks(self, lang: str = "en") -> list[str]:
        """What the reader must know, in one language."""
        found = [self.best.curve.verdict(lang)]
        if self.best.growth_se is not None:
            growth, se = self.best.growth, self.best.growth_se
            found.append(
                f"金额年增长{growth:.1%}，标准误{se:.1%}；分布为{self.bands.years[-1]}年水平"
                if lang == "zh"
                else f"amounts grow by {growth:.1%} a year (standard error {se:.1%}); "
                f"the distribution is that of {self.bands.years[-1]}"
            )
        if self.best.p is not None and self.best.p < 0.01:
            found.append(
                f"拟合优度p值{self.best.p:.2g}：分布与各组人数、人均金额有显著差异"
                if lang == "zh"
                else f"goodness of fit p = {self.best.p:.2g}: numbers and means by band differ by more than chance"
            )
        return found

    def write(self, path: str | Path) -> Path:
        """Write the claims file, whole or not at all.

        Raises:
            CalibrationError: the table does not say how many were insured.
            ScenarioError: the file would not be in order.
        """
        from fundsim.calibration.writing import grouped_file, write_text

        return write_text(grouped_file(self, Path(path).stem), path)

    def text(self, lang: Language = "zh") -> str:
        """The calibration as text for a terminal."""
        from fundsim.report.calibration import grouped_text

        return grouped_text(self, lang)

    def tables(self, lang: Language = "en") -> dict[str, Any]:
        """``families``, ``bands``, ``stop_loss``, ``parameters``, ``uncertainty`` as pandas DataFrames."""
        import pandas as pd

        return {
            "families": self.comparison.frame(lang),
            "bands": self._bands(lang),
            "stop_loss": self.best.curve.frame(),
            "parameters": self.best.fit.frame(),
            "uncertainty": pd.DataFrame([vars(each) for each in self.carried.inputs]),
        }

    def _bands(self, lang: Language) -> Any:
        frame = self.best.frame_of_bands.astype({"persons": np.int64})
        return self.small.shield(frame, "persons", ["expected", "mean", "mean_fitted", "mean_score"], lang=lang)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, as JSON takes them; amounts in yuan."""
        from fundsim.calibration.result import plain
        from fundsim.calibration.writing import severity_text

        best = self.best
        return {
            "source": self.source,
            "years": list(self.bands.years),
            "share": self.share,
            "family": best.fit.name,
            "amount": severity_text(best.fit.severity),
            "parameters": {
                name: {"value": value, "se": best.fit.errors[name]} for name, value in best.fit.parameters.items()
            },
            "growth": best.growth if best.growth_se is not None else None,
            "growth_se": best.growth_se,
            "chi_square": best.chi_square,
            "degrees": best.degrees,
            "p": best.p,
            "families": plain(self.comparison.frame()),
            "stop_loss": plain(best.curve.frame()),
            "uncertainty": {
                "inputs": [vars(each) for each in self.carried.inputs],
                "correlation": [list(each) for each in self.carried.correlations],
                "left_out": list(self.carried.left_out),
            },
            "remarks": self.remarks(),
        }

    def plot_stop_loss(self, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot the stop-loss curve at the bands' ends, seen with its errors and fitted."""
        from fundsim.report.calibration_figures import plot_curves

        return plot_curves(
            {each.fit.name: each.curve for each in self.comparison.fits[:4]}, self.bands.source, ax, lang
        )


def calibrate_grouped(
    path: str | Path | Bands,
    *,
    small: SmallCells = SUPPRESS,
    families: Sequence[str] | None = None,
    thresholds: Sequence[float] | None = None,
    reference: float | None = None,
) -> GroupedCalibration:
    """Calibrate one amount a person and year to a grouped table.

    Args:
        path: the table (:mod:`bands`), or bands already read.
        small: how small cells are treated (:class:`fundsim.records.privacy.SmallCells`); suppressed by default.
        families: to be tried; bodies from zero on and their splices by default.
        thresholds: of continuous splices, yuan; by default the last two bounds with 20 persons above them.
        reference: deductible at which parameter errors are matched, yuan.

    Raises:
        GroupedError: the table cannot be used; all problems are told.
        FitError: no family can be fitted.
    """
    bands = path if isinstance(path, Bands) else read_bands(path)
    cuts = _cuts(bands) if thresholds is None else list(thresholds)
    found = compare_grouped(bands, families, cuts)
    with_amount = float(bands.persons.sum())
    carried = carry_annual(1.0 / math.sqrt(with_amount), found.best.fit, reference)
    return GroupedCalibration(bands, found, carried, small)


def _cuts(bands: Bands) -> list[float]:
    """The last two lower bounds, above the lowest, with persons enough above them in the last year."""
    last = bands.year == bands.years[-1]
    low, persons = bands.low[last], bands.persons[last]
    usable = [float(u) for u in low[1:] if u > 0 and persons[low >= u].sum() >= FEWEST_ABOVE]
    return usable[-2:]
