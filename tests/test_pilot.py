"""The claims model of the Guangxi pilot reproduces what was published, and the trend decides the tender."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fundsim as fs
from check_pilot import SCENARIO, TARGETS, Checked, checked
from fundsim.calibration.targets import Compared, calibrate_to, compare_with, read_figures
from fundsim.results import Results
from fundsim.scenario.nodes import plain
from fundsim.scenario.ways import find

ROOT = Path(__file__).parents[1]
POINTS = 1024
FIGURES = ("beneficiaries", "mean-benefit", "above-100000", "largest", "joint-reimbursement")


@pytest.fixture(scope="module")
def results() -> Results:
    return fs.simulate(fs.load(SCENARIO), n=60)


@pytest.fixture(scope="module")
def found(results: Results) -> dict[str, Checked]:
    return {each.compared.name: each for each in checked(results, POINTS)}


@pytest.mark.parametrize("name", FIGURES)
def test_a_published_figure_is_reproduced(found: dict[str, Checked], name: str) -> None:
    each = found[name]
    assert each.holds, f"{name}: {each.compared}, simulated {each.simulated} ± {each.se}"


def test_nothing_that_was_published_goes_unchecked(found: dict[str, Checked]) -> None:
    assert set(found) == {name for name, _ in read_figures(TARGETS).targets} == set(FIGURES)


def test_the_sample_of_persons_says_what_whole_pilots_do(results: Results, found: dict[str, Checked]) -> None:
    """Two engines, one meaning: figures by weighted persons, and by simulated cities."""
    figures = read_figures(TARGETS)
    target = figures.terms.targets["joint-reimbursement"].model_copy(update={"care": None})
    terms = figures.terms.model_copy(update={"targets": {**figures.terms.targets, "joint-reimbursement": target}})
    of_all_bills: dict[str, Compared] = {
        each.name: each
        for each in compare_with(type(figures)(terms, figures.root, figures.scheme, figures.parameters, figures.source),
                                 results.scenario.terms.claims, points=POINTS)
    }  # fmt: skip
    for name in FIGURES:
        if name != "largest":
            each, simulated = of_all_bills[name], found[name]
            error = float(np.hypot(each.simulation, simulated.se))
            assert abs(each.fitted - simulated.simulated) < 4 * error, name


def test_the_check_fails_on_a_wrong_model() -> None:
    wrong = fs.load(SCENARIO).replace({"claims.admissions.mean": "110 per 1000 persons"})
    assert not all(each.holds for each in checked(fs.simulate(wrong, n=10), POINTS))


def test_the_shipped_model_is_what_its_command_writes() -> None:
    """A coarse fit already lands near the shipped values, so that none of them was written by hand."""
    fitted = calibrate_to(TARGETS, points=512)
    assert fitted.holds
    shipped = fs.load(SCENARIO).root
    for each in fitted.parameters:
        (way,) = each.parameter.ways
        written = find(shipped, way)
        assert written is not None
        at = each.parameter.scale.of(each.parameter.scale.kind, str(plain(written)), None).first
        at = at if each.parameter.scale.log else float(np.exp(at))
        assert abs(at - each.parameter.scale.at(each.value)) < each.spread, each.name


@pytest.mark.slow
def test_the_shipped_file_is_written_anew_to_the_letter(tmp_path: Path) -> None:
    text = calibrate_to(TARGETS).to_yaml("scenarios/claims/guangxi-pilot.yaml")
    shipped = (ROOT / "scenarios" / "claims" / "guangxi-pilot.yaml").read_text(encoding="utf-8")
    assert text.partition("\nfundsim:")[2] == shipped.partition("\nfundsim:")[2]


def test_the_trend_decides_whether_33_yuan_is_enough() -> None:
    ratios = {}
    for name in ("qinzhou-2017-trend-5", "qinzhou-2017", "qinzhou-2017-trend-15"):
        results = fs.simulate(fs.load(ROOT / "scenarios" / f"{name}.yaml"), n=150)
        ratios[name] = results.estimate("loss_ratio").mean
        if name == "qinzhou-2017":
            assert results.probability("deficit").lo > 0
            assert results.probability("deficit").hi < 1
    assert ratios["qinzhou-2017-trend-5"] < ratios["qinzhou-2017"] < ratios["qinzhou-2017-trend-15"]
