"""Bills as numbers and ids, row by row: in memory, or as bytes for the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundsim.bills.texts import Int64s, Texts, concatenated

Numbers = npt.NDArray[np.void]
"""(n,) structured."""


def numbers_of(given: int) -> np.dtype[np.void]:
    """The numbers of a bill (fen) that so many payers have settled already."""
    fields = [
        ("row", np.int64),
        ("cost", np.int64, (3,)),
        ("excluded", np.int64),
        ("paid", np.int64, (given,)),
        ("deductible", np.int64, (given,)),
        ("day", np.int32),
        ("case", np.int32),
        ("person_bytes", np.int32),
        ("admission_bytes", np.int32),
    ]
    return np.dtype(fields)


@dataclass(frozen=True)
class Records:
    """Some bills in the order of their source."""

    numbers: Numbers
    persons: Texts
    """(n,) ids."""
    admissions: Texts
    """(n,) ids; all of them empty where the source has none."""

    def __len__(self) -> int:
        return len(self.numbers)

    def taken(self, places: Int64s) -> Records:
        """The bills at some places."""
        return Records(self.numbers[places], self.persons.taken(places), self.admissions.taken(places))

    def split(self, part: Int64s, parts: int) -> list[bytes]:
        """The bills of each part as bytes; ``part`` (n,) says to which a bill belongs."""
        order = np.argsort(part, kind="stable")
        ordered = self.taken(order)
        bounds = np.searchsorted(part[order], np.arange(parts + 1)).tolist()
        return [ordered._bytes(slice(*bounds[each : each + 2])) for each in range(parts)]

    def _bytes(self, some: slice) -> bytes:
        numbers = self.numbers[some]
        if not len(numbers):
            return b""
        texts = self.persons.span(some).joint(), self.admissions.span(some).joint()
        return b"".join([len(numbers).to_bytes(8, "little"), numbers.tobytes(), *texts])


def from_bytes(data: bytes, kind: np.dtype[np.void]) -> Records:
    """The bills of one part, as :meth:`Records.split` made them into bytes."""
    count = int.from_bytes(data[:8], "little")
    numbers = np.frombuffer(data, kind, count, 8)
    begin = 8 + numbers.nbytes
    middle = begin + int(numbers["person_bytes"].sum())
    persons = Texts.joined(data[begin:middle], numbers["person_bytes"])
    return Records(numbers, persons, Texts.joined(data[middle:], numbers["admission_bytes"]))


def joined(parts: Sequence[Records]) -> Records:
    """The bills of part after part, of which there must be one."""
    return Records(
        np.concatenate([part.numbers for part in parts]),
        concatenated([part.persons for part in parts]),
        concatenated([part.admissions for part in parts]),
    )
