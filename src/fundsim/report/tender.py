"""A tender, for people (招标评标测算): bids side by side, pairs of bids, and what each bidder could offer."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from fundsim.money import format_yuan
from fundsim.pricing import Price
from fundsim.report.amounts import Money, in_per_cent, money_for, scaled, written
from fundsim.report.layout import Table, aligned, html_table
from fundsim.tendering import BidResult, Figure, NoPrice, Pair, TenderResult, tender

VERDICTS = {"material": "material 重大", "not material": "not material 不重大", "undecided": "undecided 尚不能定"}


def tender_of(
    file: Path,
    bids: Sequence[Path],
    *,
    n: int | None,
    seed: int | None,
    workers: int | None,
    as_json: bool,
) -> str:
    """Evaluate a tender, with a progress bar on stderr; returns what to print."""
    found = tender(file, bids, n=n, seed=seed, workers=workers, progress=True)
    if as_json:
        return json.dumps(found.to_dict(), ensure_ascii=False, indent=2) + "\n"
    return tender_text(found)


def tender_text(found: TenderResult) -> str:
    """Print a tender for a terminal."""
    return "\n".join([*_header(found), *aligned(list(_tables(found))), "", *_notes(found)]) + "\n"


def tender_html(found: TenderResult) -> str:
    """Show a tender in a notebook."""
    head = "<br>".join(map(html.escape, _header(found)))
    notes = "<br>".join(map(html.escape, _notes(found)))
    return f"<div><p>{head}</p>{''.join(html_table(table) for table in _tables(found))}<p>{notes}</p></div>"


def _header(found: TenderResult) -> list[str]:
    asked = found.tender
    years = "1 year" if asked.years == 1 else f"{asked.years} years"
    return [
        " · ".join(dict.fromkeys(" ".join(asked.title(lang).split()) for lang in ("zh", "en"))),
        f"{asked.terms.id}   {asked.scheme.population.insured:,} insured   {years}   "
        f"{found.replications:,} replications on common people   seed {found.seed}",
    ]


def _tables(found: TenderResult) -> Iterator[Table]:
    money = money_for(max(each.contract_sum for each in found.bids))
    yield _offers(found)
    if found.tender.terms.scoring:
        yield _scores(found)
    yield _outcomes(found, money)
    yield _patients(found)
    yield _prices(found)
    if found.pairs:
        yield _pairs(found, money)


def _offers(found: TenderResult) -> Table:
    paths = tuple(found.tender.terms.open)
    rows = tuple(
        (each.bid.name, *(each.bid.terms.offer[path] for path in paths), format_yuan(each.contract_sum))
        for each in found.bids
    )
    return Table("offers 报价", ("", *paths, "contract sum 合同总价 (yuan)"), rows, names=1)


def _scores(found: TenderResult) -> Table:
    criteria = tuple(found.tender.terms.scoring)
    rows = tuple(
        (
            each.bid.name, *(f"{each.scores[name] / 100:.2f}" for name in criteria),
            f"{(each.score or 0) / 100:.2f}", f"{each.rank}",
        )
        for each in found.bids
    )  # fmt: skip
    return Table("scores 评分", ("", *criteria, "total 总分", "place 名次"), rows, names=1)


def _outcomes(found: TenderResult, money: Money) -> Table:
    capital = found.tender.terms.capital
    name = f"{capital.measure}{capital.level / 10_000:g}(loss)"
    head = (
        "", "insurer's result 公司净损益", "±", "inputs 参数", "P(loss) % 亏损概率", "from", "to",
        "P(cash short) % 资金缺口概率", f"{name} 风险资本", "±", "fund 基金净收支", "±",
    )  # fmt: skip
    rows = tuple(_outcome(each, money) for each in found.bids)
    notes = (
        f"{money.label} over the whole term 整个合同期; ± is one standard error of the simulation 抽样误差; inputs",
        "参数误差: standard deviation of the expected result over what is uncertain. Capital: worst part of the loss.",
    )
    return Table("insurer and fund 公司与基金", head, rows, notes, names=1)


def _outcome(each: BidResult, money: Money) -> tuple[str, ...]:
    result, capital, fund = (_in(figure, money) for figure in (each.result, each.capital, each.fund))
    short = "–" if each.cash_short is None else in_per_cent(each.cash_short)[0]
    return each.bid.name, *result, *in_per_cent(each.loss), short, *capital[:2], *fund[:2]


def _in(figure: Figure, money: Money) -> tuple[str, str, str]:
    value, se, inputs = (scaled(part, 1 / money.yuan) for part in (figure.value, figure.se, figure.inputs))
    return written(value, se), written(se, se), written(inputs, inputs)


def _patients(found: TenderResult) -> Table:
    head = ("", "beneficiaries 受益人数", "±", "average payment 人均赔付", "±", "reimbursed % 实际报销比例", "±")
    rows = []
    for each in found.bids:
        cells: list[str] = []
        for name, factor in (("beneficiaries", 1.0), ("avg_payout", 1.0), ("actual_reimbursement_ratio", 100.0)):
            estimate = each.results.estimate(name)
            mean, se = scaled(estimate.mean, factor), scaled(estimate.se, factor)
            cells += [written(mean, se), written(se, se)]
        rows.append((each.bid.name, *cells))
    return Table("patients, a year 参保患者（年均）", head, tuple(rows), names=1)


def _prices(found: TenderResult) -> Table:
    asked = found.tender.terms.walk_away
    head = (
        "",
        "offered 报价",
        "pure 纯保费",
        "±",
        "break-even 保本价",
        "±",
        "inputs",
        "walk-away 底线价",
        "±",
        "inputs",
    )
    rows = tuple(
        (
            each.bid.name, f"{each.premium:.2f}", written(each.pure.mean, each.pure.se),
            written(each.pure.se, each.pure.se), *_solved(each.break_even), *_solved(each.walk_away),
        )
        for each in found.bids
    )  # fmt: skip
    notes = (
        "yuan per insured and year 元/人·年; break-even: E[insurer's result] >= 0 over the term 合同期内盈亏相抵;",
        f"walk-away: the lowest premium at which {asked} 满足该要求的最低报价. Prices are whole fen 精确到分.",
    )
    return Table("the bidder's price 投标人测算", head, rows, notes, names=1)


def _solved(found: Price | NoPrice) -> tuple[str, str, str]:
    if isinstance(found, NoPrice):
        return "none", "–", "–"
    return f"{found.value:.2f}", written(found.se, found.se), "–" if found.inputs is None else f"{found.inputs:.2g}"


def _pairs(found: TenderResult, money: Money) -> Table:
    head = (
        "", "", "result 净损益之差", "±", "inputs 参数", "P(loss), pp 亏损概率之差", "± 95%", "inputs 参数",
        "verdict 判断",
    )  # fmt: skip
    threshold = found.tender.terms.material / 10_000
    notes = (
        f"first less second, on the same people; material: P(loss) differs by more than {threshold:g} points beyond",
        "the sampling error (重大差异：亏损概率之差扣除抽样误差后仍超过门槛); undecided: more replications would tell.",
    )
    return Table("pairs of bids 两两比较", head, tuple(_pair(pair, money) for pair in found.pairs), notes, names=2)


def _pair(pair: Pair, money: Money) -> tuple[str, ...]:
    half = 100 * pair.half_width
    inputs = scaled(pair.loss.inputs, 100)
    return (
        pair.first, pair.second, *_in(pair.result, money), written(100 * pair.loss.value, half / 2),
        written(half, half), written(inputs, inputs), VERDICTS[pair.verdict],
    )  # fmt: skip


def _notes(found: TenderResult) -> Iterator[str]:
    yield from (f"warning 警告: {warning}" for warning in found.warnings)
    for each in found.bids:
        yield from (f"warning 警告: {each.bid.name}: {warning}" for warning in each.warnings)
        for name, solved in (("break-even", each.break_even), ("walk-away", each.walk_away)):
            if isinstance(solved, NoPrice):
                yield f"{each.bid.name}: no {name} price: {solved.en}"
    count = len(found.tender.assumptions) + len(found.tender.scheme.assumptions)
    yield f"{count} assumptions 假设: {len(found.tender.assumptions)} of the tender file, the rest of the scheme:"
    yield from (f"  {each.path} = {each.text} — {each.why}" for each in found.tender.assumptions)
