"""Comparing values as they are meant: ``6,000 yuan`` is ``0.6 万元``, and ``50 %`` is ``50%``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fundsim import units
from fundsim.scenario.nodes import Block, Listing, Node, Scalar


@dataclass(frozen=True)
class Quantity:
    """A number with what it measures; only quantities of one kind can be compared."""

    kind: str
    value: float


_KINDS: Final[tuple[tuple[str, Callable[[str], float]], ...]] = (
    ("money", units.balance),
    ("money per person", units.money_per_person),
    ("rate", units.rate),
    ("rate", units.growth),
    ("points", units.points),
    ("factor", units.factor),
    ("frequency", units.frequency),
    ("number", units.count),
    ("number", units.number),
)


def quantity(text: str) -> Quantity | None:
    """Read a text as whatever quantity it is; None where it is a word."""
    for kind, parse in _KINDS:
        try:
            return Quantity(kind, parse(text))
        except units.UnitError:
            continue
    return None


def same(one: Node, other: Node) -> bool:
    """Whether two values mean the same: quantities by amount, words by text, lists and mappings part by part."""
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return _same_text(one.text, other.text)
    if isinstance(one, Listing) and isinstance(other, Listing):
        return len(one.items) == len(other.items) and all(map(same, one.items, other.items))
    if isinstance(one, Block) and isinstance(other, Block):
        values = [(entry.value, other.get(entry.key)) for entry in one.entries]
        return len(values) == len(other.entries) and all(b is not None and same(a, b) for a, b in values)
    return False


def _same_text(one: str, other: str) -> bool:
    if " ".join(one.split()) == " ".join(other.split()):
        return True
    left = quantity(one)
    return left is not None and left == quantity(other)
