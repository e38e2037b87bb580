"""What a sensitivity analysis found: a bar for every input and event, and the means by level of one run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, Any

from fundsim.comparison.differences import UNKNOWN, Value
from fundsim.comparison.figures import Figure
from fundsim.decomposition.sources import Member
from fundsim.estimates import NORMAL_95
from fundsim.runs import versions
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from fundsim.language import Lang


@dataclass(frozen=True)
class Bar:
    """A figure with one input held low and held high, all else as drawn."""

    member: Member
    levels: tuple[float, float]
    """The input's levels; of an event 0 and 1."""
    low: Value
    high: Value
    down: Value
    """Held low, less as drawn; paired."""
    up: Value
    swing: Value
    """Held high, less held low; paired."""


@dataclass(frozen=True)
class Bin:
    """The figure's mean over the replications in which an input lies in one part of its range."""

    member: Member
    number: int
    levels: tuple[float, float]
    replications: int
    value: Value


@dataclass(frozen=True, eq=False)
class Tornado:
    """How far each input moves a figure (龙卷风图)."""

    scenario: Scenario
    figure: Figure
    points: tuple[float, float]
    """At which inputs are held, as probabilities."""
    base: Value
    """The figure with everything as drawn."""
    bars: tuple[Bar, ...]
    """The longest first."""
    bins: tuple[Bin, ...]
    seed: int
    years: int
    replications: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per input and event: the figure held low and high, and the swing between; money in yuan."""
        import pandas as pd

        return pd.DataFrame(list(self._rows()))

    def _rows(self) -> Iterator[dict[str, Any]]:
        for bar in self.bars:
            yield {
                "input": bar.member.name,
                "kind": bar.member.kind,
                "zh": bar.member.zh,
                "en": bar.member.en,
                "low_level": bar.levels[0],
                "high_level": bar.levels[1],
                **{key: each for name in ("low", "high", "down", "up", "swing") for key, each in
                   getattr(bar, name).as_dict(name).items()},
            }  # fmt: skip

    def by_level(self) -> pd.DataFrame:
        """Return one row per input and part of its range: the figure's mean there, from the run with all as drawn."""
        import pandas as pd

        return pd.DataFrame(
            {
                "input": each.member.name,
                "bin": each.number,
                "from": each.levels[0],
                "to": each.levels[1],
                "replications": each.replications,
                **each.value.as_dict(),
            }
            for each in self.bins
        )

    def bins_of(self, name: str) -> tuple[Bin, ...]:
        """The parts of one input's range, from low to high."""
        return tuple(each for each in self.bins if each.member.name == name)

    def across(self, name: str) -> Value:
        """By how much the figure's mean in the highest part of an input's range exceeds that in the lowest.

        Parts are made of different replications, so their errors are independent.
        """
        bins = self.bins_of(name)
        first, last = bins[0].value, bins[-1].value
        if len(bins) < 2 or first.mean is None or last.mean is None or first.se is None or last.se is None:
            return UNKNOWN
        mean, se = last.mean - first.mean, hypot(first.se, last.se)
        return Value(mean, se, mean - NORMAL_95 * se, mean + NORMAL_95 * se)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tidy tables for other tools."""
        return {"tornado": self.to_frame(), "by level": self.by_level()}

    @property
    def origin(self) -> dict[str, Any]:
        """Where the figures come from."""
        return {
            "scenario": self.scenario.label,
            "fingerprint": self.scenario.fingerprint,
            "figure": self.figure.id,
            "method": f"one at a time, at the {self.points[0]:.0%} and {self.points[1]:.0%} points",
            "seed": self.seed,
            "years": self.years,
            "replications": self.replications,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return what ``fundsim tornado --json`` prints; money in yuan."""
        return {
            **self.origin,
            "unit": self.figure.unit,
            "points": list(self.points),
            "base": self.base.as_dict(),
            "inputs": {
                bar.member.name: {
                    "kind": bar.member.kind,
                    "levels": list(bar.levels),
                    **{name: getattr(bar, name).as_dict() for name in ("low", "high", "down", "up", "swing")},
                    "by_level": [
                        {"from": each.levels[0], "to": each.levels[1], "replications": each.replications,
                         **each.value.as_dict()}
                        for each in self.bins_of(bar.member.name)
                    ],
                }
                for bar in self.bars
            },
            "versions": versions(),
        }  # fmt: skip

    def plot(self, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot the bars, the longest uppermost; returns the axes."""
        from fundsim.report.tornado import plot_tornado

        return plot_tornado(self, ax, lang)

    def __repr__(self) -> str:
        first = self.bars[0].member.name
        return f"<Tornado of {self.figure.id} of {self.scenario.label}: {len(self.bars)} inputs, most by {first}>"

    def _repr_html_(self) -> str:
        from fundsim.report.tornado import tornado_html

        return tornado_html(self)
