"""What a scheme comes to: classes of case, the compiled table, examples, fingerprint, and how it prints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import pytest
from pydantic import AfterValidator, Field, ValidationError

from fundsim.benefits.schedule import Fault
from fundsim.claims import ClaimsModel
from fundsim.frequency import WORD
from fundsim.scenario import Scenario, ScenarioError, compiled_table, load, load_text
from fundsim.scenario.checking import check_file
from fundsim.scenario.checks import CHECKS, run_checks
from fundsim.scenario.explain import explain
from fundsim.scenario.files import assemble
from fundsim.scenario.nodes import plain
from fundsim.scenario.problems import Problems
from fundsim.scenario.reader import read_tree, source_of
from fundsim.scenario.sections import Sections, validate
from fundsim.scenario.show import to_html, to_text
from fundsim.terms import Count, Terms

GOOD = Path(__file__).parent / "bad" / "good" / "base.yaml"
BASE = GOOD.read_text(encoding="utf-8")


def altered(*edits: tuple[str, str], more: str = "") -> Scenario:
    return load_text(alter(*edits) + more)


def alter(*edits: tuple[str, str]) -> str:
    text = BASE
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def whys(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        load_text(text)
    return [problem.why for problem in error.value.problems]


# -- frequencies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "written", "highest", "next_above"),
    [
        ("more-admissions-than-can-be-drawn", "mean: 30 per", "mean: 25.5 per", "mean: 25.6 per"),
        ("more-admissions-than-can-be-drawn-after-growth", "mean: 12 per", "mean: 9.83 per", "mean: 9.84 per"),
        ("more-admissions-than-can-be-drawn-in-a-bad-year", "mean: 4 per", "mean: 1.23 per", "mean: 1.24 per"),
        ("more-admissions-than-can-be-drawn-of-a-group", "admissions: x40", "admissions: x24.1", "admissions: x24.2"),
        ("more-persons-than-there-are", "admissions: x2.5", "admissions: x2", "admissions: x2.001"),
    ],
)
def test_what_is_said_of_a_frequency_is_the_most_that_can_be_drawn(
    file: str, written: str, highest: str, next_above: str
) -> None:
    text = (GOOD.parents[1] / "scenarios" / f"{file}.yaml").read_text(encoding="utf-8")
    assert text.count(written) == 1
    scenario = load_text(text.replace(written, highest))
    draws = ClaimsModel.build(scenario.terms.claims, scenario.population).draws(1, np.arange(200))
    assert (draws.thresholds[..., 0] < WORD).all()  # drawn without complaint, and not always nothing
    with pytest.raises(ScenarioError, match=r"more than 63|is a probability of"):
        load_text(text.replace(written, next_above))


def test_a_mean_is_judged_by_what_groups_make_of_it() -> None:
    """Thirty admissions cannot be drawn; where each group has a third of them, they can."""
    mean = ("mean: 0.2 per person", "mean: 30 per person")
    groups = "groups: {ordinary: {}, poor: {share: 5%, traits: {hardship: poor}}}"
    thirds = "groups: {ordinary: {admissions: x0.3}, poor: {share: 5%, admissions: x0.4, traits: {hardship: poor}}}"
    assert load_text(alter(mean, (groups, thirds)))
    assert [why.partition(" with ")[0] for why in whys(alter(mean))] == ["group 'ordinary': poisson"]


# -- all problems at once -------------------------------------------------------------------------------------------


def test_a_fault_in_one_payer_does_not_hide_one_in_another() -> None:
    text = alter(("pay: 65%", "pay: 65"), ("{place: away}", "{place: abroad}"))
    assert whys(text) == ["'65' has no unit", "'abroad' is not a value of the trait 'place'"]


def test_a_fault_in_one_section_does_not_hide_what_others_disagree_on() -> None:
    text = alter(("year: 2017", "year: 17"), ("traits: {hardship: poor}", "traits: {hardship: rich}"))
    assert whys(text) == ["'rich' is not a value of the trait 'hardship'", "'17' is not a year"]


def test_one_misspelt_payer_is_told_once() -> None:
    assert whys(alter(("waterfall: [basic, cii]", "waterfall: [basic, ci]"))) == [
        "there is no payer 'ci'; did you mean 'cii'?"
    ]


def test_a_wrong_kind_hides_what_would_be_said_of_each_alternative() -> None:
    text = alter(("premium: 33 yuan/person", "premium: [{when: {hardship: none}, amount: 33}]"))
    assert whys(text) == ["'33' has no unit"]
    assert whys(alter(("{place: away}", "{place: {is: away}}"))) == ["one value or a list is meant here, not a mapping"]


def test_values_of_several_kinds_are_named_by_their_keys_alone() -> None:
    mixed = alter(("C: 0%}}", "C: 0%}, traits: {place: {local: 90, away: [10%]}}}"))
    with pytest.raises(ScenarioError) as error:
        load_text(mixed)
    way = "claims.care.county.traits.place"
    assert [problem.path for problem in error.value.problems] == [f"{way}.local", f"{way}.away"]


def test_a_sort_that_is_no_word_is_shown_as_written() -> None:
    assert whys(alter(("family: poisson", "family: [poisson]"))) == [
        "there is no family '[poisson]'; did you mean 'poisson'?"
    ]


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError("an odd number is meant")
    return value


class Toy(Terms):
    """Terms with limits of every sort."""

    few: Annotated[list[str], Field(min_length=2)]
    many: Annotated[list[str], Field(max_length=1)]
    least: Annotated[Count, Field(ge=10)]
    most: Annotated[Count, Field(lt=5)]
    odd: Annotated[Count, AfterValidator(_odd)]
    flag: bool


def test_limits_of_every_sort_are_explained() -> None:
    text = "few: [a]\nmany: [a, b]\nleast: 1\nmost: 10\nodd: 2\nflag: yes\n"
    source = source_of(text, "toy.yaml")
    problems = Problems(source)
    root = read_tree(text, source, problems)
    assert root is not None
    with pytest.raises(ValidationError) as error:
        Toy.model_validate(plain(root))
    explain(error.value, Toy, root, problems)
    assert [(problem.path, problem.why, problem.instead) for problem in problems.sorted] == [
        ("few", "too few are given", "write at least 2"),
        ("many", "too many are given", "write at most 1"),
        ("least", "'1' is out of range", "write at least 10"),
        ("most", "'10' is out of range", "write less than 5"),
        ("odd", "an odd number is meant", "write another value, such as 3300000 persons"),
        ("flag", "'yes' does not fit here", "write one value"),
    ]


def test_every_check_is_silent_on_a_good_scheme() -> None:
    source = source_of(BASE, "base.yaml")
    problems = Problems(source)
    document = assemble(BASE, source, problems)
    assert document is not None
    _, sections = validate(document.root, problems)
    for check in CHECKS:
        assert list(check(sections)) == []


def test_checks_do_not_stumble_over_missing_sections() -> None:
    text = "fundsim: 1\nid: a\n"
    source = source_of(text, "a.yaml")
    problems = Problems(source)
    document = assemble(text, source, problems)
    assert document is not None
    _, sections = validate(document.root, problems)
    before = len(problems.sorted)
    run_checks(sections, problems)
    assert len(problems.sorted) == before == 5


def test_a_check_of_ones_own_is_run_like_the_others() -> None:
    def no_poor(sections: Sections) -> list[Fault]:
        return [Fault(("traits", "hardship", 1), "why", "instead")] if sections.traits else []

    source = source_of(BASE, "base.yaml")
    problems = Problems(source)
    document = assemble(BASE, source, problems)
    assert document is not None
    _, sections = validate(document.root, problems)
    run_checks(sections, problems, [no_poor])  # type: ignore[list-item]
    (problem,) = problems.sorted
    assert problem.text[problem.column - 1 :][: problem.length] == "poor"


# -- traits ---------------------------------------------------------------------------------------------------------


def test_persons_have_the_traits_that_groups_state() -> None:
    groups = {group.name: group for group in load(GOOD).population.groups}
    assert groups["ordinary"].traits == {"hardship": "none"}
    assert groups["poor"].traits == {"hardship": "poor"}
    assert (groups["ordinary"].persons, groups["poor"].persons) == (950, 50)


def test_a_trait_named_care_is_the_care_level() -> None:
    care = ("  place: [local, away]\n", "  place: [local, away]\n  care: [county]\n")
    assert altered(care).plan.traits.n_classes == 4
    doubled = alter(care, ("C: 0%}}", "C: 0%}, traits: {care: county}}"))
    assert whys(doubled) == ["the trait 'care' is set by the care level itself"]


def test_annual_claims_state_their_traits_once() -> None:
    start, end = BASE.index("claims:"), BASE.index("contract:")
    claims = (
        "claims:\n  basis: in-policy-left\n  year: 2017\n"
        "  persons: {family: at-most-one, mean: 12 per 1000 persons}\n"
        "  amount: {family: lognormal, mean: 9000 yuan, cv: 1}\n  traits: {place: PLACE}\n"
    )
    good = BASE[:start] + claims.replace("PLACE", "{local: 90%, away: 10%}") + BASE[end:]
    assert load_text(good).plan.covers == ("cii",)
    assert whys(good.replace("away: 10%", "abroad: 10%")) == ["'abroad' is not a value of the trait 'place'"]


# -- the compiled table ---------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_combination_that_matters() -> None:
    scenario = load(GOOD)
    (basic,) = compiled_table(scenario, "basic")
    assert (dict(basic.case), basic.deductible, basic.bands, basic.cap) == ({}, "500", "65% flat", "none")
    rows = compiled_table(scenario, "cii")
    assert [(dict(row.case), row.bands, row.variants) for row in rows] == [
        ({"place": "local"}, "50/60% from 6,000/26,000", "–"),
        ({"place": "away"}, "40/50% from 6,000/26,000", "1"),
    ]


def test_a_class_that_is_not_covered_says_so() -> None:
    scenario = altered(("    deductible: 6000 yuan\n", "    deductible: 6000 yuan\n    only: [{hardship: poor}]\n"))
    rows = compiled_table(scenario, "cii")
    assert [row.bands for row in rows if row.case["hardship"] == "none"] == ["not covered", "not covered"]


def test_values_that_pay_alike_share_a_row() -> None:
    scenario = altered(
        ("place: [local, away]", "place: [local, city, away, abroad]"), ("{place: away}", "{place: [away, abroad]}")
    )
    rows = compiled_table(scenario, "cii")
    assert [(row.case["place"], row.variants) for row in rows] == [("local, city", "–"), ("away, abroad", "1")]


def test_absolute_bands_keep_their_edges() -> None:
    scenario = altered(("    bands:\n", "    bands_from: zero\n    bands:\n"))
    assert compiled_table(scenario, "cii")[0].bands == "50/60% from 6,000/20,000"


# -- examples -------------------------------------------------------------------------------------------------------


def with_example(given: str, expect: str, tmp_path: Path) -> str:
    file = tmp_path / "scheme.yaml"
    file.write_text(f"{BASE}examples:\n  - {{name: x, {given}, expect: {{{expect}}}}}\n", encoding="utf-8")
    return check_file(file)


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        ("given: {in_policy_left: 26000 yuan}", "cii: 10000.00 yuan, patient: 16000 yuan, basic: 0 yuan"),
        ("given: {in_policy_left: 26000 yuan, place: away}", "cii: 8000.00 yuan"),
        (
            "given: {cost_a: 20500 yuan, cost_excluded: 30 yuan}",
            "basic: 13000 yuan, cii: 750.00 yuan",
        ),
        ("given: {cost_a: 500 yuan, cost_excluded: 30 yuan}", "excluded: 30 yuan, patient: 500 yuan, basic: 0 yuan"),
        ("given: {cost_a: 20000 yuan, paid_basic: 10000 yuan, deductible_basic: 500 yuan}", "cii: 2000 yuan"),
        ("bills: [{in_policy_left: 6000 yuan}, {in_policy_left: 100 yuan, place: away}]", "cii: 40.00 yuan"),
    ],
)
def test_examples_are_settled(given: str, expect: str, tmp_path: Path) -> None:
    assert "1 example" in with_example(given, expect, tmp_path)


def test_a_wrong_example_shows_how_the_bills_were_settled(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        with_example(
            "bills: [{cost_a: 10500 yuan, paid_basic: 500 yuan}, {in_policy_left: 30000 yuan, place: away}]",
            "cii: 1 yuan",
            tmp_path,
        )
    (problem,) = error.value.problems
    assert problem.why == "example 'x' expects 1.00 yuan for 'cii', but 15,400.00 comes out"
    assert problem.details == (
        "bill 1, basic: paid 500.00 as given; 10,000.00 left",
        "bill 1, cii: base 0.00 → 10,000.00: 6,000.00 at 0%, 4,000.00 at 50%; paid 2,000.00, 8,000.00 left",
        "bill 2, cii: base 10,000.00 → 40,000.00: 16,000.00 at 40%, 14,000.00 at 50%; paid 13,400.00, 16,600.00 left",
    )


# -- fingerprint ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edit",
    [
        ("deductible: 6000 yuan", "deductible: 0.6 万元"),
        ("deductible: 6000 yuan", "deductible: {assume: 6000 yuan, why: x}"),
        ("id: base", "id: other\ntitle: {zh: 另一个}\nnote: words"),
        ("id: base", "id: base\nsimulation: {replications: 5, seed: 9}"),
        ("    deductible: 6000 yuan", "    clause: 第八条\n    accumulate: year\n    deductible: 6000 yuan"),
        ("groups: {ordinary: {}, poor: {share: 5%, traits: {hardship: poor}}}",
         "groups: {poor: {share: 5%, traits: {hardship: poor}}, ordinary: {}}"),
        ("contract: {preset: guangzhou, premium: 33 yuan/person}",
         "contract: {preset: guangzhou, premium: 33 yuan/person, term: 3年}\n"
         "locality: {income: 7917 yuan/person, payment_ratio: compliant}"),
        ("contract: {preset: guangzhou, premium: 33 yuan/person}",
         "contract: {premium: 33元/人, allowance: 3%, tiers: [{to: 3%, insurer: 50%}, {insurer: 100%}]}"),
    ],
)  # fmt: skip
def test_what_changes_no_result_leaves_the_fingerprint(edit: tuple[str, str]) -> None:
    assert altered(edit).fingerprint == load(GOOD).fingerprint


@pytest.mark.parametrize(
    "edit",
    [
        ("deductible: 6000 yuan", "deductible: 6000.01 yuan"),
        ("deductible: 6000 yuan", "deductible: 6000 yuan\n    cap: 500000 yuan"),
        ("pay: -10pp", "pay: -11pp"),
        ("{when: {place: away}, pay: -10pp}", "{when: {place: away}, pay: -10pp, cap: none}"),
        ("accumulate: admission, ", ""),
        ("share: 5%", "share: 6%"),
        ("mean: 5000 yuan", "mean: 5001 yuan"),
        ("premium: 33", "premium: 34"),
        ("preset: guangzhou", "preset: shandong"),
        ("waterfall:", "rounding: cumulative\nwaterfall:"),
    ],
)
def test_what_changes_results_changes_the_fingerprint(edit: tuple[str, str]) -> None:
    assert altered(edit).fingerprint != load(GOOD).fingerprint


# -- printing -------------------------------------------------------------------------------------------------------


def test_a_scheme_prints_in_a_line() -> None:
    text = repr(load(GOOD))
    assert text.startswith("<Scenario base: basic → cii, 4 classes, 1,000 insured, ")
    assert "\n" not in text


def test_show_tells_everything_that_was_taken_for_granted() -> None:
    text = to_text(altered(("deductible: 6000 yuan", "deductible: {assume: 6000 yuan, why: 未公布}")))
    for words in (
        "payers.cii.deductible = 6000 yuan — 未公布",
        "contract.allowance = 3%",
        "(preset guangzhou)",
        "contract.expense = not stated",
        "payers.cii.bands[1].pay = 60%, open from 50% to 75%",
        "100% of A − paid by basic, over the year",
        "tiers:",
        "fingerprint: ",
    ):
        assert words in text


def test_html_is_escaped() -> None:
    page = to_html(altered(("id: base", "id: base\ntitle: {zh: <b>大病</b>}")))
    assert "&lt;b&gt;大病&lt;/b&gt;" in page
    assert "<b>大病" not in page
    assert load(GOOD)._repr_html_().count("<table>") == 3


def test_titles_fall_back_on_the_other_language_and_the_id() -> None:
    assert altered(("id: base", "id: base\ntitle: {en: A scheme}")).title("zh") == "A scheme"
    assert load(GOOD).title() == "base"
