"""附录: how to make the figures again."""

from __future__ import annotations

from fundsim.report.document.model import Section
from fundsim.report.document.words import Words
from fundsim.report.evaluation import Evaluation
from fundsim.report.reproduction import origin_of_tender, origin_table


def reproduction(of: Evaluation) -> Section:
    """Seed, fingerprint, versions and the command."""
    return Section("appendix", Words("附录：复现", "Appendix: origin"), (origin_table(origin_of_tender(of.found)),))
