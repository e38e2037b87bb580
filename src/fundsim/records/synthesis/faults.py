"""Faults as real exports have them (数据缺陷), put into synthetic records at stated rates and counted one by one.

A record gets one fault at most, by a draw of its own, so that a file with faults is the file without them, spoilt. Each
kind says under which reasons or warnings of the data-quality report its records are to be found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim import units
from fundsim.errors import UsersError
from fundsim.records.names import AMOUNTS, BASIC, CII, DISCHARGED, FIRST_PAY, IN_POLICY, OWN, PERSON, SETTLEMENT, TOTAL
from fundsim.terms import nearest

Row = dict[str, str]
"""A record as it is written."""
_REVERSED: Final = "R"
"""What the id of a reversal begins with."""


class SynthesisError(UsersError, ValueError):
    """Synthetic records that cannot be made as they were asked for."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault."""

    name: str
    zh: str
    spoil: Callable[[Row, int], list[Row] | None]
    """The rows that stand for a record, given its number among those spoilt so; None where it cannot be spoilt."""
    found: Callable[[int], Iterable[str]]
    """Reasons and warnings under which the record of that number is found, one for each row concerned."""


def _negated(row: Row) -> Row:
    amounts = {name: row[name] if float(row[name]) == 0 else f"-{row[name]}" for name in AMOUNTS}
    return {**row, **amounts, SETTLEMENT: _REVERSED + row[SETTLEMENT][1:]}


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _fen(text: str) -> int:
    return int(text.replace(".", ""))


_NEEDED: Final = ((PERSON, "missing-id"), (DISCHARGED, "missing-date"), (TOTAL, "missing-amount"))


def _missing(row: Row, number: int) -> list[Row]:
    return [{**row, _NEEDED[number % 3][0]: ""}]


def _impossible_date(row: Row, _: int) -> list[Row]:
    return [{**row, DISCHARGED: f"{row[DISCHARGED][:4]}-02-30"}]


def _wrong_order(row: Row, _: int) -> list[Row]:
    year = int(row[DISCHARGED][:4])
    return [{**row, "begndate": f"{year + 1}{row[DISCHARGED][4:8]}01"}]


def _parts_too_large(row: Row, _: int) -> list[Row]:
    return [{**row, IN_POLICY: _yuan(_fen(row[TOTAL]) + 1)}]


def _funds_too_large(row: Row, _: int) -> list[Row]:
    return [{**row, BASIC: _yuan(_fen(row[TOTAL]) + 1)}]


def _part_lost(row: Row, _: int) -> list[Row] | None:
    """A part that is smaller than it was, where payments do not exceed the rest."""
    for name in (OWN, FIRST_PAY):
        if _fen(row[name]) > 0:
            return [{**row, name: "0.00"}]
    return None


def _payment_lost(row: Row, _: int) -> list[Row] | None:
    for name in (CII, BASIC):
        if _fen(row[name]) > 0:
            return [{**row, name: "0.00"}]
    return None


def _in_words(row: Row, _: int) -> list[Row]:
    return [{**row, TOTAL: f"{row[TOTAL]}元"}]


def _number_for_id(row: Row, _: int) -> list[Row]:
    return [{**row, PERSON: f"{float(row[PERSON]):.5E}"}]


def _cell_lost(row: Row, _: int) -> list[Row]:
    return [dict(list(row.items())[:-1])]


FAULTS: Final = {
    fault.name: fault
    for fault in (
        Fault("duplicates", "重复记录", lambda row, _: [row, row], lambda _: ["duplicate"]),
        Fault("reversals", "冲销", lambda row, _: [row, _negated(row)], lambda _: ["reversed", "reversal"]),
        Fault("unmatched", "无原结算的冲销", lambda row, _: [_negated(row)], lambda _: ["negative"]),
        Fault("missing", "缺字段", _missing, lambda number: [_NEEDED[number % 3][1]]),
        Fault("calendar", "不存在的日期", _impossible_date, lambda _: ["bad-date"]),
        Fault("order", "出院早于入院", _wrong_order, lambda _: ["discharge-before-admission"]),
        Fault("parts", "分项之和超过总额", _parts_too_large, lambda _: ["parts-exceed-total"]),
        Fault("funds", "基金支付超过总额", _funds_too_large, lambda _: ["funds-exceed-total"]),
        Fault("totals", "分项之和不等于总额", _part_lost, lambda _: ["parts-differ"]),
        Fault("payments", "支付之和不等于总额", _payment_lost, lambda _: ["payments-differ"]),
        Fault("amounts", "金额带单位", _in_words, lambda _: ["bad-amount"]),
        Fault("ids", "编号被改成数值", _number_for_id, lambda _: ["damaged-id"]),
        Fault("cells", "列数不符", _cell_lost, lambda _: ["not-a-row"]),
    )
}
"""Every kind of fault, by name."""


def parse_faults(text: str) -> dict[str, float]:
    """Rates by kind: ``duplicates=0.5%,reversals=1%``.

    Raises:
        SynthesisError: with everything that is wrong with it.
    """
    rates, problems = dict[str, float](), list[str]()
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, rate = (part.strip() for part in item.partition("="))
        if name not in FAULTS:
            problems.append(f"--faults: there is no kind '{name}'{nearest(name, list(FAULTS))}")
            problems.append(f"  instead: {', '.join(FAULTS)}")
            continue
        try:
            rates[name] = units.rate(rate) / 1_000_000
        except units.UnitError as error:
            problems += [f"--faults: {name}: {error.why}", f"  instead: {error.instead}"]
    if sum(map(Fraction, rates.values())) > 1:
        problems += ["--faults: the rates add up to more than 100%", "  instead: a record has one fault at most"]
    if problems:
        raise SynthesisError("\n".join(problems))
    return rates


class Spoiler:
    """Spoils records at stated rates, and counts what it has done."""

    def __init__(self, rates: Mapping[str, float]) -> None:
        self._names = list(rates)
        self._below = np.cumsum(list(rates.values()))
        self.spoilt: Counter[str] = Counter()
        """Records by kind of fault."""
        self.found: Counter[str] = Counter()
        """Rows by the reason or warning under which they are to be found."""

    def spoil(self, rows: list[Row], drawn: npt.NDArray[np.float64]) -> list[Row]:
        """The rows as they are written, given a uniform number for each; what is added comes at the end."""
        kinds = np.searchsorted(self._below, drawn, side="right").tolist() if self._names else [0] * len(rows)
        first, more = list[Row](), list[Row]()
        for row, kind in zip(rows, kinds, strict=True):
            spoilt = self._spoilt(row, self._names[kind]) if kind < len(self._names) else [row]
            first.append(spoilt[0])
            more += spoilt[1:]
        return first + more

    def _spoilt(self, row: Row, name: str) -> list[Row]:
        fault, number = FAULTS[name], self.spoilt[name]
        rows = fault.spoil(row, number)
        if rows is None:
            return [row]
        self.spoilt[name] += 1
        self.found.update(fault.found(number))
        return rows
