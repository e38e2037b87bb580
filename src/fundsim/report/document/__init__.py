"""The report as one model (报告模型), whatever it is written to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from fundsim.report.document.attachments import attachments
from fundsim.report.document.model import Document
from fundsim.report.document.origin import origin_of
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import LANGUAGES, Lang, Words

if TYPE_CHECKING:
    from fundsim.report.sensitivities import Sensitivity
    from fundsim.results import Results

__all__ = ["LANGUAGES", "Document", "Lang", "Words", "measurement_report"]


def measurement_report(
    results: Results | Sequence[Results],
    sensitivity: Sensitivity | Sequence[Sensitivity] = (),
    lang: Lang = "zh",
) -> Document:
    """The measurement report (测算报告) of a scheme, or of several designs on the same people, the scheme first.

    Sensitivities are those of the scheme: sweeps over designs, a tornado, stress tests. The language decides on the
    unit of money alone; what is written stands in both languages.
    """
    from fundsim.report.highlights import highlights
    from fundsim.report.sections import SECTIONS

    subject = Subject.of(results, sensitivity, lang)
    sections = tuple(section for make in SECTIONS if (section := make(subject)) is not None)
    subtitle = Words("精算测算报告", "Actuarial measurement report")
    return Document(
        f"report-{subject.scenario.id}", subject.title, subtitle, origin_of(subject), sections, attachments(subject),
        lang=lang, remade=partial(measurement_report, results, sensitivity),
        highlights=highlights(subject),
    )  # fmt: skip
