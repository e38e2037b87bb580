"""The lanes check each other: a sound run passes, a disturbed one does not; controls lower the error and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, ONE_PAYER
from fundsim import kernels
from fundsim.cli import main
from fundsim.exact import OutOfReachError
from fundsim.lanes import LanesError, compare, control, control_by_proxy
from fundsim.lanes.controls import cross_fitted
from fundsim.results import Results
from fundsim.scenario import load_text

ONE = "fundsim: 1\nid: one-payer\n" + ONE_PAYER
LEVEL = "\nuncertainty:\n  inputs:\n    level: {of: cost, distribution: {family: lognormal, cv: 0.08}}\n"
DISTINCT = (
    ADMISSIONS.replace("insured: 40000", "insured: 4000")
    .replace("36000", "3600")
    .replace("persons: 4000 ", "persons: 400 ")
)


# -- the comparison ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [ANNUAL, ANNUAL + LEVEL, ONE], ids=["annual", "level", "admissions"])
def test_a_sound_run_agrees(text: str) -> None:
    seen = compare(fs.simulate(load_text(text), 200, workers=1))
    assert seen.reason is None
    assert {row.figure for row in seen.rows} == {
        "claims_paid mean", "claims_paid sd", "P(deficit)", "P(return)", "P(insurer_loss)", "insurer_result mean",
    }  # fmt: skip
    assert max(row.apart for row in seen.rows) < 4.5
    seen.check()


def test_levels_are_given_so_that_only_the_luck_of_patients_is_left() -> None:
    """With a level of 8% the comparison is far sharper than the run's own standard error."""
    results = fs.simulate(load_text(ANNUAL + LEVEL), 150, workers=1)
    row = compare(results).rows[0]
    assert row.se < 0.7 * results.estimate("claims_paid").se  # type: ignore[operator]


def test_the_first_year_of_a_term_is_compared() -> None:
    seen = compare(fs.simulate(load_text(ANNUAL + LEVEL), 60, years=2, workers=1))
    assert {row.figure for row in seen.rows} == {"claims_paid mean", "claims_paid sd", "P(deficit)"}
    seen.check()


def disturbed(results: Results, factor: float) -> Results:
    groups = {**results.groups, "claims_paid": (results.groups["claims_paid"] * factor).astype(np.int64)}
    return replace(results, groups=groups)


def test_a_disturbed_result_fails_and_says_by_how_much() -> None:
    results = fs.simulate(load_text(ANNUAL), 400, workers=1)
    compare(disturbed(results, 1.0)).check()
    with pytest.raises(LanesError, match=r"claims_paid mean.*standard errors apart"):
        compare(disturbed(results, 1.03)).check()


def test_a_kernel_that_pays_too_much_stops_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "annual.yaml").write_text(ANNUAL, encoding="utf-8")
    sound = kernels.simulate_block

    def generous(*arguments: object) -> None:
        sound(*arguments)
        out = arguments[-1]
        assert isinstance(out, np.ndarray)
        out[..., kernels.CLAIMS] += out[..., kernels.CLAIMS] // 20

    assert CliRunner().invoke(main, ["run", "annual.yaml", "-n", "200", "--out", "sound"]).exit_code == 0
    monkeypatch.setattr(kernels, "simulate_block", generous)
    answer = CliRunner().invoke(main, ["run", "annual.yaml", "-n", "200", "--out", "here"])
    assert answer.exit_code == 1
    assert isinstance(answer.exception, LanesError)
    kept = json.loads((tmp_path / "here" / "exact.json").read_text(encoding="utf-8"))
    assert max(row["apart"] for row in kept["exact"]["figures"]) > 5


def test_a_run_tells_both_lanes_and_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "annual.yaml").write_text(ANNUAL + LEVEL, encoding="utf-8")
    shown = CliRunner().invoke(main, ["run", "annual.yaml", "-n", "60", "--out", "here"])
    assert shown.exit_code == 0, shown.output
    assert "模拟与精确计算互校" in shown.stdout
    assert "控制变量" in shown.stdout
    assert "here/exact.json" in shown.stdout.replace("\\", "/")
    scripted = json.loads(
        CliRunner().invoke(main, ["run", "annual.yaml", "-n", "60", "--json", "--out", "there"]).stdout
    )
    kept = json.loads((tmp_path / "here" / "exact.json").read_text(encoding="utf-8"))
    assert scripted["exact"] == kept["exact"]
    assert scripted["controlled"]["claims_paid"]["reduction"] > 1


def test_a_scheme_out_of_reach_says_why_and_runs() -> None:
    seen = compare(fs.simulate(load_text(DISTINCT), 2, workers=1))
    assert seen.reason is not None
    assert "2 different schedules" in seen.reason
    assert "reason" in seen.as_dict()
    seen.check()


# -- control variates --------------------------------------------------------------------------------------------------


def test_an_uncertain_level_is_controlled_for() -> None:
    results = fs.simulate(load_text(ANNUAL + LEVEL), 400, workers=1)
    for measure in ("claims_paid", "insurer_result", "beneficiaries"):
        found = control(results, measure)
        assert found.controls == ("level", "level²")
        assert found.reduction > 1.3
        gap = abs(found.estimate.mean - found.plain.mean)  # type: ignore[operator]
        assert gap < 4.5 * found.plain.se  # type: ignore[operator]


def test_nothing_drawn_means_nothing_gained_and_it_says_so() -> None:
    found = control(fs.simulate(load_text(ANNUAL), 50, workers=1), "claims_paid")
    assert found.controls == ()
    assert found.reduction == 1.0
    assert found.estimate == found.plain


def test_useless_controls_gain_nothing_and_say_so() -> None:
    rng = np.random.default_rng(5)
    values, noise = rng.normal(size=4000), rng.normal(size=(4000, 2))
    left = cross_fitted(values, noise)
    assert np.var(values) / np.var(left) == pytest.approx(1.0, abs=0.01)


def test_the_controlled_mean_is_unbiased_and_its_error_covers() -> None:
    """Over many small samples of a known law: y = exp(x) + noise, x normal, controls x and x² - 1."""
    rng = np.random.default_rng(20170101)
    truth, inside, means = np.exp(0.5 * 0.3**2), 0, []
    for _ in range(1500):
        x = rng.normal(size=50)
        left = cross_fitted(np.exp(0.3 * x) + 0.1 * rng.normal(size=50), np.column_stack([x, x**2 - 1.0]))
        se = left.std(ddof=1) / np.sqrt(50)
        means.append(left.mean())
        inside += abs(left.mean() - truth) < 1.96 * se
    apart = (np.mean(means) - truth) / (np.std(means) / np.sqrt(len(means)))
    assert abs(apart) < 4
    assert 0.91 < inside / 1500 < 0.97


def test_the_controlled_mean_of_runs_is_unbiased_over_seeds() -> None:
    """The exact lane knows the mean; small runs with many seeds, one after another, must average to it."""
    scenario = load_text(ANNUAL + LEVEL)
    truth = fs.exact(scenario).mean("claims_paid")
    assert truth is not None
    found = [control(fs.simulate(scenario, 40, seed=seed, workers=1), "claims_paid") for seed in range(40)]
    scores = np.array([(each.estimate.mean - truth) / each.estimate.se for each in found])  # type: ignore[operator]
    assert abs(scores.mean()) < 4 * scores.std() / np.sqrt(len(scores)) + 0.1
    assert 0.7 < scores.std() < 1.5
    spread = np.var([each.plain.mean for each in found]) / np.var([each.estimate.mean for each in found])
    assert spread > 1.5


def test_stratified_batches_stay_together() -> None:
    text = (ANNUAL + LEVEL).replace("uncertainty:\n", "uncertainty:\n  draws: stratified\n")
    results = fs.simulate(load_text(text), 250, workers=1)
    found = control(results, "claims_paid")
    assert found.estimate.degrees == found.plain.degrees == 9


def test_a_proxy_schedule_is_a_control_where_schedules_differ() -> None:
    results = fs.simulate(load_text(ADMISSIONS), 120, workers=1)
    claims, insurer = control_by_proxy(results, workers=1)
    assert claims.reduction > 4
    assert insurer.reduction > 4
    assert abs(claims.estimate.mean - claims.plain.mean) < 4.5 * claims.plain.se  # type: ignore[operator]


def test_a_proxy_needs_a_mean_of_its_own() -> None:
    with pytest.raises(OutOfReachError, match="control for what was drawn"):
        control_by_proxy(fs.simulate(load_text(ANNUAL + LEVEL), 4, workers=1))


def test_a_ratio_has_no_controls() -> None:
    with pytest.raises(ValueError, match="take a total"):
        control(fs.simulate(load_text(ANNUAL), 4, workers=1), "loss_ratio")
