"""What a calibration stops at: data that cannot be fitted, and fits that did not come to an end."""

from __future__ import annotations

from fundsim.errors import UsersError


class FitError(ArithmeticError):
    """A fit that cannot be trusted: ``why``, and what to do ``instead``. Nothing is returned in its place."""

    def __init__(self, why: str, instead: str) -> None:
        super().__init__(f"{why}; {instead}")
        self.why = why
        self.instead = instead


class CalibrationError(UsersError, ValueError):
    """Data of the user's that cannot be calibrated to, every problem of them: shown without a traceback."""
