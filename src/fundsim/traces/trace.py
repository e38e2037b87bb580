"""The trace of one person's bills: it prints as text, as a table in a notebook and as plain data."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fundsim.money import format_yuan
from fundsim.traces.bills import TracedBill
from fundsim.traces.layout import BLANK, Row, html_row, laid_out
from fundsim.traces.payers import payer_rows
from fundsim.traces.phrases import condition_in_words, named
from fundsim.traces.plain import FORMAT, bill_dict


@dataclass(frozen=True)
class Trace:
    """How the bills of one person were settled; prints as aligned text, and as a table in a notebook."""

    scenario: str
    title: str
    fingerprint: str
    person: str
    bills: tuple[TracedBill, ...]

    def __str__(self) -> str:
        return "\n".join([self._head(f"{self.scenario}, {self.fingerprint[:12]}"), *laid_out(self._rows())])

    def to_dict(self) -> dict[str, Any]:
        """Return the trace as plain data for JSON; amounts are texts in yuan."""
        return {
            "fundsim": FORMAT,
            "scenario": self.scenario,
            "fingerprint": self.fingerprint,
            "person": self.person,
            "bills": [bill_dict(bill) for bill in self.bills],
        }

    def _repr_html_(self) -> str:
        cells = "".join(map(html_row, self._rows()))
        return f"<table><caption>{html.escape(self._head(self.scenario))}</caption>{cells}</table>"

    def _head(self, scheme: str) -> str:
        return f"{self.person} — {self.title} ({scheme}); 金额单位：元 amounts in yuan"

    def _rows(self) -> list[Row]:
        rows = list[Row]()
        for number, bill in enumerate(self.bills, start=1):
            opens = number == 1 or self.bills[number - 2].year != bill.year
            rows += [*heading_rows(bill, number, len(self.bills), opens=opens), *bill_rows(bill)]
        return [*rows, *self._total_rows()]

    def _total_rows(self) -> Iterator[Row]:
        paid = dict[str, int]()
        for line in (line for bill in self.bills for line in bill.statement.lines):
            paid[line.payer] = paid.get(line.payer, 0) + line.paid
        titles = {payer.schedule.name: payer.title for bill in self.bills for payer in bill.payers}
        excluded = sum(bill.statement.bill.excluded for bill in self.bills)
        yield BLANK
        count = len(self.bills)
        yield Row(
            f"共 {count} 笔合计 all {count} bills" if count > 1 else "合计 in all",
            format_yuan(sum(bill.gross for bill in self.bills)),
        )
        if excluded:
            yield Row("  不予支付 excluded", format_yuan(excluded))
        for payer, amount in paid.items():
            yield Row(f"  {named(titles[payer], payer)}", format_yuan(amount))
        yield Row("  个人负担 patient pays", format_yuan(sum(bill.statement.patient_pays for bill in self.bills)))


def heading_rows(bill: TracedBill, number: int, count: int, *, opens: bool) -> Iterator[Row]:
    """Which bill it is, of whom, and the insurance year that it opens."""
    admission = f", 就诊号 admission {bill.admission}" if bill.admission else ""
    special = {trait: value for trait, value in bill.case.items() if value != bill.defaults[trait]}
    yield BLANK
    yield Row(f"第 {number} 笔，共 {count} 笔 bill {number} of {count}: {bill.date}{admission}")
    if special:
        rest = "; 其余为默认值 others at their default" if len(special) < len(bill.case) else ""
        yield Row(f"  特征 traits: {condition_in_words(dict(special))}{rest}")
    elif bill.case:
        yield Row("  特征 traits: 均为默认值 all at their default")
    if opens:
        first, last = bill.period
        begin = "累计额和已付额从零起算 all accounts begin at zero"
        yield Row(f"  保险年度 insurance year {first} 至 to {last}: {begin}")


def bill_rows(bill: TracedBill) -> Iterator[Row]:
    """The bill, payer by payer, down to what the patient pays."""
    stated = bill.statement.bill
    if bill.annual:
        how = "前面各方支付之后 after the payers before"
        yield Row("  政策范围内个人自付 left in policy", format_yuan(stated.payable), how)
    else:
        costs = zip(("甲类 A", "乙类 B", "丙类 C"), stated.cost, strict=True)
        split = [f"{name} {format_yuan(cost)}" for name, cost in costs if cost]
        split += [f"不予支付 excluded {format_yuan(stated.excluded)}"] if stated.excluded else []
        yield Row("  医疗总费用 bill", format_yuan(bill.gross), " + ".join(split))
        if stated.excluded:
            yield Row("  待付费用 to be paid", format_yuan(stated.payable), "扣除不予支付 without what is excluded")
    for step in bill.steps():
        yield from payer_rows(step)
    beside = f"另有不予支付 beside {format_yuan(stated.excluded)} excluded" if stated.excluded else ""
    yield Row("  个人负担 patient pays", format_yuan(bill.statement.patient_pays), beside)
