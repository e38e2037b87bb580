"""The pages of the reference that the code itself can tell: docs/commands.md and docs/scenario-files.md.

Run ``python scripts/reference_pages.py`` to see whether they still say what the code says (exit code 1 if not);
``--write`` writes them anew.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fundsim.benefits import RULES
from fundsim.cli import COMMANDS, main
from fundsim.money import format_rate, format_yuan
from fundsim.scenario.schema import scenario_schema
from fundsim.scenario.terms import ChangeFileTerms, ScenarioTerms
from fundsim.terms import Terms

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

COMMANDS_HEAD = """# Commands 命令

What `fundsim COMMAND --help` prints, command by command; `make docs` writes this page. Every command has `-h` and
`--help`. Standard output is data, standard error progress and problems; with `--json` amounts are yuan.
"""

FILES_HEAD = """# Scenario files, key by key 方案文件参考

Every key that a file in `scenarios/` may have, with its type, its default and what it means; `make docs` writes this
page from the terms in the code, and editors get the same from the
[JSON Schema](../src/fundsim/scenario/scenario.schema.json) (`fundsim schema`). Where the meaning says *fen* or *ppm*,
that is what the program holds: in a file amounts are written in yuan and shares in per cent.

**How values are written.** A quantity is a number and its unit: `6000 yuan`, `6000元`, `2.5 亿元`, `33 yuan/person`,
`50%`, `+5pp` (百分点), `x1.4`, `8%/year`, `160 per 1000 persons`, `3300000 persons`, `3 years`. Dates are `2017-01-01`.
A condition (`when`, `only`) names traits and their values: `{hardship: poor, place: [local, province-referred]}`.

**In place of any value** may stand `{assume: VALUE, why: REASON}`, where the public text does not give it (假设), and
`{bid: VALUE, within: [LOW, HIGH]}`, where it is open to tender (投标报价). Every block may have `clause` (the article
that it encodes), `source` (the document) and `note`.

**Files build on files.** `extends: FILE` with `change: {path: {from: OLD, to: NEW}}` makes a scheme that differs from
another in some values; `claims: {use: FILE}` takes a claims model, `uncertainty: {use: FILE}` what is uncertain of it;
`apply: [changes/notice-2016]` lays change files over a scheme.
"""

ANYWHERE = {"clause", "source", "note"}
"""Keys of every block, told once at the head."""
PLAIN = {
    "A": "Share of the bill in class A 甲类.", "B": "Share in class B 乙类.", "C": "Share in class C 丙类.",
    "excluded": "Share that no payer counts 不予支付.", "apply": "Change files laid over the scheme 套用变更文件.",
    "between": "The two inputs.", "claims": "How often people fall ill and how dear that is 费用模型.",
    "covariance": "A row for each name.", "covers": "As in the contract.", "cv": "Coefficient of variation 变异系数.",
    "distribution": "How its value is distributed 分布.", "field": "The key.",
    "from": "Where it begins; of a change, the value that stands there.", "fundsim": "Version of the format 格式版本.",
    "id": "By which scripts and reports name it.",
    "inputs": "Each drawn once in a replication.", "mean": "Its mean; of several names, one each.",
    "name": "Names the case in messages.", "names": "The inputs, in the order of the mean.",
    "pay": "Rate of the slice 支付比例.",
    "replications": "How often 模拟次数.", "rounding": "As in the scheme.",
    "scale": "Parameter of the formula above.",
    "seed": "Of all draws 随机种子.", "shape": "Parameter of the formula above.", "title": "As reports print it; by "
    "language `zh`, `en`.", "to": "Where it ends; of a change, the new value.", "trait": "The trait whose values mix.",
    "traits": "Values of traits, or their shares.", "uncertainty": "What is not known of the claims 不确定性.",
    "values": "Its values, rising.", "waterfall": "As in the scheme.", "when": "The classes of case that are meant.",
    "why": "The reason 理由.", "year": "Calendar year of the data 数据年份.",
}  # fmt: skip
"""What keys mean that the code leaves to their names."""
CHINESE = re.compile(r"\s*[(（]([^()（）]*[\u4e00-\u9fff][^()（）]*)[)）]")
Json = dict[str, Any]
Models = dict[str, type[BaseModel]]


# --- commands -----------------------------------------------------------------------------------------------------


def commands_page() -> str:
    """Every command, its arguments and its options."""
    with click.Context(main, info_name="fundsim") as context:
        return "\n".join([COMMANDS_HEAD, *(_command(name, context) for name in COMMANDS)])


def _command(name: str, context: click.Context) -> str:
    command = main.get_command(context, name)
    assert command is not None
    own = click.Context(command, info_name=name, parent=context)
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    chinese = CHINESE.search(paragraphs[0])
    usage = command.get_usage(own).replace("Usage: ", "").replace("[OPTIONS] ", "[OPTIONS] ")
    lines = [f'<a id="command-{name}"></a>\n', f"## fundsim {name} {chinese[1] if chinese else ''}".rstrip() + "\n"]
    lines += ["```text", re.sub(r"\s+", " ", usage), "```\n"]
    lines += [_wrapped(_with_options(" ".join(each.split()))) + "\n" for each in paragraphs]
    records = [record for each in command.get_params(own) if (record := each.get_help_record(own)) is not None]
    options = [(names, told) for names, told in records if told and "--help" not in names]
    if options:
        rows = (f"| {_code(names)} | {_cell(_with_options(told))} |" for names, told in options)
        lines += ["| option | for |\n|---|---|", *rows, ""]
    return "\n".join(lines)


def _with_options(text: str) -> str:
    """Options as code."""
    return re.sub(r"(?<![\w-])(--?[a-z][a-z-]*)", r"`\1`", text)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _code(text: str) -> str:
    return "`" + text.replace("|", r"\|") + "`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


# --- scenario files -----------------------------------------------------------------------------------------------


def scenario_page() -> str:
    """Every block of scenario files, in the order in which a reader meets it."""
    schema = scenario_schema()["$defs"]
    models = {**_models(Terms), "Scheme": ScenarioTerms, "ChangeFile": ChangeFileTerms}
    order = list(_order(schema, ["Scheme", "ClaimsFile", "ChangeFile"]))
    return "\n".join([FILES_HEAD, *(_block(name, schema, models, order) for name in order)])


def _models(base: type[BaseModel]) -> Models:
    """Every model under the names that a schema may give it; those with the fields of registered rules last."""
    found: Models = {}
    for each in base.__subclasses__():
        path = f"{each.__module__}.{each.__qualname__}".replace(".", "__")
        found |= {each.__name__: each, path: each, **_models(each)}
    return found


def _order(schema: Json, names: Iterable[str]) -> Iterator[str]:
    """Blocks as they are met, each once, those of a block right after it."""
    seen: set[str] = set()

    def walk(name: str) -> Iterator[str]:
        if name in seen or "properties" not in schema[name]:
            return
        seen.add(name)
        yield name
        for referred in _referred(schema[name]["properties"]):
            yield from walk(referred)

    for name in names:
        yield from walk(name)


def _referred(part: Any) -> Iterator[str]:
    """The names of blocks that a part of the schema refers to, without what may stand anywhere."""
    if isinstance(part, dict):
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            if name not in ("Text", "Assumed", "OpenBid", "Apply"):
                yield name
        for value in part.values():
            yield from _referred(value)
    elif isinstance(part, list):
        for value in part:
            yield from _referred(value)


def _block(name: str, schema: Json, models: Models, order: list[str]) -> str:
    model, properties = models[name], schema[name]["properties"]
    family = next((field.default for key, field in model.model_fields.items() if key in ("family", "of", "way")), None)
    title = f"{_title(name)}" + (f" `{family}`" if isinstance(family, str) else "")
    told = inspect.cleandoc(model.__doc__ or "").replace("``", "`")
    lines = [f'<a id="terms-{name}"></a>\n', f"{'##' if name in _PARTS else '###'} {title}\n", _prose(told) + "\n"]
    keys = [key for key in properties if key not in ANYWHERE]
    if keys:
        required = set(schema[name].get("required", ()))
        lines += ["| key | type | default | meaning |\n|---|---|---|---|"]
        lines += [_row(key, properties[key], model, key in required, schema, models, order) for key in keys]
        lines.append("")
    return "\n".join(lines)


_PARTS = {
    "Scheme": "A scheme 方案", "Payer": "Payers 支付方", "PopulationTerms": "Population 参保人群",
    "AnnualClaims": "Claims: annual amounts 年度费用", "AdmissionClaims": "Claims: admissions 逐次就医",
    "ContractTerms": "Contract 承办合同", "FundTerms": "Funds 基金账户", "UncertaintyTerms": "Uncertainty 不确定性",
    "EventTerms": "Events 事件", "BehaviourTerms": "Behaviour 行为反应", "SimulationTerms": "Simulation 模拟设置",
    "ExampleTerms": "Examples 算例", "DesignTerms": "Designs 设计方案", "ReadingTerms": "Readings 原文读法",
    "Locality": "Locality 当地情况", "ClaimsFile": "Claims files 费用模型文件", "ChangeFile": "Change files 变更文件",
}  # fmt: skip
"""Blocks with a heading of their own in the contents."""


def _title(name: str) -> str:
    short = name.rpartition("__")[2].removesuffix("Terms")
    return _PARTS.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", short)


def _prose(text: str) -> str:
    return "\n\n".join(_wrapped(" ".join(each.split())) for each in text.split("\n\n"))


def _row(
    key: str, part: Json, model: type[BaseModel], required: bool, schema: Json, models: Models, order: list[str]
) -> str:
    name, field = next(
        ((name, field) for name, field in model.model_fields.items() if name == key or field.alias == key), (key, None)
    )
    kind = _kind(part, schema, order) if isinstance(part, dict) else "any"
    default = "**required**" if required else _default(field, part)
    return f"| `{key}` | {_cell(kind)} | {_cell(default)} | {_cell(_meaning(key, name, part, model, models))} |"


def _meaning(key: str, name: str, part: Json, model: type[BaseModel], models: Models) -> str:
    """What is said of a field below it, of the rule behind it, or of the block that it holds."""
    of_rule = RULES[key].__doc__ if key in RULES and {*RULES} <= {*model.model_fields} else None
    told = _docs(model).get(name) or of_rule or _of_block(part, models)
    told = told or PLAIN.get(key) or "Says which kind of block this is."
    told = " ".join(told.split()).replace("``", "`").removeprefix(f"`{key}`: ")
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", told[:1].upper() + told[1:])


def _of_block(part: Any, models: Models) -> str:
    """The first sentence of the one block that a key may hold; of several nothing."""
    blocks = list(dict.fromkeys(_referred(part)))
    if len(blocks) != 1 or blocks[0] not in models:
        return ""
    return inspect.cleandoc(models[blocks[0]].__doc__ or "").split("\n\n")[0]


def _kind(part: Json, schema: Json, order: list[str]) -> str:
    """A type in words; the unit by an example."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        if name in order:
            return f"[{_title(name)}](#terms-{name})"
        return "text" if name == "Text" else _kind(schema[name], schema, order)
    if "anyOf" in part:
        kept = [each for each in part["anyOf"] if not each.get("$ref", "").endswith(("Assumed", "OpenBid"))]
        kinds = dict.fromkeys(_kind(each, schema, order) for each in kept)
        own = _spoken(part)
        if kinds == dict.fromkeys(["text", "list of text"]) and "additionalProperties" not in part:
            return "text, or list of text"
        return own if own and all(kind in ("text", "yes/no") for kind in kinds) else " or ".join(kinds)
    if spoken := _spoken(part):
        return spoken
    if "enum" in part:
        words = dict.fromkeys(str(each) for each in part["enum"] if not isinstance(each, bool))
        return " or ".join(f"`{each}`" for each in words)
    if "const" in part:
        return f"`{part['const']}`"
    if part.get("type") == "array":
        return f"list of {_kind(part.get('items', {}), schema, order)}"
    if isinstance(part.get("additionalProperties"), dict):
        inner = _kind(part["additionalProperties"], schema, order)
        return "traits and their values" if inner == "text, or list of text" else f"by name: {inner}"
    return "text"


def _spoken(part: Json) -> str:
    if "description" not in part:
        return ""
    examples = part.get("examples", ())
    return part["description"] + (f", `{examples[0]}`" if examples else "")


def _default(field: FieldInfo | None, part: Any) -> str:
    """A default as it would be written; nothing where a key may be left out."""
    value = None if field is None or field.is_required() or field.default_factory else field.default
    if value is None or value in ((), []):
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        told = str(part)
        if "share between" in told or "growth" in told:
            return f"`{format_rate(value)}`"
        if any(word in told for word in ("金额", "总额", "余额")):
            return f"`{format_yuan(value).removesuffix('.00')} yuan`"
    if isinstance(value, str | int | float):
        return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
    return f"`{value[0]}`" if isinstance(value, tuple) and isinstance(value[0], str) else ""


@cache
def _docs(model: type[BaseModel]) -> dict[str, str]:
    """What is said below the fields of a model and of those it is made of."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each.__module__.startswith("fundsim"):
            found |= _docs_in(each)
    return found


def _docs_in(model: type[BaseModel]) -> dict[str, str]:
    try:
        source = textwrap.dedent(inspect.getsource(model))
    except (OSError, TypeError):  # made of registered rules, not written
        return {}
    tree = ast.parse(source).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for statement, after in zip(tree.body, tree.body[1:], strict=False):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            found[statement.target.id] = after.value.value
    return found


# --- both ---------------------------------------------------------------------------------------------------------


PAGES = {"commands.md": commands_page, "scenario-files.md": scenario_page}


def stale() -> list[str]:
    """The pages that do not say what the code says."""
    return [name for name, page in PAGES.items() if (DOCS / name).read_text(encoding="utf-8") != page()]


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the pages")
    if parser.parse_args().write:
        for name, page in PAGES.items():
            (DOCS / name).write_text(page(), encoding="utf-8")
            print(f"wrote docs/{name}")
        return
    if found := stale():
        sys.exit(f"{', '.join(found)}: not what the code says; run 'make docs'")
    print("docs/commands.md and docs/scenario-files.md are up to date")


if __name__ == "__main__":
    run()
