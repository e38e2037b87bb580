"""The trace of a settlement (结算过程): how each fen of one person's bills came about, line by line.

The settlement says what was done; here it is put into words that a person can follow with the policy text beside it.
Every line says it in Chinese first and in English beside it.
"""

from __future__ import annotations

import datetime
import html
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from fundsim.benefits.payer import CATEGORIES, Match, Part
from fundsim.benefits.schedule import ClassSchedule, PayerSchedule
from fundsim.benefits.settlement import Bill, Line, Statement
from fundsim.curves import Slice
from fundsim.money import PPM, format_rate, format_yuan, half_up
from fundsim.scenario.text import padded, width

FORMAT: Final = 1
"""Version of the JSON that is printed, its key ``fundsim``."""


class Row(NamedTuple):
    """A line of the trace."""

    what: str
    amount: str = ""
    how: str = ""


BLANK: Final = Row("")


@dataclass(frozen=True)
class TracedVariant:
    """A variant that made a payer's terms for a bill."""

    number: int
    """Its place among the payer's variants, counted from 1."""
    when: Match
    clause: str | None

    def __str__(self) -> str:
        return f"{condition_in_words(self.when)}{f' ({self.clause})' if self.clause else ''}"


@dataclass(frozen=True)
class TracedPayer:
    """A payer of one bill."""

    schedule: PayerSchedule
    title: str
    only: tuple[Match, ...] = ()
    """The classes that it covers; empty: every class."""
    variants: tuple[TracedVariant, ...] = ()
    """In the order in which they changed its terms."""


@dataclass(frozen=True)
class TracedBill:
    """One bill, settled, with what is needed to explain it."""

    row: int
    """Where it stands in the bills."""
    year: int
    """Insurance year, named for the calendar year in which it ends; accumulated bases and caps begin anew with each."""
    period: tuple[datetime.date, datetime.date]
    """First and last day of that insurance year."""
    date: datetime.date
    admission: str | None
    case: Mapping[str, str]
    defaults: Mapping[str, str]
    """The ordinary value of each trait."""
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

    def steps(self) -> Iterator[Step]:
        """Payer by payer."""
        left = self.statement.bill.payable
        for line, payer in zip(self.statement.lines, self.payers, strict=True):
            yield Step(self, line, payer, left)
            left = line.left

    def short(self, payer: str) -> str:
        """The payer's title; with its id where that of another payer is the same."""
        titles = {each.schedule.name: each.title for each in self.payers}
        title = titles.get(payer, payer)
        return title if Counter(titles.values())[title] <= 1 else _named(title, payer)


@dataclass(frozen=True)
class Step:
    """What one payer did with one bill."""

    bill: TracedBill
    line: Line
    payer: TracedPayer
    left: int
    """What was left to pay before it, fen."""

    @property
    def schedule(self) -> PayerSchedule:
        return self.payer.schedule

    @property
    def terms(self) -> ClassSchedule:
        return self.schedule.classes[self.bill.statement.bill.case]

    @property
    def given(self) -> bool:
        """Whether the bills state what it paid."""
        return self.line.payer in self.bill.statement.bill.given

    @property
    def covered(self) -> bool:
        """Whether it has to do with the bill at all."""
        return self.terms.covered or self.given

    @property
    def slices(self) -> tuple[Slice, ...]:
        """The slices above the deductible; nothing is due below it."""
        lowest = self.terms.deductible
        return tuple(Slice(max(s.start, lowest), s.end, s.rate) for s in self.line.slices if s.end > lowest)


@dataclass(frozen=True)
class Trace:
    """How the bills of one person were settled; prints as aligned text, and as a table in a notebook."""

    scenario: str
    title: str
    fingerprint: str
    person: str
    bills: tuple[TracedBill, ...]

    def __str__(self) -> str:
        return "\n".join([self._head(f"{self.scenario}, {self.fingerprint[:12]}"), *_laid_out(self._rows())])

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
        cells = "".join(map(_html_row, self._rows()))
        return f"<table><caption>{html.escape(self._head(self.scenario))}</caption>{cells}</table>"

    def _head(self, scheme: str) -> str:
        return f"{self.person} — {self.title} ({scheme}); 金额单位：元 amounts in yuan"

    def _rows(self) -> list[Row]:
        rows = list[Row]()
        for number, bill in enumerate(self.bills, start=1):
            opens = number == 1 or self.bills[number - 2].year != bill.year
            rows += [*_heading_rows(bill, number, len(self.bills), opens=opens), *_bill_rows(bill)]
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
            yield Row(f"  {_named(titles[payer], payer)}", format_yuan(amount))
        yield Row("  个人负担 patient pays", format_yuan(sum(bill.statement.patient_pays for bill in self.bills)))


_NOT_NEGATIVE: Final = "不足零按零计 at least 0.00"

# -- words ----------------------------------------------------------------------------------------------------------


def condition_in_words(match: Match) -> str:
    """A condition on traits: ``insurance=employee, care=level-3/major``."""
    return ", ".join(
        f"{trait}={value if isinstance(value, str) else '/'.join(value)}" for trait, value in match.items()
    )


def _named(title: str, name: str) -> str:
    return name if title == name else f"{title} ({name})"


def _joined(first: str, chinese: str) -> str:
    """Chinese words after a name, with a blank only where the name is not Chinese."""
    return f"{first}{'' if width(first[-1]) == 2 else ' '}{chinese}"


def _exact(due: int) -> str:
    """Fen x ppm as yuan, with all its decimals."""
    yuan, rest = divmod(due, 100 * PPM)
    decimals = f"{rest:08d}".rstrip("0").ljust(2, "0")
    return f"{yuan:,}.{decimals}"


# -- one bill in words ----------------------------------------------------------------------------------------------


def _heading_rows(bill: TracedBill, number: int, count: int, *, opens: bool) -> Iterator[Row]:
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


def _bill_rows(bill: TracedBill) -> Iterator[Row]:
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
        yield from _payer_rows(step)
    beside = f"另有不予支付 beside {format_yuan(stated.excluded)} excluded" if stated.excluded else ""
    yield Row("  个人负担 patient pays", format_yuan(bill.statement.patient_pays), beside)


# -- one payer and one bill in words --------------------------------------------------------------------------------


def _payer_rows(step: Step) -> Iterator[Row]:
    name = f"  {_named(step.payer.title, step.line.payer)}"
    if not step.covered:
        yield Row(f"{name}: {_not_covered(step)}")
        return
    yield Row(f"{name}{f' {step.schedule.clause}' if step.schedule.clause else ''}")
    if step.payer.variants:
        yield Row(f"    适用情形 as for {'; '.join(map(str, step.payer.variants))}")
    yield Row("    纳入费用 counts", format_yuan(step.line.base), _base_in_words(step))
    if step.given:
        yield Row("    起付线 deductible", format_yuan(step.line.deductible), "账单所载 as stated")
    else:
        yield from _accumulator_rows(step)
        yield from _due_rows(step)
    yield Row("    支付 pays", format_yuan(step.line.paid), _paid_in_words(step))
    yield Row("    余额 left", format_yuan(step.line.left))


def _not_covered(step: Step) -> str:
    only = "; ".join(map(condition_in_words, step.payer.only))
    return f"不属于支付范围 does not cover this class of case, 只限 only for {only}"


def _base_in_words(step: Step) -> str:
    """What of the bill counts, and what is added to it or taken off."""
    counted, how = _counted(step)
    words = [how] if how else []
    rest = counted
    earlier = {line.payer: line for line in step.bill.statement.lines}
    for part in step.schedule.parts:
        amount = _amount(part, earlier[part.payer]) if part.payer in earlier else 0
        rest += part.sign * amount
        if amount:
            sign = "−" if part.sign < 0 else "+" if words else ""
            words.append(f"{sign} {_part_in_words(step, part)} {format_yuan(amount)}".strip())
    return ", ".join([" ".join(words), *_bounds(step, rest)])


def _bounds(step: Step, counted: int) -> Iterator[str]:
    """What holds the base to the bill; a payer that tops others up looks at the whole of it."""
    if counted < 0:
        yield _NOT_NEGATIVE
    if step.schedule.tops_up and counted > step.bill.statement.bill.payable:
        yield "以待付费用为限 at most the bill without what is excluded"
    elif not step.schedule.tops_up and counted > step.left:
        yield "以余额为限 at most what is left"


def _part_in_words(step: Step, part: Part) -> str:
    what = {"paid by": "已付 paid", "deductible of": "起付线 deductible", "cut by cap of": "超封顶未付 cut by its cap"}
    return _joined(step.bill.short(part.payer), what[part.what])


def _amount(part: Part, line: Line) -> int:
    return {"paid by": line.paid, "deductible of": line.deductible, "cut by cap of": line.cut}[part.what]


def _counted(step: Step) -> tuple[int, str]:
    """What of the bill itself counts (fen), and how."""
    stated: Bill = step.bill.statement.bill
    if stated.in_policy_left is None:
        costs = list(zip(CATEGORIES, stated.cost, step.schedule.counts, strict=True))
    else:
        first = step.bill.statement.lines[0].payer == step.line.payer
        costs = [("自付 left in policy", stated.in_policy_left, PPM if first else step.schedule.counts[0])]
        if first:
            return stated.in_policy_left, "政策范围内个人自付 what was left in policy"
    above = step.terms.above_share
    exact = sum(cost * rate for _, cost, rate in costs) - stated.payable * above
    how = " + ".join(f"{name} {format_yuan(cost)} × {format_rate(rate)}" for name, cost, rate in costs if cost * rate)
    if above and how:
        how += f" − 待付费用 to be paid {format_yuan(stated.payable)} × {format_rate(above)}"
    if exact < 0:
        return 0, f"{how} ({_NOT_NEGATIVE})"
    counted = half_up(exact, PPM)
    rounded = f" = {_exact(exact)} ≈ {format_yuan(counted)} (四舍五入 rounded half up)" if exact % PPM else ""
    return counted, f"{how}{rounded}"


def _accumulator_rows(step: Step) -> Iterator[Row]:
    """The accumulated base before and after, and what of the deductible was still open."""
    line, deductible = step.line, step.terms.deductible
    if step.schedule.by_year:
        yield Row("    累计前 accumulated before", format_yuan(line.before), "按保险年度累计 over the insurance year")
        yield Row("    累计后 accumulated after", format_yuan(line.after))
    else:
        yield Row("    累计 accumulated", format_yuan(line.after), "每笔从零起算 each bill begins at 0.00")
    if deductible:
        used = min(line.before, deductible)
        how = f"起付线 of {format_yuan(deductible)}{f', 此前已扣 taken before {format_yuan(used)}' if used else ''}"
        yield Row("    扣起付线 less deductible", format_yuan(line.deductible), how)


def _due_rows(step: Step) -> Iterator[Row]:
    """Slices, rounding, what is topped up, and the cap where it binds."""
    line, terms = step.line, step.terms
    for piece in step.slices:
        what = f"    分段 slice {format_yuan(piece.start)} – {format_yuan(piece.end)}"
        yield Row(what, _exact(piece.due), f"{format_yuan(piece.width)} × {format_rate(piece.rate)}")
    if step.slices:
        yield Row("    应付 due", format_yuan(line.due), _rounding(step))
    if step.schedule.tops_up and line.due:
        yield Row("    已由前方支付 paid already", format_yuan(line.topped), _topped_in_words(step))
    if line.cut:
        assert terms.cap is not None
        room = format_yuan(max(terms.cap - line.used, 0))
        yield Row("    剩余额度 room under the cap", room, _cap_in_words(step, " −"))


def _rounding(step: Step) -> str:
    line, curve = step.line, step.terms.curve
    if step.bill.cumulative:
        after, before = (format_yuan(half_up(curve.value(base), PPM)) for base in (line.after, line.before))
        return f"累计应付 on all so far {after} − 此前 before {before}, 各自四舍五入 each rounded half up"
    exact = sum(piece.due for piece in line.slices)
    return f"{_exact(exact)} 四舍五入 rounded half up" if exact % PPM else ""


def _topped_in_words(step: Step) -> str:
    line = step.line
    lines = [each for each in step.bill.statement.lines if each.payer in step.schedule.tops_up and each.paid]
    paid = [f"{_joined(step.bill.short(each.payer), '已付')} paid {format_yuan(each.paid)}" for each in lines]
    if not paid:
        return ""
    short = line.due > line.topped
    words = "只补足差额 only the difference is paid" if short else "已达应付, 无须补足 nothing is left to top up"
    return f"{' + '.join(paid)}, {words}"


def _cap_in_words(step: Step, sign: str) -> str:
    """The year's cap and what has used it up, with a sign between the two."""
    assert step.terms.cap is not None
    cap, used = format_yuan(step.terms.cap), format_yuan(step.line.used)
    others = "、".join(step.bill.short(payer) for payer in step.schedule.cap_shared_with)
    shared = f" (与{_joined(others, '合并计算')} together)" if others else ""
    return f"年度封顶线 cap a year {cap}{sign} 此前已付 paid before {used}{shared}"


def _paid_in_words(step: Step) -> str:
    """Whether the cap, or what was left of the bill, held the payment down; or why nothing is due."""
    line, terms = step.line, step.terms
    if step.given:
        return "账单所载 as stated"
    if not line.base:
        return "没有纳入费用 nothing counts"
    if not step.slices:
        return "未超过起付线 all within the deductible"
    if line.limit == "left":
        return "以余额为限 no more is left to pay"
    if line.cut:
        return f"以剩余额度为限 held down by the cap, 超限 cut {format_yuan(line.cut)}"
    if terms.cap is not None and line.paid:
        return f"{_cap_in_words(step, ',')}, 未超 within it"
    return ""


# -- laid out -------------------------------------------------------------------------------------------------------


def _laid_out(rows: list[Row]) -> list[str]:
    """Lines with amounts aligned on their right; a heading may run over the amounts."""
    what = max((width(row.what) for row in rows if row.amount), default=0)
    amount = max(width(row.amount) for row in rows)
    return [
        f"{padded(row.what, what)}  {' ' * (amount - width(row.amount))}{row.amount}  {row.how}".rstrip()
        if row.amount
        else row.what
        for row in rows
    ]


def _html_row(row: Row) -> str:
    what, amount, how = (html.escape(cell.strip()) for cell in row)
    if not amount:
        return f'<tr><th colspan="3" style="text-align:left">{what}</th></tr>'
    return (
        f'<tr><td style="text-align:left">{what}</td><td style="text-align:right">{amount}</td>'
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
    return {
        "row": bill.row,
        "discharge_date": bill.date.isoformat(),
        "insurance_year": bill.year,
        "insurance_year_from": bill.period[0].isoformat(),
        "insurance_year_to": bill.period[1].isoformat(),
        "admission_id": bill.admission,
        "traits": dict(bill.case),
        **amounts,
        "gross": _yuan(bill.gross),
        "excluded": _yuan(stated.excluded),
        "payers": [_step_dict(step) for step in bill.steps()],
        "patient_pays": _yuan(bill.statement.patient_pays),
    }


def _step_dict(step: Step) -> dict[str, Any]:
    line, payer, terms = step.line, step.payer, step.terms
    return {
        "payer": line.payer,
        "title": payer.title,
        "clause": step.schedule.clause,
        "variants": [f"{each.number} {each.clause or ''}".strip() for each in payer.variants],
        "conditions": [{"when": dict(each.when), "clause": each.clause} for each in payer.variants],
        "covered": step.covered,
        "given": step.given,
        "left_before": _yuan(step.left),
        "base": _yuan(line.base),
        "how": _base_in_words(step) if step.covered else _not_covered(step),
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
        "rounding": "cumulative" if step.bill.cumulative else "per-bill",
        "due": _yuan(line.due),
        "topped": _yuan(line.topped),
        "cut_by_cap": _yuan(line.cut),
        "cap": None if terms.cap is None else _yuan(terms.cap),
        "paid_before": _yuan(line.used),
        "limit": line.limit,
        "paid": _yuan(line.paid),
        "left": _yuan(line.left),
    }
