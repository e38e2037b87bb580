"""A solved price: the value, its errors, other roots, and a check on another sample."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fundsim.estimates import NORMAL_95
from fundsim.pricing.lanes import Sample, lane_of
from fundsim.pricing.subjects import Subject
from fundsim.pricing.targets import Condition
from fundsim.scenario import Scenario


@dataclass(frozen=True)
class Root:
    """Another value at which the target begins or ceases to hold."""

    value: str
    """The last step at which it holds, as it stands in a file."""
    holds_above: bool


@dataclass(frozen=True)
class Checked:
    """The target's figure on another sample, with the solved value in force."""

    seed: int
    replications: int
    value: float
    """In the unit of the target."""
    se: float
    agrees: bool
    """Whether it is as near to what was solved as 1.96 standard errors of both samples together."""


@dataclass(frozen=True, eq=False)
class Price:
    """The value of a scheme that makes a target hold (定价结果)."""

    scenario: Scenario
    """The scheme that was priced, as it was."""
    subject: Subject
    condition: Condition
    fen_or_ppm: int
    """The value: fen, fen per head, or parts per million."""
    upward: bool
    """Whether the target holds from the value up; otherwise from it down."""
    throughout: bool
    """Whether it holds in the whole bracket, so that the value is only the bracket's end."""
    between: tuple[int, int]
    others: tuple[Root, ...]
    reached: float
    """The target's figure at the value, in the unit of the target."""
    reached_se: float | None
    se: float | None
    """Monte Carlo standard error of the value (yuan, or a share); None where the sample cannot tell."""
    interval: tuple[float | None, float | None]
    """95% interval by the same; an end is None where too few replications lie beyond it."""
    inputs: float | None
    """Standard deviation, over what is uncertain, of the value that would do were it known."""
    inputs_why: str
    """Why that is zero or not told."""
    looked_at: int
    """Values at which the target's figure was read."""
    replications: int
    years: int
    seed: int

    @property
    def value(self) -> float:
        """Yuan, yuan per head, or a share."""
        return self.fen_or_ppm / (1_000_000 if self.subject.kind == "rate" else 100)

    @property
    def text(self) -> str:
        """The value as it stands in a file."""
        return self.subject.text(self.fen_or_ppm)

    @cached_property
    def solved(self) -> Scenario:
        """The scheme with the value in it.

        Raises:
            ScenarioError: the scheme has an event that states the old value.
        """
        return self.scenario.replace(self.subject.change(self.scenario, self.fen_or_ppm))

    def check(self, seed: int | None = None, n: int | None = None, *, workers: int | None = None) -> Checked:
        """Simulate afresh with another seed, and see whether the target holds within the errors of both samples.

        What is compared is the figure that was reached at the value, which lies within a step of the limit.
        """
        seed = self.seed + 1 if seed is None else seed
        sample = Sample(self.scenario, n or self.replications, seed, self.years, workers=workers)
        (reading,) = lane_of(self.subject, sample).read([self.fen_or_ppm], self.condition)
        se, own = reading.se or 0.0, self.reached_se or 0.0
        agrees = abs(reading.value - self.reached) <= NORMAL_95 * (se**2 + own**2) ** 0.5
        return Checked(seed, sample.n, reading.value, se, agrees)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``fundsim price --json`` prints: money in yuan, rates as shares."""
        return {
            "scenario": self.scenario.id,
            "fingerprint": self.scenario.fingerprint,
            "seed": self.seed,
            "replications": self.replications,
            "years": self.years,
            "solve": self.subject.path,
            "target": self.condition.text,
            "value": self.value,
            "text": self.text,
            "holds": "throughout the bracket" if self.throughout else "from the value up" if self.upward else "down",
            "se": self.se,
            "lo": self.interval[0],
            "hi": self.interval[1],
            "inputs_sd": self.inputs,
            "inputs_note": self.inputs_why or None,
            "reached": self.reached,
            "reached_se": self.reached_se,
            "reached_unit": self.condition.unit,
            "between": [self.subject.text(end) for end in self.between],
            "step": self.subject.text(self.subject.step),
            "looked_at": self.looked_at,
            "other_roots": [{"value": root.value, "holds_above": root.holds_above} for root in self.others],
        }

    def __repr__(self) -> str:
        error = "" if self.se is None else f" ± {self.se:.2g}"
        return f"<Price {self.scenario.label}: {self.subject.path} = {self.text}{error} for {self.condition.text}>"

    def _repr_html_(self) -> str:
        from fundsim.report.price import price_html

        return price_html(self)
