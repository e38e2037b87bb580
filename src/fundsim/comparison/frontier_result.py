"""Which designs nothing beats (有效方案): what each costs, how likely a loss is, what patients get, who beats whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from fundsim.comparison.differences import Value
from fundsim.comparison.figures import Figure
from fundsim.comparison.sweep_result import Sweep
from fundsim.runs import versions
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from fundsim.language import Lang

Status = Literal["efficient", "undecided", "dominated"]
Budget = Literal["within", "undecided", "beyond"]

STATUS: Final[dict[str, tuple[str, str]]] = {
    "efficient": ("有效方案", "no design is better"),
    "undecided": ("误差内不能区分", "a design looks better, within the error"),
    "dominated": ("被其他方案优于", "a design is better, beyond the error"),
}
BUDGET: Final[dict[str, tuple[str, str]]] = {
    "within": ("预算之内", "within the limits"),
    "undecided": ("误差内不能确定", "within the limits as far as the error allows to say"),
    "beyond": ("超出预算", "beyond the limits"),
}


@dataclass(frozen=True)
class Aim:
    """A figure that designs are judged by."""

    figure: Figure
    sense: Literal[1, -1]
    """1 where more is better, -1 where less is."""
    tolerance: float
    """A difference up to which designs count as equal in it."""


@dataclass(frozen=True)
class Limit:
    """The most that a figure may be: yuan per head, or a probability."""

    figure_id: str
    most: float


@dataclass(frozen=True)
class Standing:
    """Where one design stands."""

    design: int
    status: Status
    beaten_by: int | None
    """A design that is better, beyond its error where dominated; None where none is."""
    budget: Budget
    values: tuple[Value, ...]
    """Of each aim."""


@dataclass(frozen=True, eq=False)
class Frontier:
    """The designs of a sweep, judged by premium, probability of a loss and benefit."""

    sweep: Sweep
    aims: tuple[Aim, ...]
    limits: tuple[Limit, ...]
    standings: tuple[Standing, ...]

    @property
    def scenario(self) -> Scenario:
        return self.sweep.scenario

    @property
    def efficient(self) -> tuple[Standing, ...]:
        """Designs that none beats even by its estimates, the most beneficial first."""
        found = [each for each in self.standings if each.status == "efficient"]
        return tuple(sorted(found, key=lambda each: -self.aims[-1].sense * (each.values[-1].mean or 0.0)))

    @property
    def best(self) -> Standing | None:
        """The most beneficial design that is surely within the limits; None where no design is."""
        inside = [each for each in self.standings if each.budget == "within" and each.values[-1].mean is not None]
        return max(inside, key=lambda each: self.aims[-1].sense * (each.values[-1].mean or 0.0), default=None)

    def as_good_as_best(self) -> tuple[int, ...]:
        """Numbers of the designs within the limits whose benefit cannot be told from that of the best."""
        if self.best is None:
            return ()
        aim, best = self.aims[-1], self.best.design
        inside = [each.design for each in self.standings if each.budget == "within" and each.design != best]
        return tuple(d for d in inside if not self.sweep.difference(aim.figure.id, d, best).clear)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per design: its values, each aim with its error, its status, who beats it, and the budget."""
        import pandas as pd

        return pd.DataFrame(list(self._rows()))

    def _rows(self) -> Iterator[dict[str, Any]]:
        for each in self.standings:
            point = self.sweep.points[each.design - 1]
            paths = {varied.path: text for varied, text in zip(self.sweep.varied, point.values, strict=True)}
            told = zip(self.aims, each.values, strict=True)
            figures = {key: number for aim, value in told for key, number in value.as_dict(aim.figure.id).items()}
            place = {"status": each.status, "beaten_by": each.beaten_by, "budget": each.budget}
            yield {"design": each.design, **paths, **figures, **place}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tidy tables for other tools."""
        return {"frontier": self.to_frame(), "sweep": self.sweep.to_frame()}

    @property
    def origin(self) -> dict[str, Any]:
        """Where the figures come from."""
        return self.sweep.origin

    def to_dict(self) -> dict[str, Any]:
        """Return what ``fundsim frontier --json`` prints: amounts in yuan."""
        best = self.best
        return {
            **self.origin,
            "aims": [
                {"figure": aim.figure.id, "better": "more" if aim.sense > 0 else "less", "tolerance": aim.tolerance}
                for aim in self.aims
            ],
            "limits": {limit.figure_id: limit.most for limit in self.limits},
            "best": best and best.design,
            "as_good_as_best": list(self.as_good_as_best()),
            "designs": [self._design(each) for each in self.standings],
            "versions": versions(),
        }

    def _design(self, each: Standing) -> dict[str, Any]:
        point = self.sweep.points[each.design - 1]
        return {
            "design": each.design,
            "values": {varied.path: text for varied, text in zip(self.sweep.varied, point.values, strict=True)},
            "figures": {aim.figure.id: value.as_dict() for aim, value in zip(self.aims, each.values, strict=True)},
            "status": each.status,
            "beaten_by": each.beaten_by,
            "budget": each.budget,
        }

    def plot(self, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot benefit against premium, or against P(loss) where all have one premium; returns the axes."""
        from fundsim.report.frontier import plot_frontier

        return plot_frontier(self, ax, lang)

    def __repr__(self) -> str:
        counted = {name: sum(each.status == name for each in self.standings) for name in STATUS}
        told = ", ".join(f"{number} {name}" for name, number in counted.items())
        return f"<Frontier of {self.scenario.label}: {told}>"

    def _repr_html_(self) -> str:
        from fundsim.report.frontier import frontier_html

        return frontier_html(self)


def names_of_aims(aims: Sequence[Aim]) -> str:
    """The aims in words: ``premium per head (less), pure premium (more)``."""
    return ", ".join(f"{aim.figure.zh} {aim.figure.en} ({'more' if aim.sense > 0 else 'less'})" for aim in aims)
