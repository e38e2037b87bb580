"""Tables as text whose figures stand below one another by their points, and as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fundsim.scenario.text import padded, width


@dataclass(frozen=True)
class Table:
    """Rows of text under a title; names are set to the left, figures to the right, below one another by their point."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    names: int = 3
    """Columns of names, before those of figures."""


GAP: Final = "  "


def aligned(listed: Sequence[Table]) -> Iterator[str]:
    """Lines of tables; those with the same head have the same columns."""
    laid = {head: _Layout.of([table for table in listed if table.head == head]) for head in {t.head for t in listed}}
    for table in listed:
        yield ""
        yield from laid[table.head].lines(table)
        yield from (f"  {note}" for note in table.notes)


@dataclass(frozen=True)
class _Layout:
    """Where the columns of tables of one kind stand, in columns of the terminal."""

    title: int
    """Width of the title, which stands above the names."""
    wide: tuple[int, ...]
    after_point: tuple[int, ...]
    """Width of what follows a figure's whole part: the point and its decimals."""

    @classmethod
    def of(cls, alike: Sequence[Table]) -> _Layout:
        columns = list(zip(*(row for table in alike for row in table.rows), strict=True))
        points = tuple(max(len(_decimals(cell)) for cell in column) for column in columns)
        cells = [[_pointed(cell, p) for cell in column] for column, p in zip(columns, points, strict=True)]
        names = alike[0].names
        heads = [""] * names + list(alike[0].head[names:])
        wide = [max(map(width, [head, *column])) for head, column in zip(heads, cells, strict=True)]
        title, taken = max(width(table.title) for table in alike), sum(wide[:names]) + len(GAP) * names
        if names and title > taken:
            wide[names - 1] += title - taken
        return cls(max(title, taken), tuple(wide), points)

    def lines(self, table: Table) -> Iterator[str]:
        if table.names:
            yield (padded(table.title, self.title) + GAP + self._figures(table.head, table.names)).rstrip()
        else:
            yield table.title
            yield (GAP + self._figures(table.head, 0)).rstrip()
        for row in table.rows:
            cells = [_pointed(cell, points) for cell, points in zip(row, self.after_point, strict=True)]
            names = "".join(GAP + padded(cell, wide) for cell, wide in zip(row[: table.names], self.wide, strict=False))
            yield (names + GAP + self._figures(cells, table.names)).rstrip()

    def _figures(self, cells: Sequence[str], names: int) -> str:
        pairs = zip(cells[names:], self.wide[names:], strict=True)
        return GAP.join(" " * (wide - width(cell)) + cell for cell, wide in pairs)


_FIGURE: Final = re.compile(r"[+-]?[\d,]+(\.\d+)?")


def _decimals(cell: str) -> str:
    """The point and the decimals of a figure."""
    match = _FIGURE.fullmatch(cell)
    return (match[1] or "") if match else ""


def _pointed(cell: str, after_point: int) -> str:
    """A figure with blanks on its right, so that the points of a column stand below one another."""
    return cell + " " * (after_point - len(_decimals(cell))) if _FIGURE.fullmatch(cell) else cell


def html_table(table: Table) -> str:
    """Return a table as plain HTML, everything escaped."""
    cells = [_html_cells(table.head, table.names, "th"), *(_html_cells(row, table.names, "td") for row in table.rows)]
    rows = "".join(f"<tr>{each}</tr>" for each in cells)
    notes = f"<p>{html.escape(' '.join(table.notes))}</p>" if table.notes else ""  # broken for a terminal, whole here
    return f"<table><caption>{html.escape(table.title)}</caption>{rows}</table>{notes}"


def _html_cells(cells: Sequence[str], names: int, tag: str) -> str:
    return "".join(
        f'<{tag} style="text-align:{"left" if place < names else "right"}">{html.escape(cell)}</{tag}>'
        for place, cell in enumerate(cells)
    )
