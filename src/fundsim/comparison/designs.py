"""The designs of a sweep: every combination of the values, built and checked, with all that is wrong told at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from fundsim.comparison.errors import ComparisonError, Complaint, refuse
from fundsim.comparison.vary import MOST_DESIGNS, Vary
from fundsim.scenario import Scenario, ScenarioError


@dataclass(frozen=True, eq=False)
class Point:
    """One design of a sweep."""

    values: tuple[str, ...]
    """Of each path of the sweep."""
    scenario: Scenario


def points_of(scenario: Scenario, varied: Sequence[Vary], *, together: bool) -> tuple[Point, ...]:
    """Build every design: the grid of all values, or value by value side by side (``together``).

    Raises:
        ComparisonError: a path that leads nowhere, values that make no scheme, or that change no figure; lists of
            unequal length side by side; more designs than anybody reads.
    """
    _check_paths(varied, together=together)
    _check_alone(scenario, varied)
    places = _side_by_side(varied) if together else product(*(range(len(each.values)) for each in varied))
    found: list[Point] = []
    complaints: list[Complaint] = []
    for at in places:
        values = {each.path: each.values[place] for each, place in zip(varied, at, strict=True)}
        texts = tuple(each.texts[place] for each, place in zip(varied, at, strict=True))
        try:
            found.append(Point(texts, scenario.replace(values)))
        except ScenarioError as error:
            complaints += _told([f"{each.path}={text}" for each, text in zip(varied, texts, strict=True)], error)
    if complaints:
        raise ComparisonError(complaints)
    return tuple(found)


def _check_paths(varied: Sequence[Vary], *, together: bool) -> None:
    if not varied:
        raise refuse("nothing", "there is no path to vary", "write --vary 'payers.cii.deductible=6000 yuan,8000 yuan'")
    paths = [each.path for each in varied]
    twice = [path for place, path in enumerate(paths) if path in paths[:place]]
    if twice:
        raise refuse(twice[0], "is varied twice", "give all its values at once")
    sizes = [len(each.values) for each in varied]
    if together and len(set(sizes)) > 1:
        told = ", ".join(f"{path} has {size}" for path, size in zip(paths, sizes, strict=True))
        raise refuse("side by side", f"the paths have unequal numbers of values: {told}", "give as many of each")
    many = sizes[0] if together else prod(sizes)
    if many > MOST_DESIGNS:
        told = " x ".join(map(str, sizes))
        raise refuse(told, f"makes {many:,} designs", f"take fewer values: at most {MOST_DESIGNS:,} designs")


def _side_by_side(varied: Sequence[Vary]) -> Iterator[tuple[int, ...]]:
    return ((place,) * len(varied) for place in range(len(varied[0].values)))


def _check_alone(scenario: Scenario, varied: Sequence[Vary]) -> None:
    """Try each path by itself, so that a wrong one is told once and not with every value of the others."""
    complaints: list[Complaint] = []
    for each in varied:
        ends = dict.fromkeys((each.values[0], each.values[-1])) if _plain(each) else {}
        changed = []
        for value in ends:
            try:
                changed.append(scenario.replace({each.path: value}))
            except ScenarioError as error:
                if _leads_nowhere(error, each.path):
                    complaints += _told([each.path], error)
                    break
        if len(changed) > 1 and len({one.fingerprint for one in (scenario, *changed)}) == 1:
            why = "changes no figure: all its values give the same scheme"
            complaints.append(Complaint(each.path, why, "vary a path of payers, contract, population or claims"))
    if complaints:
        raise ComparisonError(complaints)


def _plain(each: Vary) -> bool:
    return all(isinstance(value, str) for value in (each.values[0], each.values[-1]))


def _leads_nowhere(error: ScenarioError, path: str) -> bool:
    """Whether it is the path that is wrong, and not the value."""
    words = ("is not a path", "has no '", "without a place", "path goes on below", "unknown key")
    return any(word in problem.why for problem in error.problems for word in words) and bool(path)


def _told(stated: Sequence[str], error: ScenarioError) -> list[Complaint]:
    """The problems of one design, beneath the values that make it."""
    paths = [each.partition("=")[0] for each in stated]
    return [
        Complaint(
            "; ".join(stated),
            problem.why if problem.path in ("", *paths) else f"{problem.path}: {problem.why}",
            problem.instead,
        )
        for problem in error.problems
    ]
