"""配对差异: which bids really differ in the risk of a loss, on the same people."""

from __future__ import annotations

from collections import Counter

from fundsim.report.amounts import per_cent, scaled
from fundsim.report.document.model import Cell, Column, Number, Paragraph, Section, Table
from fundsim.report.document.words import Words, joined, same
from fundsim.report.evaluation import ERROR, INPUTS, Evaluation
from fundsim.tendering.result import Pair, Verdict

VERDICTS: dict[Verdict, Words] = {
    "material": Words("重大", "material"), "not material": Words("不重大", "not material"),
    "undecided": Words("尚不能定", "undecided"),
}  # fmt: skip


def pairs(of: Evaluation) -> Section | None:
    """Every pair of bids; nothing where there is one bid alone."""
    if not of.found.pairs:
        return None
    money, threshold = of.money, f"{of.found.tender.terms.material / 10_000:g}"
    columns = (
        Column(Words("前者", "first"), numeric=False), Column(Words("后者", "second"), numeric=False),
        Column(Words(f"净损益之差（{money.zh}）", f"result ({money.en})")), Column(ERROR), Column(INPUTS),
        Column(Words("亏损概率之差（百分点）", "P(loss) (points)")), Column(Words("95%误差界", "± 95%")),
        Column(INPUTS), Column(Words("判断", "verdict"), numeric=False),
    )  # fmt: skip
    how = Words(
        f"两两相减，同一批人群。亏损概率之差在扣除抽样误差后仍超过{threshold}个百分点的为重大差异；误差范围跨越门槛的尚不能定，"
        "增加模拟次数方能判断。",
        f"The first less the second, on the same people. A difference is material where P(loss) differs by more than "
        f"{threshold} points beyond the sampling error; where the interval crosses the threshold, more replications "
        "would tell.",
    )
    rows = tuple(_pair(of, pair) for pair in of.found.pairs)
    table = Table("pairs", Words("两两比较", "Pairs of bids"), columns, rows)
    title = Words("配对差异", "Paired differences")
    return Section("pairs", title, (Paragraph(how), Paragraph(difference_told(of), "finding"), table))


def difference_told(of: Evaluation) -> Words:
    """How many pairs of bids differ in the risk of a loss, and how many cannot be told."""
    many, threshold = len(of.found.pairs), f"{of.found.tender.terms.material / 10_000:g}"
    verdicts = Counter(pair.verdict for pair in of.found.pairs)
    if verdicts["not material"] == many:
        return Words(
            f"各报价的亏损概率两两相差均不超过{threshold}个百分点，就亏损风险而言并无重大差异。",
            f"No two bids differ in P(loss) by more than {threshold} points: in the risk of a loss they are equal.",
        )
    told = joined(
        [Words(f"{verdicts[verdict]}对{words.zh}", f"{verdicts[verdict]} {words.en}")
         for verdict, words in VERDICTS.items() if verdicts[verdict]], "、",
    )  # fmt: skip
    return Words(
        f"{many}对报价中，亏损概率的差异（门槛{threshold}个百分点）：{told.zh}。",
        f"Of {many} pair{'s' if many > 1 else ''} of bids, in P(loss) (threshold {threshold} points): {told.en}.",
    )


def _pair(of: Evaluation, pair: Pair) -> tuple[Cell, ...]:
    half, inputs = 100 * pair.half_width, scaled(pair.loss.inputs, 100)
    return (
        same(pair.first), same(pair.second), *of.in_money(pair.result),
        Number(100 * pair.loss.value, per_cent(100 * pair.loss.value, half / 2)), Number(half, per_cent(half, half)),
        Number(inputs, per_cent(inputs, inputs)), VERDICTS[pair.verdict],
    )  # fmt: skip
