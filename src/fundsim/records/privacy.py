"""What may be shown (隐私保护): no person, no record, and no cell of a table that speaks of fewer than five persons.

Primary suppression hides small cells; secondary suppression hides others beside them, so that no hidden one is what
a total less the shown cells leaves. See Hundepool et al., *Statistical Disclosure Control* (Wiley 2012), chapter 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

FEWEST: Final = 5
"""A cell that is shown speaks of so many persons at least."""
HIDDEN: Final = "…"
"""What stands for an amount that is hidden."""
_FEWER: Final = {"en": "<{}", "zh": "少于{}人"}


@dataclass(frozen=True)
class SmallCells:
    """How small cells are treated."""

    fewest: int = FEWEST
    allowed: bool = False
    """Whether the user said that small cells may be shown."""

    def is_small(self, persons: int) -> bool:
        """Whether a cell of so many persons is hidden; an empty one tells of nobody."""
        return not self.allowed and 0 < persons < self.fewest

    def count(self, number: int, persons: int | None = None, lang: str = "en") -> str:
        """A number of things of so many persons (as many as things where not given) as it may be shown."""
        return self.fewer(lang) if self.is_small(number if persons is None else persons) else f"{number:,}"

    def fewer(self, lang: str = "en") -> str:
        """What stands for a small number of persons."""
        return _FEWER[lang].format(self.fewest)

    def hidden(self, persons: npt.ArrayLike, *, total_shown: bool = True) -> Bools:
        """Which cells of a table are hidden.

        Args:
            persons: (r,) or (r, c) persons in each cell.
            total_shown: whether totals of rows and columns stand beside them; then a line hides no cell or at least
                two cells of at least ``fewest`` persons together, so that no hidden cell can be worked out from it.

        Returns:
            A mask of the same shape. A total is a cell of its own: it is to be hidden where it is small itself.
        """
        counts = np.asarray(persons, dtype=np.int64)
        mask: Bools = np.zeros(counts.shape, dtype=np.bool_) if self.allowed else (counts > 0) & (counts < self.fewest)
        while total_shown and not self.allowed and self._hide_more(counts, mask):
            pass
        return mask

    def _hide_more(self, counts: Int64s, mask: Bools) -> bool:
        """Hide one more cell in each line that needs it; whether there was one."""
        lines = [(counts, mask)]
        if counts.ndim == 2:
            lines = [*zip(counts, mask, strict=True), *zip(counts.T, mask.T, strict=True)]
        more = False
        for cells, hidden in lines:
            safe = hidden.sum() != 1 and (not hidden.any() or cells[hidden].sum() >= self.fewest)
            others = np.flatnonzero(~hidden & (cells > 0))
            if not safe and len(others):
                hidden[others[np.argmin(cells[others])]] = True  # a view: the mask itself is changed
                more = True
        return more

    def shield(
        self,
        frame: pd.DataFrame,
        persons: str,
        columns: Sequence[str] = (),
        *,
        lang: Literal["en", "zh"] = "en",
        total_shown: bool = True,
    ) -> pd.DataFrame:
        """The table with its small cells hidden; what is hidden becomes a text.

        Args:
            frame: a row for each cell.
            persons: the column with the persons of each cell.
            columns: the other columns that speak of them.
            lang: language of what stands instead.
            total_shown: whether a total stands beside the table.
        """
        counts = frame[persons].to_numpy(np.int64)
        mask = self.hidden(counts, total_shown=total_shown)
        if not mask.any():
            return frame
        small = mask & (counts < self.fewest)
        shown = frame.astype(dict.fromkeys((persons, *columns), object))
        shown[persons] = [_instead(*each, self.fewer(lang)) for each in zip(frame[persons], mask, small, strict=True)]
        for name in columns:
            shown[name] = [HIDDEN if hidden else value for value, hidden in zip(frame[name], mask, strict=True)]
        return shown

    def pooled(self, values: npt.ArrayLike, person: npt.ArrayLike) -> tuple[Floats, Int64s]:
        """Points that may be drawn: neighbours averaged until each point stands for ``fewest`` persons at least.

        Args:
            values: (n,) in ascending order.
            person: (n,) whose each is.

        Returns:
            (k,) means in ascending order, and (k,) how many values each stands for. The highest are pooled first, so
            that the tail is as fine as it may be; what is left over below joins the lowest point.
        """
        given, whose = np.asarray(values, dtype=np.float64), np.asarray(person, dtype=np.int64)
        if self.allowed:
            return given, np.ones(len(given), dtype=np.int64)
        bounds, seen = [len(given)], set[int]()
        for place in range(len(given) - 1, -1, -1):
            seen.add(int(whose[place]))
            if len(seen) >= self.fewest:
                bounds.append(place)
                seen.clear()
        bounds[-1] = 0  # fewer than enough are left, or none
        if len(bounds) < 2:
            return np.zeros(0), np.zeros(0, dtype=np.int64)
        edges = np.array(bounds[::-1], dtype=np.int64)
        sizes = np.diff(edges)
        means: Floats = np.add.reduceat(given, edges[:-1]) / sizes
        return means, sizes


def _instead(value: Any, hidden: bool, small: bool, fewer: str) -> Any:
    if not hidden:
        return value
    return fewer if small else HIDDEN


SUPPRESS: Final = SmallCells()
"""Small cells are hidden: what holds unless the user says otherwise."""
ALLOW: Final = SmallCells(allowed=True)
"""Small cells are shown, because the user said so."""
