"""与基准之差: every difference with its own error, and a picture of the main ones."""

from __future__ import annotations

from fundsim.report.compared import Side
from fundsim.report.document.model import Block, Paragraph, Section
from fundsim.report.document.words import Words
from fundsim.report.pictures.differences import differences_picture

HOW = Words(
    "以下为各方案减基准之差及该差异自身的标准误；差异不足标准误两倍的，不能认为存在差异。各方案均相同的指标不列。",
    "Each design less the base, with the standard error of the difference itself; what is below twice its error cannot "
    "be called a difference. Figures that are the same under all designs are left out.",
)
NOTE = Words(
    "受益人数随方案而变：轻症退出后，受益人人均负担可能反而上升，不能据此说患者负担加重。",
    "Beneficiaries differ between designs: a burden per beneficiary can rise because light cases drop out, which does "
    "not make patients worse off.",
)


def differences(side: Side) -> Section:
    """A row for each design beside the base."""
    tables = side.tables("differences", side.difference, side.others, apart=True)
    blocks: tuple[Block, ...] = (Paragraph(HOW), *tables, Paragraph(NOTE), differences_picture(side))
    return Section("differences", Words("与基准之差", "Differences from the base"), blocks)
