"""What premium a scheme needs (保本筹资标准): claims and the insurer's real cost a head, and how surely it covers them.

The break-even premium B pays mean claims C and the real cost E(B) = e·B + f: B = (C + f) / (1 - e), with e the part of
the premium that cost takes and f what is spent a head or a year whatever the premium. It asks nothing of how surplus
and loss are shared, so it is the same for every contract with this cost. In replication r claims and cost ask for
B_r = (C_r + f_r) / (1 - e) / heads_r; a premium covers them with probability p where it is the p quantile of B_r.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.comparison.figures import loading
from fundsim.estimates import NORMAL_95, UNDEFINED, Estimate, Floats, Quantile, quantile_of, ratio_of
from fundsim.money import PPM

if TYPE_CHECKING:
    from fundsim.results import Results

SURE: Final = (0.5, 0.75, 0.9, 0.95)
"""With which probability a premium is to cover claims and cost."""


@dataclass(frozen=True, eq=False)
class PremiumNeeded:
    """Premiums a head and year, yuan, over the whole term."""

    pure: Estimate
    """Claims (纯保费)."""
    break_even: Estimate
    """Claims and real cost (保本筹资标准)."""
    needed: Estimate
    """Claims with all that the contract adds to them: cost and profit (测算筹资标准)."""
    present: Estimate
    short: Estimate
    """Break-even less present premium: above zero where the present one falls short."""
    each: Floats
    """(r,) what claims and cost of each replication ask for."""
    stratified: bool

    @classmethod
    def of(cls, results: Results) -> PremiumNeeded:
        """Of a scheme as it was simulated."""
        totals = {name: results.totals[name].astype(np.float64) for name in ("claims_paid", "premium", "insured")}
        claims, premium, heads = totals["claims_paid"] / 100, totals["premium"] / 100, totals["insured"]
        share, fixed = _real_cost(results)
        asked, factor = (claims + fixed) / (1 - share), loading(results.scenario.terms.contract)

        def a_head(total: Floats) -> Estimate:
            return ratio_of(total, heads, batch=results.batch)

        return cls(
            pure=a_head(claims),
            break_even=a_head(asked),
            needed=UNDEFINED if factor is None else a_head(claims * factor),
            present=a_head(premium),
            short=a_head(asked - premium),
            each=asked[heads > 0] / heads[heads > 0],
            stratified=results.batch is not None,
        )

    @property
    def known(self) -> bool:
        """Whether there is anybody insured, and a premium to compare with."""
        return bool(self.present.mean)

    @property
    def is_short(self) -> bool | None:
        """Whether the present premium lies below break-even; None where the difference is within its error."""
        mean, se = self.short.mean, self.short.se
        if mean is None or (se is not None and abs(mean) <= NORMAL_95 * se):
            return None
        return mean > 0

    def surely(self, probability: float) -> Quantile:
        """The premium that covers claims and cost with this probability."""
        return quantile_of(self.each, probability, stratified=self.stratified)


def _real_cost(results: Results) -> tuple[float, Floats]:
    """The part of the premium that the insurer's real cost takes, and (r,) what it spends besides, yuan."""
    expense, heads = results.scenario.terms.contract.expense, results.totals["insured"].astype(np.float64)
    if expense is None:
        return 0.0, np.zeros_like(heads)
    years = results.totals.get("in_force", np.full_like(results.totals["insured"], results.n_years))
    return expense.share / PPM, (expense.per_person * heads + expense.total * years) / 100
