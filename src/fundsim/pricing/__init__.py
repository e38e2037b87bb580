"""Pricing (定价): the premium, the terms or the benefits that make a target hold; classical premium principles."""

from __future__ import annotations

from fundsim.pricing.errors import PriceError, UnsolvableError
from fundsim.pricing.principles import PRINCIPLES, premium_principles
from fundsim.pricing.result import Checked, Price, Root
from fundsim.pricing.solving import price
from fundsim.pricing.targets import Condition, read_target

__all__ = [
    "PRINCIPLES", "Checked", "Condition", "Price", "PriceError", "Root", "UnsolvableError", "premium_principles",
    "price", "read_target",
]  # fmt: skip
