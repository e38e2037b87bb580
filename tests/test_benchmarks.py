"""The benchmark runs, compares before it times, and its comparison can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
TOWN, REPLICATIONS = 60_000, 40


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import city

    return city


@pytest.mark.parametrize("way", [["-m", "benchmarks.city"], [str(Path("benchmarks") / "city.py")]])
def test_quick_runs_and_writes_nothing(way: list[str]) -> None:
    results = ROOT / "benchmarks" / "results"
    before = {path: path.stat().st_mtime_ns for path in results.glob("*")}
    done = subprocess.run([sys.executable, *way, "--quick"], cwd=ROOT, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    for heading in ("The two agree", "One design", "5 designs on the same people", "Ratios", "Peak memory", "Goals"):
        assert heading in done.stdout
    assert str(ROOT) not in done.stdout
    assert {path: path.stat().st_mtime_ns for path in results.glob("*")} == before


def test_the_models_agree(city: ModuleType) -> None:
    rows = city.agreement(TOWN, REPLICATIONS)
    assert len(rows) == 5
    assert all(row.agrees for row in rows), rows


def test_a_wrong_deductible_is_found_out(city: ModuleType) -> None:
    rows = {row.measure: row for row in city.agreement(TOWN, REPLICATIONS, deductible=6600.0)}
    assert not rows["beneficiaries per 1,000"].agrees


def test_models_that_disagree_are_not_timed(
    city: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    agreement, timed = city.agreement, list[object]()
    monkeypatch.setattr(city, "agreement", lambda insured, n: agreement(insured, n, deductible=8000.0))
    monkeypatch.setattr(city, "measure", timed.append)
    assert city.main(["--quick"]) == 1
    assert not timed
    assert "not timed" in capsys.readouterr().err


def test_running_again_and_reusing_the_draws_are_the_same_people(city: ModuleType) -> None:
    deductibles, model = [6000.0, 7000.0, 9000.0], city.numpy_model
    again = model.rerun(TOWN, deductibles, 3, 0)
    reused = model.replication(TOWN, deductibles, 3, 0)
    np.testing.assert_allclose(again, reused, rtol=1e-12)


def test_bills_are_settled_in_order(city: ModuleType) -> None:
    """Two bills of 40,000, local then outside-unreferred: 34,400; in the other order 42,400."""
    model = city.numpy_model
    banded, flat = model.BANDED[[0, 4]], model.FLAT[[0, 4]]
    for order, paid in (([0, 1], 34_400.0), ([1, 0], 42_400.0)):
        bills = model.Bills(
            base=[np.array([40_000.0])] * 2,
            banded=[banded[[place]] for place in order],
            flat=[flat[[place]] for place in order],
            gross=np.array([1.0]),
            basic=np.array([0.0]),
        )
        assert model.settle(bills, 6000.0).claims == pytest.approx(paid)


# --- a file of bills -------------------------------------------------------------------------------------------------


@pytest.fixture
def settlement(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import settlement

    return settlement


def test_a_small_file_is_settled_alike_and_nothing_is_written(
    settlement: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settlement.main(["--quick", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    for heading in ("The two agree", "Both, in turns", "rows per second", "Ratios", "Goals"):
        assert heading in printed
    assert str(ROOT) not in printed
    assert not list(tmp_path.iterdir())


def test_a_statement_by_a_wrong_deductible_is_found_out(
    settlement: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = "import pandas as pd, pandas_settlement as other\nbills = pd.read_csv({}, dtype={{'person_id': str}})\n"
    wrong += "other.settle(bills, deductible=6600.0).to_csv({}, index=False)\n"
    monkeypatch.setattr(settlement, "PANDAS", wrong)
    assert settlement.main(["--quick"]) == 1
    told = capsys.readouterr()
    assert "disagree" in told.err
    assert "| NO |" in next(line for line in told.out.splitlines() if "paid_cii" in line)
    assert "rows per second" not in told.out


def test_the_bills_are_the_same_for_a_seed(settlement: ModuleType, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        settlement.write_bills(tmp_path / name, 500, seed=3)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines == (tmp_path / "b.csv").read_text().splitlines()
    assert len(lines) == 501
    persons = [line.split(",")[0] for line in lines[1:]]
    assert len(set(persons)) < len(persons)
    assert persons != sorted(persons)
