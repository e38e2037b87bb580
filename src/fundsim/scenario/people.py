"""Whom a change file speaks of (适用人群), and what each scheme calls them.

A change file gives its people a name and says by which trait and values schemes know them; ``$NAME`` stands for them in
its changes. Laid over a scheme, the name becomes the scheme's own trait and values. A scheme that knows other values of
the same trait is refused, because only a reader of its policy text can say who of them is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar, inline
from fundsim.scenario.problems import Mark, Steps
from fundsim.scenario.ways import child, find
from fundsim.terms import nearest

REFERENCE: Final = "$"
"""What a name of a change file begins with where it is used."""

Names = Mapping[str, tuple[str, ...]]
"""Values by trait, any of which tells the people."""


class MisfitError(Exception):
    """A change file that cannot be laid over a scheme: ``why``, and what to write ``instead``."""

    def __init__(self, why: str, instead: str) -> None:
        super().__init__(f"{why}; {instead}")
        self.why = why
        self.instead = instead


@dataclass(frozen=True)
class People:
    """People of a change file, as one scheme calls them."""

    trait: str
    values: tuple[str, ...]
    known: bool = True
    """Whether the scheme told them apart before any change."""

    def __str__(self) -> str:
        values = ", ".join(self.values)
        return f"{self.trait}: {values if len(self.values) == 1 else f'[{values}]'}"

    def condition(self, mark: Mark) -> Block:
        """Return the condition that a variant states for them: ``{hardship: poor}``."""
        scalars = tuple(Scalar(value, mark) for value in self.values)
        value = scalars[0] if len(scalars) == 1 else Listing(scalars, mark)
        return Block((Entry(self.trait, mark, value),), mark)


def who_they_are(name: str, known_as: Names, stated: Names | None, traits: Node | None, file: str) -> People:
    """Find the people of a change file in a scheme.

    Args:
        name: what the change file calls them.
        known_as: by which traits and values schemes know them; the first of each where a scheme knows none of them.
        stated: the one trait and its values that the user says are meant, if he does.
        traits: the scheme's traits.
        file: how the user names the change file.

    Raises:
        MisfitError: the scheme may know them by another name, or by two, or does not know what the user states.
    """
    declared = _declared(traits)
    new = People(next(iter(known_as)), next(iter(known_as.values()))[:1], known=False)
    if stated is not None:
        return _as_stated(stated, declared, new)
    found = {trait: tuple(v for v in values if v in declared.get(trait, ())) for trait, values in known_as.items()}
    found = {trait: values for trait, values in found.items() if values}
    if len(found) > 1:
        why = f"it tells '{name}' by several traits: {'; '.join(str(People(*each)) for each in found.items())}"
        raise MisfitError(why, _to_say_who(file, name, People(*next(iter(found.items())))))
    if found:
        return People(*next(iter(found.items())))
    if new.trait in declared:
        values = declared[new.trait]
        why = f"it cannot be told who of its '{new.trait}' ({', '.join(values)}) are the '{name}' of the change file"
        instead = _to_say_who(file, name, People(new.trait, values[-1:]))
        instead = f"{instead}; {{{new}}} there makes them people of their own"
        raise MisfitError(why, instead)
    return new


def _to_say_who(file: str, name: str, people: People) -> str:
    return f"say in a scheme who is meant, such as apply: [{{use: {file}, people: {{{name}: {{{people}}}}}}}]"


def _declared(traits: Node | None) -> dict[str, tuple[str, ...]]:
    return {
        entry.key: tuple(item.text for item in entry.value.items if isinstance(item, Scalar))
        for entry in (traits.entries if isinstance(traits, Block) else ())
        if isinstance(entry.value, Listing)
    }


def _as_stated(stated: Names, declared: Names, new: People) -> People:
    trait, values = next(iter(stated.items()))
    unknown = [value for value in values if value not in declared.get(trait, ())]
    if not unknown:
        return People(trait, values)
    if (trait, values) == (new.trait, new.values):
        return new
    if trait not in declared:
        choices = ", ".join(declared) or "none is declared"
        raise MisfitError(f"it has no trait '{trait}'{nearest(trait, declared)}", f"traits: {choices}")
    why = f"'{unknown[0]}' is not a value of its trait '{trait}'{nearest(unknown[0], declared[trait])}"
    raise MisfitError(why, f"values: {', '.join(declared[trait])}")


def laid_in(node: Node, people: Mapping[str, People]) -> Node:
    """Return a tree with the scheme's own condition wherever it says ``$NAME``."""
    if isinstance(node, Listing):
        return replace(node, items=tuple(laid_in(item, people) for item in node.items))
    if isinstance(node, Block):
        return replace(node, entries=tuple(replace(e, value=laid_in(e.value, people)) for e in node.entries))
    meant = people.get(node.text.removeprefix(REFERENCE)) if node.text.startswith(REFERENCE) else None
    return node if meant is None else meant.condition(node.mark)


def already_served(root: Block, way: Steps, people: People) -> tuple[tuple[str, ...], str]:
    """Which of the people's values the scheme speaks of at a place already, and in which words.

    Among its traits they are spoken of where the scheme knows them; in a list by an item whose condition names them
    and not the ordinary value, the first of their trait; in a mapping, such as the groups, by an entry that has their
    trait: counted there at all, they count as spoken of, all of them.
    """
    if not people.known:
        return (), ""
    if way[:1] == ("traits",):
        return people.values, "the scheme knows them"
    here = find(root, way)
    if isinstance(here, Block):
        groups = [entry.key for entry in here.entries if set(_said(child(entry.value, "traits"), people))]
        return (people.values, f"they are counted in {', '.join(groups)}") if groups else ((), "")
    ordinary = _declared(root.get("traits"))[people.trait][0]
    items = [(item, _said(child(item, "when"), people)) for item in (here.items if isinstance(here, Listing) else ())]
    theirs = [(place, item, said) for place, (item, said) in enumerate(items, 1) if said and ordinary not in said]
    served = tuple(value for value in people.values if any(value in said for _, _, said in theirs))
    return served, "; ".join(f"item {place} is theirs, {inline(item, 200)}" for place, item, said in theirs if served)


def _said(condition: Node | None, people: People) -> tuple[str, ...]:
    """The values of the people's trait that a condition names; none where it names none of the people."""
    value = None if condition is None else child(condition, people.trait)
    items = value.items if isinstance(value, Listing) else () if value is None else (value,)
    said = tuple(item.text for item in items if isinstance(item, Scalar))
    return said if set(said) & set(people.values) else ()
