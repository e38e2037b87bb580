"""A run beside what is known exactly (模拟与精确计算互校), for people: the comparison, and the controlled means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fundsim import runs
from fundsim.lanes import Compared, Comparison, Controlled, compare, control
from fundsim.measures import MEASURES, PROBABILITIES
from fundsim.report.amounts import Money, money_of, with_error, written
from fundsim.report.layout import Table, aligned
from fundsim.results import Results

CONTROLLED: Final = ("claims_paid", "insurer_result")
OF: Final = {"mean": "均值", "sd": "标准差"}


@dataclass(frozen=True, eq=False)
class Lanes:
    """What the exact lane adds to a run."""

    money: Money
    comparison: Comparison
    controlled: tuple[Controlled, ...]
    """Empty where nothing was drawn that could be controlled for."""

    @classmethod
    def of(cls, results: Results) -> Lanes:
        """Compare a run with its exact answer, and control its means for what it has drawn."""
        found = tuple(control(results, measure) for measure in CONTROLLED)
        controlled = tuple(each for each in found if each.controls)
        return cls(money_of(results), compare(results), controlled)

    def as_dict(self) -> dict[str, Any]:
        """Return what the JSON of a run says: ``exact``, and where there are controls ``controlled``."""
        told: dict[str, Any] = {"exact": self.comparison.as_dict()}
        if self.controlled:
            told["controlled"] = {each.measure: each.as_dict() for each in self.controlled}
        return told

    def write(self, folder: Path) -> list[Path]:
        """Write the comparison into a run folder, where there is one; returns the paths."""
        if self.comparison.reason is not None:
            return []
        path = folder / runs.LANES
        runs.write_text(path, json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n")
        return [path]

    def text(self) -> str:
        """Print both for a terminal, after the tables of the run."""
        tables = [*([self._controls()] if self.controlled else []), *([self._rows()] if self.comparison.rows else [])]
        lines = [*aligned(tables), ""]
        if self.comparison.reason is not None:
            lines.append(f"No exact answer to compare with: {self.comparison.reason}.")
        return "\n".join(lines) + "\n"

    def _rows(self) -> Table:
        seen = self.comparison
        many = f"all {seen.replications:,}" if seen.laws == 1 else f"the first {seen.replications:,}"
        notes = (
            f"{many} replications, at the values they have drawn; ± is one standard error of patients' luck alone,",
            "apart in standard errors beyond what the exact lane leaves out; more than 5 stops the run.",
        )
        rows = tuple(self._row(each) for each in seen.rows)
        head = ("", "", "", "simulated 模拟", "exact 精确", "±", "apart")
        return Table("Simulation and exact lane 模拟与精确计算互校", head, rows, notes)

    def _row(self, row: Compared) -> tuple[str, ...]:
        apart = f"{row.apart:.1f}"
        if row.figure.startswith("P("):
            name = row.figure[2:-1]
            values = (written(100 * each, 100 * row.se) for each in (row.simulated, row.exact, row.se))
            return PROBABILITIES[name][0], name, "%", *values, apart
        measure, what = row.figure.split()
        se = row.se / self.money.yuan
        values = (written(each / self.money.yuan, se) for each in (row.simulated, row.exact, row.se))
        return f"{MEASURES[measure].zh}: {OF[what]}", row.figure, self.money.en, *values, apart

    def _controls(self) -> Table:
        rows = []
        for each in self.controlled:
            plain, left = (with_error(of, 1 / self.money.yuan) for of in (each.plain, each.estimate))
            rows.append(
                (MEASURES[each.measure].zh, each.measure, self.money.en, *plain, *left, f"{each.reduction:.1f}")
            )
        names = ", ".join(self.controlled[0].controls)
        head = ("", "", "", "simulated 模拟", "±", "controlled 控制后", "±", "variance ÷")
        notes = (f"controlled for 控制变量: {names};", "coefficients from other replications, means by quadrature.")
        return Table("Means with control variates 控制变量", head, tuple(rows), notes)
