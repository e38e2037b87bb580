"""What a scheme comes down to: its fingerprint (方案指纹), and whether two schemes differ at all.

The fingerprint is taken of the parsed terms, so ``6,000 yuan`` and ``0.6 万元`` give one and the same; words for the
reader, examples and the length of a simulation stay out of it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass, replace
from typing import Any, Final

from pydantic import BaseModel

from fundsim.behaviour import RulesTerms
from fundsim.benefits.payer import VariantTerms
from fundsim.benefits.schedule import Plan
from fundsim.claims import AdmissionClaims
from fundsim.scenario.quantities import quantity
from fundsim.scenario.shapes import CITING
from fundsim.scenario.terms import ChangeTerms, ScenarioTerms
from fundsim.terms import Scale

_WORDS: Final = {*CITING, "title", "preset", "assumed"}
_NO_RESULT: Final = {"fundsim", "id", "locality", "simulation", "examples", "designs", "readings", "applied"}
_IN_ORDER: Final = {"claims", "uncertainty", "events"}
_BENEFITS: Final = {"payers", "waterfall", "traits", "rounding"}


def fingerprint(terms: ScenarioTerms) -> str:
    """The SHA-256 of everything that changes results, in hexadecimal.

    The order of keys counts where it is the order of drawing or of changes: in claims, uncertain inputs and events.
    """
    content = _essence(terms)
    content["contract"].pop("term", None)  # how many years are simulated is not what was agreed
    for name in _IN_ORDER & content.keys():
        content[name] = json.dumps(content[name], ensure_ascii=False)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def effect(terms: ScenarioTerms, plan: Plan) -> Mapping[str, Any]:
    """What a scheme does: its essence, with the benefits as they come out compiled."""
    payers = [
        replace(payer, clause=None, classes=tuple(replace(each, variants=(), bands=()) for each in payer.classes))
        for payer in plan.payers
    ]
    rest = {name: value for name, value in _essence(terms).items() if name not in _BENEFITS}
    benefits = (payers, dict(plan.traits.values), plan.covers, plan.cumulative_rounding)
    if terms.behaviour is not None:  # a scheme that is its own base, beside others with the same base
        rules = terms.behaviour.rules or rules_of(terms)
        rest["behaviour"] = {**rest["behaviour"], "rules": _content(rules)}
    return {**rest, "benefits": benefits, "locality": terms.locality, "simulation": terms.simulation}


def rules_of(terms: ScenarioTerms) -> RulesTerms:
    """The rules of a scheme, as those of a base."""
    care = terms.claims.care if isinstance(terms.claims, AdmissionClaims) else {}
    return RulesTerms(
        waterfall=terms.waterfall,
        payers=terms.payers,
        covers=list(terms.contract.covers),
        rounding=terms.rounding,
        catalogue={name: level.catalogue for name, level in care.items()},
    )


def _essence(terms: ScenarioTerms) -> dict[str, Any]:
    content: dict[str, Any] = _content(terms)
    return {name: value for name, value in content.items() if name not in _NO_RESULT}


def _content(value: Any) -> Any:
    """Terms as plain values, without words and without fields that have their default."""
    if isinstance(value, VariantTerms):
        return {"when": value.when, "overrides": value.overrides, **_content(value.changes())}
    if isinstance(value, ChangeTerms):
        return _quantities(value.to)
    if isinstance(value, BaseModel):
        return {
            name: _content(getattr(value, name))
            for name, field in type(value).model_fields.items()
            if name not in _WORDS
            and (field.is_required() or getattr(value, name) != field.get_default(call_default_factory=True))
        }
    if isinstance(value, Mapping):
        return {str(key): _content(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_content(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Scale):
        return {"times": str(value.times)}
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _quantities(written: Any) -> Any:
    """A text tree with every quantity as what it is, however it was written."""
    if isinstance(written, Mapping):
        return {key: _quantities(item) for key, item in written.items()}
    if isinstance(written, list):
        return [_quantities(item) for item in written]
    found = quantity(written) if isinstance(written, str) else None
    return written if found is None else [found.kind, found.value]
