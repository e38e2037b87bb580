"""结论、保留意见与签署: what follows from the figures, what they do not say, and who signs."""

from __future__ import annotations

from fundsim.estimates import NORMAL_95
from fundsim.report.document.model import Block, Listing, Paragraph, Section, Signatures
from fundsim.report.document.subject import Subject, chance, with_its_error
from fundsim.report.document.words import Words
from fundsim.report.sections.summary import parties


def conclusions(subject: Subject) -> Section:
    """The three parties, what follows, reservations and a block to be signed."""
    blocks: list[Block] = [
        parties(subject),
        *(Paragraph(words) for words in _conclusions(subject)),
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
    base, money = subject.base, subject.money
    result = base.estimate("insurer_result")
    p, low, high = chance(base.probability("insurer_loss"))
    mean, se = with_its_error(result, 1 / money.yuan)
    found = []
    if result.mean is not None and result.se is not None and abs(result.mean) <= NORMAL_95 * result.se:
        found.append(
            Words(
                f"按现行保费，公司净损益均值{mean.text}{money.zh}，与零之差未超出误差（标准误{se.text}），可视为收支平衡。",
                f"At this premium the insurer's mean result, {mean.text} {money.en}, lies within its error of zero "
                f"(s.e. "
                f"{se.text}): it breaks even.",
            )
        )
    else:
        earns = Words("盈利", "gains") if (result.mean or 0) > 0 else Words("亏损", "loses")
        amount = mean.text.removeprefix("-")
        found.append(
            Words(
                f"按现行保费，公司扣除实际费用后平均{earns.zh}{amount}{money.zh}（标准误{se.text}），"
                f"亏损概率{p.text}%（{low.text}%至{high.text}%）。",
                f"At this premium the insurer {earns.en} {amount} {money.en} a year on average after real cost (s.e. "
                f"{se.text}), and loses with probability {p.text}% ({low.text}% to {high.text}%).",
            )
        )
    returned, back = base.probability("return"), with_its_error(base.estimate("surplus_return"), 1 / money.yuan)
    found.append(
        Words(
            f"返还基金的概率为{chance(returned)[0].text}%，平均返还{back[0].text}{money.zh}。",
            f"Money goes back to the fund with probability {chance(returned)[0].text}%, {back[0].text} {money.en} on "
            f"average.",
        )
    )
    return found


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
