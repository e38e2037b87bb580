"""Values of uncertain inputs as they are written: ``x1.05`` for a factor, ``2pp`` for points, ``0.33`` for an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from fundsim import units
from fundsim.money import PPM
from fundsim.terms import Number, problem

Unit = Literal["factor", "points", "number"]
"""A multiplier; percentage points, held as a fraction (2pp is 0.02); a number without a unit."""

EXAMPLE: Final[dict[Unit, str]] = {"factor": "x1.05", "points": "2pp", "number": "0.33"}
NAME: Final[dict[Unit, str]] = {"factor": "a multiplier", "points": "a number of points", "number": "a plain number"}


@dataclass(frozen=True)
class Quantity:
    """A value with the unit in which it was written."""

    value: float
    unit: Unit | None = None
    """None where a Python caller gives a bare number, which is taken in the unit of its input."""


def _quantity(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Quantity(float(value))
    if not isinstance(value, str):
        return value
    try:
        return _read(value)
    except units.UnitError as error:
        raise problem("quantity", error.why, error.instead) from None


def _read(text: str) -> Quantity:
    if units.is_factor(text):
        return Quantity(units.factor(text), "factor")
    if units.is_points(text):
        return Quantity(units.points(text) / PPM, "points")
    if text.strip().endswith(("%", "‰")):
        number = text.strip().rstrip("%‰").strip()
        why = f"'{text}' is a rate, and no uncertain input is one"
        raise units.UnitError(why, f"write {number}pp for points of growth, or a multiplier such as x1.05 for a level")
    return Quantity(units.number(text), "number")


def _text(description: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "number"], "description": description, "examples": [example]})


Place = Annotated[Quantity, BeforeValidator(_quantity), _text("value of an uncertain input 取值", "x1.05")]
"""A value that the input may take: in the input's own unit."""
Width = Annotated[Quantity, BeforeValidator(_quantity), _text("spread of an uncertain input 离散程度", "0.05")]
"""A difference of such values: a plain number for factors and indices, points for points."""


def _spread(value: float) -> float:
    if not 0 < value <= 2:
        raise problem(
            "coefficient_of_variation",
            f"a coefficient of variation of {value:g} is no spread that a shared level can have",
            "write standard deviation over mean as a number above zero and at most 2, such as 0.05",
        )
    return value


Spread = Annotated[Number, AfterValidator(_spread)]
"""Standard deviation over mean: the coefficient of variation (变异系数)."""


def not_in_unit(key: str, quantity: Quantity, unit: Unit, *, width: bool) -> tuple[str, str] | None:
    """Why a value does not fit an input of this unit, and what to write; None where it fits."""
    wanted: Unit = "number" if width and unit == "factor" else unit
    if unit == "factor" and not width and quantity.unit in (None, unit) and quantity.value <= 0:
        return f"'{key}' is zero or less, and a factor must stay above it", f"write '{key}: x0.5' or more"
    if quantity.unit in (None, wanted):
        return None
    written = NAME[quantity.unit]
    example = "0.05" if wanted == "number" and width else EXAMPLE[wanted]
    return f"'{key}' is {written}, and {NAME[wanted]} is meant", f"write '{key}: {example}'"
