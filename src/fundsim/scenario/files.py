"""From files to one tree: ``extends``, ``change`` and ``apply`` build on other files, ``use`` brings a claims model.

A file with a claims model may hold ``uncertainty`` too: how well its parameters are known. A scheme takes that in by
``uncertainty: {use: FILE}``, so that nothing becomes uncertain unless the scheme says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from fundsim.scenario.applying import lay_over
from fundsim.scenario.band_files import with_band_files
from fundsim.scenario.base_rules import with_base_rules
from fundsim.scenario.change_files import is_change_file, read_change_file
from fundsim.scenario.changes import apply_change, read_changes
from fundsim.scenario.nodes import Block, Listing, Node, Scalar
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
"""Keys of a file that holds a claims model for several schemes."""


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
    stages = (replace(stage, before=_with_used(stage.before, problems)) for stage in document.stages)
    return replace(document, root=_with_used(document.root, problems), stages=tuple(stages))


def _with_used(root: Block, problems: Problems) -> Block:
    return with_uncertainty(with_claims(root, problems), problems)


def _extended(text: str, source: Source, problems: Problems, chain: tuple[Path, ...]) -> Document | None:
    """The tree of one file upon those it extends; its claims model may still be elsewhere."""
    root = read_tree(text, source, problems)
    if root is None:
        return None
    root = _block(with_band_files(unwrap(root, problems), problems))
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
    """Return the tree with the claims model that it uses laid beneath its own claims."""
    claims = root.entry("claims")
    if claims is None or not isinstance(claims.value, Block) or "use" not in claims.value:
        return root
    own = claims.value.without("use")
    model = _part_of_claims_file(claims.value, "claims", "model of its own", problems)
    if model is None:
        problems.spoil(("claims",))
        return root.without("claims")
    for entry in own.entries:
        model = model.with_entry(entry)
    return root.with_entry(replace(claims, value=model))


def with_uncertainty(root: Block, problems: Problems) -> Block:
    """Return the tree with the uncertainty of the claims file that it uses laid beneath its own; inputs are added."""
    stated = root.entry("uncertainty")
    if stated is None or not isinstance(stated.value, Block) or "use" not in stated.value:
        return root
    own = stated.value.without("use")
    found = _part_of_claims_file(stated.value, "uncertainty", "'uncertainty:' to take in", problems)
    if found is None:
        problems.spoil(("uncertainty",))
        return root.without("uncertainty")
    for entry in own.entries:
        found = found.with_entry(replace(entry, value=_added(found.get(entry.key), entry.value)))
    return root.with_entry(replace(stated, value=found))


def _added(used: Node | None, own: Node) -> Node:
    """Own entries or items behind those that are used; one value replaces the other."""
    if isinstance(used, Block) and isinstance(own, Block):
        for entry in own.entries:
            used = used.with_entry(entry)
        return used
    if isinstance(used, Listing) and isinstance(own, Listing):
        return replace(used, items=(*used.items, *own.items))
    return own


def _part_of_claims_file(stated: Block, key: str, what: str, problems: Problems) -> Block | None:
    """What the claims file named after ``use`` holds under a key; where the file comes from travels with it."""
    found = _open(stated.get("use"), "the name of a claims file", (key, "use"), problems)
    root = None if found is None else read_tree(found[2], found[1], problems)
    if found is None or root is None:
        return None
    root = _block(with_band_files(unwrap(root, problems), problems))
    for entry in root.entries:
        if entry.key not in CLAIMS_FILE:
            why = f"'{entry.key}' has no place in a claims file{nearest(entry.key, CLAIMS_FILE)}"
            problems.add(entry.mark, (entry.key,), why, f"keys allowed here: {', '.join(CLAIMS_FILE)}")
    part = root.get(key)
    if isinstance(part, Block) and "use" not in part:
        source = root.entry("source")
        return part if source is None or "source" in part else part.with_entry(source)
    used = stated.get("use")
    named = "claims " if key == "claims" else ""
    why = f"{found[1].name} holds no {named}{what}"
    problems.add(used.mark if used else stated.mark, (key, "use"), why, f"name a file with a '{key}:' block")
    return None


def _block(node: Node) -> Block:
    assert isinstance(node, Block)
    return node
