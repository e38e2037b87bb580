"""The root of an increasing function, for parametrisations by mean and coefficient of variation."""

from __future__ import annotations

import math
from collections.abc import Callable


def increasing_root(function: Callable[[float], float], target: float) -> float:
    """The x > 0 with ``function(x) = target``, to the last bit or two.

    ``function`` must be continuous and increasing on x > 0. Bisection in log x from a bracket that doubles:
    no derivative, no tolerance to choose, and about 60 evaluations.
    """
    low, high = 0.5, 1.0
    while function(high) < target:
        low, high = high, high * 2.0
    while function(low) > target:
        low, high = low / 2.0, low
    middle = math.sqrt(low * high)
    while low < middle < high:
        low, high = (middle, high) if function(middle) < target else (low, middle)
        middle = math.sqrt(low * high)
    return middle
