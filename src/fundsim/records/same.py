"""Which rows are alike in several columns, exactly: by a hash of them that is checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.bills.texts import Bools, Int64s

_FACTORS: Final = np.random.SeedSequence(20170102).generate_state(64, np.uint64) | np.uint64(1)
_HALF: Final = np.uint64(32)


def alike(columns: Sequence[npt.NDArray[np.generic]]) -> Int64s:
    """(n,) a number for each row; two rows have the same exactly where all columns (integers, at most 63) are equal."""
    order, first = _in_order(columns)
    label = np.empty(len(order), dtype=np.int64)
    label[order] = np.cumsum(first)
    return label


def repeated(columns: Sequence[npt.NDArray[np.generic]]) -> Bools:
    """(n,) which rows have a row before them that is equal in all columns (integers, at most 63)."""
    order, first = _in_order(columns)
    again = np.empty(len(order), dtype=np.bool_)
    again[order] = ~first
    return again


def _in_order(columns: Sequence[npt.NDArray[np.generic]]) -> tuple[Int64s, Bools]:
    """An order in which equal rows are neighbours, as they stood, and which of them are the first of their kind."""
    whole = [column.astype(np.int64, copy=False) for column in columns]
    hashes = _hashes(whole)
    order = np.argsort(hashes, kind="stable").astype(np.int64, copy=False)
    first = _changes([hashes], order)
    tied = np.flatnonzero(~first)
    if any((column[order[tied]] != column[order[tied - 1]]).any() for column in whole):  # two that differ have one hash
        order = np.lexsort(whole).astype(np.int64, copy=False)
        first = _changes(whole, order)
    return order, first


def _changes(columns: Sequence[npt.NDArray[np.generic]], order: Int64s) -> Bools:
    changes = np.zeros(len(order), dtype=np.bool_)
    changes[:1] = True
    for column in columns:
        ordered = column[order]
        changes[1:] |= ordered[1:] != ordered[:-1]
    return changes


def rank_among(labels: Int64s) -> Int64s:
    """(n,) how many rows before a row have its label."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    begins = np.flatnonzero(np.append(True, np.diff(ordered) != 0)[: len(ordered)])
    length = np.diff(np.append(begins, len(ordered)))
    rank = np.empty(len(labels), dtype=np.int64)
    rank[order] = np.arange(len(ordered)) - np.repeat(begins, length)
    return rank


def combinations(columns: Sequence[npt.NDArray[np.generic]]) -> tuple[Int64s, Int64s]:
    """The different combinations (c, columns) of small integers that occur, in order, and (n,) which each row has."""
    place = np.zeros(len(columns[0]), dtype=np.int64)
    met = np.zeros((1, 0), dtype=np.int64)
    for column in columns:
        whole = column.astype(np.int64, copy=False)
        low = int(whole.min(initial=0))
        size = int(whole.max(initial=0)) - low + 1
        key = place * size + (whole - low)
        found = np.flatnonzero(np.bincount(key))
        position = np.zeros(len(met) * size, dtype=np.int64)
        position[found] = np.arange(len(found))
        before, own = np.divmod(found, size)
        met, place = np.column_stack([met[before], own + low]), position[key]
    return met, place


def different(numbers: Int64s) -> int:
    """How many different numbers there are; they are small and not negative."""
    return int(np.count_nonzero(np.bincount(numbers)))


def _hashes(columns: Sequence[Int64s]) -> npt.NDArray[np.uint64]:
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column, factor in zip(columns, _FACTORS, strict=False):
        word = column.view(np.uint64)
        mixed = (mixed ^ (mixed >> _HALF)) * _FACTORS[-1] + (word ^ (word >> _HALF)) * factor
    return mixed ^ (mixed >> _HALF)
