"""1.2 million records, as twelve counties have in three years: made, read and judged, in bounded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Record

pytestmark = pytest.mark.slow

SCHEME = Path(__file__).parents[1] / "scenarios" / "qinzhou-2017.yaml"
FAULTS = "duplicates=0.5%,reversals=1%,missing=0.3%,ids=0.1%,cells=0.1%,totals=0.2%"
MOST = 2_000
"""MB."""


def test_a_million_records_are_judged_in_bounded_memory(tmp_path: Path, record: Record) -> None:
    out = tmp_path / "records.csv"
    made, seconds, peak = run(
        "synth", str(SCHEME), "--persons", "2900000", "--faults", FAULTS, "--out", str(out), folder=tmp_path
    )
    assert made == ""
    manifest = json.loads((tmp_path / "records-manifest.json").read_text(encoding="utf-8"))
    assert manifest["records"] > 1_200_000
    assert peak < MOST
    record(f"{manifest['records']:,} synthetic records written", f"{seconds:.0f} s, peak {peak:.0f} MB")
    told, seconds, peak = run(
        "calibrate", str(out), "--enrolment", str(tmp_path / "records-enrolment.csv"), "--quality", "--json",
        "--allow-small-cells", folder=tmp_path,
    )  # fmt: skip
    quality = json.loads(told)["quality"]
    found = {reason: each["rows"] for reason, each in quality["excluded"].items()}
    assert found == {name: n for name, n in manifest["to_be_found"].items() if name != "parts-differ"}
    assert quality["rows"] == manifest["rows"] == quality["kept"] + sum(found.values())
    assert peak < MOST
    record(f"{quality['rows']:,} records read and judged", f"{seconds:.0f} s, peak {peak:.0f} MB")


def run(*arguments: str, folder: Path) -> tuple[str, float, float]:
    """What a command prints, its seconds of processor time, and its peak of memory in MB."""
    told = folder / "told"
    with told.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "fundsim.cli", *arguments], stdout=file)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return told.read_text(encoding="utf-8"), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
