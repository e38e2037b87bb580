"""The text tree of a scenario: scalars, lists and mappings, each of which knows where it was written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from fundsim.scenario.problems import Mark

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
"""A tree without marks: what terms are validated from."""


@dataclass(frozen=True)
class Assumed:
    """Says that a value is not in the public text: ``{assume: 500 yuan, why: 未公布}``."""

    why: str
    source: str | None
    mark: Mark


@dataclass(frozen=True)
class Tendered:
    """Says that a value is open to tender, within limits: ``{bid: 60%, within: [50%, 75%]}``."""

    low: str
    high: str
    why: str | None
    mark: Mark


Label = Assumed | Tendered


@dataclass(frozen=True)
class Scalar:
    """A value as it was written."""

    text: str
    mark: Mark
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A list."""

    items: tuple[Node, ...]
    mark: Mark
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A key of a mapping and its value."""

    key: str
    mark: Mark
    """Where the key stands."""
    value: Node


@dataclass(frozen=True)
class Block:
    """A mapping, in the order of the file; no key twice."""

    entries: tuple[Entry, ...]
    mark: Mark
    labels: tuple[Label, ...] = ()

    def __contains__(self, key: object) -> bool:
        return any(entry.key == key for entry in self.entries)

    def entry(self, key: str) -> Entry | None:
        """Return the entry of a key."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def get(self, key: str) -> Node | None:
        """Return the value of a key."""
        entry = self.entry(key)
        return None if entry is None else entry.value

    @property
    def keys(self) -> list[str]:
        """The keys, in the order of the file."""
        return [entry.key for entry in self.entries]

    def without(self, *keys: str) -> Block:
        """Return the mapping less some keys."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.key not in keys))

    def with_entry(self, new: Entry) -> Block:
        """Return the mapping with one entry replaced in its place, or added at the end."""
        if new.key not in self:
            return replace(self, entries=(*self.entries, new))
        return replace(self, entries=tuple(new if entry.key == new.key else entry for entry in self.entries))


Node = Scalar | Listing | Block


def plain(node: Node) -> Plain:
    """Return the tree of texts, lists and dicts without marks."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.value) for entry in node.entries}


def kind(node: Node) -> str:
    """Name what sort of node this is, for messages."""
    if isinstance(node, Scalar):
        return "one value"
    return "a list" if isinstance(node, Listing) else "a mapping"


_INLINE_LIMIT = 60


def inline(node: Node, limit: int = _INLINE_LIMIT) -> str:
    """Write a node on one line as in a file, shortened where it is long."""
    text = _inline(node)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _inline(node: Node) -> str:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Listing):
        return f"[{', '.join(_inline(item) for item in node.items)}]"
    return "{" + ", ".join(f"{entry.key}: {_inline(entry.value)}" for entry in node.entries) + "}"
