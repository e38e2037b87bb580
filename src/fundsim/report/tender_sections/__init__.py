"""The sections of a tender's report (评标测算报告各章), in their order.

To add one: a file here with a function that takes an :class:`~fundsim.report.evaluation.Evaluation` and returns its
section, or None where there is nothing to say; and its line in ``SECTIONS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fundsim.report.document.model import Section
from fundsim.report.evaluation import Evaluation
from fundsim.report.tender_sections.bids import bids
from fundsim.report.tender_sections.pairs import pairs
from fundsim.report.tender_sections.prices import prices
from fundsim.report.tender_sections.purpose import purpose
from fundsim.report.tender_sections.reproduction import reproduction
from fundsim.report.tender_sections.reservations import reservations
from fundsim.report.tender_sections.terms import terms

SECTIONS: Final[tuple[Callable[[Evaluation], Section | None], ...]] = (
    purpose, terms, bids, pairs, prices, reservations, reproduction,
)  # fmt: skip
"""Every section, in the order of the report."""
