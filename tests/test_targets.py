"""Calibration to published figures: the figures against closed forms, the fit against known models, what is refused."""

from __future__ import annotations

import json
from functools import lru_cache
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import fundsim as fs
from fundsim.calibration.targets import Figures, TargetsFit, calibrate_to, compare_with, read_figures
from fundsim.calibration.targets.figures import largest_score
from fundsim.calibration.targets.moving import PartsError, moved
from fundsim.cli import main
from fundsim.cli.common import DONE, FAILED
from fundsim.scenario import ScenarioError, load_text
from fundsim.scenario.checking import check_file
from fundsim.scenario.nodes import Block, Scalar, plain
from fundsim.scenario.ways import find
from fundsim.severity import GeneralisedPareto, Lognormal
from fundsim.units import rate

POINTS = 512

PER_ADMISSION = """
fundsim: 1
id: paid
waterfall: [cii]
payers:
  cii: {base: {counts: {A: 100%, B: 100%, C: 100%}}, accumulate: admission, deductible: 6000 yuan, pay: 50%}
population: {insured: 1000000 persons}
claims: CLAIMS
contract: {preset: guangzhou, premium: 33 yuan/person}
"""
ADMISSIONS = """
  basis: admissions
  year: 2017
  admissions: {family: poisson, mean: 500 per 1000 persons}
  care:
    county: {share: 100%, cost: {family: lognormal, mean: 5000 yuan, cv: 1}, catalogue: CATALOGUE}
""".replace("CATALOGUE", "{A: 90%, B: 0%, C: 0%, excluded: 10%}")
ANNUAL = """
  basis: in-policy-left
  year: 2017
  persons: {family: at-most-one, mean: 20 per 1000 persons}
  amount: {family: generalised-pareto, scale: 8000 yuan, index: 0.3}
"""
FIGURES = """
fundsim: 1
id: paid-figures
scheme: paid
cover: {persons: 1000000 persons}
claims: CLAIMS
"""


def written(folder: Path, claims: str, rest: str, cover: str = "") -> Path:
    """A file of published figures beside its scheme."""
    (folder / "paid.yaml").write_text(PER_ADMISSION.replace("CLAIMS", claims), encoding="utf-8")
    file = folder / "figures.yaml"
    text = FIGURES.replace("CLAIMS", claims) + rest
    file.write_text(text.replace("{persons: 1000000 persons}", cover) if cover else text, encoding="utf-8")
    return file


STAYS = "parameters: {mean: {moves: [admissions.mean], prior: 500 per 1000 persons, spread: x1.1}}\n"
ALL = """
targets:
  persons: {of: beneficiaries, count: persons, value: 1 person}
  times: {of: beneficiaries, count: person-times, value: 1 person-times}
  per-1000: {of: beneficiaries, count: persons, value: 1 per 1000 persons}
  mean-of-persons: {of: mean-benefit, count: persons, value: 1 yuan}
  mean-of-times: {of: mean-benefit, count: person-times, value: 1 yuan}
  above-of-times: {of: above, count: person-times, amount: 10000 yuan, value: 1 person-times}
  share-above: {of: above, count: person-times, amount: 10000 yuan, value: 1%}
  loss-ratio: {of: loss-ratio, value: 90%}
  benefit: {of: benefit-per-insured, value: 20 yuan/person}
  reimbursement: {of: reimbursement, value: 30%}
"""


def test_persons_and_person_times_are_told_apart_and_agree_with_closed_forms(tmp_path: Path) -> None:
    """Poisson admissions paid one by one: times are Poisson, persons those with at least one."""
    file = written(tmp_path, ADMISSIONS, STAYS + ALL)
    figures = read_figures(file)
    found = {each.name: each for each in compare_with(figures, figures.terms.claims)}
    cost, n, often = Lognormal(mean=5000_00, cv=1.0), 1_000_000, 0.5
    d, share = 6000 / 0.9, 0.9
    paid = float(cost.survival(d))
    payment = 0.5 * share * float(cost.stop_loss(d)) / paid
    beyond = float(cost.survival((6000 + 20000) / 0.9))
    exact = {
        "persons": n * (1 - exp(-often * paid)),
        "times": n * often * paid,
        "per-1000": 1 - exp(-often * paid),
        "mean-of-persons": often * paid * payment / (1 - exp(-often * paid)),
        "mean-of-times": payment,
        "above-of-times": n * often * beyond,
        "share-above": beyond / paid,
        "loss-ratio": often * paid * payment / 33,
        "benefit": often * paid * payment,
    }
    for name, value in exact.items():
        assert abs(found[name].fitted - value) < 4.5 * found[name].simulation + 1e-6 * value, name
        assert found[name].simulation < 0.01 * value, name
    luck = {"persons": exact["persons"] ** 0.5, "times": (n * often * paid * (1 + often * paid)) ** 0.5}
    for name, sd in luck.items():
        assert found[name].sampling == pytest.approx(sd, rel=0.02)


def test_annual_amounts_agree_with_closed_forms(tmp_path: Path) -> None:
    prior = "parameters: {mean: {moves: [persons.mean], prior: 20 per 1000 persons, spread: x1.1}}\n"
    targets = """
targets:
  persons: {of: beneficiaries, count: persons, value: 1 person}
  mean: {of: mean-benefit, count: persons, value: 1 yuan}
  above: {of: above, count: persons, amount: 50000 yuan, value: 1 person}
  largest: {of: largest, count: persons, value: 300000 yuan}
"""
    figures = read_figures(written(tmp_path, ANNUAL, prior + targets, "{persons: 1000000 persons, months: 18}"))
    found = {each.name: each for each in compare_with(figures, figures.terms.claims)}
    amount, years = GeneralisedPareto(scale=8000_00, index=0.3), 1_500_000 * 0.02
    exact = {
        "persons": years * float(amount.survival(6000)),
        "mean": 0.5 * float(amount.stop_loss(6000) / amount.survival(6000)),
        "above": years * float(amount.survival(106_000)),
    }
    for name, value in exact.items():
        assert abs(found[name].fitted - value) < 4.5 * found[name].simulation, name
    expected = years * float(amount.survival(606_000))
    score = stats.norm.ppf(exp(-expected))
    assert found["largest"].score == pytest.approx(score, abs=5 * found["largest"].simulation + 0.01)
    median = float(amount.quantile_upper(log(2) / years)) * 0.5 - 3000
    assert found["largest"].fitted == pytest.approx(median, rel=0.05)


@given(st.floats(min_value=1e-5, max_value=500.0))
def test_the_score_of_a_largest_payment_is_the_normal_score_of_its_probability(expected: float) -> None:
    if expected < 30:
        assert largest_score(expected) == pytest.approx(stats.norm.ppf(exp(-expected)), rel=1e-6, abs=1e-9)
    assert largest_score(expected) > largest_score(expected * 1.01)
    assert abs(largest_score(log(2))) < 1e-12


# -- the fit --------------------------------------------------------------------------------------------------------

FREE = """
parameters:
  often: {moves: [persons.mean], start: 15 per 1000 persons}
  scale: {moves: [amount.scale], start: 6000 yuan}
"""


def told_by(mean: float, scale: float, index: float, *, seed: int | None = None) -> str:
    """Figures that a model would publish; with a seed, one realisation of them."""
    amount, n = GeneralisedPareto(scale=round(scale * 100), index=index), 1_000_000 * mean
    draw = np.random.default_rng(seed)
    beneficiaries = n * float(amount.survival(6000))
    benefit = 0.5 * float(amount.stop_loss(6000) / amount.survival(6000))
    above = n * float(amount.survival(106_000))
    if seed is not None:
        number = int(draw.poisson(beneficiaries))
        paid = (amount.quantile_upper(draw.random(number) * float(amount.survival(6000))) - 6000) / 2
        beneficiaries, benefit, above = float(number), float(paid.mean()), float((paid > 50_000).sum())
    return f"""
targets:
  persons: {{of: beneficiaries, count: persons, value: {beneficiaries:.0f} persons}}
  mean: {{of: mean-benefit, count: persons, value: {benefit:.2f} yuan}}
  above: {{of: above, count: persons, amount: 50000 yuan, value: {above:.0f} persons}}
"""


@pytest.fixture(scope="module")
def recovered(tmp_path_factory: pytest.TempPathFactory) -> TargetsFit:
    folder = tmp_path_factory.mktemp("recovered")
    more = "  index: {moves: [amount.index], prior: 0.33, spread: 0.3}\n"
    return calibrate_to(written(folder, ANNUAL, FREE + more + told_by(0.02, 8000, 0.3)), points=POINTS)


def test_a_known_model_comes_back_from_its_figures(recovered: TargetsFit) -> None:
    truth = {"often": 0.02, "scale": 8000.0, "index": 0.3}
    assert recovered.holds
    assert all(abs(each.difference) < 0.3 for each in recovered.targets)
    for each in recovered.parameters:
        scale = each.parameter.scale
        assert abs(scale.at(each.value) - scale.at(truth[each.name])) < 3 * each.spread, each.name
        assert each.interval[0] < truth[each.name] < each.interval[1]


def test_the_fit_says_what_was_told(recovered: TargetsFit) -> None:
    told = {each.name: each.told for each in recovered.parameters}
    assert told == {"often": "identified", "scale": "identified", "index": "identified"}
    assert recovered.directions == 3
    assert recovered.parameters_frame().loc["index", "prior"] == "0.33"
    covariance = recovered.covariance_frame()
    spreads = {each.name: each.spread for each in recovered.parameters}
    assert {name: covariance.loc[name, name] for name in spreads} == pytest.approx(
        {k: s**2 for k, s in spreads.items()}
    )
    assert (np.linalg.eigvalsh(recovered.fit.covariance) > 0).all()


def test_a_parameter_that_no_figure_speaks_of_stays_at_its_prior(tmp_path: Path) -> None:
    spliced = "cost: {family: spliced, body: {family: lognormal, mean: 5000 yuan, cv: 1}, tail: {above: 900000 yuan, "
    claims = ADMISSIONS.replace("cost: {family: lognormal, mean: 5000 yuan, cv: 1}", spliced + "index: 0.3}}")
    parameters = STAYS.replace(
        "}}\n", "},\n  tail: {moves: [care.county.cost.tail.index], prior: 0.3, spread: 0.05}}\n"
    )
    targets = "targets: {times: {of: beneficiaries, count: person-times, value: 90000 person-times}}\n"
    fitted = calibrate_to(written(tmp_path, claims, parameters + targets), points=POINTS)
    tail = next(each for each in fitted.parameters if each.name == "tail")
    assert tail.told == "prior"
    assert tail.shrinkage == pytest.approx(1.0, abs=0.01)
    assert tail.value == pytest.approx(0.3, abs=0.001)
    assert "停在先验" in fitted.text("zh")
    assert "stayed at its prior" in fitted.text("en")


def test_free_parameters_that_the_figures_cannot_tell_apart_are_refused(tmp_path: Path) -> None:
    """Two figures and two free parameters, but one figure is the other: more is asked than they support."""
    targets = """
targets:
  persons: {of: beneficiaries, count: persons, between: [10000 persons, 12000 persons]}
  per-1000: {of: beneficiaries, count: persons, between: [10 per 1000 persons, 12 per 1000 persons]}
"""
    with pytest.raises(ScenarioError, match="do not tell 'often'") as refused:
        calibrate_to(written(tmp_path, ANNUAL, FREE + targets), points=64)
    assert all(problem.path.startswith("parameters.") and problem.line for problem in refused.value.problems)


def test_a_prior_carries_what_the_figures_do_not_tell(tmp_path: Path) -> None:
    targets = "targets: {persons: {of: beneficiaries, count: persons, value: 9000 persons}}\n"
    carried = FREE.replace("start: 6000 yuan", "prior: 6000 yuan, spread: x1.2")
    fitted = calibrate_to(written(tmp_path, ANNUAL, carried + targets), points=64)
    scale = next(each for each in fitted.parameters if each.name == "scale")
    assert scale.told == "prior"
    assert fitted.directions == 1


def test_a_model_that_cannot_reproduce_a_figure_is_not_written(tmp_path: Path) -> None:
    prior = "parameters: {often: {moves: [persons.mean], prior: 20 per 1000 persons, spread: x1.05}}\n"
    targets = "targets: {mean: {of: mean-benefit, count: persons, between: [90000 yuan, 100000 yuan]}}\n"
    file, out = written(tmp_path, ANNUAL, prior + targets), tmp_path / "claims.yaml"
    result = CliRunner().invoke(main, ["calibrate", "--targets", str(file), "--out", str(out)])
    assert result.exit_code == FAILED
    assert "not reproduced within what was published: mean" in result.stderr
    assert not out.exists()


def test_the_command_writes_a_model_that_schemes_can_use(tmp_path: Path) -> None:
    more = "  index: {moves: [amount.index], prior: 0.33, spread: 0.05, why: 常见范围}\n"
    file = written(tmp_path, ANNUAL, FREE + more + told_by(0.02, 8000, 0.3))
    out = tmp_path / "fitted.yaml"
    result = CliRunner().invoke(main, ["calibrate", "--targets", str(file), "--out", str(out), "--json"])
    assert result.exit_code == DONE, result.stderr
    told = json.loads(result.stdout)
    assert told["holds"] is True
    assert [each["target"] for each in told["targets"]] == ["persons", "mean", "above"]
    assert check_file(out) == "claims model, 3 assumptions"
    text = PER_ADMISSION.replace("CLAIMS", "{use: fitted.yaml}") + "uncertainty: {use: fitted.yaml}\n"
    scheme = load_text(text, str(tmp_path / "scheme.yaml"))
    assert scheme.terms.uncertainty is not None
    assert set(scheme.terms.uncertainty.inputs) == {"often"}
    assert "常见范围；按公布数据校准：先验0.33（离散0.05）" in out.read_text(encoding="utf-8")


def test_what_is_taken_in_of_uncertainty_can_be_added_to(tmp_path: Path) -> None:
    parameters = "parameters: {often: {moves: [persons.mean], prior: 20 per 1000 persons, spread: x1.1}}\n"
    targets = "targets: {persons: {of: beneficiaries, count: persons, value: 11000 persons}}\n"
    file = written(tmp_path, ANNUAL, parameters + targets)
    calibrate_to(file, points=64).write(tmp_path / "fitted.yaml")
    added = "uncertainty: {use: fitted, inputs: {level: {of: cost, distribution: {family: lognormal, cv: 0.05}}}}\n"
    base = PER_ADMISSION.replace("CLAIMS", "{use: fitted.yaml}")
    scheme = load_text(base + added, str(tmp_path / "scheme.yaml"))
    assert scheme.terms.uncertainty is not None
    assert list(scheme.terms.uncertainty.inputs) == ["often", "level"]
    with pytest.raises(ScenarioError, match="holds no 'uncertainty:' to take in"):
        load_text(base + "uncertainty: {use: paid}\n", str(tmp_path / "scheme.yaml"))


def test_the_same_people_are_met_whatever_the_parameters(tmp_path: Path) -> None:
    """A small step moves a figure by its slope: nobody is exchanged, so the error of a difference is far smaller."""
    figures = read_figures(written(tmp_path, ADMISSIONS, STAYS + ALL))
    claims = figures.terms.claims
    steps = []
    for mean in (0.500, 0.501):
        at = claims.model_copy(update={"admissions": claims.admissions.model_copy(update={"stated_mean": mean})})
        steps.append({each.name: each for each in compare_with(figures, at, points=POINTS)}["times"])
    difference = steps[1].fitted - steps[0].fitted
    assert difference == pytest.approx(0.002 * steps[0].fitted, rel=0.02)


# -- putting values into the text -----------------------------------------------------------------------------------


@lru_cache
def pilot() -> Figures:
    return read_figures(Path(__file__).parents[1] / "calibrations" / "guangxi-pilot.yaml")


@given(st.floats(min_value=0.001, max_value=0.5))
def test_parts_of_a_whole_add_up_whatever_moves(value: float) -> None:
    figures = pilot()
    share = next(parameter for parameter in figures.parameters if parameter.name == "major-share")
    root = moved(figures.root, [share], {"major-share": value})
    care = find(root, ("claims", "care"))
    assert isinstance(care, Block)
    texts = [find(root, ("claims", "care", level, "share")) for level in care.keys]
    rates = [rate(text.text) for text in texts if isinstance(text, Scalar)]
    assert sum(rates) == 1_000_000
    assert rates[care.keys.index("major")] == pytest.approx(value * 1e6, abs=1)
    assert rates[0] / rates[1] == pytest.approx(46 / 33, rel=1e-4)


def test_parts_that_leave_nothing_to_the_rest_are_refused() -> None:
    figures = pilot()
    share = next(parameter for parameter in figures.parameters if parameter.name == "major-share")
    with pytest.raises(PartsError, match="100% or more"):
        moved(figures.root, [share], {"major-share": 1.0})


def test_a_multiplier_moves_several_places_alike(tmp_path: Path) -> None:
    parameters = "parameters: {level: {moves: [admissions.mean, care.county.cost.mean], prior: x1, spread: x1.1}}\n"
    figures = read_figures(written(tmp_path, ADMISSIONS, parameters + ALL))
    root = moved(figures.root, figures.parameters, {"level": 1.5}, 4)
    assert plain(find(root, ("claims", "admissions", "mean")) or root) == "750 per 1000 persons"
    assert plain(find(root, ("claims", "care", "county", "cost", "mean")) or root) == "7500 yuan"


def test_the_door_is_public() -> None:
    assert fs.calibrate_to is calibrate_to


# -- how sure the fit is, over many press releases --------------------------------------------------------------------


@pytest.mark.slow
def test_intervals_cover_at_their_rate(tmp_path: Path) -> None:
    """Sixty press releases of one model: the 95% intervals hold the truth about as often as they say."""
    truth, inside, n = {"often": 0.02, "scale": 8000.0}, {"often": 0, "scale": 0}, 60
    for seed in range(n):
        file = written(tmp_path, ANNUAL, FREE + told_by(0.02, 8000, 0.3, seed=seed))
        for each in calibrate_to(file, points=POINTS).parameters:
            inside[each.name] += each.interval[0] < truth[each.name] < each.interval[1]
    for name, number in inside.items():
        assert stats.binomtest(number, n, 0.95).pvalue > 0.005, (name, number)
