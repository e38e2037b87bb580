"""``change:``: what one scheme does differently from another, value by value, the old value stated.

A path addresses keys by name and list items by place from 0: ``payers.cii.bands[1].pay``. Changes apply from top to
bottom, each to what the one before it left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar, Tendered, inline
from fundsim.scenario.problems import Mark, Problems, Steps, dotted
from fundsim.scenario.quantities import same
from fundsim.scenario.ways import child, drop, find, parse_way, put
from fundsim.scenario.wrappers import check_bid
from fundsim.terms import nearest

_KEYS = ("from", "to", "clause", "source", "note")
_SHAPE = "write {from: OLD, to: NEW}; 'nothing' stands for a value that is not there"


@dataclass(frozen=True)
class Change:
    """One change, as written."""

    way: Steps
    key: Mark
    """Where its path stands."""
    before: Node | None
    """The value that is meant to stand there now; None for nothing."""
    before_mark: Mark
    after: Node | None
    after_mark: Mark


def read_changes(stated: Entry | None, way: Steps, problems: Problems) -> tuple[Change, ...]:
    """Read a ``change:`` block; what cannot be read is complained of and left out."""
    if stated is None:
        return ()
    block = stated.value
    if not isinstance(block, Block):
        mark = block.mark if isinstance(block, Scalar) else stated.mark
        problems.add(mark, way, "'change' is a mapping of paths", f"write PATH: {_SHAPE.removeprefix('write ')}")
        return ()
    return tuple(_changes(block, way, problems))


def _changes(block: Block, way: Steps, problems: Problems) -> Iterator[Change]:
    for entry in block.entries:
        here = (*way, entry.key)
        target = parse_way(entry.key)
        if target is None:
            why = f"'{entry.key}' is not a path"
            problems.add(entry.mark, here, why, "write a path such as payers.cii.bands[1].pay (places count from 0)")
        elif _well_formed(entry, here, problems):
            assert isinstance(entry.value, Block)
            before, after = entry.value.get("from"), entry.value.get("to")
            assert before is not None
            assert after is not None
            yield Change(target, entry.mark, _or_nothing(before), before.mark, _or_nothing(after), after.mark)


def _well_formed(entry: Entry, here: Steps, problems: Problems) -> bool:
    if not isinstance(entry.value, Block):
        mark = entry.value.mark if isinstance(entry.value, Scalar) else entry.mark
        problems.add(mark, here, "a change states the old value and the new one", _SHAPE)
        return False
    for unknown in (inner for inner in entry.value.entries if inner.key not in _KEYS):
        why = f"unknown key '{unknown.key}'{nearest(unknown.key, _KEYS)}"
        problems.add(unknown.mark, (*here, unknown.key), why, f"keys allowed here: {', '.join(_KEYS)}")
    missing = [key for key in ("from", "to") if key not in entry.value]
    for key in missing:
        problems.add(entry.mark, (*here, key), f"the change does not say '{key}'", _SHAPE)
    return not missing


def _or_nothing(node: Node) -> Node | None:
    return None if isinstance(node, Scalar) and node.text == "nothing" else node


def apply_change(root: Node, change: Change, problems: Problems, base: str) -> Node:
    """Return the tree with one change made; a change that does not fit is complained of and left out.

    Args:
        root: the tree to be changed.
        change: the change.
        problems: where to complain.
        base: the name of the scheme that is changed, for messages.
    """
    present = find(root, change.way)
    dead_end = _dead_end(root, change)
    if dead_end is not None:
        problems.add(change.key, change.way, f"in {base}, {dead_end[0]}", dead_end[1])
    elif present is not None and not (change.before is not None and same(present, change.before)):
        stated = "nothing" if change.before is None else inline(change.before)
        why = f"the present value is {inline(present)} ({present.mark}), not {stated}"
        problems.add(change.before_mark, change.way, why, f"write 'from: {inline(present)}' if this value is meant")
    elif changes_nothing(present, change):
        why = f"this changes nothing: the value is {inline(present) if present else 'not there'} already"
        problems.add(change.after_mark, change.way, why, "delete the change, or write another value after 'to'")
    else:
        return _made(root, change, present, problems)
    return root


def changes_nothing(present: Node | None, change: Change) -> bool:
    """Whether what stands there is what the change would put there."""
    if present is None or change.after is None:
        return present is change.after
    return same(present, change.after)


def _made(root: Node, change: Change, present: Node | None, problems: Problems) -> Node:
    if change.after is None:
        return drop(root, change.way)
    value = set_value(change.after, present, problems, change.way)
    return put(root, change.way, value, change.key)


def set_value(value: Node, present: Node | None, problems: Problems, way: Steps) -> Node:
    """Return the new value with the tender's limits of the old one, within which it must lie."""
    limits = tuple(label for label in (present.labels if present else ()) if isinstance(label, Tendered))
    if not limits or any(isinstance(label, Tendered) for label in value.labels):
        return value
    for label in limits:
        check_bid(value, label, problems, way)
    return replace(value, labels=(*value.labels, *limits))


def _dead_end(root: Node, change: Change) -> tuple[str, str] | None:
    """Why the path cannot be followed to where the change is to be made, and what to write; None if it can."""
    node = root
    for place, step in enumerate(change.way):
        below = child(node, step)
        if below is None and place == len(change.way) - 1 and _may_be_added(node, step, change):
            return None
        if below is None:
            why, instead = no_such_step(change.way[:place], node, step)
            addable = place == len(change.way) - 1 and isinstance(node, Block)
            return why, f"{instead}; 'from: nothing' adds a key" if addable else instead
        node = below
    return None


def _may_be_added(parent: Node, step: str | int, change: Change) -> bool:
    if change.before is not None:
        return False
    if isinstance(parent, Block):
        return isinstance(step, str)
    return isinstance(parent, Listing) and step == len(parent.items)


def no_such_step(above: Steps, node: Node, step: str | int) -> tuple[str, str]:
    """Why a path leads nowhere, and what it could lead to."""
    where = f"'{dotted(above)}'" if above else "the scheme"
    if isinstance(node, Block):
        choices = ", ".join(node.keys) or "none"
        return f"{where} has no '{step}'{nearest(str(step), node.keys)}", f"keys stated there: {choices}"
    if isinstance(node, Listing):
        last = len(node.items) - 1
        return f"{where} is a list without a place '{step}'", f"write a place from [0] to [{last}]"
    return f"the path goes on below {inline(node)}, which has no parts", "end the path there"
