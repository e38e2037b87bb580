"""各方案并列: what each design comes to, by whose figures they are."""

from __future__ import annotations

from fundsim.report.compared import Side
from fundsim.report.document.model import Section
from fundsim.report.document.words import Words


def levels(side: Side) -> Section:
    """A row for each design."""
    places = range(len(side.found.rows))
    tables = tuple(side.tables("values", side.level, places, apart=False))
    return Section("side-by-side", Words("各方案并列", "Designs side by side"), tables)
