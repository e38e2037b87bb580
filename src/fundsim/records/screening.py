"""Which rows are used, and for what reason the others are not (数据筛查); every row ends with one reason, or is kept.

A reversal (冲销、退费) repeats a settlement with all amounts negated. The settlement and its reversal leave together,
so their money is nothing; a settlement that is then made anew stays. Where settlements have ids, the same record once
more is one with the same id; where they have none, reversals are taken out first, because what was reversed and made
anew on the same day looks like a record that stands twice.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fundsim.bills.texts import Bools, Int64s
from fundsim.records.names import ADMITTED, DISCHARGED, FUNDS, PARTS, SETTLED, SETTLEMENT, TOTAL
from fundsim.records.reading import Int8s, Raw
from fundsim.records.reasons import KEPT, NUMBER
from fundsim.records.same import alike, rank_among, repeated

Span = tuple[int, int]
"""The first and the last year."""


def screen(raw: Raw, days: Int64s, year: Int64s, years: Span | None) -> Int8s:
    """(n,) the reason for which each row is left out, or ``KEPT``; ``days`` and ``year`` are those of the discharge."""
    reason = raw.reason.copy()
    if SETTLEMENT in raw.texts:
        _leave_out_repeated_ids(raw, reason)
    _leave_out_reversed(raw, reason)
    if SETTLEMENT not in raw.texts:
        _leave_out_alike(raw, reason)
    for name, wrong in _impossible(raw, days, year, years).items():
        reason[(reason == KEPT) & wrong] = NUMBER[name]
    return reason


def _leave_out_repeated_ids(raw: Raw, reason: Int8s) -> None:
    """Settlements of which the id stands before; a reversal may have the id of what it reverses."""
    rest = np.flatnonzero(reason == KEPT)
    ident, sign = raw.texts[SETTLEMENT][rest], np.sign(raw.amounts[TOTAL][rest])
    again = repeated([ident, sign])
    of_one_id = np.isin(ident, ident[again])
    rest, again = rest[of_one_id], again[of_one_id]
    same = repeated(everything(raw, rest))
    reason[rest[again & same]] = NUMBER["duplicate"]
    reason[rest[again & ~same]] = NUMBER["same-id"]


def _leave_out_alike(raw: Raw, reason: Int8s) -> None:
    rest = np.flatnonzero(reason == KEPT)
    reason[rest[repeated(everything(raw, rest))]] = NUMBER["duplicate"]


def everything(raw: Raw, rows: Int64s, *, ids: bool = True) -> list[Int64s]:
    """All that some rows say, column by column, with or without the ids of settlement and admission."""
    texts = raw.texts.values() if ids else ()
    whole = [raw.person, *texts, *raw.days.values(), *raw.amounts.values()]
    return [*(column[rows] for column in whole), *(each[rows].astype(np.int64) for each in raw.categories.values())]


def _leave_out_reversed(raw: Raw, reason: Int8s) -> None:
    """Pair each negative record with the first settlement of the same person and day that has the same amounts."""
    rest = np.flatnonzero(reason == KEPT)
    negative = raw.amounts[TOTAL][rest] < 0
    if negative.any():
        people = np.unique(raw.person[rest[negative]])
        concerned = np.isin(raw.person[rest], people)
        rest, negative = rest[concerned], negative[concerned]
        # a reversal is settled later than what it reverses, but the stay is the same
        days = [raw.days[name][rest] for name in (ADMITTED, DISCHARGED) if name in raw.days]
        amounts: list[Int64s] = [np.where(negative, -1, 1) * amount[rest] for amount in raw.amounts.values()]
        categories: list[Int64s] = [category[rest].astype(np.int64) for category in raw.categories.values()]
        group = alike([raw.person[rest], *days, *categories, *amounts])
        pair = alike([group, rank_among(alike([group, negative.astype(np.int64)]))])
        paired = np.bincount(pair, minlength=int(pair.max()) + 1)[pair] == 2
        reason[rest[paired & negative]] = NUMBER["reversal"]
        reason[rest[paired & ~negative]] = NUMBER["reversed"]
    reason[(reason == KEPT) & raw.flagged & (raw.amounts[TOTAL] >= 0)] = NUMBER["refunded"]


def _impossible(raw: Raw, days: Int64s, year: Int64s, years: Span | None) -> Mapping[str, Bools]:
    """What cannot be, in the order in which it is told."""
    amounts = raw.amounts
    total = amounts[TOTAL]
    admitted = raw.days.get(ADMITTED, np.zeros_like(days))
    first, last = years or (int(year.min(initial=0)), int(year.max(initial=0)))
    return {
        "negative": np.any([amount < 0 for amount in amounts.values()], axis=0),
        "zero": total == 0,
        "outside-years": (year < first) | (year > last),
        "discharge-before-admission": (admitted > 0) & (days < admitted),
        "parts-exceed-total": summed(amounts, PARTS) > total,
        "funds-exceed-total": summed(amounts, FUNDS) > total,
    }


def summed(amounts: Mapping[str, Int64s], names: tuple[str, ...]) -> Int64s:
    """(n,) the sum of those amounts that the file has."""
    total = np.zeros(len(amounts[TOTAL]), dtype=np.int64)
    for name in names:
        if name in amounts:
            total += amounts[name]
    return total


def discharge(raw: Raw) -> Int64s:
    """(n,) the day by which a record belongs to a year: the discharge, else the settlement."""
    return raw.days[DISCHARGED if DISCHARGED in raw.days else SETTLED]
