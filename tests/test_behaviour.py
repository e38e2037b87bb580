"""Behaviour: what patients answer to what they bear, by closed form, as laws, and under events."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cities
from fundsim.behaviour import BehaviourTerms
from fundsim.frequency import AtMostOne, FrequencyFamily, NegativeBinomial, Poisson
from fundsim.pipeline import simulate, simulate_designs
from fundsim.report.tables import summary_text
from fundsim.responses import Response, alike
from fundsim.results import Results
from fundsim.scenario import Scenario, load, load_text
from fundsim.scenario.show import to_text

FLAT = cities.ANNUAL.replace("    deductible: 6000 yuan\n", "").replace(
    f"    bands: {cities.BANDS}\n", "    pay: 60%\n"
)
FLAT = FLAT.replace("    cap: 200000 yuan/year\n", "")
ON_COST = "{elasticity: -0.2, on: cost}"
ANSWER = 1.25**-0.2
"""At 60% patients bear 0.4 of their cost, at 50% they bear 0.5."""


def answering(text: str = cities.ADMISSIONS, behaviour: str = ON_COST, more: str = "", **changes: str) -> Scenario:
    return cities.city(f"{text}\nbehaviour: {behaviour}\n{more}", **changes)


def flat(behaviour: str = ON_COST) -> tuple[Results, Results]:
    base = answering(FLAT, behaviour)
    first, second = simulate_designs([base, base.replace({"payers.cii.pay": "50%"})], 8)
    return first, second


def same_totals(one: Results, other: Results) -> bool:
    return all(np.array_equal(one.totals[name], other.totals[name]) for name in one.totals)


# --- off ----------------------------------------------------------------------------------------------------------


def test_nobody_answers_with_an_elasticity_of_zero() -> None:
    off = cities.city()
    on = answering(behaviour="{elasticity: 0}")
    changed = {"payers.cii.deductible": "9000 yuan"}
    for without, zero in zip(
        simulate_designs([off, off.replace(changed)], 4),
        simulate_designs([on, on.replace(changed)], 4),
        strict=True,
    ):
        assert same_totals(without, zero)
        assert all(np.array_equal(without.bands[name], zero.bands[name]) for name in without.bands)


def test_the_base_is_as_the_claims_state_it_whatever_the_other_designs() -> None:
    off, on = cities.city(), answering()
    alone = simulate(off, 4)
    base, dear = simulate_designs([on, on.replace({"payers.cii.deductible": "9000 yuan"})], 4)
    assert same_totals(alone, base)
    assert base.behaviour is not None
    assert base.behaviour.factor.tolist() == [1.0, 1.0]
    assert dear.behaviour is not None
    assert same_totals(simulate(off.replace({"payers.cii.deductible": "9000 yuan"}), 4), dear.without_response)


def test_a_scheme_without_behaviour_says_nothing_of_it() -> None:
    results = simulate(cities.city(), 2)
    assert results.behaviour is None
    assert "behaviour" not in results.to_dict()
    assert "行为反应" not in summary_text([results])
    assert results.answered("claims_paid").mean is None


# --- closed form --------------------------------------------------------------------------------------------------


def test_every_bill_is_scaled_by_the_power_of_the_share_borne() -> None:
    base, dear = flat()
    answer = dear.behaviour
    assert base.behaviour is not None
    assert answer is not None
    assert base.behaviour.borne == pytest.approx([0.4], abs=1e-6)
    assert answer.base == pytest.approx([0.4], abs=1e-6)
    assert answer.borne == pytest.approx([0.5], abs=1e-6)
    assert answer.factor == pytest.approx([ANSWER], abs=1e-6)
    without, claims = answer.without["claims_paid"], dear.totals["claims_paid"]
    assert np.array_equal(answer.without["beneficiaries"], dear.totals["beneficiaries"])
    assert np.abs(claims - float(answer.factor[0]) * without).max() <= dear.totals["beneficiaries"].max()
    difference = dear.answered("claims_paid").mean
    assert difference == pytest.approx((ANSWER - 1) * without.mean() / 100, rel=1e-5)


def test_half_of_the_answer_is_in_the_frequency_and_half_in_the_cost() -> None:
    _, dear = flat("{elasticity: -0.2}")
    answer = dear.behaviour
    assert answer is not None
    half = ANSWER**0.5
    admitted = dear.totals["beneficiaries"] / answer.without["beneficiaries"]
    n = answer.without["beneficiaries"].sum()
    assert admitted.mean() == pytest.approx(half, abs=4 * np.sqrt(half * (1 - half) / n))
    per_head = dear.totals["claims_paid"].sum() / dear.totals["beneficiaries"].sum()
    assert per_head / (answer.without["claims_paid"].sum() / n) == pytest.approx(half, abs=0.02)


def test_the_factor_stays_within_its_bounds() -> None:
    _, dear = flat("{elasticity: -0.2, on: cost, within: [x0.99, x1.01]}")
    assert dear.behaviour is not None
    assert dear.behaviour.factor.tolist() == [0.99]


def test_who_bears_nothing_and_then_something_is_at_the_bound() -> None:
    terms = BehaviourTerms(elasticity=-0.2)
    base, new = np.array([0.0, 0.0, 0.3]), np.array([0.0, 0.2, 0.0])
    assert terms.factors(base, new).tolist() == [1.0, 0.5, 2.0]


shares = st.floats(0.01, 1.0)


@given(base=shares, one=shares, other=shares, elasticity=st.floats(-1, 0), part=st.integers(0, 1_000_000))
def test_who_bears_more_uses_no_more(base: float, one: float, other: float, elasticity: float, part: int) -> None:
    terms = BehaviourTerms(elasticity=elasticity, admissions=part)
    found = terms.factors(np.full(3, base), np.array([base, min(one, other), max(one, other)]))
    assert found[0] == 1.0
    assert found[1] >= found[2]
    assert found[2] >= 0.5
    assert found[1] <= 2
    frequency, cost = terms.divided(found)
    assert frequency * cost == pytest.approx(found)


# --- people stay who they are -------------------------------------------------------------------------------------


@given(
    family=st.sampled_from(
        [
            Poisson(mean=0.2),
            AtMostOne(mean=0.2),
            NegativeBinomial(mean=0.2, cv=0.8, mixing="person"),
            NegativeBinomial(mean=0.2, cv=0.8, mixing="pool"),
        ]
    ),
    low=st.floats(0.3, 2.5),
    high=st.floats(0.3, 2.5),
)
def test_fewer_admissions_are_a_part_of_more(family: FrequencyFamily, low: float, high: float) -> None:
    """A lower mean has higher thresholds, so nobody's count is higher, whatever their word."""
    fewer, more = family.threshold_table(np.array([min(low, high), max(low, high)]))
    assert (fewer >= more).all()


def test_those_who_still_go_have_the_same_bills() -> None:
    _, dear = flat("{elasticity: -0.2, on: admissions}")
    quiet = simulate(cities.city(FLAT, payers__cii__pay="50%"), 8)
    for part in ("paid_persons", "own_cost_persons"):
        assert (dear.bands[part] <= quiet.bands[part]).all()
    assert (dear.totals["beneficiaries"] < quiet.totals["beneficiaries"]).all()
    assert (dear.totals["max_payout"] <= quiet.totals["max_payout"]).all()


@pytest.mark.parametrize("on", ["cost", "admissions", "both"])
def test_a_higher_deductible_also_lowers_use_and_a_preference_raises_it(on: str) -> None:
    base = answering(behaviour=f"{{elasticity: -0.3, on: {on}}}")
    _, dear, preferred = simulate_designs(
        [
            base,
            base.replace({"payers.cii.deductible": "20000 yuan"}),
            base.replace({"payers.cii.variants[1].deductible": "0 yuan"}),
        ],
        6,
    )
    assert dear.behaviour is not None
    assert preferred.behaviour is not None
    assert (dear.totals["claims_paid"] < dear.behaviour.without["claims_paid"]).all()
    assert (preferred.totals["claims_paid"] > preferred.behaviour.without["claims_paid"]).all()
    assert preferred.behaviour.factor[0] == 1.0  # the ordinary insured are not concerned
    assert preferred.behaviour.factor[1] > 1.0


def test_designs_whose_people_answer_alike_share_a_pass() -> None:
    terms = BehaviourTerms(elasticity=-0.2)
    more, same = (Response.of(terms, np.array([0.4]), np.array([share])) for share in (0.5, 0.4))
    parts = [(designs.tolist(), answer) for designs, answer in alike([same, more, None, more])]
    assert parts == [([0, 2], None), ([1, 3], more)]


def test_blocks_have_no_influence() -> None:
    dear = answering().replace({"payers.cii.deductible": "9000 yuan"})
    assert same_totals(simulate(dear, 6, block=6), simulate(dear, 6, block=1, workers=2))


# --- which base ---------------------------------------------------------------------------------------------------

DESIGNS = "designs: {dear: {change: {payers.cii.deductible: {from: 6000 yuan, to: 9000 yuan}}}}"


def test_a_design_may_be_the_base() -> None:
    scheme = answering(behaviour="{elasticity: -0.2, on: cost, base: dear}", more=DESIGNS)
    stated, dear = simulate_designs([scheme, scheme.designs[0][1]], 4)
    other = answering(more=DESIGNS)
    reverse = simulate_designs([other, other.designs[0][1]], 4)[1]
    assert dear.behaviour is not None
    assert stated.behaviour is not None
    assert reverse.behaviour is not None
    assert dear.behaviour.factor.tolist() == [1.0, 1.0]
    assert stated.behaviour.factor[0] > 1
    assert stated.behaviour.factor == pytest.approx(1 / reverse.behaviour.factor, rel=1e-12)


def test_what_is_made_of_a_scheme_keeps_its_base(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(f"{cities.ADMISSIONS}\nbehaviour: {ON_COST}\n", encoding="utf-8")
    upon = "fundsim: 1\nid: upon\nextends: first\nchange: {payers.cii.deductible: {from: 6000 yuan, to: 9000 yuan}}\n"
    (tmp_path / "upon.yaml").write_text(upon, encoding="utf-8")
    laid = "fundsim: 1\nid: laid\nchange: {payers.cii.cap: {add: 100000 yuan}}\n"
    (tmp_path / "laid.yaml").write_text(laid, encoding="utf-8")
    first = load(tmp_path / "first.yaml")
    for scenario in (load(tmp_path / "upon.yaml"), first.apply(tmp_path / "laid.yaml")):
        assert scenario.plan != first.plan
        assert scenario.under_base_rules.plan == first.plan
        assert scenario.replace({"payers.basic.pay": "70%"}).under_base_rules.plan == first.plan
        again = load_text(scenario.to_yaml())
        assert again.fingerprint == scenario.fingerprint
        assert again.under_base_rules.plan == first.plan


def test_the_base_and_the_answer_are_part_of_the_fingerprint() -> None:
    scheme = answering()
    others = [answering(behaviour=each) for each in ("{elasticity: -0.3, on: cost}", "{elasticity: -0.2}")]
    assert len({each.fingerprint for each in [scheme, *others, cities.city()]}) == 4


# --- events -------------------------------------------------------------------------------------------------------

EVENT = (
    "events: {cut: {year: 1, probability: 100%, policy: yes, "
    "change: {payers.cii.deductible: {from: 6000 yuan, to: 9000 yuan}}}}"
)


def test_people_answer_to_an_event_as_to_a_design() -> None:
    events, designs = answering(more=EVENT), answering(more=DESIGNS)
    after = simulate(events, 4)
    assert same_totals(after, simulate(designs.designs[0][1], 4))
    assert after.behaviour is not None
    assert (after.totals["claims_paid"] < after.behaviour.without["claims_paid"]).all()


def test_the_world_without_policy_events_has_no_answer_to_them() -> None:
    from fundsim.years import TermJob

    by_counterfactual = cities.ADMISSIONS.replace("  policy_share: 30%\n", "  policy_loss: counterfactual\n")
    job = TermJob.build([answering(by_counterfactual, more=EVENT)], 7, 1)
    with_policy, without = job.run(0, 3)
    quiet = TermJob.build([cities.city()], 7, 1).run(0, 3)[0]
    assert np.array_equal(without, quiet)
    assert not np.array_equal(with_policy, quiet)


def test_a_wider_catalogue_is_answered_and_an_epidemic_is_not() -> None:
    from fundsim.years import TermJob

    wider = "claims.care.county.catalogue: {from: {A: 52%, B: 36%, C: 7%, excluded: 5%}, to: {A: 57%, B: 36%, C: 7%}}"
    worse = "claims.care.county.cost.mean: {from: 5000 yuan, to: 7000 yuan}"
    events = ", ".join(
        f"{name}: {{year: 1, probability: 50%, policy: no, change: {{{change}}}}}"
        for name, change in (("wider", wider), ("worse", worse))
    )
    job = TermJob.build([answering(more=f"events: {{{events}}}")], 7, 1)
    (catalogue,), (epidemic,) = job.responses(("wider",)), job.responses(("worse",))
    assert catalogue is not None
    assert epidemic is not None
    assert (catalogue.factor > 1).all()
    assert epidemic.factor.tolist() == [1.0, 1.0]


# --- as a line of its own -----------------------------------------------------------------------------------------


def test_the_effect_is_saved_and_told(tmp_path: Path) -> None:
    scheme = answering(more=DESIGNS)
    results = simulate_designs([scheme, scheme.designs[0][1]], 6, out=tmp_path / "run")
    loaded = Results.load(tmp_path / "run" / "designs" / "dear")
    dear = results[1]
    assert loaded.behaviour is not None
    assert dear.behaviour is not None
    assert loaded.behaviour.factor.tolist() == dear.behaviour.factor.tolist()
    assert same_totals(loaded.without_response, dear.without_response)
    told = json.loads(json.dumps(loaded.to_dict()["behaviour"]))
    assert told["by_group"]["ordinary"]["factor"] == dear.behaviour.factor[0]
    means = (dear.to_dict()["measures"]["claims_paid"]["mean"], told["without"]["claims_paid"]["mean"])
    assert told["difference"]["claims_paid"]["mean"] == pytest.approx(means[0] - means[1])
    assert told["difference"]["loss_ratio"]["mean"] is None
    text = summary_text(results)
    assert "Response to what patients bear 患者自付与行为反应" in text
    assert f"{dear.behaviour.factor[0]:.4f}" in text
    assert "Effect of the response 行为反应的影响" in text


def test_print_tells_behaviour() -> None:
    lines = [" ".join(line.split()) for line in to_text(answering(behaviour="{elasticity: -0.2}")).splitlines()]
    assert "behaviour (行为反应):" in lines
    assert "on: both, 50% of it in the frequency" in lines
