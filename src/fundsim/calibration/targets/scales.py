"""The scale on which a parameter moves, and its values as files write them."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, floor, inf, log, log10
from typing import Final, Literal

from fundsim import units
from fundsim.money import PPM, format_rate
from fundsim.scenario.quantities import quantity

Kind = Literal["money", "rate", "frequency", "number", "factor"]

DIGITS: Final = 4
"""Significant digits of fitted values in a file: more than any press release supports."""
_MOST: Final[dict[Kind, float]] = {"rate": 0.999, "number": inf, "money": inf, "frequency": inf, "factor": inf}
_REACH: Final = 6.0
"""Parameters are searched so many spreads to both sides of their prior."""
_FREE_REACH: Final = log(50.0)


class ScaleError(ValueError):
    """A value or a spread that does not suit its place: ``why`` and ``instead``, and which of the two it is."""

    def __init__(self, why: str, instead: str, *, of_spread: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.instead = instead
        self.of_spread = of_spread


@dataclass(frozen=True)
class Scale:
    """How a parameter is measured: ``log`` of the value, or the value itself (yuan, share, events per person)."""

    kind: Kind
    log: bool
    first: float
    """Where the search begins, on the scale: the prior, where there is one."""
    spread: float | None
    """Standard deviation of the prior on the scale; None without a prior."""

    @classmethod
    def of(cls, kind: Kind, first: str, spread: str | None) -> Scale:
        """Read a prior and its spread.

        Raises:
            ScaleError: one of them does not suit the place, or each other.
        """
        value = _value(kind, first)
        if spread is None or units.is_factor(spread):
            if value <= 0:
                raise ScaleError(f"{first} has no logarithm", "write a value above zero, or a spread without 'x'")
            return cls(kind, True, log(value), None if spread is None else _factor(spread))
        sd = _width(kind, spread)
        if sd <= 0:
            raise ScaleError(f"a spread of {spread} leaves nothing to fit", "write a spread above zero", of_spread=True)
        return cls(kind, False, value, sd)

    def value(self, at: float) -> float:
        """The value at a place of the scale."""
        return exp(at) if self.log else at

    def at(self, value: float) -> float:
        """The place of a value on the scale."""
        return log(value) if self.log else value

    def written(self, at: float, digits: int) -> float:
        """The place of the value as it is written with few digits."""
        return self.at(_rounded(self.value(at), digits))

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which places of the scale the fit searches."""
        reach = _FREE_REACH if self.spread is None else _REACH * self.spread
        most = self.at(_MOST[self.kind]) if _MOST[self.kind] < inf else inf
        least = -inf if self.log else 1e-6 * abs(self.first)
        return max(self.first - reach, least), min(self.first + reach, most)

    @property
    def step(self) -> float:
        """The step of a difference quotient: wide enough for the sample, narrow against what is not known."""
        return 0.05 if self.spread is None else 0.2 * self.spread

    def text(self, value: float, digits: int | None = None) -> str:
        """A value as files write it; to all its digits where none are given."""
        value = value if digits is None else _rounded(value, digits)
        if self.kind == "money":
            return f"{value:.2f}".rstrip("0").rstrip(".") + " yuan"
        if self.kind == "rate":
            return format_rate(round(value * PPM))
        if self.kind == "frequency":
            return f"{value * 1000:.10g} per 1000 persons"
        return f"x{value:.10f}" if self.kind == "factor" and digits is None else self._number(value)

    def in_chinese(self, value: float, digits: int) -> str:
        """A value as a Chinese sentence has it."""
        value = _rounded(value, digits)
        if self.kind == "money":
            return f"{value:,.2f}".rstrip("0").rstrip(".") + "元"
        if self.kind == "frequency":
            return f"每千人{value * 1000:.10g}人次"
        return f"{value:.6g}倍" if self.kind == "factor" else self.text(value)

    def _number(self, value: float) -> str:
        return f"x{value:.6g}" if self.kind == "factor" else f"{value:.10g}"


def kind_of(text: str) -> Kind | None:
    """What a place of the claims model holds; None where it is no quantity that could be fitted."""
    found = quantity(text)
    kinds: dict[str, Kind] = {"money": "money", "rate": "rate", "frequency": "frequency", "number": "number"}
    return None if found is None else kinds.get(found.kind)


def _value(kind: Kind, text: str) -> float:
    readers = {
        "money": lambda: units.money(text) / 100, "rate": lambda: units.rate(text) / PPM,
        "frequency": lambda: units.frequency(text), "number": lambda: units.number(text),
        "factor": lambda: units.factor(text),
    }  # fmt: skip
    try:
        return float(readers[kind]())
    except units.UnitError as error:
        raise ScaleError(error.why, error.instead) from None


def _width(kind: Kind, text: str) -> float:
    try:
        return units.points(text) / PPM if kind == "rate" else _value(kind, text)
    except units.UnitError:
        why, instead = (
            f"'{text}' is no spread of a share",
            "write it in points, such as 5pp, or as a factor, such as x1.2",
        )
        raise ScaleError(why, instead, of_spread=True) from None
    except ScaleError as error:
        raise ScaleError(error.why, f"{error.instead}, or a factor, such as x1.2", of_spread=True) from None


def _factor(text: str) -> float:
    try:
        factor = units.factor(text)
    except units.UnitError as error:
        raise ScaleError(error.why, error.instead, of_spread=True) from None
    if factor <= 1:
        why, instead = f"a spread of {text} leaves nothing to fit", "write a factor above one, such as x1.2"
        raise ScaleError(why, instead, of_spread=True)
    return log(factor)


def _rounded(value: float, digits: int) -> float:
    return round(value, digits - 1 - floor(log10(abs(value)))) if value else 0.0
