"""Targets of precision: their grammar, the ladder, when a run ends, and that its intervals still keep their word."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, city
from fundsim.estimates import NORMAL_95, Quantile
from fundsim.precision import ADVISED, LEAST, Outcome, Plan, Target, TargetError, advice, ladder, rounded_up
from fundsim.report.run import run_scenario
from fundsim.report.tables import paired_difference, summary_text
from fundsim.results import Results
from fundsim.runs import RunFolderError
from fundsim.scenario import Scenario, load_text

STRATIFIED = """
uncertainty:
  draws: stratified
  inputs: {level: {of: cost, distribution: {family: lognormal, cv: 0.2}}}
"""
LOSS = "width(insurer_loss) <= 8pp"


def even() -> Scenario:
    """The small city at a premium at which the insurer may gain or lose."""
    return city(contract__premium="70 yuan/person")


# --- the grammar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "error", "figure", "level", "number", "unit"),
    [
        ("se(insurer_result) <= 0.1% of premium", "se", "insurer_result", None, 0.1, "% of premium"),
        ("se(claims_paid) <= 50,000 yuan", "se", "claims_paid", None, 50_000, "yuan"),
        ("width( claims_paid )<=5 万元", "width", "claims_paid", None, 5, "万元"),
        ("se(claims_paid) ≤ 0.5%", "se", "claims_paid", None, 0.5, "%"),
        ("width(insurer_loss) <= 1pp", "width", "insurer_loss", None, 1, "pp"),
        ("se(loss_ratio) <= 0.1 pp", "se", "loss_ratio", None, 0.1, "pp"),
        ("se(beneficiaries) <= 2.5", "se", "beneficiaries", None, 2.5, ""),
        ("se(pure_premium) <= 0.05 yuan/person", "se", "pure_premium", None, 0.05, "yuan/person"),
        ("se(q05(insurer_result)) <= 1 million yuan", "se", "insurer_result", 0.05, 1, "million yuan"),
        ("width(p95( loss_ratio )) <= 2pp", "width", "loss_ratio", 0.95, 2, "pp"),
    ],
)
def test_targets_are_read(text: str, error: str, figure: str, level: float | None, number: float, unit: str) -> None:
    target = Target.parse(text)
    assert (target.error, target.figure, target.level, target.number, target.unit) == (
        error, figure, level, number, unit,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not a target; write one such as"),
        ("insurer_result <= 5 yuan", "is not a target"),
        ("se(insurer_result)", "is not a target"),
        ("se(insurer_result) < 5%", "write <= for '<'"),
        ("se(insurer_result) >= 5%", "write <= for '>='"),
        ("sd(premium) <= 1 yuan", "'sd' is no error; write se (standard error) or width"),
        ("se(insurer_resul) <= 5%", "there is no figure 'insurer_resul'; write insurer_result or"),
        ("se(p05(deficit)) <= 1pp", "a probability has no percentiles; write width(deficit) <= 1pp"),
        ("se(p00(premium)) <= 1 yuan", "percentiles are from p01 to p99; write p05(premium)"),
        ("se(claims_paid) <= 5000", "'5000' has no unit; write 5000 yuan"),
        ("se(pure_premium) <= 0.5", "'0.5' has no unit; write 0.5 yuan/person"),
        ("se(pure_premium) <= 1% of premium", "does not suit a figure in yuan/person; write 1 yuan/person or 1%"),
        ("width(insurer_loss) <= 0.01", "'0.01' has no unit; write 1pp"),
        ("width(insurer_loss) <= 2", "'2' has no unit; write 2pp"),
        ("width(insurer_loss) <= 1%", "does not suit a figure in points of probability; write 1pp"),
        ("se(beneficiaries) <= 3 yuan", "does not suit a figure in numbers; write 3 or 3%"),
        ("se(claims_paid) <= little", "'little' is no limit; write 1 yuan or 1% of premium or 1%"),
        ("se(claims_paid) <= -5 yuan", "'-5 yuan' is no limit"),
        ("se(claims_paid) <= 0 yuan", "no number of replications has an error of zero"),
    ],
)
def test_what_is_wrong_with_a_target_is_told(text: str, told: str) -> None:
    with pytest.raises(TargetError) as error:
        Target.parse(text)
    assert told in str(error.value)
    assert text in str(error.value)


@given(st.text(max_size=40))
def test_any_text_is_a_target_or_an_error_of_its_own(text: str) -> None:
    said = "write"
    try:
        Target.parse(text)
    except TargetError as error:
        said = str(error)
    assert "write" in said


# --- the ladder ------------------------------------------------------------------------------------------------------


def test_the_ladder_from_200_to_2000() -> None:
    assert list(ladder(200, 2000)) == [200, 300, 400, 600, 800, 1200, 1600, 2000]


@given(st.integers(1, 3_000), st.integers(0, 50_000))
def test_rungs_rise_from_the_first_to_the_most(first: int, more: int) -> None:
    rungs = list(ladder(first, first + more))
    assert rungs[0] == first
    assert rungs[-1] == first + more
    assert all(low < high for low, high in pairwise(rungs))
    assert all(number % 25 == 0 for number in rungs[1:-1])
    assert len(rungs) < 40


def test_plans() -> None:
    assert (Plan.of(None, own=2000, batch=None).first, Plan.of(None, own=2000, batch=None).most) == (2000, 2000)
    assert Plan.of(60, own=2000, batch=25).most == 75
    until = Plan.of(None, own=2000, batch=None, until=LOSS)
    assert (until.first, until.most) == (LEAST, 40_000)
    assert list(Plan.of(110, own=10, batch=25, until=LOSS, most=390).rungs()) == [125, 150, 200, 300, 400]
    assert list(Plan.of(None, own=10, batch=None, until=LOSS, most=80).rungs()) == [80]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"most": 500}, "say until when"),
        ({"until": []}, "no target"),
        ({"until": LOSS, "n": 500, "most": 300}, "300 replications at most cannot begin with 500"),
        ({"until": LOSS, "most": 0}, "cannot begin with 0"),
    ],
)
def test_plans_that_contradict_themselves(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(TargetError, match=told):
        Plan.of(asked.pop("n", None), own=100, batch=None, **asked)


# --- what a target measures ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results() -> Results:
    return fs.simulate(even(), n=300)


def test_errors_are_told_in_the_unit_of_the_limit(results: Results) -> None:
    result, premium = results.estimate("insurer_result"), results.estimate("premium").mean
    assert result.se is not None
    assert premium is not None
    assert result.mean is not None
    low, high = result.interval() or (0.0, 0.0)
    for text, error in {
        "se(insurer_result) <= 1 yuan": result.se,
        "se(insurer_result) <= 1 万元": result.se / 10_000,
        "se(insurer_result) <= 0.1% of premium": 100 * result.se / premium,
        "se(insurer_result) <= 5%": 100 * result.se / abs(result.mean),
        "width(insurer_result) <= 5 yuan": high - low,
    }.items():
        assert Target.parse(text).measured(results).error == pytest.approx(error)


def test_errors_of_probabilities_and_percentiles_come_from_their_intervals(results: Results) -> None:
    loss, (low, high) = results.probability("insurer_loss"), results.interval("insurer_result", "p05") or (0.0, 0.0)
    assert low is not None
    assert high is not None
    for text, error in {
        LOSS: 100 * (loss.hi - loss.lo),
        "se(insurer_loss) <= 1pp": 100 * (loss.hi - loss.lo) / (2 * NORMAL_95),
        "width(p05(insurer_result)) <= 1 yuan": high - low,
        "se(q05(insurer_result)) <= 1 yuan": (high - low) / (2 * NORMAL_95),
    }.items():
        assert Target.parse(text).measured(results).error == pytest.approx(error)


def test_a_target_at_the_very_error_is_reached(results: Results) -> None:
    se = results.estimate("claims_paid").se or 0.0
    assert Target.parse(f"se(claims_paid) <= {se * 1.0001:.2f} yuan").measured(results).reached
    assert not Target.parse(f"se(claims_paid) <= {se * 0.9999:.2f} yuan").measured(results).reached
    short = Target.parse(f"se(claims_paid) <= {se / 2:.6f} yuan").measured(results)
    assert not short.reached
    assert short.needed == pytest.approx(1200, abs=1)


def test_what_few_replications_cannot_tell_is_not_reached() -> None:
    few = fs.simulate(even(), n=40)
    found = Target.parse("se(p05(insurer_result)) <= 1 亿元").measured(few)
    assert (found.reached, found.error, found.needed) == (False, None, None)
    assert "not to be told yet after 40 replications; more are needed to say how many" in found.in_words()
    single = Target.parse("se(claims_paid) <= 1 亿元").measured(fs.simulate(even(), n=1))
    assert not single.reached


def test_what_is_the_same_in_all_replications_is_precise(results: Results) -> None:
    assert Target.parse("se(premium) <= 1 yuan").measured(results).reached
    assert Target.parse("se(policy_loss) <= 1%").measured(fs.simulate(even(), n=1)).error is None


def test_the_advised_number_is_enough_within_a_fifth(results: Results) -> None:
    needed = Target.parse("se(insurer_result) <= 0.2% of premium").measured(results).needed
    assert needed is not None
    then = Target.parse("se(insurer_result) <= 0.2% of premium").measured(fs.simulate(even(), n=needed, seed=8))
    assert then.error == pytest.approx(0.2, rel=0.2)


def test_a_run_without_targets_advises(results: Results) -> None:
    mean, loss = advice(results)
    assert (mean.target, loss.target) == ADVISED
    text = summary_text([results])
    assert f"{rounded_up(mean.needed or 0):,} for {mean.target}" in text
    assert f"{rounded_up(loss.needed or 0):,} for {loss.target}" in text
    assert (loss.needed or 0) > results.replications


@pytest.mark.parametrize(("n", "shown"), [(1, 1), (12, 12), (99, 99), (101, 110), (34_001, 35_000), (9_604, 9_700)])
def test_advice_is_rounded_up_to_two_digits(n: int, shown: int) -> None:
    assert rounded_up(n) == shown


def test_outcomes_survive_the_manifest() -> None:
    for outcome in (
        Outcome(LOSS, 200, 3.4, "pp", reached=True, needed=None),
        Outcome(LOSS, 40_000, 5.1, "pp", reached=False, needed=61_000),
    ):
        assert Outcome.of(json.loads(json.dumps(outcome.as_dict()))) == outcome


# --- a run that goes on until ----------------------------------------------------------------------------------------


def test_the_seed_alone_says_how_many_it_takes() -> None:
    asked = {"until": [LOSS, "se(insurer_result) <= 0.3% of premium"], "most": 5_000}
    runs = [
        fs.simulate(even(), **options, **asked)  # type: ignore[arg-type]
        for options in ({}, {"workers": 1, "block": 7}, {"workers": 2, "block": 64})
    ]
    assert len({run.replications for run in runs}) == 1
    assert runs[0].replications in set(ladder(LEAST, 5_000))
    assert all(outcome.reached for outcome in runs[0].precision)
    assert all((run.totals["claims_paid"] == runs[0].totals["claims_paid"]).all() for run in runs)
    plain = fs.simulate(even(), n=runs[0].replications)
    assert (plain.totals["claims_paid"] == runs[0].totals["claims_paid"]).all()
    before = max(rung for rung in ladder(LEAST, 5_000) if rung < plain.replications)
    earlier = fs.simulate(even(), n=before)
    assert not all(Target.parse(text).measured(earlier).reached for text in asked["until"])


def test_a_run_ends_where_it_was_told_to_and_says_how_far_it_came(tmp_path: Path) -> None:
    run = fs.simulate(even(), until="se(claims_paid) <= 1 yuan", most=300, out=tmp_path / "run")
    (short,) = run.precision
    assert (run.replications, short.reached, short.replications) == (300, False, 300)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["until"] == {"targets": ["se(claims_paid) <= 1 yuan"], "first": 200, "most": 300}
    assert manifest["replications"] == 300
    assert manifest["precision"] == [short.as_dict()]
    assert Results.load(tmp_path / "run").precision == run.precision
    assert short.in_words() in summary_text([run])
    assert run.to_dict()["precision"] == [short.as_dict()]


def test_the_same_folder_is_the_same_target(tmp_path: Path) -> None:
    asked = {"until": LOSS, "most": 400, "out": tmp_path / "run"}
    fs.simulate(even(), **asked)  # type: ignore[arg-type]
    first = (tmp_path / "run" / "replications.npz").read_bytes()
    fs.simulate(even(), **asked)  # type: ignore[arg-type]
    assert (tmp_path / "run" / "replications.npz").read_bytes() == first
    with pytest.raises(RunFolderError, match="its until differ"):
        fs.simulate(even(), **{**asked, "until": "width(insurer_loss) <= 3pp"})  # type: ignore[arg-type]
    with pytest.raises(RunFolderError, match="until differ"):
        fs.simulate(even(), n=400, out=tmp_path / "run")


def test_a_figure_that_the_scheme_has_not_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="this scheme has no patient_burden"):
        fs.simulate(city(ANNUAL), until="se(patient_burden) <= 1%", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


RUN = """
import sys
import fundsim as fs
from cities import city
scenario = city(contract__premium="70 yuan/person")
fs.simulate(scenario, until="se(claims_paid) <= 1 yuan", most=2400, block=2, out=sys.argv[1])
"""


def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    asked = {"until": "se(claims_paid) <= 1 yuan", "most": 2400}
    fs.simulate(even(), **asked, out=whole)  # type: ignore[arg-type]
    process = subprocess.Popen([sys.executable, "-c", RUN, str(broken)], cwd=Path(__file__).parent)
    deadline = time.monotonic() + 60
    while len(list(broken.glob("blocks/*.npy"))) < 110 and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    saved = len(list(broken.glob("blocks/*.npy")))
    assert 110 <= saved < 1200  # beyond the first look, before the end
    drawn: list[int] = []
    fs.simulate(even(), **asked, block=2, out=broken, progress=lambda done, _: drawn.append(done))  # type: ignore[arg-type]
    assert (broken / "replications.npz").read_bytes() == (whole / "replications.npz").read_bytes()
    assert (broken / "summary.csv").read_bytes() == (whole / "summary.csv").read_bytes()
    assert drawn[-1] == 2400
    assert len(drawn) <= 1200 - saved + 8  # and a word for each rung that was there already


def test_looking_again_and_again_costs_intervals_little() -> None:
    """4,000 runs, each stopped at the first rung where the error looks small enough; skewed like claims are."""
    values = np.random.default_rng(1).lognormal(0.0, 0.6, size=(4_000, 1_600))
    running, covered, lengths = np.full(4_000, fill_value=True), 0, set()
    for n in ladder(LEAST, 1_600):
        means, errors = values[:, :n].mean(axis=1), stats.sem(values[:, :n], axis=1)
        ended = running & ((errors <= 0.03) | (n == 1_600))
        within = np.abs(means - np.exp(0.5 * 0.6**2)) <= stats.t.ppf(0.975, n - 1) * errors
        covered, running = covered + int((ended & within).sum()), running & ~ended
        lengths |= {n} if ended.any() else set()
    assert 0.935 <= covered / 4_000 <= 0.96
    assert len(lengths) >= 3


# --- stratified draws ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stratified() -> tuple[Results, Results]:
    base = load_text(ADMISSIONS.replace("40 yuan/person", "70 yuan/person") + STRATIFIED, "city.yaml")
    first, second = fs.simulate_designs([base, base.replace({"payers.cii.deductible": "8000 yuan"})], n=240)
    return first, second


def test_stratified_runs_have_whole_batches(stratified: tuple[Results, Results]) -> None:
    assert stratified[0].replications == 250
    assert stratified[0].batch == 25


def batch_error(values: np.ndarray) -> float:
    return float(stats.sem(values.reshape(-1, 25).mean(axis=1)))


def test_every_error_of_stratified_draws_comes_from_batches(stratified: tuple[Results, Results]) -> None:
    base, raised = stratified
    result, other = (each.totals["insurer_result"] / 100 for each in stratified)
    found = base.estimate("insurer_result")
    assert (found.se, found.degrees) == (pytest.approx(batch_error(result)), 9)
    assert base.interval("insurer_result") == pytest.approx(
        stats.t.interval(0.95, 9, loc=result.mean(), scale=batch_error(result))
    )
    claims, premium = (base.totals[name].astype(float) for name in ("claims_paid", "premium"))
    residual = (claims - claims.sum() / premium.sum() * premium) / premium.mean()
    assert base.estimate("loss_ratio").se == pytest.approx(batch_error(residual))
    difference = paired_difference(base, raised, "insurer_result")
    assert (difference.se, difference.degrees) == (pytest.approx(batch_error(other - result)), 9)
    assert paired_difference(base, raised, "insurer_loss").degrees == 9
    table = base.band_table()
    assert table["paid_se"].iloc[1] == pytest.approx(batch_error(base.bands["own_cost_paid"][:, 1] / 100))
    assert found.se is not None
    assert found.se < 0.7 * stats.sem(result)  # the naive error does not see the strata
    assert "stratified in batches of 25" in summary_text([base])


def test_probabilities_of_stratified_draws_are_of_batches(stratified: tuple[Results, Results]) -> None:
    from fundsim.estimates import probability_of

    lost = stratified[0].totals["insurer_result"] < 0
    assert 0.05 < lost.mean() < 0.95
    assert stratified[0].probability("insurer_loss") == probability_of(lost, batch=25)
    assert stratified[0].probability("insurer_loss") != probability_of(lost)


def test_percentiles_have_intervals(stratified: tuple[Results, Results], results: Results) -> None:
    point = stratified[0].quantile("insurer_result", 0.05)
    assert isinstance(point, Quantile)
    assert point.conservative
    assert stratified[0].interval("insurer_result", "p05") == (point.lo, point.hi)
    plain = results.quantile("loss_ratio", 0.95)
    assert plain is not None
    assert not plain.conservative
    saved = results.saved_summary()
    for of in ("p05", "p50", "p95"):
        low, high = results.interval("insurer_result", of) or (None, None)
        row = saved.loc["insurer_result"]
        assert (row[f"{of}_lo"], row[f"{of}_hi"]) == (low, high)
        assert row[f"{of}_lo"] <= row[of] <= row[f"{of}_hi"]
        assert row[f"{of}_lo"] < row[f"{of}_hi"] or of == "p95"  # what the insurer keeps is capped
    assert results.interval("patient_burden", "p50", "poor") is not None
    assert fs.simulate(city(ANNUAL), n=2).interval("patient_burden", "p05") is None
    for wrong in ("p00", "q05", "median", "p5", "p100"):
        with pytest.raises(KeyError, match="write mean, or a percentile such as p05"):
            results.interval("insurer_result", wrong)


def test_a_rounded_number_is_told(tmp_path: Path) -> None:
    done = run_scenario(
        load_text(ADMISSIONS + STRATIFIED, "city.yaml"), 30, 1, out=tmp_path / "run", workers=1, as_json=False
    )
    assert done.notes == ("draws are stratified in batches of 25: -n 30 was rounded up to 50",)
    assert Results.load(tmp_path / "run").replications == 50
