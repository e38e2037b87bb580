"""Funds of a simulated scheme: in results, on disk, in print and as a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import fundsim as fs
from fundsim.cli import main
from fundsim.ledger import Party
from fundsim.report.funds import plot_cash, write_cash
from fundsim.report.tables import summary_html, summary_text
from fundsim.results import Results
from fundsim.scenario import load_text
from fundsim.scenario.show import to_text

SCHEME = """
fundsim: 1
id: two-funds
traits: {member: [resident, employee]}
waterfall: [employee-basic, resident-basic, cii]
payers:
  employee-basic: {base: {counts: {A: 100%}}, accumulate: admission, pay: 83%, only: [{member: employee}]}
  resident-basic: {base: {counts: {A: 100%}}, accumulate: admission, pay: 70%, only: [{member: resident}]}
  cii:
    base: {counts: {A: 100%}, less: [paid by resident-basic]}
    deductible: 6000 yuan
    pay: 50%
    only: [{member: resident}]
population:
  insured: 5000 persons
  groups: {residents: {traits: {member: resident}}, employees: {share: 40%, traits: {member: employee}}}
claims:
  basis: admissions
  year: 2011
  admissions: {family: poisson, mean: 0.15 per person}
  care:
    county: {share: 100%, cost: {family: lognormal, mean: 7000 yuan, cv: 1.3}, catalogue: {A: 80%, B: 20%, C: 0%}}
contract: {preset: generic-corridor, premium: 60 yuan/person, expense: 2%}
simulation: {bills: all, replications: 30, seed: 3}
"""
FUNDS = """
funds:
  residents:
    title: {zh: 居民医保基金, en: residents' fund}
    pays: [resident-basic]
    insured: {member: resident}
    income: {fiscal: {per_person: 240 yuan/person, arrives: quarterly}, personal: 180 yuan/person}
    transfers: {cii: 15 yuan/person}
    settles:
      by: global-budget
      last_total: 450 yuan/person
      growth: 26%/year
      growth_cap: 15%/year
      advance: 90%
      overspend: [{to: 5%, hospitals: 50%}, {hospitals: 100%}]
      underspend_kept: 20%
  cii: {pays: [cii], insured: {member: resident}}
  employees:
    pays: [employee-basic]
    insured: {member: employee}
    income: {employer: {per_person: 700 yuan/person, arrives: monthly}}
    settles: {by: monthly-clearing, prefund_months: 3, lag_months: 3}
designs:
  shorter-lag: {change: {funds.employees.settles.lag_months: {from: 3, to: 1}}}
"""


@pytest.fixture(scope="module")
def results() -> Results:
    return fs.simulate(load_text(SCHEME + FUNDS))


def figure(results: Results, fund: str, measure: str) -> Any:
    return results.funds().loc[(fund, measure)]


def test_each_fund_bears_its_payers_and_all_parties_reconcile_to_the_fen(results: Results) -> None:
    funds, paid = results.funds_year.funds, results.monthly["paid"]
    for name, position in {"employees": 0, "residents": 1, "cii": 2}.items():
        np.testing.assert_array_equal(funds[name].billed, paid[:, :, position])
    assert results.ledger is not None
    ledger = results.funds_year.ledger
    assert not ledger.imbalance().any()
    borne, kept = (sum(getattr(fund.settled, part) for fund in funds.values()) for part in ("borne", "kept"))
    np.testing.assert_array_equal(ledger.balance(Party.PROVIDERS) + borne - kept, paid.sum(axis=(1, 2)))
    by_payers = results.ledger.total("paid by resident-basic")
    residents = funds["residents"]
    np.testing.assert_array_equal(residents.payments + residents.settled.borne - residents.settled.kept, by_payers)
    assert (funds["residents"].heads, funds["employees"].heads) == (3_000, 2_000)


def test_funds_change_nothing_that_is_paid(results: Results) -> None:
    without = fs.simulate(load_text(SCHEME))
    assert all(np.array_equal(without.totals[name], results.totals[name]) for name in without.totals)
    assert without.scenario.fingerprint != results.scenario.fingerprint
    assert without.funds().empty
    assert without.to_dict()["funds"] == {}


def test_the_frame_has_a_row_for_every_figure_of_every_fund(results: Results) -> None:
    year = results.funds_year.funds["employees"]
    assert figure(results, "employees", "income")["mean"] == 1_400_000
    assert figure(results, "employees", "lowest_cash")["mean"] == pytest.approx(year.cash.min(axis=1).mean() / 100)
    dry = figure(results, "employees", "runs_dry")
    assert dry["mean"] == (year.cash < 0).any(axis=1).mean()
    assert dry["lo"] <= dry["mean"] <= dry["hi"]
    assert pd.isna(figure(results, "cii", "payments_growth")["mean"])


def test_a_design_may_change_how_a_fund_settles(results: Results) -> None:
    (_, design), *_ = results.scenario.designs
    base, sooner = fs.simulate_designs([results.scenario, design])
    long, short = (each.funds_year.funds["employees"] for each in (base, sooner))
    assert (short.lowest_cash >= long.lowest_cash).all()
    assert short.runs_dry.sum() < long.runs_dry.sum()


def test_funds_are_the_same_after_saving_and_loading(results: Results, tmp_path: Path) -> None:
    loaded = Results.load(results.save(tmp_path / "run"))
    pd.testing.assert_frame_equal(loaded.funds(), results.funds())
    assert loaded.to_dict() == results.to_dict()
    saved = pd.read_csv(tmp_path / "run" / "funds.csv", index_col=["fund", "measure"])
    assert saved.loc[("residents", "income"), "mean"] == 3_000 * 420


def test_json_tells_the_figures_and_the_cash_by_month(results: Results) -> None:
    printed = results.to_dict()["funds"]["residents"]
    assert printed["measures"]["income"]["mean"] == 3_000 * 420
    assert printed["measures"]["income_growth"]["mean"] is None
    assert set(printed["probabilities"]["runs_dry"]) == {"p", "lo", "hi"}
    cash = results.funds_year.funds["residents"].cash / 100
    assert printed["cash"]["p50"] == pytest.approx(np.median(cash, axis=0))
    assert len(printed["cash"]["p05"]) == len(printed["cash"]["p95"]) == 12


def test_the_summary_has_a_table_for_each_fund_in_both_languages(results: Results) -> None:
    text = summary_text([results])
    for words in (
        "residents' fund 居民医保基金",
        "基金收入",
        "hospitals_bear",
        "当期结余率",
        "Account runs dry 账户透支概率",
    ):
        assert words in text
        assert words.replace("'", "&#x27;") in summary_html(results)
    assert "账户透支概率" not in summary_text([fs.simulate(load_text(SCHEME), n=2)])


def test_show_tells_the_funds_in_the_words_of_the_file(results: Results) -> None:
    shown = to_text(results.scenario)
    assert "fund employees:\n" in shown
    assert "{by: monthly-clearing, prefund_months: 3, lag_months: 3}" in shown


def test_the_figure_shows_the_median_and_the_band(results: Results) -> None:
    ax = plot_cash(results, "employees")
    cash = results.funds_year.funds["employees"].cash / 1e5  # thousand yuan
    median = next(line for line in ax.lines if line.get_label() == "median")
    np.testing.assert_allclose(np.asarray(median.get_ydata(), dtype=float), np.median(cash, axis=0))
    low, high = np.percentile(cash, (5, 95), axis=0)
    corners = ax.collections[0].get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == pytest.approx((low.min(), high.max()))
    assert "P(runs dry)" in ax.get_title(loc="left")
    with pytest.raises(KeyError):
        results.plot_cash("nobody")


def test_figures_are_written_alike_and_only_where_there_are_funds(results: Results, tmp_path: Path) -> None:
    [first], [second] = (write_cash(results, tmp_path) for _ in range(2))
    assert first.read_bytes() == second.read_bytes()
    assert write_cash(fs.simulate(load_text(SCHEME), n=2), tmp_path) == []


def test_run_writes_the_funds_beside_the_rest(tmp_path: Path) -> None:
    (tmp_path / "scheme.yaml").write_text(SCHEME + FUNDS, encoding="utf-8")
    answer = CliRunner().invoke(main, ["run", str(tmp_path / "scheme.yaml"), "-n", "3", "--out", str(tmp_path / "run")])
    assert answer.exit_code == 0, answer.output
    for name in ("funds.csv", "cash.png"):
        assert (tmp_path / "run" / name).exists()
        assert f"wrote {tmp_path / 'run' / name}" in answer.stdout
