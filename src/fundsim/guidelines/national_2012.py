"""发改社会〔2012〕2605号: the national guideline by which critical illness insurance began.

Tested is what a scheme file can show. What is asked of the bidding insurer (五(三)), of its service (五(四)) and of
supervision (六) is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from fundsim.benefits.payer import PayerTerms
from fundsim.benefits.schedule import describe
from fundsim.contracts import Label, settle_year
from fundsim.contracts.tiers import INSURER_BEARS_ALL, Tier
from fundsim.estimates import Estimate
from fundsim.guidelines.base import (
    Case,
    Evidence,
    Finding,
    Guideline,
    Quote,
    Rule,
    Verdict,
    at_least,
    not_stated,
    replications_to_decide,
)
from fundsim.ledger import Party
from fundsim.money import PPM, format_rate, format_yuan
from fundsim.scenario.show import base_in_words

BASIC: Final = "basic"
AID: Final = "medical-aid"
"""What the payers of basic insurance and of medical aid are called in scheme files."""

LEAST_RATIO: Final = 0.5
READINGS: Final = {
    "above-deductible": ("payment_ratio_above_deductible", "on what lies above the deductible"),
    "compliant": ("payment_ratio_compliant", "on all compliant cost left after basic insurance"),
}
"""How 实际支付比例 may be read: the measure of each reading, and its words."""

LEAST_YEARS: Final = 3
ROUND_SUM: Final = 100_000
"""Fen: a deductible may be the income rounded up to full thousands of yuan (具体金额由地方政府确定)."""

ABOUT: Final = (Fraction(45, 1000), Fraction(55, 1000))
"""What counts as 5%左右: what rounds to 5%."""


_FROM_BASIC_FUNDS: Final = Quote("三(二)", "从城镇居民医保基金、新农合基金中划出一定比例或额度作为大病保险资金")
_ABOUT_FIVE: Final = Quote(
    "二(一)",
    "国家确定的大病保险总费额度控制在医保筹资总额度5%左右",
    source="《在全省开展城乡居民大病保险工作意见》",
)
_ALL_INSURED: Final = Quote("四(一)", "大病保险保障对象为城镇居民医保、新农合的参保（合）人")
_BY_DISEASE: Final = Quote("四(二)", "各地也可以从个人负担较重的疾病病种起步开展大病保险")
_AFTER_BASIC: Final = Quote("四(二)", "对城镇居民医保、新农合补偿后需个人负担的合规医疗费用给予保障")
_HIGH_COST: Final = Quote(
    "四(二)",
    "高额医疗费用，可以个人年度累计负担的合规医疗费用超过当地统计部门公布的上一年度城镇居民年人均可支配收入、"
    "农村居民年人均纯收入为判定标准，具体金额由地方政府确定",
)
_OVER_THE_YEAR: Final = Quote("四(二)", "个人年度累计负担的合规医疗费用")
_BANDS: Final = Quote("四(三)", "按医疗费用高低分段制定支付比例，原则上医疗费用越高支付比例越高")
_AID: Final = Quote("四(三)", "做好基本医疗保险、大病保险与重特大疾病医疗救助的衔接")
_RISK: Final = Quote("五(一)", "中标后以保险合同形式承办大病保险，承担经营风险，自负盈亏")
_MARGIN: Final = Quote("五(二)", "要遵循收支平衡、保本微利的原则，合理控制商业保险机构盈利率")
_ADJUSTMENT: Final = Quote("五(二)", "可以在合同中对超额结余及政策性亏损建立相应动态调整机制")


# -- funding (三) ---------------------------------------------------------------------------------------------------


def funding_source(evidence: Evidence) -> Finding:
    """Who pays the premium, as the contract's ledger posts it."""
    contract, population = evidence.scenario.terms.contract, evidence.scenario.population
    premium = contract.premium_total((group.persons, group.traits) for group in population.groups)
    ledger = settle_year(contract, premium=premium, claims=0, insured=population.insured).ledger
    payers = sorted({str(posting.payer) for posting in ledger.postings if posting.label == Label.PREMIUM})
    own = "residents pay nothing of their own" if payers == [str(Party.BASIC_FUND)] else "others pay too"
    return Finding(
        Verdict.INFORMATION,
        f"the premium of {_yuan(premium)} yuan a year is paid by: {', '.join(payers)}; {own}",
        {"premium": premium / 100},
    )


def funding_share(evidence: Evidence) -> Finding:
    """Premium over basic funding: about 5% is the standard, less is the locality's choice, more is too much."""
    contract, locality = evidence.scenario.terms.contract, evidence.scenario.terms.locality
    premium = funding = 0
    for group in evidence.scenario.population.groups:
        stated = None if locality is None else locality.basic_funding_per_head(group.traits)
        per_head = contract.basic_funding_per_head(group.traits) if stated is None else stated
        if not per_head:
            what = "what basic insurance collects per head"
            return not_stated(what, "locality: {basic_funding: 340 yuan/person}")
        premium += group.persons * contract.premium_per_head(group.traits)
        funding += group.persons * per_head
    share = Fraction(premium, funding)
    low, high = ABOUT
    verdict, why = Verdict.PASS, "about 5%"
    if share >= high:
        verdict, why = Verdict.FAIL, "more than about 5%"
    elif share < low:
        verdict, why = Verdict.ALLOWED, "less than about 5%; the guideline lets the locality fix the share or the sum"
    found = f"the premium is {float(share):.2%} of basic funding ({_yuan(premium)} of {_yuan(funding)} yuan): {why}"
    figures = {"share": float(share), "premium": premium / 100, "basic_funding": funding / 100}
    return Finding(verdict, found, figures)


def balance(evidence: Evidence) -> Finding:
    """The simulated loss ratio."""
    ratio, deficit = evidence.results.estimate("loss_ratio"), evidence.results.probability("deficit")
    found = f"simulated claims are {_with_interval(ratio)} of the premium; {deficit.p:.0%} of years end in a deficit"
    return Finding(Verdict.INFORMATION, found, {"loss_ratio": ratio.mean, "p_deficit": deficit.p})


# -- cover (四) -----------------------------------------------------------------------------------------------------


def coverage(evidence: Evidence) -> Finding:
    """Every group of the insured is covered, for some bills at least, by one payer of the contract or another."""
    open_cases: dict[str, list[bool]] = {}
    for alike in zip(*(evidence.cases(payer) for payer in evidence.covered), strict=True):
        pays = any(case.schedule.covered and max(case.schedule.curve.rates) > 0 for case in alike)
        open_cases.setdefault(alike[0].group.name, []).append(pays)
    without = [group for group, cases in open_cases.items() if not any(cases)]
    partly = [f"{group} {sum(cases)} of {len(cases)}" for group, cases in open_cases.items() if not all(cases)]
    figures = {"groups": len(open_cases), "without_cover": ", ".join(without)}
    if without:
        return Finding(Verdict.FAIL, f"these insured have no cover at all: {', '.join(without)}", figures)
    if partly:
        found = f"every group is covered, but not for every class of case: {', '.join(partly)}"
        return Finding(Verdict.ALLOWED, found, figures, (f"allowed: {_BY_DISEASE}",))
    return Finding(Verdict.PASS, f"every group is covered for every class of case ({', '.join(open_cases)})", figures)


def after_basic(evidence: Evidence) -> Finding:
    """Basic insurance settles first, and what it paid is taken off the base."""
    scenario, cii = evidence.scenario, evidence.cii
    what = f"what counts: {base_in_words(cii)} (合规医疗费用由地方政府确定)"
    if scenario.terms.claims.basis == "in-policy-left":
        return Finding(Verdict.PASS, "the claims are amounts that basic insurance has left to the patient", {}, (what,))
    basic = evidence.payers_named(BASIC)
    if not basic:
        return not_stated("which payer is basic insurance", f"a payer named '{BASIC}', or '{BASIC}-...' for each fund")
    payers: Mapping[str, PayerTerms] = scenario.terms.payers
    less = payers[cii.name].base.less
    kept = [payer for payer in basic if f"paid by {payer}" not in less]
    if kept:
        found = (
            f"what {' and '.join(kept)} paid is not taken off the base of {cii.name}: it pays on the same cost again"
        )
        return Finding(Verdict.FAIL, found, {}, (what,))
    return Finding(Verdict.PASS, f"{cii.name} pays on what is left after {' and '.join(basic)}", {}, (what,))


def accumulation(evidence: Evidence) -> Finding:
    """The burden adds up over the year."""
    cii = evidence.cii
    if cii.by_year:
        return Finding(Verdict.PASS, "deductible and bands run over the year's accumulated burden")
    if all(len(case.schedule.curve.rates) == 1 for case in evidence.cases(cii)):
        return Finding(Verdict.NOT_APPLICABLE, "one rate from the first fen: it does not matter how the burden adds up")
    return Finding(Verdict.FAIL, "the deductible is taken off each admission, however often somebody falls ill")


def deductible(evidence: Evidence) -> Finding:
    """Nobody whose burden exceeds last year's income goes without cover.

    The text lets (可以) the income be the standard and leaves the exact sum to the locality, so that a lower sum, or
    the income rounded to a round sum, is allowed; a higher one leaves without cover what is high by the standard.
    """
    locality = evidence.scenario.terms.locality
    if locality is None or locality.income is None:
        what = "what income per head was in the year before"
        return not_stated(what, "locality: {income: 24565 yuan/person}, or a list by trait of the person")
    stated = {(case.group.name, case.schedule.deductible): case for case in _covered(evidence)}
    if not stated:
        return Finding(Verdict.NOT_APPLICABLE, "nobody is covered")
    compared = [(group, fen, locality.income_per_head(case.group.traits) or 0) for (group, fen), case in stated.items()]
    judged = [_against_income(fen, income) for _, fen, income in compared]
    worst = next(each for each in (Verdict.FAIL, Verdict.ALLOWED, Verdict.PASS) if each in {v for v, _ in judged})
    words = [
        f"{group}: {_yuan(fen)} yuan, {why} income of {_yuan(income)} yuan"
        for (group, fen, income), (_, why) in zip(compared, judged, strict=True)
    ]
    figures = [{"group": group, "deductible": fen / 100, "income": income / 100} for group, fen, income in compared]
    remarks = {
        Verdict.FAIL: ("a burden between the two is high by the standard, and nothing of it is paid",),
        Verdict.ALLOWED: ("another sum than the income is allowed: “具体金额由地方政府确定”",),
    }
    return Finding(worst, "; ".join(words), {"groups": figures}, remarks.get(worst, ()))


def _covered(evidence: Evidence) -> Iterator[Case]:
    return (case for case in evidence.cases(evidence.cii) if case.schedule.covered)


def _against_income(fen: int, income: int) -> tuple[Verdict, str]:
    if fen == income:
        return Verdict.PASS, "the"
    if fen < income:
        return Verdict.ALLOWED, "below the"
    if fen <= -(-income // ROUND_SUM) * ROUND_SUM:
        return Verdict.ALLOWED, "rounded up from the"
    return Verdict.FAIL, "above the"


def payment_ratio(evidence: Evidence) -> Finding:
    """The simulated payment ratio, by the reading that binds; the other one for information."""
    locality = evidence.scenario.terms.locality
    binding = None if locality is None else locality.payment_ratio
    estimates = {name: evidence.results.estimate(measure) for name, (measure, _) in READINGS.items()}
    figures = {key: value for name in READINGS for key, value in _ratio_figures(name, estimates[name]).items()}
    if binding is None:
        missing = not_stated("which payment ratio binds", f"locality: {{payment_ratio: {' | '.join(READINGS)}}}")
        both = tuple(_ratio_in_words(name, estimates[name]) for name in READINGS)
        return Finding(missing.verdict, missing.found, figures, both)
    estimate = estimates[binding]
    verdict = at_least(estimate, LEAST_RATIO)
    found = f"binding here: {_ratio_in_words(binding, estimate)}"
    if verdict is Verdict.NOT_DECIDED:
        found = f"{found}; cannot be decided with {evidence.replications} replications, {_advice(estimate)}"
    others = [f"for information: {_ratio_in_words(name, estimates[name])}" for name in READINGS if name != binding]
    bids = ["rates that are open to tender are taken as bid"] if evidence.scenario.bids else []
    return Finding(verdict, found, {"binding": binding, **figures}, (*others, *bids))


def _ratio_figures(name: str, estimate: Estimate) -> Mapping[str, float | None]:
    low, high = estimate.interval() or (None, None)
    key = name.replace("-", "_")
    return {key: estimate.mean, f"{key}_lo": low, f"{key}_hi": high}


def _ratio_in_words(name: str, estimate: Estimate) -> str:
    return f"{_with_interval(estimate)} {READINGS[name][1]}"


def _with_interval(estimate: Estimate) -> str:
    interval = estimate.interval()
    if estimate.mean is None:
        return "nothing (nobody was paid)"
    return f"{estimate.mean:.2%}" + ("" if interval is None else f" ({interval[0]:.2%} to {interval[1]:.2%})")


def _advice(estimate: Estimate) -> str:
    needed = replications_to_decide(estimate, LEAST_RATIO)
    return "and hardly with any number: it lies at the limit" if needed is None else f"try -n {needed}"


def bands(evidence: Evidence) -> Finding:
    """Rates do not fall along the curve above the deductible, for any class of case."""
    falling, flat, rising = list[str](), 0, 0
    for payer in evidence.covered:
        for number, case in enumerate(evidence.scenario.plan.traits.classes()):
            rates = _rates(payer.classes[number].bands) if payer.classes[number].covered else []
            if any(after < before for before, after in pairwise(rates)):
                falling.append(f"{describe(case)}: {'/'.join(format_rate(rate) for rate in rates)}")
            rising += len(rates) > 1
            flat += len(rates) == 1
    figures = {"rising": rising - len(falling), "flat": flat, "falling": len(falling)}
    if falling:
        more = f" (and {len(falling) - 1} more classes)" if len(falling) > 1 else ""
        return Finding(Verdict.FAIL, f"a rate falls as cost rises for {falling[0]}{more}", figures)
    if not rising and not flat:
        return Finding(Verdict.NOT_APPLICABLE, "nobody is covered", figures)
    if not rising:
        found = "one rate at every cost: it does not fall, and it is not set by bands"
        remark = "allowed, because the text asks for rising bands “原则上”"
        return Finding(Verdict.ALLOWED, found, figures, (remark,))
    remarks = (f"{flat} other classes have one rate at every cost",) if flat else ()
    return Finding(Verdict.PASS, f"rates rise with cost, or stay, in {rising} classes of case", figures, remarks)


def _rates(stated: tuple[tuple[int, int], ...]) -> list[int]:
    """The rates of the bands in order; that nothing is due above some cost is a limit, not a band."""
    rates = [rate for _, rate in stated]
    return rates[:-1] if len(rates) > 1 and rates[-1] == 0 else rates


def medical_aid(evidence: Evidence) -> Finding:
    """Whether medical aid settles after critical illness insurance."""
    names, cii, aid = evidence.scenario.plan.names, evidence.cii.name, evidence.payers_named(AID)
    if not aid:
        return Finding(Verdict.INFORMATION, f"the scheme has no payer named '{AID}'")
    after = [payer for payer in aid if names.index(payer) > names.index(cii)]
    found = f"{' and '.join(aid)} settles {'after' if after == list(aid) else 'before'} {cii}"
    return Finding(Verdict.INFORMATION, found, {"after_cii": after == list(aid)})


# -- contract (五) --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Losses:
    """Who bears a loss, by what caused it."""

    policy: tuple[Tier, ...]
    other: tuple[Tier, ...]

    @classmethod
    def of(cls, evidence: Evidence) -> _Losses:
        contract = evidence.scenario.terms.contract
        if not contract.asks_cause:
            return cls(contract.tiers or INSURER_BEARS_ALL, contract.tiers or INSURER_BEARS_ALL)
        return cls(contract.policy_tiers or INSURER_BEARS_ALL, contract.other_tiers or INSURER_BEARS_ALL)


def insurer_risk(evidence: Evidence) -> Finding:
    """The insurer bears some part of a loss that is not caused by policy."""
    tiers = _Losses.of(evidence).other
    cause = " that policy has not caused" if evidence.scenario.terms.contract.asks_cause else ""
    if any(tier.insurer for tier in tiers):
        return Finding(Verdict.PASS, f"of a loss{cause} the insurer bears {_tiers_in_words(tiers)}")
    return Finding(Verdict.FAIL, "the insurer bears no part of any loss: it is not an insurance contract")


def term(evidence: Evidence) -> Finding:
    """Three years or more."""
    years = evidence.scenario.terms.contract.term
    if years is None:
        return not_stated("how long the contract runs", "contract: {term: 3 years}")
    verdict = Verdict.PASS if years >= LEAST_YEARS else Verdict.FAIL
    return Finding(verdict, f"the contract runs for {years} year{'s' if years > 1 else ''}", {"years": years})


def margin(evidence: Evidence) -> Finding:
    """The contract states what the insurer may keep, and all that exceeds it leaves the insurer."""
    contract = evidence.scenario.terms.contract
    meant = "profit and running cost" if contract.surplus == "fee-inclusive" else "profit"
    figures = {"allowance": contract.allowance / PPM, "return_share": contract.return_share / PPM}
    allowed = f"the insurer may keep {format_rate(contract.allowance)} of the premium for {meant}"
    if contract.allowance == PPM:
        return Finding(Verdict.FAIL, f"{allowed}: any surplus there can be", figures)
    if contract.return_share < PPM:
        kept = format_rate(PPM - contract.return_share)
        return Finding(Verdict.FAIL, f"{allowed}, and {kept} of what exceeds it: profit has no limit", figures)
    whither = "goes back to the fund" if contract.excess == "return" else "is held for later deficits"
    remark = "the guideline names no rate; whether this one is 微利 is for the locality to judge"
    return Finding(Verdict.PASS, f"{allowed}; what exceeds it {whither}", figures, (remark,))


def adjustment(evidence: Evidence) -> Finding:
    """Excess surplus and policy loss are regulated; the text says 可以, so that one of the two alone is allowed."""
    surplus = evidence.scenario.terms.contract.return_share > 0
    tiers = _Losses.of(evidence).policy
    loss = any(tier.insurer < PPM for tier in tiers)
    of_surplus = "excess surplus leaves the insurer" if surplus else "the insurer keeps excess surplus"
    of_loss = f"of a policy-caused loss the insurer bears {_tiers_in_words(tiers)}"
    verdict = (Verdict.FAIL, Verdict.ALLOWED, Verdict.PASS)[surplus + loss]
    remark = ("one of the two alone is allowed: “可以在合同中”",) if verdict is Verdict.ALLOWED else ()
    return Finding(verdict, f"{of_surplus}; {of_loss}", {"surplus": surplus, "policy_loss": loss}, remark)


def _tiers_in_words(tiers: tuple[Tier, ...]) -> str:
    ends = (f" up to {format_rate(tier.to)} of the premium" if tier.to is not None else "" for tier in tiers)
    shares = [f"{format_rate(tier.insurer)}{end}" for tier, end in zip(tiers, ends, strict=True)]
    return ", then ".join(shares)


def _yuan(fen: int) -> str:
    return format_yuan(fen).removesuffix(".00")


NATIONAL_2012: Final = Guideline(
    id="national-2012",
    title="关于开展城乡居民大病保险工作的指导意见",
    number="发改社会〔2012〕2605号",
    rules=(
        Rule("balance", "收支平衡", (Quote("二(三)", "强化当年收支平衡的原则"),), balance, informs=True),
        Rule("funding-source", "资金来源", (_FROM_BASIC_FUNDS,), funding_source, informs=True),
        Rule("funding-share", "筹资占医保筹资的比例", (_FROM_BASIC_FUNDS, _ABOUT_FIVE), funding_share),
        Rule("coverage", "保障对象", (_ALL_INSURED,), coverage),
        Rule("after-basic", "保障范围", (_AFTER_BASIC,), after_basic),
        Rule("accumulation", "年度累计", (_OVER_THE_YEAR,), accumulation),
        Rule("deductible", "起付线与居民收入", (_HIGH_COST,), deductible),
        Rule("payment-ratio", "实际支付比例", (Quote("四(三)", "实际支付比例不低于50%"),), payment_ratio),
        Rule("bands", "分段支付比例", (_BANDS,), bands),
        Rule("medical-aid", "与医疗救助衔接", (_AID,), medical_aid, informs=True),
        Rule("insurer-risk", "承担经营风险", (_RISK,), insurer_risk),
        Rule("term", "合作期限", (Quote("五(二)", "合作期限原则不低于3年"),), term),
        Rule("margin", "盈利率", (_MARGIN,), margin),
        Rule("adjustment", "动态调整机制", (_ADJUSTMENT,), adjustment),
    ),
)
