"""Named random streams: a draw is fixed by (seed, purpose, group name, replication, person), by nothing else.

The generator is Philox4x32-10 (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, SC 2011): a keyed
bijection of 128-bit counters, so any draw can be had alone, in any order, on any worker. This module makes the
keys and a numpy version for draws shared by a whole replication; :mod:`fundsim.kernels` holds the compiled twin.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

_ROUND = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)

Words = npt.NDArray[np.uint64]
"""32-bit random words, one a place, held in uint64."""


def key(seed: int, purpose: str, name: str = "") -> tuple[int, int]:
    """The two 32-bit key words of a stream.

    Names are hashed, not numbered, so that adding a group or a purpose leaves all other streams where they were.
    """
    digest = hashlib.blake2b(f"{seed}\x1f{purpose}\x1f{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


def philox(stream: tuple[int, int], counter: tuple[Words, Words, Words, Words]) -> tuple[Words, Words, Words, Words]:
    """Philox4x32-10 on arrays of counters: four 32-bit words for each."""
    c0, c1, c2, c3 = counter
    k0, k1 = np.uint64(stream[0]), np.uint64(stream[1])
    for _ in range(10):
        product0, product1 = _ROUND[0] * c0, _ROUND[1] * c2
        c0, c1, c2, c3 = (
            (product1 >> _HALF) ^ c1 ^ k0,
            product1 & _LOW,
            (product0 >> _HALF) ^ c3 ^ k1,
            product0 & _LOW,
        )
        k0, k1 = (k0 + _WEYL[0]) & _LOW, (k1 + _WEYL[1]) & _LOW
    return c0, c1, c2, c3


def uniforms(
    seed: int, purpose: str, name: str, replications: npt.NDArray[np.int64], number: int = 0
) -> npt.NDArray[np.float64]:
    """One uniform in (0, 1) per replication, for what everybody in the replication (or group) shares.

    ``number`` tells several draws of one replication apart, such as those of its years.
    """
    return uniforms_at(seed, purpose, name, np.zeros(1, dtype=np.int64), replications, number)


def uniforms_at(
    seed: int,
    purpose: str,
    name: str,
    places: npt.NDArray[np.int64],
    replications: npt.NDArray[np.int64],
    number: int = 0,
) -> npt.NDArray[np.float64]:
    """One uniform in (0, 1) for each place and replication, of arrays that broadcast together."""
    c0, c1 = np.broadcast_arrays(places.astype(np.uint64), replications.astype(np.uint64))
    high, low, _, _ = philox(key(seed, purpose, name), (c0, c1, np.full_like(c0, number), np.zeros_like(c0)))
    whole = (high << np.uint64(20)) | (low >> np.uint64(12))  # 52 bits, so that the largest stays below one
    uniform: npt.NDArray[np.float64] = (whole.astype(np.float64) + 0.5) * 2.0**-52
    return uniform
