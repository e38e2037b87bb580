"""What stands after ``apply:``: which change files are laid over a scheme, and whom they mean in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar
from fundsim.scenario.people import Names
from fundsim.scenario.problems import Mark, Problems, Steps

_SHAPE: Final = "write names, such as apply: [changes/notice-2016]"
_LONG_SHAPE: Final = "write a name, or {use: changes/notice-2016, people: {poor: {hardship: poor}}}"


@dataclass(frozen=True)
class Use:
    """That a change file is to be laid over a scheme."""

    name: str
    """How the user names the file."""
    mark: Mark
    """Where he says so."""
    people: Mapping[str, Names]
    """Whom he says the people of the file are, where the scheme does not tell."""


def uses(stated: Node, problems: Problems) -> list[tuple[Scalar, Use]] | None:
    """Read what stands after ``apply:``: each file's name and its use; None where it cannot be read, which is noted."""
    if not isinstance(stated, Listing) or not stated.items:
        problems.add(stated.mark, ("apply",), "'apply' is a list of change files", _SHAPE)
        return None
    found = [_use(item, ("apply", place), problems) for place, item in enumerate(stated.items)]
    read = [each for each in found if each is not None]
    return read if len(read) == len(found) else None


def _use(item: Node, way: Steps, problems: Problems) -> tuple[Scalar, Use] | None:
    named = item.get("use") if isinstance(item, Block) else item
    if not isinstance(named, Scalar):
        problems.add(item.mark, way, "this does not name a change file", _LONG_SHAPE)
        return None
    strange = [each for each in (item.entries if isinstance(item, Block) else ()) if each.key not in ("use", "people")]
    for entry in strange:
        problems.add(entry.mark, (*way, entry.key), f"'{entry.key}' has no place here", _LONG_SHAPE)
    stated = item.get("people") if isinstance(item, Block) else None
    people = {} if stated is None else names_of(stated, (*way, "people"), problems)
    return None if strange or people is None else (named, Use(named.text, named.mark, people))


def names_of(stated: Node, way: Steps, problems: Problems) -> dict[str, Names] | None:
    """Read whom the people of a change file are in a scheme, ``{poor: {hardship: [registered, other]}}``.

    None where that cannot be read, which is noted.
    """
    if not isinstance(stated, Block):
        problems.add(stated.mark, way, "'people' is a mapping of the names that the change file uses", _LONG_SHAPE)
        return None
    found = {entry.key: _names(entry, (*way, entry.key), problems) for entry in stated.entries}
    read = {name: names for name, names in found.items() if names is not None}
    return read if len(read) == len(found) else None


def _names(entry: Entry, way: Steps, problems: Problems) -> Names | None:
    """One trait and its values."""
    block = entry.value
    if isinstance(block, Block) and len(block.entries) == 1:
        (only,) = block.entries
        values = only.value.items if isinstance(only.value, Listing) else (only.value,)
        texts = tuple(value.text for value in values if isinstance(value, Scalar))
        if texts and len(texts) == len(values):
            return {only.key: texts}
    why = f"it is not said by which trait the scheme tells '{entry.key}'"
    problems.add(entry.mark, way, why, f"write one trait and its value or values: {entry.key}: {{hardship: poor}}")
    return None
