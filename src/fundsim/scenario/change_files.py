"""Change files (变更文件): changes that fit any scheme, checked by themselves before they are laid over one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from fundsim.scenario.band_files import with_band_files
from fundsim.scenario.explain import explain
from fundsim.scenario.fitting_changes import FittingChange, read_fitting_change
from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar, plain
from fundsim.scenario.people import Names, People
from fundsim.scenario.problems import Mark, Problem, Problems, Source, dotted
from fundsim.scenario.reader import read_tree
from fundsim.scenario.terms import ChangeFileTerms, ScenarioTerms
from fundsim.scenario.ways import child
from fundsim.scenario.wrappers import unwrap

OF_SCHEMES: Final = ("extends", "waterfall", "payers", "population", "claims", "contract")
"""Keys by which a file shows that it is no change file."""


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


def read_change_file(text: str, source: Source, problems: Problems, asked: Mark | None = None) -> ChangeFile | None:
    """Read a change file; None where it has problems, all of which are noted.

    Args:
        text: what is in the file.
        source: the file.
        problems: where to complain.
        asked: where the file is asked for, if in another file.
    """
    tree = read_tree(text, source, problems)
    root = None if tree is None else with_band_files(unwrap(tree, problems), problems)
    if not isinstance(root, Block):
        return None
    if is_change_file(root):
        return change_file(root, problems)
    what = "a scheme" if any(key in root for key in OF_SCHEMES if key != "claims") else "no 'change'"
    instead = "name a file with changes such as 'change: {contract.premium: {add: 10 yuan/person}}'"
    problems.add(asked or root.mark, ("apply",), f"{source.name} holds {what}, not changes for any scheme", instead)
    return None


def change_file(root: Block, problems: Problems) -> ChangeFile | None:
    """Check a tree as a change file; None where it has problems, all of which are noted."""
    here = Problems(root.mark.source)
    changes = tuple(_changes(root, here))
    try:
        terms = ChangeFileTerms.model_validate(plain(root))
    except ValidationError as error:
        explain(error, ChangeFileTerms, root, here)
    else:
        if not here:
            return ChangeFile(terms, root, changes)
    problems.take(here.sorted)
    return None


def _changes(root: Block, problems: Problems) -> Iterator[FittingChange]:
    written, stated = root.get("change"), root.get("people")
    people = dict(_as_first_known(stated))
    names = stated.keys if isinstance(stated, Block) else []
    for entry in written.entries if isinstance(written, Block) else ():
        change = read_fitting_change(entry, names, problems)
        if change is not None:
            _check_against_terms(change, people, problems)
            yield change


def _as_first_known(stated: Node | None) -> Iterator[tuple[str, People]]:
    """The people as a scheme would call them that knows none of them; those that cannot be read left out."""
    for entry in stated.entries if isinstance(stated, Block) else ():
        known = child(entry.value, "known_as")
        first = known.entries[0] if isinstance(known, Block) and known.entries else None
        value = None if first is None else child(first.value, 0)
        if first is not None and isinstance(first.value, Listing) and isinstance(value, Scalar):
            yield entry.key, People(first.key, (value.text,))


def _check_against_terms(change: FittingChange, people: Mapping[str, People], problems: Problems) -> None:
    """Note what no scheme could say at the change's path, as far as can be told without a scheme."""
    node = change.operation.sample(change.value, people)
    for step in reversed(change.way):
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
