"""The level of cost (费用水平): a factor on every gross bill, before any deductible."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fundsim.uncertainty.inputs.base import Input


class Cost(Input):
    """Every gross bill of some care levels, or of all, is multiplied by the drawn factor; several multiply."""

    NAME: ClassVar = {"zh": "费用水平", "en": "cost level"}

    of: Literal["cost"] = "cost"
    care: Annotated[list[str], Field(min_length=1)] | None = None
    """The care levels concerned; all where none are named."""
