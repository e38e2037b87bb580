"""Runs over several years: nobody moves because others, later years, inputs or events are there; the same bits for all.

What is uncertain multiplies and moves shares; people, their stays and their luck are drawn beside it.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, city
from fundsim import runs
from fundsim.scenario import Scenario
from fundsim.uncertainty import draw_events

N = 30
SEED = 5
INPUTS: dict[str, Any] = {
    "level": {"of": "cost", "distribution": {"family": "lognormal", "cv": "0.1"}},
    "use": {"of": "admissions", "distribution": {"family": "gamma", "cv": "0.1"}},
    "trend": {"of": "cost-trend", "serial": "0.5", "distribution": {"family": "normal", "sd": "3pp"}},
    "tail": {
        "of": "tail-index",
        "care": ["tertiary"],
        "distribution": {"family": "normal", "mean": "0.33", "sd": "0.05"},
        "within": ["0.25", "0.42"],
    },
    "away": {"of": "mix", "trait": "place", "values": ["away"], "distribution": {"family": "lognormal", "cv": "0.3"}},
    "off": {"of": "catalogue", "distribution": {"family": "uniform", "from": "x0.8", "to": "x1.2"}},
    "heads": {"of": "enrolment", "distribution": {"family": "uniform", "from": "x0.9", "to": "x1.1"}},
    "poor": {
        "of": "group-share",
        "people": "poor",
        "taken_from": "ordinary",
        "distribution": {"family": "uniform", "from": "x0.7", "to": "x1.4"},
    },
}
EVENTS: dict[str, Any] = {
    "wider": {
        "year": "2",
        "probability": "50%",
        "policy": "yes",
        "change": {"payers.cii.deductible": {"from": "6000 yuan", "to": "4000 yuan"}},
    },
    "flu": {
        "year": "2",
        "until": "2",
        "probability": "40%",
        "policy": "no",
        "change": {"claims.admissions.mean": {"from": "180 per 1000 persons", "to": "200 per 1000 persons"}},
    },
}
CERTAIN = "{of: admissions, distribution: {family: gamma, cv: 0.1}}"
GROWTH = {"population.growth": "-2%/year", "claims.trend": {"cost": "8%/year", "to": "2017"}}
RULES = {
    "contract.policy_share": "0%",
    "contract.premium_adjustment": {"target": "95%", "within": ["-5%", "+10%"]},
    "contract.termination": {"loss_years": "2 years"},
    "contract.reporting": {"late": "8%"},
}


@pytest.fixture(scope="module")
def term() -> Scenario:
    """A small city with everything on: inputs, events, growth, and a contract that remembers."""
    return city().replace({**GROWTH, **RULES, "uncertainty": {"inputs": INPUTS}, "events": EVENTS})


@pytest.fixture(scope="module")
def base(term: Scenario) -> fs.Results:
    return fs.simulate(term, n=N, seed=SEED, years=3)


def same(left: fs.Results, right: fs.Results) -> bool:
    """Whether two runs have the same bits, in all and in every year."""
    pairs = [(left.totals, right.totals), (left.groups, right.groups), (left.bands, right.bands)]
    pairs += [(one.totals, other.totals) for one, other in zip(left.years, right.years, strict=True)]
    pairs += [(one.groups, other.groups) for one, other in zip(left.years, right.years, strict=True)]
    return all(
        one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
        for one, other in pairs
    )


# --- who runs it, in which pieces -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("workers", "block"), [(1, 30), (2, 1), (1, 7), (2, 11)])
def test_threads_and_blocks_do_not_change_a_bit(
    term: Scenario, base: fs.Results, workers: int, block: int | None
) -> None:
    assert same(base, fs.simulate(term, n=N, seed=SEED, years=3, workers=workers, block=block))


def test_another_process_gives_the_same_bits(term: Scenario, base: fs.Results) -> None:
    with ProcessPoolExecutor(max_workers=1) as pool:
        assert same(base, fs.simulate(term, n=N, seed=SEED, years=3, executor=pool, block=13))


def test_stratified_draws_do_not_depend_on_blocks(term: Scenario) -> None:
    stratified = term.replace({"uncertainty.draws": "stratified"})
    assert same(*(fs.simulate(stratified, n=N, seed=SEED, years=2, block=block) for block in (30, 7)))


def test_a_run_that_is_taken_up_again_ends_in_the_same_bits(term: Scenario, base: fs.Results, tmp_path: Path) -> None:
    """Stopped after some blocks: what was saved is kept, the rest is settled anew."""

    class StoppedError(Exception):
        pass

    def stop(done: int, _: int) -> None:
        if done >= 12:
            raise StoppedError

    folder = tmp_path / "run"
    with pytest.raises(StoppedError):
        fs.simulate(term, n=N, seed=SEED, years=3, block=6, workers=1, out=folder, progress=stop)
    saved = sorted(path.name for path in (folder / "blocks").iterdir())
    assert 2 <= len(saved) < 5
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert same(base, fs.simulate(term, n=N, seed=SEED, years=3, block=6, out=folder))
    assert same(base, fs.simulate(term, n=N, seed=SEED, years=3, block=6, workers=2, out=copy))
    assert (folder / runs.REPLICATIONS).read_bytes() == (copy / runs.REPLICATIONS).read_bytes()


def test_a_longer_run_begins_with_the_shorter_one(term: Scenario, base: fs.Results) -> None:
    longer = fs.simulate(term, n=N + 10, seed=SEED, years=3)
    assert np.array_equal(longer.totals["claims_paid"][:N], base.totals["claims_paid"])


# --- later years ----------------------------------------------------------------------------------------------------


def test_a_longer_term_moves_nobody(term: Scenario, base: fs.Results) -> None:
    """The years that both terms have are the same people and the same money; only the last year closes the contract."""
    shorter = fs.simulate(term, n=N, seed=SEED, years=2)
    for short, long in zip(shorter.years, base.years[:2], strict=True):
        for name in ("insured", "beneficiaries", "claims_paid", "max_payout", "gross", "patient_burden", "premium"):
            assert np.array_equal(short.totals[name], long.totals[name])
            assert np.array_equal(short.groups[name], long.groups[name])


@pytest.mark.parametrize("text", [ADMISSIONS, ANNUAL])
def test_the_first_year_of_a_term_is_the_year_alone(text: str) -> None:
    one, three = (fs.simulate(city(text), n=N, seed=SEED, years=years) for years in (1, 3))
    first = three.years[0]
    assert all(np.array_equal(values, one.totals[name]) for name, values in first.totals.items() if name in one.totals)
    assert all(np.array_equal(values, one.groups[name]) for name, values in first.groups.items())
    assert one.years == ()


def test_the_first_year_is_the_year_alone_with_everything_on(term: Scenario, base: fs.Results) -> None:
    one, first = fs.simulate(term, n=N, seed=SEED, years=1), base.years[0]
    assert all(np.array_equal(values, one.totals[name]) for name, values in first.totals.items() if name in one.totals)


def test_other_years_are_other_luck() -> None:
    """Without growth every year has the same law and draws of its own."""
    claims = [year.totals["claims_paid"] for year in fs.simulate(city(), n=200, seed=SEED, years=3).years]
    assert abs(np.corrcoef(claims)[np.triu_indices(3, 1)]).max() < 0.25
    spread = np.hypot(claims[0].std(), claims[2].std()) / np.sqrt(200)
    assert abs(claims[0].mean() - claims[2].mean()) < 4 * spread


# --- events and inputs beside the people -----------------------------------------------------------------------------


def test_an_event_moves_nobody_where_it_does_not_happen(term: Scenario, base: fs.Results) -> None:
    calm = fs.simulate(term.replace({"events": {}}), n=N, seed=SEED, years=3)
    happened = draw_events(term.terms.events, SEED, np.arange(N), 3).state.any(axis=2)
    assert 5 < happened.any(axis=1).sum() < N
    for y, (year, other) in enumerate(zip(base.years, calm.years, strict=True)):
        in_force = (year.totals["premium"] > 0) & (other.totals["premium"] > 0)
        alike = ~happened[:, y] & in_force
        assert np.array_equal(year.totals["claims_paid"][alike], other.totals["claims_paid"][alike])
        touched = happened[:, y] & in_force
        assert (year.totals["claims_paid"][touched] > other.totals["claims_paid"][touched]).all()


def test_an_event_that_changes_benefits_meets_the_same_people(term: Scenario) -> None:
    """A deductible of 4,000 by an event that is certain is that of a scheme which has it."""
    plain = city().replace({**GROWTH, "uncertainty": {"inputs": INPUTS}})
    certain = {"wider": EVENTS["wider"] | {"year": "1", "probability": "100%"}}
    by_event = fs.simulate(plain.replace({"events": certain}), n=10, seed=SEED, years=2)
    stated = fs.simulate(plain.replace({"payers.cii.deductible": "4000 yuan"}), n=10, seed=SEED, years=2)
    for name in ("claims_paid", "beneficiaries", "insurer_result", "patient_burden"):
        assert np.array_equal(by_event.totals[name], stated.totals[name])


def test_an_input_that_is_drawn_beside_another_moves_no_draw_of_it() -> None:
    """Enrolment changes heads alone: without it, the people whom both runs have are the same."""
    level = {"level": INPUTS["level"]}
    one = fs.simulate(city().replace({"uncertainty": {"inputs": level}}), n=N, seed=SEED)
    other = fs.simulate(city().replace({"uncertainty": {"inputs": level | {"heads": INPUTS["heads"]}}}), n=N, seed=SEED)
    claims, more = one.totals["claims_paid"], other.totals["claims_paid"]
    larger = other.totals["insured"] > one.totals["insured"]
    assert (more[larger] > claims[larger]).all()
    assert (more[~larger] <= claims[~larger]).all()


# --- the paths of a term --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("growth", ["-2%/year", "3%/year"])
def test_the_insured_follow_their_path(growth: str) -> None:
    """People who leave are the last of their group; who stays, stays the same person."""
    rate = 1 + float(growth.split("%")[0]) / 100
    results = fs.simulate(city(ANNUAL, population__growth=growth), n=5, seed=SEED, years=3)
    heads = [int(year.totals["insured"][0]) for year in results.years]
    assert heads == [20_000, round(20_000 * rate), round(20_000 * rate**2)]
    assert [int(year.totals["premium"][0]) for year in results.years] == [each * 15_000 for each in heads]
    steady = fs.simulate(city(ANNUAL), n=5, seed=SEED, years=3)
    for year, other in zip(results.years[1:], steady.years[1:], strict=True):
        more = year.totals["beneficiaries"] - other.totals["beneficiaries"]
        assert (more > 0).all() if rate > 1 else (more < 0).all()


def test_a_fixed_deductible_under_rising_costs() -> None:
    """8% a year on bills is more than 8% a year on claims, in every replication and in both later years."""
    growing = city().replace({"claims.trend": {"cost": "8%/year", "to": "2017"}})
    rising, steady = (fs.simulate(each, n=N, seed=SEED, years=3) for each in (growing, city()))
    assert np.array_equal(rising.years[0].totals["claims_paid"], steady.years[0].totals["claims_paid"])
    for number in (1, 2):
        claims, other = (each.years[number].totals["claims_paid"] for each in (rising, steady))
        assert (claims > other * 1.08**number).all()


def test_a_term_is_the_sum_of_its_years(base: fs.Results) -> None:
    for name in ("premium", "claims_paid", "surplus", "insurer_result", "insured", "gross", "policy_loss"):
        assert np.array_equal(base.totals[name], sum(year.totals[name] for year in base.years))
    largest = np.max([year.totals["max_payout"] for year in base.years], axis=0)
    assert np.array_equal(base.totals["max_payout"], largest)
    assert base.ledger is not None
    assert not base.ledger.imbalance().any()


@pytest.mark.parametrize("name", ["qinzhou-2017-term", "province-2014-term"])
def test_the_shipped_terms_run_three_years(shipped: dict[str, Scenario], name: str) -> None:
    scenario = shipped[name]
    results = fs.simulate(scenario, n=2)
    assert len(results.years) == 3
    assert results.ledger is not None
    assert not results.ledger.imbalance().any()
    assert all(assumed.why for assumed in scenario.assumptions)
    unknown = scenario.terms.uncertainty
    assert unknown is not None
    assert {stated.of for stated in unknown.inputs.values()} == {
        "cost", "admissions", "cost-trend", "tail-index", "mix", "catalogue", "enrolment", "group-share",
    }  # fmt: skip
    assert {event.policy for event in scenario.terms.events.values()} == {"yes", "no"}


def test_an_extension_states_its_own_events_or_has_those_of_its_base(tmp_path: Path) -> None:
    base, head = Path(__file__).parent / "bad" / "good" / "uncertain.yaml", "fundsim: 1\nextends: uncertain\n"
    shutil.copy(base, tmp_path)
    (tmp_path / "as-it-is.yaml").write_text(f"{head}id: as-it-is\n")
    (tmp_path / "calm.yaml").write_text(f"{head}id: calm\nevents: {{}}\nuncertainty: {{inputs: {{use: {CERTAIN}}}}}\n")
    inherited, stated = fs.load(tmp_path / "as-it-is.yaml").terms, fs.load(tmp_path / "calm.yaml").terms
    assert inherited.uncertainty == fs.load(base).terms.uncertainty
    assert inherited.events == fs.load(base).terms.events
    assert stated.events == {}
    assert stated.uncertainty is not None
    assert list(stated.uncertainty.inputs) == ["use"]


@pytest.mark.parametrize("name", ["qinzhou-2017", "province-2014"])
def test_the_schemes_of_one_year_stay_so(shipped: dict[str, Scenario], name: str) -> None:
    assert shipped[name].terms.simulation.years == 1
    assert shipped[name].terms.uncertainty is None
    assert shipped[name].terms.events == {}
