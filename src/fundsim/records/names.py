"""The columns of a settlement record, by the names of the national interface (国家医保信息平台结算信息).

The names and their Chinese meanings are those of the settlement table (结算信息) of the platform's interface standard,
as reproduced in public documentation of hospital systems. A file with these names needs no column map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["id", "date", "category", "flag", "amount"]


@dataclass(frozen=True)
class Field:
    """One column that is understood."""

    name: str
    kind: Kind
    zh: str
    en: str


PERSON: Final = "psn_no"
SETTLEMENT: Final = "setl_id"
ADMISSION: Final = "mdtrt_id"
ADMITTED: Final = "begndate"
DISCHARGED: Final = "enddate"
SETTLED: Final = "setl_time"
CARE: Final = "hosp_lv"
GROUP: Final = "psn_idet_type"
COUNTY: Final = "insu_admdvs"
REFUNDED: Final = "refd_setl_flag"
TOTAL: Final = "medfee_sumamt"
OWN: Final = "fulamt_ownpay_amt"
OVER_LIMIT: Final = "overlmt_selfpay"
FIRST_PAY: Final = "preselfpay_amt"
IN_POLICY: Final = "inscp_scp_amt"
DEDUCTIBLE: Final = "act_pay_dedc"
BASIC: Final = "hifp_pay"
CII: Final = "hifmi_pay"
AID: Final = "maf_pay"
OTHER: Final = "oth_pay"
PATIENT: Final = "psn_part_amt"

FIELDS: Final = {
    field.name: field
    for field in (
        Field(PERSON, "id", "人员编号", "person"),
        Field(SETTLEMENT, "id", "结算编号", "settlement"),
        Field(ADMISSION, "id", "就诊编号", "admission"),
        Field(ADMITTED, "date", "入院日期", "day of admission"),
        Field(DISCHARGED, "date", "出院日期", "day of discharge"),
        Field(SETTLED, "date", "结算时间", "day of settlement"),
        Field(CARE, "category", "医院等级", "care level"),
        Field(GROUP, "category", "人员身份类别", "group of persons"),
        Field(COUNTY, "category", "参保所属医保区划", "county"),
        Field(REFUNDED, "flag", "退费结算标志", "refunded"),
        Field(TOTAL, "amount", "医疗费总额", "cost in all"),
        Field(OWN, "amount", "全自费金额", "wholly at own expense"),
        Field(OVER_LIMIT, "amount", "超限价自费", "over the price limit"),
        Field(FIRST_PAY, "amount", "先行自付", "borne by the patient first"),
        Field(IN_POLICY, "amount", "符合政策范围金额", "within policy"),
        Field(DEDUCTIBLE, "amount", "实际支付起付线", "deductible of basic insurance"),
        Field(BASIC, "amount", "统筹基金支出", "paid by basic insurance"),
        Field(CII, "amount", "居民大病保险支出", "paid by critical illness insurance"),
        Field(AID, "amount", "医疗救助支出", "paid by medical aid"),
        Field(OTHER, "amount", "其他支出", "paid by others"),
        Field(PATIENT, "amount", "个人负担总金额", "borne by the patient"),
    )
}
"""Every field, by its national name, in the order of the interface."""

AMOUNTS: Final = tuple(name for name, field in FIELDS.items() if field.kind == "amount")
IDS: Final = tuple(name for name, field in FIELDS.items() if field.kind == "id")
DATES: Final = tuple(name for name, field in FIELDS.items() if field.kind == "date")
CATEGORIES: Final = tuple(name for name, field in FIELDS.items() if field.kind == "category")
PARTS: Final = (OWN, OVER_LIMIT, FIRST_PAY, IN_POLICY)
"""What the cost in all divides into: 医疗费总额 = 全自费 + 超限价 + 先行自付 + 符合政策范围."""
FUNDS: Final = (BASIC, CII, AID, OTHER)
"""Who pays besides the patient: 医疗费总额 = 各项基金支出 + 个人负担."""
