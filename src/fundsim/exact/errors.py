"""What an exact answer can fail by: a model outside its reach, or an accuracy that was not met."""

from __future__ import annotations

from fundsim.errors import UsersError


class OutOfReachError(UsersError):
    """A model that the exact lane cannot answer: ``why``, in plain words, and what would bring it inside."""

    def __init__(self, why: str, instead: str) -> None:
        super().__init__(why, instead)
        self.why = why
        self.instead = instead

    def __str__(self) -> str:
        return f"out of reach of the exact lane: {self.why}; {self.instead}"


class ExactError(ArithmeticError):
    """An answer that is less accurate than its tolerance: what failed, by how much, and what to give instead."""
