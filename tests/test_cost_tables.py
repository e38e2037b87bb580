"""Costs by bands in a scheme: from a CSV or inline, through both lanes, with trend, level and an uncertain tail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fundsim as fs
from cities import ADMISSIONS, ANNUAL
from fundsim.lanes import compare
from fundsim.scenario import Scenario, ScenarioError, load, load_text
from fundsim.severity import CostTable

AMOUNT = "  amount:"
CLOSED = """{family: table, bands: [{to: 3000 yuan, share: 40%, mean: 1600 yuan}, {to: 9000 yuan, share: 35%},
    {to: 40000 yuan, share: 22%, mean: 17000 yuan}, {to: 200000 yuan, share: 3%}]}"""
OPEN = """{family: table, bands: [{to: 3000 yuan, below: 40%, mean: 1600 yuan}, {to: 9000 yuan, below: 75%},
    {to: 40000 yuan, below: 96.5%}, {below: 100%, mean: 76000 yuan}], tail: {index: 0.3}}"""
SPLICED = f"{{family: spliced, body: {CLOSED}, tail: {{above: 30000 yuan, index: 0.3}}}}"
LEVEL = "\nuncertainty:\n  inputs:\n    level: {of: cost, distribution: {family: lognormal, cv: 0.08}}\n"
INDEX = "    tail: {of: tail-index, distribution: {family: normal, mean: 0.3, sd: 0.05}, within: [0.15, 0.45]}\n"
CSV = 'to (yuan),share (%),mean (yuan)\n3000,40,1600\n"9,000",35,\n4万元,22%,17000\n200000 元,3,\n'


def annual(cost: str, more: str = "") -> Scenario:
    lines = [f"  amount: {cost}" if line.startswith(AMOUNT) else line for line in ANNUAL.splitlines()]
    return load_text("\n".join(lines) + "\n" + more)


def table_of(scenario: Scenario) -> CostTable:
    amount = scenario.terms.claims.amount
    assert isinstance(amount, CostTable)
    return amount


# -- a CSV beside the scheme ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_csv_says_what_the_same_bands_say_inline(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "amounts.csv").write_text(CSV, encoding=encoding)
    text = ANNUAL.replace(next(line for line in ANNUAL.splitlines() if line.startswith(AMOUNT)), "  amount: COST")
    (tmp_path / "used.yaml").write_text(
        text.replace("COST", "{family: table, bands: {use: tables/amounts.csv}}"), encoding="utf-8"
    )
    (tmp_path / "inline.yaml").write_text(text.replace("COST", CLOSED), encoding="utf-8")
    used, inline = load(tmp_path / "used.yaml"), load(tmp_path / "inline.yaml")
    assert used.fingerprint == inline.fingerprint
    assert table_of(used) == table_of(inline)
    assert load_text(used.to_yaml()).fingerprint == inline.fingerprint  # the effective document stands alone


def test_the_csv_of_a_claims_file_is_looked_for_beside_that_file(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "amounts.csv").write_text(CSV, encoding="utf-8")
    block = ANNUAL[ANNUAL.index("claims:\n") : ANNUAL.index("contract:")]
    own = ["  amount: {family: table, bands: {use: amounts.csv}}" if line.startswith(AMOUNT) else line
           for line in block.splitlines()]  # fmt: skip
    (tmp_path / "claims" / "pilot.yaml").write_text("fundsim: 1\nid: pilot\n" + "\n".join(own) + "\n", encoding="utf-8")
    (tmp_path / "city.yaml").write_text(ANNUAL.replace(block, "claims: {use: claims/pilot}\n"), encoding="utf-8")
    assert table_of(load(tmp_path / "city.yaml")) == table_of(annual(CLOSED))


def test_a_change_reaches_into_the_rows_of_a_csv(tmp_path: Path) -> None:
    (tmp_path / "amounts.csv").write_text(CSV, encoding="utf-8")
    text = ANNUAL.replace(
        next(line for line in ANNUAL.splitlines() if line.startswith(AMOUNT)),
        "  amount: {family: table, bands: {use: amounts.csv}}",
    )
    design = 'designs:\n  dearer:\n    change: {"claims.amount.bands[2].mean": {from: 17000 yuan, to: 19000 yuan}}\n'
    (tmp_path / "city.yaml").write_text(text + design, encoding="utf-8")
    scenario = load(tmp_path / "city.yaml")
    ((_, dearer),) = scenario.designs
    assert table_of(dearer).mean() - table_of(scenario).mean() == pytest.approx(0.22 * 2000)


def test_a_design_may_bring_a_csv_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "amounts.csv").write_text(CSV, encoding="utf-8")
    old = next(line for line in ANNUAL.splitlines() if line.startswith(AMOUNT)).removeprefix(AMOUNT)
    change = f"claims.amount: {{from:{old}, to: {{family: table, bands: {{use: amounts.csv}}}}}}"
    text = ANNUAL + f"designs:\n  observed:\n    change: {{{change}}}\n"
    (tmp_path / "city.yaml").write_text(text, encoding="utf-8")
    ((_, observed),) = load(tmp_path / "city.yaml").designs
    assert table_of(observed) == table_of(annual(CLOSED))


def test_a_csv_that_is_wrong_is_told_once_with_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "amounts.csv").write_text("to (yuan),share (%)\n3000,40\n2000,70\n", encoding="utf-8")
    text = ANNUAL.replace(
        next(line for line in ANNUAL.splitlines() if line.startswith(AMOUNT)),
        "  amount: {family: table, bands: {use: amounts.csv}}",
    )
    (tmp_path / "city.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "city.yaml")
    assert [(Path(each.file).name, each.line) for each in caught.value.problems] == [
        ("city.yaml", text.splitlines().index("  amount: {family: table, bands: {use: amounts.csv}}") + 1),
        ("amounts.csv", 3),
    ]


# -- both lanes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "more"),
    [(CLOSED, ""), (CLOSED, LEVEL), (OPEN, LEVEL + INDEX), (SPLICED, LEVEL)],
    ids=["closed", "closed, level uncertain", "open, level and tail index uncertain", "body of a splice"],
)
def test_both_lanes_agree(cost: str, more: str) -> None:
    seen = compare(fs.simulate(annual(cost, more), 60, workers=1))
    assert seen.reason is None
    assert max(row.apart for row in seen.rows) < 4.5
    seen.check()


def test_both_lanes_agree_through_basic_insurance() -> None:
    """By admission, bands beside a lognormal in one model, with trend, group multipliers and several bills a person."""
    text = ADMISSIONS.replace("      - {when: {place: away}, pay: -10pp}\n", "").replace("cap: 60000 yuan/year", "")
    text = text.replace("{family: lognormal, mean: 5000 yuan, cv: 1.1}", CLOSED)
    text = text.replace("  year: 2017\n", "  year: 2017\n  trend: {cost: 8%/year, to: 2019}\n")
    seen = compare(fs.simulate(load_text(text), 120, workers=1))
    assert seen.reason is None
    assert max(row.apart for row in seen.rows) < 4.5


def test_trend_multiplies_bills_before_the_deductible() -> None:
    """Claims at growth f are f·E[(X - d/f)+] through every band: by the family's own limited means."""
    scenario = annual(CLOSED)
    grown = scenario.replace({"claims.trend": {"cost": "10%/year", "to": "2020"}})
    table, factor = table_of(scenario), 1.1**3
    knots = np.array([6e3, 26e3, 46e3, 66e3, 6e3 + 20e3 * 3 + (200e3 - 36e3) / 0.8])
    for each, f in ((scenario, 1.0), (grown, factor)):
        limited = f * table.limited_mean(knots / f)
        paid = float(np.dot(np.diff(limited), [0.5, 0.6, 0.7, 0.8]))
        assert fs.exact.exact(each).mean("claims_paid") == pytest.approx(20_000 * 0.06 * paid, rel=1e-5)
