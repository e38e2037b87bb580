"""Laws of settlement on random schemes and random bills: two engines agree, and no fen is made or lost."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fundsim import kernels
from fundsim.benefits.bands import Band
from fundsim.benefits.batch import Settled, settle_people
from fundsim.benefits.compiled import compile_plans
from fundsim.benefits.payer import Payer
from fundsim.benefits.schedule import Plan, Traits, compile_plan
from fundsim.benefits.settlement import Bill, Given, settle_person
from fundsim.money import PPM
from fundsim.statements import SettlementError, compare, settle
from fundsim.terms import Scale, Shift

YUAN = 100

rates = st.one_of(st.sampled_from([0, 1, 333_333, 500_000, PPM]), st.integers(0, PPM))
limits = st.one_of(st.none(), st.integers(0, 500), st.integers(0, 10_000 * YUAN), st.integers(0, 10**9))
shares = st.just(0) | rates
FACTORS = [Fraction(0), Fraction(1, 2), Fraction(95, 100), Fraction(1)]
amounts = st.one_of(st.integers(0, 200), st.integers(0, 50_000 * YUAN), st.integers(0, 10**10))


@st.composite
def band_lists(draw: st.DrawFn) -> list[Band]:
    edges = sorted(draw(st.sets(st.one_of(st.integers(1, 300), st.integers(1, 50_000 * YUAN)), max_size=4)))
    return [Band(to=edge, pay=draw(rates)) for edge in [*edges, None]]


@st.composite
def conditions(draw: st.DrawFn, traits: Traits) -> dict[str, Any]:
    chosen = draw(st.sets(st.sampled_from(sorted(traits.values)))) if traits.values else set()
    return {
        trait: draw(st.sampled_from(traits.values[trait]) | st.lists(st.sampled_from(traits.values[trait]), min_size=1))
        for trait in sorted(chosen)
    }


@st.composite
def variants(draw: st.DrawFn, traits: Traits) -> dict[str, Any]:
    changes = {
        "cap": limits,
        "bands_from": st.sampled_from(["deductible", "zero"]),
        "pay": rates | st.integers(-100_000, 100_000).map(Shift) | st.sampled_from(FACTORS).map(Scale),
        "deductible": limits | st.sampled_from(FACTORS).map(Scale),
        "cost_limit": limits,
        "above_share": shares,
        "ceiling": st.none() | rates,
        "bands": band_lists(),
    }
    fields = draw(st.sets(st.sampled_from(sorted(changes)), max_size=3))
    stated = {field: draw(changes[field]) for field in sorted(fields)}
    return {"when": draw(conditions(traits)), "overrides": "earlier", **stated}


@st.composite
def payers(draw: st.DrawFn, traits: Traits, names: Sequence[str], place: int) -> Any:
    earlier = names[:place]
    parts = [f"{what} {name}" for name in earlier for what in ("paid by", "deductible of", "cut by cap of")]
    others = [name for name in names if name != names[place]]
    rare = st.integers(0, 3).map(lambda drawn: drawn == 0)
    pays = {"pay": draw(rates)} if draw(st.booleans()) else {"bands": draw(band_lists())}
    terms = {
        "base": {
            "counts": {name: draw(rates) for name in "ABC"},
            "less": [part for part in parts if draw(st.booleans())],
            "adds": [part for part in parts if draw(rare)],
        },
        "tops_up": [name for name in earlier if draw(rare)],
        "cap_shared_with": [name for name in others if draw(rare)],
        "only": draw(st.lists(conditions(traits), max_size=2)),
        "accumulate": draw(st.sampled_from(["year", "admission"])),
        "bands_from": draw(st.sampled_from(["deductible", "zero"])),
        "deductible": draw(limits),
        "cap": draw(limits),
        "cost_limit": draw(st.none() | limits),
        "above_share": draw(shares),
        "ceiling": draw(st.none() | rates),
        "variants": draw(st.lists(variants(traits), max_size=3)),
    }
    return Payer.model_validate({**terms, **pays})


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A random scheme; a class that a variant would lead out of range keeps its last good values."""
    sizes = draw(st.lists(st.integers(1, 3), max_size=2))
    traits = Traits({f"t{i}": tuple(f"v{j}" for j in range(size)) for i, size in enumerate(sizes)})
    names = [f"p{i}" for i in range(draw(st.integers(1, 4)))]
    terms = {name: draw(payers(traits, names, place)) for place, name in enumerate(names)}
    covers = tuple(draw(st.permutations(names))[: draw(st.integers(1, len(names)))])
    compiled, _ = compile_plan(names, terms, traits, covers=covers, cumulative_rounding=draw(st.booleans()))
    return compiled


@st.composite
def people(draw: st.DrawFn, plan: Plan, *, annual: bool = False, given_payers: bool = False) -> list[list[Bill]]:
    first = plan.names.index(plan.primary) if annual else 0
    named = [name for name in plan.names[first:] if draw(st.booleans())] if given_payers else []

    def one_bill() -> Bill:
        cost = (draw(amounts), 0, 0) if annual else (draw(amounts), draw(amounts), draw(amounts))
        most = sum(cost) // (2 * len(plan.names))
        paid = {name: Given(draw(st.integers(0, most)), draw(amounts)) for name in named}
        case = draw(st.integers(0, plan.traits.n_classes - 1))
        if annual:
            return Bill(case, in_policy_left=cost[0], given=paid)
        return Bill(case, cost, draw(amounts), given=paid)

    counts = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    persons = [[one_bill() for _ in range(count)] for count in counts]
    if named:  # a given payment that is larger than what was left is refused before anything is settled
        lines = [line for person in persons for each in settle_person(plan, person) for line in each.lines]
        assume(all(line.left >= 0 for line in lines))
    return persons


def by_kernel(plan: Plan, persons: Sequence[Sequence[Bill]]) -> Settled:
    bills = [bill for person in persons for bill in person]
    annual = bills[0].in_policy_left is not None
    paid = np.full((len(bills), len(plan.payers)), -1, np.int64)
    deductible = np.zeros_like(paid)
    for row, bill in enumerate(bills):
        for payer, stated in bill.given.items():
            place = plan.names.index(payer)
            paid[row, place], deductible[row, place] = stated.paid, stated.deductible
    return settle_people(
        compile_plans([plan]),
        0,
        np.cumsum([0, *map(len, persons)]).astype(np.int64),
        np.array([(bill.in_policy_left, 0, 0) if annual else bill.cost for bill in bills], np.int64),
        np.array([bill.case for bill in bills], np.int64),
        np.array([bill.payable for bill in bills], np.int64),
        annual=annual,
        paid=paid,
        deductible=deductible,
    )


def settle_both(plan: Plan, persons: Sequence[Sequence[Bill]]) -> Settled:
    """Settle by both engines, hold every column of every bill against the other, and check that money is conserved."""
    statements = [statement for person in persons for statement in settle_person(plan, person)]
    settled = by_kernel(plan, persons)
    compare(plan, statements, settled)
    for row, statement in enumerate(statements):
        paid = sum(line.paid for line in statement.lines)
        assert statement.bill.payable == paid + statement.patient_pays == settled.paid[row].sum() + settled.left[row]
        assert 0 <= paid <= statement.bill.payable
        assert all(line.paid >= 0 for line in statement.lines)
    return settled


# --- the two engines -------------------------------------------------------------------------------------------------


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_the_engines_agree_to_the_fen(data: st.DataObject) -> None:
    plan = data.draw(plans())
    settle_both(plan, data.draw(people(plan)))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_the_engines_agree_with_given_payers(data: st.DataObject) -> None:
    plan = data.draw(plans())
    settle_both(plan, data.draw(people(plan, given_payers=True)))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_the_engines_agree_on_the_annual_basis(data: st.DataObject) -> None:
    plan = data.draw(plans())
    settle_both(plan, data.draw(people(plan, annual=True, given_payers=data.draw(st.booleans()))))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_the_engines_agree_without_the_compiler(data: st.DataObject) -> None:
    plan = data.draw(plans())
    persons = data.draw(people(plan, given_payers=data.draw(st.booleans())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "settle_bill", kernels.settle_bill.py_func)
        patch.setattr(kernels, "settle_people", kernels.settle_people.py_func)
        settle_both(plan, persons)


def test_the_comparison_sees_one_fen() -> None:
    """Every column that is compared can make the comparison fail."""
    plan, _ = compile_plan(["cii"], {"cii": Payer(base={"counts": {"A": PPM}}, pay=500_000)}, Traits({}))
    bills = [Bill(0, (1000, 0, 0))]
    statements, right = settle_person(plan, bills), by_kernel(plan, [bills])
    compare(plan, statements, right)
    for column in ("paid", "deductible", "base", "left"):
        columns = {name: getattr(right, name).copy() for name in ("paid", "deductible", "base", "left")}
        columns[column].flat[0] += 1
        with pytest.raises(SettlementError):
            compare(plan, statements, Settled(**columns))


# --- deductibles -----------------------------------------------------------------------------------------------------


def one_payer(traits: Traits, **terms: Any) -> Plan:
    payer = Payer.model_validate({"base": {"counts": {"A": PPM}}, **terms})
    return compile_plan(["cii"], {"cii": payer}, traits)[0]


def total_paid(plan: Plan, persons: Sequence[Sequence[Bill]]) -> int:
    return int(settle_both(plan, persons).paid.sum())


percents = st.integers(0, 100).map(lambda percent: percent * PPM // 100)
whole_yuan = st.integers(0, 100_000).map(lambda yuan: yuan * YUAN)


@st.composite
def whole_bands(draw: st.DrawFn, *, rising: bool) -> list[Band]:
    """Bands in whole yuan at whole per cents, so that nothing is ever rounded."""
    edges = sorted(draw(st.sets(st.integers(1, 100_000), max_size=4)))
    pays = draw(st.lists(percents, min_size=len(edges) + 1, max_size=len(edges) + 1))
    pays = sorted(pays) if rising else pays
    return [Band(to=to, pay=pay) for to, pay in zip([*(edge * YUAN for edge in edges), None], pays, strict=True)]


PLACES = Traits({"place": ("home", "away")})


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_higher_deductible_never_pays_more_where_rates_do_not_fall(data: st.DataObject) -> None:
    """Across classes too: with rising rates, what a step of the accumulator is due falls as the curve moves right."""
    low, high = sorted(data.draw(st.tuples(whole_yuan, whole_yuan)))
    away = {"when": {"place": "away"}, "bands": data.draw(whole_bands(rising=True))}
    terms = {
        "bands": data.draw(whole_bands(rising=True)),
        "bands_from": data.draw(st.sampled_from(["deductible", "zero"])),
        "cap": data.draw(st.none() | whole_yuan),
        "variants": [away],
    }
    bills = data.draw(
        st.lists(st.builds(Bill, st.integers(0, 1), st.tuples(whole_yuan, st.just(0), st.just(0))), min_size=1)
    )
    with_low, with_high = (total_paid(one_payer(PLACES, deductible=d, **terms), [bills]) for d in (low, high))
    assert with_high <= with_low


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_higher_deductible_never_pays_more_in_a_single_class(data: st.DataObject) -> None:
    """In one class the year's payment is F(all), whatever the rates."""
    low, high = sorted(data.draw(st.tuples(whole_yuan, whole_yuan)))
    terms = {"bands": data.draw(whole_bands(rising=False)), "cap": data.draw(st.none() | whole_yuan)}
    bills = data.draw(st.lists(st.builds(Bill, st.just(0), st.tuples(whole_yuan, st.just(0), st.just(0))), min_size=1))
    with_low, with_high = (total_paid(one_payer(Traits({}), deductible=d, **terms), [bills]) for d in (low, high))
    assert with_high <= with_low


def test_with_rates_that_fall_across_classes_a_higher_deductible_can_pay_more() -> None:
    """The condition matters: a bill away, paid nothing, would use up the only band that pays at home."""
    terms = {
        "bands": [Band(to=1000 * YUAN, pay=PPM), Band(pay=0)],
        "variants": [{"when": {"place": "away"}, "pay": 0}],
    }
    bills = [Bill(1, (1000 * YUAN, 0, 0)), Bill(0, (1000 * YUAN, 0, 0))]
    assert total_paid(one_payer(PLACES, **terms), [bills]) == 0
    assert total_paid(one_payer(PLACES, deductible=1000 * YUAN, **terms), [bills]) == 1000 * YUAN


# --- bands, rounding, persons ----------------------------------------------------------------------------------------


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_splitting_a_band_at_an_inner_point_changes_nothing(data: st.DataObject) -> None:
    bands = data.draw(band_lists())
    number = data.draw(st.integers(0, len(bands) - 1))
    start, end = (bands[number - 1].to or 0) if number else 0, bands[number].to
    assume(end is None or end - start > 1)
    inner = data.draw(st.integers(start + 1, 10**7 + start if end is None else end - 1))
    split = [*bands[:number], Band(to=inner, pay=bands[number].pay), *bands[number:]]
    terms = {
        "deductible": data.draw(limits),
        "cap": data.draw(limits),
        "bands_from": data.draw(st.sampled_from(["deductible", "zero"])),
    }
    whole, parts = (one_payer(Traits({}), bands=each, **terms) for each in (bands, split))
    persons = data.draw(people(whole))
    one, other = settle_both(whole, persons), settle_both(parts, persons)
    assert np.array_equal(one.paid, other.paid)
    assert np.array_equal(one.left, other.left)


@settings(max_examples=120, deadline=None)
@given(band_lists(), limits, st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
@example([Band(pay=500_000)], None, [1] * 10)
def test_cumulative_rounding_telescopes(bands: list[Band], deductible: int | None, costs: list[int]) -> None:
    """However a year is cut into bills, cumulatively rounded payments add up to those of one bill."""
    payer = Payer(base={"counts": {"A": PPM}}, bands=bands, deductible=deductible)
    plan, _ = compile_plan(["cii"], {"cii": payer}, Traits({}), cumulative_rounding=True)
    in_parts = total_paid(plan, [[Bill(0, (cost, 0, 0)) for cost in costs]])
    assert in_parts == total_paid(plan, [[Bill(0, (sum(costs), 0, 0))]])


def test_rounding_per_bill_does_not_telescope() -> None:
    plan = one_payer(Traits({}), pay=500_000)
    assert total_paid(plan, [[Bill(0, (1, 0, 0))] * 10]) == 10
    assert total_paid(plan, [[Bill(0, (10, 0, 0))]]) == 5


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_persons_do_not_touch_each_other(data: st.DataObject) -> None:
    """Settled in another order, or alone, everybody is paid the same."""
    plan = data.draw(plans())
    persons = data.draw(people(plan))
    together = settle_both(plan, persons)
    bounds = list(pairwise(np.cumsum([0, *map(len, persons)]).tolist()))
    for person, (start, end) in zip(persons, bounds, strict=True):
        assert np.array_equal(by_kernel(plan, [person]).paid, together.paid[start:end])
    backwards = by_kernel(plan, persons[::-1])
    reversed_rows = [row for start, end in reversed(bounds) for row in range(start, end)]
    assert np.array_equal(backwards.paid, together.paid[reversed_rows])
    assert np.array_equal(backwards.left, together.left[reversed_rows])


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_the_order_of_rows_in_a_file_changes_nothing(data: st.DataObject) -> None:
    plan = data.draw(plans())
    scheme: Any = SimpleNamespace(plan=plan, terms=SimpleNamespace(valid=None), id="random", fingerprint="0" * 64)
    persons = data.draw(people(plan))
    rows = [
        {"person_id": f"P{who}", "admission_id": f"{place}", "discharge_date": "2017-03-05", **_columns(plan, bill)}
        for who, bills in enumerate(persons)
        for place, bill in enumerate(bills)
    ]
    shuffled = data.draw(st.permutations(rows))
    one, other = (
        settle(scheme, pd.DataFrame(each)).set_index(["person_id", "admission_id"]) for each in (rows, shuffled)
    )
    pd.testing.assert_frame_equal(one.sort_index(), other.sort_index())
    assert (one["patient_pays"] * 100).round().astype(int).tolist() == by_kernel(plan, persons).left.tolist()


def _columns(plan: Plan, bill: Bill) -> dict[str, str]:
    costs = zip(("cost_a", "cost_b", "cost_c", "cost_excluded"), (*bill.cost, bill.excluded), strict=True)
    case = list(plan.traits.classes())[bill.case]
    return {**case, **{name: f"{fen // 100}.{fen % 100:02d}" for name, fen in costs}}
