"""目的与依据: why the report was made, of which scheme, on which texts it rests."""

from __future__ import annotations

from fundsim.report.document.model import Column, Paragraph, Section, Table
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Words, same


def purpose(subject: Subject) -> Section:
    """Purpose and basis, with the figures to remember first."""
    terms, base = subject.scenario.terms, subject.base
    years = Words(
        f"{base.n_years}个年度" if base.years else "一个年度", f"{base.n_years} years" if base.years else "one year"
    )
    why = Words(
        f"本报告对“{subject.title.zh}”的筹资标准、赔付支出、盈亏风险和各方分担进行测算，供招标定价和方案讨论使用。"
        f"测算以随机模拟方式进行，模拟{base.replications:,}次，每次覆盖{years.zh}，各数字均附抽样误差。",
        f"This report measures the funding of '{subject.title.en}': premium, claims, the risk of a loss and who "
        f"bears it, "
        f"for tender pricing and the discussion of the scheme. It rests on {base.replications:,} simulated "
        f"replications of "
        f"{years.en}; every figure stands with its sampling error.",
    )
    rows = [(Words("方案", "scheme"), subject.title), (Words("编号", "id"), same(subject.scenario.label))]
    if terms.source:
        clause = f" {terms.clause}" if terms.clause else ""
        rows.append((Words("依据文件", "source"), same(f"{terms.source}{clause}")))
    if terms.valid:
        rows.append(
            (
                Words("有效期", "valid"),
                Words(f"{terms.valid.from_} 至 {terms.valid.to}", f"{terms.valid.from_} to {terms.valid.to}"),
            )
        )
    insured = f"{subject.scenario.population.insured:,}"
    rows.append((Words("参保人数", "insured"), Words(f"{insured}人", f"{insured} persons")))
    columns = (Column(Words("项目", "item"), numeric=False), Column(Words("内容", "content"), numeric=False))
    basis = Table("basis", Words("测算对象与依据", "What is measured, and on which basis"), columns, tuple(rows))
    return Section("purpose", Words("目的与依据", "Purpose and basis"), (Paragraph(why), basis))
