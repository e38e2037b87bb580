"""起付线: what the patient bears before the payer pays anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fundsim.benefits.rule import Change, Draft, Rule
from fundsim.curves import PayoutCurve
from fundsim.money import PPM, half_up
from fundsim.terms import Money, MoneyChange, OrNone, Scale


class Deductible(Rule):
    """Nothing is due below the deductible; ``none`` is a deductible of zero.

    A variant may scale it (``x0.5``: 起付线降低50%), rounded half up to the fen.
    """

    field = "deductible"
    written = OrNone[Money]
    varied = OrNone[MoneyChange]
    default = None

    def apply(self, value: Any, draft: Draft) -> Draft:
        deductible = value or 0
        pieces = [(0, 0), (deductible, PPM)] if deductible else [(0, PPM)]
        return replace(draft, deductible=deductible, origin=deductible, curve=PayoutCurve.through(pieces))

    def vary(self, values: dict[str, Any], change: Any, /) -> Change:
        if not isinstance(change, Scale):
            return Change({self.field: change}, replaces=True)
        scaled = (values[self.field] or 0) * change.times
        return Change({self.field: half_up(scaled.numerator, scaled.denominator)}, replaces=False)
