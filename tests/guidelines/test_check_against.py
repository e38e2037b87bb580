"""``fundsim check --against``: what it prints, as text and as JSON, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT, DONE
from fundsim.guidelines import GUIDELINES
from fundsim.scenario import load

FOLDER = Path(__file__).parent / "national-2012"
BASE, SHORT = FOLDER / "base.yaml", FOLDER / "term.fail.yaml"
SCENARIOS = Path(__file__).parents[2] / "scenarios"


def check(*words: object) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, words)])


def test_a_scheme_that_meets_the_guideline_is_told_so_rule_by_rule() -> None:
    answer = check(BASE, "--against", "national-2012", "-n", "20")
    assert answer.exit_code == DONE, answer.output
    lines = answer.stdout.splitlines()
    assert lines[0].startswith(f"{BASE}: ok (")
    assert lines[1] == f"{BASE}: national-2012: met"
    assert "《关于开展城乡居民大病保险工作的指导意见》（发改社会〔2012〕2605号）" in lines[2]
    place = lines.index("  PASS 符合 · term 合作期限")
    assert lines[place + 1 : place + 3] == ["      五(二) “合作期限原则不低于3年”", "    the contract runs for 4 years"]
    for rule in GUIDELINES["national-2012"].rules:
        assert f"· {rule.id} {rule.zh}" in answer.stdout
        assert all(quote.words in answer.stdout for quote in rule.quotes)


def test_one_scheme_that_fails_sets_the_exit_code_for_all() -> None:
    answer = check(SHORT, BASE, "--against", "national-2012", "-n", "20")
    assert answer.exit_code == BAD_INPUT
    assert f"{SHORT}: national-2012: not met: term" in answer.stdout
    assert f"{BASE}: national-2012: met" in answer.stdout
    assert answer.stderr == ""


def test_a_fact_that_is_missing_sets_the_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "base.yaml"
    file.write_text(BASE.read_text(encoding="utf-8").replace("  term: 4 years\n", ""), encoding="utf-8")
    answer = check(file, "--against", "national-2012", "-n", "20")
    assert answer.exit_code == BAD_INPUT
    assert "NOT JUDGED 缺少资料，不能判定 · term" in answer.stdout


def test_too_few_replications_set_the_exit_code() -> None:
    answer = check(BASE, "--against", "national-2012", "-n", "2")
    assert answer.exit_code == BAD_INPUT
    assert "NOT DECIDED 模拟次数不足，不能判定 · payment-ratio" in answer.stdout


def test_scripts_read_the_findings_of_all_files_as_json() -> None:
    answer = check(BASE, SHORT, "--against", "national-2012", "-n", "20", "--json")
    assert answer.exit_code == BAD_INPUT
    good, bad = json.loads(answer.stdout)
    assert (good["file"], good["guideline"], good["replications"], good["met"]) == (
        str(BASE), "national-2012", 20, True,
    )  # fmt: skip
    assert good["fingerprint"] == load(BASE).fingerprint
    assert not bad["met"]
    term = next(rule for rule in bad["rules"] if rule["id"] == "term")
    assert (term["verdict"], term["figures"]) == ("fail", {"years": 2})
    assert term["quotes"] == [{"article": "五(二)", "words": "合作期限原则不低于3年", "source": None}]
    assert [rule["id"] for rule in good["rules"]] == [rule.id for rule in GUIDELINES["national-2012"].rules]


def test_a_file_with_problems_does_not_keep_the_others_from_being_judged(tmp_path: Path) -> None:
    answer = check(tmp_path / "none.yaml", BASE, "--against", "national-2012", "-n", "20", "--json")
    assert answer.exit_code == BAD_INPUT
    assert "there is no such file" in answer.stderr
    assert [judged["met"] for judged in json.loads(answer.stdout)] == [True]


def test_a_claims_model_is_not_judged() -> None:
    answer = check(SCENARIOS / "claims" / "guangxi-pilot.yaml", "--against", "national-2012")
    assert answer.exit_code == BAD_INPUT
    assert "holds a claims model for schemes to use, not a scheme" in answer.stderr


def test_an_unknown_guideline_is_told_without_a_traceback() -> None:
    answer = check(BASE, "--against", "nationl-2012")
    assert answer.exit_code == BAD_INPUT
    assert isinstance(answer.exception, SystemExit)
    assert "there is no guideline 'nationl-2012'; did you mean 'national-2012'?" in answer.stderr
    assert f"write one of: {', '.join(GUIDELINES)}" in answer.stderr


@pytest.mark.parametrize("option", [("-n", "5"), ("--json",)])
def test_what_only_a_guideline_uses_is_refused_without_one(option: tuple[str, ...]) -> None:
    answer = check(BASE, *option)
    assert answer.exit_code == BAD_INPUT
    assert "add --against GUIDELINE" in answer.stderr


def test_the_help_tells_the_exit_codes() -> None:
    text = " ".join(check("--help").stdout.split())
    assert "Exit code 0 if all rules that apply are met; 2 if a scheme fails one, or cannot be judged by one." in text


def test_the_template_passes_its_own_guideline() -> None:
    answer = check(SCENARIOS / "national-2012.yaml", "--against", "national-2012", "-n", "4")
    assert answer.exit_code == DONE, answer.output
