"""Who is insured: head counts that add up, the group that takes the rest, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fundsim.money import PPM
from fundsim.population import Population, PopulationTerms


def built(insured: int | str, groups: dict[str, dict[str, Any]], **traits: tuple[str, ...]) -> Population:
    return Population.build(PopulationTerms.model_validate({"insured": insured, "groups": groups}), traits)


def heads(population: Population) -> dict[str, int]:
    return {group.name: group.persons for group in population.groups}


def fault(insured: int, groups: dict[str, dict[str, Any]]) -> dict[str, Any]:
    with pytest.raises(ValidationError) as refusal:
        PopulationTerms.model_validate({"insured": insured, "groups": groups})
    return dict(refusal.value.errors()[0])


@st.composite
def shares(draw: st.DrawFn) -> list[int]:
    """Shares in ppm that add up to one."""
    cuts = draw(st.lists(st.integers(0, PPM), max_size=7))
    edges = [0, *sorted(cuts), PPM]
    return [after - before for before, after in pairwise(edges)]


# --- head counts -----------------------------------------------------------------------------------------------------


@given(st.integers(0, 2 * 10**9), shares())
def test_the_groups_add_up_to_all_insured(insured: int, parts: list[int]) -> None:
    population = built(insured, {f"g{i}": {"share": part} for i, part in enumerate(parts)})
    assert population.insured == insured


@given(st.integers(0, 2 * 10**9), shares())
def test_no_group_is_a_whole_person_off_its_exact_share(insured: int, parts: list[int]) -> None:
    population = built(insured, {f"g{i}": {"share": part} for i, part in enumerate(parts)})
    for group, part in zip(population.groups, parts, strict=True):
        assert abs(group.persons - Fraction(insured * part, PPM)) < 1


@given(st.integers(0, 2 * 10**9), shares())
def test_the_group_without_a_size_takes_the_rest(insured: int, parts: list[int]) -> None:
    groups: dict[str, dict[str, Any]] = {f"g{i}": {"share": part} for i, part in enumerate(parts[1:])}
    with_rest = built(insured, {"rest": {}, **groups})
    stated = built(insured, {"rest": {"share": parts[0]}, **groups})
    assert heads(with_rest) == heads(stated)


def test_the_largest_remainders_get_the_missing_persons() -> None:
    groups = {"a": {"share": "33.4%"}, "b": {"share": "33.3%"}, "c": {"share": "33.3%"}}
    assert heads(built(10, groups)) == {"a": 4, "b": 3, "c": 3}  # 3.34, 3.33 and 3.33
    assert heads(built(11, groups)) == {"a": 4, "b": 4, "c": 3}  # 3.674, 3.663 and 3.663


def test_among_equal_remainders_the_first_groups_come_first() -> None:
    assert heads(built(5, {"a": {"share": "50%"}, "b": {"share": "50%"}})) == {"a": 3, "b": 2}


def test_stated_persons_are_taken_as_stated() -> None:
    groups = {"ordinary": {}, "poor": {"persons": "264001 persons"}, "urban": {"share": "28%"}}
    assert heads(built("3300000 persons", groups)) == {"ordinary": 2_111_999, "poor": 264_001, "urban": 924_000}


def test_without_groups_everybody_is_one_group() -> None:
    population = Population.build(
        PopulationTerms.model_validate({"insured": "330万人"}), {"hardship": ("none", "poor")}
    )
    (everybody,) = population.groups
    assert (everybody.name, everybody.persons, everybody.admissions, everybody.cost) == ("all", 3_300_000, 1.0, 1.0)
    assert everybody.traits == {"hardship": "none"}


def test_a_trait_that_a_group_does_not_name_takes_its_first_value() -> None:
    groups = {
        "ordinary": {},
        "poor": {"share": "8%", "traits": {"hardship": "poor"}, "admissions": "x1.4", "cost": "x0.85"},
    }
    ordinary, poor = built(100, groups, hardship=("none", "poor"), member=("resident", "student")).groups
    assert ordinary.traits == {"hardship": "none", "member": "resident"}
    assert poor.traits == {"hardship": "poor", "member": "resident"}
    assert (poor.admissions, poor.cost) == (1.4, 0.85)


# --- refusals --------------------------------------------------------------------------------------------------------


def test_shares_beyond_the_insured_are_refused() -> None:
    found = fault(100, {"a": {"share": "60%"}, "b": {"share": "60%"}})
    assert found["msg"] == "the groups make up 120% of the insured"
    assert found["ctx"]["instead"].startswith("let the shares add up to 100%")


def test_shares_short_of_the_insured_are_refused_where_nobody_takes_the_rest() -> None:
    assert fault(100, {"a": {"share": "60%"}, "b": {"persons": 30}})["msg"] == "the groups make up 90% of the insured"


def test_persons_beyond_the_insured_are_refused_also_beside_a_group_for_the_rest() -> None:
    assert fault(100, {"a": {"persons": 101}, "b": {}})["msg"] == "the groups make up 101% of the insured"


def test_two_groups_without_a_size_are_refused() -> None:
    found = fault(100, {"a": {}, "b": {}, "c": {"share": "10%"}})
    assert found["msg"] == "2 groups state no size"
    assert found["ctx"]["instead"] == "leave out the share of one group only"


def test_a_group_with_both_sizes_is_refused() -> None:
    found = fault(100, {"a": {"share": "10%", "persons": 10}, "b": {}})
    assert found["msg"] == "a group states both its share and its persons"
    assert found["ctx"]["instead"] == "keep one of the two"
