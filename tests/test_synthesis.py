"""Synthetic records: faults put in are found and counted exactly, and what is drawn follows the model."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import fundsim as fs
from fundsim.claims import AdmissionClaims, ClaimsModel
from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT
from fundsim.records import Records, read_records
from fundsim.records.synthesis import FAULTS, SynthesisError, SynthesisPlan, parse_faults, synthesise
from fundsim.records.synthesis.drawing import Draw
from fundsim.records.synthesis.settling import Settling
from fundsim.statements import settle

ROOT = Path(__file__).parents[1]
SCHEME = ROOT / "scenarios" / "qinzhou-2017.yaml"


@pytest.fixture(scope="module")
def scheme() -> Any:
    return fs.load(SCHEME)


def made(scheme: Any, folder: Path, **plan: Any) -> tuple[Records, dict[str, Any], Path]:
    path, enrolment, manifest = synthesise(scheme, SynthesisPlan(**plan), folder / "records.csv")
    return read_records(path, enrolment=enrolment), json.loads(manifest.read_text(encoding="utf-8")), path


@pytest.fixture(scope="module")
def clean(scheme: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Records, dict[str, Any], Path]:
    return made(scheme, tmp_path_factory.mktemp("clean"), persons=30_000, years=3)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_faults_put_in_are_found_and_counted_exactly(scheme: Any, encoding: str, tmp_path: Path) -> None:
    faults = parse_faults(",".join(f"{name}=0.9%" for name in FAULTS))
    records, manifest, _ = made(scheme, tmp_path, persons=8_000, years=2, faults=faults, encoding=encoding)
    quality = records.quality
    assert all(manifest["faults"][name]["records"] > 0 for name in FAULTS)
    found = {each.reason: each.rows for each in quality.excluded}
    found |= {each.name: each.count for each in quality.warnings}
    assert found == manifest["to_be_found"]
    assert quality.rows == manifest["rows"]
    assert quality.kept == quality.rows - sum(each.rows for each in quality.excluded)
    assert quality.money == quality.kept_money + sum(each.money for each in quality.excluded)


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_alone(scheme: Any, name: str, tmp_path: Path) -> None:
    records, manifest, _ = made(scheme, tmp_path, persons=2_000, years=1, faults={name: 0.05})
    quality = records.quality
    found = {each.reason: each.rows for each in quality.excluded}
    found |= {each.name: each.count for each in quality.warnings}
    assert found == manifest["to_be_found"] != {}


def test_records_without_faults_have_none(clean: tuple[Records, dict[str, Any], Path]) -> None:
    records, manifest, _ = clean
    assert records.quality.excluded == ()
    assert records.quality.warnings == ()
    assert len(records) == manifest["records"] == manifest["rows"]
    assert records.exposure is not None
    assert [records.exposure.total(year) for year in (2015, 2016, 2017)] == [30_000] * 3


def test_faults_spoil_the_records_that_would_be_there_without_them(scheme: Any, tmp_path: Path) -> None:
    _, _, path = made(scheme, tmp_path, persons=1_000, years=1)
    sound = set(path.read_text(encoding="utf-8").splitlines())
    _, manifest, path = made(scheme, tmp_path, persons=1_000, years=1, faults={"amounts": 0.05})
    spoilt = set(path.read_text(encoding="utf-8").splitlines())
    assert len(sound - spoilt) == len(spoilt - sound) == manifest["faults"]["amounts"]["records"]


def test_the_same_seed_gives_the_same_bytes_and_more_persons_move_nobody(scheme: Any, tmp_path: Path) -> None:
    texts = []
    for seed, persons in ((1, 1_000), (1, 1_000), (2, 1_000), (1, 1_100)):
        _, _, path = made(scheme, tmp_path, persons=persons, years=1, seed=seed)
        texts.append(path.read_text(encoding="utf-8").splitlines())
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]
    assert set(texts[0]) < set(texts[3])


def test_frequency_and_cost_are_those_of_the_model(scheme: Any, clean: tuple[Records, dict[str, Any], Path]) -> None:
    """Counts and costs by year, group and care level within four standard errors of what the file states."""
    records, _, _ = clean
    claims = scheme.terms.claims
    assert isinstance(claims, AdmissionClaims)
    assert claims.trend is not None
    for year in (2015, 2017):
        growth = (1 + claims.trend.cost / 1e6) ** (year - claims.year)
        for group in scheme.population.groups:
            of_group = (records.year == year) & (records.group == records.groups.index(group.name))
            exposed = records.exposure.total(year, group=records.groups.index(group.name))  # type: ignore[union-attr]
            mean = claims.admissions.mean(group.admissions)
            error = np.sqrt(claims.admissions.variance(group.admissions) / exposed)
            assert of_group.sum() / exposed == pytest.approx(mean, abs=4 * error)
    of_2017 = (records.year == 2017) & (records.group == records.groups.index("ordinary"))
    for level, care in claims.care.items():
        chosen = of_2017 & (records.care == records.care_levels.index(level))
        share = care.share / 1e6
        assert chosen.sum() / of_2017.sum() == pytest.approx(share, abs=4 * np.sqrt(share / of_2017.sum()))
        limit = float(care.cost.quantile(0.9))
        costs = np.minimum(records.in_yuan("medfee_sumamt")[chosen] / growth, limit)
        error = costs.std() / np.sqrt(len(costs))
        assert costs.mean() == pytest.approx(float(care.cost.limited_mean(limit)), abs=4 * error)


@pytest.mark.parametrize("name", ["qinzhou-2017", "binhai-2019"])
def test_payments_are_what_settling_the_bills_pays(name: str) -> None:
    """The amounts of drawn admissions, and the same bills settled through the public door, to the fen."""
    scheme = fs.load(ROOT / "scenarios" / f"{name}.yaml")
    claims = scheme.terms.claims
    assert isinstance(claims, AdmissionClaims)
    model = ClaimsModel.build(claims, scheme.population)
    group = model.population.groups[-1]
    admissions = Draw(1, model, claims).admissions(group, scheme.terms.valid.from_.year, np.arange(4_000))
    amounts = Settling.build(scheme, model).amounts(group, admissions)
    traits = [{**group.traits, **model.cells[cell].traits} for cell in admissions.cell]
    bills = pd.DataFrame(
        {
            "person_id": admissions.person,
            "discharge_date": [datetime.date.fromordinal(day).isoformat() for day in admissions.discharged],
            **{
                trait: [each.get(trait, values[0]) for each in traits]
                for trait, values in scheme.plan.traits.values.items()
            },
            **{f"cost_{each}": admissions.cost[:, place] / 100 for place, each in enumerate("abc")},
            "cost_excluded": admissions.excluded / 100,
            "admission_id": admissions.number,
        }
    )  # fmt: skip
    statement = settle(scheme, bills)
    columns = dict(zip(scheme.plan.names, Settling.build(scheme, model).paying, strict=True))
    assert columns[scheme.plan.primary] == "hifmi_pay"
    for column in set(columns.values()):
        paid = sum(statement[f"paid_{payer}"] for payer, where in columns.items() if where == column)
        assert (np.rint(paid * 100) == amounts[column]).all()
    borne = statement["patient_pays"] + statement["excluded"]
    assert (np.rint(borne * 100) == amounts["psn_part_amt"]).all()
    assert amounts["hifmi_pay"].sum() > 0


def test_amounts_add_up_both_ways(clean: tuple[Records, dict[str, Any], Path]) -> None:
    records, _, _ = clean
    amounts = records.amounts
    parts = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
    payers = ("hifp_pay", "hifmi_pay", "maf_pay", "oth_pay", "psn_part_amt")
    assert (sum(amounts[name] for name in parts) == records.total).all()
    assert (sum(amounts[name] for name in payers) == records.total).all()


def test_what_is_settled_after_the_day_of_extraction_is_not_there(scheme: Any, tmp_path: Path) -> None:
    day = datetime.date(2017, 9, 30)
    records, manifest, _ = made(scheme, tmp_path, persons=5_000, years=1, extracted=day)
    assert records.settled is not None
    assert records.settled.max() <= day.toordinal()
    whole, _, _ = made(scheme, tmp_path, persons=5_000, years=1)
    assert len(whole) == len(records) + manifest["settled_later"]
    months = [np.bincount(each.month, minlength=13)[1:10] for each in (records, whole)]
    assert months[0][0] / months[1][0] > months[0][8] / months[1][8]  # the last months are less complete


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--faults", "duplicate=1%"], "there is no kind 'duplicate'; did you mean 'duplicates'?"),
        (["--faults", "duplicates=0.5"], "duplicates: '0.5' has no unit"),
        (["--faults", "duplicates=60%,ids=50%"], "the rates add up to more than 100%"),
        (["--out", "none/records.csv"], "there is no folder none"),
    ],
)
def test_wrong_usage_is_told(options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(main, ["synth", str(SCHEME), "--persons", "10", "--out", "records.csv", *options])
    assert answer.exit_code == BAD_INPUT
    assert words in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_annual_claims_have_no_records(scheme: Any, tmp_path: Path) -> None:
    annual = scheme.replace(
        {
            "claims": {
                "basis": "in-policy-left",
                "year": "2017",
                "persons": {"family": "at-most-one", "mean": "10 per 1000 persons"},
                "amount": {"family": "lognormal", "mean": "9000 yuan", "cv": 1},
            }
        }
    )
    with pytest.raises(SynthesisError, match="annual amounts left in policy; records need single admissions"):
        synthesise(annual, SynthesisPlan(persons=10), tmp_path / "records.csv")


def test_the_command_writes_three_files(tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    answer = CliRunner().invoke(
        main, ["synth", str(SCHEME), "--persons", "300", "--years", "1", "--extracted", "2017-12-31", "--out", str(out)]
    )
    assert answer.exit_code == 0, answer.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r-enrolment.csv", "r-manifest.json", "r.csv"]
    assert answer.stdout == ""
