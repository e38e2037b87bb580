"""How an uncertain input is distributed: an open set, one file each, by closed quantile functions.

To add one: write a file with a subclass of :class:`Distribution`, and add a line to ``DISTRIBUTIONS``.
"""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic import Field

from fundsim.uncertainty.distributions.base import Distribution
from fundsim.uncertainty.distributions.discrete import Discrete
from fundsim.uncertainty.distributions.gamma import Gamma
from fundsim.uncertainty.distributions.lognormal import Lognormal
from fundsim.uncertainty.distributions.normal import Normal
from fundsim.uncertainty.distributions.table import Table
from fundsim.uncertainty.distributions.triangular import Triangular
from fundsim.uncertainty.distributions.truncated import Truncated
from fundsim.uncertainty.distributions.uniform import Uniform

DISTRIBUTIONS: Final[dict[str, type[Distribution]]] = {
    "lognormal": Lognormal,
    "gamma": Gamma,
    "normal": Normal,
    "uniform": Uniform,
    "triangular": Triangular,
    "discrete": Discrete,
    "table": Table,
}
"""Every distribution by the word after ``family:``."""

if TYPE_CHECKING:
    AnyDistribution: TypeAlias = Distribution
else:
    AnyDistribution = Annotated[functools.reduce(operator.or_, DISTRIBUTIONS.values()), Field(discriminator="family")]
"""The type of a field that takes any of them."""

__all__ = [
    "DISTRIBUTIONS", "AnyDistribution", "Discrete", "Distribution", "Gamma", "Lognormal", "Normal", "Table",
    "Triangular", "Truncated", "Uniform",
]  # fmt: skip
