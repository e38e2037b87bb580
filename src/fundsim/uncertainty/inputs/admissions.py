"""The level of admissions (住院水平): a factor on the frequency of everybody."""

from __future__ import annotations

from typing import ClassVar, Literal

from fundsim.uncertainty.inputs.base import Input


class Admissions(Input):
    """The mean number of admissions (or of persons with an annual amount) is multiplied by the drawn factor."""

    NAME: ClassVar = {"zh": "住院水平", "en": "admission level"}

    of: Literal["admissions"] = "admissions"
