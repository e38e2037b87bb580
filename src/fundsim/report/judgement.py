"""What ``fundsim check --against`` prints: a block for each rule, its verdict first, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fundsim.guidelines import REPLICATIONS, Finding, Judgement, Rule, find, judge
from fundsim.scenario import Scenario


def judge_schemes(
    schemes: Iterable[tuple[Path, Scenario]], guideline: str, replications: int | None, *, as_json: bool
) -> tuple[str, bool]:
    """Test schemes, each with its file, against a guideline; returns what to print, and whether all of them meet it.

    Raises:
        GuidelineError: there is no such guideline.
    """
    rules, n = find(guideline), REPLICATIONS if replications is None else replications
    judged = [(file, judge(scenario, rules, n)) for file, scenario in schemes]
    printed = _as_json(judged) if as_json else "\n\n".join(_as_text(*each) for each in judged)
    return printed, not any(judgement.unmet for _, judgement in judged)


def _as_text(path: Path, judgement: Judgement) -> str:
    return "\n".join(_lines(path, judgement))


def _lines(path: Path, judgement: Judgement) -> Iterator[str]:
    guideline, evidence = judgement.guideline, judgement.evidence
    unmet = f"not met: {', '.join(judgement.unmet)}" if judgement.unmet else "met"
    yield f"{path}: {guideline.id}: {unmet}"
    yield f"  {evidence.scenario.title()} · 《{guideline.title}》（{guideline.number}）"
    for rule, finding in judgement.findings:
        yield ""
        yield f"  {finding.verdict.upper()} {finding.verdict.zh} · {rule.id} {rule.zh}"
        yield from (f"      {quote}" for quote in rule.quotes)
        yield from (f"    {words}" for words in (finding.found, *finding.remarks))


def _as_json(judged: Iterable[tuple[Path, Judgement]]) -> str:
    return json.dumps([_as_dict(path, judgement) for path, judgement in judged], ensure_ascii=False, indent=2)


def _as_dict(path: Path, judgement: Judgement) -> dict[str, Any]:
    evidence = judgement.evidence
    return {
        "file": str(path),
        "scenario": evidence.scenario.id,
        "fingerprint": evidence.scenario.fingerprint,
        "guideline": judgement.guideline.id,
        "replications": evidence.replications,
        "met": not judgement.unmet,
        "rules": [_of_rule(rule, finding) for rule, finding in judgement.findings],
    }


def _of_rule(rule: Rule, finding: Finding) -> dict[str, Any]:
    return {
        "id": rule.id,
        "zh": rule.zh,
        "verdict": finding.verdict,
        "found": finding.found,
        "figures": dict(finding.figures),
        "remarks": list(finding.remarks),
        "quotes": [{"article": quote.article, "words": quote.words, "source": quote.source} for quote in rule.quotes],
    }
