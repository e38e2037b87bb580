"""Texts where they stand in the bytes of a file (UTF-8), so that thousands of them are looked at in one go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, overload

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
UInt8s = npt.NDArray[np.uint8]
UInt64s = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

WIDEST: Final = 64
"""Bytes of the widest texts that are laid out side by side; where one is wider, texts are looked at one by one."""

_FACTORS: Final = np.random.SeedSequence(20170101).generate_state(WIDEST // 8 + 2, np.uint64) | np.uint64(1)
"""Odd numbers that mix the words of a text; the last two mix its length and the sum."""
_HALF: Final = np.uint64(32)


class Texts(Sequence[str]):
    """Some texts, such as the cells of a column."""

    def __init__(self, data: bytes, starts: Int64s, ends: Int64s) -> None:
        self._data = data
        self._starts = starts
        self._ends = ends

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Lay texts out, if they are not already."""
        if isinstance(texts, Texts):
            return texts
        data = "".join(texts)
        if data.isascii():
            return cls.joined(data.encode(), np.fromiter(map(len, texts), np.int64, len(texts)))
        encoded = [text.encode(errors="surrogatepass") for text in texts]
        return cls.joined(b"".join(encoded), np.fromiter(map(len, encoded), np.int64, len(encoded)))

    @classmethod
    def joined(cls, data: bytes, lengths: Int64s) -> Texts:
        """Texts that follow each other without a gap."""
        ends = np.cumsum(lengths, dtype=np.int64)
        return cls(data, ends - lengths, ends)

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return self.span(place).to_list()
        return _decoded(self._data[self._starts[place] : self._ends[place]])

    def span(self, places: slice) -> Texts:
        """Some neighbours."""
        return Texts(self._data, self._starts[places], self._ends[places])

    def __iter__(self) -> Iterator[str]:
        return iter(self.to_list())

    def to_list(self) -> list[str]:
        """All texts, one by one."""
        spans = zip(self._starts.tolist(), self._ends.tolist(), strict=True)
        if self._data.isascii():
            text = self._data.decode("ascii")
            return [text[start:end] for start, end in spans]
        return [_decoded(self._data[start:end]) for start, end in spans]

    @cached_property
    def lengths(self) -> Int64s:
        """(n,) bytes."""
        return self._ends - self._starts

    @property
    def widest(self) -> int:
        """Bytes of the longest text."""
        return int(self.lengths.max(initial=0))

    def matrix(self, width: int) -> UInt8s:
        """(n, width) the first bytes of each text, 0 after its end; at least one."""
        width = max(width, 1)
        view = np.frombuffer(self._data, np.uint8)
        missing = int(self._starts.max(initial=0)) + width - len(view)
        if missing > 0:
            view = np.concatenate([view, np.zeros(missing, np.uint8)])
        matrix = np.lib.stride_tricks.sliding_window_view(view, width)[self._starts]
        matrix *= np.arange(width) < self.lengths[:, None]
        return matrix

    def taken(self, places: Int64s) -> Texts:
        """The texts at some places, in one piece."""
        return Texts.joined(Texts(self._data, self._starts[places], self._ends[places]).joint(), self.lengths[places])

    def cut(self, lengths: Int64s) -> Texts:
        """The first bytes of each text, so many as ``lengths`` (n,) says."""
        return Texts(self._data, self._starts, self._starts + lengths)

    def joint(self) -> bytes:
        """All texts in one piece, nothing between them."""
        if not len(self):
            return b""
        if (self._starts[1:] == self._ends[:-1]).all():
            return self._data[self._starts[0] : self._ends[-1]]
        if self.widest <= WIDEST:
            matrix = self.matrix(self.widest)
            return matrix[np.arange(matrix.shape[1]) < self.lengths[:, None]].tobytes()
        spans = zip(self._starts.tolist(), self._ends.tolist(), strict=True)
        return b"".join([self._data[start:end] for start, end in spans])

    def holding(self, characters: bytes) -> Bools:
        """(n,) which texts hold one of some ASCII characters."""
        if self.widest <= WIDEST:
            held = np.isin(self.matrix(self.widest), list(characters))
            return np.asarray(held.any(axis=1))
        marks = set(characters.decode())
        return np.array([not marks.isdisjoint(text) for text in self.to_list()], dtype=np.bool_)

    def odd_edges(self) -> Bools:
        """(n,) which texts are empty, or begin or end with what could be a blank."""
        view = np.frombuffer(self._data, np.uint8)
        odd: Bools = self.lengths == 0
        some = np.flatnonzero(self.lengths)
        for edge in (view[self._starts[some]], view[self._ends[some] - 1]):
            odd[some] |= (edge <= ord(" ")) | (edge >= 0x80)
        return odd

    def hashes(self) -> UInt64s:
        """(n,) equal texts have equal numbers, and few others have the same."""
        words = self._words
        mixed: UInt64s = self.lengths.astype(np.uint64) * _FACTORS[-2]
        for word, factor in zip(words.T, _FACTORS[: words.shape[1]], strict=True):
            mixed += (word ^ (word >> _HALF)) * factor
        mixed ^= mixed >> _HALF
        mixed *= _FACTORS[-1]
        mixed ^= mixed >> _HALF
        return mixed

    def distinct(self) -> tuple[Texts, Int64s]:
        """The different texts, in no order, and (n,) which of them each is."""
        if self.widest <= WIDEST:
            _, first, place = np.unique(self.hashes(), return_index=True, return_inverse=True)
            model = first[place]
            if (self._words == self._words[model]).all() and (self.lengths == self.lengths[model]).all():
                return self.taken(first), place.astype(np.int64)
        known = dict[str, int]()
        place = np.fromiter((known.setdefault(text, len(known)) for text in self.to_list()), np.int64, len(self))
        return Texts.of(list(known)), place

    @cached_property
    def _words(self) -> UInt64s:
        """(n, w) the first ``WIDEST`` bytes, eight in a word."""
        words = min(max(-(-self.widest // 8), 1), WIDEST // 8)
        matrix: UInt64s = self.matrix(8 * words).view(np.uint64)
        return matrix


def concatenated(parts: Sequence[Texts]) -> Texts:
    """The texts of part after part."""
    return Texts.joined(b"".join([part.joint() for part in parts]), np.concatenate([part.lengths for part in parts]))


def _decoded(data: bytes) -> str:
    return data.decode(errors="surrogatepass")  # a DataFrame may hold what no file can
