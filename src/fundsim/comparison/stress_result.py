"""What standard stress tests found (标准压力测试): one assumption at a time moved down and up by a customary amount."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fundsim.comparison.differences import Value, difference_of, value_of
from fundsim.comparison.figures import FIGURES, Figure, Row, figure, premium_told
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

Unit = Literal["%", "points"]


@dataclass(frozen=True)
class Test:
    """One customary test: what is moved, and how far down and up."""

    __test__ = False

    id: str
    zh: str
    en: str
    size: float
    unit: Unit
    """Per cent of what is stated, or percentage points."""


@dataclass(frozen=True)
class LeftOut:
    """A test that a scheme does not allow, and why."""

    test: Test
    zh: str
    en: str


@dataclass(frozen=True)
class StressBar:
    """By how much a figure changes where one assumption is moved down or up; paired with the scheme as stated."""

    test: Test
    down: Value
    up: Value
    swing: Value
    """Moved up, less moved down."""


@dataclass(frozen=True, eq=False)
class StressTest:
    """A scheme under the customary tests. They say what a change would do, not how likely it is."""

    __test__ = False

    scenario: Scenario
    rows: Mapping[str, tuple[Row, Row]]
    """By test, the scheme moved down and up."""
    base: Row
    tests: tuple[Test, ...]
    left_out: tuple[LeftOut, ...]
    seed: int
    years: int
    replications: int

    @property
    def figure(self) -> Figure:
        """What bars show: the insurer's result; where it bears nothing, the premium needed."""
        bears = self.base.totals["insurer_result"].any()
        return FIGURES["insurer_result"] if bears else premium_told(self.scenario.terms.contract)

    def bars(self, figure_id: str = "insurer_result") -> tuple[StressBar, ...]:
        """The changes of a figure, in the order of :attr:`figure`: the test that moves it most first.

        Raises:
            ComparisonError: no such figure.
        """
        of = figure(figure_id)
        order = sorted(self.tests, key=lambda test: -self._longest(test))
        return tuple(self._bar(test, of) for test in order)

    def stated(self, figure_id: str) -> Value:
        """A figure of the scheme as stated."""
        return value_of(self.base, figure(figure_id))

    def value(self, test: str, end: Literal["down", "up"], figure_id: str) -> Value:
        """A figure where one assumption is moved."""
        return value_of(self.rows[test][end == "up"], figure(figure_id))

    def _bar(self, test: Test, of: Figure) -> StressBar:
        low, high = self.rows[test.id]
        return StressBar(
            test, difference_of(low, self.base, of), difference_of(high, self.base, of), difference_of(high, low, of)
        )

    def _longest(self, test: Test) -> float:
        low, high = self.rows[test.id]
        return abs(difference_of(high, low, self.figure).mean or 0.0)

    def to_frame(self, figure_id: str = "insurer_result") -> pd.DataFrame:
        """Return one row per test: how far it moves, and the changes of a figure; money in yuan."""
        import pandas as pd

        return pd.DataFrame(list(self._told(figure_id)))

    def _told(self, figure_id: str) -> Iterator[dict[str, Any]]:
        for bar in self.bars(figure_id):
            yield {
                "test": bar.test.id, "zh": bar.test.zh, "en": bar.test.en, "size": bar.test.size, "unit": bar.test.unit,
                **{key: each for name in ("down", "up", "swing") for key, each in
                   getattr(bar, name).as_dict(name).items()},
            }  # fmt: skip

    def _repr_html_(self) -> str:
        from fundsim.report.stress import stress_html

        return stress_html(self)

    def __repr__(self) -> str:
        return f"<StressTest of {self.scenario.label}: {len(self.tests)} tests, {self.replications} replications each>"
