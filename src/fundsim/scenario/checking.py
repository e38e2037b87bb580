"""What ``fundsim check`` does to one file: read it, run its examples, and say in a line what is in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from fundsim.scenario.change_files import change_file
from fundsim.scenario.checks import run_checks
from fundsim.scenario.examples import run_examples
from fundsim.scenario.explain import explain
from fundsim.scenario.files import Document, assemble
from fundsim.scenario.nodes import plain
from fundsim.scenario.problems import Problems, Source
from fundsim.scenario.reader import read_source
from fundsim.scenario.scenario import build, load
from fundsim.scenario.sections import sections_of
from fundsim.scenario.terms import ClaimsFile
from fundsim.scenario.uncertainty_checks import UNCERTAINTY_CHECKS
from fundsim.scenario.wrappers import remarks


def check_file(path: Path, changes: Iterable[Path] = ()) -> str:
    """Check a scheme, a claims model or a change file for schemes to use; return what is in it, in a few words.

    Args:
        path: the file.
        changes: change files to be laid over the scheme, one after another, once it has been checked by itself.

    Raises:
        ScenarioError: the file has problems, or a change file does not fit it; all of them are told.
    """
    source, text = read_source(path)
    return _checked(text, source, path) + _with_changes(path, changes)


def check_text(text: str, name: str) -> str:
    """Check the text of a file that is not written yet, as :func:`check_file` does.

    Args:
        text: a scheme, a claims model or a change file.
        name: as messages name it.

    Raises:
        ScenarioError: the text has problems; all of them are told.
    """
    return _checked(text, Source(name), Path(name))


def _checked(text: str, source: Source, path: Path) -> str:
    problems = Problems(source)
    document = assemble(text, source, problems, path)
    found = ""
    if document is not None and document.holds_claims_only:
        found = _claims_file(document, problems)
    elif document is not None and document.holds_changes_only:
        found = _change_file(document, problems)
    elif document is not None:
        found = _scheme(document, problems, path)
    problems.raise_if_any()
    return found


def _with_changes(path: Path, changes: Iterable[Path]) -> str:
    """Lay change files over a scheme that is in order; which ones fit."""
    files = list(changes)
    return f"; with {', '.join(each.id for each in load(path, files).terms.applied)}" if files else ""


def _scheme(document: Document, problems: Problems, path: Path) -> str:
    scenario = build(document, problems, path)
    if scenario is None:
        return ""
    run_examples(scenario.terms.examples, scenario.plan, scenario.root, problems)
    parts = [
        _counted(scenario.plan.traits.n_classes, "class", "classes"),
        _counted(len(scenario.terms.examples), "example", "examples"),
        _counted(len(scenario.assumptions), "assumption", "assumptions"),
    ]
    if scenario.bids:
        parts.append(_counted(len(scenario.bids), "open bid", "open bids"))
    if scenario.designs:
        parts.append(_counted(len(scenario.designs), "design", "designs"))
    return ", ".join(parts)


def _claims_file(document: Document, problems: Problems) -> str:
    try:
        file = ClaimsFile.model_validate(plain(document.root))
        sections = sections_of(document.root, {"claims": file.claims, "uncertainty": file.uncertainty})
        run_checks(sections, problems, UNCERTAINTY_CHECKS)
    except ValidationError as error:
        explain(error, ClaimsFile, document.root, problems)
    return f"claims model, {_counted(len(remarks(document.root)[0]), 'assumption', 'assumptions')}"


def _change_file(document: Document, problems: Problems) -> str:
    file = change_file(document.root, problems)
    if file is None:
        return ""
    assumed = _counted(len(remarks(document.root)[0]), "assumption", "assumptions")
    return f"change file for any scheme, {_counted(len(file.changes), 'change', 'changes')}, {assumed}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
