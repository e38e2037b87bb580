"""Money: exact integers, half up, and nothing that overflows."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fundsim.money import LARGEST_BILL, PPM, format_rate, format_yuan, half_up, parse_yuan, share

NATION = 950_000_000_000_000
"""Fen: 9.5 trillion yuan, above what all of China pays for health care in a year."""
LARGEST_INT64 = 2**63 - 1

fen = st.integers(-(10**18), 10**18)
rates = st.integers(0, PPM) | st.sampled_from([0, 1, 333_333, 500_000, 999_999, PPM])


def exact_share(amount: int, rate: int) -> int:
    return floor(Fraction(amount * rate, PPM) + Fraction(1, 2))


# --- rounding --------------------------------------------------------------------------------------------------------


@given(st.integers(-(10**24), 10**24), st.integers(1, 10**9))
def test_half_up_is_the_floor_of_the_exact_quotient_and_a_half(numerator: int, denominator: int) -> None:
    assert half_up(numerator, denominator) == floor(Fraction(numerator, denominator) + Fraction(1, 2))


@given(st.integers(0, 10**24), st.sampled_from([2, 4, 5, 8, 10, 1000, PPM]))
def test_half_up_agrees_with_decimal_rounding_of_amounts_that_are_not_negative(
    numerator: int, denominator: int
) -> None:
    with localcontext(prec=60):
        quotient = Decimal(numerator) / Decimal(denominator)
        assert half_up(numerator, denominator) == int(quotient.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(1, 2, 1), (3, 2, 2), (5, 2, 3), (-1, 2, 0), (-5, 2, -2), (-6, 4, -1), (499_999, PPM, 0), (500_000, PPM, 1)],
)
def test_a_half_goes_up_whatever_the_sign(numerator: int, denominator: int, rounded: int) -> None:
    assert half_up(numerator, denominator) == rounded


# --- shares of amounts -----------------------------------------------------------------------------------------------


@given(st.integers(0, LARGEST_INT64), rates)
@example(NATION, 999_999)
@example(NATION + 1, 500_000)
@example(9_500_000_000_000, 333_333)
@example(LARGEST_BILL, PPM)
@example(LARGEST_INT64, PPM)
@example(LARGEST_INT64, 999_999)
@example(LARGEST_INT64 - PPM + 1, PPM)
def test_a_share_equals_exact_rational_arithmetic_up_to_the_largest_int64(amount: int, rate: int) -> None:
    assert share(np.array([amount], dtype=np.int64), rate).tolist() == [exact_share(amount, rate)]


def test_a_share_of_an_array_is_the_share_of_each_amount() -> None:
    amounts = np.array([0, 1, 2, 3, 10**6, 10**12 + 7, 9_500_000_000_000, NATION, LARGEST_INT64], dtype=np.int64)
    for rate in (0, 1, 250_000, 333_333, 500_000, PPM):
        shares = share(amounts, rate)
        assert shares.dtype == np.int64
        assert shares.tolist() == [exact_share(int(amount), rate) for amount in amounts]


@given(st.integers(0, 10**17), rates)
def test_a_share_and_the_share_of_the_rest_miss_the_whole_by_at_most_a_fen(amount: int, rate: int) -> None:
    amounts = np.array([amount], dtype=np.int64)
    both = int(share(amounts, rate)[0] + share(amounts, PPM - rate)[0])
    assert both - amount in (0, 1)


# --- reading and printing --------------------------------------------------------------------------------------------


@given(fen)
@example(-5)
@example(0)
@example(9_500_000_000_000)
def test_an_amount_that_is_printed_and_read_is_the_same(amount: int) -> None:
    assert parse_yuan(format_yuan(amount, separator="")) == amount


@given(fen)
def test_a_printed_amount_has_two_decimals_and_commas_at_the_thousands(amount: int) -> None:
    whole, cents = format_yuan(amount).split(".")
    assert len(cents) == 2
    assert whole == f"{'-' if amount < 0 else ''}{abs(amount) // 100:,}"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("6000", 600_000),
        ("6000.5", 600_050),
        ("0.05", 5),
        ("-0.05", -5),
        (" 12.34 ", 1234),
        ("39200.30", 3_920_030),
        ("95000000000.00", 9_500_000_000_000),
    ],
)
def test_a_plain_number_of_yuan_is_read_exactly(text: str, amount: int) -> None:
    assert parse_yuan(text) == amount


@pytest.mark.parametrize(
    "text",
    ["1.234", "0.001", "", ".5", "5.", "1,000", "6000 yuan", "6000元", "1e3", "nan", "inf", "+5", "--5", "no", "1:30"],
)
def test_what_is_no_amount_with_two_decimals_is_refused_by_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount in yuan with at most two decimals") as refusal:
        parse_yuan(text)
    assert f"'{text}'" in str(refusal.value)


@pytest.mark.parametrize(
    ("ppm", "text"),
    [
        (0, "0%"),
        (1, "0.0001%"),
        (425_000, "42.5%"),
        (500_000, "50%"),
        (333_333, "33.3333%"),
        (PPM, "100%"),
        (100_000, "10%"),
    ],
)
def test_a_rate_is_printed_as_per_cent_without_needless_zeros(ppm: int, text: str) -> None:
    assert format_rate(ppm) == text


@given(st.integers(0, PPM))
def test_a_printed_rate_says_the_rate_exactly(ppm: int) -> None:
    assert Fraction(format_rate(ppm).removesuffix("%")) / 100 == Fraction(ppm, PPM)
