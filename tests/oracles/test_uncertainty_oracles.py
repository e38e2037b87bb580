"""Uncertain inputs and events against independent answers: closed forms, and quadrature over what is drawn.

One amount a year left after basic insurance, of which CII pays half above the deductible. Given the level L, claims of
n people are a sum of independent ones: with Y = (LX - d)+,
E[C | L] = n r p E[Y] and Var[C | L] = n r² (p E[Y²] - p² E[Y]²).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from scipy.integrate import quad

import fundsim as fs
from fundsim.claims import AnnualClaims
from fundsim.estimates import mean_of
from fundsim.scenario import Scenario, load_text
from fundsim.severity import GeneralisedPareto, SeverityFamily
from fundsim.uncertainty import draw_events

N = 20_000
P, RATE = 0.05, 0.5
SEED = 2017
REPLICATIONS = 3_000
ANNUAL = """
fundsim: 1
id: oracle
traits: {place: [local, away], hardship: [none, poor]}
waterfall: [cii]
payers:
  cii:
    base: {counts: {A: 100%, B: 100%, C: 100%}}
    deductible: DEDUCTIBLE
    pay: 50%
    variants: [{when: {place: away}, pay: 30%}]
population:
  insured: 20000 persons
  groups: {ordinary: {}, poor: {share: 10%, traits: {hardship: poor}, cost: x0.8, admissions: x1.5}}
claims:
  basis: in-policy-left
  year: 2017
  persons: {family: at-most-one, mean: 50 per 1000 persons}
  amount: AMOUNT
  traits: {place: {local: 80%, away: 20%}}
contract: {preset: generic-corridor, premium: 400 yuan/person}
"""
PLAIN = ANNUAL.replace("    variants: [{when: {place: away}, pay: 30%}]\n", "").replace(
    "  groups: {ordinary: {}, poor: {share: 10%, traits: {hardship: poor}, cost: x0.8, admissions: x1.5}}\n", ""
)
LOGNORMAL = "{family: lognormal, mean: 8000 yuan, cv: 1.2}"
SPLICED = (
    "{family: spliced, body: {family: lognormal, mean: 8000 yuan, cv: 1.2}, tail: {above: 40000 yuan, index: 0.2}}"
)
LEVEL = {"of": "cost", "distribution": {"family": "lognormal", "cv": "0.15"}}


def scheme(deductible: str, amount: str, text: str = PLAIN, **inputs: object) -> Scenario:
    stated = load_text(text.replace("DEDUCTIBLE", deductible).replace("AMOUNT", amount), "oracle.yaml")
    return stated.replace({"uncertainty": {"inputs": inputs}}) if inputs else stated


def amount_of(scenario: Scenario) -> SeverityFamily:
    assert isinstance(scenario.terms.claims, AnnualClaims)
    return scenario.terms.claims.amount


def claims_of(scenario: Scenario) -> npt.NDArray[np.float64]:
    """Claims of each replication, yuan."""
    return fs.simulate(scenario, n=REPLICATIONS, seed=SEED).totals["claims_paid"] / 100


def agrees(values: npt.NDArray[np.float64], mean: float, variance: float | None = None) -> bool:
    """Whether mean and variance of a sample lie within four of their own standard errors."""
    n, deviations = len(values), values - values.mean()
    found = values.var(ddof=1)
    close = abs(values.mean() - mean) < 4 * np.sqrt(found / n)
    if variance is None:
        return bool(close)
    se = np.sqrt(((deviations**4).mean() - found**2) / n)
    return bool(close and abs(found - variance) < 4 * se)


def given_level(amount: SeverityFamily, deductible: float, level: float) -> tuple[float, float]:
    """Mean and variance of the claims when every amount is multiplied by a level; E(Y - a)+² is twice the integral of
    E(Y - x)+ from a up."""
    at = deductible / level
    bends = [bend for bend in (1.0, 40_000.0, 1e12) if bend > at]
    pieces = [(np.log(low), np.log(high)) for low, high in pairwise([max(at, 1.0), *bends]) if low < high]
    beyond = max(1.0 - at, 0.0) * float(amount.mean())  # below one yuan nothing is lost
    beyond += sum(
        quad(lambda y: float(amount.stop_loss(np.exp(y))) * np.exp(y), *piece, limit=200)[0] for piece in pieces
    )
    first, second = level * float(amount.stop_loss(at)), 2 * level**2 * beyond
    return N * P * RATE * first, N * RATE**2 * (P * second - (P * first) ** 2)


def over_lognormal(value: Callable[[float], float], cv: float) -> float:
    """E f(L) of a lognormal level with mean 1, by Gauss and Hermite."""
    sigma = np.sqrt(np.log1p(cv**2))
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    levels = np.exp(sigma * nodes - sigma**2 / 2)
    return float(sum(w * value(float(x)) for x, w in zip(levels, weights / weights.sum(), strict=True)))


# --- the level of cost ----------------------------------------------------------------------------------------------


def test_a_lognormal_level_at_a_flat_ratio_without_deductible() -> None:
    """C = L C0: E[C] = E[C0] and Var[C] = (1 + cv²) Var[C0] + cv² E[C0]², in closed form."""
    scenario = scheme("none", LOGNORMAL, level=LEVEL)
    mean, cv = 8_000.0, 1.2
    expected = N * P * RATE * mean
    process = N * RATE**2 * (P * mean**2 * (1 + cv**2) - (P * mean) ** 2)
    variance = (1 + 0.15**2) * process + 0.15**2 * expected**2
    assert variance > 10 * process
    values = claims_of(scenario)
    assert agrees(values, expected, variance)
    assert not agrees(values, expected, process)


def test_the_quadrature_agrees_with_the_closed_form() -> None:
    amount = amount_of(scheme("none", LOGNORMAL))
    mean, variance = given_level(amount, 0.0, 1.1)
    assert mean == pytest.approx(N * P * RATE * 8_800)
    assert variance == pytest.approx(N * RATE**2 * (P * 8_800**2 * 2.44 - (P * 8_800) ** 2), rel=1e-6)


def test_a_lognormal_level_over_a_deductible() -> None:
    """By quadrature over the level; the deductible makes 15% on bills some 27% on claims."""
    scenario = scheme("8000 yuan", SPLICED, level=LEVEL)
    amount = amount_of(scenario)
    mean = over_lognormal(lambda level: given_level(amount, 8_000, level)[0], 0.15)
    within = over_lognormal(lambda level: given_level(amount, 8_000, level)[1], 0.15)
    between = over_lognormal(lambda level: given_level(amount, 8_000, level)[0] ** 2, 0.15) - mean**2
    assert np.sqrt(between) > 1.5 * 0.15 * mean
    values = claims_of(scenario)
    assert agrees(values, mean, within + between)
    stated = given_level(amount, 8_000, 1.0)
    assert mean > 1.005 * stated[0]
    assert not agrees(values, *stated)


def test_a_level_of_use_adds_its_share_of_variance() -> None:
    """Mean n p G: E[C] as stated, Var[C] = E[Var | G] + Var(G) E[C]²; of a uniform G within 20%, Var(G) = 0.04 / 3."""
    uniform = {"of": "admissions", "distribution": {"family": "uniform", "from": "x0.8", "to": "x1.2"}}
    scenario = scheme("8000 yuan", SPLICED, use=uniform)
    mean, process = given_level(amount_of(scenario), 8_000, 1.0)
    spread = 0.04 / 3
    within = process - spread * mean**2 / N  # E[(pG)²] = p² (1 + Var G) in the term that is taken off
    assert agrees(claims_of(scenario), mean, within + spread * mean**2)


def test_the_tail_index_is_integrated_over() -> None:
    """Another index at the same threshold and scale: E(X - d)+ of each, weighted by a triangular density."""
    tail = {
        "of": "tail-index",
        "distribution": {"family": "triangular", "from": "0.1", "mode": "0.2", "to": "0.45"},
        "within": ["0.1", "0.45"],
    }
    scenario = scheme(
        "8000 yuan", "{family: generalised-pareto, above: 6000 yuan, index: 0.2, scale: 8000 yuan}", tail=tail
    )

    def density(index: float) -> float:
        return (index - 0.1) / 0.1 / 0.175 if index < 0.2 else (0.45 - index) / 0.25 / 0.175

    def weighted(index: float) -> float:
        law = GeneralisedPareto(above=600_000, index=index, scale=800_000)
        return density(index) * float(law.stop_loss(8_000))

    mean = N * P * RATE * quad(weighted, 0.1, 0.45, points=[0.2])[0]
    values = claims_of(scenario)
    assert agrees(values, mean)
    assert not agrees(values, given_level(amount_of(scenario), 8_000, 1.0)[0])


# --- who is insured, where they are treated, what is on the list ----------------------------------------------------


def parts(scenario: Scenario, away: float, poor: float) -> float:
    """Expected claims with a share of bills away and so many poor, by formula, yuan."""
    amount = amount_of(scenario)
    ordinary = (N - poor) * P * float(amount.stop_loss(8_000))
    others = poor * 1.5 * P * 0.8 * float(amount.stop_loss(8_000 / 0.8))
    return (ordinary + others) * ((1 - away) * 0.5 + away * 0.3)


def test_enrolment_scales_expected_claims() -> None:
    """A triangular factor from 0.8 over 1 to 1.02 has mean 0.94."""
    heads = {"of": "enrolment", "distribution": {"family": "triangular", "from": "x0.8", "mode": "x1", "to": "x1.02"}}
    scenario = scheme("8000 yuan", SPLICED, ANNUAL, heads=heads)
    values = claims_of(scenario)
    assert agrees(values, 0.94 * parts(scenario, 0.2, 2_000))
    assert not agrees(values, parts(scenario, 0.2, 2_000))


def test_more_poor_people_are_fewer_others() -> None:
    """2,000 poor x1 or x2 with equal chance: expected claims are those of 3,000 poor."""
    two = {"family": "discrete", "values": ["x1", "x2"], "probabilities": ["50%", "50%"]}
    share = {"of": "group-share", "people": "poor", "taken_from": "ordinary", "distribution": two}
    scenario = scheme("8000 yuan", SPLICED, ANNUAL, share=share)
    assert agrees(claims_of(scenario), parts(scenario, 0.2, 3_000))


def test_the_odds_of_care_away() -> None:
    """Odds of 20:80 twice or half as large: 1/3 or 1/9 of the bills are away, with equal chance."""
    two = {"family": "discrete", "values": ["x0.5", "x2"], "probabilities": ["50%", "50%"]}
    away = {"of": "mix", "trait": "place", "values": ["away"], "distribution": two}
    scenario = scheme("8000 yuan", SPLICED, ANNUAL, away=away)
    expected = (parts(scenario, 1 / 3, 2_000) + parts(scenario, 1 / 9, 2_000)) / 2
    values = claims_of(scenario)
    assert agrees(values, expected)
    assert not agrees(values, parts(scenario, 0.5, 2_000))


ADMISSIONS = """
fundsim: 1
id: list
waterfall: [cii]
payers: {cii: {base: {counts: {A: 100%, B: 100%}}, pay: 50%}}
population: {insured: 20000 persons}
claims:
  basis: admissions
  year: 2017
  admissions: {family: poisson, mean: 50 per 1000 persons}
  care: {any: {share: 100%, cost: {family: lognormal, mean: 8000 yuan, cv: 1}, catalogue: CATALOGUE}}
contract: {preset: generic-corridor, premium: 400 yuan/person}
"""


def test_the_odds_of_cost_off_the_list() -> None:
    """Of 20:80 off the list the odds are x0.5, x1 or x2: A and B are 8/9, 8/10 or 2/3 of a bill.

    The expected claims are n λ r m of that share, by formula and by runs of the three catalogues.
    """
    listed = {0.5: 8 / 9, 1.0: 0.8, 2.0: 2 / 3}
    three = {"family": "discrete", "values": [f"x{f:g}" for f in listed], "probabilities": ["25%", "50%", "25%"]}
    stated = load_text(ADMISSIONS.replace("CATALOGUE", "{A: 50%, B: 30%, C: 12%, excluded: 8%}"), "list.yaml")
    inputs = {"list": {"of": "catalogue", "distribution": three}}
    values = claims_of(stated.replace({"uncertainty": {"inputs": inputs}}))
    per_bill = N * 0.05 * 0.5 * 8_000
    assert agrees(values, per_bill * (listed[0.5] + 2 * listed[1.0] + listed[2.0]) / 4)
    for factor, share in listed.items():
        off, on = (1 - share) * 1e6, share * 1e6
        a, c = round(on * 5 / 8), round(off * 0.6)
        b, excluded = round(on) - a, 1_000_000 - round(on) - c
        fixed = "{" + f"A: {a / 1e4}%, B: {b / 1e4}%, C: {c / 1e4}%, excluded: {excluded / 1e4}%" + "}"
        runs = claims_of(load_text(ADMISSIONS.replace("CATALOGUE", fixed), "list.yaml"))
        assert agrees(runs, per_bill * share), factor


# --- a policy that comes or does not --------------------------------------------------------------------------------

SHOCK = {
    "wider": {
        "year": "1",
        "probability": "30%",
        "policy": "yes",
        "change": {"payers.cii.deductible": {"from": "8000 yuan", "to": "2000 yuan"}},
    }
}


def test_a_two_point_policy_shock_is_the_mixture_of_its_two_worlds() -> None:
    """E = q m1 + (1-q) m0; Var = q v1 + (1-q) v0 + q (1-q) (m1 - m0)²; with a premium halfway, P(deficit) = q."""
    plain = scheme("8000 yuan", SPLICED)
    amount = amount_of(plain)
    (m0, v0), (m1, v1) = given_level(amount, 8_000, 1.0), given_level(amount, 2_000, 1.0)
    halfway = (m0 + m1) / 2
    assert min(halfway - m0, m1 - halfway) > 4 * np.sqrt(max(v0, v1))
    shocked = plain.replace({"events": SHOCK, "contract.premium": f"{halfway / N:.2f} yuan/person"})
    results = fs.simulate(shocked, n=REPLICATIONS, seed=SEED)
    values, q = results.totals["claims_paid"] / 100, 0.3
    assert agrees(values, q * m1 + (1 - q) * m0, q * v1 + (1 - q) * v0 + q * (1 - q) * (m1 - m0) ** 2)
    deficit = results.probability("deficit")
    assert deficit.lo < q < deficit.hi
    happened = draw_events(shocked.terms.events, SEED, np.arange(REPLICATIONS)).state[:, 0, 0]
    assert agrees(values[happened], m1, v1)
    assert agrees(values[~happened], m0, v0)
    assert mean_of(values[happened]).mean != mean_of(values).mean
