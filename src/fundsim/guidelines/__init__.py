"""What higher authorities ask of a scheme (上级文件): an open set of guidelines, each a list of rules to test it by.

A guideline is one file with its rules, and one line in ``GUIDELINES``. A rule quotes the article it tests, and says
what it found: passed, failed, allowed although different, or why nothing can be said.
"""

from __future__ import annotations

from typing import Final

from fundsim.errors import UsersError
from fundsim.guidelines.base import (
    REPLICATIONS,
    Evidence,
    Finding,
    Guideline,
    Judgement,
    Quote,
    Rule,
    Verdict,
    judge,
)
from fundsim.guidelines.national_2012 import NATIONAL_2012
from fundsim.terms import nearest

__all__ = [
    "GUIDELINES", "REPLICATIONS", "Evidence", "Finding", "Guideline", "GuidelineError", "Judgement", "Quote", "Rule",
    "Verdict", "find", "judge",
]  # fmt: skip

GUIDELINES: Final[dict[str, Guideline]] = {
    guideline.id: guideline
    for guideline in (
        NATIONAL_2012,
    )
}  # fmt: skip
"""Every guideline by its id."""


class GuidelineError(UsersError, ValueError):
    """There is no such guideline."""


def find(name: str) -> Guideline:
    """Return a guideline by its id.

    Raises:
        GuidelineError: there is none of that id; the text names the nearest one and all of them.
    """
    if name not in GUIDELINES:
        raise GuidelineError(
            f"error: there is no guideline '{name}'{nearest(name, GUIDELINES)}\n"
            f"  instead: write one of: {', '.join(GUIDELINES)}"
        )
    return GUIDELINES[name]
