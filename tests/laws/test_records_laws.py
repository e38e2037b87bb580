"""Laws of screening: nothing is lost, neither a row nor a fen; reversals and duplicates against a slow reader."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundsim.money import parse_yuan
from fundsim.records import RecordsError, read_records
from fundsim.records.cutting import cut
from fundsim.records.same import alike, combinations, rank_among, repeated

AMOUNTS = ("medfee_sumamt", "hifp_pay")

PERSONS = st.sampled_from(["", "1.2E+17", "110101199001011234", "110101199001011235"])
DAYS = st.sampled_from(["2012-05-01", "2012-05-01 10:00:00", "2013-01-01", "2013-02-30", ""])
TOTALS = st.sampled_from(["100.00", "100.00", "-100.00", "0", "x", "", "7.5", "-7.5", "250.01"])
PAID = st.sampled_from(["0", "60.00", "-60.00", "100.01"])
ROWS = st.lists(
    st.fixed_dictionaries({"psn_no": PERSONS, "enddate": DAYS, "medfee_sumamt": TOTALS, "hifp_pay": PAID}),
    min_size=1,
    max_size=25,
)


def fen(text: str) -> int:
    try:
        return parse_yuan(text)
    except ValueError:
        return 0


def report_of(rows: list[dict[str, str]], **options: Any) -> Any:
    """The quality report of rows to which one sound record is added, so that one is left."""
    sound = {"psn_no": "9", "enddate": "2012-07-01", "medfee_sumamt": "1.00", "hifp_pay": "0"}
    return read_records(pd.DataFrame([*rows, {**dict.fromkeys(rows[0], ""), **sound}]), **options)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.booleans())
def test_rows_and_money_balance_to_the_last(rows: list[dict[str, str]], with_years: bool) -> None:
    records = report_of(rows, years=(2012, 2012) if with_years else None)
    quality = records.quality
    assert quality.rows == len(rows) + 1
    assert quality.rows == quality.kept + sum(each.rows for each in quality.excluded)
    money = sum(fen(row["medfee_sumamt"]) for row in rows) + 100
    assert quality.money == money
    assert quality.money == quality.kept_money + sum(each.money for each in quality.excluded)
    assert quality.affected == quality.kept_money + sum(each.affected for each in quality.excluded)
    assert quality.kept == len(records)
    assert quality.kept_money == records.total.sum()
    assert quality.rows == sum(year.rows for year in quality.years) + sum(each.rows for each in quality.excluded)
    assert (records.total > 0).all()
    assert (records.amounts["hifp_pay"] <= records.total).all()
    assert quality.rows_for("reversal") == quality.rows_for("reversed")
    pairs = {each.reason: each.money for each in quality.excluded}
    assert pairs.get("reversal", 0) + pairs.get("reversed", 0) == 0


def slowly(rows: list[dict[str, str]]) -> Counter[str]:
    """Reversals, then duplicates, one row at a time."""
    found, left = Counter[str](), list[tuple[Any, ...]]()
    keys = [(r["psn_no"], r["enddate"][:10], fen(r["medfee_sumamt"]), fen(r["hifp_pay"])) for r in rows]
    positive, negative = [k for k in keys if k[2] >= 0], [k for k in keys if k[2] < 0]
    for key in negative:
        origin = (key[0], key[1], -key[2], -key[3])
        if origin in positive:
            positive.remove(origin)
            found.update(["reversed", "reversal"])
        else:
            left.append(key)
    left += positive
    found["duplicate"] = len(left) - len(set(left))
    return found


SOUND = st.lists(
    st.fixed_dictionaries(
        {
            "psn_no": st.sampled_from(["11", "12"]),
            "enddate": st.sampled_from(["2012-05-01", "2012-05-02"]),
            "medfee_sumamt": st.sampled_from(["100.00", "-100.00", "50.00"]),
            "hifp_pay": st.sampled_from(["0", "60.00", "-60.00"]),
        }
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=100, deadline=None)
@given(SOUND)
def test_reversals_and_duplicates_as_a_slow_reader_finds_them(rows: list[dict[str, str]]) -> None:
    quality = report_of(rows).quality
    expected = slowly(rows)
    for reason in ("reversed", "reversal", "duplicate"):
        assert quality.rows_for(reason) == expected[reason], reason


@settings(max_examples=100, deadline=None)
@given(SOUND, st.data())
def test_with_ids_a_record_once_more_has_the_same_id(rows: list[dict[str, str]], data: st.DataObject) -> None:
    """Of each id and sign the first row stays in question: the others are duplicates, or of the same id."""
    ids = data.draw(st.lists(st.sampled_from(["A", "B", "C"]), min_size=len(rows), max_size=len(rows)))
    quality = report_of([{**row, "setl_id": ident} for row, ident in zip(rows, ids, strict=True)]).quality
    first, same, different = dict[Any, list[Any]](), 0, 0
    for row, ident in zip(rows, ids, strict=True):
        met = first.setdefault((ident, fen(row["medfee_sumamt"]) > 0), [])
        if met:
            same += row in met
            different += row not in met
        met.append(row)
    assert quality.rows_for("duplicate") == same
    assert quality.rows_for("same-id") == different


def test_a_settlement_reversed_and_made_anew_stays() -> None:
    row = {"psn_no": "11", "enddate": "2012-05-01", "medfee_sumamt": "100.00", "hifp_pay": "60.00"}
    back = {**row, "medfee_sumamt": "-100.00", "hifp_pay": "-60.00"}
    for rows in ([row, back, row], [row, row, back], [back, row, row]):
        records = report_of(rows)
        assert len(records) == 2
        assert records.quality.rows_for("duplicate") == 0
    with_ids = [{**each, "setl_id": ident} for each, ident in zip([row, back, row], ["A", "A", "B"], strict=True)]
    assert len(report_of(with_ids)) == 2


def test_a_settlement_marked_as_refunded_is_left_out_where_nothing_reverses_it() -> None:
    row = {
        "psn_no": "11",
        "enddate": "2012-05-01",
        "medfee_sumamt": "100.00",
        "hifp_pay": "60.00",
        "refd_setl_flag": "1",
    }
    assert report_of([row]).quality.rows_for("refunded") == 1
    back = {**row, "medfee_sumamt": "-100.00", "hifp_pay": "-60.00"}
    quality = report_of([row, back]).quality
    assert (quality.rows_for("refunded"), quality.rows_for("reversed")) == (0, 1)


def test_a_file_of_nothing_but_reasons_is_refused() -> None:
    row = {"psn_no": "", "enddate": "2012-05-01", "medfee_sumamt": "100.00"}
    with pytest.raises(RecordsError, match=r"no record is left to be used, of 1: no person \(1 rows\)"):
        read_records(pd.DataFrame([row]))


LINES = st.lists(
    st.lists(st.sampled_from(["", " ", "a", "x1", "肺癌"]), min_size=1, max_size=4), min_size=1, max_size=12
)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_rows_are_cut_as_the_standard_library_reads_them(rows: list[list[str]], end: str, closed: bool) -> None:
    text = end.join(",".join(row) for row in rows) + end * closed
    found = cut(text.encode(), 3)
    assert found is not None
    read = list(csv.reader(io.StringIO(text, newline="")))
    told = [(line, row) for line, row in enumerate(read) if any(map(str.strip, row))]
    assert list(zip(*(column.to_list() for column in found.columns), strict=True)) == [
        tuple(row) for _, row in told if len(row) == 3
    ]
    assert found.lines.tolist() == [line for line, row in told if len(row) == 3]
    assert found.ragged.tolist() == [line for line, row in told if len(row) != 3]


@pytest.mark.parametrize("text", ['a,"b",c\n', "a,b\rc,d\n", "a,b,\0\n"])
def test_what_is_not_plain_is_left_to_the_standard_library(text: str) -> None:
    assert cut(text.encode(), 3) is None


COLUMNS = st.integers(1, 40).flatmap(
    lambda n: st.lists(st.lists(st.integers(-3, 3), min_size=n, max_size=n), min_size=1, max_size=3)
)


@given(COLUMNS)
def test_rows_are_alike_where_all_columns_are(columns: list[list[int]]) -> None:
    rows = list(zip(*columns, strict=True))
    arrays = [np.array(column, dtype=np.int64) for column in columns]
    labels = alike(arrays).tolist()
    assert all((labels[a] == labels[b]) == (rows[a] == rows[b]) for a in range(len(rows)) for b in range(len(rows)))
    assert repeated(arrays).tolist() == [rows[place] in rows[:place] for place in range(len(rows))]
    assert rank_among(alike(arrays)).tolist() == [rows[:place].count(rows[place]) for place in range(len(rows))]
    met, place = combinations(arrays)
    assert [tuple(met[each]) for each in place] == rows
    assert sorted(set(rows)) == [tuple(each) for each in met.tolist()]


def test_rows_with_one_hash_are_still_told_apart(monkeypatch: Any) -> None:
    """The hash only saves time: where it cannot tell rows apart, they are compared."""
    from fundsim.records import same

    monkeypatch.setattr(same, "_hashes", lambda columns: np.zeros(len(columns[0]), dtype=np.uint64))
    columns = [np.array([1, 2, 1, 2, 3]), np.array([5, 5, 5, 6, 5])]
    assert repeated(columns).tolist() == [False, False, True, False, False]
    assert len(set(alike(columns).tolist())) == 4
