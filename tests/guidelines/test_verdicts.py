"""When a simulated figure passes a limit: intervals worked by hand, and how many replications would decide."""

from __future__ import annotations

import numpy as np
import pytest

from fundsim.estimates import UNDEFINED, Estimate, mean_of
from fundsim.guidelines.base import REPLICATIONS, Verdict, at_least, replications_to_decide


def estimate(mean: float, se: float | None, n: int = 100) -> Estimate:
    return Estimate(mean=mean, se=se, sd=None, percentiles=None, min=None, max=None, n=n)


@pytest.mark.parametrize(
    ("mean", "se", "expected"),
    [
        # Student's t at 97.5% with 99 degrees of freedom is 1.98422.
        (0.52, 0.01, Verdict.PASS),  # 0.5002 to 0.5398
        (0.5198, 0.01, Verdict.NOT_DECIDED),  # 0.49996 to 0.5396
        (0.4802, 0.01, Verdict.NOT_DECIDED),  # 0.4604 to 0.50004
        (0.48, 0.01, Verdict.FAIL),  # 0.4602 to 0.4998
        (0.5, 0.0, Verdict.PASS),
        (0.4999, 0.0, Verdict.FAIL),
        (0.5, 0.01, Verdict.NOT_DECIDED),
    ],
)
def test_only_an_interval_beyond_the_limit_decides(mean: float, se: float, expected: Verdict) -> None:
    assert at_least(estimate(mean, se), 0.5) is expected


def test_without_an_interval_nothing_is_decided() -> None:
    assert at_least(estimate(0.9, None, n=1), 0.5) is Verdict.NOT_DECIDED
    assert at_least(UNDEFINED, 0.5) is Verdict.NOT_DECIDED
    assert replications_to_decide(UNDEFINED, 0.5) == REPLICATIONS


def test_advice_is_half_as_many_again_as_the_interval_asks_for() -> None:
    # Half-width 0.0198422, distance 0.001: 1.5 x 100 x 19.8422^2 = 59,057, in two digits upwards.
    assert replications_to_decide(estimate(0.501, 0.01), 0.5) == 60_000
    # 1.5 x 100 x (0.0198422 / 0.0195)^2 = 155.3
    assert replications_to_decide(estimate(0.5195, 0.01), 0.5) == 200
    assert replications_to_decide(estimate(0.5, 0.01), 0.5) is None
    assert replications_to_decide(estimate(0.5 + 1e-6, 0.01), 0.5) is None


def test_advice_followed_decides_most_of_the_time() -> None:
    random, decided = np.random.default_rng(5), 0
    for _ in range(200):
        few = mean_of(random.normal(0.51, 0.1, 100))
        needed = replications_to_decide(few, 0.5)
        decided += at_least(mean_of(random.normal(0.51, 0.1, min(needed or 10_000, 10_000))), 0.5) is Verdict.PASS
    assert decided > 120


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_chinese_name_and_a_consequence(verdict: Verdict) -> None:
    assert verdict.zh
    unmet = (Verdict.FAIL, Verdict.NOT_DECIDED, Verdict.NOT_JUDGED)
    assert verdict.met == (verdict not in unmet)
