"""Change files: the notice of 2016 over every shipped scheme, each operation by hand, order, people, and marks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import fundsim as fs
from fundsim.benefits.settlement import Bill, settle_person
from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT
from fundsim.results import Results
from fundsim.scenario import Scenario, ScenarioError, load, load_text
from fundsim.scenario.show import to_html, to_text

ROOT = Path(__file__).parent.parent
NOTICE = ROOT / "scenarios" / "changes" / "notice-2016.yaml"
SCHEMES = sorted((ROOT / "scenarios").glob("*.yaml"))
GOOD = Path(__file__).parent / "bad" / "good" / "base.yaml"
REFUSED = {
    "notice-2016-province": "has been applied already",
    "province-2014-term": "if this value is meant",
    "qinzhou-2017-term": "if this value is meant",
}
"""Schemes that the notice refuses: one has it already; events of the others state values that the notice changes, and
only their author can tell the new ones."""
KNOWN_AS = {"binhai-2019": {"poor": {"hardship": ["registered", "other"]}}}
"""Who the poor are in schemes whose trait has values of its own."""
FITTING = [file for file in SCHEMES if file.stem not in REFUSED]
STAYS = [
    (300_000, 200_000, 100_000),
    (2_000_000, 900_000, 300_000),
    (9_000_000, 4_000_000, 800_000),
    (40_000_000, 0, 0),
]
"""Cost A, B and C of one person's stays in a year, fen: below every deductible, and far above most caps."""

People = Mapping[str, Any]
Lay = Callable[..., Scenario]


def header(name: str = "later") -> str:
    return f"fundsim: 1\nid: {name}\n"


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Lay the text of a change file, without its header, over a scheme."""

    def laid(changes: str, scheme: Scenario | None = None, people: People | None = None) -> Scenario:
        file = tmp_path / "later.yaml"
        file.write_text(header() + changes, encoding="utf-8")
        return (scheme or load(GOOD)).apply(file, people)

    return laid


def refusal(error: pytest.ExceptionInfo[ScenarioError]) -> str:
    (problem,) = error.value.problems
    return f"{problem.why} | {problem.instead}"


def edited(*pairs: tuple[str, str]) -> Scenario:
    """The small scheme with some of its text replaced."""
    text = GOOD.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return load_text(text)


# -- the notice of 2016 over every scheme ---------------------------------------------------------------------------


def with_notice(file: Path) -> tuple[Scenario, Scenario]:
    """A scheme and what the notice makes of it."""
    before = load(file)
    return before, before.apply(NOTICE, people=KNOWN_AS.get(file.stem, {}))


@pytest.mark.parametrize("name", REFUSED)
def test_a_scheme_that_the_notice_does_not_fit_is_refused_with_what_to_write(name: str) -> None:
    with pytest.raises(ScenarioError, match=REFUSED[name]) as caught:
        load(ROOT / "scenarios" / f"{name}.yaml").apply(NOTICE)
    assert all(problem.instead for problem in caught.value.problems)


def test_a_scheme_that_knows_the_poor_by_other_values_asks_who_they_are() -> None:
    for name in KNOWN_AS:
        with pytest.raises(ScenarioError, match="it cannot be told who of its"):
            load(ROOT / "scenarios" / f"{name}.yaml").apply(NOTICE)


def poor_of(scenario: Scenario) -> tuple[str, list[str]]:
    """By which trait and values a scheme under the notice knows the poor, as its record says."""
    match = re.match(r"poor: .* (?P<trait>\S+): (?:\[(?P<several>.+?)\]|(?P<one>\S+))", record(scenario)[0])
    assert match is not None
    return match["trait"], (match["several"] or match["one"]).split(", ")


def record(scenario: Scenario) -> list[str]:
    """What the last change file did."""
    return scenario.terms.applied[-1].changes


@pytest.mark.parametrize("file", FITTING, ids=lambda file: file.stem)
def test_the_notice_adds_exactly_ten_yuan_for_every_group(file: Path) -> None:
    before, after = with_notice(file)
    for group in after.population.groups:
        old = {trait: value for trait, value in group.traits.items() if trait in before.plan.traits.values}
        new = after.terms.contract.premium_per_head(group.traits)
        assert new - before.terms.contract.premium_per_head(old) == 1000, group.name
    assert after.population.insured == before.population.insured


@pytest.mark.parametrize("file", FITTING, ids=lambda file: file.stem)
def test_under_the_notice_nobody_bears_more_and_only_the_poor_bear_less(file: Path) -> None:
    before, after = with_notice(file)
    trait, values = poor_of(after)
    for case in after.plan.traits.classes():
        old, new = borne(before, case), borne(after, case)
        if case[trait] in values:
            assert all(less <= more for less, more in zip(new, old, strict=True)), case
        else:
            assert new == old, case


def borne(scenario: Scenario, case: Mapping[str, str]) -> list[int]:
    """What a person of this class bears up to each of the stays, fen."""
    traits = scenario.plan.traits
    number = traits.number({trait: value for trait, value in case.items() if trait in traits.values})
    statements = settle_person(scenario.plan, [Bill(number, stay, 0, None, {}) for stay in STAYS])
    sums = [statement.patient_pays for statement in statements]
    return [sum(sums[: stay + 1]) for stay in range(len(sums))]


@pytest.mark.parametrize("file", FITTING, ids=lambda file: file.stem)
def test_whom_the_notice_means_is_told(file: Path) -> None:
    _, after = with_notice(file)
    lines = record(after)
    assert lines[0].startswith(("poor: in this scheme ", "poor: the scheme does not know them; they become "))
    for place in ("contract.premium", "traits.", "population.groups", "payers."):
        assert [line for line in lines if line.startswith(place)], place
    assert all(line in to_text(after) for line in lines)


def test_a_scheme_with_a_preference_keeps_its_own() -> None:
    before = load(ROOT / "scenarios" / "qinzhou-2017.yaml")
    after = before.apply(NOTICE)
    assert after.plan == before.plan
    assert after.population == before.population
    assert after.terms.contract.premium == 4300
    line = record(after)[-1]
    assert line.startswith("payers.cii.variants: left out for hardship: poor; item 5 is theirs")
    assert "+10pp" in line


def test_a_scheme_that_knows_no_poor_gets_them() -> None:
    before = load(ROOT / "scenarios" / "shanghai-2016.yaml")
    after = before.apply(NOTICE)
    # 40% of 3,450,000 are residents, 45% pupils and infants, 15% university students; 6% of each are poor.
    persons = {group.name: group.persons for group in after.population.groups}
    assert persons == {
        "resident": 1_297_200,
        "resident-poor": 82_800,
        "pupil-or-infant": 1_459_350,
        "pupil-or-infant-poor": 93_150,
        "university-student": 486_450,
        "university-student-poor": 31_050,
    }
    by_name = {group.name: group for group in after.population.groups}
    assert by_name["pupil-or-infant-poor"].traits == {"member": "pupil-or-infant", "hardship": "poor"}
    assert by_name["pupil-or-infant-poor"].cost == by_name["pupil-or-infant"].cost == 1.2
    # 2% of 3,000 is 60; with 10 on top 70. Cancer, referred: 55% and 5 points.
    assert {after.terms.contract.premium_per_head(group.traits) for group in after.population.groups} == {7000}
    poor = after.plan.traits.number({"disease": "cancer", "hardship": "poor"})
    assert after.plan.payer("cii").classes[poor].bands == ((0, 600_000),)


def test_the_same_in_a_file_in_python_and_on_the_command_line(tmp_path: Path) -> None:
    by_hand = load(ROOT / "scenarios" / "province-2014.yaml").apply(NOTICE)
    text = f"{header('child')}extends: province-2014\napply: [changes/notice-2016]\n"
    in_file = load_text(text, str(ROOT / "scenarios" / "child.yaml"))
    assert in_file.fingerprint == by_hand.fingerprint
    assert in_file.terms.applied == by_hand.terms.applied
    assert (in_file.id, by_hand.id) == ("child", "province-2014-notice-2016")
    shown = run("show", ROOT / "scenarios" / "province-2014.yaml", "--apply", NOTICE).stdout
    assert shown.startswith(to_text(by_hand))


# -- add ------------------------------------------------------------------------------------------------------------

PREMIUM = "premium: 33 yuan/person"


@pytest.mark.parametrize(
    ("written", "fen", "text"),
    [
        ("33 yuan/person", 4300, "43 yuan/person"),
        ("33.50元/人", 4350, "43.50 yuan/person"),
        ("{amount: 33 yuan/person}", 4300, "43 yuan/person"),
        ("{rate: 2%, of: 1200 yuan/person}", 3400, "plus: 10 yuan/person"),
        ("{rate: 2%, of: 1200 yuan/person, plus: 1 yuan/person}", 3500, "plus: 11 yuan/person"),
        ("{rate: {assume: 2%, why: x}, of: {assume: 1200 yuan/person, why: y}}", 3400, "plus: 10 yuan/person"),
        ("[{when: {hardship: none}, amount: 33 yuan/person}, {when: {hardship: poor}, rate: 2%, of: 1200 yuan/person}]",
         4300, "plus: 10 yuan/person"),
    ],
)  # fmt: skip
def test_ten_yuan_are_added_however_a_premium_is_written(lay: Lay, written: str, fen: int, text: str) -> None:
    after = lay("change: {contract.premium: {add: 10 yuan/person}}\n", edited((PREMIUM, f"premium: {written}")))
    assert after.terms.contract.premium_per_head({"hardship": "none"}) == fen
    assert text in record(after)[0]
    if written.startswith("["):
        assert after.terms.contract.premium_per_head({"hardship": "poor"}) == 3400


def test_an_assumed_premium_still_rests_on_its_assumption(lay: Lay) -> None:
    scheme = edited((PREMIUM, "premium: {assume: 33 yuan/person, why: 未公布}"))
    after = lay("change: {contract.premium: {add: 10 yuan/person}}\n", scheme)
    assert "contract.premium = 43 yuan/person — 未公布" in map(str, after.assumptions)


def test_what_is_added_may_be_an_assumption_itself(lay: Lay) -> None:
    after = lay("change: {contract.premium: {add: {assume: 10 yuan/person, why: 未给出}}}\n")
    assert "contract.premium = 43 yuan/person — 未给出" in map(str, after.assumptions)


def test_the_limits_of_a_bid_move_with_it(lay: Lay) -> None:
    scheme = edited((PREMIUM, "premium: {bid: 33 yuan/person, within: [30 yuan/person, 35 yuan/person]}"))
    after = lay("change: {contract.premium: {add: 10 yuan/person}}\n", scheme)
    bid = next(bid for bid in after.bids if bid.path == "contract.premium")
    assert (bid.value, bid.low, bid.high) == ("43 yuan/person", "40 yuan/person", "45 yuan/person")


def test_what_the_preset_states_is_added_to(lay: Lay) -> None:
    scheme = edited(
        ("contract: {preset: guangzhou, premium: 33 yuan/person}", "contract: {preset: province-2014}"),
        ("  place: [local, away]", "  place: [local, away]\n  household: [rural, urban]"),
        ("poor: {share: 5%", "town: {share: 10%, traits: {household: urban}}, poor: {share: 5%"),
    )
    after = lay("change: {contract.premium: {add: 10 yuan/person}, contract.allowance: {add: -1pp}}\n", scheme)
    assert after.terms.contract.premium_per_head({"household": "urban"}) == 3900
    assert after.terms.contract.premium_per_head({"household": "rural"}) == 3500
    assert after.terms.contract.allowance == 40_000
    assumed = next(each for each in after.assumptions if each.path == "contract.allowance")
    assert (assumed.text, assumed.source) == ("4%", "preset province-2014")


@pytest.mark.parametrize(
    ("path", "amount", "becomes"),
    [
        ("payers.$covered.deductible", "500 yuan", "6000 yuan → 6500 yuan"),
        ("payers.$covered.deductible", "-0.1 万元", "6000 yuan → 5000 yuan"),
        ("payers.basic.pay", "+5pp", "65% → 70%"),
        ("payers.basic.pay", "-0.5个百分点", "65% → 64.5%"),
        ("payers.cii.bands[0].pay", "5pp", "50% → 55%"),
        ("population.insured", "500 persons", "1000 persons → 1500"),
        ("payers.cii.bands[1].pay", "5pp", "60% → 65%"),
    ],
)
def test_amounts_and_points_are_added_to_single_values(lay: Lay, path: str, amount: str, becomes: str) -> None:
    after = lay(f"change:\n  {path}: {{add: {amount}}}\n")
    assert record(after) == [f"{path.replace('$covered', 'cii')}: {becomes}"]


def test_the_unit_of_a_year_stays(lay: Lay) -> None:
    scheme = edited(
        ("year: 2017\n", "year: 2017\n  trend: {cost: -2%/year, to: 2018}\n"),
        ("    deductible: 6000 yuan\n", "    deductible: 6000 yuan\n    cap: 20 万元/year\n"),
    )
    after = lay("change: {claims.trend.cost: {add: +1pp}, payers.$covered.cap: {add: 50000 yuan}}\n", scheme)
    growth, cap = record(after)
    assert growth == "claims.trend.cost: -2%/year → -1%/year"
    assert cap == "payers.cii.cap: 20 万元/year → 250000 yuan/year"
    assert after.plan.payer("cii").classes[0].cap == 25_000_000


@pytest.mark.parametrize(
    ("path", "amount", "why"),
    [
        ("payers.cii.deductible", "10 yuan/person", "10 yuan/person cannot be added to 6000 yuan"),
        ("contract.premium", "10", "10 cannot be added to 33 yuan/person"),
        ("payers.basic.pay", "40pp", "65% and 40pp make more than 100%"),
        ("payers.basic.pay", "-70pp", "65% and -70pp make less than nothing"),
        ("payers.cii.deductible", "-7000 yuan", "6000 yuan and -7000 yuan make less than nothing"),
        ("payers.cii.base", "5pp", "a mapping stands there"),
        ("payers.cii.bands", "5pp", "a mapping stands there"),
        ("payers.cii.cap", "5 yuan", "it does not state 'payers.cii.cap'"),
        ("payers.cxi.cap", "5 yuan", "'payers' has no 'cxi'"),
    ],
)
def test_what_cannot_be_added_is_refused(lay: Lay, path: str, amount: str, why: str) -> None:
    with pytest.raises(ScenarioError) as error:
        lay(f"change:\n  {path}: {{add: {amount}}}\n")
    assert f"in base, {why}" in refusal(error)


# -- append, ensure, split ------------------------------------------------------------------------------------------

POOR = "people: {poor: {known_as: {hardship: [poor, aid-recipient]}}}\n"
PREFERENCE = "  payers.$covered.variants: {append: [{when: $poor, pay: +5pp}], unless: $poor}\n"


def test_a_list_that_is_not_there_yet_is_made(lay: Lay) -> None:
    after = lay("change: {payers.basic.variants: {append: [{when: {place: away}, pay: -5pp}]}}\n")
    away = after.plan.traits.number({"place": "away"})
    assert after.plan.payer("basic").classes[away].bands == ((50_000, 600_000),)


def test_the_covered_payer_is_the_first_of_several(lay: Lay) -> None:
    second = "  second: {base: {counts: {A: 100%}, less: [paid by basic, paid by cii]}, pay: 10%}\n"
    scheme = edited(
        ("waterfall: [basic, cii]", "waterfall: [basic, cii, second]"),
        ("population:", f"{second}population:"),
        ("contract: {", "contract: {covers: [second, cii], "),
    )
    after = lay("change: {payers.$covered.pay: {add: 5pp}}\n", scheme)
    assert record(after) == ["payers.second.pay: 10% → 15%"]


def test_a_scheme_with_other_values_of_a_trait_gets_those_that_it_lacks(lay: Lay) -> None:
    after = lay("change: {traits.place: {ensure: [local, abroad]}, contract.premium: {add: 1 yuan/person}}\n")
    assert after.plan.traits.values["place"] == ("local", "away", "abroad")
    again = lay("change: {traits.place: {ensure: [local]}, contract.premium: {add: 1 yuan/person}}\n")
    assert again.terms.applied[0].changes[0] == "traits.place: left as it is, [local, away]"


NOBODY_POOR = (
    ("  hardship: [none, poor]\n", ""),
    ("groups: {ordinary: {}, poor: {share: 5%, traits: {hardship: poor}}}", "groups: GROUPS"),
)
SPLIT = "  population.groups: {split: $poor, share: 10%, unless: $poor}\n"
MAKE = f"{POOR}change:\n  traits.hardship: {{ensure: [none, poor], unless: $poor}}\n{SPLIT}{PREFERENCE}"


def counted(lay: Lay, groups: str) -> dict[str, int]:
    scheme = edited(NOBODY_POOR[0], (NOBODY_POOR[1][0], NOBODY_POOR[1][1].replace("GROUPS", groups)))
    after = lay(MAKE, scheme)
    poor = {group.name for group in after.population.groups if group.traits["hardship"] == "poor"}
    assert poor == {group.name for group in after.population.groups if group.name.endswith("-poor")}
    return {group.name: group.persons for group in after.population.groups}


@pytest.mark.parametrize(
    ("groups", "persons"),
    [
        ("{all: {}}", {"all": 900, "all-poor": 100}),
        ("{old: {share: 30%}, young: {}}", {"old": 270, "old-poor": 30, "young": 630, "young-poor": 70}),
        ("{old: {persons: 305 persons}, young: {}}", {"old": 274, "old-poor": 31, "young": 626, "young-poor": 69}),
        ("{old: {persons: 400 persons}, young: {share: 60%}}",
         {"old": 360, "old-poor": 40, "young": 540, "young-poor": 60}),
    ],
)  # fmt: skip
def test_every_group_is_divided(lay: Lay, groups: str, persons: dict[str, int]) -> None:
    # 10% of 305 persons are 31, half up; of the other 695, 69.5 and 625.5 by the largest remainder (first of equals).
    assert counted(lay, groups) == persons


def test_a_scheme_without_groups_is_everybody(lay: Lay) -> None:
    scheme = edited(NOBODY_POOR[0], (f"  {NOBODY_POOR[1][0]}\n", ""))
    persons = {group.name: group.persons for group in lay(MAKE, scheme).population.groups}
    assert persons == {"all": 900, "all-poor": 100}


def test_a_group_that_says_something_of_the_trait_stays(lay: Lay) -> None:
    text = f"{POOR}change:\n  population.groups: {{split: $poor, share: 10%}}\n"
    persons = {group.name: group.persons for group in lay(text).population.groups}
    assert persons == {"ordinary": 855, "ordinary-poor": 95, "poor": 50}


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ("{a: {traits: {hardship: none}}, b: {share: 5%, traits: {hardship: poor}}}", "every group of it states"),
        ("{a: {}, a-poor: {share: 5%}}", "there is a group 'a-poor' already"),
    ],
)
def test_groups_that_cannot_be_divided_are_refused(lay: Lay, groups: str, why: str) -> None:
    scheme = edited((NOBODY_POOR[1][0], f"groups: {groups}"))
    with pytest.raises(ScenarioError) as error:
        lay(f"{POOR}change: {{population.groups: {{split: $poor, share: 10%}}}}\n", scheme)
    assert why in refusal(error)


# -- whom a change file means ---------------------------------------------------------------------------------------

VALUES = "hardship: [none, poor]"
OWN = "      - {when: {place: away}, pay: -10pp}\n"


def rates(scenario: Scenario, **case: str) -> int:
    """The rate of the first band of CII, ppm."""
    return scenario.plan.payer("cii").classes[scenario.plan.traits.number(case)].bands[0][1]


def test_those_whom_the_scheme_prefers_already_are_spared_and_the_others_are_not(lay: Lay) -> None:
    scheme = edited(
        (VALUES, "hardship: [none, poor, aid-recipient]"),
        (OWN, f"{OWN}      - {{when: {{hardship: [poor]}}, pay: +7pp}}\n"),
    )
    after = lay(f"{POOR}change:\n{PREFERENCE}", scheme)
    assert [rates(after, hardship=who) for who in ("none", "poor", "aid-recipient")] == [500_000, 570_000, 550_000]
    first, second = record(after)[1:]
    assert first.startswith(
        "payers.cii.variants: left out for hardship: poor; item 2 is theirs, {when: {hardship: [poor]}"
    )
    assert second == "payers.cii.variants: + {when: {hardship: aid-recipient}, pay: +5pp}"


def test_a_variant_for_everybody_is_no_preference(lay: Lay) -> None:
    scheme = edited((OWN, f"{OWN}      - {{when: {{hardship: [none, poor], place: local}}, pay: +1pp}}\n"))
    after = lay(f"{POOR}change:\n{PREFERENCE}", scheme)
    assert [rates(after, hardship=who) for who in ("none", "poor")] == [510_000, 560_000]


def test_all_values_by_which_a_scheme_knows_them_are_meant(lay: Lay) -> None:
    scheme = edited((VALUES, "hardship: [none, poor, aid-recipient]"))
    after = lay(f"{POOR}change:\n{PREFERENCE}", scheme)
    assert [rates(after, hardship=who) for who in ("none", "poor", "aid-recipient")] == [500_000, 550_000, 550_000]
    assert record(after)[0] == ("poor: in this scheme hardship: [poor, aid-recipient] (of none, poor, aid-recipient)")


OTHERS = ((VALUES, "hardship: [none, registered, other]"), ("hardship: poor", "hardship: registered"))


def test_who_is_meant_must_be_said_where_the_scheme_does_not_tell(lay: Lay) -> None:
    with pytest.raises(ScenarioError) as error:
        lay(f"{POOR}change:\n{PREFERENCE}", edited(*OTHERS))
    told = refusal(error)
    assert "it cannot be told who of its 'hardship' (none, registered, other) are the 'poor' of the change file" in told
    assert "people: {poor: {hardship: other}}}]" in told
    after = lay(f"{POOR}change:\n{PREFERENCE}", edited(*OTHERS), {"poor": {"hardship": ["registered", "other"]}})
    assert [rates(after, hardship=who) for who in ("none", "registered", "other")] == [500_000, 550_000, 550_000]


def test_they_may_be_people_of_their_own(lay: Lay) -> None:
    after = lay(MAKE, edited(*OTHERS), {"poor": {"hardship": "poor"}})
    assert after.plan.traits.values["hardship"] == ("none", "registered", "other", "poor")
    persons = {group.name: group.persons for group in after.population.groups}
    assert persons == {"ordinary": 855, "ordinary-poor": 95, "poor": 50}


@pytest.mark.parametrize(
    ("people", "why"),
    [
        ({"rich": {"hardship": "none"}}, "'later' speaks of no 'rich' | people of the change file: poor"),
        ({"poor": {"income": "low"}}, "it has no trait 'income' | traits: hardship, place"),
        ({"poor": {"hardship": "regstered"}}, "'regstered' is not a value of its trait 'hardship'; did you mean"),
        ({"poor": "registered"}, "it is not said by which trait the scheme tells 'poor'"),
    ],
)
def test_what_is_said_of_people_must_be_true(lay: Lay, people: People, why: str) -> None:
    with pytest.raises(ScenarioError) as error:
        lay(f"{POOR}change:\n{PREFERENCE}", edited(*OTHERS), people)
    assert why in refusal(error)


def test_people_whom_a_scheme_tells_by_two_traits_are_refused(lay: Lay) -> None:
    text = f"people: {{far: {{known_as: {{hardship: [poor], place: [away]}}}}}}\nchange:\n{PREFERENCE}"
    with pytest.raises(ScenarioError) as error:
        lay(text.replace("$poor", "$far"))
    assert "it tells 'far' by several traits: hardship: poor; place: away" in refusal(error)


# -- order ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the small scheme and two change files that do not commute."""
    (tmp_path / "base.yaml").write_text(GOOD.read_text(encoding="utf-8"), encoding="utf-8")
    for name, change in (("reduce", "x0.5"), ("raise", "+10pp")):
        text = f"change: {{payers.$covered.variants: {{append: [{{when: {{place: local}}, pay: {change}}}]}}}}\n"
        (tmp_path / f"{name}.yaml").write_text(header(name) + text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("order", "rate"), [("reduce, raise", 350_000), ("raise, reduce", 300_000)])
def test_change_files_are_laid_over_in_their_order(folder: Path, order: str, rate: int) -> None:
    # 50% x 0.5 + 10 points = 35%; (50% + 10 points) x 0.5 = 30%
    scenario = load_text(f"{header('x')}extends: base\napply: [{order}]\n", str(folder / "x.yaml"))
    assert rates(scenario) == rate
    assert [each.id for each in scenario.terms.applied] == order.split(", ")
    files = [argument for name in order.split(", ") for argument in ("--apply", folder / f"{name}.yaml")]
    assert run("check", folder / "base.yaml", *files).stdout.endswith(f"; with {order})\n")


def test_change_files_come_after_changes_and_before_designs(folder: Path) -> None:
    (folder / "later.yaml").write_text(f"{header()}change: {{contract.premium: {{add: 10 yuan/person}}}}\n", "utf-8")
    text = (
        f"{header('x')}extends: base\napply: [later]\n"
        "change: {contract.premium: {from: 33 yuan/person, to: 30 yuan/person}}\n"
        "designs: {dearer: {change: {contract.premium: {from: 40 yuan/person, to: 50 yuan/person}}}}\n"
    )
    scenario = load_text(text, str(folder / "x.yaml"))
    assert scenario.terms.contract.premium == 4000
    assert scenario.designs[0][1].terms.contract.premium == 5000
    assert scenario.designs[0][1].terms.applied == scenario.terms.applied


def test_a_scheme_may_apply_without_extending_and_is_extended_with_its_record(folder: Path) -> None:
    text = (folder / "base.yaml").read_text(encoding="utf-8") + "apply: [raise]\n"
    (folder / "raised.yaml").write_text(text.replace("id: base", "id: raised"), encoding="utf-8")
    assert rates(load(folder / "raised.yaml")) == 600_000
    child = load_text(f"{header('x')}extends: raised\napply: [reduce]\n", str(folder / "x.yaml"))
    assert rates(child) == 300_000
    assert [each.id for each in child.terms.applied] == ["raise", "reduce"]
    with pytest.raises(ScenarioError, match="'raise' has been applied already"):
        child.apply(folder / "raise.yaml")


def test_a_claims_model_of_another_file_is_laid_in_first(folder: Path) -> None:
    text = (folder / "base.yaml").read_text(encoding="utf-8")
    start, end = text.index("claims:"), text.index("contract:")
    (folder / "model.yaml").write_text(header("model") + text[start:end], encoding="utf-8")
    (folder / "base.yaml").write_text(f"{text[:start]}claims: {{use: model}}\n{text[end:]}", encoding="utf-8")
    path = "claims.care.county.cost.mean"
    (folder / "later.yaml").write_text(f"{header()}change: {{{path}: {{add: 500 yuan}}}}\n", encoding="utf-8")
    scenario = load_text(f"{header('x')}extends: base\napply: [later]\n", str(folder / "x.yaml"))
    assert scenario.terms.applied[0].changes == [f"{path}: 5000 yuan → 5500 yuan"]


# -- where problems are told ----------------------------------------------------------------------------------------


def test_a_value_that_a_scheme_cannot_bear_is_told_at_its_place_in_the_change_file(lay: Lay) -> None:
    with pytest.raises(ScenarioError) as error:
        lay("change:\n  payers.$covered.variants:\n    append:\n      - {when: {place: local}, pay: +45pp}\n")
    (problem,) = error.value.problems
    assert (Path(problem.file).name, problem.line, problem.column) == ("later.yaml", 6, 37)
    assert problem.path == "payers.cii.variants[1].pay"
    assert problem.text[problem.column - 1 :] == "+45pp}"


def test_a_sum_that_a_scheme_cannot_bear_is_told_at_what_was_added(lay: Lay) -> None:
    scheme = edited(("bands:\n", "bands_from: zero\n    bands:\n"), ("to: 20000 yuan", "to: 7000 yuan"))
    with pytest.raises(ScenarioError) as error:
        lay("change:\n  payers.cii.deductible: {add: 2000 yuan}\n", scheme)
    (problem,) = error.value.problems
    assert "the band never pays" in problem.why
    with pytest.raises(ScenarioError) as error:
        lay(
            "change:\n  simulation.replications: {add: -1}\n",
            edited(("contract:", "simulation: {replications: 1}\ncontract:")),
        )
    (problem,) = error.value.problems
    assert (Path(problem.file).name, problem.line, problem.column) == ("later.yaml", 4, 34)


def test_a_misfit_is_told_at_the_path_that_does_not_fit(lay: Lay) -> None:
    with pytest.raises(ScenarioError) as error:
        lay("change:\n  contract.premium: {add: 1 yuan/person}\n  payers.basic.cap: {add: 1 yuan}\n")
    (problem,) = error.value.problems
    assert (Path(problem.file).name, problem.line, problem.column, problem.path) == (
        "later.yaml", 5, 3, "payers.basic.cap",
    )  # fmt: skip


def test_all_that_is_wrong_with_a_change_file_is_told_at_once(lay: Lay) -> None:
    with pytest.raises(ScenarioError) as error:
        lay("people: {poor: {known: {}}}\nchange:\n  contract.premium: {add: ten}\n  traits.x: {ensure: $rich}\n")
    assert [problem.line for problem in error.value.problems] == [3, 3, 5, 6]


def test_a_change_file_without_effect_is_refused(lay: Lay) -> None:
    with pytest.raises(ScenarioError) as error:
        lay("change: {payers.$covered.variants: {append: [{when: {place: local}, pay: +0pp}]}}\n")
    assert "the change file has no effect" in refusal(error)


# -- the record -----------------------------------------------------------------------------------------------------


def test_the_record_travels_with_the_scheme(tmp_path: Path) -> None:
    scenario = load(GOOD).apply(NOTICE)
    again = load_text(scenario.to_yaml())
    assert again.terms.applied == scenario.terms.applied
    assert again.fingerprint == scenario.fingerprint != load(GOOD).fingerprint
    assert scenario.replace({"payers.cii.deductible": "5000 yuan"}).terms.applied == scenario.terms.applied
    assert "notice-2016, 《关于做好2016年城乡居民大病保险工作的通知》" in to_html(scenario)
    results = fs.simulate(scenario, n=2, out=tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"] == "base-notice-2016"
    assert manifest["applied"][0]["id"] == "notice-2016"
    assert manifest["applied"][0]["changes"] == results.scenario.terms.applied[0].changes
    assert Results.load(tmp_path / "run").scenario.terms.applied == scenario.terms.applied


def test_readings_of_the_later_text_are_handed_on() -> None:
    scenario = load(ROOT / "scenarios" / "notice-2016-province.yaml")
    assert "国医改办发〔2016〕2号；做好2016年城乡居民大病保险工作" in [each.read for each in scenario.terms.readings]


def test_the_record_is_no_result(lay: Lay) -> None:
    by_file = lay("change: {contract.premium: {add: 10 yuan/person}}\n")
    by_hand = load(GOOD).replace({"contract.premium": "43 yuan/person"})
    assert by_file.fingerprint == by_hand.fingerprint


def test_the_title_tells_in_every_language(lay: Lay) -> None:
    scheme = edited(("id: base\n", "id: base\ntitle: {zh: 某市, en: A city}\n"))
    after = lay("title: {zh: 通知}\nchange: {contract.premium: {add: 10 yuan/person}}\n", scheme)
    assert (after.title("zh"), after.title("en"), after.id) == ("某市 + 通知", "A city", "base-later")


# -- the command line -----------------------------------------------------------------------------------------------


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_change_file_is_checked_by_itself() -> None:
    result = run("check", NOTICE)
    assert result.stdout == f"{NOTICE}: ok (change file for any scheme, 4 changes, 3 assumptions)\n"


@pytest.mark.parametrize("command", [["show"], ["run", "-n", "1"], ["check", "--apply", NOTICE]])
def test_a_change_file_is_not_a_scheme(command: list[object]) -> None:
    result = run(*command, NOTICE)
    assert result.exit_code == BAD_INPUT
    assert "this file holds changes for any scheme, not a scheme" in result.stderr
    assert "apply: [notice-2016]" in result.stderr


def test_a_run_is_of_the_changed_scheme(tmp_path: Path) -> None:
    result = run("run", GOOD, "--apply", NOTICE, "-n", 1, "--out", tmp_path / "run", "--json")
    assert json.loads(result.stdout)["scenario"] == "base-notice-2016"
