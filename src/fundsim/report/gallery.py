"""The gallery (方案一览): every scheme of a folder on one page, side by side and then one by one, with its chart.

The page is Markdown that is made from the scenario files alone. What a scheme that extends another has in common with
it is said in one line, so that a reader sees what differs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fundsim.report.benefit_curves import BenefitCurve, benefit_curves, checksum, ordinary_case
from fundsim.report.contract_words import (
    case_in_words,
    contract_in_words,
    loss_in_words,
    premium_in_words,
    surplus_in_words,
)
from fundsim.report.gallery_charts import checksum_in, overview_checksum, write_chart, write_overview
from fundsim.scenario import Scenario, load
from fundsim.scenario.nodes import Block, Listing, Node, Scalar, inline, plain
from fundsim.scenario.problems import Problems, dotted
from fundsim.scenario.reader import read_source, read_tree
from fundsim.scenario.show import base_in_words, table_rows
from fundsim.scenario.table import Row, compiled_table
from fundsim.scenario.traits import person_traits
from fundsim.scenario.ways import find, walk
from fundsim.scenario.wrappers import Assumption, unwrap

PAGE: Final = "gallery.md"
CHARTS: Final = "gallery"
"""Folder of the charts, beside the page."""
MODELS: Final = "claims"
"""Folder of the claims models that schemes share, beside the schemes."""
OVERVIEW: Final = "all-schemes"
"""Name of the chart of all schemes."""
ASSUMED, TENDERED = "ᵃ", "ᵇ"
FIRST_CHINESE: Final = 0x2E80
LONG_TABLE: Final = 16
"""Rows from which a compiled table is folded away."""
_OF_A_VARIANT: Final = ("when", "clause", "note", "source", "overrides")
_OF_A_PAYER: Final = (
    "title", "clause", "note", "source", "base", "only", "accumulate", "bands_from", "deductible", "bands", "pay",
    "cap", "variants",
)  # fmt: skip
"""Keys of a payer that have a column or a place of their own; any other is listed as it is written."""
_SAID_OF_ITS_BASE: Final = ("tops_up", "cap_shared_with", "above_share")
"""Keys of a payer that the sentence about its base tells of."""


@dataclass(frozen=True)
class Exhibit:
    """One scheme of the gallery."""

    scenario: Scenario
    written: Block
    """Its file as it was written, before the scheme it extends was laid beneath."""
    curves: tuple[BenefitCurve, ...]
    chart: str
    """The scheme whose chart shows these curves: its own, or the one that it extends and pays like."""

    @property
    def id(self) -> str:
        return self.scenario.id

    @property
    def label(self) -> str:
        """Id and English title, for charts, whose font has no Chinese."""
        title = (self.scenario.terms.title or {}).get("en", "")
        return f"{self.id}   {title}".rstrip() if max(map(ord, title), default=0) < FIRST_CHINESE else self.id

    @property
    def base(self) -> str | None:
        """The scheme that this one extends."""
        named = self.written.get("extends")
        return Path(named.text).stem if isinstance(named, Scalar) else None


def read_exhibits(folder: Path) -> tuple[Exhibit, ...]:
    """Load every scheme of a folder, by id.

    Raises:
        ScenarioError: a scheme with problems.
    """
    found: dict[str, Exhibit] = {}
    for path in sorted(folder.glob("*.yaml"), key=lambda path: path.stem):
        scenario = load(path)
        found[path.stem] = Exhibit(scenario, _as_written(path), benefit_curves(scenario), path.stem)
    return tuple(Exhibit(each.scenario, each.written, each.curves, _chart(each, found)) for each in found.values())


def _as_written(path: Path) -> Block:
    source, text = read_source(path)
    problems = Problems(source)
    tree = read_tree(text, source, problems)
    assert tree is not None
    root = unwrap(tree, problems)
    assert isinstance(root, Block)
    return root


def _chart(exhibit: Exhibit, found: Mapping[str, Exhibit]) -> str:
    base = found.get(exhibit.base or "")
    return _chart(base, found) if base is not None and base.curves == exhibit.curves else exhibit.id


# --- files ------------------------------------------------------------------------------------------------------


def write_gallery(exhibits: Sequence[Exhibit], docs: Path) -> list[Path]:
    """Write the page and its charts into a folder, and delete charts of schemes that are gone; return what is there."""
    charts = docs / CHARTS
    charts.mkdir(parents=True, exist_ok=True)
    shown = _shown(exhibits)
    for exhibit in shown:
        write_chart(charts / f"{exhibit.id}.svg", exhibit.label, exhibit.curves)
    write_overview(charts / f"{OVERVIEW}.svg", {exhibit.id: exhibit.curves for exhibit in shown})
    for stray in _strays(exhibits, charts):
        stray.unlink()
    page = docs / PAGE
    page.write_text(page_of(exhibits), encoding="utf-8", newline="\n")
    return [page, *sorted(charts.glob("*.svg"))]


def stale_files(exhibits: Sequence[Exhibit], docs: Path) -> list[Path]:
    """Files of the gallery that are missing, say something else than the schemes do, or belong to none."""
    page, charts = docs / PAGE, docs / CHARTS
    found = [] if page.is_file() and page.read_text(encoding="utf-8") == page_of(exhibits) else [page]
    shown = _shown(exhibits)
    wanted = {charts / f"{exhibit.id}.svg": checksum(exhibit.curves) for exhibit in shown}
    wanted[charts / f"{OVERVIEW}.svg"] = overview_checksum({exhibit.id: exhibit.curves for exhibit in shown})
    found += [path for path, curves in wanted.items() if checksum_in(path) != curves]
    return [*found, *_strays(exhibits, charts)]


def _shown(exhibits: Sequence[Exhibit]) -> list[Exhibit]:
    """The schemes that have a chart of their own."""
    return [exhibit for exhibit in exhibits if exhibit.chart == exhibit.id]


def _strays(exhibits: Sequence[Exhibit], charts: Path) -> list[Path]:
    wanted = {OVERVIEW, *(exhibit.id for exhibit in _shown(exhibits))}
    return [path for path in sorted(charts.glob("*.svg")) if path.stem not in wanted]


# --- the page ---------------------------------------------------------------------------------------------------


def page_of(exhibits: Sequence[Exhibit]) -> str:
    """The whole page as Markdown."""
    by_id = {exhibit.id: exhibit for exhibit in exhibits}
    parts = [
        "# The schemes side by side 方案一览",
        f"{len(exhibits)} schemes, as the files in [`scenarios/`](../scenarios) state them; `make docs` writes this "
        "page. Amounts are yuan (元) a year. Deductible, bands and cap are those of the ordinary case; what differs "
        "from it stands in the columns after them. "
        f"{ASSUMED} is assumed, because the public text does not give it (假设); {TENDERED} is open to tender (投标).",
        _table(_HEAD, (_row(exhibit) for exhibit in exhibits)),
        "Own cost is what counts for critical illness insurance after the payers before it (合规自付费用). "
        "Each panel shows one scheme in black, those whom it pays most or least dashed as in its own chart below, "
        "and every other scheme's ordinary case in grey.",
        f"![Payment as a part of own cost, a panel for each scheme]({CHARTS}/{OVERVIEW}.svg)",
        *(_section(exhibit, by_id.get(exhibit.base or "")) for exhibit in exhibits),
        *_shared_models(exhibits),
    ]
    return "\n\n".join(parts) + "\n"


_HEAD: Final = (
    "scheme 方案", "in force 施行", "premium per head 人均筹资", "deductible 起付线", "bands 分段支付比例",
    "cap 封顶线", "by person 倾斜与人员差别", "by case 就医差别", "surplus 结余", "loss 亏损", "assumed 假设",
    "damaged or ambiguous in the source 原文缺损或歧义",
)  # fmt: skip


def _row(exhibit: Exhibit) -> tuple[str, ...]:
    scenario, terms = exhibit.scenario, exhibit.scenario.terms
    contract = terms.contract
    return (
        f"[{exhibit.id}](#{exhibit.id})<br>{md(scenario.title('zh'))}",
        "–" if terms.valid is None else _years(terms.valid.from_.year, terms.valid.to.year),
        _lines(map(md, premium_in_words(contract)), _marks(scenario, "contract.premium")),
        *_ordinary_cells(scenario),
        _lines(_variants_in_words(scenario, of_persons=True)),
        _lines([*_only_in_words(scenario), *_variants_in_words(scenario, of_persons=False)]),
        md(surplus_in_words(contract)) + _marks(scenario, "contract.surplus", "contract.allowance", "contract.excess"),
        md(loss_in_words(contract)) + _marks(scenario, *_LOSS),
        _assumed_in_short(scenario),
        _lines(_readings_in_short(scenario)),
    )


_LOSS: Final = tuple(f"contract.{field}" for field in ("loss_cause", "policy_share", "tiers", "policy_tiers"))


def _years(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _ordinary_cells(scenario: Scenario) -> Iterator[str]:
    """Deductible, bands and cap of the ordinary case; of each payer by name where several are covered."""
    payers = scenario.plan.covers
    columns: dict[str, list[str]] = {"deductible": [], "bands": [], "cap": []}
    for payer in payers:
        row = _ordinary_row(scenario, payer)
        name = f"{payer}: " if len(payers) > 1 else ""
        fields = {"deductible": ("deductible",), "bands": ("bands", "pay"), "cap": ("cap",)}
        for column, texts in columns.items():
            marks = _marks(scenario, *(f"payers.{payer}.{field}" for field in fields[column]))
            texts.append(f"{name}{md(getattr(row, column))}{marks}")
        columns["cap"] += [f"{name}{rule}" for rule in _further_rules(scenario, payer, ())]
    yield from (_lines(texts) for texts in columns.values())


def _ordinary_row(scenario: Scenario, payer: str) -> Row:
    """The row of the ordinary case, or of the first case that the payer covers where that one is not."""
    case, rows = ordinary_case(scenario), compiled_table(scenario, payer)
    row = next(row for row in rows if all(case[trait] in value.split(", ") for trait, value in row.case.items()))
    return row if row.covered else next((row for row in rows if row.covered), row)


def _variants_in_words(scenario: Scenario, *, of_persons: bool) -> Iterator[str]:
    """The variants of the covered payers that look at the person, or those that look at the case alone."""
    owned = person_traits(scenario.terms.population)
    found = [
        (f"{md(case_in_words(_when(variant)))}: {_change(variant)}", payer)
        for payer in scenario.plan.covers
        for variant in _variants(scenario, payer)
        if any(trait in owned for trait in _when(variant)) == of_persons
    ]
    return _by_payer(scenario, found)


def _only_in_words(scenario: Scenario) -> Iterator[str]:
    """Of whom and of what the covered payers pay at all, where it is not every case."""
    return _by_payer(scenario, [(text, payer) for payer in scenario.plan.covers for text in _only(scenario, payer)])


def _by_payer(scenario: Scenario, found: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What holds for covered payers, each text once, with the payers' names where it does not hold for all of them."""
    holds: dict[str, list[str]] = {}
    for text, payer in found:
        holds.setdefault(text, []).append(payer)
    for text, payers in holds.items():
        yield text if len(payers) == len(scenario.plan.covers) else f"{', '.join(payers)}: {text}"


def _assumed_in_short(scenario: Scenario) -> str:
    """How many values are assumed, and of what."""
    where = Counter(_subject(each.path) for each in scenario.assumptions)
    listed = ", ".join(f"{subject} {count}" for subject, count in where.items())
    return f"{where.total()}: {listed}" if where else "nothing"


def _subject(path: str) -> str:
    """What an assumption is about: a payer by its name, else the part of the file."""
    parts = re.split(r"[.\[]", path)
    return parts[1] if parts[0] == "payers" else parts[0]


def _readings_in_short(scenario: Scenario) -> Iterator[str]:
    for each in scenario.terms.readings:
        printed = f"“{md(each.printed)}” " if each.printed else ""
        yield f"{md(each.at)}: {printed}→ {md(each.read)}"


# --- one scheme -------------------------------------------------------------------------------------------------


def _section(exhibit: Exhibit, base: Exhibit | None) -> str:
    """Heading, chart and blocks of a scheme; blocks that are the same in the one it extends are only named."""
    titles = dict.fromkeys(exhibit.scenario.title(lang) for lang in ("zh", "en"))
    blocks = dict(_blocks(exhibit, base))
    of_base = {} if base is None else dict(_blocks(base, None))
    same = [title for title, text in blocks.items() if of_base.get(title) == text]
    parts = [f'<a id="{exhibit.id}"></a>\n\n## {md(" · ".join(titles))}', *_changed(exhibit)]
    parts += [f"**{title}**\n\n{text}" for title, text in blocks.items() if title not in same]
    if base is not None and same:
        parts.append(f"As in [{base.id}](#{base.id}): {'; '.join(same)}.")
    parts.append(_foot(exhibit.scenario))
    return "\n\n".join(parts)


def _changed(exhibit: Exhibit) -> Iterator[str]:
    """What the file changes of the scheme that it extends."""
    if exhibit.base is None:
        return
    change = exhibit.written.get("change")
    lines = list(_changes_in_words(change)) if isinstance(change, Block) else []
    if "apply" in exhibit.written:
        lines.insert(0, f"applies {_code(exhibit.written.get('apply'))}")
    yield "\n".join([f"Extends [{exhibit.base}](#{exhibit.base}):", "", *(f"- {line}" for line in lines)])


def _changes_in_words(change: Block) -> Iterator[str]:
    for entry in change.entries:
        before, after = (entry.value.get(key) if isinstance(entry.value, Block) else None for key in ("from", "to"))
        why = "; ".join(label.why for label in (after.labels if after else ()) if label.why)
        yield f"`{entry.key}`: {_code(before)} → {_code(after)}{f' – {md(why)}' if why else ''}"


def _blocks(exhibit: Exhibit, base: Exhibit | None) -> Iterator[tuple[str, str]]:
    """The parts of a section, by title; those with nothing in them are left out."""
    scenario = exhibit.scenario
    yield "The scheme 方案", _table(("", ""), _facts(scenario))
    yield "Benefit against own cost 待遇曲线", _picture(exhibit)
    for payer in scenario.plan.covers:
        yield f"{md(_payer_title(scenario, payer))} – benefits 待遇", "\n\n".join(_benefits(scenario, payer))
    yield "Contract 合同", _table(("", ""), ((name, md(text)) for name, text in _contract(scenario)))
    listed = {
        "Damaged or ambiguous places, and how they are read 原文缺损或歧义之处的理解": _readings(scenario),
        "Remarks in the file 文件中的说明": "\n".join(f"- `{path}`: {md(text)}" for path, text in _notes(scenario)),
        "Open to tender 投标报价": "\n".join(f"- {md(str(bid))}" for bid in scenario.bids),
        "Other payers 其他支付方": "\n".join(_other_payers(scenario)),
        "Assumed 假设": _assumptions(exhibit, base),
        "Designs on the same people 同一人群的其他方案": _designs(scenario),
    }
    yield from ((title, text) for title, text in listed.items() if text)


def _facts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    terms = scenario.terms
    source = scenario.root.get("source")
    if isinstance(source, Scalar):
        yield "source 来源", md(source.text)
    if terms.valid is not None:
        yield "in force 施行", f"{terms.valid.from_} to {terms.valid.to}"
    groups = ", ".join(f"{group.name} {group.persons:,}" for group in scenario.population.groups)
    yield "insured 参保人数", f"{scenario.population.insured:,} ({md(groups)}){_marks(scenario, 'population.insured')}"
    yield "order of settlement 报销顺序", md(" → ".join(_payer_title(scenario, name) for name in scenario.plan.names))


def _picture(exhibit: Exhibit) -> str:
    names = "; ".join(curve.name for curve in exhibit.curves)
    return f"![{md(exhibit.id)}, payment against own cost: {md(names)}]({CHARTS}/{exhibit.chart}.svg)"


def _benefits(scenario: Scenario, payer: str) -> Iterator[str]:
    """What counts, further rules, the compiled table, and the variants with their clauses."""
    clause = scenario.plan.payer(payer).clause
    counts = f"Counts 计入: {md(base_in_words(scenario.plan.payer(payer)))}{f' ({md(clause)})' if clause else ''}."
    rules = [*_only(scenario, payer), *_further_rules(scenario, payer)]
    yield f"{counts} {'; '.join(rules)}".strip()
    head, *rows = table_rows(scenario, payer)
    table = _table(head, ([md(cell) for cell in row] for row in rows))
    yield _folded(f"{len(rows)} classes of case 类别", table) if len(rows) > LONG_TABLE else table
    variants = [
        (str(number), md(case_in_words(_when(variant))), _change(variant), _text_of(variant, "clause"))
        for number, variant in enumerate(_variants(scenario, payer), start=1)
    ]
    if variants:
        yield _table(("variant", "of whom or what 对象", "change 调整", "clause 条款"), variants)


def _contract(scenario: Scenario) -> Iterator[tuple[str, str]]:
    contract = scenario.terms.contract
    if contract.clause:
        yield "clause 条款", contract.clause
    yield from contract_in_words(contract)


def _readings(scenario: Scenario) -> str:
    rows = [(each.at, each.printed or "–", each.read, each.why, each.other or "–") for each in scenario.terms.readings]
    head = ("at 位置", "printed 原文", "read as 理解", "why 理由", "other reading, as a design 另一理解")
    return _table(head, (tuple(map(md, row)) for row in rows)) if rows else ""


_ELSEWHERE: Final = ("examples", "designs", "claims", "readings")


def _notes(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Remarks anywhere in the scheme but in its examples, designs and claims model."""
    for way, node in walk(scenario.root):
        if way[-1:] == ("note",) and isinstance(node, Scalar) and way[0] not in _ELSEWHERE:
            yield dotted(way), node.text


def _other_payers(scenario: Scenario) -> Iterator[str]:
    """The payers that the contract does not insure, a line each."""
    covered = scenario.plan.covers
    for schedule in scenario.plan.payers:
        if schedule.name in covered:
            continue
        row = _ordinary_row(scenario, schedule.name)
        rules = [f"deductible {row.deductible}", row.bands, f"cap {row.cap}"]
        variants = len(_variants(scenario, schedule.name))
        rules += [f"{variants} variant{'s' * (variants > 1)}"] * bool(variants)
        words = f"{base_in_words(schedule)}; ordinarily {', '.join(rules)}"
        further = "".join(f"; {rule}" for rule in _further_rules(scenario, schedule.name))
        further += "".join(f"; {rule}" for rule in _only(scenario, schedule.name))
        marks = _marks(scenario, f"payers.{schedule.name}.")
        yield f"- {md(_payer_title(scenario, schedule.name))}: {md(words)}{further}{marks}"


def _assumptions(exhibit: Exhibit, base: Exhibit | None) -> str:
    """What is assumed, with its reason, folded away; what others say too is referred to."""
    listed = [each for each in exhibit.scenario.assumptions if _model_of(each) is None]
    known = {_said(each) for each in base.scenario.assumptions} if base else set()
    own = [each for each in listed if _said(each) not in known]
    models = Counter(filter(None, map(_model_of, exhibit.scenario.assumptions)))
    parts = []
    if own:
        summary = f"{len(own)} values that the public text does not give 原文未载明的{len(own)}项"
        parts.append(_folded(summary, _assumption_table(own)))
    if base is not None and len(own) < len(listed):
        parts.append(f"{len(listed) - len(own)} more as in [{base.id}](#{base.id}).")
    parts += [f"{count} more in the claims model [{name}](#{name})." for name, count in models.items()]
    return "\n\n".join(parts)


def _said(assumption: Assumption) -> tuple[str, str, str]:
    return assumption.path, assumption.text, assumption.why


def _model_of(assumption: Assumption) -> str | None:
    """The file of a claims model that several schemes use, where the assumption is made in such a file."""
    file = Path(assumption.mark.rpartition(":")[0])
    return file.stem if file.parent.name == MODELS and assumption.path.startswith("claims.") else None


def _assumption_table(assumptions: Iterable[Assumption]) -> str:
    rows = ((f"`{each.path}`", md(each.text), md(each.why), md(each.source or "")) for each in assumptions)
    return _table(("value 项目", "assumed 取值", "why 理由", "source 依据"), rows)


def _shared_models(exhibits: Sequence[Exhibit]) -> Iterator[str]:
    """The claims models that schemes share: who uses them, and what they assume."""
    users: dict[str, dict[str, None]] = {}
    assumed: dict[str, dict[tuple[str, str, str], Assumption]] = {}
    for exhibit in exhibits:
        for each in exhibit.scenario.assumptions:
            name = _model_of(each)
            if name is not None:
                users.setdefault(name, {})[exhibit.id] = None
                assumed.setdefault(name, {})[_said(each)] = each
    for name in sorted(users):
        by = ", ".join(f"[{user}](#{user})" for user in users[name])
        file = f"scenarios/{MODELS}/{name}.yaml"
        head = f'<a id="{name}"></a>\n\n## Claims model 费用模型 {name}'
        yield "\n\n".join([head, f"[`{file}`](../{file}), used by {by}.", _assumption_table(assumed[name].values())])


def _designs(scenario: Scenario) -> str:
    lines = []
    for name, design in scenario.designs:
        change = find(scenario.root, ("designs", name, "change"))
        words = "; ".join(_changes_in_words(change)) if isinstance(change, Block) else ""
        title = f" {md(design.title())}" if find(scenario.root, ("designs", name, "title")) else ""
        lines.append(f"- **{md(name)}**{title}: {words}")
    text = "\n".join(lines)
    return _folded(f"{len(lines)} designs", text) if len(lines) > LONG_TABLE else text


def _foot(scenario: Scenario) -> str:
    examples = len(scenario.terms.examples)
    return (
        f"{examples} worked example{'s' * (examples != 1)} in [`scenarios/{scenario.id}.yaml`]"
        f"(../scenarios/{scenario.id}.yaml); fingerprint `{scenario.fingerprint}`."
    )


# --- parts of the text tree ---------------------------------------------------------------------------------------


def _payer_title(scenario: Scenario, payer: str) -> str:
    title = find(scenario.root, ("payers", payer, "title"))
    chinese = title.get("zh") if isinstance(title, Block) else title
    return f"{payer} {chinese.text}" if isinstance(chinese, Scalar) else payer


def _variants(scenario: Scenario, payer: str) -> tuple[Block, ...]:
    stated = find(scenario.root, ("payers", payer, "variants"))
    return tuple(item for item in stated.items if isinstance(item, Block)) if isinstance(stated, Listing) else ()


def _when(variant: Block) -> dict[str, str | list[str]]:
    when = variant.get("when")
    return plain(when) if isinstance(when, Block) else {}  # type: ignore[return-value]


def _change(variant: Block) -> str:
    """What a variant changes, as written: ``deductible 3000 yuan, pay +10pp``."""
    changes = variant.without(*_OF_A_VARIANT).entries
    return ", ".join(f"{entry.key} {md(inline(entry.value, limit=200))}{_labels(entry.value)}" for entry in changes)


def _only(scenario: Scenario, payer: str) -> list[str]:
    """The conditions of which a case must meet one to be covered."""
    stated = find(scenario.root, ("payers", payer, "only"))
    blocks = [item for item in stated.items if isinstance(item, Block)] if isinstance(stated, Listing) else []
    return [f"only {md(case_in_words(plain(block)))}" for block in blocks]  # type: ignore[arg-type]


def _further_rules(scenario: Scenario, payer: str, said: Sequence[str] = _SAID_OF_ITS_BASE) -> list[str]:
    """Fields of a payer beside those that the table shows and those that are said elsewhere, as written."""
    block = find(scenario.root, ("payers", payer))
    entries = block.without(*_OF_A_PAYER, *said).entries if isinstance(block, Block) else ()
    return [
        f"{entry.key.replace('_', ' ')} {md(inline(entry.value, limit=200).strip('[]'))}{_labels(entry.value)}"
        for entry in entries
    ]


def _labels(node: Node) -> str:
    kinds = [type(label).__name__ for _, below in walk(node) for label in below.labels]
    return ASSUMED * ("Assumed" in kinds) + TENDERED * ("Tendered" in kinds)


def _text_of(block: Block, key: str) -> str:
    node = block.get(key)
    return md(node.text) if isinstance(node, Scalar) else "–"


def _marks(scenario: Scenario, *paths: str) -> str:
    """Whether a value at one of these paths, or below it, is assumed or open to tender."""
    assumed = any(each.path.startswith(paths) for each in scenario.assumptions)
    tendered = any(each.path.startswith(paths) for each in scenario.bids)
    return ASSUMED * assumed + TENDERED * tendered


# --- Markdown ---------------------------------------------------------------------------------------------------

_SPECIAL: Final = re.compile(r"([\\`*_<>|~\[\]$#])")


def md(text: str) -> str:
    """``text`` so that Markdown shows it as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _code(node: Node | None) -> str:
    return "–" if node is None else f"`{inline(node, limit=200)}`"


def _lines(texts: Iterable[str], mark: str = "") -> str:
    """Texts below one another in a cell."""
    return "<br>".join(f"{text}{mark}" for text in texts) or "–"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _folded(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
