"""What a sweep varies: a path of the scheme and the values that it takes, from a list or a range.

Written ``payers.cii.deductible=6000 yuan,8000 yuan``, or as a range with its step, both ends included:
``payers.cii.deductible=6000..12000 step 1000 yuan``. Figures of a range are exact decimals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

import yaml

from fundsim.comparison.errors import ComparisonError, Complaint
from fundsim.scenario.nodes import inline
from fundsim.scenario.problems import Mark, Source
from fundsim.scenario.quantities import quantity, same
from fundsim.scenario.writer import node_of

MOST_DESIGNS: Final = 10_000
"""Designs of one sweep; more are not read by anybody, and would not be what was meant."""

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_RANGE = re.compile(
    rf"(?P<low>{_NUMBER})\s*(?P<low_unit>[^\d.]*?)\s*\.\.\s*(?P<high>{_NUMBER})\s*(?P<high_unit>\D*?)"
    rf"(?:\s*\bstep\s+(?P<step>{_NUMBER})\s*(?P<unit>\D*))?"
)
_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)")
_OPEN, _CLOSE = "[{", "]}"


@dataclass(frozen=True)
class Vary:
    """One path of a sweep with its values."""

    path: str
    values: tuple[Any, ...]
    """As they would stand in a file."""

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The values in one line each."""
        return tuple(_text(value) for value in self.values)

    @cached_property
    def numbers(self) -> tuple[float, ...] | None:
        """The values as numbers for an axis: yuan, per cent or plain; None where one of them is no number."""
        found = [_number(text) for text in self.texts]
        return None if None in found else tuple(n for n in found if n is not None)

    @property
    def unit(self) -> str:
        """The unit of these numbers, where they have one."""
        read = quantity(self.texts[0])
        units = {"money": "yuan", "money per person": "yuan/person", "rate": "%", "points": "pp", "factor": "x"}
        return units.get(read.kind, "") if read else ""


def _number(text: str) -> float | None:
    read = quantity(text)
    if read is None:
        return None
    per = {"money": 100, "money per person": 100, "rate": 10_000, "points": 10_000}
    return read.value / per.get(read.kind, 1)


def _text(value: Any) -> str:
    return inline(node_of(value, _NOWHERE), 80)


_NOWHERE: Final = Mark(Source("value"), 0, 0)


def read_varied(stated: Sequence[str]) -> tuple[Vary, ...]:
    """Read several ``PATH=VALUES``.

    Raises:
        ComparisonError: all that is wrong with them.
    """
    complaints: list[Complaint] = []
    read = [read_vary(text, complaints) for text in stated]
    if complaints:
        raise ComparisonError(complaints)
    return tuple(each for each in read if each is not None)


def read_vary(text: str, complaints: list[Complaint]) -> Vary | None:
    """Read ``PATH=VALUES``; what is wrong is complained of."""
    path, equals, stated = text.partition("=")
    if not equals or not path.strip():
        instead = "write PATH=VALUE,VALUE, such as payers.cii.deductible=6000 yuan,8000 yuan"
        complaints.append(Complaint(text, "does not say which path takes which values", instead))
        return None
    found: list[Complaint] = []
    values = tuple(_values(path.strip(), stated.strip(), found))
    complaints += found
    return None if found else vary_of(path.strip(), values, complaints)


def vary_of(path: str, values: Sequence[Any], complaints: list[Complaint]) -> Vary | None:
    """The path with its values; none, or the same twice, is complained of."""
    wrong = list(_repeated(path, values))
    if not values:
        wrong.append(Complaint(path, "has no value to take", "give the values: 6000 yuan,8000 yuan"))
    complaints += wrong
    return None if wrong else Vary(path, tuple(values))


def _repeated(path: str, values: Sequence[Any]) -> Iterator[Complaint]:
    seen: dict[object, str] = {}
    for value in values:
        text = _text(value)
        read = quantity(text)
        key: object = read or " ".join(text.split())
        if key in seen and (read is None or same(node_of(seen[key], _NOWHERE), node_of(value, _NOWHERE))):
            also = "" if seen[key] == text else f" (as {seen[key]})"
            yield Complaint(f"{path}={text}", f"takes this value twice{also}", "give each value once")
        seen.setdefault(key, text)


def _values(path: str, stated: str, complaints: list[Complaint]) -> Iterator[Any]:
    if not stated:
        complaints.append(Complaint(f"{path}=", "has no value to take", f"write {path}=6000 yuan,8000 yuan"))
    grouped = _GROUPED.search(stated)
    if grouped is not None and stated[0] not in _OPEN:
        instead = f"write {grouped[0].replace(',', '')}, or a blank after each comma between values"
        complaints.append(Complaint(f"{path}={stated}", f"may mean one number or several: {grouped[0]}", instead))
        return
    for item in _parted(stated):
        if not item:
            why = "has an empty value between two commas"
            complaints.append(Complaint(f"{path}={stated}", why, "write one value between commas"))
        elif ".." in item:
            yield from _range(path, item, complaints)
        elif item[0] in _OPEN:
            yield _structure(path, item, complaints)
        else:
            yield item


def _parted(text: str) -> list[str]:
    """Values between commas; those within brackets part nothing."""
    if not text:
        return []
    items, depth = [""], 0
    for letter in text:
        depth += (letter in _OPEN) - (letter in _CLOSE)
        if letter in ",，" and depth <= 0:
            items.append("")
        else:
            items[-1] += letter
    return [item.strip() for item in items]


def _structure(path: str, item: str, complaints: list[Complaint]) -> Any:
    """A list or mapping as it would stand in a file, all scalars as text."""
    try:
        return yaml.load(item, Loader=yaml.BaseLoader)  # it makes nothing but texts, lists and dicts
    except yaml.YAMLError:
        instead = "write it as in a file, such as [{to: 20000 yuan, pay: 50%}, {pay: 60%}]"
        complaints.append(Complaint(f"{path}={item}", "is a list or mapping that cannot be read", instead))
        return item


def _range(path: str, item: str, complaints: list[Complaint]) -> list[str]:
    match = _RANGE.fullmatch(item)
    shape = "write 6000..12000 step 1000 yuan"
    if match is None or match["step"] is None:
        complaints.append(Complaint(f"{path}={item}", "is a range without its step", shape))
        return []
    units = [unit.strip() for unit in (match["low_unit"], match["high_unit"], match["unit"]) if unit.strip()]
    unit = next((each for each in reversed(units) if each != "pp"), units[-1] if units else "")
    low, high, step = (Fraction(match[name]) for name in ("low", "high", "step"))
    why = _wrong(units, unit, low, high, step)
    if why is not None:
        complaints.append(Complaint(f"{path}={item}", *why))
        return []
    count = int((high - low) / step) + 1
    places = max(len(match[name].partition(".")[2]) for name in ("low", "high", "step"))
    gap = "" if unit in ("%", "pp", "") else " "
    return [f"{float(low + k * step):.{places}f}{gap}{unit}" for k in range(count)]


def _wrong(units: list[str], unit: str, low: Fraction, high: Fraction, step: Fraction) -> tuple[str, str] | None:
    """Why a range will not do, and what to write instead."""
    others = [each for each in units if each != unit and (each, unit) != ("pp", "%")]
    if others:
        return f"is a range in two units, {others[0]} and {unit}", "write one unit, after the step"
    if step <= 0:
        return f"has a step of {float(step):g}", "write a step above zero, and the lower end first"
    if high < low:
        return "is an empty range: it ends below where it begins", f"write {float(high):g}..{float(low):g}"
    if (high - low) % step:
        last = low + (high - low) // step * step
        instead = f"end at {float(last):g} or {float(last + step):g}, or change the step"
        return f"is not met by its steps: {float(high):g} lies between {float(last):g} and the next", instead
    if (high - low) / step >= MOST_DESIGNS:
        return f"has {int((high - low) / step) + 1:,} values", f"take a longer step: at most {MOST_DESIGNS:,} designs"
    return None
