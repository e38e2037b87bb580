"""Settlement records are read exactly, whatever they are written in; person and row are told to nobody."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from fundsim.cli import main
from fundsim.records import Records, RecordsError, read_records
from fundsim.records.names import AMOUNTS
from fundsim.scenario import ScenarioError

ID = "45070219900101{:04d}"

FRAME = pd.DataFrame(
    {
        "psn_no": [ID.format(1001), ID.format(1002), ID.format(1001), ID.format(1003)],
        "enddate": ["2012-12-31", "2013-01-01", "2013/7/9", "20130710"],
        "setl_time": ["2013-01-05 10:11:12", "2013-01-01T08:00:00", "", "2013-07-10"],
        "hosp_lv": ["县级", "三级", "县级", ""],
        "insu_admdvs": ["900001", "900002", "900001", "900001"],
        "medfee_sumamt": ["10000.10", "123456.78", "700", "0.01"],
        "fulamt_ownpay_amt": ["1000.00", "3456.78", "0", "0"],
        "overlmt_selfpay": ["0", "0", "0", "0"],
        "preselfpay_amt": ["150.00", "0", "0", "0"],
        "inscp_scp_amt": ["8850.10", "120000.00", "700.00", "0.01"],
        "hifp_pay": ["5000.00", "70000.00", "300.00", "0.01"],
        "hifmi_pay": ["0.00", "20000.00", "0.00", "0"],
    }
)
ENROLMENT = pd.DataFrame({"year": [2012, 2013, 2013], "county": ["900001", "900001", "900002"], "persons": [50, 60, 7]})


@pytest.fixture
def records() -> Records:
    return read_records(FRAME, enrolment=ENROLMENT)


def test_amounts_are_exact_fen_and_years_are_those_of_the_discharge(records: Records) -> None:
    assert records.total.tolist() == [1000010, 12345678, 70000, 1]
    assert records.year.tolist() == [2012, 2013, 2013, 2013]
    assert records.month.tolist() == [12, 1, 7, 7]
    assert records.day[2] == datetime.date(2013, 7, 9).toordinal()
    assert records.settled is not None
    assert (records.settled - records.day)[[0, 1, 3]].tolist() == [5, 0, 0]
    assert records.settled[2] == -1
    assert records.person[0] == records.person[2] != records.person[1]
    assert records.persons == 3
    assert [records.care_levels[care] for care in records.care] == ["县级", "三级", "县级", "not stated"]
    assert records.groups == ("all",)
    assert records.left is not None
    assert records.left.tolist() == [385010, 5000000, 40000, 0]


def test_who_is_insured(records: Records) -> None:
    exposure = records.exposure
    assert exposure is not None
    assert exposure.axes == ("county",)
    assert exposure.total(2013) == 67
    assert exposure.total(county=records.counties.index("900001")) == 110
    assert exposure.frame()["persons"].tolist() == [50, 60, 7]
    some = records.of_years([2013])
    assert some.years == (2013,)
    assert some.exposure is not None
    assert some.exposure.total() == 67


def test_a_person_and_year_add_up(records: Records) -> None:
    people = records.person_years()
    assert people.year.tolist() == [2012, 2013, 2013, 2013]
    assert people.total.sum() == records.total.sum()
    assert people.left is not None
    assert people.left.sum() == 5425010
    assert people.admissions.tolist() == [1, 1, 1, 1]
    twice = read_records(pd.concat([FRAME, FRAME.assign(enddate="2013-02-01")])).person_years()
    of_2013 = twice.year == 2013
    assert sorted(twice.admissions[of_2013].tolist()) == [2, 2, 3]
    assert twice.total[of_2013].sum() == 2 * records.total.sum() - 1000010


def test_the_first_pay_share_of_class_b_goes_with_the_records(tmp_path: Path) -> None:
    columns = tmp_path / "columns.yaml"
    columns.write_text("first_pay: 15%\n", encoding="utf-8")
    assert read_records(FRAME, columns=columns).first_pay == 150_000
    assert read_records(FRAME).first_pay is None


def test_groups_of_the_enrolment_are_those_of_the_records() -> None:
    by_group = pd.DataFrame({"year": [2012, 2013, 2013, 2013], "group": list("aabc"), "persons": [9, 8, 7, 6]})
    told = read_records(FRAME.assign(psn_idet_type=["a", "a", "b", "b"]), enrolment=by_group)
    assert told.groups == ("a", "b", "c")
    assert told.group.tolist() == [0, 0, 1, 1]
    assert told.exposure is not None
    assert [told.exposure.total(2013, group=group) for group in range(3)] == [8, 7, 6]
    assert told.exposure.axes == ("group",)


# -- the same records, written otherwise ------------------------------------------------------------------------------


def same(one: Records, other: Records) -> bool:
    arrays = ("year", "month", "day", "care", "group", "county", "settled")
    return (
        all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)
        and all(np.array_equal(one.amounts[name], other.amounts[name]) for name in one.amounts)
        and one.care_levels == other.care_levels
        and np.array_equal(one.person[:, None] == one.person, other.person[:, None] == other.person)
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_in_any_encoding(records: Records, encoding: str, line_end: str, tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    FRAME.to_csv(path, index=False, encoding=encoding, lineterminator=line_end)
    assert same(records, read_records(path))
    path.write_bytes(path.read_bytes().replace(b"10000.10", b'"10000.10"'))
    assert same(records, read_records(path))


@pytest.mark.parametrize("numbers", ["text", "float", "decimal"])
def test_parquet(records: Records, numbers: str, tmp_path: Path) -> None:
    amounts = [name for name in AMOUNTS if name in FRAME]
    kind = {"text": str, "float": float, "decimal": Decimal}[numbers]
    frame = FRAME.assign(**{name: FRAME[name].map(kind) for name in amounts})
    path = tmp_path / "records.parquet"
    frame.to_parquet(path, index=False)
    read = read_records(path)
    assert same(records, read)
    assert read.quality.how == "Parquet"


def test_parquet_with_dates_and_whole_ids(records: Records, tmp_path: Path) -> None:
    frame = FRAME.assign(
        psn_no=FRAME["psn_no"].astype("int64"),
        enddate=pd.to_datetime(FRAME["enddate"], format="mixed"),
        insu_admdvs=FRAME["insu_admdvs"].astype("int64"),
        hosp_lv=FRAME["hosp_lv"].replace("", None),
    )
    path = tmp_path / "records.parquet"
    frame.to_parquet(path, index=False)
    assert same(records, read_records(path))
    assert same(records, read_records(frame))


@pytest.mark.parametrize(("unit", "decimals"), [("yuan", 2), ("fen", 0), ("万元", 6)])
def test_units(records: Records, unit: str, decimals: int, tmp_path: Path) -> None:
    scale = Decimal(10) ** decimals
    amounts = [name for name in AMOUNTS if name in FRAME]
    frame = FRAME.assign(**{name: FRAME[name].map(lambda text: f"{Decimal(text) * 100 / scale:f}") for name in amounts})
    columns = tmp_path / "columns.yaml"
    columns.write_text(f"unit: {unit}\n", encoding="utf-8")
    for given in (frame, frame.assign(**{name: frame[name].astype(float) for name in amounts})):
        assert same(records, read_records(given, columns=columns))


def test_a_column_map_names_columns_values_and_what_an_empty_cell_means(records: Records, tmp_path: Path) -> None:
    names = {"psn_no": "身份证号", "medfee_sumamt": "总费用", "hosp_lv": "级别", "hifmi_pay": "大病"}
    frame = FRAME.rename(columns=names)
    frame["总费用"] = (FRAME["medfee_sumamt"].map(Decimal) / 10_000).map(str)
    frame["大病"] = frame["大病"].where(frame["大病"].map(float) > 0, "")
    columns = tmp_path / "columns.yaml"
    columns.write_text(
        "columns:\n  psn_no: 身份证号\n  medfee_sumamt: {column: 总费用, unit: 万元}\n"
        "  hifmi_pay: {column: 大病, empty: 0}\n"
        "  hosp_lv: {column: 级别, values: {县级: county, 三级: tertiary}}\n",
        encoding="utf-8",
    )
    read = read_records(frame, columns=columns)
    assert {name: value.tolist() for name, value in read.amounts.items()} == {
        name: value.tolist() for name, value in records.amounts.items()
    }
    assert read.care_levels == ("county", "tertiary", "not stated")
    columns.write_text(columns.read_text(encoding="utf-8").replace(", empty: 0", ""), encoding="utf-8")
    assert read_records(frame, columns=columns).quality.rows_for("missing-amount") == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("unit: jiao\n", "columns.yaml:1:7: error: unit: 'jiao' is not a unit of amounts"),
        ("column: {}\n", "columns.yaml:1:1: error: column: 'column' means nothing here; did you mean 'columns'?"),
        ("columns: [a]\n", "this is a list, a mapping is needed"),
        ("columns:\n  psn_no: {column: [a]}\n", "columns.psn_no.column: this is a list, one value is needed"),
        ("columns:\n  psn_no: {unit: fen}\n", "'unit' means nothing here"),
        ("columns:\n  hifp_pay: {empty: 5}\n", "an empty cell cannot mean '5'"),
        ("columns:\n  hosp_lv: {values: [a]}\n", "write {一级: township}"),
        ("columns:\n  psn_no: [a]\n", "this is a list, one column is meant"),
        ("first_pay: 15\n", "first_pay: '15' has no unit"),
        ("first_pay: 0%\n", "class B cannot be told from class A"),
    ],
)
def test_a_wrong_column_map_is_told_with_its_place(text: str, words: str, tmp_path: Path) -> None:
    columns = tmp_path / "columns.yaml"
    columns.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_records(FRAME, columns=columns)
    assert words in str(caught.value)


# -- cells ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12", 1200), ("12.3", 1230), ("12.34", 1234), ("12.3400", 1234), ("12.34000000", 1234),
        (" 12.34 ", 1234), ("+12.34", 1234),
        ("10000000000.00", 10**12),
    ],
)  # fmt: skip
def test_an_amount_is_read_to_the_fen(text: str, fen: int) -> None:
    assert read_records(FRAME.assign(medfee_sumamt=text, inscp_scp_amt="0", fulamt_ownpay_amt="0", preselfpay_amt="0",
                                     hifp_pay="0", hifmi_pay="0")).total.tolist() == [fen] * 4  # fmt: skip


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("medfee_sumamt", "12.345", "bad-amount"), ("medfee_sumamt", "1,200.00", "bad-amount"),
        ("medfee_sumamt", "1.2E+04", "bad-amount"), ("medfee_sumamt", "一千", "bad-amount"),
        ("medfee_sumamt", "inf", "bad-amount"), ("medfee_sumamt", "10000000000.01", "bad-amount"),
        ("medfee_sumamt", "1_000", "bad-amount"), ("medfee_sumamt", "", "missing-amount"),
        ("medfee_sumamt", "NULL", "missing-amount"), ("medfee_sumamt", "-5000.00", "negative"),
        ("medfee_sumamt", "0.00", "parts-exceed-total"), ("hifp_pay", "-1", "negative"),
        ("hifp_pay", "99999999", "funds-exceed-total"), ("inscp_scp_amt", "99999999", "parts-exceed-total"),
        ("psn_no", "", "missing-id"), ("psn_no", "4.5E+17", "damaged-id"), ("enddate", "", "missing-date"),
        ("enddate", "2013-02-29", "bad-date"), ("enddate", "2013-13-01", "bad-date"), ("enddate", "41000", "bad-date"),
        ("enddate", "2013-02-01 later", "bad-date"), ("setl_time", "tomorrow", "bad-date"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out_for_its_reason(column: str, text: str, reason: str) -> None:
    frame = FRAME.copy()
    frame.loc[1, column] = text
    if reason == "parts-exceed-total" and text == "0.00":
        frame.loc[1, ["fulamt_ownpay_amt", "inscp_scp_amt", "hifp_pay", "hifmi_pay"]] = "0"
        reason = "zero"
    quality = read_records(frame).quality
    assert {each.reason: each.rows for each in quality.excluded} == {reason: 1}
    assert quality.excluded[0].first_rows == (1,)


@pytest.mark.parametrize(
    "text",
    ["2013-05-06", "2013/5/6", "20130506", "2013-05-06 10:11:12", "2013-05-06T10:11:12.000Z", "2013/5/6 9:05",
     "20130506101112", "2013-5-6 00:00:00.0"],
)  # fmt: skip
def test_a_day_is_read_with_or_without_its_time(text: str) -> None:
    assert set(read_records(FRAME.assign(enddate=text)).day) == {datetime.date(2013, 5, 6).toordinal()}
    settled = read_records(FRAME.assign(setl_time=[text, "2013-05-07", "20130508235959", "2013/5/9 1:00"])).settled
    assert settled is not None
    assert (settled - datetime.date(2013, 5, 6).toordinal()).tolist() == [0, 1, 2, 3]


def test_floats_that_are_no_fen_and_ids_that_are_floats() -> None:
    frame = FRAME.assign(medfee_sumamt=[10000.10, 123456.784, 700.0, 0.01], psn_no=[1.0, 2.0, 3.0, 4.507e17])
    quality = read_records(frame).quality
    assert {each.reason: each.rows for each in quality.excluded} == {"bad-amount": 1, "damaged-id": 1}


def test_years_that_are_not_wanted_are_told() -> None:
    quality = read_records(FRAME, years=(2012, 2012)).quality
    assert quality.rows_for("outside-years") == 3
    assert [year.year for year in quality.years] == [2012]


def test_what_is_left_out_cannot_be_worked_out_from_what_was_read_and_kept() -> None:
    """One record left out, of one person: its money is what was read less what is kept, so one of these is hidden."""
    many = pd.concat([FRAME.assign(psn_no=ID.format(i)) for i in range(20)])
    lines = read_records(pd.concat([many, FRAME[:1].assign(psn_no="")])).quality.frame().set_index("what")
    assert lines.loc["rows", ["rows", "yuan"]].tolist() == ["…", "…"]
    assert lines.loc["missing-id", "rows"] == "<5"
    assert lines.loc["kept", "rows"] == "80"
    few = read_records(FRAME).quality
    assert few.frame()["rows"].tolist() == ["…", "<5"]
    assert (few.to_dict()["rows"], few.to_dict()["kept_yuan"], few.to_dict()["persons"]) == (None, None, None)


def test_a_category_that_is_an_id_is_refused_without_naming_one() -> None:
    with pytest.raises(RecordsError, match="ids of persons cannot be hosp_lv") as few:
        read_records(FRAME.assign(hosp_lv=FRAME["psn_no"]))
    assert "450702" not in str(few.value)
    many = pd.DataFrame(
        {"psn_no": [ID.format(i) for i in range(5100)], "enddate": "2013-01-01", "medfee_sumamt": "1.00"}
    )
    with pytest.raises(RecordsError, match="more than 5,000 different texts, too many for hosp_lv") as caught:
        read_records(many.assign(hosp_lv=many["psn_no"]))
    assert "450702" not in str(caught.value)


# -- the report -----------------------------------------------------------------------------------------------------


def test_nothing_that_is_printed_names_a_person_or_a_small_cell(records: Records) -> None:
    quality = records.quality
    printed = [repr(records), str(quality), quality.text("zh"), quality._repr_html_(), records._repr_html_()]
    printed += [json.dumps(quality.to_dict(), ensure_ascii=False), quality.frame().to_string(), repr(quality.warnings)]
    for text in printed:
        assert "450702" not in text
        assert "123456.78" not in text
        assert "123,456.78" not in text
    assert "<5" in quality.year_frame().to_string()
    assert {"enddate", "psn_no"} <= set(quality.field_frame().iloc[:, 0])
    assert "少于5人" in quality.text("zh")


def test_a_reason_with_few_rows_is_hidden_and_shown_when_allowed(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    pd.concat([FRAME.assign(psn_no=ID.format(i)) for i in range(20)] + [FRAME[:1].assign(medfee_sumamt="x")]).to_csv(
        path, index=False
    )
    hidden = CliRunner().invoke(main, ["calibrate", str(path), "--quality", "--lang", "en"])
    assert hidden.exit_code == 0, hidden.output
    assert repr(read_records(path).person_years()) == "PersonYears(40 persons and years)"
    line = next(line for line in hidden.output.splitlines() if line.startswith("bad-amount"))
    assert line.split()[-4:] == ["<5", "…", "…", "…"]
    shown = CliRunner().invoke(main, ["calibrate", str(path), "--quality", "--json", "--allow-small-cells"])
    assert json.loads(shown.output)["quality"]["excluded"]["bad-amount"]["rows"] == 1
    assert json.loads(CliRunner().invoke(main, ["calibrate", str(path), "--quality", "--json"]).output)["quality"][
        "excluded"
    ]["bad-amount"] == {"rows": None, "yuan": None, "share_of_money": None}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "say where the model goes with --out"),
        (["--quality", "--out", "x.yaml"], "say where the model goes with --out"),
        (["--quality", "--years", "2013-2011"], "'2013-2011' is not a span of years"),
    ],
)
def test_wrong_usage(options: list[str], words: str, tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    FRAME.to_csv(path, index=False)
    answer = CliRunner().invoke(main, ["calibrate", str(path), *options])
    assert answer.exit_code == 2
    assert words in " ".join(answer.stderr.split())
