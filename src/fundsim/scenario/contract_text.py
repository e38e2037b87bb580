"""A scheme's contract in the words of its file, with what its preset brings; for tables and lists of assumptions."""

from __future__ import annotations

from collections.abc import Mapping

from fundsim.contracts import PRESETS, ContractTerms
from fundsim.contracts.presets import beneath
from fundsim.scenario.nodes import Block, Node, inline, plain
from fundsim.scenario.wrappers import Assumption
from fundsim.scenario.writer import node_of


def contract_in_text(root: Block) -> Mapping[str, str]:
    """Every field of the contract as written, those of the preset where the file is silent."""
    return {field: inline(value, limit=100) for field, value in _laid_out(root).items()}


def _laid_out(root: Block) -> Mapping[str, Node]:
    """The contract with its preset, as if all of it were written in the file."""
    written = root.get("contract")
    stated = plain(written) if isinstance(written, Block) else {}
    assert isinstance(stated, dict)
    return {field: node_of(value, root.mark) for field, value in beneath(stated).items() if field != "assumed"}


def contract_assumptions(terms: ContractTerms, root: Block) -> tuple[Assumption, ...]:
    """What the contract takes for granted: from its preset, and where it is silent."""
    laid_out, text = _laid_out(root), contract_in_text(root)
    preset = PRESETS.get(terms.preset or "")
    of_preset = {} if preset is None else dict(preset.assumed)
    entry = root.entry("contract")
    mark = str(entry.mark if entry else root.mark)
    return tuple(
        Assumption(
            path=f"contract.{each.field}",
            text=text.get(each.field, "not stated"),
            why=each.why,
            source=f"preset {terms.preset}" if of_preset.get(each.field) == each.why else each.source,
            mark=mark,
            way=("contract", each.field),
            value=laid_out.get(each.field),
        )
        for each in terms.assumptions
    )
