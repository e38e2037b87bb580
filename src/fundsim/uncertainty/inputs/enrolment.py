"""Enrolment (参保人数): how many are insured."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from fundsim.uncertainty.inputs.base import Floats, Input, Persons


class Enrolment(Input):
    """The number insured, of some groups or of all, is multiplied by the drawn factor and rounded to whole persons."""

    NAME: ClassVar = {"zh": "参保人数", "en": "enrolment"}

    of: Literal["enrolment"] = "enrolment"
    people: Annotated[list[str], Field(min_length=1)] | None = None
    """The groups of the insured concerned; all where none are named."""

    def persons(self, stated: int, factor: Floats) -> Persons:
        """(r,) persons of a group after the draw."""
        return np.rint(stated * factor).astype(np.int64)
