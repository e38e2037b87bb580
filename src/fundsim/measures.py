"""What is reported (指标): every figure's id, its names in Chinese and English, its unit and its definition.

The ids are an interface: scripts read them from JSON. Amounts inside are fen, printed in yuan.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

Unit = Literal["yuan", "count", "share", "per 1,000", "yuan/person"]


@dataclass(frozen=True)
class Measure:
    """One figure: a total of the year, or the ratio of two totals."""

    id: str
    zh: str
    en: str
    unit: Unit
    over: tuple[str, str] | None = None
    """Numerator and denominator, where the figure is a ratio of totals."""
    scale: float = 1.0
    """What the ratio is multiplied with."""
    by_group: bool = False
    """Whether it can be told for one group of the insured (the contract's account cannot)."""
    over_years: Literal["average", "largest", "last"] = "average"
    """What is told of a total over several years."""
    of_term: bool = False
    """Whether it is told of contracts of several years only."""


class _Measures(dict[str, Measure]):
    """Measures by id; a wrong id is told with the nearest right ones."""

    def __missing__(self, name: str) -> Measure:
        near = get_close_matches(name, self, n=3) or self
        raise KeyError(f"there is no measure '{name}'; there are: {', '.join(near)}")


MEASURES: Final[dict[str, Measure]] = _Measures(
    (measure.id, measure)
    for measure in (
        Measure("premium", "保费收入", "premium", "yuan", by_group=True),
        Measure(
            "premium_per_head",
            "人均保费",
            "premium per head",
            "yuan/person",
            ("premium", "insured"),
            by_group=True,
            of_term=True,
        ),
        Measure("claims_paid", "赔付支出", "claims paid", "yuan", by_group=True),
        Measure("loss_ratio", "赔付率", "loss ratio", "share", ("claims_paid", "premium"), by_group=True),
        Measure("surplus", "合同口径结余", "contract surplus", "yuan"),
        Measure("insurer_keep", "保险公司留存", "kept by the insurer", "yuan"),
        Measure("surplus_return", "超额结余返还", "surplus returned", "yuan"),
        Measure("policy_loss", "政策性亏损", "policy loss", "yuan"),
        Measure("policy_loss_fund", "政策性亏损: 基金分担", "policy loss: fund", "yuan"),
        Measure("policy_loss_insurer", "政策性亏损: 公司分担", "policy loss: insurer", "yuan"),
        Measure("other_loss", "非政策性亏损", "other loss", "yuan"),
        Measure("other_loss_fund", "非政策性亏损: 基金分担", "other loss: fund", "yuan"),
        Measure("other_loss_insurer", "非政策性亏损: 公司分担", "other loss: insurer", "yuan"),
        Measure("carried", "结转", "carried forward", "yuan"),
        Measure("balance", "期末结转余额", "balance carried", "yuan", over_years="last", of_term=True),
        Measure("retention_forfeited", "考核扣款", "retention forfeited", "yuan"),
        Measure("contract_result", "公司合同损益 (未扣实际费用)", "insurer's result by the contract", "yuan"),
        Measure("insurer_result", "公司净损益 (扣除实际费用)", "insurer's result after real cost", "yuan"),
        Measure("fund_result", "基金净收支", "fund's result", "yuan"),
        Measure("beneficiaries", "受益人数", "beneficiaries", "count", by_group=True),
        Measure(
            "beneficiaries_per_1000",
            "受益率 (每千人)",
            "beneficiaries per 1,000",
            "per 1,000",
            ("beneficiaries", "insured"),
            1000.0,
            by_group=True,
        ),
        Measure("avg_payout", "人均赔付", "average payment", "yuan", ("claims_paid", "beneficiaries"), by_group=True),
        Measure("max_payout", "最高赔付", "largest payment", "yuan", by_group=True, over_years="largest"),
        Measure("n_at_cap", "达到封顶线人数", "persons at the cap", "count", by_group=True),
        Measure(
            "pure_premium", "纯保费 (人均)", "pure premium", "yuan/person", ("claims_paid", "insured"), by_group=True
        ),
        Measure(
            "payment_ratio_above_deductible",
            "起付线以上实际支付比例",
            "share paid of compliant cost above the deductible",
            "share",
            ("claims_paid", "above_deductible"),
            by_group=True,
        ),
        Measure(
            "payment_ratio_compliant",
            "合规自付费用实际支付比例",
            "share paid of all compliant cost left by basic insurance",
            "share",
            ("claims_paid", "compliant"),
            by_group=True,
        ),
        Measure("patient_burden", "受益人个人负担", "beneficiaries' own burden", "yuan", by_group=True),
        Measure(
            "actual_reimbursement_ratio",
            "实际报销比例",
            "actual reimbursement ratio",
            "share",
            ("reimbursed", "gross"),
            by_group=True,
        ),
    )
)
"""Every measure, in the order of reports."""

PROBABILITIES: Final[dict[str, tuple[str, str]]] = {
    "deficit": ("亏损概率 (合同口径)", "probability of a deficit"),
    "return": ("返还概率", "probability of a return"),
    "insurer_loss": ("公司亏损概率", "probability of a loss to the insurer"),
    "termination": ("提前终止概率", "probability that the contract ends early"),
    "cash_short": ("资金缺口概率", "probability that the insurer's cash falls below zero in some month"),
}
"""Ids of the probabilities with their names in Chinese and English; the last two where the contract can tell them."""
