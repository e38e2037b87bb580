"""``ensure:`` that a trait exists and has some values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar, inline
from fundsim.scenario.operations.operation import Done, Operation, Order
from fundsim.scenario.people import People
from fundsim.scenario.problems import Steps
from fundsim.scenario.ways import find, put


class Ensure(Operation):
    """``ensure: [none, poor]``: the trait is made, or gets those of the values that it lacks at its end."""

    word = "ensure"

    def fault(self, value: Node, way: Steps, /) -> tuple[str, str] | None:
        if len(way) != 2 or way[0] != "traits":
            return "'ensure' is for traits", "write it at a path such as traits.hardship"
        if isinstance(value, Listing) and value.items:
            return None
        return "'ensure' is a list of values", "list them, the ordinary one first: [none, poor]"

    def sample(self, value: Node, _: Mapping[str, People], /) -> Node:
        return value

    def make(self, root: Block, order: Order, /) -> Done:
        assert isinstance(order.value, Listing)
        present = find(root, order.way)
        if "traits" not in root:
            root = root.with_entry(Entry("traits", order.key, Block((), order.key)))
        if not isinstance(present, Listing):
            return put(root, order.way, order.value, order.key), f"made, {inline(order.value)}"
        stated = {item.text for item in present.items if isinstance(item, Scalar)}
        new = tuple(item for item in order.value.items if isinstance(item, Scalar) and item.text not in stated)
        if not new:
            return root, f"left as it is, {inline(present)}"
        changed = replace(present, items=(*present.items, *new))
        return put(root, order.way, changed, order.key), f"{inline(present)} → {inline(changed)}"
