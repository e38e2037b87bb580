"""Events (事件): what may happen in a year of the contract, such as a change of policy, and where it does.

What an event changes is the scenario's business; here is when it is in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, model_validator

from fundsim.money import PPM
from fundsim.terms import Count, Rate, Terms, problem
from fundsim.uncertainty.drawing import NO_SWAP, Replications, uniforms


def _contract_year(value: int) -> int:
    if not 1 <= value <= 100:
        why = f"there is no contract year {value}"
        raise problem("contract_year", why, "count the years of the contract from 1, such as 'year: 2'")
    return value


ContractYear = Annotated[Count, AfterValidator(_contract_year)]
"""A year of the contract, from 1."""


class Event(Terms):
    """Something that happens with a probability at the beginning of a contract year, or does not."""

    title: dict[Literal["zh", "en"], str] | None = None
    year: ContractYear
    """The first contract year in which it is in force."""
    until: ContractYear | None = None
    """The last one; to the end of the term where none is stated."""
    probability: Rate
    """Ppm."""
    policy: Literal["yes", "no"]
    """Whether it is policy-caused by the wording of the contract (政策性)."""
    group: str | None = None
    """With which inputs and events it is one source of risk in a decomposition of variance; its own name by default."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until is not None and self.until < self.year:
            why = f"the event ends with year {self.until}, before it begins in year {self.year}"
            raise problem("until", why, f"write 'until: {self.year}' for one year, or a later one", ("until",))
        return self

    def in_force(self, years: int) -> npt.NDArray[np.bool_]:
        """(years,) in which contract years it is in force, once it has happened."""
        year = np.arange(1, years + 1)
        return (year >= self.year) & (year <= (years if self.until is None else self.until))


@dataclass(frozen=True)
class EventStates:
    """Which events are in force, in some replications and years."""

    names: tuple[str, ...]
    """In the order of the file."""
    state: npt.NDArray[np.bool_]
    """(r, years, events)."""

    def distinct(self) -> tuple[tuple[tuple[str, ...], ...], npt.NDArray[np.int64]]:
        """The sets of events that are in force together somewhere, and (r, years) which of them is.

        Sets are in a fixed order: by the number whose bits are the events, the first event lowest.
        """
        r, years, n = self.state.shape
        rows, where = np.unique(self.state[:, :, ::-1].reshape(r * years, n), axis=0, return_inverse=True)
        sets = tuple(tuple(name for name, on in zip(self.names, row[::-1], strict=True) if on) for row in rows)
        return sets, where.reshape(r, years).astype(np.int64)

    def without(self, names: frozenset[str]) -> EventStates:
        """The states as if some events had never happened."""
        kept = np.array([name not in names for name in self.names], dtype=bool)
        return EventStates(self.names, self.state & kept)


def draw_events(
    events: Mapping[str, Event],
    seed: int,
    replications: Replications,
    years: int = 1,
    *,
    stratified: bool = False,
    swap: Mapping[str, int] = NO_SWAP,
) -> EventStates:
    """Draw which events are in force.

    A draw is fixed by (seed, event, replication): a new event moves no other.

    Args:
        events: events by name.
        seed: of the run.
        replications: (r,) numbers from 0, below 2**32.
        years: contract years.
        stratified: whether batches of 25 replications are a Latin hypercube, as for inputs.
        swap: offsets by group of events (an event's own name where it states none), as for inputs.
    """
    state = np.zeros((len(replications), years, len(events)), dtype=bool)
    for place, (name, event) in enumerate(events.items()):
        numbers = replications + swap.get(event.group or name, 0)
        happens = uniforms(seed, "event", name, numbers, stratified=stratified) < event.probability / PPM
        state[:, :, place] = happens[:, None] & event.in_force(years)
    return EventStates(tuple(events), state)
