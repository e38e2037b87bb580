"""What can be wrong with a question for a price."""

from __future__ import annotations

from fundsim.errors import UsersError


class PriceError(UsersError, ValueError):
    """A price that cannot be asked for like this: what is solved for, or between which values."""


class UnsolvableError(PriceError):
    """No value of the bracket meets the target; the message says why, and how near one can come.

    ``zh`` says the same in Chinese. ``nearest`` is the value that comes nearest, as it would stand in a file, and
    ``reached`` what the target's figure is there, in the unit of the target.
    """

    def __init__(self, message: str, zh: str, nearest: str, reached: float) -> None:
        super().__init__(message)
        self.zh = zh
        self.nearest = nearest
        self.reached = reached
