"""What a workbook carries beyond the report (附表): percentiles, groups, and the replications themselves."""

from __future__ import annotations

import numpy as np

from fundsim.measures import MEASURES
from fundsim.report.amounts import scale_of
from fundsim.report.document.glossary import named
from fundsim.report.document.model import Cell, Column, Number, Table
from fundsim.report.document.subject import Subject, name_of, unit_of, with_its_error
from fundsim.report.document.words import Words, same
from fundsim.results import IN_FEN

STEPS = tuple(range(5, 100, 5))
"""Percentiles that are told."""
MOST_REPLICATIONS = 10_000
"""Replications that a workbook holds; of longer runs the first ones."""


def attachments(subject: Subject) -> tuple[Table, ...]:
    """The attached tables, each of which becomes a sheet of its own."""
    return (_percentiles(subject), _groups(subject), _replications(subject))


def _percentiles(subject: Subject) -> Table:
    columns = [Column(Words("指标", "measure"), numeric=False), Column(Words("单位", "unit"), numeric=False)]
    columns += [Column(Words(f"{step}%", f"{step}%")) for step in STEPS]
    rows: list[tuple[Cell, ...]] = []
    for name in subject.base.measures:
        values = subject.base.values(name)
        found = None if values is None else values[np.isfinite(values)]
        if found is None or not len(found):
            continue
        factor = scale_of(name, subject.money)[0]
        points = np.percentile(found, STEPS) * factor
        rows.append((name_of(name), unit_of(name, subject.money), *(Number(float(x), f"{x:.6g}") for x in points)))
    title = Words("各指标的百分位数", "Percentiles of every measure")
    return Table("percentiles", title, tuple(columns), tuple(rows))


def _groups(subject: Subject) -> Table:
    columns = [Column(Words("指标", "measure"), numeric=False), Column(Words("单位", "unit"), numeric=False)]
    for group in subject.base.group_names:
        columns += [Column(named(group)), Column(Words("标准误", "s.e."))]
    rows: list[tuple[Cell, ...]] = []
    for name, measure in MEASURES.items():
        if not measure.by_group or name not in subject.base.measures:
            continue
        factor, _, most = scale_of(name, subject.money)
        estimates = [subject.base.estimate(name, group) for group in subject.base.group_names]
        cells = [cell for of in estimates for cell in with_its_error(of, factor, most)]
        rows.append((name_of(name), unit_of(name, subject.money), *cells))
    return Table("groups", Words("分人群结果", "Results by group"), tuple(columns), tuple(rows))


def _replications(subject: Subject) -> Table:
    """The totals of each replication, in yuan or heads."""
    base, n = subject.base, min(subject.base.replications, MOST_REPLICATIONS)
    names = [name for name in base.measures if name in base.totals]
    units = [Words("元", "yuan") if MEASURES[name].unit in IN_FEN else Words("人", "persons") for name in names]
    columns = [Column(Words("模拟序号", "replication"))]
    for name, unit in zip(names, units, strict=True):
        title = name_of(name)
        columns.append(Column(Words(f"{title.zh}（{unit.zh}）", f"{title.en} ({unit.en})")))
    parts = [base.totals[name][:n] / (100 if MEASURES[name].unit in IN_FEN else 1) for name in names]
    rows = tuple(
        (Number(float(r), str(r)), *(Number(float(part[r]), f"{part[r]:.2f}") for part in parts)) for r in range(n)
    )
    told = f"{n:,} / {base.replications:,}"
    notes = (same(told),) if n < base.replications else ()
    return Table("replications", Words("各次模拟的合计", "Totals of each replication"), tuple(columns), rows, notes)
