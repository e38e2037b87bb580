"""The schemes side by side (方案对照): a row of the large table for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from fundsim.report.gallery.contract_words import case_in_words, loss_in_words, premium_in_words, surplus_in_words
from fundsim.report.gallery.exhibits import Exhibit
from fundsim.report.gallery.markdown import lines, md
from fundsim.report.gallery.stated import (
    change_in_words,
    further_rules,
    marks_of,
    only_in_words,
    ordinary_row,
    variants_of,
    when_of,
)
from fundsim.scenario import Scenario
from fundsim.scenario.traits import person_traits

HEAD: Final = (
    "scheme 方案", "in force 施行", "premium per head 人均筹资", "deductible 起付线", "bands 分段支付比例",
    "cap 封顶线", "by person 倾斜与人员差别", "by case 就医差别", "surplus 结余", "loss 亏损", "assumed 假设",
    "damaged or ambiguous in the source 原文缺损或歧义",
)  # fmt: skip


def row_of(exhibit: Exhibit) -> tuple[str, ...]:
    """The cells of a scheme, in the order of ``HEAD``."""
    scenario, terms = exhibit.scenario, exhibit.scenario.terms
    contract = terms.contract
    return (
        f"[{exhibit.id}](#{exhibit.id})<br>{md(scenario.title('zh'))}",
        "–" if terms.valid is None else _years(terms.valid.from_.year, terms.valid.to.year),
        lines(map(md, premium_in_words(contract)), marks_of(scenario, "contract.premium")),
        *_ordinary_cells(scenario),
        lines(_variants_in_words(scenario, of_persons=True)),
        lines([*_conditions(scenario), *_variants_in_words(scenario, of_persons=False)]),
        md(surplus_in_words(contract))
        + marks_of(scenario, "contract.surplus", "contract.allowance", "contract.excess"),
        md(loss_in_words(contract)) + marks_of(scenario, *_LOSS),
        _assumed_in_short(scenario),
        lines(_readings_in_short(scenario)),
    )


_SURPLUS: Final = tuple(f"contract.{field}" for field in ("surplus", "allowance", "return_share", "excess"))
_LOSS: Final = tuple(f"contract.{field}" for field in ("loss_cause", "policy_share", "tiers", "policy_tiers"))


def _years(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _ordinary_cells(scenario: Scenario) -> Iterator[str]:
    """Deductible, bands and cap of the ordinary case; of each payer by name where several are covered."""
    payers = scenario.plan.covers
    columns: dict[str, list[str]] = {"deductible": [], "bands": [], "cap": []}
    for payer in payers:
        row = ordinary_row(scenario, payer)
        name = f"{payer}: " if len(payers) > 1 else ""
        fields = {"deductible": ("deductible",), "bands": ("bands", "pay"), "cap": ("cap",)}
        for column, texts in columns.items():
            marks = marks_of(scenario, *(f"payers.{payer}.{field}" for field in fields[column]))
            texts.append(f"{name}{md(getattr(row, column))}{marks}")
        columns["cap"] += [f"{name}{rule}" for rule in further_rules(scenario, payer, ())]
    yield from (lines(texts) for texts in columns.values())


def _variants_in_words(scenario: Scenario, *, of_persons: bool) -> Iterator[str]:
    """The variants of the covered payers that look at the person, or those that look at the case alone."""
    owned = person_traits(scenario.terms.population)
    found = [
        (f"{md(case_in_words(when_of(variant)))}: {change_in_words(variant)}", payer)
        for payer in scenario.plan.covers
        for variant in variants_of(scenario, payer)
        if any(trait in owned for trait in when_of(variant)) == of_persons
    ]
    return _by_payer(scenario, found)


def _conditions(scenario: Scenario) -> Iterator[str]:
    """Of whom and of what the covered payers pay at all, where it is not every case."""
    return _by_payer(
        scenario, [(text, payer) for payer in scenario.plan.covers for text in only_in_words(scenario, payer)]
    )


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
        printed = f": “{md(each.printed)}”" if each.printed else ""
        yield f"{md(each.at)}{printed} → {md(each.read)}"
