"""The report of a tender (评标测算报告): what is bid, each bid from three sides, and which bids really differ."""

from __future__ import annotations

from functools import partial

from fundsim.report.document.model import Document
from fundsim.report.document.words import Lang, Words
from fundsim.report.evaluation import Evaluation
from fundsim.report.reproduction import origin_of_tender
from fundsim.report.tender_sections import SECTIONS
from fundsim.tendering.result import TenderResult


def tender_report(found: TenderResult, lang: Lang = "zh") -> Document:
    """The report of an evaluated tender; the language decides on the unit of money alone."""
    asked, evaluation = found.tender, Evaluation(found, lang)
    sections = tuple(section for make in SECTIONS if (section := make(evaluation)) is not None)
    return Document(
        f"report-{asked.terms.id}", Words(asked.title("zh"), asked.title("en")),
        Words("评标测算报告", "Evaluation of a tender"), origin_of_tender(found), sections,
        lang=lang, remade=partial(tender_report, found),
    )  # fmt: skip
