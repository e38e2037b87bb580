"""How dear a case is (次均费用): cost families, one file each, and the table by which they reach the kernel.

To add a family: write a file with a subclass of :class:`SeverityFamily`, and add a line to ``SEVERITIES``.
"""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic import Field

from fundsim.severity.bands import CostBand, OpenTail
from fundsim.severity.base import ClosedTail, SeverityFamily
from fundsim.severity.burr import BurrXII
from fundsim.severity.gamma import Gamma
from fundsim.severity.generalised_pareto import GeneralisedPareto
from fundsim.severity.inverse_gaussian import InverseGaussian
from fundsim.severity.log_logistic import LogLogistic
from fundsim.severity.lognormal import Lognormal
from fundsim.severity.pareto import Pareto
from fundsim.severity.quantile_table import QuantileTable, QuantileTableError
from fundsim.severity.spliced import Spliced, Tail
from fundsim.severity.table import CostTable
from fundsim.severity.weibull import Weibull

SEVERITIES: Final[dict[str, type[SeverityFamily]]] = {
    "lognormal": Lognormal,
    "gamma": Gamma,
    "weibull": Weibull,
    "log-logistic": LogLogistic,
    "burr-xii": BurrXII,
    "inverse-gaussian": InverseGaussian,
    "pareto": Pareto,
    "generalised-pareto": GeneralisedPareto,
    "spliced": Spliced,
    "table": CostTable,
}
"""Every family by the word after ``family:`` in a scenario file."""

if TYPE_CHECKING:
    Severity: TypeAlias = SeverityFamily
else:
    Severity = Annotated[functools.reduce(operator.or_, SEVERITIES.values()), Field(discriminator="family")]
"""The type of a field that takes any family."""

Spliced.model_rebuild(_types_namespace={"Severity": Severity})

__all__ = [
    "SEVERITIES",
    "BurrXII",
    "ClosedTail",
    "CostBand",
    "CostTable",
    "Gamma",
    "GeneralisedPareto",
    "InverseGaussian",
    "LogLogistic",
    "Lognormal",
    "OpenTail",
    "Pareto",
    "QuantileTable",
    "QuantileTableError",
    "Severity",
    "SeverityFamily",
    "Spliced",
    "Tail",
    "Weibull",
]
