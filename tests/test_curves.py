"""Payout curves: exact integrals of their rates, in slices that add up."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundsim.curves import PayoutCurve, Slice
from fundsim.money import PPM


@st.composite
def curves(draw: st.DrawFn, largest: int = 10**12) -> PayoutCurve:
    knots = (0, *sorted(draw(st.sets(st.integers(1, largest), max_size=6))))
    rates = draw(st.lists(st.integers(0, PPM), min_size=len(knots), max_size=len(knots)))
    return PayoutCurve(knots, tuple(rates))


def rate_at(curve: PayoutCurve, fen: int) -> int:
    """The rate of the one fen that begins at ``fen``."""
    return next(rate for knot, rate in reversed(list(zip(curve.knots, curve.rates, strict=True))) if knot <= fen)


steps = st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)).map(sorted)


@given(curves(largest=60), st.integers(0, 80))
def test_the_value_is_the_sum_of_the_rates_fen_by_fen(curve: PayoutCurve, base: int) -> None:
    assert curve.value(base) == sum(rate_at(curve, fen) for fen in range(base))


@given(curves())
def test_nothing_is_due_on_nothing(curve: PayoutCurve) -> None:
    assert curve.value(0) == 0


@given(curves(), steps)
def test_the_dues_of_the_slices_add_up_to_the_difference_of_the_values(curve: PayoutCurve, step: list[int]) -> None:
    before, after = step
    assert sum(piece.due for piece in curve.slices(before, after)) == curve.value(after) - curve.value(before)


@given(curves(), steps)
def test_the_slices_cover_the_step_without_gap_or_overlap(curve: PayoutCurve, step: list[int]) -> None:
    before, after = step
    pieces = curve.slices(before, after)
    assert [piece.start for piece in pieces] == [before, *(piece.end for piece in pieces)][: len(pieces)]
    assert sum(piece.width for piece in pieces) == after - before
    assert all(piece.rate == rate_at(curve, piece.start) for piece in pieces)


@given(curves(), steps)
def test_a_curve_never_falls(curve: PayoutCurve, step: list[int]) -> None:
    assert curve.value(step[0]) <= curve.value(step[1])


@given(curves())
def test_the_weights_add_up_to_the_rates(curve: PayoutCurve) -> None:
    assert [sum(curve.weights[: i + 1]) for i in range(len(curve.rates))] == list(curve.rates)


def test_the_weights_are_the_changes_of_slope() -> None:
    assert PayoutCurve((0, 10, 20), (0, 500_000, 300_000)).weights == (0, 500_000, -200_000)


def test_pieces_of_the_same_rate_become_one() -> None:
    curve = PayoutCurve.through([(0, 0), (10, 0), (20, 500_000), (30, 500_000), (40, 600_000)])
    assert curve == PayoutCurve((0, 20, 40), (0, 500_000, 600_000))


@given(curves(), st.integers(0, 10**12))
def test_a_curve_through_its_own_pieces_pays_the_same(curve: PayoutCurve, base: int) -> None:
    merged = PayoutCurve.through(list(zip(curve.knots, curve.rates, strict=True)))
    assert merged.value(base) == curve.value(base)
    assert all(left != right for left, right in pairwise(merged.rates))


def test_a_step_of_nothing_has_no_slices() -> None:
    assert PayoutCurve((0, 10), (0, PPM)).slices(15, 15) == ()


def test_a_slice_prints_its_edges_and_its_rate() -> None:
    assert str(Slice(600_000, 2_600_000, 500_000)) == "6,000.00-26,000.00 at 50%"


@pytest.mark.parametrize(
    ("knots", "rates", "words"),
    [
        ((), (), "one rate per knot"),
        ((5,), (PPM,), "first knot at 0"),
        ((0, 10), (PPM,), "one rate per knot"),
        ((0, 10, 10), (0, 1, 2), "must increase"),
        ((0, 20, 10), (0, 1, 2), "must increase"),
        ((0, 10), (0, -1), "cannot fall"),
    ],
)
def test_what_is_no_curve_is_refused(knots: tuple[int, ...], rates: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PayoutCurve(knots, rates)
