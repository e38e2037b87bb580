"""The report of a comparison (方案比较报告): designs side by side, what differs beyond error, who gains."""

from __future__ import annotations

from functools import partial

from fundsim.comparison import Comparison
from fundsim.report.compared import Side
from fundsim.report.comparison_sections import SECTIONS
from fundsim.report.document.model import Document
from fundsim.report.document.words import Lang, Words
from fundsim.report.reproduction import origin_of_comparison


def comparison_report(found: Comparison, lang: Lang = "zh") -> Document:
    """The report of designs that were compared; the language decides on the unit of money alone."""
    side, base = Side(found, lang), found.scenario
    sections = tuple(section for make in SECTIONS if (section := make(side)) is not None)
    return Document(
        f"report-comparison-{base.id}", Words(base.title("zh"), base.title("en")),
        Words("方案比较报告", "Comparison of designs"), origin_of_comparison(found), sections,
        lang=lang, remade=partial(comparison_report, found),
    )  # fmt: skip
