"""What designs are called beside one another: by their own names where these tell them apart, else by what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fundsim.comparison.errors import refuse
from fundsim.scenario import Scenario
from fundsim.scenario.nodes import Block, Listing, Node, inline
from fundsim.scenario.problems import Steps, dotted
from fundsim.scenario.quantities import same

WORDS = ("id", "title", "source", "note", "valid", "extends", "change", "apply", "examples", "readings", "designs")
"""Keys at the top of a document that tell what it is called, not what it does."""


def names_of(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Name each scheme: its design where all are of one file, its id and design else; what differs, where alike.

    Raises:
        ComparisonError: two of them are the same scheme.
    """
    fingerprints = [(each.fingerprint, each.terms.locality) for each in scenarios]
    for place, each in enumerate(fingerprints):
        if each in fingerprints[:place]:
            first = fingerprints.index(each)
            text = f"{scenarios[place].label} (number {place + 1})"
            raise refuse(text, f"is the same scheme as number {first + 1}", "give each scheme once")
    labels = [each.label for each in scenarios]
    told = [
        label if place == labels.index(label) else _beside(scenarios[labels.index(label)], each)
        for place, (label, each) in enumerate(zip(labels, scenarios, strict=True))
    ]
    alike = Counter(told)
    return tuple(name if alike[name] == 1 else f"{name} ({place})" for place, name in enumerate(told, start=1))


def _beside(first: Scenario, other: Scenario) -> str:
    """What sets a scheme apart from another of the same label: ``payers.cii.deductible=8000 yuan``."""
    found = list(differing(first.root.without(*WORDS), other.root.without(*WORDS)))
    return "; ".join(f"{dotted(way)}={'nothing' if node is None else inline(node, 40)}" for way, node in found[:3]) + (
        "; …" if len(found) > 3 else ""
    )


def differing(one: Node, other: Node, way: Steps = ()) -> Iterator[tuple[Steps, Node | None]]:
    """Where two text trees differ, as deep as can be told, with what the second has there."""
    if isinstance(one, Block) and isinstance(other, Block):
        for key in dict.fromkeys([*one.keys, *other.keys]):
            mine, theirs = one.get(key), other.get(key)
            if mine is None or theirs is None:
                yield (*way, key), theirs
            else:
                yield from differing(mine, theirs, (*way, key))
    elif isinstance(one, Listing) and isinstance(other, Listing) and len(one.items) == len(other.items):
        for place, (mine, theirs) in enumerate(zip(one.items, other.items, strict=True)):
            yield from differing(mine, theirs, (*way, place))
    elif not same(one, other):
        yield way, other
