"""``append:`` items at the end of a list; a list that is not there yet is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fundsim.scenario.nodes import Block, Listing, Node, inline, kind
from fundsim.scenario.operations.operation import LONG, Done, Operation, Order, parent_of
from fundsim.scenario.people import MisfitError, People, laid_in
from fundsim.scenario.problems import Steps, dotted
from fundsim.scenario.ways import child, put


class Append(Operation):
    """``append: [{when: $poor, pay: +5pp}]``."""

    word = "append"

    def fault(self, value: Node, _: Steps, /) -> tuple[str, str] | None:
        if isinstance(value, Listing) and value.items:
            return None
        return "'append' is a list of items", "write them in brackets, such as [{when: {place: away}, pay: -5pp}]"

    def sample(self, value: Node, people: Mapping[str, People], /) -> Node:
        return laid_in(value, people)

    def make(self, root: Block, order: Order, /) -> Done:
        parent = parent_of(root, order.way)
        present = child(parent, order.way[-1])
        if present is None:
            present = Listing((), order.value.mark)
        if not isinstance(present, Listing) or not isinstance(parent, Block):
            why = f"{kind(present)} stands at '{dotted(order.way)}', not a list"
            raise MisfitError(why, "write the path of a list, such as payers.$covered.variants")
        new = laid_in(order.value, order.people)
        assert isinstance(new, Listing)
        changed = replace(present, items=(*present.items, *new.items))
        return put(root, order.way, changed, order.key), f"+ {'; '.join(inline(item, LONG) for item in new.items)}"
