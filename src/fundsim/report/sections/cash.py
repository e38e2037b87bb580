"""资本与现金流: what a bad year takes, and whether the insurer's cash lasts."""

from __future__ import annotations

import numpy as np

from fundsim.estimates import Floats
from fundsim.report.amounts import written
from fundsim.report.document.model import Block, Column, Number, Paragraph, Section, Table
from fundsim.report.document.subject import Subject, chance
from fundsim.report.document.words import Words
from fundsim.report.pictures import cash_picture

LEVELS = (0.75, 0.9, 0.95, 0.99)


def cash(subject: Subject) -> Section:
    """Capital at risk by level, with the error of each quantile; the insurer's cash by month where it is known."""
    blocks: list[Block] = [_capital(subject)]
    if subject.base.insurer_cash is not None:
        p, low, high = chance(subject.base.probability("cash_short"))
        blocks += [
            Paragraph(
                Words(
                    f"合同期内出现资金缺口（月末余额为负）的概率为{p.text}%（95%区间{low.text}%至{high.text}%）。",
                    f"The insurer's cash falls below zero at the end of some month with probability {p.text}% (95% "
                    f"interval "
                    f"{low.text}% to {high.text}%).",
                ),
                "finding",
            ),
            cash_picture(subject),
        ]
    return Section("capital", Words("资本与现金流", "Capital and cash"), tuple(blocks))


def _capital(subject: Subject) -> Table:
    """What the insurer loses at least in its worst years (VaR), and on average in them (TVaR)."""
    base, money = subject.base, subject.money
    losses = -base.values("insurer_result")  # type: ignore[operator]
    columns = (
        Column(Words("置信水平", "level"), numeric=False),
        Column(Words(f"在险价值VaR（{money.zh}）", f"VaR ({money.en})")),
        Column(Words("95%区间下限", "95% from")), Column(Words("上限", "to")),
        Column(Words(f"尾部均值TVaR（{money.zh}）", f"TVaR ({money.en})")), Column(Words("标准误", "s.e.")),
    )  # fmt: skip
    rows: list[tuple[Words | Number, ...]] = []
    for level in LEVELS:
        found = base.quantile("insurer_result", round(1 - level, 6))
        if found is None:
            continue
        width = None if found.lo is None or found.hi is None else (found.hi - found.lo) / 3.92 / money.yuan
        ends = (None if found.hi is None else -found.hi, None if found.lo is None else -found.lo)
        tail, se = tail_mean(losses, level)
        rows.append(
            (
                Words(f"{100 * level:g}%", f"{100 * level:g}%"),
                *(_money(value, width, subject) for value in (-found.value, *ends)),
                _money(tail, None if se is None else se / money.yuan, subject),
                _money(se, None if se is None else se / money.yuan, subject),
            )
        )
    notes = (
        Words(
            "正数为亏损，负数为盈利。TVaR为超过该水平的各次亏损的平均。",
            "Losses are positive, gains negative. TVaR is the mean of the losses beyond the level.",
        ),
    )
    return Table("capital", Words("公司的风险资本", "The insurer's capital at risk"), columns, tuple(rows), notes)


def tail_mean(losses: Floats, level: float) -> tuple[float | None, float | None]:
    """The mean of the losses beyond a level, and its standard error; None with fewer than two of them.

    The error is that of Manistre and Hancock (*North American Actuarial Journal* 9, 2005): of n replications, k beyond
    the quantile q: sqrt((var(beyond) + level·(mean(beyond) − q)²) / k).
    """
    ordered = np.sort(losses)
    beyond = ordered[int(np.ceil(level * len(ordered))) :]
    if len(beyond) < 2:
        return None, None
    mean, quantile = float(beyond.mean()), float(beyond[0])
    return mean, float(np.sqrt((beyond.var(ddof=1) + level * (mean - quantile) ** 2) / len(beyond)))


def _money(yuan: float | None, se: float | None, subject: Subject) -> Number:
    value = None if yuan is None else yuan / subject.money.yuan
    return Number(value, written(value, se, subject.money.most))
