"""The commands compare, sweep, tornado and frontier, as a user runs them; their JSON against its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from cities import ADMISSIONS
from fundsim.cli import main

NUMBER: dict[str, Any] = {"type": ["number", "null"]}
VALUE: dict[str, Any] = {
    "type": "object",
    "properties": dict.fromkeys(("mean", "se", "lo", "hi"), NUMBER),
    "required": ["mean", "se", "lo", "hi"],
}
FIGURE: dict[str, Any] = {
    **VALUE,
    "properties": {
        **VALUE["properties"],
        "unit": {"enum": ["yuan", "count", "share", "per 1,000", "yuan/person", "probability"]},
        "difference": VALUE,
        "without_behaviour": VALUE,
    },
    "required": [*VALUE["required"], "unit"],
    "additionalProperties": False,
}
FIGURES: dict[str, Any] = {"type": "object", "additionalProperties": FIGURE, "required": ["premium_needed"]}


def told(required: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object with these keys, and what all of them have."""
    common = {"seed": {"type": "integer"}, "replications": {"type": "integer"}, "versions": {"type": "object"}}
    return {"type": "object", "properties": {**common, **required}, "required": [*common, *required]}


PAIRED: dict[str, Any] = {**VALUE, "required": [*VALUE["required"], "se_unpaired"]}
COMPARED: dict[str, Any] = {**FIGURE, "properties": {**FIGURE["properties"], "difference": PAIRED}}
COMPARE = told({
    "base": {"type": "string"},
    "designs": {"additionalProperties": {
        "properties": {"figures": {"additionalProperties": COMPARED}, "same_people": {"type": "boolean"}},
        "required": ["scenario", "fingerprint", "figures", "by_group", "same_people", "shared_inputs", "poor"],
    }},
})  # fmt: skip
SWEEP = told({
    "varied": {"additionalProperties": {"type": "array"}},
    "as_stated": {"required": ["figures"], "properties": {"figures": FIGURES}},
    "designs": {"type": "array", "items": {"required": ["values", "figures"], "properties": {"figures": FIGURES}}},
})  # fmt: skip
TORNADO = told({
    "figure": {"type": "string"}, "base": VALUE,
    "inputs": {"additionalProperties": {
        "properties": dict.fromkeys(("low", "high", "down", "up", "swing"), VALUE),
        "required": ["kind", "levels", "low", "high", "down", "up", "swing", "by_level"],
    }},
})  # fmt: skip
FRONTIER = told({
    "aims": {"type": "array", "minItems": 3}, "limits": {"type": "object"}, "best": {"type": ["integer", "null"]},
    "designs": {"type": "array", "items": {"required": ["design", "values", "figures", "status", "beaten_by", "budget"],
        "properties": {"status": {"enum": ["efficient", "undecided", "dominated"]}}}},
})  # fmt: skip
UNCERTAIN = "uncertainty: {inputs: {level: {of: cost, distribution: {family: lognormal, cv: 0.1}}}}\n"
VARY = "payers.cii.deductible=6000..8000 step 1000 yuan"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    designs = "designs: {raised: {change: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan}}}}\n"
    (tmp_path / "city.yaml").write_text(ADMISSIONS + UNCERTAIN + designs, encoding="utf-8")
    other = (ADMISSIONS + UNCERTAIN).replace("id: small-city", "id: other-city").replace("cap: 150000", "cap: 90000")
    (tmp_path / "other.yaml").write_text(other, encoding="utf-8")
    return tmp_path


def fundsim(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("compare", "city.yaml", "other.yaml", "--designs"), COMPARE),
        (("sweep", "city.yaml", "--vary", VARY), SWEEP),
        (("tornado", "city.yaml"), TORNADO),
        (("frontier", "city.yaml", "--vary", VARY, "--loss-at-most", "5%"), FRONTIER),
    ],
)
def test_json_follows_its_schema(folder: Path, words: tuple[str, ...], schema: dict[str, Any]) -> None:
    answer = fundsim(*words, "-n", "6", "--seed", "3", "--json")
    assert answer.exit_code == 0, answer.output
    printed = json.loads(answer.stdout)
    jsonschema.validate(printed, schema)
    assert printed["seed"] == 3
    with pytest.raises(jsonschema.ValidationError):  # the schema can fail
        jsonschema.validate({**printed, "replications": "six"}, schema)


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (("compare", "city.yaml"), "raised"),
        (("sweep", "city.yaml", "--vary", VARY, "--show", "insurer_loss"), "7000 yuan"),
        (("tornado", "city.yaml", "--of", "premium_needed"), "费用水平"),
        (("frontier", "city.yaml", "--vary", VARY, "--benefit", "beneficiaries"), "efficient 有效方案"),
    ],
)
def test_tables_figures_and_files_are_written(folder: Path, words: tuple[str, ...], seen: str) -> None:
    answer = fundsim(*words, "-n", "6", "--figure", "a.png", "--out", "a.csv")
    assert answer.exit_code == 0, answer.output
    assert seen in answer.stdout
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "a.csv").stat().st_size > 100
    assert "wrote a.csv" in answer.stderr


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (("compare", "other.yaml"), "is one scheme without designs"),
        (("compare", "city.yaml", "city.yaml"), "is the same scheme as number 1"),
        (("compare", "city.yaml", "--poor", "rich"), "no such group"),
        (("compare", "city.yaml", "--out", "a.docx"), "tables are not written as '.docx'"),
        (("compare", "none.yaml", "city.yaml"), "none.yaml"),
        (("sweep", "city.yaml", "--vary", "payers.cii.deductable=1 yuan"), "did you mean 'deductible'"),
        (("sweep", "city.yaml", "--vary", "payers.cii.deductible=9..1 step 1 yuan"), "empty range"),
        (("sweep", "city.yaml", "--vary", VARY, "--show", "premum_needed", "--figure", "a.png"), "did you mean"),
        (
            ("sweep", "city.yaml", "--vary", "payers.cii.cap=none,90000 yuan/year", "--figure", "a.png"),
            "cannot be an axis",
        ),
        (("tornado", "city.yaml", "--of", "claims"), "there is no such figure"),
        (("tornado", "city.yaml", "--points", "0.9", "0.1"), "no low and high points"),
        (("frontier", "city.yaml", "--vary", VARY, "--loss-at-most", "5"), "has no unit"),
        (("frontier", "city.yaml", "--vary", VARY, "--benefit", "loss_ratio"), "neither good nor bad"),
    ],
)
def test_what_the_user_got_wrong_is_said_in_words(folder: Path, words: tuple[str, ...], seen: str) -> None:
    before = sorted(folder.iterdir())
    answer = fundsim(*words, "-n", "4")
    assert answer.exit_code == 2, answer.output
    assert seen in answer.stderr
    assert "Traceback" not in answer.stderr
    assert sorted(folder.iterdir()) == before


def test_an_interrupted_sweep_is_gone_on_with(folder: Path) -> None:
    first = fundsim("sweep", "city.yaml", "--vary", VARY, "-n", "6", "--keep", "kept", "--json")
    again = fundsim("sweep", "city.yaml", "--vary", VARY, "-n", "6", "--keep", "kept", "--json")
    assert first.stdout == again.stdout
    other = fundsim("sweep", "city.yaml", "--vary", VARY, "-n", "7", "--keep", "kept")
    assert other.exit_code == 2
    assert "replications differ" in other.stderr
