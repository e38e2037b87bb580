"""Every guideline: each of its rules has a file that passes and a file that fails, and judges both as it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundsim.guidelines import GUIDELINES, Guideline, GuidelineError, Judgement, Rule, Verdict, find, judge
from fundsim.scenario import load

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src" / "fundsim" / "guidelines"
RULES = [(guideline, rule) for guideline in GUIDELINES.values() for rule in guideline.rules if not rule.informs]
each_rule = pytest.mark.parametrize(("guideline", "rule"), RULES, ids=lambda each: each.id)


def judged(guideline: Guideline, name: str) -> Judgement:
    return judge(load(HERE / guideline.id / f"{name}.yaml"), guideline, 20)


def verdict(judgement: Judgement, rule: Rule) -> Verdict:
    return next(finding.verdict for each, finding in judgement.findings if each.id == rule.id)


@each_rule
def test_every_rule_passes_its_passing_file(guideline: Guideline, rule: Rule) -> None:
    judgement = judged(guideline, f"{rule.id}.pass")
    assert verdict(judgement, rule) is Verdict.PASS
    assert judgement.unmet == ()


@each_rule
def test_every_rule_fails_its_failing_file_and_no_other_rule_does(guideline: Guideline, rule: Rule) -> None:
    first = (HERE / guideline.id / f"{rule.id}.fail.yaml").read_text(encoding="utf-8").splitlines()[0]
    judgement = judged(guideline, f"{rule.id}.fail")
    assert verdict(judgement, rule) is Verdict.FAIL
    assert set(judgement.unmet) == set(first.removeprefix("# fails: ").split())


@pytest.mark.parametrize("guideline", GUIDELINES.values(), ids=lambda each: each.id)
def test_there_is_no_file_without_its_rule(guideline: Guideline) -> None:
    tested = {rule.id for rule in guideline.rules if not rule.informs}
    files = {path.stem for path in (HERE / guideline.id).glob("*.yaml")}
    assert files == {"base"} | {f"{rule}.{end}" for rule in tested for end in ("pass", "fail")}


@pytest.mark.parametrize("guideline", GUIDELINES.values(), ids=lambda each: each.id)
def test_rules_have_an_id_of_their_own_and_quote_the_text_in_chinese(guideline: Guideline) -> None:
    assert len({rule.id for rule in guideline.rules}) == len(guideline.rules)
    for rule in guideline.rules:
        assert rule.quotes
        assert all("一" <= quote.words[0] <= "龥" and quote.article for quote in rule.quotes)


@pytest.mark.parametrize("guideline", GUIDELINES.values(), ids=lambda each: each.id)
def test_what_only_informs_is_never_held_against_a_scheme(guideline: Guideline) -> None:
    findings = judged(guideline, "base").findings
    assert {finding.verdict for rule, finding in findings if rule.informs} == {Verdict.INFORMATION}


def test_a_guideline_is_one_file_and_one_line() -> None:
    files = {path.stem.replace("_", "-") for path in SOURCE.glob("*.py")} - {"--init--", "base"}
    assert files == set(GUIDELINES)
    assert all(name == guideline.id for name, guideline in GUIDELINES.items())


def test_an_unknown_guideline_is_told_with_the_nearest_and_all() -> None:
    with pytest.raises(GuidelineError, match=r"no guideline 'national2012'; did you mean 'national-2012'\?") as told:
        find("national2012")
    assert str(told.value).endswith(f"instead: write one of: {', '.join(GUIDELINES)}")
