"""The error of the trend of admissions (住院趋势误差), in points a year."""

from __future__ import annotations

from typing import ClassVar, Literal

from fundsim.uncertainty.inputs.base import GrowthInput


class AdmissionTrend(GrowthInput):
    """Added to the stated yearly growth of admissions: a year's factor is 1 + growth + error."""

    NAME: ClassVar = {"zh": "住院趋势误差", "en": "error of the admission trend"}

    of: Literal["admission-trend"] = "admission-trend"
