"""The sources of risk of a scheme: groups of inputs and events, and what persons share through their frequency.

A mixing variable of the frequency that a group or the pool shares is a source of its own, not luck of patients: it does
not become smaller with more insured. One that each person draws alone is part of the luck of patients.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from fundsim.estimates import Probability, probability_of
from fundsim.money import PerReplication
from fundsim.years import MIXING, TermJob

Floats = npt.NDArray[np.float64]
Kind = Literal["input", "event", "mixing"]


@dataclass(frozen=True)
class Member:
    """One input or event of a source."""

    name: str
    kind: Kind
    zh: str
    en: str


@dataclass(frozen=True)
class Source:
    """What is drawn once per replication and cannot be told apart, or is not meant to be."""

    name: str
    members: tuple[Member, ...]

    @property
    def zh(self) -> str:
        return "、".join(dict.fromkeys(member.zh for member in self.members))

    @property
    def en(self) -> str:
        return ", ".join(dict.fromkeys(member.en for member in self.members))


def sources_of(job: TermJob) -> tuple[Source, ...]:
    """The sources of risk of a scheme: of inputs, then of events, in the order of the file, then the frequency's."""
    members: dict[str, list[Member]] = {}
    for group, member in _members(job):
        members.setdefault(group, []).append(member)
    return tuple(Source(name, tuple(each)) for name, each in members.items())


def _members(job: TermJob) -> Iterator[tuple[str, Member]]:
    terms = job.scenarios[0].terms
    if terms.uncertainty is not None:
        for name, group in terms.uncertainty.groups.items():
            said = terms.uncertainty.inputs[name].NAME
            yield group, Member(name, "input", said["zh"], said["en"])
    for name, event in terms.events.items():
        title = event.title or {}
        yield event.group or name, Member(name, "event", title.get("zh", "事件"), title.get("en", "event"))
    if job.base.model.frequency.shared_by() is not None:
        yield MIXING, Member(MIXING, "mixing", "住院率共同波动", "shared level of the frequency")


def levels_of(job: TermJob, replications: PerReplication) -> dict[str, Floats]:
    """By input or event, its level in some replications of a run; of what is drawn every year, the mean over the years.

    An event is 1 where it comes into force within the term, else 0.
    """
    found = {
        name: values.mean(axis=1) if values.ndim > 1 else values
        for name, values in job.drawn(replications).values.items()
    }
    states = job.worlds(replications)[0]
    found |= {name: states.state[:, :, i].any(axis=1).astype(np.float64) for i, name in enumerate(states.names)}
    model, years = job.base.model, range(1, job.years + 1)
    if model.frequency.shared_by() is not None:
        shared = np.stack([_mixing(job, replications, year) for year in years])
        weights = [group.persons * group.admissions for group in model.population.groups]
        found[MIXING] = shared.mean(axis=0) @ (np.array(weights) / sum(weights))
    return found


def _mixing(job: TermJob, replications: PerReplication, year: int) -> Floats:
    mixing = job.base.model.mixing(job.seed, replications, year)
    assert mixing is not None
    return mixing


@dataclass(frozen=True)
class Thirds:
    """How likely a loss is where an input was drawn low, and where it was drawn high."""

    source: str
    member: Member
    low: Probability
    high: Probability
    low_share: float
    """Part of the replications that is counted as low: a third, more or less where values are equal."""
    high_share: float


def thirds_of(source: str, member: Member, level: Floats, lost: npt.NDArray[np.bool_]) -> Thirds:
    """Estimate the probability of a loss in the lowest and in the highest third of an input's level.

    Equal levels stay together. Where one value has the middle and reaches into both outer thirds, low and high are what
    lies below and above it, or the value itself where nothing does: an event has not happened, or has.
    """
    first, second = (sign * np.quantile(sign * level, 1 / 3, method="inverted_cdf") for sign in (1, -1))
    low, high = level <= first, level >= second
    if first == second:
        low = level < first if (level < first).any() else level == first
        high = level > second if (level > second).any() else level == second
    return Thirds(
        source, member, probability_of(lost[low]), probability_of(lost[high]), float(low.mean()), float(high.mean())
    )
