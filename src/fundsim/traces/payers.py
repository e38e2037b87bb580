"""What one payer did with one bill, in words: what counts, the deductible, slices, rounding, cap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fundsim.benefits.payer import CATEGORIES, Part
from fundsim.benefits.settlement import Bill, Line
from fundsim.money import PPM, format_rate, format_yuan, half_up
from fundsim.traces.bills import Step
from fundsim.traces.layout import Row
from fundsim.traces.phrases import condition_in_words, in_yuan, joined, named

_NOT_NEGATIVE: Final = "不足零按零计 at least 0.00"


def payer_rows(step: Step) -> Iterator[Row]:
    """The lines of one payer, down to what is left."""
    name = f"  {named(step.payer.title, step.line.payer)}"
    if not step.covered:
        yield Row(f"{name}: {not_covered(step)}")
        return
    yield Row(f"{name}{f' {step.schedule.clause}' if step.schedule.clause else ''}")
    if step.payer.variants:
        yield Row(f"    适用情形 as for {'; '.join(map(str, step.payer.variants))}")
    yield Row("    纳入费用 counts", format_yuan(step.line.base), base_in_words(step))
    if step.given:
        yield Row("    起付线 deductible", format_yuan(step.line.deductible), "账单所载 as stated")
    else:
        yield from _accumulator_rows(step)
        yield from _due_rows(step)
    yield Row("    支付 pays", format_yuan(step.line.paid), _paid_in_words(step))
    yield Row("    余额 left", format_yuan(step.line.left))


def not_covered(step: Step) -> str:
    """Why a payer has nothing to do with the bill."""
    only = "; ".join(map(condition_in_words, step.payer.only))
    return f"不属于支付范围 does not cover this class of case, 只限 only for {only}"


def base_in_words(step: Step) -> str:
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
    return joined(step.bill.short(part.payer), what[part.what])


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
    rounded = f" = {in_yuan(exact)} ≈ {format_yuan(counted)} (四舍五入 rounded half up)" if exact % PPM else ""
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
        yield Row(what, in_yuan(piece.due), f"{format_yuan(piece.width)} × {format_rate(piece.rate)}")
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
    return f"{in_yuan(exact)} 四舍五入 rounded half up" if exact % PPM else ""


def _topped_in_words(step: Step) -> str:
    line = step.line
    lines = [each for each in step.bill.statement.lines if each.payer in step.schedule.tops_up and each.paid]
    paid = [f"{joined(step.bill.short(each.payer), '已付')} paid {format_yuan(each.paid)}" for each in lines]
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
    shared = f" (与{joined(others, '合并计算')} together)" if others else ""
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
