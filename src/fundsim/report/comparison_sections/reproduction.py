"""附录: how to make the figures again."""

from __future__ import annotations

from fundsim.report.compared import Side
from fundsim.report.document.model import Section
from fundsim.report.document.words import Words
from fundsim.report.reproduction import origin_of_comparison, origin_table


def reproduction(side: Side) -> Section:
    """Seed, fingerprint, versions, and the command or the Python."""
    return Section(
        "appendix", Words("附录：复现", "Appendix: origin"), (origin_table(origin_of_comparison(side.found)),)
    )
