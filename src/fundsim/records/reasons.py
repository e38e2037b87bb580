"""Why a row is not used (剔除原因), in the order in which it is asked; each row has one reason at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Reason:
    """One reason to leave a row out."""

    name: str
    zh: str
    en: str


REASONS: Final = (
    Reason("not-a-row", "列数与表头不符", "the row has not as many cells as the header"),
    Reason("missing-id", "缺人员编号", "no person"),
    Reason("damaged-id", "人员编号已被电子表格改成数值", "the person's id was made into a number by a spreadsheet"),
    Reason("missing-date", "缺出院（结算）日期", "no day of discharge or settlement"),
    Reason("bad-date", "日期无法识别或不存在", "a day that cannot be read or is not in the calendar"),
    Reason("missing-amount", "缺金额", "an amount is not stated"),
    Reason("bad-amount", "金额无法识别", "an amount that cannot be read"),
    Reason("duplicate", "重复记录", "the same record once more"),
    Reason("same-id", "结算编号相同而内容不同", "another record with the same settlement id"),
    Reason("reversed", "已被冲销的结算", "a settlement that was reversed"),
    Reason("reversal", "冲销记录", "the reversal of a settlement"),
    Reason("refunded", "标记为退费，未见对应冲销记录", "marked as refunded, no reversal found"),
    Reason("negative", "负金额，未见对应原结算", "a negative amount, no settlement found that it reverses"),
    Reason("zero", "零金额", "nothing was billed"),
    Reason("outside-years", "不在所取年度内", "outside the years asked for"),
    Reason("discharge-before-admission", "出院早于入院", "discharged before admitted"),
    Reason("parts-exceed-total", "分项之和超过费用总额", "the parts add up to more than the cost in all"),
    Reason("funds-exceed-total", "基金支付超过费用总额", "the funds paid more than the cost in all"),
    Reason("not-enrolled", "该年度、地区或人群无参保人数", "a year, county or group that has no enrolment"),
)
"""Every reason."""

KEPT: Final = 0
"""The number of a row that is used; reasons are numbered from 1."""

NUMBER: Final = {reason.name: number for number, reason in enumerate(REASONS, start=1)}
"""The number of each reason."""
