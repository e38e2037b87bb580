"""Looking for the values that meet a target on a scale of whole steps; nothing here knows what a value is.

A target may hold in several intervals: every change between holding and not holding that the scan sees is refined to
neighbouring steps. The answer is the smallest value above which the target holds throughout, up to the bracket's
upper end; where it does not hold there but at the lower end, the largest value below which it holds throughout.
Two changes between neighbouring points of the scan that undo each other are not seen: the number of points is part of
what is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from fundsim.pricing.targets import Condition, Reading

Evaluate = Callable[[Sequence[int]], Sequence[Reading]]
"""Reads a target's figure at some places."""


@dataclass(frozen=True)
class Change:
    """Two neighbouring places, of which the target holds at one."""

    below: int
    above: int
    holds_above: bool

    @property
    def holds_at(self) -> int:
        return self.above if self.holds_above else self.below


@dataclass(eq=False)
class Places:
    """Readings by place, each made once."""

    evaluate: Evaluate
    lo: int
    hi: int
    inner: int
    """Places looked at together when a change is narrowed down."""

    def __post_init__(self) -> None:
        self._known: dict[int, Reading] = {}

    def read(self, places: Sequence[int]) -> list[Reading]:
        """Readings at some places."""
        new = sorted({place for place in places if place not in self._known})
        self._known.update(zip(new, self.evaluate(new) if new else (), strict=True))
        return [self._known[place] for place in places]

    @property
    def known(self) -> dict[int, Reading]:
        """All readings so far, by place."""
        return dict(sorted(self._known.items()))

    def spread(self, points: int) -> list[int]:
        """Places evenly over the bracket, both ends among them."""
        return between(self.lo, self.hi, points)

    def changes(self, holds: Callable[[Reading], bool], places: Sequence[int]) -> list[Change]:
        """Where a condition changes between some places, in their order, to neighbouring places."""
        held = [holds(reading) for reading in self.read(places)]
        found: list[Change] = []
        for place, (a, b) in enumerate(pairwise(places)):
            if held[place] != held[place + 1]:
                found += self._narrowed(holds, a, b, held[place + 1])
        return found

    def _narrowed(self, holds: Callable[[Reading], bool], a: int, b: int, above: bool) -> list[Change]:
        if b - a == 1:
            return [Change(a, b, above)]
        return self.changes(holds, between(a, b, self.inner + 2))


def between(lo: int, hi: int, points: int) -> list[int]:
    """Return whole numbers evenly from one to another, both among them."""
    return sorted({round(float(x)) for x in np.linspace(lo, hi, min(points, hi - lo + 1))})


NOTHING: Final = 1e-6
"""An excess that is no more than rounding."""


@dataclass(frozen=True)
class Answer:
    """What the search has found."""

    place: int
    upward: bool
    """Whether the target holds from the value up; otherwise from it down."""
    change: Change | None
    """None where the target holds in the whole bracket."""
    others: tuple[Change, ...]
    condition: Condition
    """The target as a bound."""


def search(places: Places, target: Condition, points: int) -> Answer | None:
    """Find the answer; None where the target holds at neither end of the bracket."""
    scan = places.spread(points)
    ends = places.read([scan[-1], scan[0]])
    bound = target.directed(ends[0].excess if abs(ends[0].excess) > NOTHING else -ends[1].excess)
    changes = places.changes(bound.holds, scan)
    if target.sign == "=" and not changes and not bound.holds(ends[0]):
        return None
    if bound.holds(ends[0]):
        if target.sign == "=" and not changes:
            return None
        change = changes[-1] if changes else None
        place = scan[0] if change is None else change.above
        return Answer(place, True, change, tuple(changes[:-1]), bound)
    if bound.holds(ends[1]):
        return Answer(changes[0].below, False, changes[0], tuple(changes[1:]), bound)
    return None
