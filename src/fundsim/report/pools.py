"""Many pools at a glance (多统筹区): what the command line prints of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fundsim import runs
from fundsim.pools import simulate_pools
from fundsim.report.amounts import MILLION, scaled, written
from fundsim.report.layout import Table, aligned

if TYPE_CHECKING:
    import pandas as pd

POOLS: Final = "pools.csv"


def run_pools(
    files: Sequence[Path],
    n: int | None,
    seed: int | None,
    *,
    years: int | None,
    out: Path | None,
    workers: int | None,
    executor: Executor | None,
    as_json: bool,
) -> tuple[str, Path]:
    """Simulate many schemes, with one progress bar on stderr; returns what to print, and the table that was written."""
    folder = Path("runs") / "pools" if out is None else out
    frame = simulate_pools(files, folder, n, seed, years=years, workers=workers, executor=executor, progress=True)
    runs.write_text(folder / POOLS, runs.EXCEL + frame.to_csv())
    if as_json:
        return json.dumps(json.loads(frame.reset_index().to_json(orient="records")), indent=2) + "\n", folder / POOLS
    return "\n".join(aligned([_table(frame)])) + "\n", folder / POOLS


def _table(frame: pd.DataFrame) -> Table:
    head = (
        "", "", "insured 参保人数", "premium 保费", "claims 赔付", "±", "loss ratio % 赔付率", "±",
        "result 净损益", "±", "P(loss) % 亏损概率",
    )  # fmt: skip
    rows = tuple(_row(row) for _, row in frame.reset_index().iterrows())
    notes = (f"{MILLION.label} a year; ± is one standard error of the simulation. Pools are not added up 各池不相加.",)
    return Table("pools 统筹区", head, rows, notes, names=2)


def _row(row: pd.Series) -> tuple[str, ...]:
    def told(name: str, factor: float) -> tuple[str, str]:
        mean, se = scaled(row[name], factor), scaled(row[f"{name}_se"], factor)
        return written(mean, se), written(se, se)

    in_millions = 1 / MILLION.yuan
    half = 100 * (row["p_loss_hi"] - row["p_loss_lo"]) / 4
    return (
        row["pool"], row["design"], f"{row['insured']:,}", told("premium", in_millions)[0],
        *told("claims_paid", in_millions), *told("loss_ratio", 100), *told("insurer_result", in_millions),
        written(100 * row["p_loss"], half),
    )  # fmt: skip
