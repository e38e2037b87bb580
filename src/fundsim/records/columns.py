"""Which column of a file is which field (列名对照): the national names by themselves, others by a ``columns.yaml``.

unit: yuan                          # of all amounts: yuan, fen or 万元
columns:
  psn_no: 身份证号
  medfee_sumamt: {column: 总费用, unit: 万元}
  maf_pay: {column: 救助, empty: 0}      # an empty cell means nothing was paid
  hosp_lv: {column: 医院级别, values: {一级: township, 二级: county, 三级: tertiary}}
first_pay: 15%                      # what the patient bears of class B before basic insurance pays (乙类先行自付比例)
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fundsim import units
from fundsim.records.names import DISCHARGED, FIELDS, PERSON, SETTLED, TOTAL
from fundsim.records.problems import RecordProblems
from fundsim.scenario.nodes import Block, Entry, Node, Scalar, kind
from fundsim.scenario.problems import Problems, Steps
from fundsim.scenario.reader import read_source, read_tree
from fundsim.terms import nearest

UNITS: Final = {"yuan": 2, "元": 2, "fen": 0, "分": 0, "万元": 6}
"""Decimals of an amount in each unit, down to the fen."""


_RECORD: Final = re.compile(r"\d{15}")


@dataclass(frozen=True)
class Column:
    """Where one field stands in a file."""

    column: str
    decimals: int = UNITS["yuan"]
    """Down to the fen; only of amounts."""
    values: Mapping[str, str] | None = None
    """What the texts of a category are called; as they stand where nothing is said."""
    empty_is_nothing: bool = False
    """Whether an empty cell means nothing was paid."""


@dataclass(frozen=True)
class ColumnMap:
    """Where the fields stand; those that are not named stand under their national names."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    decimals: int = UNITS["yuan"]
    first_pay: int | None = None
    """ppm of class B that the patient bears first; None where it is not stated."""
    source: str | None = None
    """The file in which it is written."""

    def column(self, name: str) -> Column:
        """Where a field would stand."""
        return self.columns.get(name, Column(name, self.decimals))

    def found_in(self, header: Sequence[str], row: int, problems: RecordProblems) -> dict[str, Column]:
        """The fields that a header has; those that are needed and missing, or named twice, are complained of."""
        if any(_RECORD.search(name) for name in header):
            why = "there is no header: the first line holds a number of 15 digits or more, as a record does"
            problems.add(row, None, why, f"write the names of the columns above the records, such as {PERSON},{TOTAL}")
            return {}
        found = {name: self.column(name) for name in FIELDS if self.column(name).column in header}
        for name, column in self.columns.items():
            if column.column not in header:
                why = f"the column map says that {name} stands here, but there is no such column"
                problems.add(row, column.column, f"{why}{nearest(column.column, list(header))}", "mend the column map")
        for column_name in dict.fromkeys(column.column for column in found.values()):
            times = list(header).count(column_name)
            if times > 1:
                problems.add(row, column_name, f"the header names the column {times} times", "keep one of them")
        needed = [PERSON, TOTAL] + ([] if SETTLED in found else [DISCHARGED])
        for name in needed:
            if name not in found and name not in self.columns:
                problems.add(row, name, *_missing(name, header))
        return found


def _missing(name: str, header: Sequence[str]) -> tuple[str, str]:
    what = FIELDS[name]
    why = f"the column is missing ({what.zh}, {what.en}){nearest(name, list(header))}"
    instead = f"write 'columns: {{{name}: NAME IN THE FILE}}' into a file for --map"
    if name == DISCHARGED:
        return (
            f"{why}, and so is {SETTLED} (结算时间)",
            f"{instead}; one of the two says to which year a record belongs",
        )
    return why, instead


# -- the file -------------------------------------------------------------------------------------------------------


def read_columns(path: str | os.PathLike[str]) -> ColumnMap:
    """Read a column map.

    Raises:
        ScenarioError: with everything that is wrong with the file, each at its line and column.
    """
    source, text = read_source(Path(path))
    problems = Problems(source)
    tree = read_tree(text, source, problems)
    found = ColumnMap() if tree is None else _Reader(problems).column_map(tree, source.name)
    problems.raise_if_any()
    return found


class _Reader:
    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def column_map(self, tree: Block, name: str) -> ColumnMap:
        self._only(tree, (), ("unit", "columns", "first_pay"))
        decimals = self._unit(tree.get("unit"), ("unit",), UNITS["yuan"])
        columns = dict[str, Column]()
        listed = tree.get("columns")
        if isinstance(listed, Block):
            for entry in listed.entries:
                if entry.key in FIELDS:
                    columns[entry.key] = self._column(entry, decimals)
                else:
                    why = f"there is no field '{entry.key}'{nearest(entry.key, list(FIELDS))}"
                    self._problems.add(entry.mark, ("columns", entry.key), why, f"fields: {', '.join(FIELDS)}")
        elif listed is not None:
            why = f"this is {kind(listed)}, a mapping is needed"
            self._problems.add(listed.mark, ("columns",), why, "write one 'field: column' a line")
        self._complain_of_shared(columns, listed)
        return ColumnMap(columns, decimals, self._first_pay(tree.get("first_pay")), name)

    def _column(self, entry: Entry, decimals: int) -> Column:
        way = ("columns", entry.key)
        if isinstance(entry.value, Scalar):
            return Column(entry.value.text, decimals)
        if not isinstance(entry.value, Block):
            self._problems.add(entry.value.mark, way, "this is a list, one column is meant", "write the column's name")
            return Column(entry.key)
        what = FIELDS[entry.key].kind
        allowed = {"amount": ("column", "unit", "empty"), "category": ("column", "values")}.get(what, ("column",))
        self._only(entry.value, way, allowed)
        return Column(
            column=self._text(entry.value.get("column"), (*way, "column")) or entry.key,
            decimals=self._unit(entry.value.get("unit"), (*way, "unit"), decimals),
            values=self._values(entry.value.get("values"), (*way, "values")),
            empty_is_nothing=self._empty(entry.value.get("empty"), (*way, "empty")),
        )

    def _complain_of_shared(self, columns: Mapping[str, Column], listed: Node | None) -> None:
        seen = dict[str, str]()
        for name, column in columns.items():
            if column.column in seen and isinstance(listed, Block):
                entry = listed.entry(name)
                assert entry is not None
                why = f"the column '{column.column}' is {seen[column.column]} already"
                self._problems.add(entry.mark, ("columns", name), why, "give each field a column of its own")
            seen.setdefault(column.column, name)

    def _only(self, block: Block, way: Steps, allowed: Sequence[str]) -> None:
        for entry in block.entries:
            if entry.key not in allowed:
                why = f"'{entry.key}' means nothing here{nearest(entry.key, list(allowed))}"
                self._problems.add(entry.mark, (*way, entry.key), why, f"what can stand here: {', '.join(allowed)}")

    def _text(self, node: Node | None, way: Steps) -> str | None:
        if node is None:
            return None
        if isinstance(node, Scalar):
            return node.text
        self._problems.add(node.mark, way, f"this is {kind(node)}, one value is needed", "write one value")
        return None

    def _unit(self, node: Node | None, way: Steps, default: int) -> int:
        text = self._text(node, way)
        if node is None or text is None:
            return default
        if text not in UNITS:
            self._problems.add(node.mark, way, f"'{text}' is not a unit of amounts", "write yuan, fen or 万元")
        return UNITS.get(text, default)

    def _values(self, node: Node | None, way: Steps) -> Mapping[str, str] | None:
        if node is None:
            return None
        if not isinstance(node, Block):
            self._problems.add(node.mark, way, f"this is {kind(node)}, a mapping is needed", "write {一级: township}")
            return None
        named = {entry.key.strip(): self._text(entry.value, (*way, entry.key)) for entry in node.entries}
        return {text: name for text, name in named.items() if name is not None}

    def _empty(self, node: Node | None, way: Steps) -> bool:
        text = self._text(node, way)
        if node is not None and text is not None and text != "0":
            self._problems.add(node.mark, way, f"an empty cell cannot mean '{text}'", "write 0, or leave 'empty' out")
        return text == "0"

    def _first_pay(self, node: Node | None) -> int | None:
        text = self._text(node, ("first_pay",))
        if node is None or text is None:
            return None
        try:
            rate = units.rate(text)
        except units.UnitError as error:
            self._problems.add(node.mark, ("first_pay",), error.why, error.instead)
            return None
        if rate == 0:
            why = "without a first-pay share class B cannot be told from class A"
            self._problems.add(node.mark, ("first_pay",), why, "write the share above zero, or delete the line")
            return None
        return rate
