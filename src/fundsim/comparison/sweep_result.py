"""A sweep: every design's totals over the replications, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from fundsim.comparison.designs import Point
from fundsim.comparison.differences import UNKNOWN, Value, difference_of, value_of
from fundsim.comparison.figures import FIGURES, Int64s, Row, figure
from fundsim.comparison.vary import Vary
from fundsim.runs import versions
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from fundsim.language import Lang

AS_STATED: Final = 0
"""The number of the scheme itself; the designs of the sweep are counted from 1."""

TOLD: Final = (
    "premium_needed", "premium_per_head", "claims_paid", "loss_ratio", "insurer_loss", "deficit", "return",
    "insurer_result", "fund_result", "beneficiaries", "beneficiaries_per_1000", "avg_payout", "max_payout",
    "patient_burden", "burden_per_beneficiary", "actual_reimbursement_ratio", "payment_ratio_compliant",
    "payment_ratio_above_deductible", "poor_share",
)  # fmt: skip
"""Figures that tables tell of every design; :meth:`Sweep.value` has the others too."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """Designs that were settled in one pass."""

    scenario: Scenario
    """The scheme as it is stated: the base of all differences, design number 0."""
    varied: tuple[Vary, ...]
    points: tuple[Point, ...]
    """The designs, numbered from 1."""
    totals: Mapping[str, Int64s]
    """(d, r) by name, fen or counts: the scheme itself, the designs, then those settled without behaviour."""
    without: npt.NDArray[np.intp]
    """(d,) where in ``totals`` the same design stands without behaviour; -1 where none is stated."""
    poor: tuple[str, ...]
    seed: int
    years: int

    @property
    def replications(self) -> int:
        return int(self.totals["claims_paid"].shape[1])

    @property
    def figures(self) -> tuple[str, ...]:
        """Ids of all figures that these designs have."""
        row = self.row(AS_STATED)
        return tuple(name for name, each in FIGURES.items() if row.parts(each) is not None)

    def name(self, design: int) -> str:
        """What a design is called: its values, or the scheme's own name."""
        if design == AS_STATED:
            return self.scenario.label
        pairs = zip(self.varied, self.points[design - 1].values, strict=True)
        return "; ".join(f"{each.path}={text}" for each, text in pairs)

    def row(self, design: int) -> Row:
        """The totals of a design, 0 being the scheme as stated.

        Raises:
            IndexError: there is no such design.
        """
        if not 0 <= design <= len(self.points):
            raise IndexError(f"there is no design {design}; designs go from 1 to {len(self.points)}, 0 is the scheme")
        scenario = self.scenario if design == AS_STATED else self.points[design - 1].scenario
        quiet = int(self.without[design])
        without = None if quiet < 0 else Row(self.name(design), scenario, self._totals(quiet), self.years)
        return Row(self.name(design), scenario, self._totals(design), self.years, without=without)

    def _totals(self, place: int) -> dict[str, Int64s]:
        return {name: values[place] for name, values in self.totals.items()}

    def value(self, figure_id: str, design: int) -> Value:
        """Estimate a figure of a design, yuan where it is money, with its 95% interval.

        Raises:
            ComparisonError: no such figure.
            IndexError: no such design.
        """
        return value_of(self.row(design), figure(figure_id))

    def difference(self, figure_id: str, design: int, base: int = AS_STATED) -> Value:
        """Estimate by how much a figure exceeds that of another design, by default of the scheme as stated.

        Raises:
            ComparisonError: no such figure.
            IndexError: no such design.
        """
        return difference_of(self.row(design), self.row(base), figure(figure_id))

    def quiet(self, figure_id: str, design: int) -> Value:
        """Estimate a figure where nobody answers to what they bear; unknown where the scheme states no behaviour."""
        without = self.row(design).without
        return UNKNOWN if without is None else value_of(without, figure(figure_id))

    def table(self, figures: Sequence[str] = TOLD) -> pd.DataFrame:
        """Return one row per design: a column per path, then each figure with ``_se``, ``_lo``, ``_hi``.

        The first row is the scheme as stated, its path columns empty. Where behaviour is stated, ``_without`` is the
        figure if nobody answered.
        """
        import pandas as pd

        return pd.DataFrame([self._wide(design, figures) for design in range(len(self.points) + 1)])

    def _wide(self, design: int, figures: Sequence[str]) -> dict[str, Any]:
        line: dict[str, Any] = {"design": design, **self._values(design)}
        row = self.row(design)
        for name in figures:
            found = value_of(row, figure(name))
            if found.mean is not None:
                line |= found.as_dict(name)
            if row.without is not None:
                line |= {f"{name}_without": value_of(row.without, figure(name)).mean}
        return line

    def _values(self, design: int) -> dict[str, str]:
        texts = ("",) * len(self.varied) if design == AS_STATED else self.points[design - 1].values
        return {each.path: text for each, text in zip(self.varied, texts, strict=True)}

    def to_frame(self, figures: Sequence[str] = TOLD) -> pd.DataFrame:
        """Return one row per design and figure: value, and difference from the scheme as stated; money in yuan.

        Raises:
            ComparisonError: no such figure.
        """
        import pandas as pd

        return pd.DataFrame(list(self._tidy(figures)))

    def _tidy(self, figures: Sequence[str]) -> Iterator[dict[str, Any]]:
        base = self.row(AS_STATED)
        for design in range(len(self.points) + 1):
            row = self.row(design)
            for name in figures:
                each = figure(name)
                value = value_of(row, each)
                if value.mean is None:
                    continue
                apart = UNKNOWN if design == AS_STATED else difference_of(row, base, each)
                quiet = UNKNOWN if row.without is None else value_of(row.without, each)
                yield {
                    "design": design,
                    **self._values(design),
                    "figure": name,
                    "zh": each.zh,
                    "unit": each.unit,
                    **value.as_dict(),
                    **apart.as_dict("difference"),
                    **quiet.as_dict("without_behaviour"),
                }

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tidy tables for other tools: a row per design and figure, and a row per design."""
        return {"sweep": self.to_frame(), "designs": self.table()}

    @property
    def origin(self) -> dict[str, Any]:
        """Where the figures come from."""
        return {
            "scenario": self.scenario.label,
            "fingerprint": self.scenario.fingerprint,
            "varied": "; ".join(f"{each.path}={', '.join(each.texts)}" for each in self.varied),
            "seed": self.seed,
            "years": self.years,
            "replications": self.replications,
        }

    def to_dict(self, figures: Sequence[str] = TOLD) -> dict[str, Any]:
        """Return what ``fundsim sweep --json`` prints: amounts in yuan, of several years their average."""
        told = [name for name in figures if name in self.figures]
        return {
            "scenario": self.scenario.id,
            "fingerprint": self.scenario.fingerprint,
            "seed": self.seed,
            "years": self.years,
            "replications": self.replications,
            "varied": {each.path: list(each.texts) for each in self.varied},
            "poor": list(self.poor),
            "as_stated": self._design(AS_STATED, told),
            "designs": [
                {"values": self._values(design), **self._design(design, told)}
                for design in range(1, len(self.points) + 1)
            ],
            "versions": versions(),
        }

    def _design(self, design: int, figures: Sequence[str]) -> dict[str, Any]:
        row, base = self.row(design), self.row(AS_STATED)
        found: dict[str, Any] = {}
        for name in figures:
            each = figure(name)
            found[name] = {"unit": each.unit, **value_of(row, each).as_dict()}
            if design != AS_STATED:
                found[name]["difference"] = difference_of(row, base, each).as_dict()
            if row.without is not None:
                found[name]["without_behaviour"] = value_of(row.without, each).as_dict()
        return {"figures": found}

    def plot(self, figure_id: str = "premium_needed", ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot a figure with its 95% intervals against the first path, a line per value of the others.

        Raises:
            ValueError: the first path's values are no numbers.
        """
        from fundsim.report.sweep import plot_sweep

        return plot_sweep(self, figure_id, ax, lang)

    def __repr__(self) -> str:
        paths = ", ".join(each.path for each in self.varied)
        many = f"{len(self.points)} designs over {paths}"
        return f"<Sweep of {many}: {self.replications:,} replications, seed {self.seed}>"

    def _repr_html_(self) -> str:
        from fundsim.report.sweep import sweep_html

        return sweep_html(self)
