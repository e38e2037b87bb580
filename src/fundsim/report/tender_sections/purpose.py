"""目的与结论: what is measured, who scores highest and at what risk, what the bids come to, whether they differ."""

from __future__ import annotations

from collections.abc import Iterator

from fundsim.pricing import Price
from fundsim.report.amounts import in_per_cent
from fundsim.report.document.model import Block, Listing, Number, Paragraph, Section
from fundsim.report.document.words import Words
from fundsim.report.evaluation import Evaluation, Outcome, names, outcome_of, spread, with_outcome
from fundsim.report.tender_sections.pairs import difference_told
from fundsim.report.tender_sections.prices import below_all
from fundsim.tendering.evaluating import FEWEST_BIDS
from fundsim.tendering.result import BidResult

SAID: dict[Outcome, Words] = {
    "loses": Words("公司在合同期内扣除实际费用后按均值亏损", "the insurer loses on average after real cost"),
    "even": Words("公司净损益均值与零之差未超出抽样误差，大体保本", "the insurer breaks even within sampling error"),
    "gains": Words("公司在合同期内扣除实际费用后按均值盈利", "the insurer gains on average after real cost"),
}


def purpose(of: Evaluation) -> Section:
    """What the committee should take from the report."""
    blocks: list[Block] = [Paragraph(_why(of))]
    first = [each for each in of.bids if each.rank == 1]
    if first:
        blocks.append(Paragraph(_recommended(of, first), "finding"))
        blocks += [Paragraph(_to_explain(each), "warning") for each in first if outcome_of(each) == "loses"]
    blocks += [Paragraph(Words("各报价的测算结果：", "What the bids come to:")), Listing(tuple(_findings(of)))]
    blocks += [Paragraph(words, "warning") for words in below_all(of)]
    if len(of.bids) < FEWEST_BIDS:
        few = Words(
            "有效投标不足三家，公开招标应重新组织。",
            "There are fewer than three bids: a public tender would be repeated.",
        )
        blocks.append(Paragraph(few, "warning"))
    return Section("purpose", Words("目的与结论", "Purpose and findings"), tuple(blocks))


def _why(of: Evaluation) -> Words:
    found, asked = of.found, of.found.tender
    n, insured, bids = f"{found.replications:,}", f"{asked.scheme.population.insured:,}", len(found.bids)
    years = "one year" if asked.years == 1 else f"{asked.years} years"
    return Words(
        f"本报告对“{asked.title('zh')}”的{bids}份报价进行测算：各报价在同一批模拟人群上结算，参保{insured}人，合同期{asked.years}年，"
        f"模拟{n}次。报告供评标参考，不替代评标委员会的评审。",
        f"This report measures the bids of '{asked.title('en')}', {bids} in all: they are settled on the same "
        f"simulated people, {insured} insured over {years}, in {n} replications. It serves those who evaluate "
        "the tender and does not replace their judgement.",
    )


def _findings(of: Evaluation) -> Iterator[Words]:
    for outcome in SAID:
        those = with_outcome(of.bids, outcome)
        if those:
            yield _outcome(of, outcome, those)
    if of.found.pairs:
        yield difference_told(of)
    yield _fund(of)


def _recommended(of: Evaluation, first: list[BidResult]) -> Words:
    """Who has the highest score, by how much, at what risk of a loss and how far from its break-even price."""
    told, score = names(first), first[0].score or 0
    rest = [each.score or 0 for each in of.bids if each.rank != 1]
    ahead = f"{(score - max(rest)) / 100:.2f}" if rest else ""
    words = Words(
        f"按评分办法，{told.zh}综合得分最高（{score / 100:.2f}分" + (f"，高出第二名{ahead}分）" if ahead else "）"),
        f"By the scoring rules {told.en} scores highest ({score / 100:.2f} points"
        + (f", {ahead} ahead of the next)" if ahead else ")"),
    )
    if len(first) > 1:
        return words + Words("，并列第一，应按招标文件规定另行确定。", ", tied; the tender's own rule has to decide.")
    (each,) = first
    p, low, high = in_per_cent(each.loss)
    return Words(
        f"{words.zh}，可推荐为第一中标候选人；按其报价，公司合同期内亏损概率为{p}%（95%区间{low}%至{high}%）{_apart(each).zh}。",
        f"{words.en} and may be recommended first; at its offer the insurer loses over the term with probability {p}% "
        f"(95% interval {low}% to {high}%){_apart(each).en}.",
    )


def _to_explain(each: BidResult) -> Words:
    """What to do about a bid that is first and loses on average beyond its error."""
    name = each.bid.name
    return Words(
        f"{name}的报价按均值亏损，且超出抽样误差：建议评标委员会要求{name}书面说明报价的合理性和履约保障。",
        f"The offer of {name} loses on average, beyond the sampling error: ask {name} to explain in writing how "
        "it was found and how the contract would be kept.",
    )


def _apart(each: BidResult) -> Words:
    """How far an offer lies from its bidder's break-even price, with both errors of that price."""
    price = each.break_even
    if not isinstance(price, Price):
        return Words("，其保本价未能求得", "; no break-even price was found for it")
    apart = each.premium - price.value
    inputs = "" if price.inputs is None else f"{price.inputs:.2g}"
    zh = f"，参数误差{inputs}元" if inputs else ""
    en = f", inputs {inputs}" if inputs else ""
    se = "–" if price.se is None else f"{price.se:.2g}"
    side = Words("高于", "above") if apart >= 0 else Words("低于", "below")
    return Words(
        f"，报价{side.zh}其保本价{abs(apart):.2f}元/人（抽样误差{se}元{zh}）",
        f"; the offer lies {abs(apart):.2f} yuan a head {side.en} its break-even price (s.e. {se}{en})",
    )


def _outcome(of: Evaluation, outcome: Outcome, those: list[BidResult]) -> Words:
    told, said = names(those), SAID[outcome]
    amounts = spread([of.in_money(each.result)[0] for each in those])
    chances = spread([_chance(each) for each in those])
    return Words(
        f"{told.zh}：{said.zh}（净损益{amounts.zh}{of.money.zh}，亏损概率{chances.zh}%）。",
        f"{told.en}: {said.en} (result {amounts.en} {of.money.en}, P(loss) {chances.en}%).",
    )


def _chance(each: BidResult) -> Number:
    return Number(each.loss.p, in_per_cent(each.loss)[0])


def _fund(of: Evaluation) -> Words:
    """What the fund gains, and who else does."""
    amounts = spread([of.in_money(each.fund)[0] for each in of.bids])
    best = max(of.bids, key=lambda each: each.fund.value).bid.name
    which = (
        Words(f"，以{best}为最多", f", most under {best}")
        if len({each.fund.value for each in of.bids}) > 1
        else Words("", "")
    )
    patients = (
        Words("患者所得在各报价下相同。", "Patients receive the same under every bid.")
        if of.alike_for_patients
        else Words("患者所得因报价而异，见参保患者表。", "What patients receive differs: see their table.")
    )
    return Words(
        f"基金合同期净收支{amounts.zh}{of.money.zh}{which.zh}；{patients.zh}",
        f"The fund's result over the term is {amounts.en} {of.money.en}{which.en}. {patients.en}",
    )
