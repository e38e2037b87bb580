"""From synthetic records to a claims model and back: the command, and what it knows of a model that is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import fundsim as fs
from conftest import SCENARIOS
from fundsim.calibration import Experience, calibrate
from fundsim.calibration.care import Choices
from fundsim.cli import main
from fundsim.records import read_records
from fundsim.records.synthesis import SynthesisPlan, synthesise
from fundsim.scenario.checking import check_file

CARE = ("township", "county", "tertiary", "major", "chronic")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    synthesise(fs.load(SCENARIOS / "qinzhou-2017.yaml"), SynthesisPlan(persons=60_000, years=3), folder / "r.csv")
    return folder


def invoke(files: Path, *options: str):
    records, enrolment = str(files / "r.csv"), str(files / "r-enrolment.csv")
    return CliRunner().invoke(main, ["calibrate", records, "--enrolment", enrolment, *options])


def test_records_become_a_claims_model(files: Path, tmp_path: Path):
    out = tmp_path / "claims.yaml"
    result = invoke(files, "--out", str(out), "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert set(told["calibration"]["care"]) == set(CARE)
    assert "claims model" in check_file(out)
    written = out.read_text(encoding="utf-8")
    people = {line.split(",")[0] for line in (files / "r.csv").read_text(encoding="utf-8").splitlines()[1:2000]}
    assert not any(person in written or person in result.stdout for person in people)


def test_the_model_that_made_the_records_comes_back(files: Path):
    records = read_records(files / "r.csv", enrolment=files / "r-enrolment.csv")
    found = calibrate(records, choices=Choices(samples=0))
    claims = fs.load(SCENARIOS / "qinzhou-2017.yaml").terms.claims
    groups = {
        name: group.admissions
        for name, group in fs.load(SCENARIOS / "qinzhou-2017.yaml").terms.population.groups.items()
    }
    assert found.frequency.family == "negative-binomial"
    assert abs(found.frequency.cv - claims.admissions.cv) < 3 * found.frequency.cv_se
    ordinary = found.experience.groups.index("ordinary")
    for place, name in enumerate(found.experience.groups):
        ratio = found.frequency.multipliers[place] / found.frequency.multipliers[ordinary]
        se = ratio * np.hypot(
            *(found.frequency.multipliers_se[[place, ordinary]] / found.frequency.multipliers[[place, ordinary]])
        )
        assert abs(ratio - groups[name] / groups["ordinary"]) <= 3 * se
    for name in ("township", "county", "tertiary", "chronic"):
        level, true = found[name], claims.care[name]
        assert abs(level.share - true.share / 1e6) < 3 * level.share_se
        lognormal = level.comparison["lognormal"].fit
        assert abs(lognormal.parameters["sigma"] - true.cost.natural[1]) < 3 * lognormal.errors["sigma"]


def test_the_catalogue_is_read_from_what_patients_pay_first(files: Path):
    records = read_records(files / "r.csv", enrolment=files / "r-enrolment.csv")
    found = Experience.of(records)
    assert found.split is not None
    assert found.split.sum(axis=1) == pytest.approx(found.cost)
    assert "比例未说明" in found.split_note
    claims = fs.load(SCENARIOS / "qinzhou-2017.yaml").terms.claims
    for place, name in enumerate(found.care_levels):
        shares = found.split[found.care == place].sum(axis=0) / found.cost[found.care == place].sum()
        true = claims.care[name].catalogue
        assert shares[2] + shares[3] == pytest.approx((true.C + true.excluded) / 1e6, abs=2e-3)


def test_a_held_year_is_predicted(files: Path):
    result = invoke(files, "--backtest", "2017")
    assert result.exit_code == 0, result.output
    assert "回溯检验：以2015、2016年拟合，预测2017年" in result.stdout
    assert "个实际值落在95%预测区间内" in result.stdout
    told = json.loads(invoke(files, "--backtest", "2017", "--json").stdout)["backtest"]
    assert told["held"] == [2017]
    assert np.mean([each["covered"] for each in told["forecasts"]]) > 0.6


def test_what_is_asked_must_make_sense(files: Path, tmp_path: Path):
    out = str(tmp_path / "c.yaml")
    assert "there are no records of 2030" in invoke(files, "--backtest", "2030").stderr
    assert invoke(files, "--backtest", "2030").exit_code == 2
    assert "no year is left to fit" in invoke(files, "--backtest", "2015-2017").stderr
    for options in ((), ("--out", out, "--backtest", "2017"), ("--grouped", "x.csv", "--out", out)):
        assert invoke(files, *options).exit_code == 2
    alone = CliRunner().invoke(main, ["calibrate", str(files / "r.csv"), "--out", out])
    assert alone.exit_code == 2
    assert "give --enrolment" in alone.stderr
    assert not Path(out).exists()
