"""Bills as numbers and ids, row by row: in memory, or as bytes for the disk."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

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
        numbers = self.numbers[some].tobytes()
        persons = self.persons.span(some).joint()
        head = _HEAD.pack(len(numbers), len(persons))
        return b"".join([head, numbers, persons, self.admissions.span(some).joint()]) if numbers else b""


_HEAD: Final = struct.Struct("<qq")
"""Before the bills of a part: bytes of their numbers, and of the ids of persons."""


def from_bytes(parts: Iterable[bytes], kind: np.dtype[np.void]) -> Records:
    """The bills of part after part, as :meth:`Records.split` made them into bytes."""
    cut = [_cut(part) for part in parts]
    numbers, persons, admissions = (b"".join(column) for column in zip(*cut, strict=True)) if cut else (b"", b"", b"")
    read = np.frombuffer(numbers, kind)
    return Records(read, Texts.joined(persons, read["person_bytes"]), Texts.joined(admissions, read["admission_bytes"]))


def _cut(part: bytes) -> tuple[bytes, bytes, bytes]:
    numbers, persons = _HEAD.unpack_from(part)
    middle = _HEAD.size + numbers
    return part[_HEAD.size : middle], part[middle : middle + persons], part[middle + persons :]


def joined(parts: Sequence[Records]) -> Records:
    """The bills of part after part, of which there must be one."""
    return Records(
        np.concatenate([part.numbers for part in parts]),
        concatenated([part.persons for part in parts]),
        concatenated([part.admissions for part in parts]),
    )
