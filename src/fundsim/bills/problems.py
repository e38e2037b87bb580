"""Problems of given bills: told all at once, each with its row, its column, why, and what to write instead."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from fundsim.errors import UsersError

SHOWN: Final = 50
"""So many problems are told in full; of the others only the number."""

WHOLE: Final = -1
"""As a row: the source as a whole."""

Words = tuple[str, str]
"""Why, and what to write instead."""


@dataclass(frozen=True)
class BillProblem:
    """One thing that is wrong: where, why, and what to write instead."""

    place: str
    """The file and the row, such as ``bills.csv:17``."""
    row: int
    """The line in the file as an editor shows it (the header is 1), the position in a DataFrame, or -1."""
    column: str | None
    why: str
    instead: str

    def __str__(self) -> str:
        about = "" if self.column is None else f"column '{self.column}': "
        return f"{self.place}: error: {about}{self.why}\n  instead: {self.instead}"


class BillsError(UsersError, ValueError):
    """Bills that cannot be settled; ``problems`` holds what is wrong, ``more`` the number that is not shown."""

    def __init__(self, problems: Iterable[BillProblem], more: int = 0) -> None:
        self.problems = tuple(problems)
        self.more = more
        rest = [f"and {more:,} more problems"] if more else []
        super().__init__("\n".join([*map(str, self.problems), *rest]))

    def __reduce__(self) -> tuple[type[BillsError], tuple[tuple[BillProblem, ...], int]]:
        return type(self), (self.problems, self.more)


class BillProblems:
    """The problems of one reading; what is beyond the first ``SHOWN`` is only counted."""

    def __init__(self, place: Callable[[int], str]) -> None:
        self._place = place
        self._found: list[BillProblem] = []
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, row: int, column: str | None, why: str, instead: str) -> None:
        """Note a problem of a row, or of the source as a whole."""
        self._note(BillProblem(self._place(row), row, column, why, instead))

    def option(self, option: str, why: str, instead: str) -> None:
        """Note a problem with how the settlement was asked for, such as ``--given``."""
        self._note(BillProblem(option, WHOLE, None, why, instead))

    def cells(self, rows: Sequence[int], column: str, bad: Sequence[int], explain: Callable[[int], Words]) -> None:
        """Note the cells of a column at positions ``bad``; only as many are explained as can be shown."""
        for position in bad[:SHOWN]:
            self.add(rows[position], column, *explain(position))
        self._count += max(len(bad) - SHOWN, 0)

    def raise_if_any(self) -> None:
        """Raise all that was found, in the order of rows.

        Raises:
            BillsError: there is at least one problem.
        """
        if self._found:
            shown = heapq.nsmallest(SHOWN, self._found, key=lambda problem: problem.row)
            raise BillsError(shown, self._count - len(shown))

    def _note(self, problem: BillProblem) -> None:
        self._count += 1
        self._found.append(problem)
        if len(self._found) > 100 * SHOWN:
            self._found = heapq.nsmallest(SHOWN, self._found, key=lambda problem: problem.row)
