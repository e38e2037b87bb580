"""What is told of a contract over several years: averages of its years, each year by itself, and all of it kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure

import fundsim as fs
from cities import ADMISSIONS, city
from fundsim.cli import main
from fundsim.ledger import Party
from fundsim.measures import MEASURES
from fundsim.report import figures
from fundsim.report.corridor import corridor
from fundsim.report.designs import loss_at, needed_premium
from fundsim.report.tables import summary_html, summary_text, tables
from fundsim.results import Results, YearFigures
from fundsim.scenario import Scenario, ScenarioError, load_text

YEARS = 3
TERM = """contract:
  premium: 70 yuan/person
  allowance: 5%
  loss_cause: any
  tiers: [{to: 5%, insurer: 50%}, {insurer: 20%}]
  expense: 4%
  premium_adjustment: {target: 95%, within: [-5%, +10%]}
  termination: {loss_years: 1 year}
  instalments: [{month: 2, share: 50%}, {month: 7, share: 50%}]
simulation: {replications: 40, seed: 7, years: 3}
"""
DOCUMENT = ADMISSIONS[: ADMISSIONS.index("contract:")].replace("small-city", "term-city") + TERM


@pytest.fixture(scope="module")
def scheme() -> Scenario:
    return load_text(DOCUMENT, "term.yaml")


@pytest.fixture(scope="module")
def results(scheme: Scenario) -> Results:
    return fs.simulate(scheme)


@pytest.fixture(scope="module")
def one_year() -> Results:
    return fs.simulate(city(), n=20)


# --- totals made by hand --------------------------------------------------------------------------------------------

BY_HAND: tuple[dict[str, list[int]], ...] = (
    {"premium": [100, 100], "claims_paid": [80, 130], "insured": [4, 4], "surplus": [20, -30], "surplus_return": [5, 0],
     "insurer_result": [5, -20], "max_payout": [7, 3], "balance": [10, 0], "carried": [10, 0], "beneficiaries": [2, 1],
     "in_force": [1, 1]},
    {"premium": [200, 0], "claims_paid": [250, 0], "insured": [5, 0], "surplus": [-50, 0], "surplus_return": [0, 0],
     "insurer_result": [-4, 0], "max_payout": [9, 0], "balance": [4, 0], "carried": [-6, 0], "beneficiaries": [4, 0],
     "in_force": [1, 0]},
)  # fmt: skip
"""Two years (yuan and heads) of two replications, the second of which ended after the first year."""


def by_hand(results: Results) -> Results:
    """Results whose years are those above."""

    def fen(year: Mapping[str, list[int]]) -> dict[str, Any]:
        heads = ("insured", "beneficiaries", "in_force")
        zero = {name: np.zeros(2, np.int64) for name in results.totals if name not in ("terminated", "cash_short")}
        return zero | {name: np.array(each) * (1 if name in heads else 100) for name, each in year.items()}

    first, second = map(fen, BY_HAND)
    term = {name: first[name] + second[name] for name in first}
    term |= {"max_payout": np.array([900, 300]), "balance": np.array([400, 0]), "terminated": np.array([0, 1])}
    years = tuple(YearFigures(year, {}, {}) for year in (first, second))
    return replace(results, totals=term, groups={}, bands={}, years=years, n_years=2, insurer_cash=None)


def test_amounts_are_averages_of_the_years_and_ratios_those_of_the_totals(results: Results) -> None:
    term = by_hand(results)
    for name, expected in BY_HAND_VALUES.items():
        found = term.values(name)
        assert found is not None
        assert found.tolist() == expected, name
    assert term.estimate("premium").mean == 100
    assert term.estimate("loss_ratio").mean == pytest.approx(460 / 400)
    assert term.estimate("premium_per_head").mean == pytest.approx(400 / 13)


BY_HAND_VALUES: dict[str, list[float]] = {
    "premium": [150, 50],
    "claims_paid": [165, 65],
    "surplus": [-15, -15],
    "insurer_result": [0.5, -10],
    "beneficiaries": [3, 0.5],
    "carried": [2, 0],
    "loss_ratio": [1.1, 1.3],
    "max_payout": [9, 3],
    "balance": [4, 0],
}


def test_probabilities_are_those_of_the_whole_term(results: Results) -> None:
    """The first gains 5 and loses 4: it loses in its second year, and not over the term."""
    term = by_hand(results)
    assert {name: term.probability(name).p for name in term.chances} == {
        "deficit": 1, "return": 0.5, "insurer_loss": 0.5, "termination": 0.5,
    }  # fmt: skip
    assert [term.year(k).probability("insurer_loss").p for k in (1, 2)] == [0.5, 0.5]
    assert [term.year(k).probability("deficit").p for k in (1, 2)] == [0.5, 0.5]
    with pytest.raises(KeyError, match="'cash_short' is not a probability here; there are: deficit, return"):
        term.probability("cash_short")


def test_each_year_has_its_own_figures(results: Results) -> None:
    told = by_hand(results).to_dict()["by_year"]
    assert list(told) == ["1", "2"]
    means = {year: {name: each["mean"] for name, each in told[year]["measures"].items()} for year in told}
    assert (means["1"]["premium"], means["2"]["premium"]) == (100, 100)
    assert (means["1"]["premium_per_head"], means["2"]["premium_per_head"]) == (25, 40)
    assert (means["1"]["balance"], means["2"]["balance"]) == (5, 2)
    assert (means["1"]["loss_ratio"], means["2"]["loss_ratio"]) == (1.05, 1.25)
    with pytest.raises(IndexError, match="no year 3; the years go from 1 to 2"):
        by_hand(results).year(3)


# --- three simulated years ------------------------------------------------------------------------------------------


def test_some_contracts_end_early_and_others_do_not(results: Results) -> None:
    """What the tests below lean on: a loss in one of the first two years ends a contract, with nothing in its third."""
    ended = results.totals["terminated"] > 0
    lost = (results.years[0].totals["surplus"] < 0) | (results.years[1].totals["surplus"] < 0)
    assert (ended == lost).all()
    assert 0 < ended.sum() < results.replications
    assert (results.years[2].totals["in_force"] == ~ended).all()
    for of in ("totals", "groups"):
        assert not any(values[ended].any() for values in getattr(results.years[2], of).values())
    assert results.probability("termination").p == ended.mean()


def test_the_years_add_up_to_the_term_to_the_fen(results: Results) -> None:
    last = {"terminated", "cash_short", "balance", "max_payout"}
    assert set(results.years[0].totals) >= set(results.totals) - {"terminated"}
    for of in ("totals", "groups", "bands"):
        for name, found in getattr(results, of).items():
            each = [getattr(year, of)[name] for year in results.years if name not in last]
            if each and not name.endswith("edges"):
                assert (sum(each) == found).all(), name
    for name, measure in MEASURES.items():
        if measure.over is None and name not in last:
            means = [results.year(k).estimate(name).mean or 0.0 for k in (1, 2, 3)]
            assert results.estimate(name).mean == pytest.approx(sum(means) / YEARS), name


def test_every_posting_balances_in_every_year(results: Results) -> None:
    assert results.ledger is not None
    for each in (results, *(results.year(k) for k in (1, 2, 3))):
        assert each.ledger is not None
        assert not each.ledger.imbalance().any()
        assert (each.bands["own_cost_persons"].sum(axis=1) == each.totals["beneficiaries"]).all()
        assert (each.bands["own_cost_paid"].sum(axis=1) == each.totals["claims_paid"]).all()


def test_a_year_by_itself_is_the_run_of_one_year(scheme: Scenario, results: Results) -> None:
    """The first year of three has the people and bills of a run of one, only its contract has not ended."""
    alone, first = fs.simulate(scheme, years=1), results.year(1)
    assert first.n_years == 1
    assert first.year(1) is first
    for name in ("premium", "claims_paid", "surplus", "beneficiaries", "insurer_keep", "gross"):
        assert (alone.totals[name] == first.totals[name]).all(), name
    assert first.estimate("pure_premium") == alone.estimate("pure_premium")
    pd.testing.assert_frame_equal(first.band_table(), alone.band_table())


def test_the_premium_per_head_follows_its_adjustment(results: Results) -> None:
    rates = [results.year(k).estimate("premium_per_head").mean or 0 for k in (1, 2, 3)]
    assert rates[0] == 70
    assert rates[1] != 70
    assert 70 * 0.95 <= rates[1] <= 70 * 1.1


def test_json_of_three_years(results: Results) -> None:
    printed = json.loads(json.dumps(results.to_dict(), allow_nan=False))
    assert list(printed["by_year"]) == ["1", "2", "3"]
    assert list(printed["measures"]) == list(MEASURES)
    assert list(printed["probabilities"]) == ["deficit", "return", "insurer_loss", "termination", "cash_short"]
    for year in printed["by_year"].values():
        assert list(year) == ["measures", "probabilities"]
        assert list(year["measures"]) == list(MEASURES)
        assert list(year["probabilities"]) == ["deficit", "return", "insurer_loss", "cash_short"]
    assert printed["by_year"]["2"] != printed["by_year"]["3"]
    poor = printed["by_group"]["poor"]["measures"]
    assert poor["premium"]["mean"] == pytest.approx(printed["measures"]["premium"]["mean"] / 10, rel=1e-6)
    assert poor["premium_per_head"]["mean"] == pytest.approx(printed["measures"]["premium_per_head"]["mean"], rel=1e-6)


def test_json_of_one_year_is_what_it_was(one_year: Results) -> None:
    printed = one_year.to_dict()
    assert list(printed["probabilities"]) == ["deficit", "return", "insurer_loss"]
    assert {"balance", "premium_per_head"}.isdisjoint(printed["measures"])
    assert printed["by_year"] == {"1": {key: printed[key] for key in ("measures", "probabilities")}}


def test_frames_have_the_same_figures(results: Results) -> None:
    summary, years = results.summary(), results.by_year()
    assert list(summary.index) == list(MEASURES)
    assert years.loc[(2, "premium"), "mean"] == results.year(2).estimate("premium").mean
    assert len(years) == YEARS * len(MEASURES)
    frame = results.to_frame()
    assert frame["claims_paid"].to_numpy() == pytest.approx(results.totals["claims_paid"] / 300)
    assert results.band_table()["persons"].sum() == pytest.approx(results.estimate("beneficiaries").mean)
    assert "a year over 3 years" in repr(results)


# --- on disk --------------------------------------------------------------------------------------------------------


def test_what_is_loaded_is_what_was_saved(results: Results, tmp_path: Path) -> None:
    results.save(tmp_path)
    loaded = Results.load(tmp_path)
    assert loaded.to_dict() == results.to_dict()
    assert loaded.n_years == YEARS
    assert loaded.insurer_cash is not None
    assert results.insurer_cash is not None
    assert np.array_equal(loaded.insurer_cash, results.insurer_cash)
    for ours, theirs in zip((results, *results.years), (loaded, *loaded.years), strict=True):
        for of in ("totals", "groups", "bands", "monthly"):
            saved, found = getattr(ours, of), getattr(theirs, of)
            assert set(saved) == set(found)
            assert all(np.array_equal(saved[name], found[name]) for name in saved)
    assert summary_text([loaded]) == summary_text([results])


def test_years_csv_opens_in_excel(results: Results, one_year: Results, tmp_path: Path) -> None:
    results.save(tmp_path / "three")
    one_year.save(tmp_path / "one")
    assert (tmp_path / "three" / "years.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(tmp_path / "three" / "years.csv", index_col=["year", "measure"])
    assert table.loc[(3, "insurer_result"), "mean"] == pytest.approx(results.year(3).estimate("insurer_result").mean)
    assert not (tmp_path / "one" / "years.csv").exists()
    stored = np.load(tmp_path / "one" / "replications.npz").files
    assert not [name for name in stored if name.startswith(("year", "cash"))]
    assert "year2/total/premium" in np.load(tmp_path / "three" / "replications.npz").files


# --- in print -------------------------------------------------------------------------------------------------------


def test_the_years_stand_side_by_side(results: Results) -> None:
    table = tables(results)[0]
    assert table.title == "By year 分年度"
    assert table.head == ("", "", "", "year 1 第1年", "±", "year 2 第2年", "±", "year 3 第3年", "±")
    rows = {row[1]: row for row in table.rows}
    assert rows["premium_per_head"][3:5] == ("70", "0")
    assert rows["premium"][3:5] == ("2,800", "0")
    assert "carried" not in rows  # this contract carries nothing
    text = summary_text([results])
    assert text.splitlines()[1].startswith("term-city   3 years   40 replications   seed 7   fingerprint ")
    assert text.splitlines()[3] == "金额和人数为年均值，概率按整个合同期计。"
    assert "提前终止概率" in text
    assert "资金缺口概率" in text
    assert "By year 分年度" in summary_html(results)


def test_years_that_ended_early_are_told(results: Results) -> None:
    table = tables(results)[0]
    shares = [100 * (year.totals["in_force"] > 0).mean() for year in results.years]
    assert table.rows[-1][1:4] == ("in force", "%", "100")
    assert [float(table.rows[-1][column]) for column in (3, 5, 7)] == pytest.approx(shares, abs=1)
    assert table.notes == ("Contracts that ended early count as nothing in later years. 提前终止后的年度按零计入。",)
    unbroken = [replace(year, totals=year.totals | {"in_force": np.ones(40, np.int64)}) for year in results.years]
    assert tables(replace(results, years=tuple(unbroken)))[0].notes == ()


def test_long_terms_have_several_tables(results: Results) -> None:
    long = replace(results, years=(*results.years, *results.years), n_years=6)
    heads = [table.head[3::2] for table in tables(long) if table.title == "By year 分年度"]
    assert heads == [
        ("year 1 第1年", "year 2 第2年", "year 3 第3年", "year 4 第4年"), ("year 5 第5年", "year 6 第6年"),
    ]  # fmt: skip


def test_one_year_is_printed_as_before(one_year: Results) -> None:
    text = summary_text([one_year])
    assert "year 1" not in text
    assert "average" not in text
    assert tables(one_year)[0].title == "Premium 保费"


def test_a_needed_premium_is_tried_over_the_whole_term(results: Results) -> None:
    """At the premium of the scheme the insurer loses as often as it did; at ten times that, never."""
    assert loss_at(results, 70.0) == results.probability("insurer_loss")
    assert loss_at(results, 700.0).p == 0
    each = results.totals["claims_paid"] / results.totals["insured"] / 95
    assert needed_premium(results).mean == pytest.approx(each.mean())


# --- figures --------------------------------------------------------------------------------------------------------


def test_the_fan_is_the_spread_of_each_year(results: Results) -> None:
    ax = results.plot_term()
    median = next(line for line in ax.lines if line.get_label() == "median")
    in_force = [(year.totals["insurer_result"], year.totals["in_force"] > 0) for year in results.years]
    expected = [np.median(result[settled]) / 10**5 for result, settled in in_force]
    assert list(median.get_xdata()) == [1, 2, 3]
    assert list(median.get_ydata()) == pytest.approx(expected)
    of = results.year(2).probability("insurer_loss").p
    assert [label.get_text() for label in ax.get_xticklabels()][1] == f"year 2\nP(loss)\n{100 * of:.1f}%"
    assert len(ax.figure.axes) == 2
    given = Figure().add_subplot()
    assert results.plot_term(given) is given
    assert len(given.figure.axes) == 1


def test_the_insurer_s_cash_goes_through_all_months(results: Results) -> None:
    assert results.insurer_cash is not None
    assert results.insurer_cash.shape == (40, YEARS, 12)
    ax = results.plot_insurer_cash()
    median = next(line for line in ax.lines if line.get_label() == "median")
    assert list(median.get_xdata()) == list(range(1, 37))
    assert median.get_ydata()[0] == pytest.approx(np.median(results.insurer_cash[:, 0, 0]) / 10**5)
    assert ((results.insurer_cash.min(axis=(1, 2)) < 0) == (results.totals["cash_short"] > 0)).all()
    for k, year in enumerate(results.years):
        assert ((results.insurer_cash[:, k].min(axis=1) < 0) == (year.totals["cash_short"] > 0)).all()
    in_force = results.years[2].totals["in_force"] > 0
    assert median.get_ydata()[35] == pytest.approx(np.median(results.insurer_cash[in_force, 2, 11]) / 10**5)
    assert results.year(2).plot_insurer_cash().get_xlim() == (0.5, 12.5)


def test_figures_of_a_term_are_in_the_language_of_the_call(results: Results) -> None:
    for plot in (results.plot_term, results.plot_insurer_cash, results.plot_margin):
        zh, en = plot(lang="zh"), plot(lang="en")
        for ax, other in ((zh, r"[A-Za-z]{2,}"), (en, r"[一-鿿]")):
            legend = [text.get_text() for each in ax.figure.axes for text in each.get_legend().get_texts()]
            told = [ax.get_ylabel(), ax.get_xlabel(), *ax.get_title(loc="left").splitlines()[1:], *legend]
            assert not [text for text in told if re.search(other, text)]


def test_figures_of_several_years_are_written_where_there_are_any(
    results: Results, one_year: Results, tmp_path: Path
) -> None:
    names = [path.name for path in figures.write_figures(results, tmp_path / "three")]
    assert names == ["margin.png", "bands.png", "term.png", "insurer-cash.png"]
    again = figures.write_figures(results, tmp_path / "again")
    assert all(path.read_bytes() == (tmp_path / "three" / path.name).read_bytes() for path in again)
    assert [path.name for path in figures.write_figures(one_year, tmp_path / "one")] == ["margin.png", "bands.png"]
    with pytest.raises(ValueError, match="results of one year have no course"):
        one_year.plot_term()
    with pytest.raises(ValueError, match="not known by month; state 'contract"):
        one_year.plot_insurer_cash()


def test_the_corridor_of_a_term_has_only_what_holds_over_its_years(results: Results) -> None:
    """5% of the mean premium less 4% of cost can be kept at most; where losses are shared is a matter of each year."""
    premium = results.totals["premium"].mean() / YEARS
    assert [(mark.kind, mark.at) for mark in corridor(results)] == [("zero", 0), ("keep", pytest.approx(premium / 100))]
    assert "thousand yuan a year, average of 3 years" in results.plot_margin().get_xlabel()


# --- the command, and funds -----------------------------------------------------------------------------------------


def test_run_follows_the_years_that_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "city.yaml").write_text(ADMISSIONS, encoding="utf-8")
    answer = CliRunner().invoke(main, ["run", "city.yaml", "-n", "4", "--years", "2", "--json"])
    assert answer.exit_code == 0, answer.output
    assert list(json.loads(answer.stdout)["by_year"]) == ["1", "2"]
    folder = tmp_path / "runs" / "small-city-n4-s7-y2"
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["years"] == 2
    for name in ("years.csv", "term.png"):
        assert f"wrote {Path('runs') / folder.name / name}" in answer.stderr
        assert (folder / name).exists()
    other = CliRunner().invoke(main, ["run", "city.yaml", "-n", "4", "--years", "3", "--out", str(folder)])
    assert other.exit_code == 2
    assert "holds another run (its years differ)" in other.stderr


def test_funds_see_one_year(shipped: dict[str, Scenario]) -> None:
    quzhou = shipped["quzhou-2019"]
    with pytest.raises(ScenarioError, match="kept for one year") as refused:
        fs.simulate(quzhou, n=1, years=2)
    (problem,) = refused.value.problems
    assert problem.text.startswith("funds:")
    assert problem.instead.startswith("simulate one year instead of 2")
    with pytest.raises(ValueError, match="cannot simulate 0 years"):
        fs.simulate(quzhou, n=1, years=0)


def test_the_small_print_of_a_figure_names_the_premium_that_varies() -> None:
    from matplotlib.text import Annotation

    heads = {"of": "enrolment", "distribution": {"family": "uniform", "from": "x0.5", "to": "x1.5"}}
    results = fs.simulate(city().replace({"uncertainty": {"inputs": {"heads": heads}}}), n=20, years=2)
    axes = results.plot_margin()
    (small,) = [text.get_text() for text in axes.texts if isinstance(text, Annotation) and "premium" in text.get_text()]
    stated = float(small.removeprefix("premium ").split()[0].replace(",", ""))
    mean = results.estimate("premium")
    assert mean.mean is not None
    assert mean.se is not None
    assert abs(stated * 1000 - mean.mean) < mean.se


def test_a_premium_paid_on_budgeted_heads_is_earned_by_the_actual_ones() -> None:
    """Half the heads come: half of the premium that was paid goes back a year later, and no result changes."""
    fewer = {
        "of": "enrolment",
        "distribution": {"family": "discrete", "values": ["x0.5", "x1"], "probabilities": ["100%", "0%"]},
    }
    scheme = city().replace({"uncertainty": {"inputs": {"heads": fewer}}})
    actual, budgeted = (
        fs.simulate(scheme.replace({"contract.paid_on": heads}), n=3, years=2) for heads in ("actual", "budgeted")
    )
    for name, values in actual.totals.items():
        assert values.tolist() == budgeted.totals[name].tolist(), name
    assert budgeted.ledger is not None
    assert budgeted.ledger.balance(Party.PREMIUM_RECEIVABLE).tolist() == [0, 0, 0]
    assert (budgeted.ledger.postings != actual.ledger.postings) if actual.ledger else False
