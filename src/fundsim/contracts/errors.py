"""How this room says no: wrong use, books that do not balance, and problems placed at the field they concern."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from fundsim.errors import UsersError


class ContractError(UsersError, ValueError):
    """A contract year that cannot be settled as asked; the message says what to give instead."""


class BalanceError(ArithmeticError):
    """Money was made or lost while a contract year was settled: a clause is wrong, never the data."""


Fault = tuple[tuple[str | int, ...], PydanticCustomError, Any]
"""Where (relative to the block checked), what, and the value found."""


def refuse(faults: Iterable[Fault]) -> None:
    """Raise all faults at once, each placed at its own field; nothing happens where there are none.

    Pydantic merges these places into those of the surrounding document, so that a rule about two fields
    still points at the one to be changed.
    """
    details = [InitErrorDetails(type=kind, loc=place, input=found) for place, kind, found in faults]
    if details:
        raise ValidationError.from_exception_data("contract", details)
