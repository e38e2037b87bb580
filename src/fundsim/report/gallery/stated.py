"""What a scheme states of its payers (方案所载): titles, variants, conditions and rules, in words for a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fundsim.report.gallery.contract_words import case_in_words
from fundsim.report.gallery.curves import ordinary_case
from fundsim.report.gallery.markdown import md
from fundsim.scenario import Scenario
from fundsim.scenario.nodes import Block, Listing, Node, Scalar, inline, plain
from fundsim.scenario.table import Row, compiled_table
from fundsim.scenario.ways import find, walk

ASSUMED, TENDERED = "ᵃ", "ᵇ"
"""What stands after a value that is assumed, and after one that is open to tender."""
_OF_A_VARIANT: Final = ("when", "clause", "note", "source", "overrides")
_OF_A_PAYER: Final = (
    "title", "clause", "note", "source", "base", "only", "accumulate", "bands_from", "deductible", "bands", "pay",
    "cap", "variants",
)  # fmt: skip
"""Keys of a payer that have a column or a place of their own; any other is listed as it is written."""
_SAID_OF_ITS_BASE: Final = ("tops_up", "cap_shared_with", "above_share")
"""Keys of a payer that the sentence about its base tells of."""


def ordinary_row(scenario: Scenario, payer: str) -> Row:
    """The row of the ordinary case, or of the first case that the payer covers where that one is not."""
    case, rows = ordinary_case(scenario), compiled_table(scenario, payer)
    row = next(row for row in rows if all(case[trait] in value.split(", ") for trait, value in row.case.items()))
    return row if row.covered else next((row for row in rows if row.covered), row)


def payer_title(scenario: Scenario, payer: str) -> str:
    """A payer's name, with its Chinese title where it has one."""
    title = find(scenario.root, ("payers", payer, "title"))
    chinese = title.get("zh") if isinstance(title, Block) else title
    return f"{payer} {chinese.text}" if isinstance(chinese, Scalar) else payer


def variants_of(scenario: Scenario, payer: str) -> tuple[Block, ...]:
    """A payer's variants, as written."""
    stated = find(scenario.root, ("payers", payer, "variants"))
    return tuple(item for item in stated.items if isinstance(item, Block)) if isinstance(stated, Listing) else ()


def when_of(variant: Block) -> dict[str, str | list[str]]:
    """The cases that a variant changes."""
    when = variant.get("when")
    return plain(when) if isinstance(when, Block) else {}  # type: ignore[return-value]


def change_in_words(variant: Block) -> str:
    """What a variant changes, as written: ``deductible 3000 yuan, pay +10pp``."""
    changes = variant.without(*_OF_A_VARIANT).entries
    return ", ".join(f"{entry.key} {md(inline(entry.value, limit=200))}{_labels(entry.value)}" for entry in changes)


def only_in_words(scenario: Scenario, payer: str) -> list[str]:
    """The conditions of which a case must meet one to be covered."""
    stated = find(scenario.root, ("payers", payer, "only"))
    blocks = [item for item in stated.items if isinstance(item, Block)] if isinstance(stated, Listing) else []
    return [f"only {md(case_in_words(plain(block)))}" for block in blocks]  # type: ignore[arg-type]


def further_rules(scenario: Scenario, payer: str, said: Sequence[str] = _SAID_OF_ITS_BASE) -> list[str]:
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


def text_of(block: Block, key: str) -> str:
    """The text of a key, a dash where the block does not have it."""
    node = block.get(key)
    return md(node.text) if isinstance(node, Scalar) else "–"


def marks_of(scenario: Scenario, *paths: str) -> str:
    """Whether a value at one of these paths, or below it, is assumed or open to tender."""
    assumed = any(each.path.startswith(paths) for each in scenario.assumptions)
    tendered = any(each.path.startswith(paths) for each in scenario.bids)
    return ASSUMED * assumed + TENDERED * tendered
