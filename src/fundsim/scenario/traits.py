"""Who sets a trait: the group of the person, or the claims model for the bill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fundsim.claims import AdmissionClaims, AnnualClaims
from fundsim.population import PopulationTerms
from fundsim.scenario.problems import Steps


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
