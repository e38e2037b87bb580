"""Who is insured (参保人): groups with traits, exact head counts and utilisation multipliers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from fundsim.money import PPM
from fundsim.terms import Count, Factor, Growth, Rate, Terms, problem


class Group(Terms):
    """One group of the insured that shares its traits and its use of care."""

    share: Rate | None = None
    """Part of all insured, ppm; the groups that state no share and no persons divide what is left."""
    persons: Count | None = None
    """Head count, instead of a share."""
    traits: Annotated[dict[str, str], Field(default_factory=dict)]
    """Traits of the person, such as ``{hardship: poor}``; a trait not named takes its first value."""
    admissions: Factor = 1.0
    """Multiplier on the frequency of admissions."""
    cost: Factor = 1.0
    """Multiplier on every gross bill, before any deductible."""
    floor: Factor = 1.0
    """Multiplier on the floors of the claims: below one for people with a lower deductible (关注线倍数)."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if self.share is not None and self.persons is not None:
            raise problem("group_size", "a group states both its share and its persons", "keep one of the two")
        return self


def _everybody() -> dict[str, Group]:
    return {"all": Group(share=PPM, traits={})}


class PopulationTerms(Terms):
    """The insured of the scheme."""

    insured: Count
    """Persons insured for the year (参保人数)."""
    groups: Annotated[dict[str, Group], Field(default_factory=_everybody)]
    growth: Growth = 0
    """Growth of the number insured a year after the first (参保人数年增长率), ppm; the same in every group."""

    @model_validator(mode="after")
    def _groups_fill_the_population(self) -> Self:
        sized = [_stated(group, self.insured) for group in self.groups.values()]
        rest = [size for size in sized if size is None]
        stated = sum(size for size in sized if size is not None)
        if stated > self.insured * PPM or (not rest and stated != self.insured * PPM):
            raise problem(
                "group_shares",
                f"the groups make up {stated / max(self.insured, 1) / 10_000:g}% of the insured",
                "let the shares add up to 100%, or leave out the share of one group to give it the rest",
            )
        if len(rest) > 1:
            raise problem("group_shares", f"{len(rest)} groups state no size", "leave out the share of one group only")
        return self


def _stated(group: Group, insured: int) -> int | None:
    """The group's size in millionths of a person, None where it takes the rest."""
    if group.persons is not None:
        return group.persons * PPM
    return None if group.share is None else group.share * insured


@dataclass(frozen=True)
class InsuredGroup:
    """A group ready to be sampled: exact number of persons and full traits."""

    name: str
    persons: int
    traits: Mapping[str, str]
    admissions: float
    cost: float
    floor: float = 1.0


@dataclass(frozen=True)
class Population:
    """Who is insured, group by group; the persons of a group are numbered from 0."""

    groups: tuple[InsuredGroup, ...]

    @property
    def insured(self) -> int:
        return sum(group.persons for group in self.groups)

    @classmethod
    def build(cls, terms: PopulationTerms, person_traits: Mapping[str, tuple[str, ...]]) -> Population:
        """Give every group a whole number of persons (largest remainder) and every trait a value."""
        persons = _head_counts(terms)
        groups = tuple(
            InsuredGroup(
                name=name,
                persons=persons[name],
                traits={trait: group.traits.get(trait, values[0]) for trait, values in person_traits.items()},
                admissions=group.admissions,
                cost=group.cost,
                floor=group.floor,
            )
            for name, group in terms.groups.items()
        )
        return cls(groups)


def _head_counts(terms: PopulationTerms) -> dict[str, int]:
    exact: dict[str, Any] = {name: _stated(group, terms.insured) for name, group in terms.groups.items()}
    rest = terms.insured * PPM - sum(size for size in exact.values() if size is not None)
    exact = {name: rest if size is None else size for name, size in exact.items()}
    whole = {name: size // PPM for name, size in exact.items()}
    missing = terms.insured - sum(whole.values())
    by_remainder = sorted(exact, key=lambda name: exact[name] % PPM, reverse=True)
    return {name: size + (name in by_remainder[:missing]) for name, size in whole.items()}
