"""The trace of a settlement (结算过程): how each fen of one person's bills came about, line by line.

The settlement says what was done; here it is put into words that a person can follow with the policy text beside it.
"""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fundsim.benefits.payer import CATEGORIES, Part
from fundsim.benefits.schedule import ClassSchedule, PayerSchedule, describe
from fundsim.benefits.settlement import Bill, Line, Statement
from fundsim.money import PPM, format_rate, format_yuan, half_up
from fundsim.scenario.text import padded, width

FORMAT: Final = 1
"""Version of the JSON that is printed, its key ``fundsim``."""

Row = tuple[str, str, str]
"""What, how much, and how it came about."""


@dataclass(frozen=True)
class TracedPayer:
    """A payer of one bill."""

    schedule: PayerSchedule
    title: str
    variants: tuple[str, ...] = ()
    """The variants that made its terms for the bill: numbers, with the clauses they encode."""


@dataclass(frozen=True)
class TracedBill:
    """One bill, settled, with what is needed to explain it."""

    row: int
    """Where it stands in the bills."""
    year: int
    """Insurance year; accumulated bases and caps begin anew with each."""
    date: datetime.date
    admission: str | None
    case: Mapping[str, str]
    statement: Statement
    payers: tuple[TracedPayer, ...]
    """One for each line of the statement."""
    annual: bool
    """Whether it is an amount left in policy, instead of costs."""
    cumulative: bool
    """Whether payments are rounded cumulatively."""

    @property
    def gross(self) -> int:
        """Fen."""
        return self.statement.bill.payable + self.statement.bill.excluded


@dataclass(frozen=True)
class Trace:
    """How the bills of one person were settled; prints as aligned text, and as a table in a notebook."""

    scenario: str
    title: str
    fingerprint: str
    person: str
    bills: tuple[TracedBill, ...]

    def __str__(self) -> str:
        head = [f"{self.person} — {self.title} ({self.scenario}, {self.fingerprint[:12]}); amounts in yuan 元"]
        rows = [row for number in range(len(self.bills)) for row in self._bill_rows(number)]
        return "\n".join([*head, *_laid_out([*rows, *self._total_rows()])])

    def to_dict(self) -> dict[str, Any]:
        """Return the trace as plain data for JSON; amounts are texts in yuan."""
        return {
            "fundsim": FORMAT,
            "scenario": self.scenario,
            "fingerprint": self.fingerprint,
            "person": self.person,
            "bills": [_bill_dict(bill) for bill in self.bills],
        }

    def _repr_html_(self) -> str:
        rows = [row for number in range(len(self.bills)) for row in self._bill_rows(number)]
        cells = "".join(_html_row(row) for row in [*rows, *self._total_rows()])
        head = html.escape(f"{self.person} — {self.title} ({self.scenario}); yuan 元")
        return f"<table><caption>{head}</caption>{cells}</table>"

    def _bill_rows(self, number: int) -> Iterator[Row]:
        bill = self.bills[number]
        stated = bill.statement.bill
        admission = f", admission {bill.admission}" if bill.admission else ""
        yield "", "", ""
        yield f"Bill {number + 1} of {len(self.bills)}: {bill.date}{admission} ({describe(bill.case)})", "", ""
        if number == 0 or self.bills[number - 1].year != bill.year:
            yield f"  insurance year {bill.year} 保险年度: all accounts begin at zero", "", ""
        if bill.annual:
            yield "  left in policy 政策范围内个人自付", format_yuan(stated.payable), "after the payers before"
        else:
            parts = zip(CATEGORIES, stated.cost, strict=True)
            split = " + ".join(f"{category} {format_yuan(cost)}" for category, cost in parts)
            yield "  bill 医疗总费用", format_yuan(bill.gross), f"{split} + excluded {format_yuan(stated.excluded)}"
            yield "  excluded 不予支付", format_yuan(stated.excluded), "counts for no payer"
        left = stated.payable
        for line, payer in zip(bill.statement.lines, bill.payers, strict=True):
            yield from _line_rows(bill, line, payer, left)
            left = line.left
        yield "  patient pays 个人负担", format_yuan(left), "beside what is excluded" if stated.excluded else ""

    def _total_rows(self) -> Iterator[Row]:
        paid = dict[str, int]()
        for line in (line for bill in self.bills for line in bill.statement.lines):
            paid[line.payer] = paid.get(line.payer, 0) + line.paid
        titles = {payer.schedule.name: payer.title for bill in self.bills for payer in bill.payers}
        yield "", "", ""
        yield f"All {len(self.bills)} bills 合计", format_yuan(sum(bill.gross for bill in self.bills)), ""
        yield "  excluded 不予支付", format_yuan(sum(bill.statement.bill.excluded for bill in self.bills)), ""
        for payer, amount in paid.items():
            yield f"  {_named(titles[payer], payer)}", format_yuan(amount), ""
        yield "  patient pays 个人负担", format_yuan(sum(bill.statement.patient_pays for bill in self.bills)), ""


# -- one payer and one bill in words --------------------------------------------------------------------------------


def _named(title: str, name: str) -> str:
    return name if title == name else f"{title} ({name})"


def _line_rows(bill: TracedBill, line: Line, payer: TracedPayer, left: int) -> Iterator[Row]:
    schedule = payer.schedule
    terms = schedule.classes[bill.statement.bill.case]
    given = line.payer in bill.statement.bill.given
    variants = f", by variant {' and '.join(payer.variants)}" if payer.variants else ""
    clause = f" {line.clause}" if line.clause else ""
    yield f"  {_named(payer.title, line.payer)}{clause}{variants}", "", f"of {format_yuan(left)} left to pay"
    yield "    counts 纳入费用", format_yuan(line.base), _base_in_words(bill, line, schedule, terms, left)
    if given:
        yield "    its deductible 起付线", format_yuan(line.deductible), "as given"
    else:
        yield from _due_rows(line, schedule, terms, cumulative=bill.cumulative)
        if schedule.tops_up:
            yield (
                "    paid already 已支付",
                format_yuan(line.topped),
                f"by {' and '.join(schedule.tops_up)}, topped up 补足",
            )
        if line.limit or terms.cap is not None:
            yield "    limit 封顶", *_limit(line, schedule, terms)
    yield "    pays 支付", format_yuan(line.paid), "as given" if given else ""
    yield "    left 余额", format_yuan(line.left), ""


def _base_in_words(bill: TracedBill, line: Line, schedule: PayerSchedule, terms: ClassSchedule, left: int) -> str:
    """What of the bill counts, and what is taken off it."""
    if not terms.covered and line.payer not in bill.statement.bill.given:
        return "the payer does not cover this class of case"
    counted, how = _counted(bill, line, schedule, terms)
    earlier = {other.payer: other for other in bill.statement.lines}
    parts = [(part, _amount(part, earlier[part.payer])) for part in schedule.parts if part.payer in earlier]
    rest = counted + sum(part.sign * amount for part, amount in parts)
    signs = {1: "plus", -1: "less"}
    words = [how, *(f"{signs[part.sign]} {format_yuan(amount)} {part.what} {part.payer}" for part, amount in parts)]
    if rest < 0:
        words.append("at least nothing")
    if rest > left and not schedule.tops_up:
        words.append("at most what is left")
    return ", ".join(words)


def _amount(part: Part, line: Line) -> int:
    return {"paid by": line.paid, "deductible of": line.deductible, "cut by cap of": line.cut}[part.what]


def _counted(bill: TracedBill, line: Line, schedule: PayerSchedule, terms: ClassSchedule) -> tuple[int, str]:
    stated: Bill = bill.statement.bill
    if stated.in_policy_left is not None:
        first = bill.statement.lines[0].payer == line.payer
        rate = PPM if first else max(schedule.counts[0] - terms.above_share, 0)
        return half_up(stated.in_policy_left * rate, PPM), f"{format_rate(rate)} of what was left in policy"
    parts = [(cost, rate, name) for cost, rate, name in zip(stated.cost, schedule.counts, CATEGORIES, strict=True)]
    exact = sum(cost * rate for cost, rate, _ in parts) - sum(stated.cost) * terms.above_share
    shown = " + ".join(
        f"{format_rate(rate)} of {name} {format_yuan(cost)}" for cost, rate, name in parts if cost and rate
    )
    words = [shown or "nothing"]
    if terms.above_share:
        words.append(f"less {format_rate(terms.above_share)} of the bill's {format_yuan(sum(stated.cost))}")
    if exact % PPM and exact > 0:
        words.append("rounded half up 四舍五入")
    return half_up(max(exact, 0), PPM), ", ".join(words)


def _due_rows(line: Line, schedule: PayerSchedule, terms: ClassSchedule, *, cumulative: bool) -> Iterator[Row]:
    """Accumulator, deductible, slices and rounding."""
    span = "of the year" if schedule.by_year else "each bill begins at zero"
    yield "    accumulated before 累计前", format_yuan(line.before), span
    yield "    accumulated after 累计后", format_yuan(line.after), ""
    if terms.deductible:
        yield "    deductible takes 起付线", format_yuan(line.deductible), f"of {format_yuan(terms.deductible)}"
    for piece in line.slices:
        what = f"    {format_yuan(piece.start)} – {format_yuan(piece.end)}"
        yield what, _exact(piece.due), f"{format_rate(piece.rate)} of {format_yuan(piece.width)}"
    yield "    due 应付", format_yuan(line.due), _rounding(line, terms, cumulative=cumulative)


def _rounding(line: Line, terms: ClassSchedule, *, cumulative: bool) -> str:
    if cumulative:
        after, before = (half_up(terms.curve.value(base), PPM) for base in (line.after, line.before))
        return (
            f"{format_yuan(after)} on all so far, less {format_yuan(before)} on what was before, each rounded half up"
        )
    exact = sum(piece.due for piece in line.slices)
    return f"{_exact(exact)} rounded half up 四舍五入" if exact % PPM else ""


def _limit(line: Line, schedule: PayerSchedule, terms: ClassSchedule) -> tuple[str, str]:
    """The cap's room, and whether it or the rest of the bill holds the payment down."""
    if line.limit == "left":
        return format_yuan(line.paid), "no more is left to pay"
    assert terms.cap is not None
    room = format_yuan(max(terms.cap - line.used, 0))
    held = ", which holds the payment down" if line.limit == "cap" else ""
    shared = f" shared with {' and '.join(schedule.cap_shared_with)}" if schedule.cap_shared_with else ""
    return room, f"cap {format_yuan(terms.cap)} a year{shared} less {format_yuan(line.used)} paid before{held}"


def _exact(due: int) -> str:
    """Fen x ppm as yuan, with all its decimals."""
    yuan, rest = divmod(due, 100 * PPM)
    decimals = f"{rest:08d}".rstrip("0").ljust(2, "0")
    return f"{yuan:,}.{decimals}"


def _laid_out(rows: list[Row]) -> list[str]:
    """Lines with amounts aligned on their right; a heading may run over the amounts."""
    what = max((width(row[0]) for row in rows if row[1]), default=0)
    amount = max(width(row[1]) for row in rows)
    lines = []
    for label, figure, how in rows:
        if not figure:
            lines.append(f"{label}{f', {how}' if how else ''}")
            continue
        lines.append(f"{padded(label, what)}  {' ' * (amount - width(figure))}{figure}  {how}".rstrip())
    return lines


def _html_row(row: Row) -> str:
    label, figure, how = (html.escape(cell.strip()) for cell in row)
    if not figure:
        return f'<tr><th colspan="3" style="text-align:left">{label}{f", {how}" if how else ""}</th></tr>'
    return (
        f'<tr><td style="text-align:left">{label}</td><td style="text-align:right">{figure}</td>'
        f'<td style="text-align:left">{how}</td></tr>'
    )


# -- as plain data --------------------------------------------------------------------------------------------------


def _yuan(fen: int) -> str:
    return format_yuan(fen, separator="")


def _bill_dict(bill: TracedBill) -> dict[str, Any]:
    stated = bill.statement.bill
    costs = {f"cost_{name.lower()}": _yuan(cost) for name, cost in zip(CATEGORIES, stated.cost, strict=True)}
    amounts = (
        {"in_policy_left": _yuan(stated.payable)} if bill.annual else costs | {"cost_excluded": _yuan(stated.excluded)}
    )
    lefts = [stated.payable, *(line.left for line in bill.statement.lines)]
    lines = zip(bill.statement.lines, bill.payers, lefts, strict=False)
    return {
        "row": bill.row,
        "discharge_date": bill.date.isoformat(),
        "insurance_year": bill.year,
        "admission_id": bill.admission,
        "traits": dict(bill.case),
        **amounts,
        "gross": _yuan(bill.gross),
        "excluded": _yuan(stated.excluded),
        "payers": [_line_dict(bill, line, payer, left) for line, payer, left in lines],
        "patient_pays": _yuan(bill.statement.patient_pays),
    }


def _line_dict(bill: TracedBill, line: Line, payer: TracedPayer, left: int) -> dict[str, Any]:
    terms = payer.schedule.classes[bill.statement.bill.case]
    given = line.payer in bill.statement.bill.given
    return {
        "payer": line.payer,
        "title": payer.title,
        "clause": payer.schedule.clause,
        "variants": list(payer.variants),
        "given": given,
        "left_before": _yuan(left),
        "base": _yuan(line.base),
        "how": _base_in_words(bill, line, payer.schedule, terms, left),
        "accumulated_before": _yuan(line.before),
        "accumulated_after": _yuan(line.after),
        "deductible": _yuan(line.deductible),
        "deductible_of_class": _yuan(terms.deductible),
        "slices": [
            {
                "from": _yuan(piece.start),
                "to": _yuan(piece.end),
                "rate": format_rate(piece.rate),
                "amount": _exact(piece.due).replace(",", ""),
            }
            for piece in line.slices
        ],
        "rounding": "cumulative" if bill.cumulative else "per-bill",
        "due": _yuan(line.due),
        "topped": _yuan(line.topped),
        "cut_by_cap": _yuan(line.cut),
        "cap": None if terms.cap is None else _yuan(terms.cap),
        "paid_before": _yuan(line.used),
        "limit": line.limit,
        "paid": _yuan(line.paid),
        "left": _yuan(line.left),
    }
