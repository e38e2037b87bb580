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
    whole = [column.astype(np.int64) for column in columns]
    hashes = _hashes(whole)
    order = np.argsort(hashes, kind="stable")
    new_hash = np.append(True, np.diff(hashes[order]) != 0)[: len(order)]
    different = np.zeros(len(order), dtype=np.bool_)
    for column in whole:
        different[1:] |= np.diff(column[order]) != 0
    if (different & ~new_hash).any():  # two that differ have one hash
        order = np.lexsort(whole)
        new_hash = np.zeros(len(order), dtype=np.bool_)
        for column in whole:
            new_hash[1:] |= np.diff(column[order]) != 0
    label = np.empty(len(order), dtype=np.int64)
    label[order] = np.cumsum(new_hash)
    return label


def rank_among(labels: Int64s) -> Int64s:
    """(n,) how many rows before a row have its label."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    begins = np.flatnonzero(np.append(True, np.diff(ordered) != 0)[: len(ordered)])
    length = np.diff(np.append(begins, len(ordered)))
    rank = np.empty(len(labels), dtype=np.int64)
    rank[order] = np.arange(len(ordered)) - np.repeat(begins, length)
    return rank


def repeated(labels: Int64s) -> Bools:
    """(n,) which rows have a row of the same label before them."""
    return rank_among(labels) > 0


def _hashes(columns: Sequence[Int64s]) -> npt.NDArray[np.uint64]:
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column, factor in zip(columns, _FACTORS, strict=False):
        word = column.view(np.uint64)
        mixed = (mixed ^ (mixed >> _HALF)) * _FACTORS[-1] + (word ^ (word >> _HALF)) * factor
    return mixed ^ (mixed >> _HALF)
