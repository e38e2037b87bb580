"""From terms to the table that people review: Qinzhou's by hand, absolute bands, and every fault with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from fundsim.benefits.payer import Payer
from fundsim.benefits.schedule import ClassSchedule, Fault, Plan, Traits, compile_plan, describe, matches
from fundsim.scenario import Scenario
from fundsim.terms import KEY

PLACES = ("local", "province-referred", "province-unreferred", "outside-referred", "outside-unreferred")
TRAITS = Traits({"hardship": ("none", "poor"), "place": PLACES})
YUAN = 100


def compiled(terms: Mapping[str, Any], traits: Traits = TRAITS, **options: Any) -> tuple[Plan, list[Fault]]:
    payer = Payer.model_validate({"base": {"counts": {"A": "100%"}}, **terms})
    return compile_plan(["cii"], {"cii": payer}, traits, **options)


def schedule(terms: Mapping[str, Any], **case: str) -> ClassSchedule:
    plan, faults = compiled(terms)
    assert faults == []
    return plan.payer("cii").classes[plan.traits.number(case)]


def percent(terms: ClassSchedule) -> list[tuple[int, float]]:
    """The curve in yuan and per cent: what is due from where on."""
    return [(knot // YUAN, rate / 10_000) for knot, rate in zip(terms.curve.knots, terms.curve.rates, strict=True)]


# --- Qinzhou's table, by hand ----------------------------------------------------------------------------------------

EDGES = (0, 20_000, 40_000, 60_000)
TABLE = [  # hardship, place, deductible (yuan), rates of the bands (%), variants that made the row
    ("none", "local", 6000, (50, 60, 70, 80), ()),
    ("none", "province-referred", 6000, (45, 55, 65, 75), (1,)),
    ("none", "province-unreferred", 6000, (40, 50, 60, 70), (2,)),
    ("none", "outside-referred", 6000, (50,), (3,)),
    ("none", "outside-unreferred", 6000, (40,), (4,)),
    ("poor", "local", 3000, (60, 70, 80, 90), (5,)),
    ("poor", "province-referred", 3000, (55, 65, 75, 85), (1, 5)),
    ("poor", "province-unreferred", 3000, (50, 60, 70, 80), (2, 5)),
    ("poor", "outside-referred", 3000, (60,), (3, 5)),
    ("poor", "outside-unreferred", 3000, (50,), (4, 5)),
]


@pytest.mark.parametrize(("hardship", "place", "deductible", "rates", "variants"), TABLE)
def test_qinzhous_table_is_the_one_worked_by_hand(
    shipped: dict[str, Scenario],
    hardship: str,
    place: str,
    deductible: int,
    rates: tuple[int, ...],
    variants: tuple[int, ...],
) -> None:
    plan = shipped["qinzhou-2017"].plan
    row = plan.payer("cii").classes[plan.traits.number({"hardship": hardship, "place": place})]
    bands = [(deductible + edge, rate) for edge, rate in zip(EDGES, rates, strict=False)]
    assert row.covered
    assert row.deductible == deductible * YUAN
    assert row.cap == 500_000 * YUAN
    assert row.bands == tuple((edge * YUAN, rate * 10_000) for edge, rate in bands)
    assert percent(row) == [(0, 0), *bands]
    assert row.variants == variants


def test_qinzhous_cii_does_not_look_at_the_level_of_care(shipped: dict[str, Scenario]) -> None:
    plan = shipped["qinzhou-2017"].plan
    rows: dict[tuple[str, str], set[ClassSchedule]] = {}
    for case, row in zip(plan.traits.classes(), plan.payer("cii").classes, strict=True):
        rows.setdefault((case["hardship"], case["place"]), set()).add(row)
    assert len(rows) == len(TABLE) + len(PLACES)
    assert all(len({schedule.curve for schedule in alike}) == 1 for alike in rows.values())
    for place in PLACES:  # 第八条: the preference is for the rural poor
        assert rows["urban-poor", place].pop().curve == rows["none", place].pop().curve


def test_qinzhous_payers_say_what_counts(shipped: dict[str, Scenario]) -> None:
    cii = shipped["qinzhou-2017"].plan.payer("cii")
    assert cii.counts == (1_000_000, 850_000, 700_000)
    assert [(part.what, part.payer, part.sign) for part in cii.parts] == [
        ("paid by", "basic", -1),
        ("deductible of", "basic", -1),
    ]
    assert cii.by_year
    assert not shipped["qinzhou-2017"].plan.payer("basic").by_year


def test_qinzhous_designs_differ_in_the_ordinary_deductible_alone(shipped: dict[str, Scenario]) -> None:
    scheme = shipped["qinzhou-2017"]
    for name, design in scheme.designs:
        if not name.startswith("deductible-"):
            continue
        deductible = int(name.removeprefix("deductible-"))
        for base, changed in zip(scheme.plan.payer("cii").classes, design.plan.payer("cii").classes, strict=True):
            assert changed.deductible == (deductible * YUAN if base.deductible == 6000 * YUAN else base.deductible)
            assert [rate for _, rate in changed.bands] == [rate for _, rate in base.bands]


def test_qinzhous_other_reading_gives_the_poor_away_from_the_region_the_flat_rate(shipped: dict[str, Scenario]) -> None:
    (design,) = (design for name, design in shipped["qinzhou-2017"].designs if name == "flat-rate-for-all")
    cii, base = design.plan.payer("cii"), shipped["qinzhou-2017"].plan.payer("cii")
    for place, rate in (("outside-referred", 500_000), ("outside-unreferred", 400_000)):
        schedule = cii.classes[design.plan.traits.number({"hardship": "poor", "place": place})]
        assert (schedule.deductible, schedule.curve.rates) == (3000 * YUAN, (0, rate))
    for place in PLACES[:3]:
        number = design.plan.traits.number({"hardship": "poor", "place": place})
        assert cii.classes[number].curve == base.classes[number].curve


# --- classes of case -------------------------------------------------------------------------------------------------


def test_classes_are_numbered_in_the_order_in_which_they_are_listed() -> None:
    assert [TRAITS.number(case) for case in TRAITS.classes()] == list(range(TRAITS.n_classes)) == list(range(10))


def test_a_trait_that_is_not_named_takes_its_first_value() -> None:
    assert TRAITS.number({"place": "outside-referred"}) == TRAITS.number(
        {"hardship": "none", "place": "outside-referred"}
    )
    assert TRAITS.number({}) == 0


@pytest.mark.parametrize(
    ("case", "words"),
    [({"colour": "red"}, "not a declared trait"), ({"place": "moon"}, "not a value of the trait 'place'")],
)
def test_a_class_that_is_not_declared_is_refused(case: dict[str, str], words: str) -> None:
    with pytest.raises(KeyError, match=words):
        TRAITS.number(case)


def test_without_traits_there_is_one_class() -> None:
    none = Traits({})
    assert (none.n_classes, list(none.classes()), none.number({}), describe({})) == (1, [{}], 0, "every case")


def test_a_condition_is_met_by_one_value_or_one_of_several() -> None:
    case = {"hardship": "poor", "place": "local"}
    assert matches({}, case)
    assert matches({"hardship": "poor"}, case)
    assert matches({"hardship": "poor", "place": ["local", "outside-referred"]}, case)
    assert not matches({"hardship": "poor", "place": ["outside-referred"]}, case)


# --- bands -----------------------------------------------------------------------------------------------------------

BANDS = [{"to": "20000 yuan", "pay": "50%"}, {"to": "40000 yuan", "pay": "60%"}, {"pay": "70%"}]


def test_edges_count_from_the_deductible_unless_told_otherwise() -> None:
    row = schedule({"deductible": "6000 yuan", "bands": BANDS})
    assert percent(row) == [(0, 0), (6000, 50), (26_000, 60), (46_000, 70)]


def test_absolute_edges_count_from_zero_and_nothing_is_due_below_the_deductible() -> None:
    row = schedule({"deductible": "6000 yuan", "bands_from": "zero", "bands": BANDS})
    assert percent(row) == [(0, 0), (6000, 50), (20_000, 60), (40_000, 70)]


def test_a_deductible_inside_a_higher_band_begins_there_with_that_bands_rate() -> None:
    row = schedule({"deductible": "25000 yuan", "bands_from": "zero", "bands": BANDS})
    assert percent(row) == [(0, 0), (25_000, 60), (40_000, 70)]


def test_a_deductible_on_an_edge_begins_with_the_band_above() -> None:
    row = schedule({"deductible": "20000 yuan", "bands_from": "zero", "bands": BANDS})
    assert percent(row) == [(0, 0), (20_000, 60), (40_000, 70)]


def test_a_deductible_above_all_edges_leaves_the_last_rate() -> None:
    row = schedule({"deductible": "50000 yuan", "bands_from": "zero", "bands": BANDS})
    assert percent(row) == [(0, 0), (50_000, 70)]


def test_without_a_deductible_bands_begin_at_zero() -> None:
    row = schedule({"deductible": "none", "bands": BANDS})
    assert percent(row) == [(0, 50), (20_000, 60), (40_000, 70)]
    assert row.deductible == 0


def test_a_flat_rate_is_one_band() -> None:
    assert percent(schedule({"deductible": "6000 yuan", "pay": "55%"})) == [(0, 0), (6000, 55)]
    assert percent(schedule({"pay": "55%"})) == [(0, 55)]


def test_a_variant_may_count_its_edges_from_zero() -> None:
    terms = {
        "deductible": "6000 yuan",
        "bands": BANDS,
        "variants": [{"when": {"hardship": "poor"}, "bands_from": "zero"}],
    }
    assert percent(schedule(terms)) == [(0, 0), (6000, 50), (26_000, 60), (46_000, 70)]
    assert percent(schedule(terms, hardship="poor")) == [(0, 0), (6000, 50), (20_000, 60), (40_000, 70)]


def test_neighbouring_bands_of_one_rate_are_one_on_the_curve() -> None:
    bands = [{"to": "20000 yuan", "pay": "50%"}, {"to": "40000 yuan", "pay": "50%"}, {"pay": "70%"}]
    assert percent(schedule({"deductible": "6000 yuan", "bands": bands})) == [(0, 0), (6000, 50), (46_000, 70)]


# --- variants, cover, cap --------------------------------------------------------------------------------------------


def test_a_shift_moves_every_band_and_keeps_what_came_before() -> None:
    variants = [{"when": {"place": "province-referred"}, "pay": "-5pp"}, {"when": {"hardship": "poor"}, "pay": "+10pp"}]
    row = schedule({"bands": BANDS, "variants": variants}, place="province-referred", hardship="poor")
    assert percent(row) == [(0, 55), (20_000, 65), (40_000, 75)]
    assert row.variants == (1, 2)


def test_variants_apply_from_top_to_bottom() -> None:
    shift, flat = {"when": {"hardship": "poor"}, "pay": "+10pp"}, {"when": {"place": "outside-referred"}, "pay": "50%"}
    case = {"hardship": "poor", "place": "outside-referred"}
    assert percent(schedule({"bands": BANDS, "variants": [flat, shift]}, **case)) == [(0, 60)]
    later = {"bands": BANDS, "variants": [shift, {**flat, "overrides": "earlier"}]}
    assert percent(schedule(later, **case)) == [(0, 50)]


def test_a_variant_may_lift_the_deductible_and_the_cap() -> None:
    terms = {
        "deductible": "6000 yuan",
        "cap": "1000 yuan/year",
        "pay": "50%",
        "variants": [{"when": {"hardship": "poor"}, "deductible": "none", "cap": "none"}],
    }
    assert (schedule(terms).deductible, schedule(terms).cap) == (6000 * YUAN, 1000 * YUAN)
    assert (schedule(terms, hardship="poor").deductible, schedule(terms, hardship="poor").cap) == (0, None)


def test_a_class_outside_the_cover_is_paid_nothing() -> None:
    terms = {"pay": "50%", "only": [{"hardship": "poor"}, {"place": ["local", "province-referred"]}]}
    assert not schedule(terms, place="outside-referred").covered
    assert percent(schedule(terms, place="outside-referred")) == [(0, 0)]
    assert percent(schedule(terms, place="outside-referred", hardship="poor")) == [(0, 50)]
    assert percent(schedule(terms, place="province-referred")) == [(0, 50)]


# --- faults ----------------------------------------------------------------------------------------------------------


def faults(**terms: Any) -> list[Fault]:
    return compiled(terms)[1]


def only(found: Sequence[Fault]) -> Fault:
    (fault,) = found
    return fault


def test_a_sound_payer_has_no_faults() -> None:
    assert faults(pay="50%", variants=[{"when": {"hardship": "poor"}, "pay": "+10pp"}]) == []


def test_a_payer_that_says_nothing_of_what_it_pays_is_a_fault() -> None:
    fault = faults()[0]
    assert fault.path == ("payers", "cii")
    assert fault.why == "payer 'cii' does not say what it pays"


def test_a_payer_that_says_it_twice_is_a_fault() -> None:
    fault = faults(pay="50%", bands=BANDS)[0]
    assert fault.path == ("payers", "cii", "pay")
    assert fault.why == "payer 'cii' states both 'pay' and 'bands'"


def test_a_variant_that_matches_no_covered_class_is_dead() -> None:
    dead = {"when": {"hardship": "none"}, "pay": "60%"}
    fault = only(faults(pay="50%", only=[{"hardship": "poor"}], variants=[dead]))
    assert fault.path == ("payers", "cii", "variants", 0)
    assert fault.why == "variant 1 matches no class"
    assert fault.instead == "correct its 'when', or delete it"


def test_a_variant_that_wipes_out_an_earlier_one_is_a_fault() -> None:
    first = {"when": {"hardship": "poor"}, "deductible": "3000 yuan"}
    second = {"when": {"place": "outside-referred"}, "deductible": "4000 yuan"}
    fault = only(faults(pay="50%", deductible="6000 yuan", variants=[first, second]))
    assert fault.path == ("payers", "cii", "variants", 1, "deductible")
    assert fault.why == "variant 2 replaces what variant 1 set for the class (poor, outside-referred)"
    assert "'overrides: earlier'" in fault.instead


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"pay": "-5pp"}, {"bands": [{"pay": "40%"}]}),
        ({"pay": "-5pp"}, {"pay": "40%"}),
        ({"bands": BANDS}, {"pay": "40%"}),
        ({"pay": "40%"}, {"bands": BANDS}),
    ],
)
def test_rates_that_were_set_or_shifted_cannot_be_replaced_silently(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    variants = [{"when": {"hardship": "poor"}, **first}, {"when": {"place": "outside-referred"}, **second}]
    fault = only(faults(bands=BANDS, variants=variants))
    assert fault.path == ("payers", "cii", "variants", 1, next(iter(second)))
    assert "replaces what variant 1 set" in fault.why
    variants[1]["overrides"] = "earlier"
    assert faults(bands=BANDS, variants=variants) == []


def test_variants_for_different_classes_do_not_clash() -> None:
    variants = [{"when": {"place": place}, "pay": "40%"} for place in PLACES[1:]]
    assert faults(bands=BANDS, variants=variants) == []


def test_a_rate_led_out_of_range_is_a_fault_that_names_band_class_and_variants() -> None:
    variants = [
        {"when": {"place": "province-referred"}, "pay": "+15pp"},
        {"when": {"hardship": "poor"}, "pay": "+20pp"},
    ]
    fault = only(faults(bands=BANDS, variants=variants))
    assert fault.path == ("payers", "cii", "variants", 1, "pay")
    assert fault.why == "the rate of band 3 becomes 105% for the class (poor, province-referred), by variant 1 and 2"
    assert fault.instead == "keep every rate in 0% to 100%, or state the most that is paid, such as 'ceiling: 100%'"


def test_a_flat_rate_led_below_zero_is_a_fault() -> None:
    found = faults(pay="5%", variants=[{"when": {"hardship": "poor", "place": "local"}, "pay": "-10pp"}])
    assert only(found).why == "the rate becomes -5% for the class (poor, local), by variant 1"


def test_a_faulty_class_keeps_its_last_good_values() -> None:
    plan, found = compiled({"pay": "5%", "variants": [{"when": {"hardship": "poor"}, "pay": "-10pp"}]})
    assert found
    assert percent(plan.payer("cii").classes[plan.traits.number({"hardship": "poor"})]) == [(0, 5)]


def test_an_unknown_trait_is_a_fault_at_its_key() -> None:
    fault = only(faults(pay="50%", variants=[{"when": {"hardsip": "poor"}, "pay": "60%"}]))
    assert fault.path == ("payers", "cii", "variants", 0, "when", "hardsip", KEY)
    assert fault.why == "'hardsip' is not a declared trait; did you mean 'hardship'?"
    assert fault.instead == "use one of: hardship, place"


def test_an_unknown_value_is_a_fault_at_its_trait() -> None:
    fault = only(faults(pay="50%", variants=[{"when": {"place": ["local", "outside"]}, "pay": "60%"}]))
    assert fault.path == ("payers", "cii", "variants", 0, "when", "place")
    assert fault.why.startswith("'outside' is not a value of the trait 'place'; did you mean 'outside-")
    assert fault.instead == f"use one of: {', '.join(PLACES)}"


def test_an_unknown_trait_in_only_is_a_fault_at_its_condition() -> None:
    fault = only(faults(pay="50%", only=[{"hardship": "poor"}, {"age": "old"}]))
    assert fault.path == ("payers", "cii", "only", 1, "age", KEY)


def test_where_no_trait_is_declared_the_fault_says_so() -> None:
    _, found = compiled({"pay": "50%", "variants": [{"when": {"age": "old"}, "pay": "60%"}]}, Traits({}))
    assert found[0].instead == "use one of: none is declared"
