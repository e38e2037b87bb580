"""Ways through the text tree: reading ``payers.cii.bands[1].to``, finding what lies there, and changing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar
from fundsim.scenario.problems import Mark, Steps
from fundsim.terms import KEY

_STEP = re.compile(r"(?:^|(?<=[^.])\.)(?P<key>[^.\[\]]+)|\[(?P<index>\d+)\]")


def parse_way(text: str) -> Steps | None:
    """Read ``payers.cii.bands[1].to`` into its steps; None where it is not written like that."""
    found: list[str | int] = []
    end = 0
    for match in _STEP.finditer(text):
        if match.start() != end:
            return None
        found.append(match["key"].strip() if match["index"] is None else int(match["index"]))
        end = match.end()
    return tuple(found) if found and end == len(text) and isinstance(found[0], str) else None


def child(node: Node, step: str | int) -> Node | None:
    """Return what lies one step down, None where nothing does."""
    if isinstance(node, Block):
        return node.get(step) if isinstance(step, str) else None
    if isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def find(root: Node, way: Steps) -> Node | None:
    """Return the node at the end of a way, None where the way leads nowhere."""
    node: Node | None = root
    for step in way:
        node = None if node is None else child(node, step)
    return node


def mark_of(root: Node, way: Steps) -> Mark:
    """Return where to point for a value: at a scalar itself, at the key of a list or mapping.

    A way that goes on beyond the tree points at the last thing that exists.
    """
    key_meant = way[-1:] == (KEY,)
    way = way[:-1] if key_meant else way
    node, mark = root, root.mark
    for number, step in enumerate(way, start=1):
        below = child(node, step)
        if below is None:
            break
        entry = node.entry(str(step)) if isinstance(node, Block) else None
        points_at_key = not isinstance(below, Scalar) or (key_meant and number == len(way))
        node, mark = below, entry.mark if entry and points_at_key else below.mark
    return mark


def put(root: Node, way: Steps, value: Node, key: Mark) -> Node:
    """Return the tree with the value at the end of a way replaced or added; its parent must exist."""
    return _edited(root, way, lambda parent: _set(parent, way[-1], value, key))


def drop(root: Node, way: Steps) -> Node:
    """Return the tree without the value at the end of a way."""
    return _edited(root, way, lambda parent: _less(parent, way[-1]))


def _edited(node: Node, way: Steps, edit: Callable[[Node], Node]) -> Node:
    below = child(node, way[0])
    if len(way) == 1 or below is None:
        return edit(node)
    entry = node.entry(str(way[0])) if isinstance(node, Block) else None
    return _set(node, way[0], _edited(below, way[1:], edit), entry.mark if entry else below.mark)


def _set(parent: Node, step: str | int, value: Node, key: Mark) -> Node:
    if isinstance(parent, Block):
        return parent.with_entry(Entry(str(step), key, value))
    if isinstance(parent, Listing) and isinstance(step, int):
        return replace(parent, items=(*parent.items[:step], value, *parent.items[step + 1 :]))
    return parent


def _less(parent: Node, step: str | int) -> Node:
    if isinstance(parent, Block):
        return parent.without(str(step))
    if isinstance(parent, Listing) and isinstance(step, int):
        return replace(parent, items=(*parent.items[:step], *parent.items[step + 1 :]))
    return parent


def walk(node: Node, way: Steps = ()) -> Iterator[tuple[Steps, Node]]:
    """Every node with the way to it, in the order of the file."""
    yield way, node
    if isinstance(node, Block):
        for entry in node.entries:
            yield from walk(entry.value, (*way, entry.key))
    elif isinstance(node, Listing):
        for place, item in enumerate(node.items):
            yield from walk(item, (*way, place))
