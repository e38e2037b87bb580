"""The break-even premium and its loadings: closed forms, and the contract itself settled at that premium."""

from __future__ import annotations

import numpy as np
import pytest

import fundsim as fs
from conftest import SCENARIOS
from fundsim.estimates import quantile_of
from fundsim.report.break_even import PremiumNeeded

QINZHOU = SCENARIOS / "qinzhou-2017.yaml"
PLAIN = {"contract": {"premium": "33 yuan/person", "surplus": "fee-inclusive", "allowance": "90%",
                      "loss_cause": "any", "tiers": [{"insurer": "100%"}]}}  # fmt: skip
"""The insurer keeps what there is up to 90% of premium and bears every loss: at break-even its mean result is zero."""


@pytest.mark.parametrize("expense", ["4%", "1.20 yuan/person", "300 万元/year"])
@pytest.mark.parametrize("years", [1, 2])
def test_who_bears_everything_breaks_even_at_the_break_even_premium(expense: str, years: int) -> None:
    scheme = fs.load(QINZHOU).replace(PLAIN).replace({"contract.expense": expense})
    needed = PremiumNeeded.of(fs.simulate(scheme, n=10, seed=3, years=years))
    assert needed.break_even.mean is not None
    fen = round(100 * needed.break_even.mean)
    even = fs.simulate(scheme.replace({"contract.premium": f"{fen / 100:.2f} yuan/person"}), n=10, seed=3, years=years)
    heads = float(even.average("insured").mean())
    result = even.estimate("insurer_result").mean
    assert result is not None
    assert abs(result) <= 0.0051 * heads  # the premium is a whole number of fen


def test_the_steps_are_those_of_the_contract() -> None:
    results = fs.simulate(fs.load(QINZHOU), n=30, seed=3)
    needed, pure = PremiumNeeded.of(results), results.estimate("pure_premium")
    assert needed.pure.mean == pure.mean
    assert needed.break_even.mean == pytest.approx(pure.mean / 0.96 if pure.mean else None)
    assert needed.break_even.se == pytest.approx(pure.se / 0.96 if pure.se else None)
    assert needed.needed.mean == pytest.approx(pure.mean / 0.95 if pure.mean else None)
    assert needed.present.mean == pytest.approx(33.0)
    assert needed.short.mean == pytest.approx((needed.break_even.mean or 0) - 33)
    assert needed.is_short


def test_a_premium_that_suffices_surely_is_a_quantile_and_does_suffice() -> None:
    scheme = fs.load(QINZHOU).replace(PLAIN).replace({"contract.expense": "4%"})
    results = fs.simulate(scheme, n=40, seed=3)
    needed = PremiumNeeded.of(results)
    at = needed.surely(0.9)
    x = results.values("pure_premium")
    assert x is not None
    of = quantile_of(x / 0.96, 0.9)
    assert (at.value, at.lo, at.hi) == (pytest.approx(of.value), pytest.approx(of.lo), pytest.approx(of.hi))
    paid = fs.simulate(scheme.replace({"contract.premium": f"{at.value + 0.005:.2f} yuan/person"}), n=40, seed=3)
    assert np.mean(paid.totals["insurer_result"] < 0) <= 0.1


def test_a_difference_within_its_error_is_no_shortfall() -> None:
    scheme = fs.load(QINZHOU)
    even = PremiumNeeded.of(fs.simulate(scheme, n=30, seed=3)).break_even.mean
    there = scheme.replace({"contract.premium": f"{even:.2f} yuan/person"})
    assert PremiumNeeded.of(fs.simulate(there, n=30, seed=3)).is_short is None
    dear = scheme.replace({"contract.premium": "50 yuan/person"})
    assert PremiumNeeded.of(fs.simulate(dear, n=30, seed=3)).is_short is False
