"""The JSON Schema that is shipped: it is current, it takes every good file, and it refuses what it can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from fundsim.scenario.schema import FILE, scenario_schema, schema_text
from fundsim.scenario.template import TEMPLATE

ROOT = Path(__file__).parent.parent
GOOD = ROOT / "tests" / "bad" / "good" / "base.yaml"
SCHEMES = [file for file in sorted((ROOT / "scenarios").rglob("*.yaml")) if file.parent.name != "tenders"]
FILES = [TEMPLATE, GOOD, GOOD.with_name("uncertain.yaml"), *SCHEMES]


class Editor(yaml.SafeLoader):
    """Reads YAML as an editor does: numbers and booleans, but dates as text."""


Editor.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

VALIDATOR = jsonschema.Draft202012Validator(scenario_schema())


def as_text(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)


def test_the_schema_that_is_shipped_is_current() -> None:
    hint = "write it anew: fundsim schema > src/fundsim/scenario/scenario.schema.json"
    assert FILE.read_text(encoding="utf-8") == schema_text(), hint


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize("loader", [yaml.BaseLoader, Editor])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_good_file_validates(file: Path, loader: Any) -> None:
    document = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)] == []


EXTENSION = "fundsim: 1\nid: child\nextends: base\nchange: {payers.cii.pay: {from: 50%, to: 60%}}\n"


@pytest.mark.parametrize(
    "text",
    [
        EXTENSION,
        "fundsim: 1\nid: child\nextends: base\nvalid: {from: 2018-01-01, to: 2018-12-31}\n",
        GOOD.read_text(encoding="utf-8").replace("1000 persons", "{assume: 1000 persons, why: x}"),
        GOOD.read_text(encoding="utf-8").replace(
            "waterfall: [basic, cii]", "waterfall: {assume: [basic, cii], why: x}"
        ),
    ],
)
def test_extensions_and_wrapped_values_validate(text: str) -> None:
    assert VALIDATOR.is_valid(as_text(text))


def test_claims_in_another_file_validate() -> None:
    document = as_text(GOOD.read_text(encoding="utf-8"))
    document["claims"] = {"use": "claims/pilot.yaml", "trend": {"cost": "5%/year", "to": "2017"}}
    assert VALIDATOR.is_valid(document)
    document["claims"]["tend"] = {}
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    ("bands", "valid"),
    [
        ([{"from": "0 yuan", "to": "2000 yuan", "share": "30%"}, {"to": "8000 yuan", "share": "70%"}], True),
        ([{"to": "2000 yuan", "below": {"assume": "100%", "why": "x"}}], True),
        ({"use": "stays.csv"}, True),
        ({"use": "stays.csv", "unit": "yuan"}, False),
        ([{"upto": "2000 yuan", "share": "100%"}], False),
    ],
)
def test_bands_of_costs_validate_inline_and_in_a_csv(bands: Any, *, valid: bool) -> None:
    document = as_text(GOOD.read_text(encoding="utf-8"))
    for level in document["claims"]["care"].values():
        level["cost"] = {"family": "table", "bands": bands}
    assert VALIDATOR.is_valid(document) == valid


@pytest.mark.parametrize(
    "text",
    [
        EXTENSION.replace("id: child\n", ""),
        EXTENSION.replace(", to: 60%", ""),
        EXTENSION + "payers: {}\n",
        "fundsim: 2\nid: a\nclaims: {}\n",
        "fundsim: 1\nid: A B\nextends: base\n",
        "- a list\n",
        *(
            GOOD.read_text(encoding="utf-8").replace(old, new)
            for old, new in (
                ("deductible: 6000 yuan", "deductable: 6000 yuan"),
                ("accumulate: admission", "accumulate: stay"),
                ("waterfall: [basic, cii]", "waterfall: basic"),
                ("family: poisson", "family: poison"),
                ("family: poisson, ", ""),
                ("id: base\n", ""),
                ("deductible: 6000 yuan", "deductible: {assume: 6000 yuan}"),
            )
        ),
        *(
            GOOD.with_name("uncertain.yaml").read_text(encoding="utf-8").replace(old, new)
            for old, new in (
                ("family: gamma", "family: beta"),
                ("of: enrolment", "of: enrollment"),
                ("draws: independent", "draws: sobol"),
                ("trait: place, ", ""),
                ("probability: 30%\n", "probability: 30%\n    chance: 30%\n"),
                ("policy: yes", "policy: maybe"),
            )
        ),
    ],
)
def test_what_a_schema_can_see_is_refused(text: str) -> None:
    assert not VALIDATOR.is_valid(as_text(text))
