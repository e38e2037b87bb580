"""Change files (变更文件): changes that fit any scheme, checked by themselves before they are laid over one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from fundsim.scenario.explain import explain
from fundsim.scenario.nodes import Block, Entry, Node, Scalar, plain
from fundsim.scenario.operations import OPERATIONS
from fundsim.scenario.operations.operation import Operation
from fundsim.scenario.people import REFERENCE, Names, People
from fundsim.scenario.problems import Mark, Problem, Problems, Source, Steps, dotted
from fundsim.scenario.reader import read_tree
from fundsim.scenario.shapes import CITING
from fundsim.scenario.terms import ChangeFileTerms, ScenarioTerms
from fundsim.scenario.ways import mark_of, parse_way, walk
from fundsim.scenario.wrappers import unwrap
from fundsim.terms import nearest

COVERED: Final = f"{REFERENCE}covered"
"""In a path: the payer that the scheme's contract covers, the first where it covers several."""
_OTHERWISE: Final = ("share", "unless", *CITING)
OF_SCHEMES: Final = ("extends", "waterfall", "payers", "population", "claims", "contract")
"""Keys by which a file shows that it is no change file."""


@dataclass(frozen=True)
class FittingChange:
    """One change, written so that it fits any scheme."""

    way: Steps
    key: Mark
    operation: Operation
    block: Block
    unless: str | None
    """Left out for those of these people of whom the scheme speaks there already."""

    @property
    def value(self) -> Node:
        """What is written after the operation's word."""
        value = self.block.get(self.operation.word)
        assert value is not None
        return value


@dataclass(frozen=True)
class ChangeFile:
    """Changes to be laid over any scheme."""

    terms: ChangeFileTerms
    root: Block
    changes: tuple[FittingChange, ...]

    @property
    def people(self) -> Mapping[str, Names]:
        """Whom the file speaks of: by which traits and values schemes know them."""
        return {name: {t: tuple(v) for t, v in each.known_as.items()} for name, each in self.terms.people.items()}


def is_change_file(root: Block) -> bool:
    """Whether a tree is meant as changes for any scheme, not as a scheme."""
    return "change" in root and not any(key in root for key in OF_SCHEMES)


def read_change_file(text: str, source: Source, problems: Problems) -> ChangeFile | None:
    """Read a change file; None where it has problems, all of which are noted."""
    root = read_tree(text, source, problems)
    if root is None:
        return None
    unwrapped = unwrap(root, problems)
    assert isinstance(unwrapped, Block)
    return change_file(unwrapped, problems)


def change_file(root: Block, problems: Problems) -> ChangeFile | None:
    """Check a tree as a change file; None where it has problems, all of which are noted."""
    here = Problems(root.mark.source)
    if not is_change_file(root):
        what = "a scheme" if any(key in root for key in OF_SCHEMES if key != "claims") else "no changes"
        here.add(root.mark, (), f"this file holds {what}, not changes for any scheme", "write 'change: {PATH: ...}'")
    else:
        terms = _terms(root, here)
        changes = tuple(_changes(root, terms, here))
        if terms is not None and not here:
            return ChangeFile(terms, root, changes)
    problems.take(here.sorted)
    return None


def _terms(root: Block, problems: Problems) -> ChangeFileTerms | None:
    try:
        return ChangeFileTerms.model_validate(plain(root))
    except ValidationError as error:
        explain(error, ChangeFileTerms, root, problems)
        return None


def _changes(root: Block, terms: ChangeFileTerms | None, problems: Problems) -> Iterator[FittingChange]:
    written = root.get("change")
    if not isinstance(written, Block):
        return
    stated = root.get("people")
    names = stated.keys if isinstance(stated, Block) else []
    people = {} if terms is None else _as_first_known(terms)
    for entry in written.entries:
        way = ("change", entry.key)
        if isinstance(entry.value, Block) and _well_formed(entry, entry.value, way, problems):
            change = _change(entry, entry.value)
            _check_names(change.block, names, way, problems)
            if terms is not None and not problems:
                _check_against_terms(change, people, problems)
            yield change


def _as_first_known(terms: ChangeFileTerms) -> dict[str, People]:
    """The people as a scheme would call them that knows none of them."""
    known = {name: next(iter(each.known_as.items())) for name, each in terms.people.items()}
    return {name: People(trait, tuple(values[:1])) for name, (trait, values) in known.items()}


def _change(entry: Entry, block: Block) -> FittingChange:
    way = parse_way(entry.key)
    assert way is not None
    word = next(key for key in block.keys if key in OPERATIONS)
    unless = block.get("unless")
    name = unless.text.removeprefix(REFERENCE) if isinstance(unless, Scalar) else None
    return FittingChange(way, entry.mark, OPERATIONS[word], block, name)


def _well_formed(entry: Entry, block: Block, here: Steps, problems: Problems) -> bool:
    """Whether a change has a path and states one operation as it must be written."""
    way = parse_way(entry.key)
    words = [key for key in block.keys if key in OPERATIONS]
    faults = list(_faults(way, block, words))
    if "from" in block or "to" in block:
        why = "'from' and 'to' name the values of one scheme; a change file fits any"
        faults = [(entry.mark, here, why, f"write {_words()}, or 'extends: SCHEME' in a scheme of its own")]
    elif way is not None and len(words) == 1 and not faults:
        value = block.get(words[0])
        assert value is not None
        fault = OPERATIONS[words[0]].fault(value, way)
        faults = [] if fault is None else [(mark_of(block, (words[0],)), (words[0],), *fault)]
    for mark, steps, why, instead in faults:
        problems.add(mark, (*here, *steps), why, instead)
    return not faults


def _faults(way: Steps | None, block: Block, words: list[str]) -> Iterator[tuple[Mark, Steps, str, str]]:
    if way is None:
        instead = f"write a path such as contract.premium or payers.{COVERED}.variants"
        yield block.mark, (), "this is not a path", instead
    for step in way or ():
        if isinstance(step, str) and step.startswith(REFERENCE) and step != COVERED:
            why = f"'{step}' stands for nothing in a path{nearest(step, [COVERED])}"
            yield block.mark, (), why, f"write {COVERED} for the payer that the contract covers"
    if len(words) != 1:
        found = "nothing is done" if not words else f"'{words[0]}' and '{words[1]}' are done at once"
        yield block.mark, (), f"{found} at this path", f"write one of: {_words()}"
        return
    allowed = (words[0], *OPERATIONS[words[0]].options, "unless", *CITING)
    for entry in block.entries:
        if entry.key in _OTHERWISE and entry.key not in allowed:
            yield entry.mark, (entry.key,), f"'{entry.key}' has no place beside '{words[0]}'", "delete it"
    for key in OPERATIONS[words[0]].options:
        if key not in block:
            yield block.mark, (key,), f"'{words[0]}' does not say its {key}", f"add '{key}: ...', such as '{key}: 6%'"


def _words() -> str:
    return ", ".join(OPERATIONS)


def _check_names(block: Block, names: list[str], here: Steps, problems: Problems) -> None:
    """Refuse ``$NAME`` where no such people are declared."""
    for way, node in walk(block):
        cited = isinstance(node, Scalar) and way[-1:] in [(key,) for key in CITING]
        if not isinstance(node, Scalar) or cited:
            continue
        name = node.text.removeprefix(REFERENCE)
        if node.text.startswith(REFERENCE) and name not in names:
            why = f"there are no people '{name}'{nearest(name, names)}"
            choices = ", ".join(f"{REFERENCE}{each}" for each in names) or "none is declared under 'people'"
            problems.add(node.mark, (*here, *way), why, f"people: {choices}")
        elif way == ("unless",) and not node.text.startswith(REFERENCE):
            why = "'unless' names people of this file"
            problems.add(node.mark, (*here, *way), why, "write $NAME with a name that stands under 'people'")


def _check_against_terms(change: FittingChange, people: Mapping[str, People], problems: Problems) -> None:
    """Note what no scheme could say at the change's path, as far as can be told without a scheme."""
    node = change.operation.sample(change.value, change.block, people)
    for place in range(len(change.way) - 1, -1, -1):
        step = change.way[place]
        if isinstance(step, int):
            return  # what stands at a place of a list is known in a scheme only
        node = Block((Entry(step, change.key, node),), change.key)
    assert isinstance(node, Block)
    try:
        ScenarioTerms.model_validate(plain(node))
    except ValidationError as error:
        found = Problems(change.key.source)
        explain(error, ScenarioTerms, node, found)
        problems.take(problem for problem in found.sorted if _lies_at(problem, change))


def _lies_at(problem: Problem, change: FittingChange) -> bool:
    """Whether a problem is with what the change writes, not with what the rest of a scheme would bring."""
    path = dotted(change.way)
    leads_nowhere = path.startswith(problem.path) and problem.why.startswith("unknown key")
    return leads_nowhere or (change.operation.whole and problem.path.startswith(path))
