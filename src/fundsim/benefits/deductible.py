"""起付线: what the patient bears before the payer pays anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fundsim.benefits.rule import Change, Draft, Rule
from fundsim.curves import PayoutCurve
from fundsim.money import PPM
from fundsim.terms import Money, OrNone


class Deductible(Rule):
    """Nothing is due below the deductible; ``none`` is a deductible of zero."""

    field = "deductible"
    written = OrNone[Money]
    varied = OrNone[Money]
    default = None

    def apply(self, value: Any, draft: Draft) -> Draft:
        deductible = value or 0
        pieces = [(0, 0), (deductible, PPM)] if deductible else [(0, PPM)]
        return replace(draft, deductible=deductible, origin=deductible, curve=PayoutCurve.through(pieces))

    def vary(self, _: dict[str, Any], change: Any, /) -> Change:
        return Change({self.field: change}, replaces=True)
