"""What a benefit rule is: a field of a payer's terms, how a variant changes it, and what it does to the payout."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fundsim.curves import PayoutCurve
from fundsim.money import PPM


@dataclass(frozen=True)
class Draft:
    """The payout of one class of case while rules are applied to it, one after another."""

    curve: PayoutCurve = field(default_factory=lambda: PayoutCurve((0,), (PPM,)))
    """What is due on the accumulated base (fen)."""
    deductible: int = 0
    """Fen; the part of the base the patient bears first."""
    origin: int = 0
    """Fen on the accumulated base from which the edges of bands count."""
    ceiling: int = PPM
    """Ppm: no rate is laid out higher."""
    above_share: int = 0
    """Ppm of a bill's cost A, B and C that is taken off what counts."""
    cap: int | None = None
    """Fen a year; None where the payer has no cap."""


@dataclass(frozen=True)
class Change:
    """What a variant does to the values of one class."""

    values: dict[str, Any]
    """New values by field."""
    replaces: bool
    """Whether an earlier change of the same field is lost by it (a shift by points keeps it)."""


class RefusedError(ValueError):
    """A change that leads out of a rule's range: ``why``, and what to write ``instead``."""

    def __init__(self, why: str, instead: str) -> None:
        super().__init__(f"{why}; {instead}")
        self.why = why
        self.instead = instead


class Rule(ABC):
    """One benefit rule. Rules are stateless; a payer's values are held apart and folded through them in order."""

    field: ClassVar[str]
    """The key in scenario files, in a payer and in its variants."""
    written: Any
    """Type of the value in a payer's terms."""
    varied: Any
    """Type of the value in a variant."""
    default: Any
    """Value where a payer does not state the field."""

    @abstractmethod
    def apply(self, value: Any, draft: Draft) -> Draft:
        """Return the draft with this rule's value worked in."""

    @abstractmethod
    def vary(self, values: dict[str, Any], change: Any, /) -> Change:
        """Return what a variant's ``change`` makes of the class's ``values``.

        Raises:
            RefusedError: the change leads out of the rule's range.
        """
