"""Money is int64 fen (分), rates are exact parts per million; nothing here is a float.

Sums of integers do not depend on order, so a run gives the same bits on any number of threads.
A rate of 1 ppm is a hundredth of a basis point; an amount is at most ``LARGEST_BILL`` fen, so that
amount x rate stays inside int64 (checked where amounts enter).
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

PPM: Final = 1_000_000
"""Parts per million in one: the exact unit of every rate."""

LARGEST_BILL: Final = 10**12
"""Ten billion yuan in fen: no single bill or year of one person may be larger."""

PerReplication = npt.NDArray[np.int64]
"""An int64 array with one entry per replication (fen, or a count)."""

_PLAIN_YUAN = re.compile(r"(?P<sign>-?)(?P<whole>\d+)(?:\.(?P<fraction>\d{1,2}))?")


def half_up(numerator: int, denominator: int) -> int:
    """Round ``numerator / denominator`` half up (四舍五入) to an integer.

    Exact for any size of integer; halves of negative numbers go up as well (-2.5 becomes -2).
    """
    return (2 * numerator + denominator) // (2 * denominator)


def share(amount: PerReplication, rate: int) -> PerReplication:
    """``rate`` (ppm) of each amount (fen, not negative), rounded half up to the fen.

    Whole and part are multiplied apart, so nothing overflows even for a nation's premium.
    """
    whole, part = np.divmod(amount, PPM)
    result: PerReplication = whole * rate + (part * rate + PPM // 2) // PPM
    return result


def parse_yuan(text: str) -> int:
    """Read a plain decimal number of yuan, as in a bills file, into fen.

    Raises:
        ValueError: not a number, or more than two decimals.
    """
    match = _PLAIN_YUAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not an amount in yuan with at most two decimals")
    fen = int(match["whole"]) * 100 + int((match["fraction"] or "").ljust(2, "0"))
    return -fen if match["sign"] else fen


def format_yuan(fen: int, *, separator: str = ",") -> str:
    """Print fen as yuan with two decimals: ``3920030`` becomes ``39,200.30``."""
    sign, fen = ("-", -fen) if fen < 0 else ("", int(fen))
    return f"{sign}{fen // 100:,}.{fen % 100:02d}".replace(",", separator)


def format_rate(ppm: int) -> str:
    """Print a rate as per cent without needless zeros: ``425000`` becomes ``42.5%``."""
    text = f"{ppm // 10_000}.{ppm % 10_000:04d}".rstrip("0").rstrip(".")
    return f"{text}%"
