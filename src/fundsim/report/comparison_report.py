"""The report of a comparison (方案比较报告): designs side by side, what differs beyond error, who gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.comparison import FIGURES, Comparison
from fundsim.report.amounts import Money, money_for
from fundsim.report.comparison import SECTIONS, short_names
from fundsim.report.document.glossary import named
from fundsim.report.document.model import (
    Block,
    Cell,
    Column,
    Document,
    Listing,
    Number,
    Origin,
    Paragraph,
    Section,
    Table,
)
from fundsim.report.document.values import (
    difference_cells,
    difference_unit,
    figure_name,
    figure_unit,
    interval_cells,
    value_cells,
)
from fundsim.report.document.words import Words, same
from fundsim.report.pictures.differences import differences_picture
from fundsim.runs import versions

if TYPE_CHECKING:
    from collections.abc import Iterator

ERROR = Words("标准误", "s.e.")
PARTIES: Final = {
    "Patients 患者": Words("患者", "Patients"), "Fund 基金": Words("基金", "The fund"),
    "Insurer 承办公司": Words("承办公司", "The insurer"),
}  # fmt: skip
JUDGED: Final = {
    "claims_paid": Words("患者（赔付支出）", "patients, by what is paid to them"),
    "fund_result": Words("基金（净收支）", "the fund, by its result"),
    "insurer_result": Words("承办公司（净损益）", "the insurer, by its result"),
    "claims_poor": Words("困难群众（赔付支出）", "the poor, by what is paid to them"),
}
"""By which figure it is told who gains; more is better in each."""
BY_GROUP: Final = ("beneficiaries", "claims_paid", "burden_per_beneficiary")


def comparison_report(found: Comparison) -> Document:
    """The report of designs that were compared."""
    base = found.scenario
    sections = (_purpose(found), _side_by_side(found), _differences(found), _groups(found), _appendix(found))
    return Document(
        f"report-comparison-{base.id}", Words(base.title("zh"), base.title("en")),
        Words("方案比较报告", "Comparison of designs"), _origin(found),
        tuple(section for section in sections if section is not None),
    )  # fmt: skip


def _money(found: Comparison) -> Money:
    return money_for(float(np.mean(found.rows[0].totals["premium"])) / found.years)


def _origin(found: Comparison) -> Origin:
    return Origin(
        scenario=", ".join(found.names),
        fingerprint=found.scenario.fingerprint,
        seed=found.seed,
        replications=found.replications,
        made="",
        command=f"fundsim compare FILE ... -n {found.replications} --years {found.years} --seed {found.seed}",
        versions=versions(),
    )


def _purpose(found: Comparison) -> Section:
    names = short_names(found)
    alike = all(found.paired)
    why = Words(
        f"本报告比较{len(found.rows)}个方案，以“{names[0]}”为基准，模拟{found.replications:,}次。"
        + (
            "各方案在同一批模拟人群上结算，差异为配对之差。"
            if alike
            else "部分方案的人群或费用与基准不同，分别模拟，其差异的误差较大。"
        ),
        f"This report compares {len(found.rows)} designs with “{names[0]}” in {found.replications:,} replications. "
        + (
            "All designs are settled on the same simulated people; differences are paired."
            if alike
            else "Some designs have other people or costs and are simulated apart; their differences are less sure."
        ),
    )
    columns = (
        Column(Words("方案", "design"), numeric=False), Column(Words("名称", "title"), numeric=False),
        Column(Words("同一批人群", "same people"), numeric=False), Column(Words("指纹", "fingerprint"), numeric=False),
    )  # fmt: skip
    rows = tuple(
        (
            same(name), Words(row.scenario.title("zh"), row.scenario.title("en")),
            Words("是", "yes") if paired else Words("否", "no"), same(row.scenario.fingerprint[:12]),
        )
        for name, row, paired in zip(names, found.rows, found.paired, strict=True)
    )  # fmt: skip
    table = Table("designs", Words("所比较的方案（首个为基准）", "The designs; the first is the base"), columns, rows)
    blocks: list[Block] = [Paragraph(why), table]
    for place in range(1, len(found.rows)):
        blocks.append(
            Paragraph(Words(f"“{names[place]}”与基准相比：", f"“{names[place]}” against the base:"), "finding")
        )
        blocks.append(Listing(tuple(_judged(found, place))))
    return Section("purpose", Words("目的与结论", "Purpose and findings"), tuple(blocks))


def _judged(found: Comparison, place: int) -> Iterator[Words]:
    """Who gains and who loses by a design, as far as the difference goes beyond its error."""
    for name, who in JUDGED.items():
        if name not in found.figures:
            continue
        of, apart = FIGURES[name], found.difference(name, place)
        cells, unit = difference_cells(apart, of, _money(found)), difference_unit(of, _money(found))
        told = Words(
            f"{cells[0].text}{unit.zh}，标准误{cells[1].text}", f"{cells[0].text} {unit.en}, s.e. {cells[1].text}"
        )
        if not apart.clear:
            yield Words(
                f"{who.zh}：差异未超出误差（{told.zh}）", f"{who.en}: no difference beyond the error ({told.en})"
            )
            continue
        gains = Words("受益", "gain") if (apart.mean or 0) > 0 else Words("受损", "lose")
        yield Words(f"{who.zh}：{gains.zh}（{told.zh}）", f"{who.en}: {gains.en} ({told.en})")


def _side_by_side(found: Comparison) -> Section:
    names, money = short_names(found), _money(found)
    columns = (
        Column(Words("指标", "measure"), numeric=False), Column(Words("单位", "unit"), numeric=False),
        *(column for name in names for column in (Column(same(name)), Column(ERROR))),
    )  # fmt: skip
    tables = []
    for title, ids in SECTIONS.items():
        shown = [FIGURES[name] for name in ids if name in found.figures]
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (
                figure_name(of), figure_unit(of, money),
                *(cell for place in range(len(names)) for cell in value_cells(found.value(of.id, place), of, money)),
            )
            for of in shown
        )  # fmt: skip
        who = PARTIES[title]
        tables.append(Table(f"values-{who.en.split()[-1].lower()}", who, columns, rows))
    return Section("side-by-side", Words("各方案并列", "Designs side by side"), tuple(tables))


def _differences(found: Comparison) -> Section:
    names, money = short_names(found), _money(found)
    columns = (
        Column(Words("指标", "measure"), numeric=False), Column(Words("单位", "unit"), numeric=False),
        Column(Words("差异", "difference")), Column(ERROR), Column(Words("95%区间下限", "95% from")),
        Column(Words("上限", "to")), Column(Words("超出误差", "beyond error"), numeric=False),
    )  # fmt: skip
    blocks: list[Block] = []
    for place in range(1, len(names)):
        rows: list[tuple[Cell, ...]] = []
        for of in (FIGURES[name] for ids in SECTIONS.values() for name in ids if name in found.figures):
            apart = found.difference(of.id, place)
            if apart.mean is None:
                continue
            clear = Words("是", "yes") if apart.clear else Words("否", "no")
            cells = (*difference_cells(apart, of, money), *interval_cells(apart, of, money))
            rows.append((figure_name(of), difference_unit(of, money), *cells, clear))
        title = Words(f"“{names[place]}”减“{names[0]}”", f"“{names[place]}” less “{names[0]}”")
        blocks.append(Table(f"differences-{place}", title, columns, tuple(rows)))
    note = Words(
        "受益人数随方案而变：轻症退出后，受益人人均负担可能反而上升，不能据此说患者负担加重。",
        "Beneficiaries differ between designs: a burden per beneficiary can rise because light cases drop out, which "
        "does not make patients worse off.",
    )
    blocks += [differences_picture(found), Paragraph(note)]
    return Section("differences", Words("与基准之差", "Differences from the base"), tuple(blocks))


def _groups(found: Comparison) -> Section | None:
    if len(found.group_names) < 2:
        return None
    names, money = short_names(found), _money(found)
    columns = (
        Column(Words("人群", "group"), numeric=False), Column(Words("指标", "measure"), numeric=False),
        Column(Words("单位", "unit"), numeric=False), Column(same(names[0])),
        *(column for name in names[1:] for column in (Column(same(f"Δ {name}")), Column(ERROR))),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for group in found.group_names:
        for of in (FIGURES[name] for name in BY_GROUP if name in found.figures):
            cells: list[Number] = [value_cells(found.value(of.id, 0, group), of, money)[0]]
            for place in range(1, len(names)):
                cells += difference_cells(found.difference(of.id, place, group=group), of, money)
            rows.append((named(group), figure_name(of), figure_unit(of, money), *cells))
    title = Words("分人群的差异", "Differences by group")
    return Section("groups", Words("分人群", "By group"), (Table("by-group", title, columns, tuple(rows)),))


def _appendix(found: Comparison) -> Section:
    origin = _origin(found)
    columns = (Column(Words("项目", "item"), numeric=False), Column(Words("内容", "content"), numeric=False))
    rows = (
        (Words("基准指纹", "fingerprint of the base"), same(origin.fingerprint)),
        (Words("随机种子", "seed"), same(str(origin.seed))),
        (Words("模拟次数", "replications"), same(f"{origin.replications:,}")),
        (Words("复现命令", "command"), same(origin.command)),
        *((Words(f"版本：{name}", f"version of {name}"), same(text)) for name, text in origin.versions.items()),
    )
    table = Table("origin", Words("复现信息", "How to make these figures again"), columns, rows)
    errors = Words(
        "标准误与区间为抽样误差；差异的误差按各次模拟的差额计算，不含模型与假设本身的误差。",
        "Errors and intervals are those of sampling; that of a difference is found from the difference in each "
        "replication. They do not cover the model or its assumptions.",
    )
    return Section("appendix", Words("附录：复现与误差", "Appendix: origin and errors"), (table, Paragraph(errors)))
