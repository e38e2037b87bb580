"""Where a value of a scheme stands (条款位置), in words: ``城乡居民基本医疗保险 · 县级医院 · 起付线``."""

from __future__ import annotations

from typing import Final

from fundsim.report.document.as_written import title_of
from fundsim.report.document.glossary import case_in_words, named
from fundsim.report.document.terms import KEYS
from fundsim.report.document.words import Words, joined, same
from fundsim.scenario.nodes import Block, Listing, Node, Scalar, plain
from fundsim.scenario.problems import Steps
from fundsim.scenario.ways import find, parse_way
from fundsim.uncertainty import INPUTS

UNSAID: Final = ("payers", "groups", "care", "funds", "inputs", "base", "variants", "traits", "change")
"""Keys above a name or a case that tells more than they do."""

NAMED: Final = ("payers", "funds", "events", "groups", "care", "transfers", "traits", "inputs")
"""Keys under which stand names that the file has given."""

AFTER: Final = Words("改为", "changed to")
CODE: Final = Words("文件中的位置", "in the file")
"""Head of the column that holds the path itself."""


def place_in_words(root: Block, way: Steps) -> Words:
    """The place at the end of a way; a step that has no words stays as it is written."""
    parts: list[Words] = []
    for end in range(1, len(way) + 1):
        before, step = way[: end - 1], way[end - 1]
        above = before[-1] if before else ""
        if above == "change":
            parts.append(_changed(root, str(step)))
        elif before[-2:-1] == ("change",):
            parts.append(AFTER if step == "to" else named(str(step)))
        elif isinstance(step, int):
            parts.append(_item(root, way[:end], str(above), step))
        elif above in NAMED:
            parts.append(_name(root, way[:end], str(above), step))
        elif step not in UNSAID:
            parts.append(KEYS.get(f"{_kind(before)}.{step}") or KEYS.get(step) or named(step))
    return joined(parts, " · ")


def _kind(before: Steps) -> str:
    """What a key stands under: a key, or the kind of thing whose name is above it."""
    keys = [step for step in before if isinstance(step, str)]
    if len(keys) > 1 and keys[-2] in NAMED:
        return keys[-2]
    return keys[-1] if keys else ""


def _changed(root: Block, path: str) -> Words:
    """What an event changes, by its own place."""
    way = parse_way(path)
    return same(path) if way is None else place_in_words(root, way)


def _item(root: Block, way: Steps, above: str, step: int) -> Words:
    """An entry of a list: a variant by its case, a band by its number."""
    when = find(root, (*way, "when"))
    if isinstance(when, Block):
        return case_in_words(plain(when))  # type: ignore[arg-type]
    if above == "bands":
        return Words(f"第{step + 1}段", f"band {step + 1}")
    return Words(f"第{step + 1}项", f"no. {step + 1}")


def _name(root: Block, way: Steps, above: str, name: str) -> Words:
    """What somebody has given a name: by its title where it has one."""
    if above == "inputs":
        return input_in_words(root, way, name)
    told = title_of(root, ("funds", name) if above == "transfers" else way) or KEYS.get(name) or named(name)
    return Words(f"{told.zh}构成", f"{told.en}, shares") if above == "traits" else told


def input_in_words(root: Block, way: Steps, name: str) -> Words:
    """An uncertain input by what it is, and what it is of: ``就医结构（省外转诊、省外未转诊）``."""
    of = find(root, (*way, "of"))
    kind = INPUTS.get(of.text) if isinstance(of, Scalar) else None
    if kind is None:
        return named(name)
    found = [find(root, (*way, key)) for key in ("values", "care", "people")]
    texts = [item.text for node in found for item in _scalars(node)]
    whom = joined(map(named, texts), "、", " or ")
    label = Words(kind.NAME["zh"], kind.NAME["en"])
    return Words(f"{label.zh}（{whom.zh}）", f"{label.en} ({whom.en})") if texts else label


def _scalars(node: Node | None) -> list[Scalar]:
    items = node.items if isinstance(node, Listing) else (node,)
    return [item for item in items if isinstance(item, Scalar)]
