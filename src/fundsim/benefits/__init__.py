"""Who pays how much of each bill: the open set of benefit rules, and the settlement that applies them.

A rule is one file with one class; registered here, its field can be written in every payer and in every variant.
"""

from __future__ import annotations

from fundsim.benefits.above_share import AboveShare
from fundsim.benefits.bands import BandOrigin, BandRates, FlatRate
from fundsim.benefits.cap import Cap
from fundsim.benefits.ceiling import Ceiling
from fundsim.benefits.cost_limit import CostLimit
from fundsim.benefits.deductible import Deductible
from fundsim.benefits.rule import Rule

RULES: dict[str, Rule] = {
    rule.field: rule
    for rule in (
        AboveShare(),
        Deductible(),
        BandOrigin(),
        Ceiling(),
        BandRates(),
        FlatRate(),
        CostLimit(),
        Cap(),
    )
}
"""Benefit rules by their field in scenario files, in the order in which they are applied."""
