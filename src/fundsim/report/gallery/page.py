"""The page (方案一览): the schemes side by side, then one by one, then the claims models that they share."""

from __future__ import annotations

from collections.abc import Sequence

from fundsim.report.gallery.assumptions import shared_models
from fundsim.report.gallery.exhibits import Exhibit
from fundsim.report.gallery.markdown import table
from fundsim.report.gallery.overview import HEAD, row_of
from fundsim.report.gallery.section import CHARTS, OVERVIEW, section_of
from fundsim.report.gallery.stated import ASSUMED, TENDERED


def page_of(exhibits: Sequence[Exhibit]) -> str:
    """The whole page as Markdown."""
    by_id = {exhibit.id: exhibit for exhibit in exhibits}
    parts = [
        "# The schemes side by side 方案一览",
        f"{len(exhibits)} schemes, as the files in [`scenarios/`](../scenarios) state them; `make docs` writes this "
        "page. Amounts are yuan (元) a year. Deductible, bands and cap are those of the ordinary case; what differs "
        "from it stands in the columns after them. "
        f"{ASSUMED} is assumed, because the public text does not give it (假设); {TENDERED} is open to tender (投标).",
        table(HEAD, (row_of(exhibit) for exhibit in exhibits)),
        "Own cost is what counts for critical illness insurance after the payers before it (合规自付费用). "
        "Each panel shows one scheme in black, those whom it pays most or least dashed as in its own chart below, "
        "and every other scheme's ordinary case in grey.",
        f"![Payment as a part of own cost, a panel for each scheme]({CHARTS}/{OVERVIEW}.svg)",
        *(section_of(exhibit, by_id.get(exhibit.base or "")) for exhibit in exhibits),
        *shared_models(exhibits),
    ]
    return "\n\n".join(parts) + "\n"
