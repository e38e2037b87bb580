"""费用占比控制: only what exceeds a share of the bill counts, such as cost outside the catalogue above 5% of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fundsim.benefits.rule import Change, Draft, Rule
from fundsim.terms import Rate


class AboveShare(Rule):
    """``above_share``: this share of the bill's cost A, B and C is taken off what counts of it.

    With ``counts: {C: 100%}`` and ``above_share: 5%``, C counts as far as it exceeds 5% of A, B and C together.
    """

    field = "above_share"
    written = Rate
    varied = Rate
    default = 0

    def apply(self, value: Any, draft: Draft) -> Draft:
        return replace(draft, above_share=value)

    def vary(self, _: dict[str, Any], change: Any, /) -> Change:
        return Change({self.field: change}, replaces=True)
