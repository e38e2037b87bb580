"""The sections of a comparison's report (方案比较报告各章), in their order.

To add one: a file here with a function that takes a :class:`~fundsim.report.compared.Side` and returns its section, or
None where there is nothing to say; and its line in ``SECTIONS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fundsim.report.compared import Side
from fundsim.report.comparison_sections.conclusions import conclusions
from fundsim.report.comparison_sections.differences import differences
from fundsim.report.comparison_sections.groups import groups
from fundsim.report.comparison_sections.levels import levels
from fundsim.report.comparison_sections.persons import persons
from fundsim.report.comparison_sections.purpose import purpose
from fundsim.report.comparison_sections.reproduction import reproduction
from fundsim.report.document.model import Section

SECTIONS: Final[tuple[Callable[[Side], Section | None], ...]] = (
    purpose, levels, differences, persons, groups, conclusions, reproduction,
)  # fmt: skip
"""Every section, in the order of the report."""
