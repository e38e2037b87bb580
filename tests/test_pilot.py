"""The claims model of the Guangxi pilot reproduces what was published, and the trend decides the tender."""

from __future__ import annotations

from pathlib import Path

import pytest

import fundsim as fs
from check_pilot import SCENARIO, targets

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def found() -> list:  # type: ignore[type-arg]
    return targets(fs.simulate(fs.load(SCENARIO), n=100))


@pytest.mark.parametrize("number", range(5))
def test_a_published_figure_is_reproduced(found: list, number: int) -> None:  # type: ignore[type-arg]
    target = found[number]
    assert target.holds, f"{target.name}: published {target.published}, simulated {target.simulated} ± {target.se}"


def test_the_check_fails_on_a_wrong_model() -> None:
    wrong = fs.load(SCENARIO).replace({"claims.admissions.mean": "110 per 1000 persons"})
    assert not all(target.holds for target in targets(fs.simulate(wrong, n=10)))


def test_the_trend_decides_whether_33_yuan_is_enough() -> None:
    ratios = {}
    for name in ("qinzhou-2017-trend-5", "qinzhou-2017", "qinzhou-2017-trend-15"):
        results = fs.simulate(fs.load(ROOT / "scenarios" / f"{name}.yaml"), n=150)
        ratios[name] = results.estimate("loss_ratio").mean
        if name == "qinzhou-2017":
            assert results.probability("deficit").lo > 0
            assert results.probability("deficit").hi < 1
    assert ratios["qinzhou-2017-trend-5"] < ratios["qinzhou-2017"] < ratios["qinzhou-2017-trend-15"]
