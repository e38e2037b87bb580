"""Global budget (总额预付): 总量控制、增幅管理、按月预结、年终决算、超支分担."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator

from fundsim.contracts.tiers import as_tuple, layered, refuse_unless_rising
from fundsim.funds.amounts import MONTHS, Amount, equal_parts
from fundsim.funds.settlement import FundBills, Settled, Settlement
from fundsim.money import PPM, half_up, share
from fundsim.terms import Growth, Rate, Terms, problem


class OverspendTier(Terms):
    """One layer of the overspend, from where the layer before ends (the first from the budget itself)."""

    to: Rate | None = None
    """Upper end, ppm of the budget; none for the last tier, which is open."""
    hospitals: Rate
    """Part of this layer that hospitals bear, ppm; the fund bears the rest."""


def _checked(tiers: tuple[OverspendTier, ...]) -> tuple[OverspendTier, ...]:
    refuse_unless_rising([tier.to for tier in tiers], of="budget", larger="overspend", example="{hospitals: 100%}")
    return tiers


def _not_below(growth: int) -> int:
    if growth < -PPM:
        raise problem("growth", "a total cannot fall by more than all of it", "write a growth such as 12%/year")
    return growth


BudgetGrowth = Annotated[Growth, AfterValidator(_not_below)]


class GlobalBudget(Settlement):
    """A total for the year, paid in monthly advances and settled at its end; what is billed beyond it is shared.

    Budget B = last year's total x (1 + min(growth, cap)), rounded half up. Advances are a share of B in twelve
    equal parts. Of billed A > B the hospitals bear their part of the overspend A - B tier by tier, rounded half
    up once; of A < B they keep a share of the underspend B - A. The fund pays A - borne + kept in all, and the
    year-end settlement is that less the advances.
    """

    by: Literal["global-budget"]
    last_total: Amount
    """Last year's total (上年总额)."""
    growth: BudgetGrowth
    """By how much this year's total would grow."""
    growth_cap: BudgetGrowth
    """By how much it may grow at most (增幅控制)."""
    advance: Rate
    """Part of a twelfth of the budget that is paid every month, ppm (按月预结比例)."""
    overspend: Annotated[tuple[OverspendTier, ...], BeforeValidator(as_tuple), AfterValidator(_checked)]
    """Who bears what is billed beyond the budget; contiguous from zero, rising, the last one open."""
    underspend_kept: Rate
    """Part of what the bills stay below the budget that hospitals keep, ppm; the fund keeps the rest."""

    def budget(self, heads: int) -> int:
        """The year's total for a fund of so many insured (fen)."""
        return half_up(self.last_total.fen(heads) * (PPM + min(self.growth, self.growth_cap)), PPM)

    def settle(self, bills: FundBills) -> Settled:
        budget = self.budget(bills.heads)
        monthly = equal_parts(half_up(budget * self.advance, PPM), MONTHS)
        advances = np.tile(np.array(monthly, np.int64), (len(bills.billed), 1))
        billed = bills.billed.sum(axis=1)
        over, under = np.maximum(billed - budget, 0), np.maximum(budget - billed, 0)
        tiers = [(tier.to, tier.hospitals) for tier in self.overspend]
        borne = layered(over, np.full_like(over, budget), tiers)
        kept = share(under, self.underspend_kept)
        return Settled(
            advances=advances,
            year_end=billed - borne + kept - advances.sum(axis=1),
            borne=borne,
            kept=kept,
        )
