"""Validation errors in our own words: where in the file, why, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from fundsim.scenario.nodes import Block, Node, inline, kind
from fundsim.scenario.problems import Problems, Steps
from fundsim.scenario.shapes import Spot, spot
from fundsim.scenario.ways import find, mark_of
from fundsim.terms import KEY, nearest

_WRONG_KIND: Final = {
    "string_type": "one value",
    "int_type": "one value",
    "float_type": "one value",
    "bool_type": "one value",
    "date_type": "one value",
    "dataclass_exact_type": "one value",
    "is_instance_of": "one value",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "mapping_type": "a mapping",
}


@dataclass(frozen=True)
class Finding:
    """One validation error, placed."""

    sort: str
    """Pydantic's name for what went wrong."""
    spot: Spot
    way: Steps
    facts: dict[str, Any]
    node: Node | None
    """What stands there."""

    @property
    def text(self) -> str:
        """What stands there, on one line."""
        return "" if self.node is None else inline(self.node)


Words = tuple[str, str]
"""Why, and what to write instead."""


def explain(error: ValidationError, model: type[BaseModel], root: Block, problems: Problems) -> set[Steps]:
    """Note every error of a validation as a problem; return the ways to what is wrong."""
    findings = [_finding(details, model, root) for details in error.errors(include_url=False)]
    for way, wrong in _wrong_kinds(findings).items():
        why, instead = _of_wrong_kind(wrong)
        problems.add(mark_of(root, way), way, why, instead)
    for finding in findings:
        if finding.sort not in _WRONG_KIND:
            why, instead = _in_words(finding)
            at_key = finding.sort == "extra_forbidden" or finding.way[-1:] == (KEY,)
            way = tuple(step for step in finding.way if step != KEY)
            problems.add(mark_of(root, (*way, KEY) if at_key else way), way, why, instead)
            if at_key:
                problems.spoil(way)
    return {finding.way for finding in findings}


def _finding(details: Any, model: type[BaseModel], root: Block) -> Finding:
    facts = details.get("ctx") or {}
    loc = (*details["loc"], *facts.get("at", ()))
    unknown = details["type"] == "extra_forbidden"
    place = spot(model, loc[:-1] if unknown else loc)
    way = (*place.way, loc[-1]) if unknown else place.way
    if details["type"] == "union_tag_invalid":
        way = (*way, str(facts["discriminator"]).strip("'"))
    return Finding(details["type"], place, way, facts, find(root, way))


def _wrong_kinds(findings: Iterable[Finding]) -> dict[Steps, list[Finding]]:
    """Errors that only say "a list, not a mapping", by place; those of a value that is wrong in another way left out.

    Where a value may be of several kinds, each kind that it is not complains.
    """
    all_of_them = list(findings)
    others = [finding.way for finding in all_of_them if finding.sort not in _WRONG_KIND]
    wrong: dict[Steps, list[Finding]] = {}
    for finding in all_of_them:
        if finding.sort in _WRONG_KIND and not any(way[: len(finding.way)] == finding.way for way in others):
            wrong.setdefault(finding.way, []).append(finding)
    return wrong


def _of_wrong_kind(wrong: list[Finding]) -> Words:
    first = wrong[0]
    meant = dict.fromkeys(_WRONG_KIND[finding.sort] for finding in wrong)
    examples = {
        "one value": f"one value{_such_as(first.spot.example)}",
        "a list": "a list, such as [first, second]",
        "a mapping": f"a mapping{_with_keys(first.spot)}",
    }
    instead = f"write {', or '.join(examples[each] for each in meant)}"
    if first.node is None or kind(first.node) in meant:
        return f"'{first.text}' does not fit here", instead
    return f"{' or '.join(meant)} is meant here, not {kind(first.node)}", instead


def _such_as(example: str | None) -> str:
    return f", such as {example}" if example else ""


def _with_keys(place: Spot) -> str:
    return f" with the keys {', '.join(place.keys)}" if place.keys else ", such as {key: value}"


# -- one function for each sort of error ----------------------------------------------------------------------------


def _unknown_key(finding: Finding) -> Words:
    key, allowed = str(finding.way[-1]), finding.spot.keys
    return f"unknown key '{key}'{nearest(key, allowed)}", f"keys allowed here: {', '.join(allowed)}"


def _missing_key(finding: Finding) -> Words:
    key = finding.way[-1] if finding.way else ""
    return "this key is missing", f"add '{key}: {finding.spot.example or '...'}'"


def _not_a_choice(finding: Finding) -> Words:
    choices = re.findall(r"'([^']*)'", str(finding.facts.get("expected", "")))
    if finding.way[-1:] == (KEY,):
        key = str(finding.way[-2])
        return f"unknown key '{key}'{nearest(key, choices)}", f"keys allowed here: {', '.join(choices)}"
    text = finding.text
    instead = f"write one of: {', '.join(choices)}" if len(choices) > 1 else f"write {choices[0] if choices else '...'}"
    return f"'{text}' is not one of the choices{nearest(text, choices)}", instead


def _unknown_sort(finding: Finding) -> Words:
    key = str(finding.facts.get("discriminator", "")).strip("'")
    choices = re.findall(r"'([^']*)'", str(finding.facts.get("expected_tags", "")))
    return f"there is no {key} '{finding.text}'{nearest(finding.text, choices)}", f"write one of: {', '.join(choices)}"


def _no_sort(finding: Finding) -> Words:
    key = str(finding.facts.get("discriminator", "")).strip("'")
    return f"the block does not state its {key}", f"add '{key}: ...' with one of: {', '.join(finding.spot.tags)}"


def _not_like(finding: Finding) -> Words:
    return (
        f"'{finding.text}' is not a name that can be used here",
        "write small letters, digits and hyphens, such as qinzhou-2017",
    )


def _out_of_range(finding: Finding) -> Words:
    bounds = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    stated = [f"{words} {finding.facts[bound]}" for bound, words in bounds.items() if bound in finding.facts]
    limits = " and ".join(stated) or "a number in range"
    return f"'{finding.text}' is out of range", f"write {limits}"


def _of_wrong_length(finding: Finding) -> Words:
    least, most = finding.facts.get("min_length"), finding.facts.get("max_length")
    instead = f"write at least {least}" if least is not None else f"write at most {most}"
    return "too few are given" if least is not None else "too many are given", instead


def _own_words(finding: Finding) -> Words:
    if "why" in finding.facts:
        return str(finding.facts["why"]), str(finding.facts["instead"])
    reason = finding.facts.get("error")
    why = str(reason) if reason else f"'{finding.text}' does not fit here"
    return why, f"write another value{_such_as(finding.spot.example)}"


_EXPLANATIONS: Final[dict[str, Callable[[Finding], Words]]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "literal_error": _not_a_choice,
    "enum": _not_a_choice,
    "union_tag_invalid": _unknown_sort,
    "union_tag_not_found": _no_sort,
    "string_pattern_mismatch": _not_like,
    "greater_than": _out_of_range,
    "greater_than_equal": _out_of_range,
    "less_than": _out_of_range,
    "less_than_equal": _out_of_range,
    "too_short": _of_wrong_length,
    "too_long": _of_wrong_length,
    "string_too_short": _of_wrong_length,
    "string_too_long": _of_wrong_length,
}


def _in_words(finding: Finding) -> Words:
    return _EXPLANATIONS.get(finding.sort, _own_words)(finding)
