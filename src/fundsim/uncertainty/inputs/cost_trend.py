"""The error of the cost trend (费用趋势误差), in points a year."""

from __future__ import annotations

from typing import ClassVar, Literal

from fundsim.uncertainty.inputs.base import GrowthInput


class CostTrend(GrowthInput):
    """Added to the stated yearly growth of cost: a year's factor is 1 + growth + error."""

    NAME: ClassVar = {"zh": "费用趋势误差", "en": "error of the cost trend"}

    of: Literal["cost-trend"] = "cost-trend"
