"""结论、保留意见与签署: what follows from the figures, what they do not say, and who signs."""

from __future__ import annotations

from typing import Final

from fundsim.comparison import StressTest, Tornado
from fundsim.estimates import NORMAL_95
from fundsim.report.amounts import LEAST_FOR_RANGE, written
from fundsim.report.break_even import PremiumNeeded
from fundsim.report.document.model import Block, Listing, Number, Paragraph, Section, Signatures
from fundsim.report.document.phrases import (
    capital,
    fund_bears,
    how_often,
    insurer_loses,
    plain,
    short,
    span,
    told,
    within_error,
)
from fundsim.report.document.subject import Subject, with_its_error
from fundsim.report.document.words import Words
from fundsim.report.sections.designs import design_sentences
from fundsim.report.sections.premium import against_present
from fundsim.report.sections.sensitivity import largest
from fundsim.report.sections.summary import parties, real_loss

LIKELY: Final = 0.75
UNLIKELY: Final = 0.1
"""Probabilities of a loss from which it is called the rule, and up to which it is called rare."""
RETURNS: Final = (Words("结余", "a surplus"), Words("返还基金", "goes back to the fund"))


def conclusions(subject: Subject) -> Section:
    """The three parties, what follows, reservations and a block to be signed."""
    blocks: list[Block] = [
        parties(subject),
        Listing(tuple(_conclusions(subject))),
        Paragraph(Words("保留意见：", "Reservations:")),
        Listing(tuple(_reservations(subject))),
        Signatures(
            (
                Words("测算人", "prepared by"),
                Words("复核人（精算责任人）", "reviewed by (responsible actuary)"),
                Words("日期", "date"),
            )
        ),
    ]
    title = Words("结论、保留意见与签署", "Conclusions, reservations, signatures")
    return Section("conclusions", title, tuple(blocks))


def _conclusions(subject: Subject) -> list[Words]:
    """What follows, point by point; nothing that the results do not bear."""
    needed = PremiumNeeded.of(subject.base)
    points = [
        against_present(needed) if needed.known else None,
        _room(subject, needed),
        *_insurer(subject),
        _fund(subject),
        *design_sentences(subject),
        _most_sensitive(subject),
        real_loss(subject),
    ]
    return [point for point in points if point is not None]


def _room(subject: Subject, needed: PremiumNeeded) -> Words | None:
    """Which premium covers claims and cost in nine of ten replications, beside the present one."""
    if not needed.known or subject.base.replications < LEAST_FOR_RANGE:
        return None
    at, present = needed.surely(0.9), needed.present.mean or 0.0
    se = None if at.lo is None or at.hi is None else (at.hi - at.lo) / (2 * NORMAL_95)
    text = short(Number(at.value, written(at.value, se or needed.break_even.se)))
    if present >= at.value:
        return Words(
            f"要有90%的把握足以支付赔付和运营成本，筹资标准须为{text}元/人；现行筹资标准不低于此数。",
            f"To cover claims and running cost with 90% probability {text} yuan a head are needed; the present premium "
            "is not below that.",
        )
    return Words(
        f"要有90%的把握足以支付赔付和运营成本，筹资标准须为{text}元/人，高于现行筹资标准。",
        f"To cover claims and running cost with 90% probability {text} yuan a head are needed, more than is paid now.",
    )


def _insurer(subject: Subject) -> list[Words]:
    base, money, years = subject.base, subject.money, span(subject)
    result = base.estimate("insurer_result")
    if not base.totals["insurer_result"].any():
        return [Words("合同约定公司不承担盈亏。", "By its contract the insurer bears neither gain nor loss.")]
    mean, se = told(with_its_error(result, 1 / money.yuan))
    if within_error(result):
        return [
            Words(
                f"按现行保费，公司净损益均值{mean}{money.zh}，与零之差未超出误差（标准误{se}），可视为收支平衡；"
                f"{insurer_loses(subject).zh}。",
                f"At this premium the insurer's mean result, {mean} {money.en}, lies within its error of zero (s.e. "
                f"{se}): it breaks even; {insurer_loses(subject).en}.",
            )
        ]
    earns = Words("盈利", "gains") if (result.mean or 0) > 0 else Words("亏损", "loses")
    return [
        Words(
            f"按现行保费，公司扣除实际费用后{years.zh}{earns.zh}{plain(mean)}{money.zh}（标准误{se}）；"
            f"{insurer_loses(subject).zh}。{_reading(base.probability('insurer_loss').p).zh}",
            f"At this premium the insurer {earns.en} {plain(mean)} {money.en} {years.en} after real cost (s.e. "
            f"{se}); {insurer_loses(subject).en}. {_reading(base.probability('insurer_loss').p).en}",
        )
    ]


def _reading(p: float) -> Words:
    """How a probability of loss is to be read."""
    if p >= LIKELY:
        return Words(
            "亏损是常态而非偶然，不宜按“保本微利”理解现行筹资标准。",
            "A loss is the rule and no accident: the present premium does not mean 'break even with a small profit'.",
        )
    if p <= UNLIKELY:
        return Words("亏损属少见情形。", "A loss is rare.")
    return Words(
        "盈亏均属常见，应结合亏损分担约定判断。", "Both gain and loss are common; the sharing of losses decides."
    )


def _fund(subject: Subject) -> Words:
    """What the fund gains and bears."""
    base, money, years = subject.base, subject.money, span(subject)
    back, p = base.estimate("surplus_return"), base.probability("return")
    borne = fund_bears(subject)
    gains = how_often(p, base.replications, *RETURNS)
    if back.mean:
        amount = short(with_its_error(back, 1 / money.yuan)[0])
        gains = Words(f"{gains.zh}，{years.zh}{amount}{money.zh}", f"{gains.en}, {amount} {money.en} {years.en}")
    if borne is None:
        return capital(Words(f"{gains.zh}；基金不分担亏损。", f"{gains.en}; the fund bears no loss."))
    return capital(
        Words(
            f"{gains.zh}；基金{years.zh}分担亏损{borne}{money.zh}。",
            f"{gains.en}; of losses the fund bears {borne} {money.en} {years.en}.",
        )
    )


def _most_sensitive(subject: Subject) -> Words | None:
    """The largest of the sensitivities that were measured."""
    found = next((each for each in subject.sensitivity if isinstance(each, StressTest | Tornado)), None)
    return None if found is None else largest(subject, found)


def gravest_reservation(subject: Subject) -> Words:
    """The first of the reservations: what a reader of one page must know."""
    return Words("保留意见：", "Reservation:") + _reservations(subject)[0]


def _reservations(subject: Subject) -> list[Words]:
    scenario, found = subject.scenario, []
    if scenario.assumptions:
        n = len(scenario.assumptions)
        found.append(
            Words(
                f"{n}项数值为假设，改变假设会改变结论；各项及理由见“模型与假设”。",
                f"{n} values are assumed; other values would give other conclusions. They are listed with their "
                f"reasons.",
            )
        )
    if scenario.terms.uncertainty is None:
        found.append(
            Words(
                "费用水平与增长率未作随机处理，结果的离散程度偏小。",
                "Levels and trends are not random here, so the spread of results is too small.",
            )
        )
    if scenario.terms.behaviour is None:
        found.append(
            Words(
                "未计入参保人因待遇变化而改变就医行为的影响。",
                "Patients' response to what they bear is not counted.",
            )
        )
    found.append(
        Words(
            "误差仅指抽样误差，不含模型与假设本身的误差。",
            "Errors are those of sampling, not of the model or its assumptions.",
        )
    )
    return found
