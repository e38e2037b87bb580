"""The lines of a trace, laid out as aligned text and as a table in HTML."""

from __future__ import annotations

import html
from typing import Final, NamedTuple

from fundsim.scenario.text import padded, width


class Row(NamedTuple):
    """A line of the trace."""

    what: str
    amount: str = ""
    how: str = ""


BLANK: Final = Row("")


def laid_out(rows: list[Row]) -> list[str]:
    """Lines with amounts aligned on their right; a heading may run over the amounts."""
    what = max((width(row.what) for row in rows if row.amount), default=0)
    amount = max(width(row.amount) for row in rows)
    return [
        f"{padded(row.what, what)}  {' ' * (amount - width(row.amount))}{row.amount}  {row.how}".rstrip()
        if row.amount
        else row.what
        for row in rows
    ]


def html_row(row: Row) -> str:
    """A row of the table: a line without an amount is a heading."""
    what, amount, how = (html.escape(cell.strip()) for cell in row)
    if not amount:
        return f'<tr><th colspan="3" style="text-align:left">{what}</th></tr>'
    return (
        f'<tr><td style="text-align:left">{what}</td><td style="text-align:right">{amount}</td>'
        f'<td style="text-align:left">{how}</td></tr>'
    )
