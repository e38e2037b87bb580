"""支付比例上限: no rate is higher, however many preferences add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fundsim.benefits.rule import Change, Draft, Rule
from fundsim.money import PPM
from fundsim.terms import OrNone, Rate


class Ceiling(Rule):
    """``ceiling``: rates are clipped to it after all variants; without one, a rate above 100% is an error."""

    field = "ceiling"
    written = OrNone[Rate]
    varied = OrNone[Rate]
    default = None

    def apply(self, value: Any, draft: Draft) -> Draft:
        return replace(draft, ceiling=PPM if value is None else value)

    def vary(self, _: dict[str, Any], change: Any, /) -> Change:
        return Change({self.field: change}, replaces=True)
