"""分人群: how differences fall on groups of the insured."""

from __future__ import annotations

from fundsim.comparison import FIGURES
from fundsim.report.compared import Side, code
from fundsim.report.document.glossary import named
from fundsim.report.document.model import Cell, Column, Section, Table
from fundsim.report.document.values import difference_cells, value_cells
from fundsim.report.document.words import Words

BY_GROUP = ("beneficiaries", "claims_paid", "burden_per_beneficiary")


def groups(side: Side) -> Section | None:
    """Every group under every design; nothing where there is one group."""
    found, money = side.found, side.money
    if len(found.group_names) < 2:
        return None
    shown = [FIGURES[name] for name in BY_GROUP if name in found.figures]
    columns = (
        Column(Words("人群", "group"), numeric=False), Column(Words("方案", "design"), numeric=False),
        *(column for of in shown for column in side.columns(of, apart=True)),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for group in found.group_names:
        levels = [cell for of in shown for cell in value_cells(found.value(of.id, 0, group), of, money)]
        rows.append((named(group), code(0), *levels))
        for place in side.others:
            apart = [(found.difference(of.id, place, group=group), of) for of in shown]
            rows.append(
                (named(group), code(place), *(c for each, of in apart for c in difference_cells(each, of, money)))
            )
    notes = (
        Words(
            "“基准”行为其水平，其余各行为与基准之差。", "The row of the base has its levels, the others differences."
        ),
    )
    title = Words("分人群的差异", "Differences by group")
    return Section("groups", Words("分人群", "By group"), (Table("by-group", title, columns, tuple(rows), notes),))
