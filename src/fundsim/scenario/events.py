"""What events change: the tree of a scheme in which some of its events have happened, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from fundsim.benefits.schedule import Fault
from fundsim.scenario.changes import Change, apply_change, changes_nothing, read_changes
from fundsim.scenario.nodes import Block, Listing, Node, Scalar
from fundsim.scenario.problems import Problems, Steps
from fundsim.scenario.sections import Sections
from fundsim.scenario.terms import EventTerms
from fundsim.scenario.ways import find, parse_way
from fundsim.terms import KEY, nearest

CHANGEABLE: Final = ("payers", "claims", "population", "contract.premium")
"""What an event can change; the rest says what the scheme is called, how it is simulated, and what was agreed."""
_STANDING: Final = (("payers",), ("population", "groups"))
"""Mappings whose keys an event cannot add or remove: figures before and after it are told by them."""


def after_events(root: Block, names: Collection[str], problems: Problems, base: str) -> Block:
    """Return the tree with the changes of some events made, from top to bottom of the file, and without its events.

    Args:
        root: the tree of the scheme.
        names: the events that have happened.
        problems: where to complain of a change that does not fit.
        base: the name of the scheme, for messages.
    """
    stated = root.get("events")
    changed = root.without("events")
    made: dict[str, list[Steps]] = {}
    for entry in stated.entries if isinstance(stated, Block) else ():
        block = entry.value
        if entry.key not in names or not isinstance(block, Block):
            continue
        overridden = [way for name in _overridden(block) for way in made.get(name, ())]
        for change in read_changes(block.entry("change"), ("events", entry.key, "change"), problems):
            changed = _made(changed, change, overridden, problems, base)
            made.setdefault(entry.key, []).append(change.way)
    return changed


def _overridden(event: Block) -> list[str]:
    stated: Node | None = event.get("overrides")
    items = stated.items if isinstance(stated, Listing) else ()
    return [item.text for item in items if isinstance(item, Scalar)]


def _made(root: Block, change: Change, overridden: list[Steps], problems: Problems, base: str) -> Block:
    """One change made; where an overridden event has been at work, whatever it has left is replaced."""
    if any(_overlap(change.way, way) for way in overridden):
        present = find(root, change.way)
        if changes_nothing(present, change):
            return root
        change = replace(change, before=present)
    changed = apply_change(root, change, problems, base)
    assert isinstance(changed, Block)
    return changed


def _overlap(one: Steps, other: Steps) -> bool:
    """Whether a path is another one, or leads to a part of it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def overlaps(events: Mapping[str, EventTerms]) -> Iterator[tuple[str, str, str, str]]:
    """Changes of two events that meet: the later event and its path, the earlier event and its path."""
    paths = {name: [(path, way) for path in event.change if (way := parse_way(path))] for name, event in events.items()}
    names = list(events)
    for place, later in enumerate(names):
        for earlier in names[:place]:
            for path, way in paths[later]:
                for other, other_way in paths[earlier]:
                    if _overlap(way, other_way):
                        yield later, path, earlier, other


def events_change_the_scheme(sections: Sections) -> Iterator[Fault]:
    """An event changes what is paid, to whom, for what or by which contract; not what the scheme is called."""
    for name, event in sections.events.items():
        for path in event.change:
            way, at = parse_way(path), ("events", name, "change", path, KEY)
            if way is None:
                continue
            if not any(_within(way, parse_way(allowed) or ()) for allowed in CHANGEABLE):
                what = ".".join(map(str, way[:2])) if way[0] == "contract" else way[0]
                yield Fault(at, f"an event cannot change '{what}'", f"change one of: {', '.join(CHANGEABLE)}")
            elif any(_overlap(way, standing) and len(way) <= len(standing) + 1 for standing in _STANDING):
                why = "an event cannot add, remove or replace a whole payer or group"
                yield Fault(at, why, "change the values in it, such as payers.cii.deductible")


def _within(way: Steps, allowed: Steps) -> bool:
    return way[: len(allowed)] == allowed


def events_override_earlier_ones(sections: Sections) -> Iterator[Fault]:
    """An event overrides events that stand before it and change the same."""
    names = list(sections.events)
    meetings = {(later, earlier) for later, _, earlier, _ in overlaps(sections.events)}
    for place, (name, event) in enumerate(sections.events.items()):
        for item, other in enumerate(event.overrides):
            path: Steps = ("events", name, "overrides", item)
            if other not in names[:place]:
                why = f"there is no event '{other}' before '{name}'{nearest(other, names[:place])}"
                yield Fault(path, why, f"events before it: {', '.join(names[:place]) or 'none'}")
            elif (name, other) not in meetings:
                why = f"'{name}' and '{other}' change nothing in common, so nothing is overridden"
                yield Fault(path, why, "delete the name")


def events_do_not_collide(sections: Sections) -> Iterator[Fault]:
    """Two events that change the same value say which one holds where both have happened."""
    seen = set()
    for later, path, earlier, other in overlaps(sections.events):
        if earlier not in sections.events[later].overrides and (later, path) not in seen:
            seen.add((later, path))
            why = f"the event '{earlier}' changes {'this' if path == other else f'{other!r}'} too"
            instead = f"add 'overrides: [{earlier}]' if '{later}' holds where both have happened, or merge the two"
            yield Fault(("events", later, "change", path, KEY), why, instead)


def events_and_inputs_have_names_of_their_own(sections: Sections) -> Iterator[Fault]:
    """No event is called like an uncertain input, since both are sources of risk by their names."""
    for name in sections.keys("events"):
        if name in sections.keys("uncertainty", "inputs"):
            why = f"an uncertain input is called '{name}' too"
            yield Fault(("events", name, KEY), why, "give one of the two another name")


EVENT_CHECKS: Final[tuple[Callable[[Sections], Iterator[Fault]], ...]] = (
    events_change_the_scheme,
    events_override_earlier_ones,
    events_do_not_collide,
    events_and_inputs_have_names_of_their_own,
)
"""The checks of events, for the list of all checks."""
