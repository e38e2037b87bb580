"""Leverage of a fixed deductible (免赔额杠杆效应): published percentages by closed form and by simulation.

The amount left after basic insurance exceeds 6,000 yuan as a generalised Pareto law of mean excess 10,000 and index
0.33; one amount a year, no cap. Beneficiaries and payouts at other deductibles are shares of those at 6,000.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

import fundsim as fs
from fundsim.estimates import Estimate, mean_of, ratio_of
from fundsim.scenario import Scenario, load_text
from fundsim.severity import GeneralisedPareto
from fundsim.uncertainty import draw

AMOUNT = GeneralisedPareto(above=600_000, index=0.33, mean_excess=1_000_000)
FLAT, BANDS = (
    "{pay: 50%}",
    "{to: 20000 yuan, pay: 50%}, {to: 40000 yuan, pay: 60%}, {to: 60000 yuan, pay: 70%}, {pay: 80%}",
)
MODEL = """
fundsim: 1
id: leverage
waterfall: [cii]
payers:
  cii: {base: {counts: {A: 100%, B: 100%, C: 100%}}, deductible: 6000 yuan, bands: [CURVE]}
population: {insured: 40000 persons}
claims:
  basis: in-policy-left
  year: 2017
  persons: {family: at-most-one, mean: 50 per 1000 persons}
  amount: {family: generalised-pareto, above: 6000 yuan, index: 0.33, mean_excess: 10000 yuan}
contract: {preset: generic-corridor, premium: 400 yuan/person}
simulation: {replications: 2000, seed: 36}
"""
PUBLISHED = {  # deductible: beneficiaries, payouts at a flat rate, payouts under Qinzhou's rising bands; % of 6,000
    8_000: (75, 83, 83.4),
    10_000: (58, 69, 70.6),
    12_000: (46, 59, 60.6),
    15_000: (33, 47, 49.3),
    20_000: (20, 34, 36.5),
}


def flat(deductible: float) -> float:
    """Payout per amount at a flat 50%, yuan."""
    return 0.5 * float(AMOUNT.stop_loss(deductible))


def banded(deductible: float) -> float:
    """Payout per amount where 50% rise by 10 points every 20,000 yuan, three times, above the deductible; yuan."""
    rises = [float(AMOUNT.stop_loss(deductible + edge)) for edge in (20_000, 40_000, 60_000)]
    return flat(deductible) + 0.1 * sum(rises)


def beneficiaries(deductible: float) -> float:
    return float(AMOUNT.survival(deductible))


def percent(share: Callable[[float], float], deductible: float) -> float:
    return 100 * share(deductible) / share(6_000)


@pytest.mark.parametrize("deductible", PUBLISHED)
def test_closed_form_gives_the_published_percentages(deductible: int) -> None:
    """Rounded as they are published: beneficiaries and flat payouts to the percent, the bands to a tenth."""
    found = percent(beneficiaries, deductible), percent(flat, deductible), percent(banded, deductible)
    assert (round(found[0]), round(found[1]), round(found[2], 1)) == PUBLISHED[deductible]


def test_another_tail_gives_other_percentages() -> None:
    """The published figures tell an index of 0.33 from one of 0.28."""
    other = GeneralisedPareto(above=600_000, index=0.28, mean_excess=1_000_000)
    found = [round(100 * float(other.stop_loss(d) / other.stop_loss(6_000))) for d in PUBLISHED]
    assert found != [flat for _, flat, _ in PUBLISHED.values()]


def model(curve: str) -> Scenario:
    return load_text(MODEL.replace("CURVE", curve), "leverage.yaml")


@pytest.mark.parametrize(("curve", "share"), [(FLAT, flat), (BANDS, banded)], ids=["flat", "bands"])
def test_simulated_percentages_lie_within_their_own_error(curve: str, share: Callable[[float], float]) -> None:
    """All deductibles on the same people, so that a ratio has the error of what lies between two deductibles."""
    designs = [model(curve).replace({"payers.cii.deductible": f"{d} yuan"}) for d in PUBLISHED]
    base, *others = fs.simulate_designs([model(curve), *designs])
    for deductible, result in zip(PUBLISHED, others, strict=True):
        for measure, exact in (("beneficiaries", beneficiaries), ("claims_paid", share)):
            found = ratio_of(result.totals[measure].astype(float), base.totals[measure].astype(float))
            assert found.mean is not None
            assert found.se is not None
            assert found.se < 0.002
            assert abs(found.mean - percent(exact, deductible) / 100) < 4 * found.se


# --- 10% dearer bills at a deductible of 8,000 ----------------------------------------------------------------------


def dearer(deductible: float, factor: float = 1.1) -> float:
    """Payout at a flat rate with bills dearer by a factor c over that before: c E(X - d/c)+ / E(X - d)+."""
    return factor * flat(deductible / factor) / flat(deductible)


def test_ten_percent_on_bills_is_more_on_claims() -> None:
    assert round(100 * (dearer(8_000) - 1), 1) == 17.7


def ratio(after: fs.Results, before: fs.Results, where: npt.NDArray[np.bool_] | slice = slice(None)) -> Estimate:
    """Claims over claims of the same people."""
    one, other = (result.totals["claims_paid"][where].astype(float) for result in (after, before))
    return ratio_of(one, other)


@pytest.fixture(scope="module")
def at_8000() -> fs.Results:
    return fs.simulate(model(FLAT).replace({"payers.cii.deductible": "8000 yuan"}))


def test_ten_percent_of_growth_on_simulated_bills(at_8000: fs.Results) -> None:
    grown = at_8000.scenario.replace({"claims.trend": {"cost": "10%/year", "to": "2018"}})
    found = ratio(fs.simulate(grown), at_8000)
    assert found.mean is not None
    assert found.se is not None
    assert found.se < 0.0005
    assert abs(found.mean - dearer(8_000)) < 4 * found.se


def test_ten_percent_on_the_simulated_level(at_8000: fs.Results) -> None:
    """A level that is x1 or x1.1: where it is x1 nothing changes, where it is x1.1 claims rise by 17.7%."""
    two = {"family": "discrete", "values": ["x1", "x1.1"], "probabilities": ["50%", "50%"]}
    uncertain = at_8000.scenario.replace({"uncertainty": {"inputs": {"level": {"of": "cost", "distribution": two}}}})
    result = fs.simulate(uncertain)
    raised = draw(uncertain.terms.uncertainty, 36, np.arange(2000)).values["level"] > 1
    assert 900 < raised.sum() < 1100
    assert np.array_equal(result.totals["claims_paid"][~raised], at_8000.totals["claims_paid"][~raised])
    found = ratio(result, at_8000, raised)
    assert found.mean is not None
    assert found.se is not None
    assert found.se < 0.0005
    assert abs(found.mean - dearer(8_000)) < 4 * found.se


def test_a_fixed_deductible_under_rising_costs_over_three_years() -> None:
    """Claims of year k grow as c^k: each year of 8% adds more than 8%, and by the formula."""
    scenario = model(FLAT).replace(
        {"payers.cii.deductible": "8000 yuan", "claims.trend": {"cost": "8%/year", "to": "2017"}}
    )
    results = fs.simulate(scenario, years=3)
    per_person = 40_000 * 0.05 * flat(8_000)
    for number, year in enumerate(results.years):
        found = mean_of(year.totals["claims_paid"] / 100)
        assert found.mean is not None
        assert found.se is not None
        assert abs(found.mean - per_person * dearer(8_000, 1.08**number)) < 4 * found.se
    assert dearer(8_000, 1.08) > 1.14
    assert np.isclose(dearer(8_000, 1.0), 1.0)
