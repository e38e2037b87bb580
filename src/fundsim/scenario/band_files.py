"""Tables of costs in a CSV beside the scheme (费用分段表): ``{family: table, bands: {use: stays.csv}}``.

The rows are laid into the text tree as if they were written there, each cell with its own line and column, so that
everything that holds for bands in a scenario file holds for them, and messages point into the CSV.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar
from fundsim.scenario.problems import Mark, Problems, ScenarioError, Source, Steps
from fundsim.scenario.reader import read_source
from fundsim.terms import nearest

COLUMNS: Final = ("from", "to", "share", "below", "mean")
"""Columns that a table may have: the keys of a band."""
_NAMED: Final = re.compile(r"(?P<key>[^(（]*?)\s*(?:[(（]\s*(?P<unit>[^)）]+?)\s*[)）])?")
_CELL: Final = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")*)"\s*|(?P<plain>[^",]*))(?P<end>,|$)')
_HEADER: Final = "write a header, such as to (yuan),share (%),mean (yuan), and a row for each band"


def with_band_files(node: Node, problems: Problems, way: Steps = ()) -> Node:
    """Return the tree with every table of costs that stands in a CSV laid in; what is wrong with one is noted."""
    if isinstance(node, Listing):
        items = tuple(with_band_files(item, problems, (*way, place)) for place, item in enumerate(node.items))
        return replace(node, items=items)
    if not isinstance(node, Block):
        return node
    family = node.get("family")
    is_table = isinstance(family, Scalar) and family.text == "table"
    entries = []
    for entry in node.entries:
        here, value = (*way, entry.key), entry.value
        if is_table and entry.key == "bands" and isinstance(value, Block) and "use" in value:
            entries.append(replace(entry, value=_laid_in(value, problems, here)))
        else:
            entries.append(replace(entry, value=with_band_files(value, problems, here)))
    return replace(node, entries=tuple(entries))


def _laid_in(stated: Block, problems: Problems, way: Steps) -> Node:
    """The rows of the file that is named; the block itself, and nothing more said of it, where they cannot be read."""
    own = Problems(stated.mark.source)
    for entry in stated.entries:
        if entry.key != "use":
            why = f"'{entry.key}' has no place beside 'use'"
            own.add(entry.mark, (*way, entry.key), why, "write all bands in the file, or all of them here")
    rows = _rows(stated.get("use"), stated.mark, own, way)
    if not own:
        return Listing(tuple(rows), stated.mark, stated.labels)
    problems.take(own.sorted)
    problems.spoil(way)
    return stated


def _rows(named: Node | None, mark: Mark, problems: Problems, way: Steps) -> list[Node]:
    if not isinstance(named, Scalar) or not named.text.endswith(".csv"):
        at = mark if named is None else named.mark
        problems.add(at, (*way, "use"), "a table of bands stands in a CSV file", "write its name: use: stays.csv")
        return []
    path = named.mark.source.folder / named.text
    try:
        source, _ = read_source(path)
    except ScenarioError as error:
        _complain_of_file(error, path, named, problems, (*way, "use"))
        return []
    read = (_cells(source, number, problems, way) for number, line in enumerate(source.lines, start=1) if line.strip())
    lines = [cells for cells in read if cells]
    if len(lines) < 2 and not problems:
        problems.add(Mark(source, 1, 1), way, "the file has no band", _HEADER)
    if problems:
        return []
    columns = _columns(lines[0], problems, way)
    return [_band(cells, columns, problems, way) for cells in lines[1:]]


def _complain_of_file(error: ScenarioError, path: Path, named: Scalar, problems: Problems, way: Steps) -> None:
    first = error.problems[0]
    beside = sorted(other.name for other in path.parent.glob("*.csv"))
    hint = f"tables there: {', '.join(beside)}" if beside else f"there is no CSV in {os.path.normpath(path.parent)}"
    why = f"{first.why}: {os.path.normpath(path)}{nearest(path.name, beside)}"
    problems.add(named.mark, way, why, first.instead if first.line else hint)


@dataclass(frozen=True)
class _Cell:
    text: str
    mark: Mark


@dataclass(frozen=True)
class _Column:
    key: str
    unit: str
    """Written behind every amount of the column that has none of its own."""


def _cells(source: Source, line: int, problems: Problems, way: Steps) -> list[_Cell]:
    """The cells of a line, each where it stands; none where they cannot be told apart."""
    found: list[_Cell] = []
    text, place = source.lines[line - 1], 0
    while place <= len(text):
        match = _CELL.match(text, place)
        if match is None:
            why = "the quotes of this cell do not close on its line, or something follows them"
            problems.add(Mark(source, line, place + 1, len(text) - place), way, why, "write it without quotes")
            return []
        part = "plain" if match["quoted"] is None else "quoted"
        cell = match[part].replace('""', '"')
        lead = len(cell) - len(cell.lstrip())
        mark = Mark(source, line, match.start(part) + lead + 1, max(len(cell.strip()), 1))
        found.append(_Cell(cell.strip(), mark))
        place = match.end() + (not match["end"])
    return found


def _columns(header: list[_Cell], problems: Problems, way: Steps) -> list[_Column | None]:
    """What each column holds; None for one that is not known, or that is named twice."""
    found: list[_Column | None] = []
    for cell in header:
        match = _NAMED.fullmatch(cell.text)
        key = cell.text if match is None else match["key"]
        if key not in COLUMNS:
            why = f"unknown column '{key}'{nearest(key, COLUMNS)}"
            instead = f"columns: {', '.join(COLUMNS)}; each with a unit for all its cells, such as to (yuan),share (%)"
            problems.add(cell.mark, way, why, instead)
            found.append(None)
        elif any(column is not None and column.key == key for column in found):
            problems.add(cell.mark, way, f"the column '{key}' stands twice", "keep one of the two")
            found.append(None)
        else:
            found.append(_Column(key, (match["unit"] if match else None) or ""))
    return found


def _band(cells: list[_Cell], columns: list[_Column | None], problems: Problems, way: Steps) -> Node:
    """One row as a band: a key for every cell that is not empty."""
    mark = cells[0].mark
    if len(cells) != len(columns):
        why = f"the row has {len(cells)} cells, but the header has {len(columns)}"
        instead = "write one cell for each column; an amount with a thousands separator stands in quotes"
        problems.add(mark, way, why, instead)
    pairs = zip(cells, columns, strict=False)
    return Block(tuple(_entries(pairs)), mark)


def _entries(pairs: Iterator[tuple[_Cell, _Column | None]]) -> Iterator[Entry]:
    for cell, column in pairs:
        if column is not None and cell.text:
            bare = cell.text[-1:].isdigit()
            text = f"{cell.text}{'' if column.unit == '%' else ' '}{column.unit}" if bare and column.unit else cell.text
            yield Entry(column.key, cell.mark, Scalar(text, cell.mark))
