"""Amounts read from characters and written as characters, a column at a time; they never pass through a float."""

from __future__ import annotations

from typing import Final

import numpy as np

from fundsim.bills.texts import Bools, Int64s, Texts, UInt8s
from fundsim.money import LARGEST_BILL

_WIDEST: Final = 16
"""Characters of the longest amount that is read: digits of more could leave int64."""
YUAN: Final = 2
"""Decimals of an amount in yuan; one in fen has none, one in 万元 has six."""
_ZERO, _DOT = np.uint8(ord("0")), np.uint8(ord("."))


def read_amounts(texts: Texts, finest: int = YUAN) -> tuple[Int64s, Bools]:
    """Fen, and which texts are digits with at most one dot and ``finest`` digits after it, up to 10 billion yuan."""
    characters = np.ascontiguousarray(texts.matrix(min(texts.widest, _WIDEST)).T)
    value = np.zeros(len(texts), dtype=np.int64)
    digits, decimals, dots = (np.zeros(len(texts), dtype=np.uint8) for _ in range(3))
    for character in characters:
        number = character - _ZERO  # what comes before 0 wraps around and is large
        digit = number < 10
        value = np.where(digit, value * 10 + number, value)
        digits += digit
        decimals += digit & (dots > 0)
        dots += character == _DOT
    plain = (digits + dots == texts.lengths) & (characters[0] - _ZERO < 10)
    plain &= (dots <= 1) & (decimals <= finest) & ((dots == 0) | (decimals > 0)) & (value <= LARGEST_BILL)
    fen = np.where(plain, value, 0) * 10 ** (finest - np.minimum(decimals, finest).astype(np.int64))
    return fen, plain & (fen <= LARGEST_BILL)


def written(fen: Int64s) -> UInt8s:
    """(n, width) amounts (not negative) as characters in yuan with two decimals, flush right, 0 before the first."""
    width = max(len(str(int(fen.max(initial=0)))), 3)
    characters = np.zeros((width + 1, len(fen)), dtype=np.uint8)
    rest = fen
    for place in range(width):
        shorter = rest // 10
        digit = (rest - shorter * 10).astype(np.uint8) + _ZERO
        if place >= 3:
            digit *= rest > 0
        characters[width - place - (place >= 2)] = digit
        rest = shorter
    characters[width - 2] = _DOT
    return np.ascontiguousarray(characters.T)
