"""Problems of a scenario file: collected, then told all at once, each with its place and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fundsim.errors import UsersError
from fundsim.scenario.text import blank, width

Steps = tuple[str | int, ...]
"""The way from the top of a file down to a value: keys of mappings and positions in lists, from 0."""


@dataclass(frozen=True)
class Source:
    """A text that scenario values come from."""

    name: str
    """How messages call it: the path as it was given."""
    lines: tuple[str, ...] = field(default=(), repr=False)
    folder: Path = field(default=Path(), repr=False)
    """Where the files it refers to are looked for."""


@dataclass(frozen=True)
class Mark:
    """A place in a source; lines and columns count from 1, columns in characters."""

    source: Source
    line: int
    column: int
    length: int = 1
    """Characters of the marked text on its first line."""

    @property
    def text(self) -> str:
        """The whole line."""
        lines = self.source.lines
        return lines[self.line - 1] if 0 < self.line <= len(lines) else ""

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, why, and what to write instead."""

    file: str
    line: int
    """From 1; 0 where the problem is with the file as a whole."""
    column: int
    path: str
    """The value's place in the scenario, such as ``payers.cii.bands[1].to``."""
    why: str
    instead: str
    text: str = ""
    """The offending line."""
    length: int = 1
    """Characters of the offending text on that line."""
    details: tuple[str, ...] = ()
    """How it came about, line by line."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        lines = [f"{place}: error: {f'{self.path}: ' if self.path else ''}{self.why}"]
        if self.text.strip():
            lines += [self.text.rstrip(), self._caret()]
        return "\n".join([*lines, *(f"  {detail}" for detail in self.details), f"  instead: {self.instead}"])

    def _caret(self) -> str:
        start = self.column - 1
        marked = self.text[start : start + self.length].rstrip()
        return blank(self.text[:start]) + "^" * max(width(marked), 1)


class ScenarioError(UsersError, ValueError):
    """A scenario that cannot be used; ``problems`` holds everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class Problems:
    """The problems of one reading, in the order of their places; a value is complained of once only."""

    def __init__(self, main: Source) -> None:
        self._main = main
        self._found: dict[tuple[str, int, int, Steps], Problem] = {}
        self._spoilt: set[Steps] = set()

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, mark: Mark, steps: Steps, why: str, instead: str, details: tuple[str, ...] = ()) -> None:
        """Note a problem, unless this value has been complained of already, or lies in a spoilt part."""
        if any(steps[: len(spoilt)] == spoilt for spoilt in self._spoilt):
            return
        place = (mark.source.name, mark.line, mark.column, steps)
        path, text = dotted(steps), mark.text
        problem = Problem(mark.source.name, mark.line, mark.column, path, why, instead, text, mark.length, details)
        self._found.setdefault(place, problem)

    def file(self, name: str, why: str, instead: str) -> None:
        """Note a problem with a file as a whole."""
        self._found.setdefault((name, 0, 0, ()), Problem(name, 0, 0, "", why, instead))

    def take(self, found: Iterable[Problem]) -> None:
        """Note problems that another reading has found."""
        for each in found:
            self._found.setdefault((each.file, each.line, each.column, (each.path,)), each)

    def spoil(self, steps: Steps) -> None:
        """Say that a part of the scheme could not be read at all, so that nothing more is said about it."""
        self._spoilt.add(steps)

    @property
    def sorted(self) -> list[Problem]:
        """All problems by place, those of the main file first."""
        return sorted(self._found.values(), key=lambda p: (p.file != self._main.name, p.file, p.line, p.column))

    def raise_if_any(self) -> None:
        """Raise all that was found.

        Raises:
            ScenarioError: there is at least one problem.
        """
        if self._found:
            raise ScenarioError(self.sorted)


def dotted(steps: Steps) -> str:
    """Write a way down as ``payers.cii.bands[1].to``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")
