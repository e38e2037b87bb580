"""``assume:`` and ``bid:``: values that the public text does not give, and values that are open to tender.

Either may stand in place of any value. The value is taken out, and what was said about it travels with its node, so
that a value changed by another file loses the remark that was made on the old one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fundsim.scenario.nodes import Assumed, Block, Entry, Listing, Node, Scalar, Tendered, inline
from fundsim.scenario.problems import Mark, Problems, Steps, dotted
from fundsim.scenario.quantities import quantity
from fundsim.scenario.ways import walk
from fundsim.terms import nearest

_ASSUME_KEYS = ("assume", "why", "source")
_BID_KEYS = ("bid", "within", "why")
_UNSTATED = "the public text does not give it (未公布)"


@dataclass(frozen=True)
class Assumption:
    """A value that the public text does not give (假设)."""

    path: str
    text: str
    why: str
    source: str | None = None
    mark: str = ""
    """Where it is written, ``file:line``."""
    way: Steps = ()
    """The steps to it, of which ``path`` is the text."""
    value: Node | None = None
    """All of it, where ``text`` is shortened; None where it is not stated."""

    def __str__(self) -> str:
        return f"{self.path} = {self.text} — {self.why}{f' ({self.source})' if self.source else ''}"


@dataclass(frozen=True)
class OpenBid:
    """A value that is open to tender (投标报价), within limits."""

    path: str
    value: str
    low: str
    high: str
    why: str | None = None

    def __str__(self) -> str:
        return f"{self.path} = {self.value}, open from {self.low} to {self.high}{f' — {self.why}' if self.why else ''}"


def unwrap(node: Node, problems: Problems, way: Steps = ()) -> Node:
    """Take every wrapped value out of its wrapper, and leave the wrapper's remark on it."""
    if isinstance(node, Listing):
        return replace(node, items=tuple(unwrap(item, problems, (*way, i)) for i, item in enumerate(node.items)))
    if not isinstance(node, Block):
        return node
    if "assume" in node:
        return _assumed(node, problems, way)
    if "bid" in node:
        return _tendered(node, problems, way)
    entries = (replace(entry, value=unwrap(entry.value, problems, (*way, entry.key))) for entry in node.entries)
    return replace(node, entries=tuple(entries))


def _assumed(block: Block, problems: Problems, way: Steps) -> Node:
    entry = _wrapped(block, "assume", _ASSUME_KEYS, problems, way)
    why = _word(block, "why", problems, way)
    if why is None:
        reason = "the assumed value does not say why it is assumed"
        problems.add(entry.mark, way, reason, f"add 'why: ...', such as 'why: {_UNSTATED}'")
    value = unwrap(entry.value, problems, way)
    label = Assumed(why or "", _word(block, "source", problems, way), entry.mark)
    return replace(value, labels=(label, *value.labels))


def _tendered(block: Block, problems: Problems, way: Steps) -> Node:
    entry = _wrapped(block, "bid", _BID_KEYS, problems, way)
    why = _word(block, "why", problems, way)
    value = unwrap(entry.value, problems, way)
    within = block.get("within")
    if isinstance(within, Listing) and [type(item) for item in within.items] == [Scalar, Scalar]:
        low, high = (item.text for item in within.items if isinstance(item, Scalar))
        label = Tendered(low, high, why, entry.mark)
        if _check_range(label, within.mark, problems, way):
            check_bid(value, label, problems, way)
        return replace(value, labels=(label, *value.labels))
    mark = within.mark if within else entry.mark
    reason = "a value open to tender needs its lowest and its highest value"
    problems.add(mark, way, reason, "add the two limits, such as 'within: [50%, 75%]'")
    return value


def _wrapped(block: Block, key: str, allowed: tuple[str, ...], problems: Problems, way: Steps) -> Entry:
    """The entry that holds the value; keys that have no place beside it are complained of."""
    for entry in block.entries:
        if entry.key not in allowed:
            why = f"'{entry.key}' has no place beside '{key}'{nearest(entry.key, allowed)}"
            problems.add(entry.mark, (*way, entry.key), why, f"keys allowed here: {', '.join(allowed)}")
    return next(entry for entry in block.entries if entry.key == key)


def _word(block: Block, key: str, problems: Problems, way: Steps) -> str | None:
    entry = block.entry(key)
    if entry is None:
        return None
    if isinstance(entry.value, Scalar):
        return entry.value.text
    problems.add(entry.mark, (*way, key), f"'{key}' is a text", "write it on one line, in quotes if it contains ': '")
    return ""


def _check_range(label: Tendered, mark: Mark, problems: Problems, way: Steps) -> bool:
    """Whether the limits are two quantities of one kind, the lower first."""
    low, high = quantity(label.low), quantity(label.high)
    if low is None or high is None or low.kind != high.kind:
        why = f"{label.low} and {label.high} are not two quantities of one kind"
        problems.add(mark, (*way, "within"), why, "write the lowest and the highest value, such as [50%, 75%]")
    elif low.value > high.value:
        why = f"{label.low} is more than {label.high}"
        problems.add(mark, (*way, "within"), why, f"write the lower first: [{label.high}, {label.low}]")
    else:
        return True
    return False


def check_bid(value: Node, label: Tendered, problems: Problems, way: Steps) -> None:
    """Refuse a bid outside the tender's limits."""
    found = quantity(value.text) if isinstance(value, Scalar) else None
    low, high = quantity(label.low), quantity(label.high)
    if low is None or high is None or low.kind != high.kind:
        return
    if found is None or found.kind != low.kind:
        why = f"{inline(value)} cannot be compared with the tender's limits, {label.low} to {label.high}"
        problems.add(value.mark, way, why, f"write a value such as {label.low}")
    elif not low.value <= found.value <= high.value:
        why = f"the bid of {inline(value)} lies outside the tender's limits, {label.low} to {label.high}"
        problems.add(value.mark, way, why, f"write a value from {label.low} to {label.high}")


def remarks(root: Node) -> tuple[tuple[Assumption, ...], tuple[OpenBid, ...]]:
    """All assumptions and open bids of a scheme; those of its designs belong to the designs."""
    assumptions, bids = [], []
    for way, node in walk(root):
        if way[:1] == ("designs",):
            continue
        for label in node.labels:
            if isinstance(label, Assumed):
                assumptions.append(
                    Assumption(dotted(way), inline(node), label.why, label.source, str(label.mark), way, node)
                )
            else:
                bids.append(OpenBid(dotted(way), inline(node), label.low, label.high, label.why))
    return tuple(assumptions), tuple(bids)
