"""The rules to which behaviour refers, laid into the tree before anything of it is changed.

A scheme that says ``behaviour: {base: scheme}`` is its own base. Whatever is made of it (a design, an event, another
file upon it, a value replaced) has other rules but the same base, and says so in its own document.
"""

from __future__ import annotations

from fundsim.behaviour import SCHEME
from fundsim.scenario.changes import apply_change, read_changes
from fundsim.scenario.nodes import Block, Listing, Node, Scalar, plain
from fundsim.scenario.problems import Problems
from fundsim.scenario.ways import child, find, put
from fundsim.scenario.writer import node_of

_COPIED = ("waterfall", "payers", "rounding")


def with_base_rules(root: Block, whole: Block | None = None) -> Block:
    """Return the tree with the rules of its base laid in, where it states behaviour and no rules yet.

    Args:
        root: the tree of a scheme.
        whole: the same with its claims model laid in, where that is still elsewhere.
    """
    if not isinstance(root.get("behaviour"), Block) or find(root, ("behaviour", "rules")) is not None:
        return root
    tree = whole or root
    based = tree if _base(root) == SCHEME else _design(tree, _base(root))
    return root if based is None else _laid_in(root, based)


def with_rules_of_a_design(root: Block) -> Block:
    """The same where the base is a design of the file; a scheme that is its own base stays as it is."""
    return root if _base(root) == SCHEME else with_base_rules(root)


def _base(root: Block) -> str:
    stated = find(root, ("behaviour", "base"))
    return stated.text if isinstance(stated, Scalar) else SCHEME


def _design(root: Block, name: str) -> Block | None:
    """The tree of a design; None where there is none, or where it cannot be made (its own reading complains of it)."""
    problems = Problems(root.mark.source)
    stated = find(root, ("designs", name))
    change = stated.entry("change") if isinstance(stated, Block) else None
    if change is None:
        return None
    changed: Node = root
    for each in read_changes(change, ("designs", name, "change"), problems):
        assert isinstance(changed, Block)
        changed = apply_change(changed, each, problems, name)
    return changed if isinstance(changed, Block) and not problems else None


def _laid_in(root: Block, based: Block) -> Block:
    """The tree with the rules of another one; words about assumed values stay where the values are stated."""
    mark = root.mark
    rules = {name: plain(node) for name in _COPIED if (node := based.get(name)) is not None}
    covers = find(based, ("contract", "covers"))
    rules["covers"] = [covers.text] if isinstance(covers, Scalar) else ["cii"]
    if isinstance(covers, Listing):
        rules["covers"] = plain(covers)
    care = find(based, ("claims", "care"))
    levels = care.entries if isinstance(care, Block) else ()
    shares = {level.key: plain(node) for level in levels if (node := child(level.value, "catalogue")) is not None}
    if shares:
        rules["catalogue"] = shares
    laid = put(root, ("behaviour", "rules"), node_of(rules, mark), mark)
    assert isinstance(laid, Block)
    return laid
