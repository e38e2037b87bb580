"""Bytes that change hands on disk: written sender by sender, read back receiver by receiver."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from fundsim.bills.texts import Int64s


class Shuffle:
    """A file without a name: it is gone when it is closed, and when the process ends, however it ends."""

    def __init__(self, folder: Path | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by its owner
        self._bounds: list[Int64s] = []
        """By sender: where what it sent to each receiver begins, and where the last ends."""
        self._end = 0

    def close(self) -> None:
        """Give the room back."""
        self._file.close()

    def send(self, pieces: Sequence[bytes]) -> None:
        """Write what one sender has for each receiver; all must send before one receives."""
        bounds = self._end + np.cumsum([0, *map(len, pieces)], dtype=np.int64)
        self._file.write(b"".join(pieces))
        self._bounds.append(bounds)
        self._end = int(bounds[-1])

    def receive(self, receiver: int) -> Iterator[bytes]:
        """What was sent to one receiver, sender by sender; who sent nothing is left out."""
        for bounds in self._bounds:
            start, end = bounds[receiver : receiver + 2].tolist()
            if end > start:
                self._file.seek(start)
                yield self._file.read(end - start)
