"""Sweeps: every design to the fen what a run of it alone is; bounded memory; paths and values that make no designs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, city
from fundsim.comparison import ComparisonError, Sweep, read_varied, sweep
from fundsim.comparison.block import SweepJob
from fundsim.comparison.store import room_for
from fundsim.comparison.vary import Vary
from fundsim.report.sweep import plot_sweep, rows_shown, sweep_html, sweep_text
from fundsim.scenario import Scenario
from test_term_runs import EVENTS, GROWTH, INPUTS, RULES

DEDUCTIBLE = "payers.cii.deductible"
N = 12


def alike(found: Sweep, design: int, run: fs.Results) -> None:
    """All totals of a design are those of a run, to the fen."""
    own = found.row(design).totals
    shared = set(own) & set(run.totals)
    assert len(shared) > 10
    for name in shared:
        assert np.array_equal(own[name], run.totals[name]), name


@pytest.fixture(scope="module")
def found() -> Sweep:
    stated = {DEDUCTIBLE: ["5000 yuan", "9000 yuan"], "contract.premium": ["40 yuan/person", "44 yuan/person"]}
    return sweep(city(), stated, n=N, seed=2)


# --- the same as runs -------------------------------------------------------------------------------------------


def test_every_design_is_a_run_of_it_alone_to_the_fen(found: Sweep) -> None:
    assert len(found.points) == 4
    for design, point in enumerate(found.points, start=1):
        alike(found, design, fs.simulate(point.scenario, N, 2))
    alike(found, 0, fs.simulate(city(), N, 2))


def test_a_sweep_of_one_value_is_a_run() -> None:
    scheme = city(ANNUAL)
    found = sweep(scheme, DEDUCTIBLE, ["7000 yuan"], n=N)
    alike(found, 1, fs.simulate(scheme.replace({DEDUCTIBLE: "7000 yuan"}), N))


def test_terms_with_events_and_a_counterfactual_come_out_the_same() -> None:
    rules = {key: value for key, value in RULES.items() if key != "contract.policy_share"}
    scheme = city(ADMISSIONS.replace("policy_share: 30%", "policy_loss: counterfactual"))
    term = scheme.replace({**GROWTH, **rules, "uncertainty": {"inputs": INPUTS}, "events": EVENTS})
    stated = {"contract.premium": ["38 yuan/person", "45 yuan/person"], "payers.cii.cap": ["90000 yuan/year", "none"]}
    found = sweep(term, stated, n=10, seed=4, years=3)
    for design in (1, 4):
        run = fs.simulate(found.points[design - 1].scenario, 10, 4, years=3)
        assert run.totals["policy_loss"].any()
        alike(found, design, run)


def test_designs_with_behaviour_come_out_the_same_with_and_without() -> None:
    scheme = city(ADMISSIONS + "behaviour: {elasticity: -0.3, on: both}\n")
    found = sweep(scheme, DEDUCTIBLE, ["6000 yuan", "12000 yuan"], n=N)
    run = fs.simulate(found.points[1].scenario, N)
    alike(found, 2, run)
    without = found.row(2).without
    assert without is not None
    assert run.behaviour is not None
    assert np.array_equal(without.totals["claims_paid"], run.behaviour.without["claims_paid"])
    assert found.quiet("claims_paid", 2).mean > found.value("claims_paid", 2).mean  # type: ignore[operator]
    assert found.quiet("claims_paid", 1).mean == found.value("claims_paid", 1).mean


def test_workers_and_blocks_change_nothing(found: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SweepJob, "size", lambda self, n: 5)
    again = sweep(city(), {each.path: list(each.texts) for each in found.varied}, n=N, seed=2, workers=1)
    assert all(np.array_equal(again.totals[name], values) for name, values in found.totals.items())


def test_designs_that_pay_alike_are_settled_once() -> None:
    scheme = city()
    premiums = [scheme.replace({"contract.premium": f"{yuan} yuan/person"}) for yuan in range(30, 40)]
    job = SweepJob.build(premiums, [()] * 10, 1, 1)
    assert (len(job.job.scenarios), len(job.contracts)) == (1, 10)
    deductibles = [scheme.replace({DEDUCTIBLE: f"{yuan} yuan"}) for yuan in range(6000, 6010)]
    job = SweepJob.build(deductibles, [()] * 10, 1, 1)
    assert (len(job.job.scenarios), len(job.contracts)) == (10, 1)


# --- memory and interruptions -----------------------------------------------------------------------------------


def test_totals_beyond_the_limit_lie_on_disk() -> None:
    assert not isinstance(room_for((2, 3, 4)), np.memmap)
    spilt = room_for((2, 3, 4), limit=8)
    assert isinstance(spilt, np.memmap)
    spilt[:] = 7
    assert spilt.sum() == 7 * 24


def test_a_broken_sweep_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SweepJob, "size", lambda self, n: 4)
    first = sweep(city(), DEDUCTIBLE, ["7000 yuan"], n=N, folder=tmp_path / "kept")
    blocks = sorted((tmp_path / "kept" / "blocks").iterdir())
    assert len(blocks) == 3
    blocks[0].unlink()
    blocks[1].write_bytes(b"half a block")
    settled: list[tuple[int, int]] = []
    run = SweepJob.run
    monkeypatch.setattr(SweepJob, "run", lambda job, *bound: settled.append(bound) or run(job, *bound))
    again = sweep(city(), DEDUCTIBLE, ["7000 yuan"], n=N, folder=tmp_path / "kept")
    assert sorted(settled) == [(0, 4), (4, 8)]
    assert all(np.array_equal(again.totals[name], values) for name, values in first.totals.items())
    with pytest.raises(fs.runs.RunFolderError, match="designs"):  # type: ignore[attr-defined]
        sweep(city(), DEDUCTIBLE, ["7500 yuan"], n=N, folder=tmp_path / "kept")


# --- what is varied ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("p=6000 yuan,8000 yuan", ("6000 yuan", "8000 yuan")),
        ("p=6000 yuan, 0.8 万元", ("6000 yuan", "0.8 万元")),
        ("p=6000..8000 step 1000 yuan", ("6000 yuan", "7000 yuan", "8000 yuan")),
        ("p=6000 yuan..7000 yuan step 500 yuan", ("6000 yuan", "6500 yuan", "7000 yuan")),
        ("p=50%..60% step 5pp", ("50%", "55%", "60%")),
        ("p=0.1..0.3 step 0.1 %", ("0.1%", "0.2%", "0.3%")),
        ("p=6000 yuan,7000..8000 step 1000 yuan", ("6000 yuan", "7000 yuan", "8000 yuan")),
        ("p=[{to: 20000 yuan, pay: 50%}, {pay: 60%}]", ([{"to": "20000 yuan", "pay": "50%"}, {"pay": "60%"}],)),
    ],
)
def test_values_are_read_as_written(text: str, values: tuple[object, ...]) -> None:
    assert read_varied([text])[0].values == values


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["deductible"], "does not say which path"),
        (["p="], "has no value to take"),
        (["p=1 yuan,,2 yuan"], "empty value between two commas"),
        (["p=6,000 yuan,8,000 yuan"], "may mean one number or several"),
        (["p=6000..8000"], "range without its step"),
        (["p=8000..6000 step 100 yuan"], "empty range"),
        (["p=6000..8000 step 0 yuan"], "has a step of 0"),
        (["p=6000..8100 step 1000 yuan"], "is not met by its steps"),
        (["p=6000 yuan..8000 % step 1000 yuan"], "in two units"),
        (["p=0..1000000 step 1 yuan"], "1,000,001 values"),
        (["p=6000 yuan,0.6 万元"], "takes this value twice"),
        (["p=[{to: 2"], "cannot be read"),
        (["q", "p=8000..6000 step 100 yuan"], "(?s)which path.*empty range"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(texts: list[str], words: str) -> None:
    with pytest.raises(ComparisonError, match=words):
        read_varied(texts)


ZERO = city(ANNUAL).replace({"payers.cii.bands_from": "zero"})


@pytest.mark.parametrize(
    ("scheme", "stated", "words"),
    [
        (city(), {"payers.cii.deductable": ["1 yuan", "2 yuan"]}, "did you mean 'deductible'"),
        (city(), {"payers.ci.deductible": ["1 yuan"]}, "did you mean 'cii'"),
        (city(), {"payers.cii.bands[7].pay": ["50%"]}, "without a place '7'"),
        (city(), {DEDUCTIBLE: ["50%", "7000 yuan"]}, "is not an amount of money"),
        (city(), {DEDUCTIBLE: []}, "has no value to take"),
        (city(), {}, "no path to vary"),
        (city(), {"payers.cii.bands[0].pay": ["120%"]}, "outside 0% to 100%"),
        (city(), {"simulation.replications": ["10", "20"]}, "changes no figure"),
        (ZERO, {DEDUCTIBLE: "10000..40000 step 10000 yuan"}, "band 1 ends at 20,000.00 yuan"),
    ],
)
def test_paths_and_values_that_make_no_design_are_refused(
    scheme: Scenario, stated: dict[str, object], words: str
) -> None:
    with pytest.raises(ComparisonError, match=words):
        sweep(scheme, stated, n=2)  # type: ignore[arg-type]


def test_all_designs_that_cross_a_band_are_told_at_once_and_shortened() -> None:
    with pytest.raises(ComparisonError) as refused:
        sweep(ZERO, DEDUCTIBLE, "10000..32000 step 1000 yuan", n=2)
    assert len(refused.value.complaints) == 13
    assert "and 3 more like these" in str(refused.value)
    assert "payers.cii.deductible=20000 yuan" in str(refused.value)


def test_paths_side_by_side_need_as_many_values() -> None:
    stated = {DEDUCTIBLE: ["6000 yuan", "8000 yuan"], "payers.cii.cap": ["100000 yuan/year", "none"]}
    found = sweep(city(), stated, together=True, n=2)
    assert [point.values for point in found.points] == [("6000 yuan", "100000 yuan/year"), ("8000 yuan", "none")]
    with pytest.raises(ComparisonError, match="unequal numbers of values"):
        sweep(city(), {**stated, "payers.cii.cap": ["none"]}, together=True, n=2)


def test_an_axis_knows_its_unit() -> None:
    assert Vary("p", ("6000 yuan", "1 万元")).numbers == (6000, 10000)
    assert (Vary("p", ("50%", "5%")).numbers, Vary("p", ("50%",)).unit) == ((50, 5), "%")
    assert Vary("p", ("33 yuan/person",)).unit == "yuan/person"
    assert Vary("p", ("none", "6000 yuan")).numbers is None


# --- how it is told ---------------------------------------------------------------------------------------------


def test_tables_have_a_line_per_design(found: Sweep) -> None:
    wide, tidy = found.table(), found.to_frame()
    assert list(wide["design"]) == [0, 1, 2, 3, 4]
    assert wide["contract.premium"].iloc[2] == "44 yuan/person"
    line = tidy.query("design == 3 and figure == 'premium_needed'").iloc[0]
    told = found.difference("premium_needed", 3)
    assert (line["mean"], line["difference_se"]) == (found.value("premium_needed", 3).mean, told.se)
    text = sweep_text(found)
    assert "as stated 现行" in text
    assert text.count("44 yuan/person") == 2
    assert sweep_html(found).count("<tr>") == 6
    with pytest.raises(ComparisonError, match="did you mean 'premium_needed'"):
        found.value("premium_neded", 1)
    with pytest.raises(IndexError, match="designs go from 1 to 4"):
        found.value("premium_needed", 5)


def test_of_many_designs_some_are_printed() -> None:
    assert rows_shown(5, most=10) == [1, 2, 3, 4, 5]
    assert rows_shown(1000, most=4) == [1, 334, 667, 1000]


def test_the_figure_has_a_line_for_each_value_of_the_other_path(found: Sweep) -> None:
    ax = plot_sweep(found, "premium_needed")
    line = ax.lines[0]
    assert list(line.get_xdata()) == [5000, 9000]
    assert line.get_ydata()[1] == found.value("premium_needed", 3).mean
    labels = [text.get_text() for text in ax.get_legend().get_texts()]  # type: ignore[union-attr]
    assert labels == ["premium 40 yuan/person", "premium 44 yuan/person", "as stated"]
    words = sweep(city(), "payers.cii.cap", ["none", "90000 yuan/year"], n=2)
    with pytest.raises(ValueError, match="cannot be an axis"):
        plot_sweep(words)
