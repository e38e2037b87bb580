"""Every way of settling with hospitals, by the word after ``by:`` in a scenario file."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic import Field

from fundsim.funds.as_billed import AsBilled
from fundsim.funds.global_budget import GlobalBudget
from fundsim.funds.monthly_clearing import MonthlyClearing
from fundsim.funds.settlement import Settlement

SETTLEMENTS: Final[dict[str, type[Settlement]]] = {
    "as-billed": AsBilled,
    "monthly-clearing": MonthlyClearing,
    "global-budget": GlobalBudget,
}

if TYPE_CHECKING:
    AnySettlement: TypeAlias = Settlement
else:
    AnySettlement = Annotated[functools.reduce(operator.or_, SETTLEMENTS.values()), Field(discriminator="by")]
"""The type of a field that takes any of them."""
