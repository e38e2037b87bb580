"""What is not known (不确定性): drawn once per replication and shared by everybody in it. It knows no bill and no rule.

Inputs and distributions are open sets; events say what may happen in a year of the contract.
"""

from __future__ import annotations

from fundsim.uncertainty.dependence import Correlated, CorrelationTerms, JointTerms
from fundsim.uncertainty.distributions import DISTRIBUTIONS, Distribution, Truncated
from fundsim.uncertainty.drawing import BATCH, Drawn, draw
from fundsim.uncertainty.events import Event, EventStates, draw_events
from fundsim.uncertainty.inputs import (
    INPUTS,
    Admissions,
    AdmissionTrend,
    CatalogueMix,
    Cost,
    CostTrend,
    Enrolment,
    GroupShare,
    Input,
    Mix,
    TailIndex,
    tilted,
)
from fundsim.uncertainty.terms import UncertaintyTerms

__all__ = [
    "BATCH", "DISTRIBUTIONS", "INPUTS", "AdmissionTrend", "Admissions", "CatalogueMix", "Correlated",
    "CorrelationTerms", "Cost", "CostTrend", "Distribution", "Drawn", "Enrolment", "Event", "EventStates",
    "GroupShare", "Input", "JointTerms", "Mix", "TailIndex", "Truncated", "UncertaintyTerms", "draw", "draw_events",
    "tilted",
]  # fmt: skip
