"""What a user can get wrong when schemes are compared, all of it told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fundsim.errors import UsersError


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong: what was written, why it will not do, and what to write instead."""

    text: str
    why: str
    instead: str

    def __str__(self) -> str:
        return f"error: {self.text}: {self.why}\n  instead: {self.instead}"


class ComparisonError(UsersError, ValueError):
    """Schemes, designs or sensitivities that cannot be compared as asked; nothing was simulated."""

    MOST = 10
    """Complaints that are printed; of a long range all designs may have the same."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(complaints)
        shown, more = self.complaints[: self.MOST], len(self.complaints) - self.MOST
        rest = [f"and {more} more like these"] if more > 0 else []
        super().__init__("\n".join([*map(str, shown), *rest]))

    def __reduce__(self) -> tuple[type[ComparisonError], tuple[tuple[Complaint, ...]]]:
        return type(self), (self.complaints,)


def refuse(text: str, why: str, instead: str) -> ComparisonError:
    """An error of one complaint."""
    return ComparisonError([Complaint(text, why, instead)])
