"""封顶线 (年度最高支付限额): the most a payer pays for one person in a year."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fundsim.benefits.rule import Change, Draft, Rule
from fundsim.terms import Money, OrNone


class Cap(Rule):
    """Payments of the year stop at the cap; ``none`` lifts it."""

    field = "cap"
    written = OrNone[Money]
    varied = OrNone[Money]
    default = None

    def apply(self, value: Any, draft: Draft) -> Draft:
        return replace(draft, cap=value)

    def vary(self, _: dict[str, Any], change: Any, /) -> Change:
        return Change({self.field: change}, replaces=True)
