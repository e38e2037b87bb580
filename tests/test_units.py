"""The grammar of quantities: every good form, and every refusal with why and what to write instead."""

from __future__ import annotations

import datetime
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fundsim import units
from fundsim.money import LARGEST_BILL, format_rate, format_yuan
from fundsim.units import UnitError

GRAMMAR: tuple[Callable[[str], Any], ...] = (
    units.money, units.money_per_person, units.total, units.balance, units.rate, units.growth, units.points,
    units.count, units.factor, units.frequency, units.number, units.year, units.years, units.date,
)  # fmt: skip


def refused(parse: Callable[[str], Any], text: str) -> UnitError:
    with pytest.raises(UnitError) as refusal:
        parse(text)
    return refusal.value


# --- money -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("6000 yuan", 600_000),
        ("6000yuan", 600_000),
        ("  6000 yuan ", 600_000),
        ("6,000 yuan", 600_000),
        ("1,234,567.89 yuan", 123_456_789),
        ("+6000 yuan", 600_000),
        ("6000 CNY", 600_000),
        ("6000元", 600_000),
        ("6000 元", 600_000),
        ("0.6 万元", 600_000),
        ("0.6万元", 600_000),
        ("0.000001万元", 1),
        ("1 亿元", 10**10),
        ("2.5 million yuan", 250_000_000),
        ("1 billion yuan", 10**11),
        ("500000 yuan/year", 50_000_000),
        ("500000 yuan / year", 50_000_000),
        ("50 万元/年", 50_000_000),
        ("0 yuan", 0),
        ("0.01 yuan", 1),
        ("10 billion yuan", LARGEST_BILL),
    ],
)
def test_an_amount_of_money_is_read_into_fen(text: str, fen: int) -> None:
    assert units.money(text) == fen


@given(st.integers(0, LARGEST_BILL))
def test_a_printed_amount_with_its_unit_is_read_back(fen: int) -> None:
    assert units.money(f"{format_yuan(fen)} yuan") == fen


@pytest.mark.parametrize(
    ("text", "why", "instead"),
    [
        ("6000", "'6000' has no unit", "write 6000 yuan"),
        ("6,000.5", "'6,000.5' has no unit", "write 6,000.5 yuan"),
        ("0.005 yuan", "'0.005 yuan' is finer than a fen", "write at most two decimals of a yuan"),
        ("0.0000001 万元", "'0.0000001 万元' is finer than a fen", "write at most two decimals of a yuan"),
        ("-5 yuan", "'-5 yuan' is negative", "write an amount of zero or more, such as 6000 yuan"),
        ("6000 yuan/person", "'/person' does not fit here", "write an amount such as 6000 yuan"),
        ("6000 yuan/month", "'/month' does not fit here", "write an amount such as 6000 yuan"),
        ("no", "'no' is not an amount of money", "write an amount with its unit, such as 6000 yuan"),
        ("1:30", "'1:30' is not an amount of money", "write an amount with its unit, such as 6000 yuan"),
        ("", "'' is not an amount of money", "write an amount with its unit, such as 6000 yuan"),
        ("50%", "'50%' is not an amount of money", "write an amount with its unit, such as 6000 yuan"),
        ("1e4 yuan", "'1e4 yuan' is not an amount of money", "write an amount with its unit, such as 6000 yuan"),
        ("60,00 yuan", "'60,00 yuan' is not an amount of money", "write an amount with its unit, such as 6000 yuan"),
        (
            "6000 dollars",
            "'6000 dollars' is not an amount of money",
            "write an amount with its unit, such as 6000 yuan",
        ),
        ("11 billion yuan", "'11 billion yuan' is more than any bill can be", "write an amount below 10 billion yuan"),
        ("0-20000 yuan", "'0-20000 yuan' is a range, one amount is meant", "write the upper edge: 20000 yuan"),
        ("1 至 2 万元", "'1 至 2 万元' is a range, one amount is meant", "write the upper edge: 2 万元"),
    ],
)
def test_an_amount_that_cannot_be_meant_is_refused_with_what_to_write(text: str, why: str, instead: str) -> None:
    refusal = refused(units.money, text)
    assert (refusal.why, refusal.instead) == (why, instead)


def test_a_refusal_reads_as_one_sentence() -> None:
    assert str(refused(units.money, "6000")) == "'6000' has no unit; write 6000 yuan"


def test_a_band_that_lost_its_digits_is_recognised() -> None:
    refusal = refused(units.money, "0-0")
    assert refusal.why == '"0-0" is an empty range; a source that prints this has lost digits'
    assert "write the upper edge as it must be read" in refusal.instead


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("33 yuan/person", 3300),
        ("33 yuan / person", 3300),
        ("33元/人", 3300),
        ("33 元/人年", 3300),
        ("33元/人·年", 3300),
        ("33 yuan/person-year", 3300),
        ("0.0033 万元/人", 3300),
        ("28.50 yuan/person", 2850),
    ],
)
def test_an_amount_per_insured_person_is_read_into_fen(text: str, fen: int) -> None:
    assert units.money_per_person(text) == fen


@pytest.mark.parametrize(
    ("text", "why", "instead"),
    [
        ("33", "'33' has no unit", "write 33 yuan/person"),
        ("33 yuan", "'33 yuan' does not say per whom", "write 33 yuan/person"),
        ("33 元", "'33 元' does not say per whom", "write 33 元/person"),
        ("33 yuan/year", "'/year' does not fit here", "write an amount such as 33 yuan/person"),
        ("-33 yuan/person", "'-33 yuan/person' is negative", "write an amount of zero or more, such as 33 yuan/person"),
        ("33.333 yuan/person", "'33.333 yuan/person' is finer than a fen", "write at most two decimals of a yuan"),
        ("thirty", "'thirty' is not an amount of money", "write an amount with its unit, such as 33 yuan/person"),
    ],
)
def test_an_amount_per_person_must_say_per_whom(text: str, why: str, instead: str) -> None:
    refusal = refused(units.money_per_person, text)
    assert (refusal.why, refusal.instead) == (why, instead)


@pytest.mark.parametrize(
    ("text", "fen"), [("950 亿元", 9_500_000_000_000), ("2.5亿元", 25_000_000_000), ("7 yuan/year", 700)]
)
def test_a_sum_of_a_whole_fund_may_be_larger_than_any_bill(text: str, fen: int) -> None:
    assert units.total(text) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("2 million yuan", 200_000_000),
        ("-2000000 yuan", -200_000_000),
        ("-200万元", -200_000_000),
        (" -1 yuan ", -100),
        ("0 yuan", 0),
    ],
)
def test_a_balance_keeps_its_sign(text: str, fen: int) -> None:
    assert units.balance(text) == fen


def test_a_balance_without_its_unit_is_refused() -> None:
    assert refused(units.balance, "-2000").instead == "write 2000 yuan"


# --- rates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ppm"),
    [
        ("50%", 500_000),
        ("50 %", 500_000),
        ("0%", 0),
        ("100%", 10**6),
        ("42.5%", 425_000),
        ("0.0001%", 1),
        ("5‰", 5_000),
        ("+5%", 50_000),
    ],
)
def test_a_rate_is_read_into_parts_per_million(text: str, ppm: int) -> None:
    assert units.rate(text) == ppm


@given(st.integers(0, 10**6))
def test_a_printed_rate_is_read_back(ppm: int) -> None:
    assert units.rate(format_rate(ppm)) == ppm


@pytest.mark.parametrize(
    ("text", "why", "instead"),
    [
        ("50", "'50' has no unit", "write 50%"),
        ("0.5", "'0.5' has no unit", "write 50%"),
        ("0.425", "'0.425' has no unit", "write 42.5%"),
        ("1", "'1' has no unit", "write 1%"),
        ("0", "'0' has no unit", "write 0%"),
        ("150%", "'150%' is outside 0% to 100%", "write a rate between 0% and 100%"),
        ("100.0001%", "'100.0001%' is outside 0% to 100%", "write a rate between 0% and 100%"),
        ("-5%", "'-5%' is outside 0% to 100%", "write a rate between 0% and 100%"),
        ("33.33333%", "'33.33333%' is finer than a millionth", "write at most four decimals of a per cent"),
        ("-5pp", "'-5pp' is a change in points, a rate is needed here", "write -5%"),
        ("10 个百分点", "'10 个百分点' is a change in points, a rate is needed here", "write 10%"),
        ("no", "'no' is not a rate", "write a rate with its unit, such as 50%"),
        ("1:30", "'1:30' is not a rate", "write a rate with its unit, such as 50%"),
        ("half", "'half' is not a rate", "write a rate with its unit, such as 50%"),
    ],
)
def test_a_rate_that_cannot_be_meant_is_refused_with_what_to_write(text: str, why: str, instead: str) -> None:
    refusal = refused(units.rate, text)
    assert (refusal.why, refusal.instead) == (why, instead)


@pytest.mark.parametrize(
    ("text", "ppm"),
    [("8%/year", 80_000), ("8%", 80_000), ("8% / 年", 80_000), ("-3%/year", -30_000), ("150%/year", 1_500_000)],
)
def test_a_yearly_growth_may_be_negative_or_above_one(text: str, ppm: int) -> None:
    assert units.growth(text) == ppm


@pytest.mark.parametrize("text", ["8", "0.08", "8pp", "fast", "8‰"])
def test_a_growth_without_per_cent_is_refused(text: str) -> None:
    refusal = refused(units.growth, text)
    assert refusal.why == f"'{text}' is not a yearly growth"
    assert refusal.instead == "write a growth with its unit, such as 8%/year"


@pytest.mark.parametrize(
    ("text", "ppm"),
    [("-5pp", -50_000), ("+10pp", 100_000), ("10 pp", 100_000), ("+10个百分点", 100_000), ("-2.5 个百分点", -25_000)],
)
def test_a_change_in_points_keeps_its_sign(text: str, ppm: int) -> None:
    assert units.points(text) == ppm
    assert units.is_points(text)


@pytest.mark.parametrize(("text", "instead"), [("-5%", "write -5pp"), ("10", "write 10pp"), ("more", "write +10pp")])
def test_a_change_that_is_not_in_points_is_refused(text: str, instead: str) -> None:
    refusal = refused(units.points, text)
    assert refusal.why == f"'{text}' is not a change in percentage points"
    assert refusal.instead == instead
    assert not units.is_points(text)


# --- counts, multipliers, frequencies --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("3300000 persons", 3_300_000),
        ("3,300,000 persons", 3_300_000),
        ("3300000", 3_300_000),
        ("1 person", 1),
        ("20 people", 20),
        ("330万人", 3_300_000),
        ("1.5 万人", 15_000),
        ("0.1 亿人", 10_000_000),
        ("8 人", 8),
        ("0", 0),
    ],
)
def test_a_count_is_read_as_a_whole_number(text: str, persons: int) -> None:
    assert units.count(text) == persons


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.5 persons", "'1.5 persons' is not a whole number of zero or more"),
        ("-1", "'-1' is not a whole number of zero or more"),
        ("no", "'no' is not a whole number"),
        ("33 yuan", "'33 yuan' is not a whole number"),
        ("1:30", "'1:30' is not a whole number"),
    ],
)
def test_what_is_no_count_is_refused(text: str, why: str) -> None:
    refusal = refused(units.count, text)
    assert refusal.why == why
    assert refusal.instead.startswith("write a")


@pytest.mark.parametrize(("text", "multiplier"), [("x1.5", 1.5), ("×1.5", 1.5), ("x 0.85", 0.85), ("x2", 2.0)])
def test_a_multiplier_begins_with_a_cross(text: str, multiplier: float) -> None:
    assert units.factor(text) == multiplier


@pytest.mark.parametrize("text", ["1.5", "x-1.5", "150%", "1.5x", "x", "no"])
def test_a_multiplier_without_its_cross_or_below_zero_is_refused(text: str) -> None:
    refusal = refused(units.factor, text)
    assert (refusal.why, refusal.instead) == (f"'{text}' is not a multiplier", "write a multiplier such as x1.5")


@pytest.mark.parametrize(
    ("text", "per_person"),
    [
        ("0.16 per person", 0.16),
        ("160 per 1000 persons", 0.16),
        ("160 per 1,000 persons", 0.16),
        ("4.58 per 1000 people", 0.00458),
        ("160/1000人", 0.16),
        ("160 每千人", 0.16),
        ("12每万人", 0.0012),
        ("0.16/人年", 0.16),
        ("0.2 per person-year", 0.2),
        ("0 per person", 0.0),
    ],
)
def test_a_frequency_is_read_per_person(text: str, per_person: float) -> None:
    assert units.frequency(text) == pytest.approx(per_person, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "why", "instead"),
    [
        ("0.16", "'0.16' is not a frequency", "write it per person, such as 160 per 1000 persons"),
        ("16%", "'16%' is not a frequency", "write it per person, such as 160 per 1000 persons"),
        ("160 per 1000", "'160 per 1000' is not a frequency", "write it per person, such as 160 per 1000 persons"),
        (
            "160 per 0 persons",
            "'160 per 0 persons' is not a frequency",
            "write it per person, such as 160 per 1000 persons",
        ),
        ("-1 per person", "'-1 per person' is negative", "write a frequency of zero or more"),
    ],
)
def test_what_is_no_frequency_is_refused(text: str, why: str, instead: str) -> None:
    refusal = refused(units.frequency, text)
    assert (refusal.why, refusal.instead) == (why, instead)


@pytest.mark.parametrize(
    ("text", "value"), [("0.33", 0.33), ("-0.2", -0.2), ("1e-3", 0.001), ("2", 2.0), ("+1.5E2", 150.0)]
)
def test_a_pure_number_has_no_unit(text: str, value: float) -> None:
    assert units.number(text) == value


@pytest.mark.parametrize("text", ["33%", "1,000", "nan", "inf", "no", "0x10", "1_000", ".5", ""])
def test_what_is_no_pure_number_is_refused(text: str) -> None:
    refusal = refused(units.number, text)
    assert (refusal.why, refusal.instead) == (f"'{text}' is not a number", "write a plain number such as 0.33")


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "year"), [("1990", 1990), ("2017", 2017), (" 2100 ", 2100)])
def test_a_calendar_year_is_read(text: str, year: int) -> None:
    assert units.year(text) == year


@pytest.mark.parametrize("text", ["1989", "2101", "17", "2017年", "20170", "201X", "2017.0"])
def test_a_year_out_of_reach_is_refused(text: str) -> None:
    refusal = refused(units.year, text)
    assert (refusal.why, refusal.instead) == (f"'{text}' is not a year", "write a year such as 2017")


@pytest.mark.parametrize(("text", "years"), [("3 years", 3), ("3年", 3), (" 3 年 ", 3), ("1 year", 1), ("10years", 10)])
def test_a_number_of_years_is_read(text: str, years: int) -> None:
    assert units.years(text) == years


@pytest.mark.parametrize(
    ("text", "why", "instead"),
    [
        ("3", "'3' has no unit", "write 3 years"),
        ("0 years", "'0 years' is no time at all", "write one year or more, such as 3 years"),
        ("三年", "'三年' is not a number of years", "write a whole number of years, such as 3 years"),
        ("2.5 years", "'2.5 years' is not a number of years", "write a whole number of years, such as 3 years"),
        ("-3 years", "'-3 years' is not a number of years", "write a whole number of years, such as 3 years"),
    ],
)
def test_a_number_of_years_is_refused(text: str, why: str, instead: str) -> None:
    refusal = refused(units.years, text)
    assert (refusal.why, refusal.instead) == (why, instead)


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("92", 92_00), ("88.5", 88_50), ("0", 0), ("100 points", 100_00), ("92.25分", 92_25)],
)
def test_a_score_is_read_in_hundredths_of_a_point(text: str, hundredths: int) -> None:
    assert units.score(text) == hundredths


@pytest.mark.parametrize(
    ("text", "why", "instead"),
    [
        ("excellent", "'excellent' is not a score", "write a score from 0 to 100, such as 92"),
        ("92%", "'92%' is not a score", "write a score from 0 to 100, such as 92"),
        ("100.01", "'100.01' is outside 0 to 100", "write a score from 0 to 100, such as 92"),
        ("-1", "'-1' is outside 0 to 100", "write a score from 0 to 100, such as 92"),
        ("88.125", "'88.125' is finer than a hundredth of a point", "write at most two decimals"),
    ],
)
def test_a_score_that_cannot_be_meant_is_refused(text: str, why: str, instead: str) -> None:
    refusal = refused(units.score, text)
    assert (refusal.why, refusal.instead) == (why, instead)


def test_a_calendar_date_is_read() -> None:
    assert units.date(" 2017-12-31 ") == datetime.date(2017, 12, 31)


@pytest.mark.parametrize(
    "text", ["2017-02-29", "2017-13-01", "31.12.2017", "2017/12/31", "1月1日", "2017-01", "tomorrow"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    refusal = refused(units.date, text)
    assert (refusal.why, refusal.instead) == (f"'{text}' is not a date", "write year-month-day, such as 2017-01-01")


# --- any text --------------------------------------------------------------------------------------------------------

PIECES = [
    *string.digits, ".", ",", "-", "+", " ", "/", "~", "至", "%", "‰", "x", "×", "e", "yuan", "元", "万元", "亿元",
    "million yuan", "person", "persons", "人", "per", "每", "千", "万", "year", "年", "pp", "个百分点", "no", ":",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(max_size=12))
@example("160 per 0 persons")
@example("1 per , persons")
def test_any_text_is_either_read_or_refused_with_what_to_write(text: str) -> None:
    refusals = []
    for parse in GRAMMAR:
        try:
            parse(text)
        except UnitError as refusal:
            refusals.append(refusal)
    assert all(refusal.why and refusal.instead for refusal in refusals)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (units.money, ",-, yuan"),
        (units.money, "9" * 5000 + " yuan"),
        (units.rate, "9" * 400),
        (units.factor, "x" + "9" * 400),
        (units.frequency, "9" * 400 + " per person"),
    ],
    ids=[
        "commas alone",
        "more digits than Python reads",
        "rate beyond floats",
        "factor beyond floats",
        "frequency beyond floats",
    ],
)
def test_senseless_numbers_are_refused_like_any_other_text(parse: Callable[[str], Any], text: str) -> None:
    refused(parse, text)
