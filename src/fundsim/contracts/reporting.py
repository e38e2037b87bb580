"""When claims come in: those paid after the year's end, and those that wait when the contract begins."""

from __future__ import annotations

from typing import Annotated, Any, Self

import numpy as np
from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from fundsim.money import PerReplication, share
from fundsim.terms import Months, Rate, Terms, Total, problem


class BacklogTerms(Terms):
    """Claims of months before the award, inside the cover (存量赔案): ``7000 万元``, or ``20%`` of the first year's."""

    share: Rate = 0
    """Part of the claims incurred in the first year, ppm, on top of them."""
    total: Total = 0
    """Fen, on top of the claims incurred in the first year."""

    @model_validator(mode="before")
    @classmethod
    def _by_unit(cls, data: Any) -> Any:
        """A bare quantity says by its unit which of the two it is."""
        if not isinstance(data, str):
            return data
        return {"share" if data.rstrip().endswith(("%", "‰")) else "total": data}

    @model_validator(mode="after")
    def _states_something(self) -> Self:
        if not self.share and not self.total:
            instead = "write an amount such as 7000 万元, or leave backlog out"
            raise problem("backlog", "the backlog is nothing", instead)
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "examples": ["7000 万元", "20%"]}, handler(core)]}

    def fen(self, claims: PerReplication) -> PerReplication:
        """The backlog beside the first year's claims (fen)."""
        result: PerReplication = share(claims, self.share) + np.int64(self.total)
        return result


class ReportingTerms(Terms):
    """How late claims are paid; the account bears them in the year in which they are incurred all the same."""

    late: Rate = 0
    """Part of a year's claims that is paid in the year after, ppm: the last of the year, from December backwards."""
    backlog: BacklogTerms | None = None
    """What waits when the contract begins and must be paid in its first year."""
    paid_within: Annotated[Months, Field(ge=1, le=12)] = 3
    """Months of the following (for the backlog: the first) year over which they are paid, in equal parts."""

    @model_validator(mode="after")
    def _states_something(self) -> Self:
        if not self.late and self.backlog is None:
            why = "the block states neither late claims nor a backlog"
            raise problem("reporting", why, "write late: 8%, or backlog: 7000 万元, or leave reporting out")
        return self
