"""``add:`` an amount or points to what stands there: a value, or a premium however it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from fundsim import units
from fundsim.contracts import PRESETS
from fundsim.contracts.presets import beneath
from fundsim.money import PPM, format_rate, format_yuan
from fundsim.scenario.nodes import Assumed, Block, Entry, Label, Listing, Node, Scalar, Tendered, inline, kind, plain
from fundsim.scenario.operations.operation import LONG, Done, Operation, Order, parent_of
from fundsim.scenario.people import MisfitError, People
from fundsim.scenario.problems import Steps, dotted
from fundsim.scenario.ways import child, find, put
from fundsim.scenario.writer import node_of


@dataclass(frozen=True)
class _Kind:
    """Quantities that can be added to each other."""

    read: Callable[[str], int]
    write: Callable[[int], str]


def _yuan(fen: int) -> str:
    return f"{format_yuan(fen, separator='').removesuffix('.00')} yuan"


_KINDS: Final = (
    _Kind(units.money_per_person, lambda fen: f"{_yuan(fen)}/person"),
    _Kind(units.total, _yuan),
    _Kind(units.count, str),
)
_POINTS: Final = _Kind(units.growth, lambda ppm: f"{'-' if ppm < 0 else ''}{format_rate(abs(ppm))}")


@dataclass(frozen=True)
class _Amount:
    """An amount to be added, read from its text."""

    text: str
    kind: _Kind
    value: int

    @classmethod
    def read(cls, text: str) -> _Amount | None:
        """None where the text is no amount of any kind."""
        if units.is_points(text):
            return cls(text, _POINTS, units.points(text))
        sign, size = (-1, text.strip()[1:]) if text.strip().startswith("-") else (1, text.strip().removeprefix("+"))
        for each in _KINDS:
            try:
                return cls(text, each, sign * each.read(size))
            except units.UnitError:
                continue
        return None

    def on(self, text: str) -> str:
        """The sum of a quantity and this amount, as text.

        Raises:
            MisfitError: the two do not measure the same, or nothing like the sum can be written.
        """
        try:
            present = self.kind.read(text)
        except units.UnitError:
            why = f"{self.text} cannot be added to {text}"
            raise MisfitError(why, f"write an amount in the unit of {text}, or the path of another value") from None
        total, suffix = present + self.value, text[text.index("/") :] if _yearly(text) else ""
        growth = self.kind is _POINTS and suffix
        if not growth and (total < 0 or (self.kind is _POINTS and total > PPM)):
            why = f"{text} and {self.text} make {'less than nothing' if total < 0 else 'more than 100%'}"
            raise MisfitError(why, "write an amount that can be added")
        return self.kind.write(total) + suffix


def _yearly(text: str) -> bool:
    return text.rstrip().endswith(("year", "年"))


class Add(Operation):
    """``add: 10 yuan/person``.

    A value that was assumed still rests on the assumption and keeps its remark; the limits of a bid move with the bid.
    """

    word = "add"
    whole = False

    def fault(self, value: Node, _: Steps, /) -> tuple[str, str] | None:
        amount = _Amount.read(value.text) if isinstance(value, Scalar) else None
        if amount is None:
            why = f"{inline(value)} is not an amount that can be added"
            return why, "write an amount with its unit, such as 10 yuan/person, 500 yuan, +5pp or 1000 persons"
        return ("adding nothing changes nothing", "write another amount") if amount.value == 0 else None

    def sample(self, value: Node, _: Mapping[str, People], /) -> Node:
        return value

    def make(self, root: Block, order: Order, /) -> Done:
        parent = parent_of(root, order.way)
        present = child(parent, order.way[-1]) or _of_preset(root, order.way)
        if present is None:
            why = f"it does not state '{dotted(order.way)}', so there is nothing to add to"
            raise MisfitError(why, "state it in the scheme first, wrapped in 'assume' if the text does not give it")
        assert isinstance(order.value, Scalar)
        amount = _Amount.read(order.value.text)
        assert amount is not None
        changed = _sum(present, amount, order)
        done = f"{inline(present, LONG)} → {inline(changed, LONG)}"
        return put(root, order.way, changed, order.key), done


def _of_preset(root: Block, way: Steps) -> Node | None:
    """A value that the contract has from its preset, and whether it is assumed there."""
    contract, named = find(root, ("contract",)), find(root, ("contract", "preset"))
    if way[0] != "contract" or len(way) != 2 or not isinstance(contract, Block) or not isinstance(named, Scalar):
        return None
    stated = plain(contract)
    preset = PRESETS.get(named.text)
    value = beneath(stated).get(str(way[1])) if isinstance(stated, dict) else None
    if preset is None or value is None:
        return None
    why = dict(preset.assumed).get(str(way[1]))
    labels = () if why is None else (Assumed(why, f"preset {named.text}", named.mark),)
    return replace(node_of(value, named.mark), labels=labels)


def _sum(present: Node, amount: _Amount, order: Order) -> Node:
    if isinstance(present, Listing):
        return replace(present, items=tuple(_sum(item, amount, order) for item in present.items))
    if isinstance(present, Block):
        return _into_premium(present, amount, order)
    labels = tuple(_moved(label, amount) for label in present.labels)
    return Scalar(amount.on(present.text), order.value.mark, (*labels, *order.value.labels))


def _into_premium(present: Block, amount: _Amount, order: Order) -> Block:
    """A premium as an amount, or as a rate of basic funding to which a fixed amount may be added."""
    for key in ("amount", "plus"):
        entry = present.entry(key)
        if entry is not None:
            return present.with_entry(replace(entry, value=_sum(entry.value, amount, order)))
    if "rate" in present and "of" in present:
        return present.with_entry(Entry("plus", order.key, order.value))
    why = f"{kind(present)} stands there, with no amount to add to: {inline(present)}"
    raise MisfitError(why, f"write the path of one value in it; keys stated there: {', '.join(present.keys)}")


def _moved(label: Label, amount: _Amount) -> Label:
    if not isinstance(label, Tendered):
        return label
    return replace(label, low=amount.on(label.low), high=amount.on(label.high))
