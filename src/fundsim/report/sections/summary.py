"""测算结果: pure premium, loadings and break-even, the account, the chance of a loss, the three parties."""

from __future__ import annotations

import numpy as np

from fundsim.estimates import Estimate, Floats, mean_of, ratio_of
from fundsim.report.document.model import Block, Column, Number, Paragraph, Section, Table
from fundsim.report.document.phrases import insurer_loses, plain, short, told
from fundsim.report.document.subject import (
    Subject,
    chance,
    figures,
    name_of,
    share,
    unit_of,
    with_its_error,
    with_its_range,
)
from fundsim.report.document.words import Words
from fundsim.report.pictures import (
    bands_picture,
    concentration_picture,
    exceedance_picture,
    flow_picture,
    groups_picture,
    margin_picture,
)
from fundsim.report.sections.premium import premium_blocks

PARTIES = ("insurer_result", "fund_result", "patient_burden")
CLAIMS = ("premium", "claims_paid", "loss_ratio", "pure_premium")
ACCOUNT = (
    "surplus", "insurer_keep", "surplus_return", "policy_loss", "policy_loss_insurer", "policy_loss_fund", "other_loss",
    "other_loss_insurer", "other_loss_fund", "contract_result", "insurer_result", "fund_result",
)  # fmt: skip
PEOPLE = (
    "beneficiaries", "beneficiaries_per_1000", "avg_payout", "max_payout", "n_at_cap", "actual_reimbursement_ratio",
    "patient_burden",
)  # fmt: skip


def summary(subject: Subject) -> Section:
    """The results, in the order in which a meeting asks for them."""
    blocks: list[Block] = [
        *(Paragraph(words, "finding") for words in findings(subject)),
        figures(subject, "claims", Words("保费与赔付", "Premium and claims"), CLAIMS),
        *premium_blocks(subject),
        _premium(subject),
        figures(subject, "account", Words("结余、亏损及其分担", "Surplus, losses and who bears them"), _shown(subject)),
        _chances(subject),
        margin_picture(subject),
        exceedance_picture(subject),
        flow_picture(subject),
        figures(subject, "people", Words("受益情况", "Who is helped"), PEOPLE),
        _bands(subject),
        bands_picture(subject),
        concentration_picture(subject),
    ]
    groups = groups_picture(subject)
    if groups is not None:
        blocks.append(groups)
    return Section("results", Words("测算结果", "Results"), tuple(blocks))


def findings(subject: Subject) -> list[Words]:
    """What the meeting should remember: the pure premium, the chance of a loss, and contradictions of sign."""
    pure, se = told(with_its_error(subject.base.estimate("pure_premium")))
    found = [
        Words(
            f"人均纯保费{pure}元（标准误{se}元）；{insurer_loses(subject).zh}。",
            f"The pure premium is {pure} yuan a head (s.e. {se}); {insurer_loses(subject).en}.",
        )
    ]
    loss = real_loss(subject)
    return found if loss is None else [*found, loss]


def real_loss(subject: Subject) -> Words | None:
    """Where the contract's ledger shows a surplus for the insurer that is a loss after real cost; else None."""
    contract, insurer = (subject.base.estimate(name) for name in ("contract_result", "insurer_result"))
    if contract.mean is None or insurer.mean is None or not contract.mean > 0 > insurer.mean:
        return None
    factor, money = 1 / subject.money.yuan, subject.money
    first, second = (short(with_its_error(each, factor)[0]) for each in (contract, insurer))
    return Words(
        f"合同账面平均结余归公司{first}{money.zh}，但扣除实际运营成本后平均亏损{plain(second)}{money.zh}："
        "账面有结余，公司实际亏损。",
        f"By the contract's ledger the insurer earns {first} {money.en} on average, but after its real running "
        f"cost it loses {plain(second)} {money.en}: the surplus of the ledger is a real loss.",
    )


def _shown(subject: Subject) -> tuple[str, ...]:
    asked = subject.scenario.terms.contract.asks_cause
    totals = subject.base.totals
    return tuple(
        name
        for name in ACCOUNT
        if name in totals and (asked or not name.startswith("policy_loss") or totals[name].any())
    )


def _premium(subject: Subject) -> Table:
    """The premium by its parts, a head: claims, real cost, what is left; and where the insurer breaks even."""
    base = subject.base
    heads = base.totals["insured"].astype(np.float64)

    def a_head(total: Floats) -> Estimate:
        return ratio_of(total / 100.0, heads, batch=base.batch)

    totals = {name: base.totals[name].astype(np.float64) for name in ("premium", "claims_paid", "insurer_result")}
    cost = base.totals["contract_result"].astype(np.float64) - totals["insurer_result"]
    rest = totals["premium"] - totals["claims_paid"] - cost
    rows = [
        (Words("纯保费（赔付支出）", "pure premium (claims)"), a_head(totals["claims_paid"])),
        (Words("公司实际费用（合同未另行补偿部分）", "the insurer's real cost, not paid back"), a_head(cost)),
        (Words("结余（正）或亏损（负）", "what is left (+) or missing (−)"), a_head(rest)),
        (Words("人均保费", "premium"), a_head(totals["premium"])),
    ]
    columns = (
        Column(Words("构成", "part"), numeric=False), Column(Words("元/人", "yuan a head")),
        Column(Words("标准误", "s.e.")),
    )  # fmt: skip
    cells = tuple((name, *with_its_error(of)) for name, of in rows)
    return Table(
        "premium-parts", Words("人均保费的构成", "What a head's premium is made of"), columns, cells, summed=True
    )


def _chances(subject: Subject) -> Table:
    base = subject.base
    columns = (
        Column(Words("事件", "event"), numeric=False), Column(Words("概率%", "probability %")),
        Column(Words("95%区间下限", "95% from")), Column(Words("上限", "to")),
    )  # fmt: skip
    rows = tuple((name_of(name), *chance(base.probability(name))) for name in base.chances)
    return Table("probabilities", Words("盈亏概率", "Probabilities"), columns, rows)


def _bands(subject: Subject) -> Table:
    base, money = subject.base, subject.money
    edges = [f"{edge / 100:,.2f}".removesuffix(".00") for edge in base.bands["own_cost_edges"]]
    persons, paid = (base.bands[name] / base.n_years for name in ("own_cost_persons", "own_cost_paid"))
    columns = (
        Column(Words("个人自付费用（元）", "own cost (yuan)"), numeric=False), Column(Words("受益人数", "persons")),
        Column(Words("标准误", "s.e.")), Column(Words(f"赔付（{money.zh}）", f"paid ({money.en})")),
        Column(Words("标准误", "s.e.")), Column(Words("占赔付%", "% of all")),
    )  # fmt: skip
    rows: list[tuple[Words | Number, ...]] = []
    for band, (low, high) in enumerate(zip(["0", *edges], [*edges, ""], strict=True)):
        label = Words(f"{low}至{high}", f"{low} to {high}") if high else Words(f"{low}以上", f"above {low}")
        part = ratio_of(100.0 * paid[:, band], paid.sum(axis=1), batch=base.batch)
        rows.append(
            (
                label,
                *with_its_error(mean_of(persons[:, band], batch=base.batch), 1, 3),
                *with_its_error(mean_of(paid[:, band], batch=base.batch), 1 / money.fen, money.most),
                share(part),
            )
        )
    return Table("bands", Words("按个人自付费用分段", "Payments by band of own cost"), columns, tuple(rows))


def parties(subject: Subject) -> Table:
    """The three parties side by side, for conclusions."""
    columns = (
        Column(Words("各方", "party"), numeric=False), Column(Words("单位", "unit"), numeric=False),
        Column(Words("均值", "mean")), Column(Words("标准误", "s.e.")), Column(Words("5%分位", "5%")),
        Column(Words("95%分位", "95%")),
    )  # fmt: skip
    names = (
        Words("承办公司：扣除实际费用后的净损益", "the insurer: result after real cost"),
        Words("基金：净收支（不计保费）", "the fund: result (without the premium)"),
        Words("受益患者：各方支付后仍须负担", "patients helped: what they still bear"),
    )
    rows = []
    for name, measure in zip(names, PARTIES, strict=True):
        of = subject.base.estimate(measure)
        if of.mean is not None:
            factor = 1 / subject.money.yuan
            rows.append((name, unit_of(measure, subject.money), *with_its_range(of, factor, subject.money.most)))
    return Table("parties", Words("三方结果", "The three parties"), columns, tuple(rows))
