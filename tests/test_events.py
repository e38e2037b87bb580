"""Events: when they are in force, and the scheme as it is when some of them have happened."""

from __future__ import annotations

import pickle
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fundsim.scenario import Scenario, ScenarioError, load, load_text
from fundsim.uncertainty import BATCH, Event, EventStates, draw_events

UNCERTAIN = Path(__file__).parent / "bad" / "good" / "uncertain.yaml"
N = 40_000


def event(**stated: Any) -> Event:
    return Event.model_validate({"year": 1, "policy": "yes", "probability": "30%"} | stated)


def states(events: dict[str, Event], n: int = N, years: int = 1, **more: Any) -> EventStates:
    return draw_events(events, 7, np.arange(n), years, **more)


# --- when they are in force ------------------------------------------------------------------------------------------


def test_an_event_happens_as_often_as_stated() -> None:
    for ppm in (0, 50_000, 300_000, 1_000_000):
        happened = states({"cut": event(probability=ppm)}).state[:, 0, 0].mean()
        p = ppm / 1e6
        assert happened == pytest.approx(p, abs=3.5 * np.sqrt(p * (1 - p) / N))


def test_an_event_is_in_force_from_its_year_until_its_last() -> None:
    events = {"cut": event(year=2, probability="100%"), "epidemic": event(year=2, until=3, probability="100%")}
    found = states(events, n=3, years=4)
    assert found.state.shape == (3, 4, 2)
    assert found.state[1].tolist() == [[False, False], [True, True], [True, True], [True, False]]


def test_an_event_that_has_happened_stays() -> None:
    found = states({"cut": event(year=2)}, n=1000, years=3).state[:, :, 0]
    assert not found[:, 0].any()
    assert (found[:, 1] == found[:, 2]).all()
    assert 0 < found[:, 1].mean() < 1


def test_events_happen_independently() -> None:
    found = states({"one": event(), "other": event()}).state[:, 0, :]
    assert found.all(axis=1).mean() == pytest.approx(0.09, abs=3.5 * np.sqrt(0.09 * 0.91 / N))


def test_another_event_and_another_block_move_no_draw() -> None:
    few = states({"b": event()}, n=300, years=2)
    many = states({"a": event(), "b": event(), "c": event()}, n=300, years=2)
    block = draw_events({"b": event()}, 7, np.arange(100, 150), 2)
    assert np.array_equal(few.state[:, :, 0], many.state[:, :, 1])
    assert np.array_equal(block.state, few.state[100:150])


def test_stratified_events_are_nearly_as_frequent_as_stated_in_every_batch() -> None:
    counts = states({"cut": event()}, n=100 * BATCH, stratified=True).state[:, 0, 0].reshape(-1, BATCH).sum(axis=1)
    assert set(counts.tolist()) == {7, 8}
    assert counts.mean() == pytest.approx(7.5, abs=0.2)


def test_a_group_of_events_is_drawn_from_other_replications() -> None:
    events = {"cut": event(group="policy"), "drugs": event(group="policy"), "epidemic": event()}
    base, swapped = states(events, n=200), states(events, n=200, swap={"policy": 1000})
    further = draw_events(events, 7, np.arange(1000, 1200), 1)
    assert np.array_equal(swapped.state[:, :, :2], further.state[:, :, :2])
    assert np.array_equal(swapped.state[:, :, 2], base.state[:, :, 2])


def test_the_sets_that_occur_are_listed_once() -> None:
    state = np.array([[[False, False], [True, False]], [[False, True], [True, True]], [[False, False], [True, False]]])
    sets, which = EventStates(("a", "b"), state).distinct()
    assert sets == ((), ("a",), ("b",), ("a", "b"))
    assert which.tolist() == [[0, 1], [2, 3], [0, 1]]


def test_without_events_there_is_one_set() -> None:
    sets, which = states({}, n=3, years=2).distinct()
    assert sets == ((),)
    assert which.tolist() == [[0, 0], [0, 0], [0, 0]]


def test_the_counterfactual_leaves_out_what_is_named() -> None:
    found = states({"cut": event(), "epidemic": event()}, n=100)
    without = found.without(frozenset({"cut"}))
    assert not without.state[:, :, 0].any()
    assert np.array_equal(without.state[:, :, 1], found.state[:, :, 1])


# --- the scheme after events -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def uncertain() -> Scenario:
    return load(UNCERTAIN)


def deductible(scenario: Scenario) -> int | None:
    return scenario.plan.payer("cii").classes[0].deductible


def test_an_event_makes_its_changes_and_no_others(uncertain: Scenario) -> None:
    after = uncertain.with_events(["lower-deductible"])
    assert (deductible(uncertain), deductible(after)) == (600_000, 500_000)
    assert (uncertain.terms.contract.premium, after.terms.contract.premium) == (3300, 4300)
    assert after.terms.claims == uncertain.terms.claims
    assert after.terms.events == {}
    assert after.terms.uncertainty == uncertain.terms.uncertainty


def test_what_an_event_leaves_alone_is_shared(uncertain: Scenario) -> None:
    after = uncertain.with_events(["epidemic"])
    assert after.plan is uncertain.plan
    assert after.population is uncertain.population
    assert after.terms.claims != uncertain.terms.claims


def test_without_events_the_scheme_is_itself(uncertain: Scenario) -> None:
    assert uncertain.with_events([]) is uncertain


def test_every_set_is_built_once_whatever_its_order(uncertain: Scenario) -> None:
    assert uncertain.with_events(["epidemic", "new-drugs"]) is uncertain.with_events(("new-drugs", "epidemic"))


def test_the_overriding_event_holds_where_both_have_happened(uncertain: Scenario) -> None:
    both = uncertain.with_events(["much-lower-deductible", "lower-deductible"])
    assert deductible(both) == 300_000
    assert both.terms.contract.premium == 4300
    assert deductible(uncertain.with_events(["much-lower-deductible"])) == 300_000


def test_every_set_of_events_is_a_valid_scheme(uncertain: Scenario) -> None:
    events = list(uncertain.terms.events)
    sets = chain.from_iterable(combinations(events, size) for size in range(len(events) + 1))
    assert len({uncertain.with_events(names).fingerprint for names in sets}) == 16


def test_an_unknown_event_is_refused(uncertain: Scenario) -> None:
    with pytest.raises(KeyError, match="no event 'flood'; events: new-drugs"):
        uncertain.with_events(["flood"])


def test_a_scheme_that_events_have_changed_travels(uncertain: Scenario) -> None:
    uncertain.with_events(["epidemic"])
    copy = pickle.loads(pickle.dumps(uncertain))
    assert deductible(copy.with_events(["lower-deductible"])) == 500_000
    assert copy.with_events(["epidemic"]).fingerprint == uncertain.with_events(["epidemic"]).fingerprint


def test_a_value_that_an_event_changes_cannot_be_replaced_behind_its_back(uncertain: Scenario) -> None:
    with pytest.raises(ScenarioError, match="the present value is 7000 yuan"):
        uncertain.replace({"payers.cii.deductible": "7000 yuan"})
    assert deductible(uncertain.replace({"payers.basic.pay": "60%"}).with_events(["lower-deductible"])) == 500_000


# --- what they are to the scheme -------------------------------------------------------------------------------------


def edited(*pairs: tuple[str, str]) -> Scenario:
    text = UNCERTAIN.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return load_text(text, "uncertain.yaml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cv: 0.05", "cv: 0.06"),
        ("rho: 0.3", "rho: 0.31"),
        ("draws: independent", "draws: stratified"),
        ("[0.01, 0.02]]", "[0.01, 0.03]]"),
        ("sd: 2pp", "sd: 2.5pp"),
        ("within: [0.25, 0.42]", "within: [0.25, 0.43]"),
        ("probability: 30%", "probability: 31%"),
        ("policy: no", "policy: yes"),
        ("to: 5000 yuan", "to: 5500 yuan"),
        ("until: 1\n", "until: 2\n"),
    ],
)
def test_what_changes_results_changes_the_fingerprint(uncertain: Scenario, old: str, new: str) -> None:
    assert edited((old, new)).fingerprint != uncertain.fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("to: 5000 yuan", "to: 0.5 万元"),
        ("negotiated drugs covered", "drugs negotiated by the state"),
        ("values: [x1, x1.3]", "values: [x1.0, x1.30]"),
        ("  draws: independent\n", ""),
    ],
)
def test_other_words_do_not(uncertain: Scenario, old: str, new: str) -> None:
    assert edited((old, new)).fingerprint == uncertain.fingerprint


def test_the_order_of_correlated_inputs_is_part_of_the_fingerprint(uncertain: Scenario) -> None:
    first = "    cost-level: {of: cost, distribution: {family: lognormal, cv: 0.05}}\n"
    last = "    admission-level: {of: admissions, distribution: {family: gamma, cv: 0.04}}\n"
    assert edited((first, ""), (last, last + first)).fingerprint != uncertain.fingerprint


def test_print_tells_inputs_and_events(uncertain: Scenario) -> None:
    from fundsim.scenario.show import to_text

    lines = [line.split() for line in to_text(uncertain).splitlines()]
    assert ["uncertainty", "(不确定性),", "independent", "draws:"] in lines
    (level,) = [line for line in lines if line[:2] == ["cost-level", "cost"]]
    assert level[-4:] == ["1", "0.05", "once", "cost-level+admission-level"]
    (trend,) = [line for line in lines if line[:2] == ["cost-trend", "cost-trend"]]
    assert trend[-8:] == ["0pp", "2pp", "every", "year", "with", "serial", "0.5", "trend"]
    assert ["cost-level", "and", "admission-level", "correlated:", "0.3"] in lines
    assert ["epidemic", "1", "to", "1", "5%", "no", "claims.admissions.mean"] in lines


def test_print_of_a_scheme_that_knows_everything_says_nothing_of_it() -> None:
    from fundsim.scenario.show import to_text

    text = to_text(load(UNCERTAIN.with_name("base.yaml")))
    assert "uncertainty" not in text
    assert "events" not in text
