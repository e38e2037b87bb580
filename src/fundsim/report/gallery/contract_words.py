"""A contract in words (合同条款): premium, surplus, losses, and when the fund pays; for people who compare schemes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from fundsim.contracts.funding import PerHead
from fundsim.money import PPM, format_rate, format_yuan

if TYPE_CHECKING:
    from fundsim.contracts import ContractTerms
    from fundsim.contracts.terms import ExpenseTerms
    from fundsim.contracts.tiers import Tiers


def yuan(fen: int) -> str:
    """Yuan without needless decimals: ``6,000`` or ``6,000.50``."""
    return format_yuan(fen).removesuffix(".00")


def premium_in_words(terms: ContractTerms) -> list[str]:
    """Premium per head and year, a text for each of those who pay alike: ``29 yuan (household urban)``."""
    premium = terms.premium
    if premium is None:
        return ["not stated"]
    if isinstance(premium, int):
        return [f"{yuan(premium)} yuan"]
    if isinstance(premium, PerHead):
        return [_per_head(premium)]
    return [f"{_per_head(entry)} ({case_in_words(entry.when)})" for entry in premium]


def _per_head(premium: PerHead) -> str:
    if premium.rate is None or premium.of is None:
        return f"{yuan(premium.fen)} yuan"
    return f"{yuan(premium.fen)} yuan ({format_rate(premium.rate)} of {yuan(premium.of)})"


def case_in_words(case: Mapping[str, str | list[str]]) -> str:
    """A condition on traits: ``hardship poor, place local or away``."""
    stated = ((trait, value if isinstance(value, str) else " or ".join(value)) for trait, value in case.items())
    return ", ".join(f"{trait} {value}" for trait, value in stated) or "everybody"


def surplus_in_words(terms: ContractTerms) -> str:
    """What the insurer may keep, and where the rest goes."""
    goes = "goes back to the fund (返还)" if terms.excess == "return" else "is held for later deficits (结转)"
    if not terms.allowance and terms.return_share == PPM:
        return f"all of it {goes}"
    rate = format_rate(terms.allowance)
    if terms.surplus == "fee-inclusive":
        keeps = f"the insurer keeps up to {rate} of premium for cost and profit (综合费率)"
    else:
        accepted = "its running cost" if terms.accepted is None else f"cost up to {format_rate(terms.accepted)}"
        keeps = f"after {accepted}, the insurer keeps up to {rate} of premium as profit (盈利率)"
    part = "the rest" if terms.return_share == PPM else f"{format_rate(terms.return_share)} of the rest"
    return f"{keeps}; {part} {goes}"


def loss_in_words(terms: ContractTerms) -> str:
    """Who bears a loss, by its cause where the contract asks for it."""
    if not terms.asks_cause:
        return _tiers(terms.tiers or ())
    share = format_rate(terms.policy_share or 0)
    other = "the insurer 100%" if terms.other_tiers is None else _tiers(terms.other_tiers)
    return f"policy-caused (政策性亏损, {share} of a loss): {_tiers(terms.policy_tiers or ())}; other: {other}"


def _tiers(tiers: Tiers) -> str:
    """``the insurer 100% up to 5% of premium, 50% up to 10%, 0% above``."""
    if len(tiers) == 1:
        share = tiers[0].insurer
        return f"the insurer {format_rate(share)}" if share else "the fund 100%"
    unit = iter([" of premium"])
    texts = [
        f"{format_rate(tier.insurer)} above"
        if tier.to is None
        else f"{format_rate(tier.insurer)} up to {format_rate(tier.to)}{next(unit, '')}"
        for tier in tiers
    ]
    return f"the insurer {', '.join(texts)}"


def contract_in_words(terms: ContractTerms) -> Iterator[tuple[str, str]]:
    """All terms that matter, in the order in which money moves: what it is about, and what holds."""
    yield "premium per head 筹资标准", "; ".join(premium_in_words(terms))
    yield "surplus 结余", surplus_in_words(terms)
    yield "loss 亏损", loss_in_words(terms)
    if terms.fund_pays == "later":
        yield "the fund's part of a loss 基金分担", "is owed to later years (以后年度解决)"
    if terms.carried:
        yield "brought forward 上年结转", f"{yuan(terms.carried)} yuan"
    if terms.closing != "none":
        yield (
            "end of term 期末",
            f"a held surplus goes to the fund; a deficit still owed is paid by the {terms.closing}",
        )
    yield "the insurer's real cost 实际运营成本", _expense(terms.expense)


def _expense(expense: ExpenseTerms | None) -> str:
    parts = (
        ()
        if expense is None
        else (
            (expense.share, f"{format_rate(expense.share)} of premium"),
            (expense.per_person, f"{yuan(expense.per_person)} yuan per head"),
            (expense.total, f"{yuan(expense.total)} yuan a year"),
        )
    )
    return " + ".join(text for amount, text in parts if amount) or "none stated, taken as zero"
