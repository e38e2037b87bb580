"""What is not known (不确定参数): an open set, one file for each kind of input.

To add one: write a file with a subclass of :class:`Input`, and add a line to ``INPUTS``.
"""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic import Field

from fundsim.uncertainty.inputs.admission_trend import AdmissionTrend
from fundsim.uncertainty.inputs.admissions import Admissions
from fundsim.uncertainty.inputs.base import GrowthInput, Input, Marginal, tilted
from fundsim.uncertainty.inputs.catalogue import CatalogueMix
from fundsim.uncertainty.inputs.cost import Cost
from fundsim.uncertainty.inputs.cost_trend import CostTrend
from fundsim.uncertainty.inputs.enrolment import Enrolment
from fundsim.uncertainty.inputs.group_share import GroupShare
from fundsim.uncertainty.inputs.mix import Mix
from fundsim.uncertainty.inputs.tail_index import TailIndex

INPUTS: Final[dict[str, type[Input]]] = {
    "cost": Cost,
    "admissions": Admissions,
    "cost-trend": CostTrend,
    "admission-trend": AdmissionTrend,
    "tail-index": TailIndex,
    "mix": Mix,
    "catalogue": CatalogueMix,
    "enrolment": Enrolment,
    "group-share": GroupShare,
}
"""Every kind of input by the word after ``of:``."""

if TYPE_CHECKING:
    AnyInput: TypeAlias = Input
else:
    AnyInput = Annotated[functools.reduce(operator.or_, INPUTS.values()), Field(discriminator="of")]
"""The type of a field that takes any of them."""

__all__ = [
    "INPUTS",
    "AdmissionTrend",
    "Admissions",
    "AnyInput",
    "CatalogueMix",
    "Cost",
    "CostTrend",
    "Enrolment",
    "GroupShare",
    "GrowthInput",
    "Input",
    "Marginal",
    "Mix",
    "TailIndex",
    "tilted",
]  # fmt: skip
