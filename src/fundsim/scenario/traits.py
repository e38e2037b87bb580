"""Who sets a trait: the group of the person, or the claims model for the bill; and what is no trait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fundsim.benefits.schedule import Fault
from fundsim.claims import AdmissionClaims, AnnualClaims
from fundsim.population import PopulationTerms
from fundsim.scenario.problems import Steps
from fundsim.scenario.sections import Sections
from fundsim.terms import KEY, nearest


def person_traits(population: PopulationTerms) -> dict[str, str]:
    """Traits of the person (人员特征): those that some group states, with the first group that does."""
    owners: dict[str, str] = {}
    for name, group in population.groups.items():
        for trait in group.traits:
            owners.setdefault(trait, name)
    return owners


def bill_traits(claims: AdmissionClaims | AnnualClaims | None) -> Iterator[tuple[Steps, str, list[str], bool]]:
    """Traits of the bill (就医特征) as the claims state them: where, which, its values, and whether they are a mix."""
    blocks: dict[Steps, Mapping[str, str | dict[str, int]]] = {}
    if isinstance(claims, AdmissionClaims):
        blocks = {("claims", "care", name, "traits"): level.traits for name, level in claims.care.items()}
    elif claims is not None:
        blocks = {("claims", "traits"): claims.traits}
    for way, traits in blocks.items():
        for trait, stated in traits.items():
            yield way, trait, [stated] if isinstance(stated, str) else list(stated), isinstance(stated, dict)


def care_levels(claims: AdmissionClaims | AnnualClaims | None) -> list[str] | None:
    """The care levels (就医级别), None where claims are annual amounts."""
    return list(claims.care) if isinstance(claims, AdmissionClaims) else None


def unknown_trait(
    sections: Sections, path: Steps, trait: str, values: Iterable[str], *, keys: bool = False
) -> Iterator[Fault]:
    """Faults for an undeclared trait or value; ``keys``: the values are the keys of a mapping there."""
    if sections.traits is None:
        return
    declared = sections.traits.values
    if trait not in declared:
        choices = ", ".join(declared) or "none is declared"
        yield Fault((*path, KEY), f"'{trait}' is not a declared trait{nearest(trait, declared)}", f"traits: {choices}")
        return
    for value in values:
        if value not in declared[trait]:
            why = f"'{value}' is not a value of the trait '{trait}'{nearest(value, declared[trait])}"
            yield Fault((*path, value, KEY) if keys else path, why, f"values: {', '.join(declared[trait])}")
