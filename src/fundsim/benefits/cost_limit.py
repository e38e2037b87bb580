"""纳入支付范围的费用上限: cost above it is not considered, which is not the same as a cap on what is paid."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import Any

from fundsim.benefits.rule import Change, Draft, Rule
from fundsim.curves import PayoutCurve
from fundsim.terms import Money, OrNone


class CostLimit(Rule):
    """``cost_limit``: nothing more is due on what the base accumulates to above it; ``none`` lifts it."""

    field = "cost_limit"
    written = OrNone[Money]
    varied = OrNone[Money]
    default = None

    def apply(self, value: Any, draft: Draft) -> Draft:
        if value is None:
            return draft
        pieces = zip(draft.curve.knots, draft.curve.rates, strict=True)
        below = list(takewhile(lambda piece: piece[0] < value, pieces))
        return replace(draft, curve=PayoutCurve.through([*below, (value, 0)]))

    def vary(self, _: dict[str, Any], change: Any, /) -> Change:
        return Change({self.field: change}, replaces=True)
