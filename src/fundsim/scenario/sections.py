"""From the text tree to terms: the whole scheme where it is valid, else each section that is valid in itself.

A fault in one section should not hide those in another, so the checks of what must agree between sections run on
all sections that could be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from fundsim.behaviour import BehaviourTerms
from fundsim.benefits.payer import PayerTerms
from fundsim.benefits.schedule import Traits
from fundsim.claims import AdmissionClaims, AnnualClaims
from fundsim.contracts import ContractTerms
from fundsim.funds import FundTerms
from fundsim.population import PopulationTerms
from fundsim.scenario.explain import explain
from fundsim.scenario.locality import Locality
from fundsim.scenario.nodes import Block, Plain, plain
from fundsim.scenario.problems import Problems, Steps
from fundsim.scenario.terms import EventTerms, ExampleTerms, ReadingTerms, ScenarioTerms, SimulationTerms, Valid
from fundsim.scenario.ways import child
from fundsim.uncertainty import UncertaintyTerms


@dataclass(frozen=True)
class Sections:
    """The sections of a scheme; None where a section could not be read."""

    root: Block
    """The text of all of them."""
    valid: Valid | None
    traits: Traits | None
    waterfall: list[str] | None
    payers: Mapping[str, PayerTerms]
    """Those payers that could be read."""
    population: PopulationTerms | None
    claims: AdmissionClaims | AnnualClaims | None
    contract: ContractTerms | None
    locality: Locality | None
    funds: Mapping[str, FundTerms]
    """Empty where they could not be read, too."""
    uncertainty: UncertaintyTerms | None
    events: Mapping[str, EventTerms]
    """Empty where they could not be read, too."""
    behaviour: BehaviourTerms | None
    simulation: SimulationTerms | None
    examples: list[ExampleTerms]
    readings: list[ReadingTerms]

    def keys(self, *way: str) -> list[str]:
        """The keys that the file states at a place, readable or not."""
        node: Any = self.root
        for step in way:
            node = None if node is None else child(node, step)
        return node.keys if isinstance(node, Block) else []


def validate(root: Block, problems: Problems) -> tuple[ScenarioTerms | None, Sections]:
    """Validate a scheme; everything that is wrong is noted, and what is right is returned."""
    document = plain(root)
    assert isinstance(document, dict)
    try:
        terms = ScenarioTerms.model_validate(document)
    except ValidationError as error:
        bad = explain(error, ScenarioTerms, root, problems)
        return None, sections_of(root, _readable(document, bad))
    return terms, sections_of(root, {name: getattr(terms, name) for name in ScenarioTerms.model_fields})


def _readable(document: Mapping[str, Plain], bad: set[Steps]) -> dict[str, Any]:
    """The values of all sections without errors; of the payers, each one without errors."""
    bad_sections = {way[0] for way in bad if way}
    found: dict[str, Any] = {}
    for name, field in ScenarioTerms.model_fields.items():
        if name in document and name not in bad_sections:
            found[name] = _parsed(Annotated[field.annotation, field], document[name])
    payers = document.get("payers")
    if "payers" not in found and isinstance(payers, dict):
        bad_payers = {way[1] for way in bad if way[0] == "payers" and len(way) > 1}
        good = {name: payer for name, payer in payers.items() if name not in bad_payers}
        found["payers"] = _parsed(ScenarioTerms.model_fields["payers"].annotation, good)
    return found


def _parsed(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value, strict=True)


def sections_of(root: Block, found: Mapping[str, Any]) -> Sections:
    """Sections that could be read, by name; the others are as if nothing were known of them."""
    traits = found.get("traits", None if "traits" in root else {})
    return Sections(
        root=root,
        valid=found.get("valid"),
        traits=None if traits is None else Traits({name: tuple(values) for name, values in traits.items()}),
        waterfall=found.get("waterfall"),
        payers=found.get("payers") or {},
        population=found.get("population"),
        claims=found.get("claims"),
        contract=found.get("contract"),
        locality=found.get("locality"),
        funds=found.get("funds") or {},
        uncertainty=found.get("uncertainty"),
        events=found.get("events") or {},
        behaviour=found.get("behaviour"),
        simulation=found.get("simulation"),
        examples=found.get("examples") or [],
        readings=found.get("readings") or [],
    )
