"""One change of a change file: a path, one operation, and whom it spares; what is wrong with it whatever the scheme."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from fundsim.scenario.nodes import Block, Entry, Node, Scalar
from fundsim.scenario.operations import OPERATIONS
from fundsim.scenario.operations.operation import Operation
from fundsim.scenario.people import REFERENCE
from fundsim.scenario.problems import Mark, Problems, Steps
from fundsim.scenario.shapes import CITING, keys_of
from fundsim.scenario.terms import FittingChangeTerms
from fundsim.scenario.ways import mark_of, parse_way, walk
from fundsim.terms import nearest

COVERED: Final = f"{REFERENCE}covered"
"""In a path: the payer that the scheme's contract covers, the first where it covers several."""
_WORDS: Final = ", ".join(OPERATIONS)
_KEYS: Final = (*keys_of(FittingChangeTerms), "from", "to")


@dataclass(frozen=True)
class FittingChange:
    """One change, written so that it fits any scheme."""

    way: Steps
    key: Mark
    operation: Operation
    block: Block
    """The whole change as written."""
    unless: str | None
    """Left out for those of these people of whom the scheme speaks there already."""

    @property
    def value(self) -> Node:
        """What is written after the operation's word."""
        value = self.block.get(self.operation.word)
        assert value is not None
        return value


@dataclass(frozen=True)
class _Fault:
    """Something wrong with a change: at its key, or at a key in it."""

    why: str
    instead: str
    at: str | None = None


def read_fitting_change(entry: Entry, names: Collection[str], problems: Problems) -> FittingChange | None:
    """Read one change; None where it is not written as it must be, which is noted.

    Args:
        entry: the path and what is done there.
        names: the people whom the file names.
        problems: where to complain; keys that no change has are left to be complained of with the whole file.
    """
    block, here = entry.value, ("change", entry.key)
    if not isinstance(block, Block) or not all(key in _KEYS for key in block.keys):
        return None
    way = parse_way(entry.key)
    words = [key for key in block.keys if key in OPERATIONS]
    fault = next(_faults(way, block, words), None)
    if fault is not None:
        mark = entry.mark if fault.at is None else mark_of(block, (fault.at,))
        problems.add(mark, here if fault.at is None else (*here, fault.at), fault.why, fault.instead)
        problems.spoil(here)
        return None
    if not _names_are_known(block, names, here, problems):
        return None
    assert way is not None
    unless = block.get("unless")
    spared = unless.text.removeprefix(REFERENCE) if isinstance(unless, Scalar) else None
    return FittingChange(way, entry.mark, OPERATIONS[words[0]], block, spared)


def _faults(way: Steps | None, block: Block, words: list[str]) -> Iterator[_Fault]:
    if way is None:
        yield _Fault("this is not a path", f"write a path such as contract.premium or payers.{COVERED}.variants")
        return
    for step in way:
        if isinstance(step, str) and step.startswith(REFERENCE) and step != COVERED:
            why = f"'{step}' stands for nothing in a path{nearest(step, [COVERED])}"
            yield _Fault(why, f"write {COVERED} for the payer that the contract covers")
    if "from" in block or "to" in block:
        why = "'from' and 'to' name the values of one scheme; a change file fits any"
        yield _Fault(why, f"write one of: {_WORDS}; or change one scheme in a file that extends it")
    if len(words) != 1:
        found = "nothing is done" if not words else f"'{words[0]}' and '{words[1]}' are done at once"
        yield _Fault(f"{found} at this path", f"write one of: {_WORDS}")
        return
    yield from _faults_of_one(OPERATIONS[words[0]], way, block)


def _faults_of_one(operation: Operation, way: Steps, block: Block) -> Iterator[_Fault]:
    allowed = (operation.word, *operation.options, "unless", *CITING)
    for key in block.keys:
        if key not in allowed:
            yield _Fault(f"'{key}' has no place beside '{operation.word}'", "delete it", key)
    for key in operation.options:
        if key not in block:
            yield _Fault(f"'{operation.word}' does not say its {key}", f"add '{key}: ...', such as '{key}: 6%'")
    value = block.get(operation.word)
    assert value is not None
    fault = operation.fault(value, way)
    if fault is not None:
        yield _Fault(*fault, at=operation.word)


def _names_are_known(block: Block, names: Collection[str], here: Steps, problems: Problems) -> bool:
    """Whether every ``$NAME`` stands for people of the file; those that do not are noted."""
    known = True
    for way, node in walk(block):
        if not isinstance(node, Scalar) or way[-1] in CITING:
            continue
        name = node.text.removeprefix(REFERENCE)
        if node.text.startswith(REFERENCE) and name not in names:
            why = f"there are no people '{name}'{nearest(name, names)}"
            choices = ", ".join(f"{REFERENCE}{each}" for each in names) or "none is declared under 'people'"
            problems.add(node.mark, (*here, *way), why, f"people: {choices}")
            known = False
        elif way == ("unless",) and not node.text.startswith(REFERENCE):
            why = "'unless' names people of this file"
            problems.add(node.mark, (*here, *way), why, "write $NAME with a name that stands under 'people'")
            known = False
    return known
