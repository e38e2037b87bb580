"""Yearly amounts of a fund: per insured or in all, and how they are spread over the months without losing a fen."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

import numpy as np
from pydantic import GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from fundsim.money import PerReplication
from fundsim.terms import MoneyPerPerson, Terms, Total, problem

MONTHS: Final = 12
ARRIVALS: Final = {"yearly": (1,), "quarterly": (1, 4, 7, 10), "monthly": tuple(range(1, MONTHS + 1))}
"""In which months an income comes in, January being 1."""


class Amount(Terms):
    """An amount a year: ``240 yuan/person``, ``5000 万元/year``, or both as keys, added."""

    per_person: MoneyPerPerson = 0
    """Fen per insured of the fund and year (人均)."""
    total: Total = 0
    """Fen a year, however many are insured (总额)."""

    @model_validator(mode="before")
    @classmethod
    def _by_unit(cls, data: Any) -> Any:
        """A bare quantity says by its unit which of the two it is."""
        if not isinstance(data, str):
            return data
        if "/" not in data:
            why = f"'{data}' does not say whether it is per insured or for the whole fund"
            raise problem("amount", why, f"write {data}/person or {data}/year")
        return {"total" if data.rstrip().endswith(("year", "年")) else "per_person": data}

    @model_validator(mode="after")
    def _states_something(self) -> Self:
        if not {"per_person", "total"} & self.model_fields_set:
            why = "no amount is stated, neither per insured nor for the whole fund"
            raise problem("amount", why, "add per_person: 240 yuan/person, or total: 5000 万元/year")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "examples": ["240 yuan/person", "5000 万元/year"]}, handler(core)]}

    def fen(self, heads: int) -> int:
        """The amount of a year for so many insured."""
        return self.per_person * heads + self.total


class Contribution(Amount):
    """An income of a fund, or a transfer to another, and when in the year."""

    arrives: Literal["yearly", "quarterly", "monthly"] = "yearly"
    """In January, at the beginning of each quarter, or every month in equal parts."""

    def by_month(self, heads: int) -> PerReplication:
        """The year's amount over the twelve months (fen)."""
        when = ARRIVALS[self.arrives]
        months = np.zeros(MONTHS, np.int64)
        months[[month - 1 for month in when]] = equal_parts(self.fen(heads), len(when))
        return months


def equal_parts(amount: int, n: int) -> list[int]:
    """``amount`` (fen) in ``n`` parts that differ by a fen at most and add up to it, the smaller ones first."""
    return [amount * (part + 1) // n - amount * part // n for part in range(n)]
