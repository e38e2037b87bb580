"""Writing a report (出具报告): from results, a run folder or a scheme to files in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fundsim import runs
from fundsim.report.document import LANGUAGES, Document, Lang, measurement_report
from fundsim.report.document.subject import Subject
from fundsim.report.typeface import warn_of_missing
from fundsim.report.writers import WRITERS, ReportError, writer

if TYPE_CHECKING:
    from fundsim.comparison import Comparison
    from fundsim.report.sensitivities import Sensitivity
    from fundsim.results import Results
    from fundsim.tendering import TenderResult


def report(
    results: Results | Sequence[Results] | TenderResult | Comparison,
    folder: str | Path,
    lang: Sequence[str] = ("zh", "en"),
    to: Sequence[str] = ("html",),
    *,
    sensitivity: Sensitivity | Sequence[Sensitivity] = (),
) -> list[Path]:
    """Write the measurement report (测算报告) of results, or the report of a tender or of a comparison.

    Args:
        results: results of a scheme, or of several designs on the same people, the scheme first; what
            :func:`fundsim.tender` or :func:`fundsim.compare` returns.
        folder: where the files go, one for each language and format: ``qinzhou-2017-zh.html``.
        lang: ``zh``, ``en`` or both.
        to: formats: ``html``, ``pdf``, ``xlsx``, ``docx``.
        sensitivity: sensitivities of the scheme: what :func:`fundsim.sweep` and :func:`fundsim.tornado` return, or what
            :func:`fundsim.report.sensitivities.sensitivities` measures.

    Returns:
        The files written.

    Raises:
        ReportError: an unknown language or format, or a format whose library is not installed, or a sensitivity of
            another scheme.
    """
    return publish(_document(results, sensitivity), folder, lang, to)


def _document(
    found: Results | Sequence[Results] | TenderResult | Comparison, sensitivity: Sensitivity | Sequence[Sensitivity]
) -> Document:
    from fundsim.comparison import Comparison
    from fundsim.report.comparison_report import comparison_report
    from fundsim.report.tender_report import tender_report
    from fundsim.tendering import TenderResult

    if isinstance(found, TenderResult | Comparison):
        if sensitivity:
            raise ReportError("sensitivities belong to the report of one scheme; leave them out here")
        return tender_report(found) if isinstance(found, TenderResult) else comparison_report(found)
    subject = Subject.of(found, sensitivity)
    for each in subject.sensitivity:
        if each.scenario.fingerprint != subject.scenario.fingerprint:
            raise ReportError(
                f"a sensitivity is of {each.scenario.label} ({each.scenario.fingerprint[:12]}), the report of "
                f"{subject.scenario.label} ({subject.scenario.fingerprint[:12]}); measure it of the scheme reported on"
            )
    return measurement_report(found, sensitivity)


def results_at(path: Path) -> tuple[Results, ...]:
    """The results of a run folder with its other designs, or of a scheme that is simulated now.

    Raises:
        RunFolderError: a folder that holds no whole run of this format.
        ScenarioError: a scheme with problems.
    """
    from fundsim.pipeline import simulate_designs
    from fundsim.results import Results
    from fundsim.scenario import load

    if path.is_dir():
        base = Results.load(path)
        folders = [path / runs.DESIGNS / name for name, _ in base.scenario.designs]
        return (base, *(Results.load(folder) for folder in folders if folder.is_dir()))
    scenario = load(path)
    return simulate_designs([scenario, *(design for _, design in scenario.designs)], progress=True)


def is_tender(path: Path) -> bool:
    """Whether a file is a tender: it names a scheme and says what is open to bid."""
    from fundsim.scenario.nodes import Block
    from fundsim.scenario.problems import Problems
    from fundsim.scenario.reader import read_source, read_tree

    if path.is_dir():
        return False
    source, text = read_source(path)
    root = read_tree(text, source, Problems(source))
    return isinstance(root, Block) and root.get("scheme") is not None and root.get("open") is not None


def publish(document: Document, folder: str | Path, lang: Sequence[str], to: Sequence[str]) -> list[Path]:
    """Write a report in every language and format asked for; nothing is written where one cannot be."""
    languages, writers = _languages(lang), {form: writer(form) for form in to}
    documents = {language: document.in_language(language) for language in languages}
    for language, each in documents.items():
        warn_of_missing("".join(each.texts(language)), f"the report ({language})")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for language, each in documents.items():
        for form, write in writers.items():
            path = target / f"{document.id.removeprefix('report-')}-{language}.{form}"
            write(each, language, path)
            written.append(path)
    return written


def _languages(asked: Sequence[str]) -> list[Lang]:
    unknown = [each for each in asked if each not in LANGUAGES]
    if unknown:
        raise ReportError(f"there is no language '{unknown[0]}'; languages are: {', '.join(LANGUAGES)}")
    return [language for language in LANGUAGES if language in asked]


__all__ = ["WRITERS", "ReportError", "publish", "report"]
