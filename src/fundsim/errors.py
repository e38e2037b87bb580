"""Errors of what the user wrote (输入错误): told in plain words, in a notebook too."""

from __future__ import annotations

import traceback
from pathlib import Path

PACKAGE = str(Path(__file__).parent)


class UsersError(Exception):
    """An error in a scenario, a bill, a target or another input; its message says what is wrong and what to write."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the user's own line and the message, without the way through this package."""
        before = ""
        for frame in traceback.extract_tb(self.__traceback__):
            if frame.filename.startswith(PACKAGE):
                break
            before = f"line {frame.lineno}: {frame.line}"
        return [*([before, ""] if before else []), f"{type(self).__name__}: {self}"]
