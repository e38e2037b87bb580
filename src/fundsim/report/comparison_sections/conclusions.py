"""保留意见与签署: what the figures do not say, and who signs."""

from __future__ import annotations

from collections.abc import Iterator

from fundsim.report.compared import Side
from fundsim.report.document.model import Listing, Section, Signatures
from fundsim.report.document.words import Words

SIGNED = (
    Words("测算人", "prepared by"), Words("复核人（精算责任人）", "reviewed by (responsible actuary)"),
    Words("日期", "date"),
)  # fmt: skip


def conclusions(side: Side) -> Section:
    """Reservations and a block to be signed."""
    title = Words("保留意见与签署", "Reservations and signatures")
    return Section("reservations", title, (Listing(tuple(_reservations(side))), Signatures(SIGNED)))


def _reservations(side: Side) -> Iterator[Words]:
    many = len(side.found.scenario.assumptions)
    if many:
        yield Words(
            f"基准方案有{many}项数值为假设，改变假设会改变各方案的水平，也可能改变其差异。",
            f"{many} values of the base are assumed; others would change the levels, and may change the differences.",
        )
    if not any(row.scenario.terms.behaviour for row in side.found.rows):
        yield Words(
            "未计入参保人因待遇变化而改变就医行为的影响。", "Patients' response to what they bear is not counted."
        )
    yield Words(
        "标准误与区间为抽样误差，差异的误差按各次模拟的差额计算；均不含模型与假设本身的误差。",
        "Errors and intervals are those of sampling, of a difference from the difference in each replication; they do "
        "not cover the model or its assumptions.",
    )
