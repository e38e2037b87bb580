"""The figures of a report (报告插图), each drawn in one language (colour-blind safe, readable in grey print).

To add one: a file here with a function that takes a :class:`~fundsim.report.document.subject.Subject` and returns a
:class:`~fundsim.report.document.model.Picture`, and its place in a section.
"""

from fundsim.report.pictures.bands import bands_picture
from fundsim.report.pictures.cash import cash_picture
from fundsim.report.pictures.concentration import concentration_picture
from fundsim.report.pictures.convergence import convergence_picture
from fundsim.report.pictures.exceedance import exceedance_picture
from fundsim.report.pictures.flow import flow_picture
from fundsim.report.pictures.groups import groups_picture
from fundsim.report.pictures.margin import margin_picture
from fundsim.report.pictures.sweep import sweep_picture
from fundsim.report.pictures.term import term_picture
from fundsim.report.pictures.tornado import tornado_picture

__all__ = [
    "bands_picture", "cash_picture", "concentration_picture", "convergence_picture", "exceedance_picture",
    "flow_picture", "groups_picture", "margin_picture", "sweep_picture", "term_picture", "tornado_picture",
]  # fmt: skip
