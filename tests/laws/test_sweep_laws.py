"""Laws of sweeps: a higher deductible or a lower ratio never raises claims on the same people – where that must hold.

It must where no class of case has rates that fall with cost, and nobody answers to what they bear. Where rates fall
across classes it need not, and the counter-example stands here, worked by hand.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cities import city
from fundsim.benefits.settlement import Bill, settle_person
from fundsim.comparison import sweep
from fundsim.scenario import Scenario, load_text

SMALL = {"population.groups": {"ordinary": {}, "poor": {"share": "10%", "traits": {"hardship": "poor"}}}}
"""Fewer people, so that many sweeps are quick."""


@st.composite
def schemes(draw: st.DrawFn) -> Scenario:
    """A small city whose rates rise with cost, or stay, in every class."""
    widths = draw(st.lists(st.integers(2_000, 40_000), min_size=1, max_size=3))
    rates = sorted(draw(st.lists(st.integers(20, 85), min_size=len(widths) + 1, max_size=len(widths) + 1)))
    edges = np.cumsum(widths)
    bands = [{"to": f"{edge} yuan", "pay": f"{rate}%"} for edge, rate in zip(edges, rates, strict=False)]
    return city().replace(
        {
            **SMALL,
            "population.insured": "8000 persons",
            "payers.cii.bands": [*bands, {"pay": f"{rates[-1]}%"}],
            "payers.cii.cap": draw(st.sampled_from(["none", "60000 yuan/year"])),
            "payers.cii.variants[0].pay": f"-{draw(st.integers(1, 20))}pp",
            "rounding": draw(st.sampled_from(["per-bill", "cumulative"])),
        }
    )


@settings(max_examples=12)
@given(schemes(), st.lists(st.integers(10, 300), min_size=2, max_size=5, unique=True))
def test_a_higher_deductible_never_raises_claims(scheme: Scenario, hundreds: list[int]) -> None:
    values = [f"{100 * each} yuan" for each in sorted(hundreds)]
    claims = sweep(scheme, "payers.cii.deductible", values, n=6, workers=1).totals["claims_paid"][1:]
    assert all((higher <= lower).all() for lower, higher in pairwise(claims))


@settings(max_examples=12)
@given(schemes(), st.lists(st.integers(1, 20), min_size=2, max_size=5, unique=True))
def test_a_lower_ratio_never_raises_claims(scheme: Scenario, points: list[int]) -> None:
    values = [f"-{each}pp" for each in sorted(points)]  # of the ordinary away from home
    claims = sweep(scheme, "payers.cii.variants[0].pay", values, n=6, workers=1).totals["claims_paid"][1:]
    assert all((higher <= lower).all() for lower, higher in pairwise(claims))


FALLING = """
fundsim: 1
id: falling
traits: {care: [county, tertiary]}
waterfall: [cii]
payers:
  cii:
    base: {counts: {A: 100%}}
    deductible: 0.01 yuan
    bands: [{to: 20000 yuan, pay: 90%}, {pay: 10%}]
    variants: [{when: {care: county}, bands: [{pay: 10%}]}]
population: {insured: 2000 persons}
claims:
  basis: admissions
  year: 2017
  admissions: {family: poisson, mean: 8000 per 1000 persons}
  care:
    county: {share: 90%, cost: {family: lognormal, mean: 5000 yuan, cv: 0.05}, catalogue: {A: 100%, B: 0%, C: 0%}}
    tertiary: {share: 10%, cost: {family: lognormal, mean: 20000 yuan, cv: 0.05}, catalogue: {A: 100%, B: 0%, C: 0%}}
contract: {premium: 5000 yuan/person, preset: generic-corridor, expense: 2%}
simulation: {replications: 10, seed: 1}
"""


def test_where_rates_fall_across_classes_a_higher_deductible_can_raise_claims() -> None:
    """20,000 yuan in the county, then 20,000 at a tertiary hospital, whose rates fall from 90% to 10% at 20,000.

    Without a deductible 10% of the first and, above 20,000, 10% of the second are paid: 4,000. With one of 20,000 the
    first bears it, and the second is paid at 90%: 18,000.
    """
    scheme = load_text(FALLING)
    bills = [Bill(case=case, cost=(2_000_000, 0, 0)) for case in (0, 1)]
    paid = {}
    for deductible in ("0.01 yuan", "20000 yuan"):
        plan = scheme.replace({"payers.cii.deductible": deductible}).plan
        paid[deductible] = sum(each.paid("cii") for each in settle_person(plan, bills))
    assert paid["20000 yuan"] == 1_800_000
    assert abs(paid["0.01 yuan"] - 400_000) <= 1


def test_the_counter_example_shows_in_a_sweep() -> None:
    """Where people have many stays in the county, a dear one falls more often near 8,000 yuan than below it."""
    claims = sweep(load_text(FALLING), "payers.cii.deductible", ["1 yuan", "8000 yuan"], n=4).totals["claims_paid"]
    assert (claims[2] > claims[1]).all()
