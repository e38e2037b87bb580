"""From files to one tree: ``extends``, ``change`` and ``apply`` build on other files, ``use`` brings a claims model."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from fundsim.scenario.applying import lay_over
from fundsim.scenario.base_rules import with_base_rules
from fundsim.scenario.change_files import is_change_file, read_change_file
from fundsim.scenario.changes import apply_change, read_changes
from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar
from fundsim.scenario.problems import Mark, Problem, Problems, ScenarioError, Source
from fundsim.scenario.reader import read_source, read_tree
from fundsim.scenario.uses import Use, uses
from fundsim.scenario.wrappers import unwrap
from fundsim.terms import nearest

HEADER = (
    "fundsim",
    "id",
    "title",
    "source",
    "clause",
    "note",
    "valid",
    "simulation",
    "examples",
    "designs",
    "readings",
    "uncertainty",
    "events",
)
"""Keys that a file may state anew beside ``extends``; every other difference is a change."""
NOT_INHERITED = ("fundsim", "id", "examples", "designs", "readings")
"""Keys that hold for one file only: examples and readings are of one text, designs change one scheme."""
CLAIMS_FILE = ("fundsim", "id", "title", "source", "clause", "note", "claims", "uncertainty")
"""Keys of a file that holds a claims model for several schemes, and how sure its parameters are."""


@dataclass(frozen=True)
class Stage:
    """A scheme before something was changed in it."""

    before: Block
    mark: Mark
    """Where it is said that it be changed."""
    key: str
    """``change`` or ``apply``."""


@dataclass(frozen=True)
class Document:
    """The whole text of a scheme, everything that it refers to laid in."""

    root: Block
    source: Source
    stages: tuple[Stage, ...] = ()
    """What this file changes, in order."""

    @property
    def holds_changes_only(self) -> bool:
        """Whether these are changes to be laid over schemes, not a scheme."""
        return is_change_file(self.root)

    @property
    def holds_claims_only(self) -> bool:
        """Whether this is a claims model for schemes to use, not a scheme."""
        return "claims" in self.root and set(self.root.keys) <= set(CLAIMS_FILE)


def assemble(text: str, source: Source, problems: Problems, path: Path | None = None) -> Document | None:
    """Read a scheme and all it refers to; None where there is no tree to go on with."""
    document = _extended(text, source, problems, () if path is None else (path.resolve(),))
    if document is None:
        return None
    stages = (replace(stage, before=with_claims(stage.before, problems)) for stage in document.stages)
    return replace(document, root=with_claims(document.root, problems), stages=tuple(stages))


def _extended(text: str, source: Source, problems: Problems, chain: tuple[Path, ...]) -> Document | None:
    """The tree of one file upon those it extends; its claims model may still be elsewhere."""
    root = read_tree(text, source, problems)
    if root is None:
        return None
    root = _block(unwrap(root, problems))
    if is_change_file(root):
        return Document(root, source)
    if "extends" in root:
        base = _base(root, problems, chain)
        document = None if base is None else _changed(root, base, source, problems)
    else:
        document = Document(_without_stray_change(root, problems).without("apply"), source)
    return None if document is None else _applied(document, root, problems)


def _applied(document: Document, root: Block, problems: Problems) -> Document | None:
    """The scheme with the change files laid over it that it names, one after another; None where one does not fit."""
    stated = root.get("apply")
    found = () if stated is None else uses(stated, problems)
    if found is None:
        return None
    laid: Document | None = document
    if found and "behaviour" in document.root:
        with_base = with_base_rules(document.root, with_claims(document.root, problems))
        laid = replace(document, root=with_base)
    for named, use in found:
        laid = None if laid is None else _laid_over(laid, named, use, problems)
    return laid


def _laid_over(document: Document, named: Scalar, use: Use, problems: Problems) -> Document | None:
    found = _open(named, "a change file's name", ("apply",), problems)
    file = None if found is None else read_change_file(found[2], found[1], problems, use.mark)
    if file is None:
        return None
    before = document.root
    if any(change.way[0] == "claims" for change in file.changes):
        before = with_claims(before, problems)
    root = lay_over(before, file, use, document.source.name, problems)
    stages = (*document.stages, Stage(before, use.mark, "apply"))
    return None if root is None else replace(document, root=root, stages=stages)


def _without_stray_change(root: Block, problems: Problems) -> Block:
    entry = root.entry("change")
    if entry is not None:
        why = "'change' stands without 'extends', so there is nothing to change"
        problems.add(entry.mark, ("change",), why, "add 'extends: OTHER-SCHEME', or write the values themselves")
    return root.without("change")


def _base(root: Block, problems: Problems, chain: tuple[Path, ...]) -> Document | None:
    """The scheme named after ``extends``."""
    named = root.get("extends")
    found = _open(named, "a scheme's name", ("extends",), problems)
    if found is None or named is None:
        return None
    path, source, text = found
    if path.resolve() in chain:
        names = " → ".join(p.stem for p in (*chain, path))
        why = f"the schemes extend each other in a circle: {names}"
        problems.add(named.mark, ("extends",), why, "let one of them stand on its own")
        return None
    base = _extended(text, source, problems, (*chain, path.resolve()))
    if base is not None and base.holds_changes_only:
        why = f"{source.name} holds changes for any scheme, not a scheme"
        problems.add(named.mark, ("extends",), why, f"extend a scheme, and write 'apply: [{_text(named)}]' beside it")
        return None
    return base


def _text(named: Node) -> str:
    return named.text if isinstance(named, Scalar) else ""


def _open(named: Node | None, what: str, way: tuple[str, ...], problems: Problems) -> tuple[Path, Source, str] | None:
    """The file that a value names, beside the file the value stands in."""
    if not isinstance(named, Scalar):
        if named is not None:
            problems.add(
                named.mark, way, f"'{way[-1]}' is {what}", f"write one name, such as '{way[-1]}: qinzhou-2017'"
            )
        return None
    path = named.mark.source.folder / named.text
    if path.suffix not in (".yaml", ".yml"):
        path = path.with_name(f"{path.name}.yaml")
    try:
        return (path, *read_source(path))
    except ScenarioError as error:
        _complain_of_file(error.problems[0], path, named, way, problems)
        return None


def _complain_of_file(problem: Problem, path: Path, named: Scalar, way: tuple[str, ...], problems: Problems) -> None:
    if problem.line:
        place = f"{problem.file}:{problem.line}:{problem.column}"
        problems.add(named.mark, way, f"{place}: {problem.why}", problem.instead)
        return
    beside = sorted(other.stem for other in path.parent.glob("*.y*ml"))
    hint = f"files there: {', '.join(beside)}" if beside else f"there is no file in {os.path.normpath(path.parent)}"
    why = f"{problem.why}: {os.path.normpath(path)}{nearest(path.stem, beside)}"
    problems.add(named.mark, way, why, hint)


def _changed(root: Block, base: Document, source: Source, problems: Problems) -> Document:
    """The base with this file's header and changes laid over it."""
    for entry in root.entries:
        if entry.key not in (*HEADER, "extends", "change", "apply"):
            why = f"'{entry.key}' cannot stand beside 'extends'{nearest(entry.key, (*HEADER, 'change', 'apply'))}"
            instead = f"write the difference as a change, such as 'change: {{{entry.key}: {{from: OLD, to: NEW}}}}'"
            problems.add(entry.mark, (entry.key,), why, instead)
    inherited = base.root
    if "behaviour" in inherited:
        inherited = with_base_rules(inherited, with_claims(inherited, problems))
    tree = replace(inherited.without(*NOT_INHERITED), mark=root.mark)
    for key in HEADER:
        stated = root.entry(key)
        tree = tree if stated is None else tree.with_entry(stated)
    change = root.entry("change")
    changed = _with_changes(tree, root, base.source.name, problems)
    return Document(changed, source, (Stage(base.root, change.mark, "change"),) if change else ())


def _with_changes(tree: Block, root: Block, base: str, problems: Problems) -> Block:
    changes = read_changes(root.entry("change"), ("change",), problems)
    for change in sorted(changes, key=lambda change: change.way != ("claims", "use")):
        if change.way[0] == "claims" and change.way != ("claims", "use"):
            tree = with_claims(tree, problems)
        tree = _block(apply_change(tree, change, problems, base))
    return tree


def with_claims(root: Block, problems: Problems) -> Block:
    """Return the tree with the claims model that it uses laid beneath its own claims, and so with its uncertainty."""
    claims = root.entry("claims")
    if claims is None or not isinstance(claims.value, Block) or "use" not in claims.value:
        return root
    own = claims.value.without("use")
    found = _open(claims.value.get("use"), "the name of a claims file", ("claims", "use"), problems)
    file = None if found is None else _claims_file(found[1], found[2], claims.value, problems)
    if file is None:
        problems.spoil(("claims",))
        return root.without("claims")
    model = file.get("claims")
    assert isinstance(model, Block)
    for entry in own.entries:
        model = model.with_entry(entry)
    uncertain = file.entry("uncertainty")
    laid = root.with_entry(replace(claims, value=model))
    return laid if uncertain is None else _with_uncertainty(laid, uncertain)


def _with_uncertainty(root: Block, brought: Entry) -> Block:
    """The tree with the inputs that a claims file brings beneath its own; lists of what moves together are joined."""
    own = root.entry("uncertainty")
    if own is None or not isinstance(own.value, Block) or not isinstance(brought.value, Block):
        return root if own is not None else root.with_entry(brought)
    merged = brought.value
    for entry in own.value.entries:
        below = merged.get(entry.key)
        merged = merged.with_entry(entry if below is None else replace(entry, value=_merged(below, entry.value)))
    return root.with_entry(replace(own, value=merged))


def _merged(below: Node, above: Node) -> Node:
    if isinstance(below, Listing) and isinstance(above, Listing):
        return replace(above, items=(*below.items, *above.items))
    if isinstance(below, Block) and isinstance(above, Block):
        for entry in above.entries:
            below = below.with_entry(entry)
        return below
    return above


def _claims_file(source: Source, text: str, claims: Block, problems: Problems) -> Block | None:
    root = read_tree(text, source, problems)
    if root is None:
        return None
    root = _block(unwrap(root, problems))
    for entry in root.entries:
        if entry.key not in CLAIMS_FILE:
            why = f"'{entry.key}' has no place in a claims file{nearest(entry.key, CLAIMS_FILE)}"
            problems.add(entry.mark, (entry.key,), why, f"keys allowed here: {', '.join(CLAIMS_FILE)}")
    model = root.get("claims")
    if isinstance(model, Block) and "use" not in model:
        return root
    used = claims.get("use")
    why = f"{source.name} holds no claims model of its own"
    problems.add(used.mark if used else claims.mark, ("claims", "use"), why, "name a file with a 'claims:' block")
    return None


def _block(node: Node) -> Block:
    assert isinstance(node, Block)
    return node
