"""The exact lane on whole schemes: what it answers, against simulation and quadrature; what it refuses, and why."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, ONE_PAYER, city
from fundsim.cli import main
from fundsim.exact import Exact, ExactError, OutOfReachError, exact
from fundsim.exact.bills import bill_map
from fundsim.exact.model import YearModel
from fundsim.exact.nodes import dimensions, drawn_nodes, grid_nodes
from fundsim.exact.report import Tolerance
from fundsim.measures import MEASURES
from fundsim.results import Results
from fundsim.scenario import Scenario, load_text

ONE = "fundsim: 1\nid: one-payer\n" + ONE_PAYER
LEVEL = "\nuncertainty:\n  inputs:\n    level: {of: cost, distribution: {family: lognormal, cv: 0.08}}\n"
ONE_SCHEDULE = ADMISSIONS.replace("      - {when: {place: away}, pay: -10pp}\n", "").replace(
    "cap: 60000 yuan/year", "cap: 600000 yuan/year"
)


def agrees(found: Exact, results: Results) -> None:
    """Hold every figure that both lanes have within 4.5 standard errors of the simulation."""
    for measure in found.measures:
        exactly, simulated = found.mean(measure), results.estimate(measure)
        if exactly is None or simulated.mean is None or simulated.se is None:
            continue
        spread = (found.sd(measure) or 0.0) / np.sqrt(results.replications)  # rare events may not be seen at all
        slack = 1e-4 * abs(exactly) + 1e-6
        assert abs(simulated.mean - exactly) <= 4.5 * max(simulated.se, spread) + slack, measure
    for name in ("deficit", "return", "insurer_loss"):
        p, seen = found.probability(name), results.probability(name).p
        assert abs(p - seen) <= 4.5 * np.sqrt(max(p * (1 - p), 1 / results.replications) / results.replications), name
    sd = found.sd("claims_paid")
    assert sd == pytest.approx(np.std(results.values("claims_paid")), rel=6 / np.sqrt(results.replications))


@pytest.mark.parametrize("text", [ANNUAL, ANNUAL + LEVEL, ONE], ids=["annual", "annual, level uncertain", "one payer"])
def test_it_agrees_with_simulation(text: str) -> None:
    scenario = load_text(text)
    agrees(exact(scenario), fs.simulate(scenario, 1200, workers=1))


def test_it_agrees_with_simulation_through_basic_insurance() -> None:
    """Two care levels with different deductibles, two groups, several admissions a person, catalogue shares."""
    scenario = load_text(ONE_SCHEDULE)
    found = exact(scenario)
    agrees(found, fs.simulate(scenario, 400, workers=1))
    bounds = dict(found.report.unmodelled)
    assert all(0 <= bound < 1e-3 for bound in bounds.values())


@pytest.mark.parametrize("cap", [6_000, 20_000])
def test_a_yearly_cap_of_basic_insurance_overflows_to_the_covered_payer(cap: int) -> None:
    """What several bills together add, on the same people with and without the cap, to a few per cent of itself."""
    scenario = load_text(ONE_SCHEDULE)
    tight = scenario.replace({"payers.basic.cap": f"{cap} yuan/year"})
    with_cap, without = (fs.simulate(each, 400, workers=1).values("claims_paid") for each in (tight, scenario))
    assert with_cap is not None
    assert without is not None
    added = with_cap - without
    found = exact(tight)
    expected = found.claims.mean - exact(scenario).claims.mean
    assert abs(added.mean() - expected) < 4.5 * added.std() / np.sqrt(len(added)) + 1e-3 * found.claims.mean
    assert expected > 20 * 1e-3 * found.claims.mean  # which is far more than what is allowed for
    assert found.sd("claims_paid") == pytest.approx(np.std(with_cap), rel=0.2)


def test_bills_paid_one_by_one_add_up() -> None:
    """Where the covered payer starts anew with each admission, schedules may differ between admissions."""
    scenario = city(
        ADMISSIONS, payers__cii__accumulate="admission", payers__cii__cap="none", payers__basic__cap="600000 yuan/year"
    )
    agrees(exact(scenario), fs.simulate(scenario, 400, workers=1))


def test_pool_wide_mixing_is_mixed_over() -> None:
    frequency = {"family": "negative-binomial", "mean": "200 per 1000 persons", "cv": 0.1, "mixing": "pool"}
    scenario = city(ONE, claims__admissions=frequency)
    found = exact(scenario)
    assert found.report.nodes > 50
    agrees(found, fs.simulate(scenario, 1200, workers=1))


def test_events_of_the_first_year_are_mixed_over_with_their_own_premium() -> None:
    events = """
events:
  dearer:
    year: 1
    probability: 40%
    policy: no
    change:
      claims.amount.body.mean: {from: 8000 yuan, to: 9000 yuan}
      contract.premium: {from: 150 yuan/person, to: 160 yuan/person}
"""
    scenario = load_text(ANNUAL + events)
    found = exact(scenario)
    assert found.mean("premium") == pytest.approx(20_000 * (0.6 * 150 + 0.4 * 160))
    agrees(found, fs.simulate(scenario, 1200, workers=1))


def test_a_level_adds_the_variance_that_the_law_of_total_variance_says() -> None:
    scenario = load_text(ANNUAL + LEVEL)
    model = YearModel.build(scenario)
    nodes = grid_nodes(scenario, model.model)
    found = exact(scenario)
    means = np.array([each.mean for _, each in found.nodes])
    inner = np.array([each.variance for _, each in found.nodes])
    total = nodes.weights @ inner + nodes.weights @ (means - nodes.weights @ means) ** 2
    assert found.sd("claims_paid") == pytest.approx(np.sqrt(total), rel=1e-4)
    assert nodes.levels.cost is not None
    level = nodes.levels.cost[:, 0, 0]
    assert nodes.weights @ level == pytest.approx(1.0, abs=1e-7)
    assert np.sqrt(nodes.weights @ (level - 1) ** 2) == pytest.approx(0.08, abs=1e-6)


def test_many_uncertain_inputs_are_taken_as_a_run_draws_them() -> None:
    inputs = "\nuncertainty:\n  inputs:\n" + "".join(
        f"    level-{k}: {{of: cost, distribution: {{family: lognormal, cv: 0.04}}}}\n" for k in range(3)
    )
    scenario = load_text(ANNUAL + inputs)
    assert dimensions(scenario, YearModel.build(scenario).model) == 3
    found = exact(scenario)
    assert found.sampled
    se = found.to_dict()["measures"]["claims_paid"]["se"]
    assert se > 0
    results = fs.simulate(scenario, 1200, workers=1)
    simulated = results.estimate("claims_paid")
    assert abs(simulated.mean - found.mean("claims_paid")) < 4.5 * np.hypot(se, simulated.se)  # type: ignore[operator]


def test_nodes_of_a_run_are_the_values_that_it_draws() -> None:
    scenario = load_text(ANNUAL + LEVEL)
    model = YearModel.build(scenario).model
    few = drawn_nodes(scenario, model, 11, np.array([3, 7]))
    more = drawn_nodes(scenario, model, 11, np.arange(10))
    assert few.levels.cost is not None
    assert more.levels.cost is not None
    assert np.array_equal(few.levels.cost, more.levels.cost[[3, 7]])


def test_beneficiaries_of_the_annual_basis_are_binomial() -> None:
    found = exact(load_text(ANNUAL))
    chance = 0.06 * float(found.scenario.terms.claims.amount.survival(6_000.0))  # type: ignore[union-attr]
    law = stats.binom(20_000, chance)
    assert found.mean("beneficiaries") == pytest.approx(law.mean(), rel=1e-9)
    assert found.sd("beneficiaries") == pytest.approx(law.std(), rel=1e-9)
    assert found.mean("avg_payout") == pytest.approx(found.claims.mean / law.mean(), rel=1e-9)


def test_kinks_of_the_contract_do_not_blur_its_figures() -> None:
    """Means of the contract's figures against integrals over the law of claims itself."""
    found = exact(load_text(ANNUAL))
    claims, premium = found.claims, 3_000_000.0
    x, mass = claims.values, claims.masses / claims.masses.sum()
    allowance = 0.05 * premium
    surplus = premium - x
    keep = np.where(surplus > 0, np.minimum(surplus, allowance), 0.0)
    loss = np.minimum(np.maximum(-surplus, 0.0), 0.04 * premium)
    assert found.mean("insurer_keep") == pytest.approx(mass @ keep, rel=1e-6)
    assert found.mean("other_loss_insurer") == pytest.approx(mass @ loss, rel=1e-4)
    assert found.probability("deficit") == pytest.approx(float(claims.survival(premium)), abs=1e-9)
    assert found.probability("return") == pytest.approx(float(claims.cdf(premium - allowance)), abs=1e-7)
    assert found.quantile("surplus", 0.05) == pytest.approx(premium - float(claims.quantile(0.95)), rel=1e-4)


# -- one bill through the waterfall ------------------------------------------------------------------------------------


def test_the_map_of_a_bill_is_its_settlement() -> None:
    """Against the readable settlement, on bills of every size, to the rounding of each payer."""
    from fundsim.benefits.settlement import Bill, settle_person

    scenario = load_text(ADMISSIONS)
    plan = scenario.plan
    for care in ("county", "tertiary"):
        case = plan.traits.number({"care": care})
        base = bill_map(plan, case, (360_000, 430_000, 480_000)).base
        for gross in (50_00, 700_00, 1_234_56, 9_876_54, 60_000_00, 250_000_00):
            b, c, excluded = round(0.36 * gross), round(0.07 * gross), round(0.05 * gross)
            bill = Bill(case, (gross - b - c - excluded, b, c), excluded)
            line = settle_person(plan, [bill])[0].lines[-1]
            assert line.base / 100 == pytest.approx(float(base(gross / 100)), abs=0.05)


# -- what is out of reach ----------------------------------------------------------------------------------------------


def with_second_payer() -> Scenario:
    second = "  second:\n    base: {counts: {A: 100%}, less: [paid by cii]}\n    deductible: 9000 yuan\n    pay: 50%\n"
    text = ONE.replace("waterfall: [cii]", "waterfall: [cii, second]").replace("population:", second + "population:", 1)
    return load_text(text.replace("contract: {", "contract: {covers: [cii, second], "))


def topping_up() -> Scenario:
    text = ADMISSIONS.replace("accumulate: admission\n", "accumulate: admission\n", 1)
    return load_text(
        text.replace("  cii:\n", "  cii:\n    tops_up: [basic]\n").replace(
            "less: [paid by basic, deductible of basic]", "less: []"
        )
    )


def behaving() -> Scenario:
    text = ONE + "behaviour: {elasticity: -0.2, on: cost}\n"
    return load_text(text).replace({"payers.cii.deductible": "3000 yuan"})


def counterfactual() -> Scenario:
    events = """
events:
  wider:
    year: 1
    probability: 40%
    policy: yes
    change:
      payers.cii.deductible: {from: 6000 yuan, to: 5000 yuan}
"""
    contract = (
        "contract: {premium: 150 yuan/person, allowance: 5%, loss_cause: policy-and-other, "
        "policy_loss: counterfactual, policy_tiers: [{insurer: 50%}]}"
    )
    head, tail = ANNUAL.split("contract:")
    return load_text(f"{head}{contract}\nsimulation:{tail.split('simulation:')[1]}{events}")


OUT: dict[str, tuple[object, str, str]] = {
    "schedules that differ within a year": (
        lambda: load_text(ADMISSIONS), "2 different schedules", "basis: in-policy-left",
    ),
    "several covered payers": (with_second_payer, "covers several payers", "cover one of them"),
    "behaviour": (behaving, "patients answer", "leave 'behaviour' out"),
    "a payer before that accumulates by year": (
        lambda: city(ONE_SCHEDULE, payers__basic__accumulate="year"),
        "depends on the bills of the year before it",
        "accumulate: admission",
    ),
    "a cap before that binds": (
        lambda: load_text(
            ONE_SCHEDULE.replace("cap: 600000 yuan/year", "cap: 10000 yuan/year").replace(
                "deductible: 800 yuan, pay: 60%", "deductible: 800 yuan, pay: 60%, cap: 12000 yuan/year"
            )
        ),
        "yearly caps of the payers before 'cii' bind",
        "raise or drop these caps",
    ),
    "a payer that tops up": (topping_up, "tops up", "its own rates"),
    "policy loss by counterfactual": (counterfactual, "settling the same people again", "policy_loss: stated-share"),
    "caps that differ, paid one by one": (
        lambda: load_text(
            ADMISSIONS.replace("{when: {place: away}, pay: -10pp}", "{when: {place: away}, cap: 90000 yuan/year}")
        ).replace({"payers.cii.accumulate": "admission"}),
        "caps of 'cii' differ",
        "state one cap",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", OUT)
def test_what_is_out_of_reach_is_said_with_what_brings_it_inside(way: str) -> None:
    scenario, why, instead = OUT[way]
    with pytest.raises(OutOfReachError) as refused:
        exact(scenario())  # type: ignore[operator]
    assert why in refused.value.why
    assert instead in refused.value.instead


def test_schemes_that_are_shipped_are_in_reach_or_say_why(shipped: dict[str, Scenario]) -> None:
    inside, outside = set(), {}
    for name, scenario in shipped.items():
        try:
            YearModel.build(scenario)
            inside.add(name)
        except OutOfReachError as error:
            outside[name] = error.why
    assert {"henan-2015", "province-2014", "tianjin-2014", "shandong-2017"} <= inside
    assert "5 different schedules" in outside["qinzhou-2017"]
    assert "covers several payers" in outside["guangzhou-2014"]


# -- what comes with the answer ----------------------------------------------------------------------------------------


def test_the_answer_has_the_shape_of_a_run() -> None:
    scenario = load_text(ANNUAL)
    told, run = exact(scenario).to_dict(), fs.simulate(scenario, 2, workers=1).to_dict()
    assert set(run["measures"]) == set(told["measures"])
    for name, numbers in told["measures"].items():
        assert set(numbers) == set(run["measures"][name])
        assert name in MEASURES
    assert set(told["probabilities"]) == set(run["probabilities"])
    assert all(found["lo"] == found["p"] == found["hi"] for found in told["probabilities"].values())
    assert told["fingerprint"] == run["fingerprint"]
    json.dumps(told, allow_nan=False)


def test_the_room_can_be_called() -> None:
    assert fs.exact(load_text(ANNUAL)).claims.mean == exact(load_text(ANNUAL)).claims.mean
    assert callable(fs.exact)


def test_a_notebook_shows_it_and_tables_hold_it() -> None:
    found = exact(load_text(ANNUAL))
    assert "claims_paid" in found._repr_html_()
    assert found.summary().loc["claims_paid", "mean"] == pytest.approx(found.claims.mean)
    assert set(found.probabilities().index) == {"deficit", "return", "insurer_loss"}
    with pytest.raises(KeyError, match="deficit"):
        found.probability("rain")
    assert found.quantile("max_payout", 0.5) is None
    with pytest.raises(ValueError, match="between 0 and 1"):
        found.quantile("claims_paid", 1.0)


def test_a_report_beyond_its_tolerance_is_an_exception() -> None:
    report = exact(load_text(ANNUAL)).report
    assert report.check() is report
    for tolerance in (Tolerance(mean=0.0), Tolerance(sd=0.0), Tolerance(mass=0.0)):
        with pytest.raises(ExactError, match="more than the tolerance"):
            type(report)(**{**vars(report), "tolerance": tolerance}).check()


def test_the_command_prints_figures_and_their_accuracy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "annual.yaml").write_text(ANNUAL, encoding="utf-8")
    (tmp_path / "city.yaml").write_text(ADMISSIONS, encoding="utf-8")
    shown, scripted, refused = (
        CliRunner().invoke(main, ["exact", *words])
        for words in (["annual.yaml"], ["annual.yaml", "--json"], ["city.yaml"])
    )
    assert shown.exit_code == scripted.exit_code == 0, shown.output
    for words in ("claims_paid", "insurer_loss", "probability outside the window", "混叠误差"):
        assert words in shown.stdout
    printed = json.loads(scripted.stdout)
    assert printed["report"]["lost_mass"] < 1e-7
    assert refused.exit_code == 2
    assert "2 different schedules" in refused.stderr
    assert not refused.stdout
