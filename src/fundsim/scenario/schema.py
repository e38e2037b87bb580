"""The JSON Schema of scenario files, derived from the terms: for editors, and to check files without fundsim.

Units and what must agree between sections are beyond a schema; ``fundsim check`` sees to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from fundsim.scenario.change_files import OF_SCHEMES
from fundsim.scenario.files import HEADER
from fundsim.scenario.terms import ChangeFileTerms, ChangeTerms, ClaimsFile, ScenarioTerms

FILE: Final = Path(__file__).with_name("scenario.schema.json")
"""The schema as it is shipped."""

_SCALAR: Final = ["string", "number", "boolean"]
"""What an editor may take a plain word or number of YAML for."""
_WRAPPERS: Final = [{"$ref": "#/$defs/Assumed"}, {"$ref": "#/$defs/OpenBid"}]
_SPOKEN: Final = ("description", "examples")
_DROPPED: Final = ("title", "default", "discriminator", "oneOf")
Json = dict[str, Any]


def schema_text() -> str:
    """The schema as it is written to the file."""
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"


def scenario_schema() -> Json:
    """The JSON Schema (draft 2020-12) of schemes, schemes that extend another, claims models and change files."""
    models: dict[str, type[BaseModel]] = {
        "Scheme": ScenarioTerms,
        "ClaimsFile": ClaimsFile,
        "ChangeFile": ChangeFileTerms,
        "ChangeTerms": ChangeTerms,
    }
    schemas = {name: model.model_json_schema(by_alias=True) for name, model in models.items()}
    parts = {name: part for schema in schemas.values() for name, part in schema.pop("$defs", {}).items()}
    definitions = {name: _rewritten(part) for name, part in sorted((parts | schemas).items())}
    definitions["Scheme"]["properties"]["claims"]["anyOf"].append(_claims_used(definitions))
    definitions["Scheme"]["properties"]["uncertainty"]["anyOf"].append(_uncertainty_used(definitions))
    definitions["CostTable"]["properties"]["bands"]["anyOf"].append(_bands_used())
    definitions["Scheme"]["properties"]["apply"] = {"$ref": "#/$defs/Apply"}
    definitions |= {"Apply": _apply(), "Extension": _extension(definitions["Scheme"]["properties"]), **_wrappers()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fundsim scenario 大病保险方案",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/Extension"},
        "else": {
            "if": {"required": ["claims"], "not": {"anyOf": [{"required": ["payers"]}, {"required": ["waterfall"]}]}},
            "then": {"$ref": "#/$defs/ClaimsFile"},
            "else": {
                "if": {"required": ["change"], "not": {"anyOf": [{"required": [key]} for key in OF_SCHEMES]}},
                "then": {"$ref": "#/$defs/ChangeFile"},
                "else": {"$ref": "#/$defs/Scheme"},
            },
        },
        "$defs": definitions,
    }


def _rewritten(schema: Json) -> Json:
    """A schema of parsed terms as one of what is written: texts, no nulls, and wrappers in place of any value."""
    result = {key: value for key, value in schema.items() if key not in _DROPPED}
    alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    written = [_rewritten(each) for each in alternatives if each.get("type") != "null"]
    if len(written) == 1:
        return {**written[0], **{key: result[key] for key in _SPOKEN if key in result}}
    if written:
        result["anyOf"] = written
    if schema.get("type") == "string" and "enum" not in schema:
        result["type"] = _SCALAR
    if {"yes", "no"} <= set(schema.get("enum", ())):
        result["enum"] = [*schema["enum"], True, False]
        del result["type"]
    if schema.get("const") == "1":
        result = {"enum": ["1", 1]}
    if "properties" in schema:
        result["properties"] = {key: _wrappable(value) for key, value in schema["properties"].items()}
        result["required"] = [*schema.get("required", ()), *_telling(schema["properties"], schema.get("required", ()))]
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            result[key] = _wrappable(schema[key])
    return result


def _telling(properties: Json, required: Iterable[str]) -> list[str]:
    """Keys such as ``family``, by which a block says what it is: they must be written."""
    return [key for key, value in properties.items() if "const" in value and key not in required]


def _wrappable(schema: Json) -> Json:
    inner = _rewritten(schema)
    spoken: Json = {key: inner.pop(key) for key in _SPOKEN if key in inner}
    if not spoken and inner == {"type": _SCALAR}:
        return {"$ref": "#/$defs/Text"}
    alternatives = inner["anyOf"] if list(inner) == ["anyOf"] else [inner]
    return {**spoken, "anyOf": [*alternatives, *_WRAPPERS]}


def _wrappers() -> Json:
    scalar = {"type": _SCALAR}
    limits = {"type": "array", "items": scalar, "minItems": 2, "maxItems": 2}
    return {
        "Text": {"anyOf": [scalar, *_WRAPPERS]},
        "Assumed": _object(
            "a value that the public text does not give 假设",
            {"assume": True, "why": scalar, "source": scalar},
            ["assume", "why"],
        ),
        "OpenBid": _object(
            "a value open to tender, within limits 投标报价",
            {"bid": True, "within": limits, "why": scalar},
            ["bid", "within"],
        ),
    }


def _claims_used(definitions: Json) -> Json:
    """Claims that use a model of another file, and lay some keys over it."""
    properties = {**definitions["AnnualClaims"]["properties"], **definitions["AdmissionClaims"]["properties"]}
    what = "a claims model in a file of its own, and what differs from it"
    return _object(what, {"use": {"type": _SCALAR}, **dict.fromkeys(properties, True)}, ["use"])


def _uncertainty_used(definitions: Json) -> Json:
    """The uncertainty of a claims file, and what is added to it."""
    properties = {"use": {"type": _SCALAR}, **definitions["UncertaintyTerms"]["properties"]}
    return _object("how well a claims file's parameters are known, and what is added to it", properties, ["use"])


def _bands_used() -> Json:
    """Bands of costs in a CSV beside the file."""
    return _object("a table of costs in a CSV beside this file", {"use": {"type": _SCALAR}}, ["use"])


def _apply() -> Json:
    """Change files to be laid over a scheme, by name or with whom they mean in it."""
    people = {"type": "object", "additionalProperties": {"type": "object", "maxProperties": 1}}
    use = _object("a change file, and whom it means here", {"use": {"type": _SCALAR}, "people": people}, ["use"])
    return {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": _SCALAR}, use]}}


def _extension(scheme: Json) -> Json:
    """A file that extends another."""
    change = {"type": "object", "additionalProperties": {"$ref": "#/$defs/ChangeTerms"}}
    apply = {"$ref": "#/$defs/Apply"}
    properties = {"extends": {"type": _SCALAR}, "change": change, "apply": apply} | {key: scheme[key] for key in HEADER}
    return _object("a scheme that differs from another in some values", properties, ["fundsim", "id", "extends"])


def _object(description: str, properties: Json, required: list[str]) -> Json:
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
