"""``split:`` the groups of the insured, so that people whom the scheme did not count apart are groups of their own.

The two parts of a group use care alike, so that the split by itself changes nothing but whom other changes reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fundsim import units
from fundsim.money import PPM, format_rate, half_up
from fundsim.scenario.nodes import Block, Entry, Node, Scalar
from fundsim.scenario.operations.operation import Done, Operation, Order, parent_of
from fundsim.scenario.people import REFERENCE, MisfitError, People
from fundsim.scenario.problems import Steps
from fundsim.scenario.ways import child, find, put

_EVERYBODY: Final = "all"
"""The group of a scheme that states none."""


class Split(Operation):
    """``split: $poor, share: 6%``: of every group that says nothing of their trait, this share becomes theirs."""

    word = "split"
    options = ("share",)

    def fault(self, value: Node, way: Steps, /) -> tuple[str, str] | None:
        if way != ("population", "groups"):
            return "'split' divides the groups of the insured", "write it at the path population.groups"
        if isinstance(value, Scalar) and value.text.startswith(REFERENCE):
            return None
        return "'split' names people of this file", "write $NAME with a name that stands under 'people'"

    def sample(self, value: Node, _: Mapping[str, People], /) -> Node:
        return Block((Entry(_EVERYBODY, value.mark, Block((), value.mark)),), value.mark)

    def make(self, root: Block, order: Order, /) -> Done:
        parent = parent_of(root, order.way)
        groups = child(parent, order.way[-1]) or Block((Entry(_EVERYBODY, order.key, Block((), order.key)),), order.key)
        share = order.options.get("share")
        assert isinstance(order.value, Scalar)
        assert isinstance(share, Scalar)
        people = order.people[order.value.text.removeprefix(REFERENCE)]
        if not isinstance(groups, Block):
            raise MisfitError("its groups cannot be read", "correct 'population.groups' in the scheme first")
        try:
            cut = _Cut(order, people, share, units.rate(share.text), _rest(root, groups))
            entries = tuple(cut.parts_of_all(groups))
        except units.UnitError as error:
            raise MisfitError(f"the size of a group cannot be read: {error.why}", error.instead) from None
        divided = [entry.key for entry in groups.entries if _says_nothing(entry.value, people.trait)]
        if not divided:
            why = f"every group of it states the trait '{people.trait}' already"
            raise MisfitError(why, f"add 'unless: {order.value.text}', so that such a scheme is left as it is")
        done = f"{share.text} of {', '.join(divided)} set apart as {people}"
        return put(root, order.way, Block(entries, groups.mark, groups.labels), order.key), done


@dataclass(frozen=True)
class _Cut:
    """How every group is divided."""

    order: Order
    people: People
    share: Scalar
    ppm: int
    rest: int
    """Ppm of the insured in the group that states no size."""

    def parts_of_all(self, groups: Block) -> Iterator[Entry]:
        for entry in groups.entries:
            if not isinstance(entry.value, Block) or not _says_nothing(entry.value, self.people.trait):
                yield entry
                continue
            apart = f"{entry.key}-{self.people.values[0]}"
            if apart in groups:
                why = f"its group '{entry.key}' cannot be divided: there is a group '{apart}' already"
                raise MisfitError(
                    why, "rename that group in the scheme, or give it the trait if these people are meant"
                )
            yield from self._parts(entry, entry.value, apart)

    def _parts(self, entry: Entry, group: Block, apart: str) -> Iterator[Entry]:
        """The group less the people, and the people: in whole persons, or to the millionth of the insured."""
        key = "persons" if "persons" in group else "share"
        stated = group.get(key)
        size = self.rest
        if isinstance(stated, Scalar):
            size = units.count(stated.text) if key == "persons" else units.rate(stated.text)
        theirs = half_up(size * self.ppm, PPM)
        kept = group if stated is None else group.with_entry(self._sized(key, size - theirs, stated))
        yield Entry(entry.key, entry.mark, kept)
        labels = (*self.share.labels, *(stated.labels if stated else ()))
        sized = Entry(key, self.order.key, Scalar(_written(key, theirs), self.share.mark, labels))
        yield Entry(apart, self.order.key, group.with_entry(sized).with_entry(self._traits(group)))

    def _sized(self, key: str, size: int, stated: Node) -> Entry:
        return Entry(key, self.order.key, Scalar(_written(key, size), self.share.mark, stated.labels))

    def _traits(self, group: Block) -> Entry:
        stated = group.get("traits")
        others = stated if isinstance(stated, Block) else Block((), self.order.key)
        own = Entry(self.people.trait, self.order.key, Scalar(self.people.values[0], self.order.value.mark))
        return Entry("traits", self.order.key, others.with_entry(own))


def _says_nothing(group: Node, trait: str) -> bool:
    """Whether a group that can be read states nothing of a trait."""
    traits = child(group, "traits")
    return isinstance(group, Block) and (traits is None or (isinstance(traits, Block) and trait not in traits))


def _written(key: str, size: int) -> str:
    return f"{size} persons" if key == "persons" else format_rate(size)


def _rest(root: Block, groups: Block) -> int:
    """Ppm of the insured that no group's stated size accounts for, rounded half up."""
    persons, share = 0, 0
    for entry in groups.entries:
        counted, stated = child(entry.value, "persons"), child(entry.value, "share")
        persons += units.count(counted.text) if isinstance(counted, Scalar) else 0
        share += units.rate(stated.text) if isinstance(stated, Scalar) else 0
    if not persons:
        return PPM - share
    insured = find(root, ("population", "insured"))
    everybody = units.count(insured.text) if isinstance(insured, Scalar) else 0
    return PPM - share - (half_up(persons * PPM, everybody) if everybody else PPM)
