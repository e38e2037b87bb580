"""Bills from a file or a DataFrame to a statement and a trace: order, years, encodings, exactness, and the words."""

from __future__ import annotations

import csv
import datetime
import json
import random
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundsim import scenario as scenarios
from fundsim.benefits.payer import Payer
from fundsim.benefits.schedule import Traits, compile_plan
from fundsim.bills import BillsError, cells, sources
from fundsim.money import LARGEST_BILL, format_yuan, parse_yuan
from fundsim.statements import SettlementError, explain, settle, settle_file

QINZHOU_FILE = Path(__file__).parents[1] / "scenarios" / "qinzhou-2017.yaml"
ALL = {"A": "100%", "B": "100%", "C": "100%"}
PLACES = ["local", "outside-referred", "outside-unreferred"]
CII: dict[str, Any] = {
    "title": {"en": "critical illness insurance", "zh": "城乡居民大病保险"},
    "clause": "第八条",
    "base": {"counts": {"A": "100%", "B": "85%", "C": "70%"}, "less": ["paid by basic", "deductible of basic"]},
    "deductible": "6000 yuan",
    "bands": [
        {"to": "20000 yuan", "pay": "50%"},
        {"to": "40000 yuan", "pay": "60%"},
        {"to": "60000 yuan", "pay": "70%"},
        {"pay": "80%"},
    ],
    "cap": "500000 yuan/year",
    "variants": [
        {"when": {"place": "outside-referred"}, "pay": "50%", "clause": "第九条"},
        {"when": {"place": "outside-unreferred"}, "pay": "40%", "clause": "第九条"},
        {"when": {"hardship": "poor"}, "deductible": "3000 yuan", "pay": "+10pp"},
    ],
}
BASIC: dict[str, Any] = {
    "base": {"counts": {"A": "100%", "B": "85%"}},
    "accumulate": "admission",
    "deductible": "600 yuan",
    "pay": "70%",
    "variants": [{"when": {"care": "county"}, "deductible": "300 yuan"}],
}
TRAITS = {"hardship": ["none", "poor"], "place": PLACES, "care": ["tertiary", "county"]}


def scheme(
    payers: Mapping[str, Any] | None = None,
    traits: Mapping[str, Sequence[str]] | None = None,
    valid: tuple[str, str] | None = None,
    **options: Any,
) -> Any:
    """What is needed of a scenario, from payers written as in its file."""
    written = {"basic": BASIC, "cii": CII} if payers is None else payers
    terms = {name: Payer.model_validate({"base": {"counts": ALL}, **payer}) for name, payer in written.items()}
    values = Traits({name: tuple(choices) for name, choices in (TRAITS if traits is None else traits).items()})
    plan, faults = compile_plan(terms, terms, values, **options)
    assert not faults, faults
    period = None if valid is None else [datetime.date.fromisoformat(day) for day in valid]
    stated = SimpleNamespace(
        payers=terms, valid=None if period is None else SimpleNamespace(from_=period[0], to=period[1])
    )
    return SimpleNamespace(id="small", fingerprint="f" * 64, plan=plan, terms=stated, title=lambda: "钦州")


ONE = {"cii": {"deductible": "1000 yuan", "pay": "50%"}}
"""One payer, half of what lies above 1,000."""


def frame(*rows: Mapping[str, Any], **common: Any) -> pd.DataFrame:
    costs = {"cost_a": "0", "cost_b": "0", "cost_c": "0", "cost_excluded": "0"}
    return pd.DataFrame([{"person_id": "P", "discharge_date": "2017-03-05", **costs, **common, **row} for row in rows])


def write(path: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes(end.join([*lines, ""]).encode(encoding))
    return path


def read(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


# --- a statement -----------------------------------------------------------------------------------------------------

HEADER = "person_id,discharge_date,hardship,place,care,cost_a,cost_b,cost_c,cost_excluded"


def test_a_statement_repeats_the_bills_and_says_where_every_fen_went(tmp_path: Path) -> None:
    bills = write(
        tmp_path / "bills.csv",
        f"{HEADER},disease,admission_id",
        '450702199001011234,2017/3/5, none,local,tertiary,30000,20000,05000.0,1000,"肺癌, II期",A1',
        "450702199001011235,20170405,poor,outside-referred,county,9999.99,20000,5000,0,,A1",
    )
    settle_file(scheme(), bills, out=tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"{HEADER},disease,admission_id,excluded,base_basic,paid_basic,base_cii,paid_cii,patient_pays"
    # basic: (47,000 - 600) x 70%; CII counts 50,500 - 32,480 - 600 = 17,420, half of what lies above 6,000
    assert lines[1] == (
        '450702199001011234,2017/3/5, none,local,tertiary,30000,20000,05000.0,1000,"肺癌, II期",A1,'
        "1000.00,47000.00,32480.00,17420.00,5710.00,16810.00"
    )
    # basic: (26,999.99 - 300) x 70% = 18,689.993; CII: (30,499.99 - 18,689.99 - 300 - 3,000) x 60% = 5,106
    assert lines[2].endswith(",A1,0.00,26999.99,18689.99,11510.00,5106.00,11204.00")
    for row in read(tmp_path / "out.csv"):
        gross = sum(parse_yuan(row[name]) for name in ("cost_a", "cost_b", "cost_c", "cost_excluded"))
        assert gross == sum(parse_yuan(row[name]) for name in ("excluded", "paid_basic", "paid_cii", "patient_pays"))


def test_people_are_settled_in_date_order_and_written_in_file_order() -> None:
    bills = frame(
        {"person_id": "P", "discharge_date": "2017-12-05", "cost_a": "700"},
        {"person_id": "Q", "discharge_date": "2017-01-05", "cost_a": "1200"},
        {"person_id": "P", "discharge_date": "20170305", "cost_a": "800"},
    )
    result = settle(scheme(ONE, {}), bills)
    assert result["person_id"].tolist() == ["P", "Q", "P"]
    assert result["paid_cii"].tolist() == [250.0, 100.0, 0.0]


@pytest.mark.parametrize(
    ("ids", "paid"),
    [
        (None, [0, 400, 500]),  # file order
        (["3", "2", "1"], [500, 400, 0]),
        (["10", "9", "8"], [500, 400, 0]),  # digits compare as a number
        (["A10-1", "A9-2", "A9-1"], [500, 400, 0]),
    ],
)
def test_bills_of_one_day_settle_by_admission_id_or_in_file_order(ids: list[str] | None, paid: list[int]) -> None:
    bills = frame({"cost_a": 1000}, {"cost_a": 800}, {"cost_a": 1000})
    if ids is not None:
        bills["admission_id"] = ids
    amounts = settle(scheme(ONE, {}), bills)["paid_cii"]
    assert amounts.sum() == 900
    assert amounts.tolist() == paid


def test_two_bills_of_40_000_in_either_order() -> None:
    """The golden of the settlement, through a file's rows: local first 34,400.00, away first 42,400.00."""
    case = {"hardship": "none", "care": "county", "paid_basic": "0", "deductible_basic": "0", "cost_a": "40000.00"}
    for days, total in ((("2017-03-05", "2017-05-05"), 34_400.0), (("2017-05-05", "2017-03-05"), 42_400.0)):
        home, away = ({"discharge_date": day} for day in days)
        bills = frame({**home, "place": "local"}, {**away, "place": "outside-unreferred"}, **case)
        assert settle(scheme(), bills, given=["basic"])["paid_cii"].sum() == total


@pytest.mark.parametrize("valid", [None, ("2017-01-01", "2018-12-31"), ("2017-07-01", "2019-12-31")])
def test_accounts_begin_anew_with_each_calendar_year(valid: tuple[str, str] | None) -> None:
    bills = frame(
        {"discharge_date": "2017-09-01", "cost_a": "1000"},
        {"discharge_date": "2017-12-31", "cost_a": "800"},
        {"discharge_date": "2018-01-01", "cost_a": "900"},
        {"discharge_date": "2018-09-30", "cost_a": "700"},
    )
    assert settle(scheme(ONE, {}, valid), bills)["paid_cii"].tolist() == [0, 400, 0, 300]


def test_an_insurance_year_from_october_to_september() -> None:
    bills = frame(
        {"discharge_date": "2017-09-30", "cost_a": "1200"},
        {"discharge_date": "2017-10-01", "cost_a": "1200"},
        {"discharge_date": "2018-01-02", "cost_a": "200"},
    )
    october = scheme(ONE, {}, ("2016-10-01", "2019-09-30"))
    assert settle(october, bills)["paid_cii"].tolist() == [100, 100, 100]
    assert settle(scheme(ONE, {}), bills)["paid_cii"].tolist() == [100, 600, 0]


# --- given payers, annual amounts, traits ----------------------------------------------------------------------------


def test_given_payments_are_taken_as_stated(tmp_path: Path) -> None:
    bills = write(
        tmp_path / "bills.csv",
        "person_id,discharge_date,hardship,place,cost_a,cost_b,cost_c,cost_excluded,paid_basic,deductible_basic",
        "P1,2017-03-05,none,local,100000,0,0,0,23400.0,600",
    )
    settle_file(scheme(), bills, out=tmp_path / "out.csv", given=["basic"])
    header, row = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert header.endswith(",paid_basic,deductible_basic,excluded,base_basic,base_cii,paid_cii,patient_pays")
    assert row.endswith(",23400.0,600,0.00,100000.00,76000.00,44000.00,32600.00")  # 36,000 + 10,000 x 80%


def test_traits_need_not_be_stated_where_no_payer_to_be_settled_looks_at_them() -> None:
    """Only basic insurance pays by the level of care: with its payments given, or left behind, it does not matter."""
    case = {"hardship": "none", "place": "local", "cost_a": "26000"}
    with pytest.raises(BillsError, match="column 'care': the column is missing, and basic pays by it"):
        settle(scheme(), frame({}, **case))
    given = settle(scheme(), frame({"paid_basic": 0, "deductible_basic": 0}, **case), given=["basic"])
    left = {
        "person_id": "P",
        "discharge_date": "2017-03-05",
        "hardship": "none",
        "place": "local",
        "in_policy_left": 26000,
    }
    assert given["paid_cii"].tolist() == settle(scheme(), pd.DataFrame([left]))["paid_cii"].tolist() == [10_000.0]


def test_amounts_left_in_policy(tmp_path: Path) -> None:
    bills = write(
        tmp_path / "bills.csv",
        "person_id,discharge_date,hardship,place,in_policy_left",
        "P1,2017-12-31,none,local,70000.37",
        "P2,2017-12-31,none,local,6000.01",
        "P3,2017-12-31,poor,outside-referred,10000",
    )
    settle_file(scheme(), bills, out=tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [row["paid_cii"] for row in rows] == ["39200.30", "0.01", "4200.00"]
    assert [row["base_cii"] for row in rows] == ["70000.37", "6000.01", "10000.00"]
    assert [row["paid_basic"] for row in rows] == ["0.00"] * 3
    assert [row["patient_pays"] for row in rows] == ["30800.07", "6000.00", "5800.00"]


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("encoding", "out"), [("utf-8", "utf-8"), ("gb18030", "utf-8"), ("utf-8-sig", "utf-8-sig")])
def test_encodings_are_found_out(tmp_path: Path, encoding: str, out: str) -> None:
    traits = {"户籍": ["城镇", "农村"]}
    payers = {"cii": {"pay": "50%", "variants": [{"when": {"户籍": "农村"}, "pay": "60%"}]}}
    bills = write(
        tmp_path / "bills.csv",
        "person_id,discharge_date,户籍,cost_a,cost_b,cost_c,cost_excluded,disease",
        "张三-壹,2017-03-05,农村,100,0,0,0,尿毒症",
        "李四𠮷,2017-03-05,城镇,100,0,0,0,",
        encoding=encoding,
        end="\r\n",
    )
    settle_file(scheme(payers, traits), bills, out=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    rows = read(tmp_path / "out.csv", out)
    assert [(row["person_id"], row["户籍"], row["paid_cii"]) for row in rows] == [
        ("张三-壹", "农村", "60.00"),
        ("李四𠮷", "城镇", "50.00"),
    ]


def test_text_is_held_a_chunk_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the chunk, the statement is the same, and no chunk is larger than it should be."""
    day = "2017-{:02d}-05"
    rows = [f"P{place % 7},{day.format(1 + place % 12)},{place * 100}.5,0,0,1" for place in range(40)]
    header = "person_id,discharge_date,cost_a,cost_b,cost_c,cost_excluded"
    bills = write(tmp_path / "bills.csv", header, *rows[:20], "", *rows[20:])
    settle_file(scheme(ONE, {}), bills, out=tmp_path / "whole.csv")
    held, chunks = [], sources.CsvBills.chunks

    def watched(self: sources.CsvBills, problems: Any) -> Any:
        for chunk in chunks(self, problems):
            held.append(len(chunk.rows))
            yield chunk

    monkeypatch.setattr(sources, "CHUNK", 3)
    monkeypatch.setattr(sources.CsvBills, "chunks", watched)
    settle_file(scheme(ONE, {}), bills, out=tmp_path / "parts.csv")
    assert max(held) == 3
    assert sum(held) == 2 * 40
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_200_000_rows(tmp_path: Path) -> None:
    rng = random.Random(7)
    rows = [
        f"P{rng.randrange(80_000)},2017-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d},"
        f"{rng.randrange(10**7) / 100:.2f},{rng.randrange(10**6) / 100:.2f},0,{rng.randrange(100)}"
        for _ in range(200_000)
    ]
    bills = write(tmp_path / "bills.csv", "person_id,discharge_date,cost_a,cost_b,cost_c,cost_excluded", *rows)
    totals = json.loads(settle_file(scheme(ONE, {}), bills, out=tmp_path / "out.csv", as_json=True))
    assert totals["bills"] == 200_000
    names = ("cost_a", "cost_b", "cost_c", "cost_excluded", "excluded", "paid_cii", "patient_pays")
    sums = dict.fromkeys(names, 0)
    for row in read(tmp_path / "out.csv"):
        for name in names:
            sums[name] += parse_yuan(row[name])
    assert sum(sums[name] for name in names[:4]) == sum(sums[name] for name in names[4:])
    assert totals["gross"] == format_yuan(sum(sums[name] for name in names[:4]), separator="")
    assert totals["paid"] == {"cii": format_yuan(sums["paid_cii"], separator="")}


def test_the_shipped_scheme_settles_bills(tmp_path: Path) -> None:
    bills = write(tmp_path / "bills.csv", HEADER, "P1,2017-03-05,none,local,tertiary,30000,20000,5000,1000")
    qinzhou = scenarios.load(QINZHOU_FILE)
    settle_file(qinzhou, bills, out=tmp_path / "out.csv")
    (row,) = read(tmp_path / "out.csv")
    assert (row["paid_basic"], row["paid_cii"], row["patient_pays"]) == ("32480.00", "5710.00", "16810.00")
    assert "城乡居民大病保险 (cii) 第八条" in str(explain(qinzhou, bills, "P1"))


# --- amounts and dates -----------------------------------------------------------------------------------------------

number_like = st.text(alphabet="0123456789.-,+eE 元一１\x00", max_size=20)


@given(
    st.lists(
        st.one_of(number_like, st.integers(0, 2 * LARGEST_BILL).map(lambda fen: format_yuan(fen, separator=""))),
        min_size=1,
    )
)
def test_amounts_are_read_exactly_or_not_at_all(texts: list[str]) -> None:
    """Read in columns or one by one, a text is the same amount; what is not read is explained."""
    fen, good = cells.amounts(texts)
    for place, text in enumerate(texts):
        try:
            expected = parse_yuan(text)
        except ValueError:
            expected = -1
        plain = text.strip().isascii() and len(text.strip()) <= 16 and not text.strip().startswith("-")
        assert good[place] == (0 <= expected <= LARGEST_BILL and plain)
        if good[place]:
            assert fen[place] == expected
        else:
            why, instead = cells.explain_amount(text)
            assert why
            assert instead


@pytest.mark.parametrize(
    ("text", "why", "instead"),
    [
        ("１２", "'１２' is not in plain digits", "write 12.00"),
        (
            "￥3,000",
            "'￥3,000' is not an amount in yuan",
            "write plain digits with at most two decimals, such as 12500.00",
        ),
        ("￥3000", "'￥3000' is not an amount in yuan", "write 3000.00"),
        ("-1,000.00", "'-1,000.00' has a thousands separator", "write -1000.00"),
        ("1'000", '"1\'000" has a thousands separator'.replace('"', "'"), "write 1000"),
        ("0.3万元", "'0.3万元' is not an amount in yuan", "write 3000.00"),
        ("00000000000000001", "'00000000000000001' is not in plain digits", "write 1.00"),
        ("9" * 50, f"'{'9' * 37}...' is more than 10 billion yuan", "check the amount; it is in yuan"),
        ("1.", "'1.' is not an amount in yuan", "write plain digits with at most two decimals, such as 12500.00"),
    ],
)
def test_amounts_explained(text: str, why: str, instead: str) -> None:
    assert cells.explain_amount(text) == (why, instead)


@pytest.mark.parametrize("text", ["2017-03-05", "2017/03/05", "20170305", "2017-3-5", " 2017/3/5\t"])
def test_dates_that_are_read(text: str) -> None:
    assert cells.parse_day(text.strip()) == datetime.date(2017, 3, 5)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("2017-02-29", "write year, month and day"),
        ("2017-3/5", "write year, month and day"),
        ("1017-03-05", "write year, month and day"),
        ("2017.3.5", "write 2017-03-05"),
        ("2017-03-05 00:00:00", "write 2017-03-05"),
        ("05.03.2017", "write year, month and day"),
        ("", "write the day of discharge"),
    ],
)
def test_dates_that_are_not(text: str, instead: str) -> None:
    assert cells.day_number(text) == cells.UNREAD
    assert cells.explain_day(text)[1].startswith(instead)


# --- DataFrames ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["1200.40", 1200.4, Decimal("1200.4"), Decimal("12004E-1"), np.float64(1200.40)])
def test_amounts_of_a_frame_may_be_text_numbers_or_decimals(amount: Any) -> None:
    result = settle(scheme(ONE, {}), frame({"cost_a": amount}))
    assert result.loc[0, "base_cii"] == 1200.40
    assert result.loc[0, "paid_cii"] == 100.20
    assert result.loc[0, "cost_a"] == amount


@pytest.mark.parametrize("amount", [1200, np.int64(1200)])
def test_whole_numbers_are_yuan(amount: Any) -> None:
    assert settle(scheme(ONE, {}), frame({"cost_a": amount})).loc[0, "paid_cii"] == 100


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        (0.1 + 0.2, None),  # 0.30000000000000004: exact to the fen within 1e-9
        (1200.405, "bills.iloc[0]: error: column 'cost_a': '1200.405' has 3 decimals"),
        (float("nan"), "there is no amount"),
        (None, "there is no amount"),
        (pd.NA, "there is no amount"),
        (float("inf"), "'inf' is not an amount in yuan"),
        (-0.01, "'-0.01' is negative"),
        (True, "'True' is not an amount in yuan"),
        (Decimal("0.001"), "'0.001' has 3 decimals"),
        (1e300, "'1e+300' is in scientific notation"),
    ],
)
def test_floats_must_be_exact_to_the_fen(amount: Any, why: str | None) -> None:
    bills = frame({}).astype({"cost_a": object})
    bills.loc[0, "cost_a"] = amount
    if why is None:
        assert settle(scheme(ONE, {}), bills).loc[0, "patient_pays"] == 0.30
        return
    with pytest.raises(BillsError) as caught:
        settle(scheme(ONE, {}), bills)
    assert why in str(caught.value)


def test_a_frame_keeps_its_index_and_its_values() -> None:
    bills = frame({"person_id": 450702199001011234}, {"person_id": 7}, cost_a=1200).set_index(pd.Index([5, 5]))
    bills["discharge_date"] = pd.to_datetime(bills["discharge_date"])
    result = settle(scheme(ONE, {}), bills)
    assert result.index.tolist() == [5, 5]
    assert list(result.columns) == [*bills.columns, "excluded", "base_cii", "paid_cii", "patient_pays"]
    pd.testing.assert_frame_equal(result[bills.columns], bills)
    assert result["paid_cii"].tolist() == [100.0, 100.0]
    assert "insurance year 2017-01-01" in str(explain(scheme(ONE, {}), bills, 450702199001011234))
    with pytest.raises(BillsError, match="the table has no columns"):
        settle(scheme(ONE, {}), pd.DataFrame())


def test_a_path_gives_a_frame_with_numbers(tmp_path: Path) -> None:
    header = "person_id,discharge_date,cost_a,cost_b,cost_c,cost_excluded"
    bills = write(tmp_path / "bills.csv", header, "0123,2017-03-05,1200.40,0,0,0.3")
    result = settle(scheme(ONE, {}), bills)
    assert result.loc[0].to_dict() == {
        "person_id": "0123", "discharge_date": "2017-03-05", "cost_a": 1200.4, "cost_b": 0.0, "cost_c": 0.0,
        "cost_excluded": 0.3, "excluded": 0.3, "base_cii": 1200.4, "paid_cii": 100.2, "patient_pays": 1100.2,
    }  # fmt: skip


# --- traces ----------------------------------------------------------------------------------------------------------

TRACE = """\
P1 — 钦州 (small, ffffffffffff); 金额单位：元 amounts in yuan

第 1 笔，共 1 笔 bill 1 of 1: 2017-03-05, 就诊号 admission A1
  特征 traits: place=outside-referred, care=county; 其余为默认值 others at their default
  保险年度 insurance year 2017-01-01 至 to 2017-12-31: 累计额和已付额从零起算 all accounts begin at zero
  医疗总费用 bill                   20,100.01  甲类 A 10,000.00 + 乙类 B 10,000.01 + 不予支付 excluded 100.00
  待付费用 to be paid               20,000.01  扣除不予支付 without what is excluded
  basic
    适用情形 as for care=county
    纳入费用 counts                 18,500.01  A 10,000.00 × 100% + B 10,000.01 × 85% = 18,500.0085 ≈ 18,500.01 (四舍五入 rounded half up)
    累计 accumulated                18,500.01  每笔从零起算 each bill begins at 0.00
    扣起付线 less deductible           300.00  起付线 of 300.00
    分段 slice 300.00 – 18,500.01  12,740.007  18,200.01 × 70%
    应付 due                        12,740.01  12,740.007 四舍五入 rounded half up
    支付 pays                       12,740.01
    余额 left                        7,260.00
  城乡居民大病保险 (cii) 第八条
    适用情形 as for place=outside-referred (第九条)
    纳入费用 counts                  5,460.00  A 10,000.00 × 100% + B 10,000.01 × 85% = 18,500.0085 ≈ 18,500.01 (四舍五入 rounded half up) − basic 已付 paid 12,740.01 − basic 起付线 deductible 300.00
    累计前 accumulated before            0.00  按保险年度累计 over the insurance year
    累计后 accumulated after         5,460.00
    扣起付线 less deductible         5,460.00  起付线 of 6,000.00
    支付 pays                            0.00  未超过起付线 all within the deductible
    余额 left                        7,260.00
  个人负担 patient pays              7,260.00  另有不予支付 beside 100.00 excluded

合计 in all                         20,100.01
  不予支付 excluded                    100.00
  basic                             12,740.01
  城乡居民大病保险 (cii)                 0.00
  个人负担 patient pays              7,260.00"""  # noqa: E501


def traced(**more: Any) -> pd.DataFrame:
    case = {"hardship": "none", "place": "outside-referred", "care": "county", "person_id": "P1", "admission_id": "A1"}
    return frame({"cost_a": "10000", "cost_b": "10000.01", "cost_excluded": "100"}, **case, **more)


def test_a_trace_as_text() -> None:
    assert str(explain(scheme(), traced(), "P1")) == TRACE


def test_a_trace_as_data_and_as_a_table() -> None:
    trace = explain(scheme(), traced(), "P1")
    data = json.loads(json.dumps(trace.to_dict()))
    assert (data["fundsim"], data["scenario"], data["fingerprint"], data["person"]) == (1, "small", "f" * 64, "P1")
    (bill,) = data["bills"]
    assert (bill["discharge_date"], bill["gross"], bill["patient_pays"]) == ("2017-03-05", "20100.01", "7260.00")
    basic, cii = bill["payers"]
    assert basic["slices"] == [
        {"from": "0.00", "to": "300.00", "rate": "0%", "amount": "0.00"},
        {"from": "300.00", "to": "18500.01", "rate": "70%", "amount": "12740.007"},
    ]
    assert (cii["title"], cii["clause"], cii["base"], cii["cap"]) == (
        "城乡居民大病保险",
        "第八条",
        "5460.00",
        "500000.00",
    )
    html = trace._repr_html_()
    assert html.startswith("<table>")
    assert html.count("<tr>") == len(TRACE.splitlines()) - 1
    assert cii["conditions"] == [{"when": {"place": "outside-referred"}, "clause": "第九条"}]
    assert (cii["variants"], cii["covered"]) == (["1 第九条"], True)
    assert bill["traits"] == {"hardship": "none", "place": "outside-referred", "care": "county"}
    assert (bill["insurance_year"], bill["insurance_year_from"], bill["insurance_year_to"]) == (
        2017,
        "2017-01-01",
        "2017-12-31",
    )


def words(payers: Mapping[str, Any], bills: pd.DataFrame, traits: Mapping[str, Sequence[str]], **options: Any) -> str:
    """The trace of the person P, each run of blanks as one."""
    given = options.pop("given", ())
    return re.sub(" +", " ", str(explain(scheme(payers, traits, **options), bills, "P", given=given)))


def test_a_trace_names_caps_years_given_payments_and_the_rest() -> None:
    capped = {"first": {"pay": "90%"}, "cii": {"pay": "100%", "cap": "100 yuan"}}
    bills = frame(
        {"discharge_date": "2017-03-05", "cost_a": "800"},
        {"discharge_date": "2017-04-05", "cost_a": "800"},
        {"discharge_date": "2018-04-05", "cost_a": "200"},
    )
    text = words(capped, bills, {})
    assert "A 800.00 × 100%, 以余额为限 at most what is left" in text
    assert "支付 pays 80.00 年度封顶线 cap a year 100.00, 此前已付 paid before 0.00, 未超 within it" in text
    assert "剩余额度 room under the cap 20.00 年度封顶线 cap a year 100.00 − 此前已付 paid before 80.00\n" in text
    assert "支付 pays 20.00 以剩余额度为限 held down by the cap, 超限 cut 60.00\n" in text
    assert text.count("保险年度 insurance year") == 2
    assert "insurance year 2018-01-01 至 to 2018-12-31" in text
    assert "支付 pays 20.00 年度封顶线 cap a year 100.00, 此前已付 paid before 0.00, 未超 within it" in text
    text = words(capped, frame({"cost_a": "800", "paid_first": "30", "deductible_first": "5"}), {}, given=["first"])
    assert "first\n 纳入费用 counts 800.00 A 800.00 × 100%\n 起付线 deductible 5.00 账单所载 as stated\n" in text
    assert "支付 pays 30.00 账单所载 as stated" in text


@pytest.mark.parametrize(
    ("valid", "told"),
    [
        (None, "2019-01-01 至 to 2019-12-31"),
        (("2018-07-01", "2021-06-30"), "2019-07-01 至 to 2020-06-30"),
        (("2019-04-01", "2020-12-31"), "2019-04-01 至 to 2019-12-31"),  # in force from April only
        (("2018-03-01", "2020-02-29"), "2019-03-01 至 to 2020-02-29"),
        (("2018-03-01", "2021-02-28"), "2019-03-01 至 to 2020-02-28"),
    ],
)
def test_a_trace_tells_the_insurance_year_by_its_days(valid: tuple[str, str] | None, told: str) -> None:
    bills = frame({"discharge_date": "2019-12-05", "cost_a": "800"})
    assert f"保险年度 insurance year {told}: " in words(ONE, bills, {}, valid=valid)


def test_the_days_told_hold_the_bills_of_the_year() -> None:
    """Whatever the day on which years end, each bill lies in the year it is told to lie in."""
    for to in ("2020-02-29", "2021-02-28", "2020-06-30", "2020-12-31"):
        days = [datetime.date(2018, 3, 1) + datetime.timedelta(days=step) for step in range(0, 660, 7)]
        bills = frame(*({"discharge_date": day.isoformat(), "cost_a": "1"} for day in days))
        for bill in explain(scheme(ONE, {}, ("2018-03-01", to)), bills, "P").bills:
            assert bill.period[0] <= bill.date <= bill.period[1]


def test_a_trace_of_a_payer_that_does_not_cover_the_bill_is_one_line() -> None:
    payers = {
        "aid": {"title": "医疗救助", "pay": "50%", "only": [{"place": ["far", "away"]}, {"poor": "yes"}]},
        "cii": {"pay": "50%", "base": {"counts": ALL, "less": ["paid by aid"]}},
    }
    text = words(
        payers,
        frame({"cost_a": "8", "place": "here", "poor": "no"}),
        {"place": ["here", "far", "away"], "poor": ["no", "yes"]},
    )
    assert "特征 traits: 均为默认值 all at their default\n" in text
    line = "医疗救助 (aid): 不属于支付范围 does not cover this class of case, 只限 only for place=far/away; poor=yes\n"
    assert f"{line} cii\n 纳入费用 counts 8.00 A 8.00 × 100%\n" in text  # no zero part
    assert "丙类" not in text
    assert "不予支付" not in text


def test_a_trace_as_data_tells_who_does_not_cover_the_bill() -> None:
    payers = {"aid": {"pay": "50%", "only": [{"place": "away"}]}, "cii": {"pay": "50%"}}
    bills = frame({"cost_a": "8", "place": "here"})
    aid, cii = explain(scheme(payers, {"place": ["here", "away"]}), bills, "P").to_dict()["bills"][0]["payers"]
    assert [(payer["covered"], payer["base"], payer["paid"]) for payer in (aid, cii)] == [
        (False, "0.00", "0.00"),
        (True, "8.00", "4.00"),
    ]
    assert aid["how"].endswith("only for place=away")


def test_a_trace_leaves_out_what_lies_inside_the_deductible() -> None:
    """A first band of 0% is told from the deductible on: it is no repetition of it."""
    payers = {"cii": {"deductible": "100 yuan", "bands": [{"to": "50 yuan", "pay": "0%"}, {"pay": "60%"}]}}
    text = words(payers, frame({"cost_a": "90"}, {"cost_a": "80"}), {})
    first, second = text.split("bill 2 of 2")
    assert (
        "扣起付线 less deductible 90.00 起付线 of 100.00\n 支付 pays 0.00 未超过起付线 all within the deductible"
        in first
    )
    assert "分段" not in first
    assert "扣起付线 less deductible 10.00 起付线 of 100.00, 此前已扣 taken before 90.00\n" in second
    assert "分段 slice 100.00 – 150.00 0.00 50.00 × 0%\n 分段 slice 150.00 – 170.00 12.00 20.00 × 60%\n" in second


def test_a_trace_of_topping_up_a_shared_cap_and_two_payers_of_one_title() -> None:
    """Bill 1: 500 of 600, 50, and 80% of 900 + 100 - 50 less 50. Bill 2: nothing of 600, and 70 of 100 by 620 - 550."""
    payers = {
        "first": {"title": "大病保险", "pay": "60%", "cap": "500 yuan"},
        "second": {"title": "大病保险", "pay": "10%", "cap": "620 yuan", "cap_shared_with": ["first"]},
        "floor": {
            "base": {"counts": {"A": "90%"}, "adds": ["cut by cap of first"], "less": ["paid by second"]},
            "accumulate": "admission",
            "pay": "80%",
            "tops_up": ["second"],
        },
    }
    text = words(payers, frame({"cost_a": "1000"}, {"cost_a": "1000"}), {}, covers=("first",))
    first, second = text.split("bill 2 of 2")
    parts = "+ 大病保险 (first) 超封顶未付 cut by its cap 100.00 − 大病保险 (second) 已付 paid 50.00"
    assert f"纳入费用 counts 950.00 A 1,000.00 × 90% {parts}\n" in first
    assert (
        "应付 due 760.00\n 已由前方支付 paid already 50.00 大病保险 (second) 已付 paid 50.00, "
        "只补足差额 only the difference is paid\n 支付 pays 450.00 以余额为限 no more is left to pay\n"
    ) in first
    shared = "此前已付 paid before 550.00 (与大病保险 (first) 合并计算 together)"
    assert f"剩余额度 room under the cap 70.00 年度封顶线 cap a year 620.00 − {shared}\n 支付 pays 70.00 " in second
    assert "paid 70.00, 以待付费用为限 at most the bill without what is excluded\n" in second  # 900 + 600 - 70


def test_a_trace_of_what_is_topped_up_already() -> None:
    payers = {"first": {"pay": "60%"}, "floor": {"pay": "50%", "tops_up": ["first"]}}
    text = words(payers, frame({"cost_a": "1000"}), {}, covers=("first",))
    assert (
        "paid already 500.00 first 已付 paid 600.00, 已达应付, 无须补足 nothing is left to top up\n 支付 pays 0.00\n"
        in text
    )


def test_a_trace_of_cost_beyond_a_share_of_the_bill() -> None:
    payers = {"cii": {"pay": "50%", "base": {"counts": {"C": "100%"}}, "above_share": "5%"}}
    text = words(payers, frame({"cost_a": "900", "cost_c": "100"}, {"cost_a": "990", "cost_c": "10"}), {})
    assert "纳入费用 counts 50.00 C 100.00 × 100% − 待付费用 to be paid 1,000.00 × 5%\n" in text
    assert (
        "纳入费用 counts 0.00 C 10.00 × 100% − 待付费用 to be paid 1,000.00 × 5% (不足零按零计 at least 0.00)\n" in text
    )
    assert "支付 pays 0.00 没有纳入费用 nothing counts\n" in text


def test_a_trace_of_cumulative_rounding() -> None:
    text = words({"cii": {"pay": "50%"}}, frame(*[{"cost_a": "0.01"}] * 2), {}, cumulative_rounding=True)
    assert "应付 due 0.00 累计应付 on all so far 0.01 − 此前 before 0.01, 各自四舍五入 each rounded half up\n" in text


def test_a_trace_of_an_amount_left_in_policy() -> None:
    left = {
        "person_id": "P",
        "discharge_date": "2017-03-05",
        "hardship": "none",
        "place": "local",
        "in_policy_left": 26000,
    }
    trace = explain(scheme(), pd.DataFrame([left]), "P")
    assert re.search(
        r"政策范围内个人自付 left in policy +26,000\.00  前面各方支付之后 after the payers before", str(trace)
    )
    assert "26,000.00  政策范围内个人自付 what was left in policy" in str(trace)
    assert "特征 traits: 均为默认值 all at their default" in str(trace)
    assert "basic" not in str(trace)
    assert trace.to_dict()["bills"][0]["in_policy_left"] == "26000.00"


def test_a_wrong_kernel_is_seen_when_a_person_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explaining holds both settlements against each other; a kernel that settles by another scheme is found out."""
    from fundsim import statements

    other = scheme({"basic": BASIC | {"pay": "70.0001%"}, "cii": CII}).plan
    settle_all = statements.compile_plans
    monkeypatch.setattr(statements, "compile_plans", lambda plans: settle_all([other]))
    with pytest.raises(SettlementError, match="bill 1, basic: base, deductible and payment are"):
        explain(scheme(), traced(), "P1")


def test_explaining_a_file(tmp_path: Path) -> None:
    bills = write(tmp_path / "bills.csv", HEADER, "P1,2017-03-05,none,local,tertiary,30000,20000,5000,1000")
    text = settle_file(scheme(), bills, person="P1")
    assert text == str(explain(scheme(), bills, "P1"))
    data = json.loads(settle_file(scheme(), bills, person="P1", as_json=True))
    assert data["bills"][0]["row"] == 2
    assert settle_file(scheme(), bills, out=tmp_path / "out.csv", person="P1") == text
    assert (tmp_path / "out.csv").exists()
    assert settle_file(scheme(), bills, out=tmp_path / "out.csv") == ""
