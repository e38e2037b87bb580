"""The sections of a measurement report (测算报告各章), in their order.

To add one: a file here with a function that takes a :class:`~fundsim.report.document.subject.Subject` and returns its
section, or None where there is nothing to say; and its line in ``SECTIONS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fundsim.report.document.model import Section
from fundsim.report.document.subject import Subject
from fundsim.report.sections.appendix import appendix
from fundsim.report.sections.assumptions import assumptions
from fundsim.report.sections.cash import cash
from fundsim.report.sections.conclusions import conclusions
from fundsim.report.sections.data import data
from fundsim.report.sections.designs import designs
from fundsim.report.sections.experience import experience
from fundsim.report.sections.purpose import purpose
from fundsim.report.sections.scheme import scheme
from fundsim.report.sections.sensitivity import sensitivity
from fundsim.report.sections.summary import summary
from fundsim.report.sections.term import term

SECTIONS: Final[tuple[Callable[[Subject], Section | None], ...]] = (
    purpose, data, scheme, experience, assumptions, summary, sensitivity, designs, term, cash, conclusions, appendix,
)  # fmt: skip
"""Every section, in the order of the report."""
