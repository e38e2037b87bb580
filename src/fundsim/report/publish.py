"""Writing a report (出具报告): from results, a run folder or a scheme to files in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fundsim.report.document import LANGUAGES, Document, Lang, measurement_report
from fundsim.report.writers import WRITERS, ReportError, writer

if TYPE_CHECKING:
    from fundsim.results import Results


def report(
    results: Results | Sequence[Results],
    folder: str | Path,
    lang: Sequence[str] = ("zh", "en"),
    to: Sequence[str] = ("html",),
) -> list[Path]:
    """Write the measurement report (测算报告) of results, or of several designs on the same people.

    Args:
        results: the scheme's results first.
        folder: where the files go, one for each language and format: ``qinzhou-2017-zh.html``.
        lang: ``zh``, ``en`` or both.
        to: formats: ``html``, ``pdf``, ``xlsx``, ``docx``.

    Returns:
        The files written.

    Raises:
        ReportError: an unknown language or format, or a format whose library is not installed.
    """
    return publish(measurement_report(results), folder, lang, to)


def publish(document: Document, folder: str | Path, lang: Sequence[str], to: Sequence[str]) -> list[Path]:
    """Write a report in every language and format asked for; nothing is written where one cannot be."""
    languages, writers = _languages(lang), {form: writer(form) for form in to}
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
