"""风险分担与盈利测试: the contract year by year, and how far the balance is carried."""

from __future__ import annotations

from fundsim.report.amounts import scale_of
from fundsim.report.document.model import Block, Column, Number, Section, Table
from fundsim.report.document.subject import Subject, name_of, unit_of, with_its_error
from fundsim.report.document.words import Words
from fundsim.report.pictures import term_picture
from fundsim.report.years import ROWS, WHERE_ANY


def term(subject: Subject) -> Section | None:
    """Every year of the term beside the others; nothing where one year was simulated."""
    base = subject.base
    if not base.years:
        return None
    years = [base.year(number) for number in range(1, base.n_years + 1)]
    names = [name for name in ROWS if name not in WHERE_ANY or any(year.totals[name].any() for year in years)]
    columns = [Column(Words("指标", "measure"), numeric=False), Column(Words("单位", "unit"), numeric=False)]
    for number in range(1, base.n_years + 1):
        columns += [Column(Words(f"第{number}年", f"year {number}")), Column(Words("标准误", "s.e."))]
    rows: list[tuple[Words | Number, ...]] = []
    for name in names:
        factor, _, most = scale_of(name, subject.money)
        cells = [cell for year in years for cell in with_its_error(year.estimate(name), factor, most)]
        rows.append((name_of(name), unit_of(name, subject.money), *cells))
    title = Words("合同期分年度结果", "The term, year by year")
    blocks: list[Block] = [Table("years", title, tuple(columns), tuple(rows)), term_picture(subject)]
    return Section("term", Words("合同期风险分担与盈利测试", "Risk sharing over the term"), tuple(blocks))
