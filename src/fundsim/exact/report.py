"""What stands behind an exact answer: how accurate it is, and the tolerances beyond which there is none."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from fundsim.exact.errors import ExactError


@dataclass(frozen=True)
class Tolerance:
    """How far an answer may be from the law that it stands for; lattices and windows aim to be ten times nearer."""

    mean: float = 1e-6
    """Relative error of the mean, against an integral of the survival function."""
    sd: float = 1e-4
    """Relative error of the standard deviation."""
    mass: float = 1e-7
    """Probability outside the window, which the transform would fold into it."""
    clipped: float = 1e-6
    """Round-off below zero that is set to zero: of a payment times the expected number of payments, and of the sum."""


TOLERANCE = Tolerance()


@dataclass(frozen=True)
class Report:
    """The accuracy of one answer; of a mixture, the worst of its parts."""

    step: float
    """Yuan between lattice points."""
    points: int
    """Lattice points of a transform."""
    window: tuple[float, float]
    """Yuan: the lowest and the highest amount that were looked at."""
    lost_mass: float
    """Bound on the probability outside the window: Chernoff's, and where payments have no cap also P(any above T)."""
    aliasing: float
    """Bound on the error of any probability: what is folded into the window from outside, and the round-off clipped."""
    clipped: float
    """Round-off below zero that was set to zero."""
    mean: float
    """Yuan, of the masses."""
    mean_by_quadrature: float
    sd: float
    sd_by_quadrature: float
    nodes: int = 1
    """Conditional laws that were mixed."""
    tolerance: Tolerance = TOLERANCE
    unmodelled: tuple[tuple[str, float], ...] = ()
    """What the answer leaves out, in words, each with a bound on its effect on the mean (relative)."""

    @property
    def mean_error(self) -> float:
        """Relative difference of the mean from quadrature."""
        return abs(self.mean - self.mean_by_quadrature) / (abs(self.mean_by_quadrature) or 1.0)

    @property
    def sd_error(self) -> float:
        """Relative difference of the standard deviation from quadrature."""
        return abs(self.sd - self.sd_by_quadrature) / (self.sd_by_quadrature or 1.0)

    def check(self) -> Report:
        """Return this report, if it keeps its tolerances.

        Raises:
            ExactError: it does not; told is what failed, and what to give instead.
        """
        finer, wider = "give a finer step", "give more points, or a wider step"
        for what, found, limit, instead in (
            ("probability outside the window", self.lost_mass, self.tolerance.mass, wider),
            ("round-off clipped", self.clipped, self.tolerance.clipped, finer),
            ("error of the mean", self.mean_error, self.tolerance.mean, wider),
            ("error of the standard deviation", self.sd_error, self.tolerance.sd, finer),
        ):
            if not found <= limit:
                grid = f"{self.points:,} points of {self.step:g} yuan from {self.window[0]:,.0f} yuan on"
                raise ExactError(f"{what}: {found:.2g}, more than the tolerance of {limit:g} ({grid}); {instead}")
        return self

    def as_dict(self) -> dict[str, Any]:
        """Return plain numbers under the names of the JSON output."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        bounds = [{"what": what, "bound": bound} for what, bound in self.unmodelled]
        errors = {"mean_error": self.mean_error, "sd_error": self.sd_error}
        return {
            **named,
            **errors,
            "window": list(self.window),
            "tolerance": asdict(self.tolerance),
            "unmodelled": bounds,
        }

    def with_bounds(self, *bounds: tuple[str, float]) -> Report:
        """Return this report with more that the answer leaves out."""
        return replace(self, unmodelled=(*self.unmodelled, *bounds))
