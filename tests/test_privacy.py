"""What may be shown: small cells, cells beside them, points of a plot; proved by an attacker who subtracts."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fundsim.records.privacy import ALLOW, FEWEST, HIDDEN, SUPPRESS, SmallCells


def test_small_cells_are_hidden_and_empty_ones_shown() -> None:
    assert SUPPRESS.hidden([0, 1, 4, 5, 100], total_shown=False).tolist() == [False, True, True, False, False]


def test_a_single_hidden_cell_takes_the_smallest_other_with_it_where_the_total_is_shown() -> None:
    assert SUPPRESS.hidden([3, 40, 20, 100]).tolist() == [True, False, True, False]
    assert SUPPRESS.hidden([3, 40, 20, 100], total_shown=False).tolist() == [True, False, False, False]


def test_two_hidden_cells_of_one_person_each_take_a_third() -> None:
    """A total of two over two hidden cells would tell both."""
    assert SUPPRESS.hidden([1, 1, 20, 100]).tolist() == [True, True, True, False]


def test_rows_and_columns_protect_each_other() -> None:
    counts = [[3, 50, 60], [70, 80, 90], [55, 65, 75]]
    hidden = SUPPRESS.hidden(counts)
    assert hidden[0, 0]
    for line in [*hidden, *hidden.T]:
        assert line.sum() != 1


def test_the_user_may_allow_small_cells() -> None:
    assert not ALLOW.hidden([1, 2, 3]).any()
    assert ALLOW.count(3) == "3"
    frame = pd.DataFrame({"persons": [1, 9]})
    assert ALLOW.shield(frame, "persons") is frame


def test_what_is_hidden_becomes_words() -> None:
    frame = pd.DataFrame({"county": ["a", "b", "c"], "persons": [2, 30, 9], "yuan": [5.0, 6.0, 7.0]})
    shown = SUPPRESS.shield(frame, "persons", ["yuan"], lang="zh")
    assert shown["persons"].tolist() == ["少于5人", 30, HIDDEN]
    assert shown["yuan"].tolist() == [HIDDEN, 6.0, HIDDEN]
    assert frame["persons"].tolist() == [2, 30, 9]
    assert SUPPRESS.shield(frame, "persons", total_shown=False)["persons"].tolist() == ["<5", 30, 9]


def test_counts_in_words() -> None:
    assert [SUPPRESS.count(n) for n in (0, 1, 4, 5, 1234)] == ["0", "<5", "<5", "5", "1,234"]
    assert SUPPRESS.count(40, persons=2) == "<5"


@given(arrays.arrays(np.int64, st.integers(1, 8), elements=st.integers(0, 30)))
def test_no_hidden_cell_can_be_worked_out_from_a_line_and_its_total(counts: np.ndarray) -> None:
    """The attacker knows the total, what is shown, and that hidden cells are not empty."""
    hidden = SUPPRESS.hidden(counts)
    assert hidden[(counts > 0) & (counts < FEWEST)].all()
    number, together = int(hidden.sum()), int(counts[hidden].sum())
    if number == 0 or (counts > 0).sum() == number:  # nothing more can be hidden: the total itself is what is told
        return
    assert number >= 2
    assert together >= FEWEST


@given(arrays.arrays(np.int64, st.tuples(st.integers(2, 5), st.integers(2, 5)), elements=st.integers(5, 40)))
def test_in_a_table_each_line_with_a_hidden_cell_has_two(counts: np.ndarray) -> None:
    counts[0, 0] = 1
    hidden = SUPPRESS.hidden(counts)
    assert all(line.sum() != 1 for line in itertools.chain(hidden, hidden.T))


def test_points_stand_for_five_persons_each_and_lose_nothing() -> None:
    values = np.arange(100, dtype=np.float64)
    means, sizes = SUPPRESS.pooled(values, np.arange(100) // 2)
    assert (sizes >= 8).all()  # one, two, two, two, one
    assert sizes.sum() == 100
    assert means @ sizes == pytest.approx(values.sum())
    assert (np.diff(means) > 0).all()


def test_points_count_persons_and_not_records() -> None:
    means, sizes = SUPPRESS.pooled(np.arange(50.0), np.zeros(50, dtype=np.int64))
    assert len(means) == 0
    assert len(sizes) == 0
    given_values, ones = ALLOW.pooled(np.arange(3.0), [1, 1, 1])
    assert given_values.tolist() == [0.0, 1.0, 2.0]
    assert ones.tolist() == [1, 1, 1]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_each_point_has_enough_persons(whose: list[int]) -> None:
    means, sizes = SUPPRESS.pooled(np.arange(len(whose), dtype=np.float64), whose)
    if len(means) == 0:
        assert len(set(whose)) < FEWEST
        return
    bounds = np.cumsum([0, *sizes])
    assert bounds[-1] == len(whose)
    assert all(len(set(whose[a:b])) >= FEWEST for a, b in itertools.pairwise(bounds))


def test_another_limit_may_be_set() -> None:
    assert SmallCells(fewest=11).hidden([10, 11], total_shown=False).tolist() == [True, False]
