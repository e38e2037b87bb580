"""Who wins and who loses: the kernel's count by hand, and against what whole designs come to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, city
from fundsim import kernels
from fundsim.comparison import compare
from fundsim.comparison.comparison import Comparison
from fundsim.comparison.persons import ENOUGH, Persons, common_edges, persons_of
from fundsim.report.comparison import comparison_text
from fundsim.scenario import Scenario

N, SEED = 30, 4
INCOME = {"locality": {"income": "12000 yuan/person"}}


def beside(*others: dict[str, object], base: Scenario | None = None, share: float = 1.0) -> tuple[Persons, ...]:
    scheme = (base or city()).replace(INCOME)
    found = persons_of([scheme, *(scheme.replace(other) for other in others)], N, SEED, 1, share=share)
    assert found is not None
    return found


def claims(changes: dict[str, object] | None = None, base: Scenario | None = None) -> fs.Results:
    scheme = base or city()
    return fs.simulate(scheme.replace(changes) if changes else scheme, N, SEED)


@pytest.fixture(scope="module")
def raised() -> Persons:
    return beside({"payers.cii.deductible": "8000 yuan"})[1]


# --- the kernel -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("add_up", [kernels.add_up_pairs, kernels.add_up_pairs.py_func])  # type: ignore[attr-defined]
def test_pairs_of_four_persons_by_hand(add_up: object) -> None:
    """One wins 30, one loses 20, one is paid alike, one never; of own cost 5, 15, 25 and 4, bands end at 10 and 20.

    They cost 100 each and can bear 60. Under the base all pay 40, 50, 30 and 0; under the other 70, 30, 30 and 0.
    """
    first, out = np.zeros((3, 5), np.int64), np.zeros((2, 1, 1, 6 + 4 * 3), np.int64)
    people = np.zeros((kernels.ONE_PAID + 2, 5), np.int64)
    people[kernels.ONE_GROSS, :4], people[kernels.ONE_OWN, :4] = 100, (5, 15, 25, 4)
    bands = np.array([10, 20])
    for d, (basic, cii) in enumerate([((20, 20, 20, 0), (20, 30, 10, 0)), ((20, 20, 20, 0), (50, 10, 10, 0))]):
        people[kernels.ONE_PAID, :4], people[kernels.ONE_PAID + 1, :4] = basic, cii
        people[kernels.ONE_CLAIM, :4] = cii
        add_up(4, people, first, d, False, 60, bands, 0, 0, 0, out)  # type: ignore[operator]
    assert out[0, 0, 0].tolist() == [0, 0, 0, 0, 1, 1, 1, 100, 40, 40, 1, 100, 50, 50, 1, 100, 30, 30]
    assert out[1, 0, 0].tolist() == [1, 30, 1, 20, 2, 1, 1, 100, 70, 40, 1, 100, 30, 50, 1, 100, 30, 30]
    everybody = np.zeros_like(out)
    for d, cii in enumerate([(20, 30, 10, 0), (50, 10, 10, 0)]):
        people[kernels.ONE_PAID + 1, :4], people[kernels.ONE_CLAIM, :4] = cii, cii
        add_up(4, people, first, d, True, 60, bands, 0, 0, 0, everybody)  # type: ignore[operator]
    assert everybody[1, 0, 0, 4:10].tolist() == [3, 2, 2, 200, 70, 40]  # the fourth bears 100, and stands in a band


# --- against whole designs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"payers.cii.deductible": "8000 yuan"},
        {"payers.cii.deductible": "3500 yuan"},
        {"payers.cii.bands[1].pay": "75%", "payers.cii.cap": "60000 yuan/year"},
        {"payers.cii.variants[1].pay": "+20pp"},
    ],
)
def test_what_persons_gain_and_lose_is_the_difference_of_claims_to_the_fen(change: dict[str, object]) -> None:
    told = beside(change)[1]
    apart = claims(change).groups["claims_paid"] - claims().groups["claims_paid"]
    assert np.array_equal(told.totals["gained"] - told.totals["lost"], apart)
    assert np.array_equal((told.bands["paid"] - told.bands["paid_base"]).sum(axis=2), apart)


def test_beside_itself_nobody_wins_and_all_beneficiaries_are_counted() -> None:
    told, base = beside({"payers.cii.deductible": "8000 yuan"})[0], claims()
    assert not any(told.totals[name].any() for name in ("winners", "gained", "losers", "lost"))
    assert np.array_equal(told.bands["persons"].sum(axis=2), base.groups["beneficiaries"])
    assert np.array_equal(told.bands["gross"].sum(axis=2), base.groups["gross"])
    assert np.array_equal(told.bands["paid"].sum(axis=2), base.groups["reimbursed"])
    assert np.array_equal(told.totals["catastrophic"], told.totals["catastrophic_base"])


def test_a_higher_deductible_has_losers_only_and_spares_the_poor_with_their_own(raised: Persons) -> None:
    base = claims()
    assert not raised.totals["winners"].any()
    assert not raised.totals["losers"][:, 1].any()
    at_cap = base.groups["n_at_cap"][:, 0]
    losers, paid = raised.totals["losers"][:, 0], base.groups["beneficiaries"][:, 0]
    assert (losers <= paid).all()
    assert (losers >= paid - at_cap - 2).all()  # who is paid half a fen of the difference is paid alike


def test_more_bear_what_is_catastrophic_and_the_change_is_theirs(raised: Persons) -> None:
    assert raised.catastrophic_change().lo > 0  # type: ignore[operator]
    assert raised.catastrophic_change("poor").mean == 0
    for share, all_of_them in ((1e-4, True), (10.0, False)):
        told = beside({"payers.cii.deductible": "8000 yuan"}, share=share)[1]
        counted = told.bands["persons"].sum(axis=2)
        found = told.totals["catastrophic"]
        assert (found >= counted - 1).all() if all_of_them else (found < counted).all()


def test_burden_by_band_is_what_is_left_of_the_bills(raised: Persons) -> None:
    assert raised.edges.tolist() == sorted(raised.edges)
    assert {300_000, 600_000, 800_000} <= set(raised.edges.tolist())
    band = raised.edges.tolist().index(600_000) + 1  # from 6,000 to 8,000
    persons, base, ours, change = raised.burden(band, "ordinary")
    assert persons.mean > 0  # type: ignore[operator]
    assert change.mean == pytest.approx(ours.mean - base.mean)  # type: ignore[operator]
    assert 0 < change.mean < 0.6 * 2000  # type: ignore[operator] # at most what half of 2,000 yuan comes to
    assert change.se < ours.se  # type: ignore[operator]


def test_everybody_is_counted_where_all_bills_are_settled() -> None:
    scheme = city().replace({"simulation.bills": "all"})
    told = beside({"payers.cii.deductible": "8000 yuan"}, base=scheme)[1]
    run = claims(base=scheme)
    assert told.everyone
    assert np.array_equal(told.bands["gross"].sum(axis=(1, 2)), run.totals["gross_all"])
    some = beside({"payers.cii.deductible": "8000 yuan"})[1]
    for name in ("winners", "losers", "gained", "lost"):
        assert np.array_equal(told.totals[name], some.totals[name])


def test_another_basic_scheme_counts_everybody_because_others_win_and_lose_too() -> None:
    told = beside({"payers.basic.pay": "80%"})[1]
    assert told.everyone
    assert told.value("winners").mean > 20 * told.value("losers").mean  # type: ignore[operator]


def test_behaviour_is_left_out_and_annual_amounts_have_no_persons() -> None:
    answering = city(ADMISSIONS + "behaviour: {elasticity: -0.3, on: cost}\n")
    change = {"payers.cii.deductible": "8000 yuan"}
    for name, values in beside(change, base=answering)[1].totals.items():
        assert np.array_equal(values, beside(change)[1].totals[name])
    annual = city(ANNUAL)
    assert persons_of([annual, annual.replace({"payers.cii.deductible": "8000 yuan"})], 4, 1, 1) is None


# --- in a comparison --------------------------------------------------------------------------------------------


def compared(*others: Scenario, **how: float) -> Comparison:
    return compare([city().replace(INCOME), *others], n=8, seed=SEED, **how)  # type: ignore[arg-type]


def test_a_comparison_tells_it_of_designs_on_the_same_people_only() -> None:
    scheme = city().replace(INCOME)
    other = scheme.replace({"claims.admissions.mean": "190 per 1000 persons"})
    found = compared(other, scheme.replace({"payers.cii.deductible": "8000 yuan"}))
    assert [each is None for each in found.persons] == [False, True, False]
    text = comparison_text(found)
    assert "Who wins and who loses 受益与受损" in text
    assert "bears more than 12,000 yuan" in text
    assert "persons, not families" in text
    assert text.count("[2]  everybody 全部") == 1
    told = found.to_dict()["designs"][found.names[2]]["persons"]
    assert told["threshold"] == {"ordinary": 12000, "poor": 12000}
    assert told["figures"]["losers"]["mean"] > 0
    assert list(found.tables) == ["comparison", "persons", "by own cost"]


def test_catastrophic_expenditure_needs_an_income_and_a_share_of_it() -> None:
    scheme = city()
    found = compare([scheme, scheme.replace({"payers.cii.deductible": "8000 yuan"})], n=4)
    assert found.persons[1] is not None
    assert "catastrophic" not in found.persons[1].told
    assert "灾难性支出" not in comparison_text(found)
    half = compared(city().replace({**INCOME, "payers.cii.deductible": "8000 yuan"}), catastrophic=0.5)
    assert half.persons[1] is not None
    assert half.persons[1].threshold == (600_000, 600_000)
    with pytest.raises(fs.ComparisonError, match="no part of a year's income"):
        compared(scheme, catastrophic=0.0)


def test_no_more_replications_than_are_enough_are_looked_at() -> None:
    assert ENOUGH % 25 == 0
    small = city().replace({"population": {"insured": "500 persons"}})
    found = persons_of([small, small.replace({"payers.cii.deductible": "8000 yuan"})], ENOUGH + 50, 1, 1)
    assert found is not None
    assert found[1].replications == ENOUGH


def test_bands_are_few_however_many_designs_there_are() -> None:
    scheme = city()
    many = [scheme.replace({"payers.cii.deductible": f"{yuan} yuan"}) for yuan in range(5000, 5040)]
    edges = common_edges(many)
    assert len(edges) == 10
    assert (np.diff(edges) > 0).all()
    told = beside({"payers.cii.deductible": "8000 yuan"})[1]
    assert replace(told, years=2).value("losers").mean == pytest.approx(told.value("losers").mean / 2)  # type: ignore[operator]
