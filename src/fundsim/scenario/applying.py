"""``apply:``: a change file laid over a scheme, and the record of what it did there.

The record stands in the effective document under ``applied``, so that it is shown, saved with every run and handed on
to schemes that extend this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from fundsim.contracts import ContractTerms
from fundsim.contracts.presets import beneath
from fundsim.scenario.change_files import ChangeFile
from fundsim.scenario.fitting_changes import COVERED, FittingChange
from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar, plain
from fundsim.scenario.operations.operation import Order
from fundsim.scenario.people import MisfitError, People, already_served, who_they_are
from fundsim.scenario.problems import Mark, Problems, Steps, dotted
from fundsim.scenario.uses import Use
from fundsim.scenario.ways import find
from fundsim.scenario.writer import node_of

RECORD: Final = "applied"
"""The key of the record in an effective document."""


def lay_over(root: Block, file: ChangeFile, use: Use, scheme: str, problems: Problems) -> Block | None:
    """Return a scheme's tree with a change file laid over it; None where that cannot be done.

    Args:
        root: the scheme.
        file: the changes.
        use: who asked for it.
        scheme: the scheme's name, for messages.
        problems: where to complain.
    """
    try:
        people = dict(_people(root, file, use))
    except MisfitError as misfit:
        problems.add(use.mark, ("apply",), f"in {scheme}, {misfit.why}", misfit.instead)
        return None
    record = [f"{name}: {_who(each, root)}" for name, each in people.items()]
    changed = root
    for change in file.changes:
        try:
            changed, done = _made(changed, change, people)
        except MisfitError as misfit:
            problems.add(change.key, change.way, f"in {scheme}, {misfit.why}", misfit.instead)
            return None
        record += done
    return _recorded(changed, file, use, record)


def _people(root: Block, file: ChangeFile, use: Use) -> Iterator[tuple[str, People]]:
    """Whom the names of the file mean in a scheme, over which it has not been laid yet."""
    earlier = root.get(RECORD)
    for each in earlier.items if isinstance(earlier, Listing) else ():
        laid = each.get("id") if isinstance(each, Block) else None
        if isinstance(laid, Scalar) and laid.text == file.terms.id:
            raise MisfitError(f"'{file.terms.id}' has been applied already", "apply it once")
    for name in use.people:
        if name not in file.people:
            choices = ", ".join(file.people) or "none"
            raise MisfitError(f"'{file.terms.id}' speaks of no '{name}'", f"people of the change file: {choices}")
    for name, known_as in file.people.items():
        yield name, who_they_are(name, known_as, use.people.get(name), root.get("traits"), use.name)


def _who(people: People, root: Block) -> str:
    if not people.known:
        return f"the scheme does not know them; they become {people}"
    declared = find(root, ("traits", people.trait))
    values = plain(declared) if declared is not None else []
    return f"in this scheme {people} (of {', '.join(map(str, values))})"


def _made(root: Block, change: FittingChange, people: Mapping[str, People]) -> tuple[Block, list[str]]:
    """The tree with one change made, and what was done or left out."""
    way = tuple(_covered(root) if step == COVERED else step for step in change.way)
    place, told = _place(way, change), []
    if change.unless is not None:
        who = people[change.unless]
        served, why = already_served(root, way, who)
        left = tuple(value for value in who.values if value not in served)
        if not left:
            return root, [f"{place}: left out for {who}; {why}"]
        if served:
            told = [f"{place}: left out for {replace(who, values=served)}; {why}"]
        people = {**people, change.unless: replace(who, values=left)}
    order = Order(way, change.key, change.value, change.block, people)
    changed, done = change.operation.make(root, order)
    assert isinstance(changed, Block)
    return changed, [*told, f"{place}: {done}"]


def _place(way: Steps, change: FittingChange) -> str:
    clause = change.block.get("clause")
    return f"{dotted(way)} ({clause.text})" if isinstance(clause, Scalar) else dotted(way)


def _covered(root: Block) -> str:
    """The payer that the contract covers, the first of them where it covers several."""
    contract = root.get("contract")
    stated = plain(contract) if isinstance(contract, Block) else {}
    covers = beneath(stated).get("covers") if isinstance(stated, dict) else None
    first = covers[0] if isinstance(covers, list | tuple) and covers else covers
    default = ContractTerms.model_fields["covers"].default
    return first if isinstance(first, str) else default if isinstance(default, str) else str(default[0])


def _recorded(root: Block, file: ChangeFile, use: Use, done: list[str]) -> Block:
    header: list[Entry] = [entry for entry in file.root.entries if entry.key in ("id", "title", "source", "clause")]
    changes = Entry("changes", use.mark, node_of(done, use.mark))
    new: Node = Block((*header, changes), use.mark)
    root = _with_items(root, RECORD, (new,), use.mark)
    readings = file.root.get("readings")
    return root if not isinstance(readings, Listing) else _with_items(root, "readings", readings.items, use.mark)


def _with_items(root: Block, key: str, new: tuple[Node, ...], mark: Mark) -> Block:
    earlier = root.get(key)
    items = earlier.items if isinstance(earlier, Listing) else ()
    return root.with_entry(Entry(key, mark, Listing((*items, *new), mark)))


def named_after(root: Block, file: ChangeFile) -> Block:
    """Return the tree under an id and a title that tell that the file was laid over it."""
    for key, between in (("id", "-"), ("title", " + ")):
        entry = root.entry(key)
        if entry is not None:
            root = root.with_entry(replace(entry, value=_joined(entry.value, file.root.get(key), between)))
    return root


def _joined(one: Node, other: Node | None, between: str) -> Node:
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return replace(one, text=f"{one.text}{between}{other.text}")
    if isinstance(one, Block):
        titles = other if isinstance(other, Block) else Block((), one.mark)
        entries = (replace(each, value=_joined(each.value, titles.get(each.key), between)) for each in one.entries)
        return replace(one, entries=tuple(entries))
    return one
