"""What results hold besides totals: the years of a term, and what behaviour comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fundsim.ledger import Ledger

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class YearFigures:
    """One year of a term: what :class:`Results` has over all of them."""

    totals: Mapping[str, Int64s]
    """Besides those of :class:`Results`, ``in_force``: 1 where the contract had not ended before the year."""
    groups: Mapping[str, Int64s]
    bands: Mapping[str, Int64s]
    monthly: Mapping[str, Int64s] = field(default_factory=dict)
    ledger: Ledger | None = None


@dataclass(frozen=True, eq=False)
class BehaviourFigures:
    """How patients answered to a design, and what it would have come to had nobody answered (行为反应)."""

    base: npt.NDArray[np.float64]
    """(g,) share of gross cost that patients bear under the base rules."""
    borne: npt.NDArray[np.float64]
    """(g,) the same under the rules of this design, before any event."""
    factor: npt.NDArray[np.float64]
    """(g,) by which the group's gross cost is multiplied for it."""
    without: Mapping[str, Int64s]
    """``totals`` of the same people under the same rules, where nobody answers."""
