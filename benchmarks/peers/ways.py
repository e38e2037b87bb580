"""A way to the figures: a tool with a setting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.peers.model import Figures, Frequency


class ToolError(RuntimeError):
    """A tool raised; the message is its own."""


class Answer(NamedTuple):
    """What a tool answered."""

    figures: Figures
    says: str = ""
    """What the tool itself says about its answer."""


@dataclass(frozen=True)
class Way:
    """One tool with one setting, able to answer for either frequency.

    ``answer`` does everything that a user would wait for, from the text or the arrays of the model to the figures, and
    raises :class:`ToolError` where the tool raises. It imports the tool itself, so that a first call pays for that.
    """

    tool: str
    setting: str
    answer: Callable[[Frequency], Answer]
    by_hand: bool = False
    """Whether the grid was chosen by somebody who knows the range of the answer."""
    replications: int = 0
    """0 where the answer is not simulated."""

    exact: bool = False
    """Whether this is fundsim's exact lane, which the others are compared with."""

    @property
    def name(self) -> str:
        return f"{self.tool}, {self.setting}"
