"""YAML's own errors in plain words: what is wrong with the punctuation, and how to mend it."""

from __future__ import annotations

import re

import yaml

from fundsim.scenario.problems import Mark, Source

_QUOTE = "put the text in quotes"
_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a ':' stands where no key can be",
        "indent the line like its neighbours; put a text that contains ': ' in quotes",
    ),
    (
        "sequence entries are not allowed",
        "a '-' stands where no list can begin",
        "put each '- item' on a line of its own",
    ),
    (r"found character '\\t'", "there is a tab here", "write a space"),
    (r"found character '(?P<what>[@`%&*!|>])'", "no value can begin with '{what}'", _QUOTE),
    ("could not find expected ':'", "this line is not 'key: value'", "write a ':' and a blank after the key"),
    (
        r"expected ',' or '(?P<what>[}\]])'",
        "the brackets that open here need a ',' or a '{what}'",
        "put ', ' between the items, and close every bracket",
    ),
    ("found unexpected end of stream", "a quoted text is not closed", "close the quotes"),
    ("found unknown escape character", "a '\\' in double quotes begins a code", "use single quotes"),
    (
        "expected <block end>",
        "the line does not fit the lines above it",
        "indent it by as many blanks as its neighbours, and put nothing after a closing bracket",
    ),
    ("special characters are not allowed", "there is an invisible control character", "delete it"),
)


def in_our_words(error: yaml.YAMLError, source: Source) -> tuple[Mark, str, str]:
    """Return where a YAML error is, why, and what to write instead."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "this is not YAML"
    for pattern, why, instead in _WORDS:
        match = re.search(pattern, problem)
        if match is not None:
            return _mark(error, source), why.format(**match.groupdict()), instead
    return _mark(error, source), f"this is not YAML: {problem}", "compare with the file that 'fundsim init' writes"


def _mark(error: yaml.YAMLError, source: Source) -> Mark:
    """Where the error is; an unclosed quote or bracket is shown where it was opened."""
    place = getattr(error, "problem_mark", None)
    context = str(getattr(error, "context", ""))
    if "quoted" in context or "flow" in context:
        place = getattr(error, "context_mark", None) or place
    if place is not None:
        return Mark(source, place.line + 1, place.column + 1)
    control = chr(getattr(error, "character", 0))
    line = next((number for number, line in enumerate(source.lines, start=1) if control in line), 1)
    return Mark(source, line, source.lines[line - 1].find(control) + 1 or 1)
