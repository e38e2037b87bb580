"""From admissions to a claims file: frequency, care, catalogue; the file is used, and its errors are drawn."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import fundsim as fs
from experiences import CATALOGUE, CV, POOR, RATE, SHARES, experience
from fundsim.calibration import Calibration, CalibrationError, Choices, FitError, calibrate
from fundsim.calibration.carried import carry
from fundsim.calibration.frequency import counts_of, fit_frequency
from fundsim.calibration.writing import parts, severity_text
from fundsim.scenario.checking import check_file
from fundsim.severity import Lognormal, Spliced, Tail

SCHEME = """fundsim: 1
id: tried
title: {zh: 试用, en: tried}
valid: {from: 2013-01-01, to: 2013-12-31}
waterfall: [cii]
traits: {care: [township, county, tertiary]}
payers:
  cii:
    title: {zh: 大病保险, en: cii}
    base: {counts: {A: 100%, B: 100%}}
    accumulate: year
    deductible: 6000 yuan
    pay: 60%
population: {insured: 20000 persons}
contract: {preset: self-run, premium: 30 yuan/person}
claims: {use: claims}
uncertainty: {use: claims}
"""


@pytest.fixture(scope="module")
def found() -> Calibration:
    return calibrate(experience(60_000), choices=Choices(samples=0))


# -- frequency ------------------------------------------------------------------------------------------------------


def counts(persons: int, seed: int, cv: float = CV) -> np.ndarray:
    rng = np.random.default_rng(seed)
    table = np.zeros((2, 2, 30))
    for year in range(2):
        for group, rate in enumerate((RATE, RATE * POOR)):
            mixed = rate * (rng.gamma(cv**-2, cv**2, persons) if cv else 1.0)
            table[year, group] = np.bincount(rng.poisson(mixed, persons), minlength=30)
    return table


def test_frequency_comes_back():
    fitted = fit_frequency(counts(40_000, 1))
    mean = RATE * (1 + POOR) / 2
    assert fitted.family == "negative-binomial"
    assert abs(fitted.mean - mean) < 3 * fitted.mean_se
    assert abs(fitted.cv - CV) < 3 * fitted.cv_se
    expected = np.array([RATE, RATE * POOR]) / mean
    assert np.all(np.abs(fitted.multipliers - expected) < 3 * fitted.multipliers_se)
    assert fitted.dispersion.p < 1e-6
    assert fitted.mean_se == pytest.approx(math.sqrt((mean + CV**2 * RATE**2 * (1 + POOR**2) / 2) / 160_000), rel=0.02)


def test_poisson_counts_are_found_to_be_poisson():
    fitted = fit_frequency(counts(40_000, 2, cv=0.0))
    assert fitted.family == "poisson"
    assert fitted.cv is None
    assert fitted.dispersion.p > 0.01
    assert fitted.dispersion.variance_over_mean == pytest.approx(1, abs=0.02)


def test_the_log_likelihoods_are_scipys():
    table = counts(500, 3)
    fitted = fit_frequency(table)
    k, rates = np.arange(30), fitted.rates
    poisson = sum(table[i, j] @ stats.poisson(rates[i, j]).logpmf(k) for i in range(2) for j in range(2))
    assert fitted.aic["poisson"] == pytest.approx(2 * 4 - 2 * poisson)
    r = fitted.cv**-2 if fitted.cv else np.nan
    nb = sum(table[i, j] @ stats.nbinom(r, r / (r + rates[i, j])).logpmf(k) for i in range(2) for j in range(2))
    assert fitted.aic["negative-binomial"] == pytest.approx(2 * 5 - 2 * nb)


def test_one_admission_at_most_is_seen():
    fitted = fit_frequency([[[880, 120]]])
    assert fitted.family == "at-most-one"
    assert fitted.mean == pytest.approx(0.12)
    assert fitted.mean_se == pytest.approx(math.sqrt(0.12 * 0.88 / 1000))


def test_persons_without_records_are_those_of_the_enrolment():
    table = counts_of(np.array([0, 0, 1]), np.array([0, 0, 0]), np.array([1, 3, 1]), np.array([[10.0], [8.0]]))
    assert table[:, 0].tolist() == [[8, 1, 0, 1], [7, 1, 0, 0]]
    with pytest.raises(FitError, match="more persons have records than are enrolled"):
        counts_of(np.array([0, 0]), np.array([0, 0]), np.array([1, 1]), np.array([[1.0]]))
    with pytest.raises(FitError, match="nobody was admitted"):
        fit_frequency([[[100, 0]]])


# -- the whole ------------------------------------------------------------------------------------------------------


def test_every_parameter_comes_back(found: Calibration):
    mean = RATE * (1 + 0.08 * (POOR - 1))
    assert abs(found.frequency.mean - mean) < 3 * found.frequency.mean_se
    for level, share, catalogue in zip(found.levels, SHARES, CATALOGUE, strict=True):
        assert abs(level.share - share) < 3 * level.share_se
        assert level.catalogue == pytest.approx(catalogue, abs=1e-9)
    township = found["township"].comparison["lognormal"].fit
    true = {"median": 1500 / math.sqrt(1 + 0.8**2), "sigma": math.sqrt(math.log1p(0.8**2))}
    of_level = {each.name: each.spread for each in found.carried.inputs}["cost-level"] * true["median"]
    assert abs(township.parameters["median"] - true["median"]) < 3 * math.hypot(township.errors["median"], of_level)
    assert abs(township.parameters["sigma"] - true["sigma"]) < 3 * township.errors["sigma"]
    assert found.season == pytest.approx(1 / 12, abs=0.01)


def test_the_file_is_in_order_and_a_scheme_uses_it(found: Calibration, tmp_path: Path):
    file = found.write(tmp_path / "claims.yaml")
    assert "claims model" in check_file(file)
    scheme = tmp_path / "tried.yaml"
    scheme.write_text(SCHEME, encoding="utf-8")
    scenario = fs.load(scheme)
    assert set(scenario.terms.uncertainty.inputs) >= {"admission-level", "cost-township", "cost-county"}
    used, fitted = scenario.terms.claims.care["township"].cost, found["township"].chosen.fit.severity
    assert used.stop_loss([0.0, 2000.0, 9000.0]) == pytest.approx(fitted.stop_loss([0.0, 2000.0, 9000.0]), rel=1e-4)
    results = fs.simulate(scenario, n=25)
    assert results.summary().loc["claims_paid", "mean"] > 0


def test_multipliers_of_groups_stand_as_a_remark_in_the_file(found: Calibration, tmp_path: Path):
    text = found.write(tmp_path / "claims.yaml").read_text(encoding="utf-8")
    poor = found.frequency.multipliers[1]
    assert f"#   poor: {{admissions: x{poor:.3f}}}" in text


def test_a_claims_file_whose_errors_fit_no_care_level_is_refused(found: Calibration, tmp_path: Path):
    file = found.write(tmp_path / "claims.yaml")
    file.write_text(file.read_text(encoding="utf-8").replace("care: [county]", "care: [count]"), encoding="utf-8")
    with pytest.raises(fs.ScenarioError, match="there is no care level 'count'; did you mean 'county'"):
        check_file(file)


def test_a_schemes_own_uncertainty_lies_over_that_of_the_file(found: Calibration, tmp_path: Path):
    found.write(tmp_path / "claims.yaml")
    own = """uncertainty:
  use: claims
  inputs:
    cost-township: {of: cost, care: [township], distribution: {family: lognormal, cv: 0.2}}
    trend: {of: cost-trend, distribution: {family: normal, sd: 2pp}}
"""
    scheme = tmp_path / "tried.yaml"
    scheme.write_text(SCHEME.replace("uncertainty: {use: claims}\n", own), encoding="utf-8")
    inputs = fs.load(scheme).terms.uncertainty.inputs
    assert {"admission-level", "cost-county", "trend"} <= set(inputs)
    assert inputs["cost-township"].distribution.cv == 0.2


def test_what_a_scheme_draws_is_the_error_of_the_fit(found: Calibration):
    """The stop-loss premium above the reference moves as its standard error says, level factor and index together."""
    level = found["tertiary"]
    fitted = level.chosen.fit
    carried = {each.name: each for each in carry(None, found.levels, reference=15_000).inputs}
    d = min(15_000.0, float(fitted.severity.quantile_upper(0.05)))
    _, se = fitted.of(lambda severity: math.log(float(severity.stop_loss(d))))
    rng = np.random.default_rng(1)
    rho = {(a, b): r for a, b, r in carry(None, found.levels, reference=15_000).correlations}
    z = rng.standard_normal((2, 4000))
    sd = math.sqrt(math.log1p(carried["cost-tertiary"].spread ** 2))
    index = carried.get("tail-tertiary")
    if index is not None:
        r = rho.get(("cost-tertiary", "tail-tertiary"), 0.0)
        z[1] = r * z[0] + math.sqrt(1 - r * r) * z[1]
    told = [_stop_loss(fitted.severity, index, d, math.exp(sd * a), b) for a, b in z.T]
    assert np.std(np.log(told)) == pytest.approx(se, rel=0.15)


def _stop_loss(severity, index, d, factor, score):
    if index is not None and isinstance(severity, Spliced):
        low, high = index.within
        drawn = min(max(index.mean + index.spread * score, low), high)
        tail = severity.natural
        severity = Spliced(
            body=severity.body,
            tail=Tail(
                above=severity.tail.above, index=drawn, weight=round(tail.weight * 1e6), scale=round(tail.scale * 100)
            ),
        )
    return factor * float(severity.stop_loss(d / factor))


def test_the_text_names_what_matters_and_nobody(found: Calibration):
    chinese, english = found.text("zh"), found.text("en")
    for word in ("住院频率", "分布比较", "停损保费", "参数不确定性", "township", "定价失真"):
        assert word in chinese
    for word in ("Frequency", "Families", "Stop-loss premium", "misprices", "Tail begins"):
        assert word in english
    assert found._repr_html_().count("<table>") >= 10
    told = json.dumps(found.to_dict(), allow_nan=False)
    assert '"person"' not in told
    assert set(found.tables()) == {
        "frequency", "trends", "completion", "credibility",
        "groups", "care", "families", "stop_loss", "tails", "parameters", "uncertainty",
    }  # fmt: skip


def test_the_analyst_overrides(found: Calibration):
    choices = Choices(
        samples=0, thresholds={"tertiary": 25_000.0, "county": None}, take={"tertiary": "spliced lognormal"}
    )
    again = calibrate(experience(60_000), choices=choices)
    assert again["tertiary"].chosen.fit.name == "spliced lognormal"
    assert again["tertiary"].why == "stated by the analyst"
    assert again["tertiary"].proposal.threshold == 25_000
    assert "stated: 25,000 yuan (proposed: " in again["tertiary"].proposal.reason
    assert "spliced lognormal" not in again["county"].comparison.frame().index
    with pytest.raises(CalibrationError, match=r"care level 'county': .*'pareto' has no fit"):
        calibrate(experience(20_000), choices=Choices(samples=0, take={"county": "pareto"}))


def test_what_cannot_be_calibrated_is_told_at_once():
    base = experience(3000)
    few = replace(base, care=np.where(base.care == 2, np.where(np.arange(len(base.care)) < 40, 2, 1), base.care))
    with pytest.raises(CalibrationError) as told:
        calibrate(replace(few, enrolled=None))
    assert "give --enrolment" in str(told.value)
    assert "'tertiary' has fewer than 50 admissions" in str(told.value)


def test_a_missing_month_and_a_missing_split_are_said():
    base = experience(20_000)
    found = calibrate(replace(base, month=np.minimum(base.month, 11), split=None), choices=Choices(samples=0))
    assert found.season is None
    assert "some months have no discharges: no season is stated" in found.remarks()
    assert "记录未列目录内外金额，目录构成为假设" in found.remarks("zh")


def test_years_can_be_taken_apart_and_brought_to_one_level():
    base = experience(3000)
    some = base.of_years([2012, 2013])
    assert some.years == (2012, 2013)
    assert set(some.year) == {0, 1}
    assert len(some.enrolled) == 2
    assert len(some.cost) == np.sum(base.year > 0)
    raised = base.at_level([1.21, 1.1, 1.0])
    assert raised.cost == pytest.approx(base.cost * np.array([1.21, 1.1, 1.0])[base.year])
    assert raised.split.sum(axis=1) == pytest.approx(raised.cost)
    with pytest.raises(CalibrationError, match="no records of 2019"):
        base.of_years([2019])


def test_small_groups_are_hidden():
    base = experience(4000)
    lonely = replace(base, group=np.where(base.person == base.person[0], 1, 0))
    found = calibrate(lonely, choices=Choices(samples=0, families=("lognormal",)))
    assert np.isnan(found.tables()["groups"].loc["poor", "admissions"])


def test_shares_add_up_to_the_millionth():
    for seed in range(20):
        shares = parts(np.random.default_rng(seed).dirichlet(np.ones(7)))
        assert sum(shares) == 1_000_000


def test_a_splice_is_written_as_a_scheme_states_it():
    splice = Spliced(body=Lognormal(median=400_000, sigma=1.1), tail=Tail(above=5_000_000, index=0.3))
    body, tail = "{family: lognormal, median: 4000 yuan, sigma: 1.1}", "{above: 50000 yuan, index: 0.3}"
    assert severity_text(splice) == f"{{family: spliced, body: {body}, tail: {tail}}}"


def test_figures_draw_on_the_users_axes(found: Calibration):
    from matplotlib.figure import Figure

    for draw in (
        lambda ax: found.plot_exceedance("tertiary", ax),
        lambda ax: found.plot_qq("tertiary", ax),
        lambda ax: found.plot_stop_loss("tertiary", ax),
        *(
            lambda ax, what=what: found.plot_thresholds("tertiary", what, ax)
            for what in ("mean_excess", "index", "hill")
        ),
    ):
        ax = Figure().subplots()
        assert draw(ax) is ax
        assert ax.lines or ax.containers
    assert found.plot_qq("county").figure is not None
    with pytest.raises(ValueError, match="'mean' is not plotted"):
        found.plot_thresholds("tertiary", "mean")


def test_no_plotted_point_is_one_record(found: Calibration):
    ax = found.plot_exceedance("tertiary")
    base = experience(60_000)
    points = ax.lines[0].get_xdata()
    assert not np.isin(np.round(points, 2), np.round(base.cost[base.care == 2], 2)).all()
    assert points.max() < base.cost[base.care == 2].max()
