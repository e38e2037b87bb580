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
    from fundsim.report.sensitivities import Sensitivity
    from fundsim.results import Results


def report(
    results: Results | Sequence[Results],
    folder: str | Path,
    lang: Sequence[str] = ("zh", "en"),
    to: Sequence[str] = ("html",),
    *,
    sensitivity: Sensitivity | Sequence[Sensitivity] = (),
) -> list[Path]:
    """Write the measurement report (测算报告) of results, or of several designs on the same people.

    Args:
        results: the scheme's results first.
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
    subject = Subject.of(results, sensitivity)
    for found in subject.sensitivity:
        if found.scenario.fingerprint != subject.scenario.fingerprint:
            raise ReportError(
                f"a sensitivity is of {found.scenario.label} ({found.scenario.fingerprint[:12]}), the report of "
                f"{subject.scenario.label} ({subject.scenario.fingerprint[:12]}); measure it of the scheme reported on"
            )
    return publish(measurement_report(results, sensitivity), folder, lang, to)


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


def publish(document: Document, folder: str | Path, lang: Sequence[str], to: Sequence[str]) -> list[Path]:
    """Write a report in every language and format asked for; nothing is written where one cannot be."""
    languages, writers = _languages(lang), {form: writer(form) for form in to}
    for language in languages:
        warn_of_missing("".join(document.texts(language)), f"the report ({language})")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for language in languages:
        for form, write in writers.items():
            path = target / f"{document.id.removeprefix('report-')}-{language}.{form}"
            write(document, language, path)
            written.append(path)
    return written


def _languages(asked: Sequence[str]) -> list[Lang]:
    unknown = [each for each in asked if each not in LANGUAGES]
    if unknown:
        raise ReportError(f"there is no language '{unknown[0]}'; languages are: {', '.join(LANGUAGES)}")
    return [language for language in LANGUAGES if language in asked]


__all__ = ["WRITERS", "ReportError", "publish", "report"]
