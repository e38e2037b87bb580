"""A comparison of designs (方案比较): what each comes to, and by how much it differs from the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fundsim.comparison.differences import UNKNOWN, Value, difference_of, unpaired_error, value_of
from fundsim.comparison.errors import refuse
from fundsim.comparison.figures import FIGURES, Figure, Row, figure
from fundsim.comparison.persons import Persons
from fundsim.results import Results
from fundsim.runs import versions
from fundsim.scenario import Scenario
from fundsim.terms import nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from fundsim.language import Lang


@dataclass(frozen=True, eq=False)
class Comparison:
    """Designs beside one another; the first is the base of all differences."""

    rows: tuple[Row, ...]
    paired: tuple[bool, ...]
    """Whether a design met the same people as the base."""
    levels: tuple[tuple[str, ...], ...]
    """Uncertain inputs whose draws a design shares with the base."""
    poor: tuple[tuple[str, ...], ...]
    """Of each design the groups that count as poor."""
    persons: tuple[Persons | None, ...]
    """Of each design who wins and who loses beside the base, without behaviour; None where people differ from those of
    the base, or bills are not drawn."""
    results: tuple[Results, ...]
    seed: int
    years: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(row.name for row in self.rows)

    @property
    def replications(self) -> int:
        return self.rows[0].replications

    @property
    def scenario(self) -> Scenario:
        """The base scheme."""
        return self.rows[0].scenario

    @property
    def figures(self) -> tuple[str, ...]:
        """Ids of what is told of at least one design."""
        return tuple(name for name, each in FIGURES.items() if any(row.parts(each) is not None for row in self.rows))

    @property
    def group_names(self) -> tuple[str, ...]:
        """Groups of the insured that all designs have."""
        first, *others = ([group.name for group in row.scenario.population.groups] for row in self.rows)
        return tuple(name for name in first if all(name in names for names in others))

    def row(self, design: str | int) -> Row:
        """Look a design up by its name or number.

        Raises:
            ComparisonError: there is no such design.
        """
        if isinstance(design, int):
            return self.rows[design]
        if design not in self.names:
            why = f"there is no such design{nearest(design, self.names)}"
            raise refuse(design, why, f"write one of: {', '.join(self.names)}")
        return self.rows[self.names.index(design)]

    def value(self, figure_id: str, design: str | int = 0, group: str | None = None) -> Value:
        """Estimate a figure of a design, yuan where it is money, with its 95% interval.

        Raises:
            ComparisonError: no such figure or design.
            ValueError: no such group.
        """
        return value_of(self.row(design), figure(figure_id), group)

    def difference(self, figure_id: str, design: str | int, base: str | int = 0, group: str | None = None) -> Value:
        """Estimate by how much a figure exceeds the base's, with the error of the difference itself.

        Raises:
            ComparisonError: no such figure or design.
            ValueError: no such group.
        """
        return difference_of(self.row(design), self.row(base), figure(figure_id), group)

    def unpaired_error(
        self, figure_id: str, design: str | int, base: str | int = 0, group: str | None = None
    ) -> float | None:
        """Return the error the difference would have on different people and levels."""
        return unpaired_error(self.row(design), self.row(base), figure(figure_id), group)

    def answered(self, figure_id: str, design: str | int) -> Value:
        """Estimate what of a figure is due to behaviour (行为反应): with the answer less without.

        Unknown where the design states no behaviour.
        """
        row = self.row(design)
        return UNKNOWN if row.without is None else difference_of(row, row.without, figure(figure_id))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per design, figure and group (empty for everybody): value, and difference from the base.

        Money is in yuan, of several years their average. ``difference_se_unpaired`` is what the error of the difference
        would be on different people. Figures that a design has not are left out.
        """
        import pandas as pd

        return pd.DataFrame(list(self._told()))

    def _told(self) -> Iterator[dict[str, Any]]:
        for place, row in enumerate(self.rows):
            for name in self.figures:
                each = FIGURES[name]
                for group in (None, *(self.group_names if each.by_group and len(self.group_names) > 1 else ())):
                    value = value_of(row, each, group)
                    if value.mean is not None:
                        yield self._line(place, row, each, group, value)

    def _line(self, place: int, row: Row, each: Figure, group: str | None, value: Value) -> dict[str, Any]:
        base = self.rows[0]
        apart = UNKNOWN if place == 0 else difference_of(row, base, each, group)
        answered = UNKNOWN if row.without is None or group else difference_of(row, row.without, each)
        return {
            "design": row.name,
            "figure": each.id,
            "zh": each.zh,
            "unit": each.unit,
            "group": group or "",
            **value.as_dict(),
            **apart.as_dict("difference"),
            "difference_se_unpaired": None if place == 0 else unpaired_error(row, base, each, group),
            **answered.as_dict("of_behaviour"),
            "same_people": self.paired[place],
        }

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tidy tables for other tools."""
        import pandas as pd

        told = [(row.name, each) for row, each in zip(self.rows, self.persons, strict=True) if each is not None]
        tables = {"comparison": self.to_frame()}
        if told:
            tables["persons"] = pd.concat([each.to_frame().assign(design=name) for name, each in told])
            tables["by own cost"] = pd.concat([each.by_band().assign(design=name) for name, each in told])
        return tables

    @property
    def origin(self) -> dict[str, Any]:
        """Where the figures come from."""
        return {
            "comparison": ", ".join(self.names),
            "fingerprint": ", ".join(row.scenario.fingerprint for row in self.rows),
            "seed": self.seed,
            "years": self.years,
            "replications": self.replications,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return what ``fundsim compare --json`` prints: amounts in yuan, of several years their average."""
        return {
            "base": self.names[0],
            "seed": self.seed,
            "years": self.years,
            "replications": self.replications,
            "designs": {row.name: self._design(place, row) for place, row in enumerate(self.rows)},
            "versions": versions(),
        }

    def _design(self, place: int, row: Row) -> dict[str, Any]:
        told = {
            "scenario": row.scenario.id,
            "design": row.scenario.design,
            "fingerprint": row.scenario.fingerprint,
            "same_people": self.paired[place],
            "shared_inputs": list(self.levels[place]),
            "poor": list(self.poor[place]),
            "figures": self._figures(place, row, None),
            "by_group": {group: {"figures": self._figures(place, row, group)} for group in self.group_names},
        }
        persons = self.persons[place]
        if persons is not None and place:
            told["persons"] = persons.to_dict()
        if row.without is not None:
            told["of_behaviour"] = {
                name: self.answered(name, place).as_dict() for name in self.figures if row.without.parts(FIGURES[name])
            }
        return told

    def _figures(self, place: int, row: Row, group: str | None) -> dict[str, Any]:
        names = [name for name in self.figures if group is None or FIGURES[name].by_group]
        found: dict[str, Any] = {}
        for name in names:
            found[name] = {"unit": FIGURES[name].unit, **value_of(row, FIGURES[name], group).as_dict()}
            if place:
                apart = difference_of(row, self.rows[0], FIGURES[name], group)
                unpaired = unpaired_error(row, self.rows[0], FIGURES[name], group)
                found[name]["difference"] = {**apart.as_dict(), "se_unpaired": unpaired}
        return found

    def plot(self, figures: tuple[str, ...] | None = None, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot differences from the base with their 95% intervals, in per cent of the base; returns the axes."""
        from fundsim.report.comparison import plot_comparison

        return plot_comparison(self, figures, ax, lang)

    def __repr__(self) -> str:
        return (
            f"<Comparison of {len(self.rows)} designs with {self.names[0]}: {self.replications:,} replications, "
            f"seed {self.seed}>"
        )

    def _repr_html_(self) -> str:
        from fundsim.report.comparison import comparison_html

        return comparison_html(self)
