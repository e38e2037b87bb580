"""What premium is needed (保本筹资标准): break-even, loadings, and how surely a premium covers claims and cost."""

from __future__ import annotations

from typing import Final

from fundsim.estimates import NORMAL_95, Estimate, Quantile, rounded
from fundsim.pricing.principles import PRINCIPLES
from fundsim.report.amounts import written
from fundsim.report.break_even import SURE, PremiumNeeded
from fundsim.report.document.model import Block, Cell, Column, Number, Paragraph, Table
from fundsim.report.document.phrases import plain, short, told
from fundsim.report.document.subject import Subject, with_its_error
from fundsim.report.document.words import Words

QUOTED: Final = {
    "standard-deviation": Words("标准差原则（系数0.5）", "standard deviation (0.5 of it)"),
    "tvar": Words("尾部均值原则（最差10%）", "tail mean (worst 10%)"),
    "wang": Words("王变换（λ=0.25）", "Wang transform (λ = 0.25)"),
    "cost-of-capital": Words("资本成本原则（回报率6%）", "cost of capital (6%)"),
}
"""Principles that are quoted, each with its customary parameter."""
A_HEAD = Column(Words("元/人", "yuan a head"))
ERROR = Column(Words("标准误", "s.e."))
OF_PURE = Column(Words("占纯保费%", "% of pure premium"))


def premium_blocks(subject: Subject) -> tuple[Block, ...]:
    """Break-even in one sentence, the loadings, and the premium by how surely it suffices."""
    found = PremiumNeeded.of(subject.base)
    if not found.known:
        return ()
    return (Paragraph(against_present(found), "finding"), _loadings(found), _surely(found), _principles(subject, found))


def against_present(found: PremiumNeeded) -> Words:
    """Break-even beside the present premium, and whether they differ beyond error."""
    even, se = told(with_its_error(found.break_even))
    present, (gap, gap_se) = short(with_its_error(found.present)[0]), told(with_its_error(found.short))
    start = Words(
        f"保本筹资标准为人均{even}元（标准误{se}元），现行筹资标准为{present}元，",
        f"The break-even premium is {even} yuan a head (s.e. {se}); the present premium of {present} yuan",
    )
    if found.is_short is None:
        return start + Words(
            f"相差{plain(gap)}元，未超出误差（标准误{gap_se}元），可视为收支平衡。",
            f"differs by {plain(gap)} yuan, within the error (s.e. {gap_se}): it breaks even.",
        )
    if found.is_short:
        return start + Words(
            f"每人每年低{plain(gap)}元（标准误{gap_se}元），超出误差。",
            f"is short of it by {plain(gap)} yuan a head and year (s.e. {gap_se}), beyond the error.",
        )
    return start + Words(
        f"每人每年高{plain(gap)}元（标准误{gap_se}元），超出误差。",
        f"is above it by {plain(gap)} yuan a head and year (s.e. {gap_se}), beyond the error.",
    )


def _loadings(found: PremiumNeeded) -> Table:
    """From claims to the premium needed, step by step, and the present premium beside it."""
    pure, even, needed, present = found.pure, found.break_even, found.needed, found.present
    rows = [
        _step(Words("纯保费（赔付支出）", "pure premium (claims)"), found, pure),
        _step(Words("＋公司实际运营成本", "+ the insurer's real running cost"), found, even, pure),
        _step(Words("＝保本筹资标准", "= break-even premium"), found, even),
    ]
    if needed.mean is not None:  # a contract that leaves the insurer any surplus allows no stated part
        rows += [
            _step(Words("＋合同另许的费用或盈利", "+ what the contract allows besides"), found, needed, even),
            _step(
                Words("＝测算筹资标准（含合同所定费用和盈利）", "= premium needed, allowances included"), found, needed
            ),
        ]
    rows += [
        _step(Words("现行筹资标准", "present premium"), found, present),
        _step(Words("现行与保本之差", "present less break-even"), found, present, even),
    ]
    columns = (Column(Words("构成", "part"), numeric=False), A_HEAD, OF_PURE)
    notes = (
        Words(
            "保本筹资标准＝（人均赔付＋不随保费变动的运营成本）÷（1－运营成本占保费的比例），"
            "与结余返还和亏损分担的约定无关；合同许可低于实际成本时，“另许”为负数。",
            "Break-even: claims a head and cost that does not depend on the premium, over one less the part of premium "
            "that cost takes. How surplus and losses are shared is not in it. Where the contract allows less than the "
            "real cost, what it allows besides is negative.",
        ),
    )
    return Table("loadings", Words("筹资标准的构成", "From claims to the premium needed"), columns, tuple(rows), notes)


def _step(name: Words, found: PremiumNeeded, of: Estimate, less: Estimate | None = None) -> tuple[Cell, ...]:
    """A premium, or what parts it from another, with the digits that the error of break-even supports."""
    value = (of.mean or 0.0) - (0.0 if less is None or less.mean is None else less.mean)
    pure, se = found.pure.mean or 0.0, found.break_even.se
    share = 100 * value / pure if pure else None
    of_pure = None if se is None or not pure else 100 * se / pure
    return name, Number(value, written(value, se)), Number(share, rounded(share, of_pure, 1))


def _surely(found: PremiumNeeded) -> Table:
    """The premium that covers claims and cost with a stated probability, and its loading over break-even."""
    columns = (
        Column(Words("足以支付赔付和运营成本的概率", "covers claims and cost with probability"), numeric=False), A_HEAD,
        Column(Words("95%区间下限", "95% from")), Column(Words("上限", "to")),
        Column(Words("安全附加（元/人）", "risk loading (yuan a head)")), OF_PURE,
    )  # fmt: skip
    rows = tuple(_covering(found, found.surely(probability)) for probability in SURE)
    notes = (
        Words(
            "安全附加为高出保本筹资标准的部分。区间由次序统计量得出，模拟次数不足时一端没有界限（–）。",
            "The risk loading is what exceeds break-even. Intervals lie between order statistics; an end is open (–) "
            "where replications are too few.",
        ),
    )
    title = Words("按保障程度的筹资标准", "Premium by how surely it suffices")
    return Table("surely", title, columns, rows, notes)


def _covering(found: PremiumNeeded, at: Quantile) -> tuple[Cell, ...]:
    even, pure = found.break_even.mean or 0.0, found.pure.mean or 0.0
    se = None if at.lo is None or at.hi is None else (at.hi - at.lo) / (2 * NORMAL_95)
    se = se or found.break_even.se
    extra = at.value - even
    share = 100 * extra / pure if pure else None
    ends = (Number(end, "–" if end is None else written(end, se)) for end in (at.lo, at.hi))
    return (
        Words(f"{at.level:.0%}", f"{at.level:.0%}"), Number(at.value, written(at.value, se)), *ends,
        Number(extra, written(extra, se)),
        Number(share, rounded(share, None if se is None or not pure else 100 * se / pure, 1)),
    )  # fmt: skip


def _principles(subject: Subject, found: PremiumNeeded) -> Table:
    """The risk premium by classical principles, from the same replications."""
    rows = []
    x, pure = subject.base.values("pure_premium"), found.pure.mean or 0.0
    assert x is not None
    for name, words in QUOTED.items():
        principle = PRINCIPLES[name]
        quoted = principle.quote(x, principle.loading, subject.base.batch)
        extra = 100 * (quoted.premium / pure - 1) if pure else None
        of_pure = None if quoted.se is None or not pure else 100 * quoted.se / pure
        cells = (
            Number(quoted.premium, written(quoted.premium, quoted.se)),
            Number(quoted.se, written(quoted.se, quoted.se)),
        )
        rows.append((words, *cells, Number(extra, rounded(extra, of_pure, 1))))
    columns = (
        Column(Words("保费原则", "principle"), numeric=False), A_HEAD, ERROR,
        Column(Words("附加占纯保费%", "loading, % of pure premium")),
    )  # fmt: skip
    notes = (
        Words(
            "为风险保费，不含运营成本；系数为常用值，仅供对照。",
            "Risk premiums, without running cost; parameters are customary values, for comparison only.",
        ),
    )
    title = Words("按保费原则的风险保费", "Risk premium by premium principles")
    return Table("principles", title, columns, tuple(rows), notes)
