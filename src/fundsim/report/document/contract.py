"""A contract in both languages (合同条款): what is paid, what the insurer may keep, who bears a loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from fundsim.contracts.funding import PerHead
from fundsim.money import PPM, format_rate, format_yuan
from fundsim.report.document.glossary import case_in_words
from fundsim.report.document.words import Words, joined

if TYPE_CHECKING:
    from fundsim.contracts import ContractTerms
    from fundsim.contracts.tiers import Tiers


def contract_rows(terms: ContractTerms) -> Iterator[tuple[Words, Words]]:
    """Each term that matters, in the order in which money moves."""
    yield Words("筹资标准", "premium per head"), _premium(terms)
    if terms.term is not None:
        yield Words("合作期限", "term"), Words(f"{terms.term}年", f"{terms.term} years")
    yield Words("结余", "surplus"), _surplus(terms)
    yield Words("亏损分担", "losses"), _losses(terms)
    if terms.fund_pays == "later":
        yield Words("基金承担部分", "the fund's part"), Words("当年挂账，以后年度解决", "owed to later years")
    if terms.carried:
        yield Words("上年结转", "brought forward"), _yuan(terms.carried)
    if terms.closing != "none":
        yield Words("期末清算", "end of the term"), _closing(terms)
    yield Words("公司实际运营成本", "the insurer's real running cost"), _expense(terms)


def _yuan(fen: int) -> Words:
    amount = format_yuan(fen).removesuffix(".00")
    return Words(f"{amount}元", f"{amount} yuan")


def _premium(terms: ContractTerms) -> Words:
    premium = terms.premium
    if premium is None:
        return Words("未列明", "not stated")
    if isinstance(premium, int):
        return _yuan(premium) + Words("/人·年", "a head and year")
    if isinstance(premium, PerHead):
        return _per_head(premium)
    return joined([_per_head(entry) + _only_for(entry.when) for entry in premium], "；")


def _only_for(case: Mapping[str, str | list[str]]) -> Words:
    """For whom a premium is paid; nothing where it is for everybody."""
    if not case:
        return Words("", "")
    who = case_in_words(case)
    return Words(f"（{who.zh}）", f"({who.en})")


def _per_head(premium: PerHead) -> Words:
    amount = _yuan(premium.fen) + Words("/人·年", "a head and year")
    if premium.rate is None or premium.of is None:
        return amount
    rate, of = format_rate(premium.rate), _yuan(premium.of)
    return Words(f"{amount.zh}（{of.zh}的{rate}）", f"{amount.en} ({rate} of {of.en})")


def _surplus(terms: ContractTerms) -> Words:
    rate = format_rate(terms.allowance)
    rest = _rest(terms)
    if not terms.allowance and terms.return_share == PPM:
        return Words("全部", "all of it") + rest
    if terms.surplus == "fee-inclusive":
        keeps = Words(
            f"公司留存以保费的{rate}为限，含成本和盈利（综合费率），",
            f"the insurer keeps up to {rate} of premium for cost and profit;",
        )
    else:
        accepted = (
            Words("据实扣除运营成本后，", "after its running cost,")
            if terms.accepted is None
            else Words(
                f"扣除不超过保费{format_rate(terms.accepted)}的运营成本后，",
                f"after running cost of up to {format_rate(terms.accepted)} of premium,",
            )
        )
        keeps = accepted + Words(
            f"公司盈利以保费的{rate}为限，", f"the insurer keeps up to {rate} of premium as profit;"
        )
    share = format_rate(terms.return_share)
    part = (
        Words("超出部分", "the rest")
        if terms.return_share == PPM
        else Words(f"超出部分的{share}", f"{share} of the rest")
    )
    return keeps + part + rest


def _rest(terms: ContractTerms) -> Words:
    if terms.excess == "return":
        return Words("返还基金", "goes back to the fund")
    return Words("结转，用于弥补以后年度亏损", "is held for later deficits")


def _losses(terms: ContractTerms) -> Words:
    if not terms.asks_cause:
        return tiers_in_words(terms.tiers or ())
    other = (
        Words("公司承担100%", "the insurer 100%") if terms.other_tiers is None else tiers_in_words(terms.other_tiers)
    )
    share = format_rate(terms.policy_share or 0)
    counted = terms.policy_loss == "counterfactual"
    cause = (
        Words("政策性亏损（按剔除政策因素重新测算确定）：", "policy-caused (settled again without the policy):")
        if counted
        else Words(f"政策性亏损（占亏损的{share}）：", f"policy-caused ({share} of a loss):")
    )
    return cause + tiers_in_words(terms.policy_tiers or ()) + Words("；非政策性亏损：", "; other:") + other


def tiers_in_words(tiers: Tiers) -> Words:
    """Who bears which layer of a loss."""
    if not tiers:
        return Words("未列明", "not stated")
    if len(tiers) == 1:
        share = format_rate(tiers[0].insurer)
        if not tiers[0].insurer:
            return Words("基金承担100%", "the fund 100%")
        return Words(f"公司承担{share}，其余由基金承担", f"the insurer {share}, the fund the rest")
    zh, en, since = [], [], "0"
    for tier in tiers:
        share = format_rate(tier.insurer)
        if tier.to is None:
            zh.append(f"超过保费{since}的部分公司承担{share}")
            en.append(f"{share} above {since}")
        else:
            upto = format_rate(tier.to)
            zh.append(f"保费的{since}至{upto}部分公司承担{share}")
            en.append(f"{share} from {since} to {upto} of premium")
            since = upto
    return Words("，".join(zh), f"the insurer {', '.join(en)}")


def _closing(terms: ContractTerms) -> Words:
    who = Words("基金", "the fund") if terms.closing == "fund" else Words("公司", "the insurer")
    return Words(
        f"结转的结余归基金，尚欠的亏损由{who.zh}承担",
        f"a held surplus goes to the fund; a deficit still owed is paid by {who.en}",
    )


def _expense(terms: ContractTerms) -> Words:
    expense = terms.expense
    if expense is None:
        return Words("未列明，按零计", "not stated, taken as zero")
    parts = []
    if expense.share:
        rate = format_rate(expense.share)
        parts.append(Words(f"保费的{rate}", f"{rate} of premium"))
    if expense.per_person:
        parts.append(_yuan(expense.per_person) + Words("/人", "a head"))
    if expense.total:
        parts.append(_yuan(expense.total) + Words("/年", "a year"))
    return joined(parts, " + ") if parts else Words("零", "none")
