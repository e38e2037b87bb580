"""Schemes side by side (测算方案比较表): what each design would cost, whom it helps, and how likely a loss is.

Every design was settled on the same people, so their differences are far more certain than the figures themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fundsim.comparison.figures import loading
from fundsim.contracts import YearFacts, settle_term
from fundsim.estimates import UNDEFINED, Estimate, Floats, Probability, mean_of, probability_of
from fundsim.report.amounts import in_per_cent, with_error
from fundsim.report.layout import Table

if TYPE_CHECKING:
    import pandas as pd

    from fundsim.results import Results


def needed_premium(results: Results) -> Estimate:
    """The premium per head that the mean claims need (测算筹资标准), with its standard error, yuan.

    The pure premium times what the contract adds to claims; see :func:`fundsim.comparison.figures.loading`. Undefined
    where the contract does not say.
    """
    needed = premium_of_claims(results)
    return UNDEFINED if needed is None else mean_of(needed, batch=results.batch)


def premium_of_claims(results: Results) -> Floats | None:
    """The same that the claims of each replication would need, yuan per head."""
    factor = loading(results.scenario.terms.contract)
    if factor is None:
        return None
    claims = results.totals["claims_paid"] / results.totals["insured"] / 100
    needed: Floats = claims * factor
    return needed


def loss_at(results: Results, premium: float) -> Probability:
    """The probability that the insurer loses after real cost at another premium per head (yuan), on the same claims."""
    years = [_facts(results.year(number), premium) for number in range(1, results.n_years + 1)]
    term = settle_term(results.scenario.terms.contract, years)
    return probability_of(term.measures()["insurer_result"] < 0, batch=results.batch)


def _facts(year: Results, premium: float) -> YearFacts:
    """What happened in a year, at a premium per head (yuan) that follows the terms from the first year on."""
    insured = year.totals["insured"]
    base = np.rint(insured * premium * 100).astype(np.int64)
    return YearFacts(insured=insured, base_premium=base, claims=year.groups["claims_paid"].sum(axis=1))


def designs_frame(results: Sequence[Results]) -> pd.DataFrame:
    """One row per design: premium needed, beneficiaries, payments, payment ratios and the probability of a loss.

    ``p_loss`` is the insurer's at the premium of the scheme, ``p_loss_at_needed`` at the premium that is needed.
    """
    import pandas as pd

    return pd.DataFrame([_row(each) for each in results]).set_index("design")


def _row(results: Results) -> dict[str, object]:
    premium = needed_premium(results)
    row: dict[str, object] = {
        "design": results.scenario.design or results.scenario.id,
        "premium_needed": premium.mean,
        "premium_needed_se": premium.se,
    }
    for measure in MEASURED:
        estimate = results.estimate(measure)
        row[measure], row[f"{measure}_se"] = estimate.mean, estimate.se
    chances = {
        "p_loss": results.probability("insurer_loss"),
        "p_loss_at_needed": None if premium.mean is None else loss_at(results, premium.mean),
    }
    for name, chance in chances.items():
        known = (None,) * 3 if chance is None else (chance.p, chance.lo, chance.hi)
        row[name], row[f"{name}_lo"], row[f"{name}_hi"] = known
    return row


MEASURED = (
    "pure_premium",
    "beneficiaries",
    "beneficiaries_per_1000",
    "avg_payout",
    "payment_ratio_compliant",
    "payment_ratio_above_deductible",
    "actual_reimbursement_ratio",
)
"""Measures of the frame, each with its standard error."""


def side_by_side(results: Sequence[Results]) -> Table:
    """The schemes as a table for terminal and page, one line each."""
    return Table("Schemes side by side 测算方案比较", HEAD, tuple(_line(each) for each in results), NOTES, names=1)


def _line(results: Results) -> tuple[str, ...]:
    premium = needed_premium(results)
    people, payment = results.estimate("beneficiaries_per_1000"), results.estimate("avg_payout")
    at_needed = "–" if premium.mean is None else in_per_cent(loss_at(results, premium.mean))[0]
    return (
        results.scenario.design or results.scenario.id,
        *with_error(premium),
        *(with_error(each)[0] for each in (people, payment)),
        *(with_error(results.estimate(ratio), 100.0)[0] for ratio in RATIOS),
        in_per_cent(results.probability("insurer_loss"))[0],
        at_needed,
    )


RATIOS = ("payment_ratio_compliant", "actual_reimbursement_ratio")
HEAD = (
    "", "premium 筹资标准", "±", "per 1,000 受益率", "payment 人均赔付", "paid % 支付比例", "all % 实际报销",
    "P(loss) %", "at that premium",
)  # fmt: skip
NOTES = (
    "premium 筹资标准: yuan per head that the mean claims need, with what the contract allows for cost and profit.",
    "paid 支付比例: CII's share of the compliant cost that basic insurance left its beneficiaries; all 实际报销: all",
    "payers' share of their bills. P(loss): the insurer's after real cost, at the premium of the scheme; then at the",
    "premium needed.",
)
