"""What the report of a comparison speaks of (方案比较对象): designs by number and in words, and their figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from fundsim.comparison import FIGURES, Comparison
from fundsim.comparison import Figure as Compared
from fundsim.comparison.names import WORDS, differing
from fundsim.report.amounts import Money, money_for
from fundsim.report.comparison import SECTIONS
from fundsim.report.document.as_written import value_in_words
from fundsim.report.document.model import Cell, Column, Number, Table
from fundsim.report.document.places import place_in_words
from fundsim.report.document.values import (
    difference_cells,
    difference_unit,
    figure_name,
    figure_unit,
    share_cells,
    value_cells,
)
from fundsim.report.document.words import Lang, Words, joined

ERROR = Words("标准误", "s.e.")
DESIGN = Column(Words("方案", "design"), numeric=False)
PARTIES: Final = {
    "Patients 患者": Words("患者", "Patients"), "Fund 基金": Words("基金", "The fund"),
    "Insurer 承办公司": Words("承办公司", "The insurer"),
}  # fmt: skip
MOST: Final = 4
"""Figures of one table: each takes two columns, and a page is no wider."""
CHANGES: Final = 3
"""Changed values that are told as a design's name."""

Cells = Callable[[str, int], tuple[Number, Number]]
"""A figure of a design with its error."""


@dataclass(frozen=True, eq=False)
class Side:
    """Compared designs on their way into a report in one language's unit of money."""

    found: Comparison
    lang: Lang = "zh"

    @cached_property
    def money(self) -> Money:
        """The unit for amounts of a year."""
        return money_for(float(np.mean(self.found.rows[0].totals["premium"])) / self.found.years, self.lang)

    @property
    def others(self) -> range:
        """Numbers of the designs beside the base."""
        return range(1, len(self.found.rows))

    @cached_property
    def titles(self) -> tuple[Words, ...]:
        """Each design in words: its title, or what it changes."""
        return tuple(self._title(place) for place in range(len(self.found.rows)))

    def _title(self, place: int) -> Words:
        base, scenario = self.found.scenario, self.found.rows[place].scenario
        titled = Words(scenario.title("zh"), scenario.title("en"))
        if not place or scenario.terms.title != base.terms.title:
            return titled
        changes = list(differing(base.root.without(*WORDS), scenario.root.without(*WORDS)))
        told = joined(
            [
                place_in_words(scenario.root, way)
                + (
                    Words("：无", "none")
                    if node is None
                    else Words("：", "") + value_in_words(node, str(way[-1]), scenario.root)
                )
                for way, node in changes[:CHANGES]
            ],
            "；",
        )
        return told + Words("等", "and more") if len(changes) > CHANGES else told

    def figures(self, title: str) -> list[Compared]:
        """What is told of a party."""
        return [FIGURES[name] for name in SECTIONS[title] if name in self.found.figures]

    def level(self, name: str, place: int) -> tuple[Number, Number]:
        """A figure of a design with its error."""
        value, of = self.found.value(name, place), FIGURES[name]
        return share_cells(value.mean, value.se) if of.unit == "share" else value_cells(value, of, self.money)

    def difference(self, name: str, place: int) -> tuple[Number, Number]:
        """What a figure differs from the base's, with the error of the difference."""
        return difference_cells(self.found.difference(name, place), FIGURES[name], self.money)

    def tables(self, id: str, cells: Cells, places: Sequence[int], *, apart: bool) -> Iterator[Table]:  # noqa: A002
        """Designs in rows, a few figures in columns; as many tables for a party as its figures need.

        Figures that are the same under all designs are left out.
        """
        for title, who in PARTIES.items():
            shown = [of for of in self.figures(title) if self._differs(of.id)]
            many = -(-len(shown) // MOST)
            for number in range(many):
                some = shown[number * len(shown) // many : (number + 1) * len(shown) // many]
                part = Words(f"{who.zh}（{number + 1}/{many}）", f"{who.en} ({number + 1} of {many})")
                columns = (DESIGN, *(column for of in some for column in self.columns(of, apart=apart)))
                rows: Iterator[tuple[Cell, ...]] = (
                    (code(place), *(cell for of in some for cell in cells(of.id, place))) for place in places
                )
                name = f"{id}-{who.en.split()[-1].lower()}-{number + 1}"
                yield Table(name, part if many > 1 else who, columns, tuple(rows))

    def _differs(self, name: str) -> bool:
        """Whether a figure is known, and is another under some design than under the base."""
        apart = [self.found.difference(name, place) for place in self.others]
        return any(each.mean is not None and (each.mean or each.se) for each in apart)

    def columns(self, of: Compared, *, apart: bool) -> tuple[Column, Column]:
        """The columns of a figure and its error; of a difference in the unit of differences."""
        name, unit = figure_name(of), (difference_unit if apart else figure_unit)(of, self.money)
        if of.unit == "per 1,000":  # their names say so
            return Column(name), Column(ERROR)
        return Column(Words(f"{name.zh}（{unit.zh}）", f"{name.en} ({unit.en})")), Column(ERROR)


def code(place: int) -> Words:
    """The number by which tables and figures know a design."""
    return Words(f"方案{place}", f"design {place}") if place else Words("基准", "base")


def codes(places: Sequence[int]) -> Words:
    """Several designs, three neighbours or more as a range: ``方案1至3、方案6``."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][0] and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return joined([words for run in runs for words in _run(run)], "、")


def _run(run: list[int]) -> list[Words]:
    first, last = run[0], run[-1]
    if len(run) < 3:
        return [code(place) for place in run]
    return [Words(f"方案{first}至{last}", f"designs {first} to {last}")]
