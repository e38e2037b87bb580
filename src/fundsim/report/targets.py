"""A target of a price in words (定价目标): ``P(insurer_result<0) <= 10%`` is 公司亏损概率不超过10%."""

from __future__ import annotations

from typing import Final

from fundsim.measures import MEASURES
from fundsim.pricing import Condition
from fundsim.pricing.figures import LOSS
from fundsim.pricing.targets import Amount
from fundsim.report.document.words import Words

SIGNS: Final = {
    "<=": Words("不超过", "at most"), ">=": Words("不低于", "at least"), "=": Words("等于", "equal to"),
    "<": Words("低于", "below"), ">": Words("超过", "above"),
}  # fmt: skip
NAMES: Final = {LOSS: Words("公司亏损额", "the insurer's loss")}


def target_in_words(target: Condition) -> Words:
    """What is asked of a price."""
    name, sign, limit = _figure(target.figure), SIGNS[target.sign], _amount(target.limit)
    if target.kind == "chance":
        event = _event(target)
        return Words(f"{event.zh}的概率{sign.zh}{limit.zh}", f"the probability of {event.en} is {sign.en} {limit.en}")
    if target.kind == "tail":
        worst = f"{100 * (1 - target.level):g}%"
        return Words(
            f"{name.zh}最坏{worst}情形的均值{sign.zh}{limit.zh}",
            f"the mean of the worst {worst} of {name.en} is {sign.en} {limit.en}",
        )
    return Words(f"{name.zh}的均值{sign.zh}{limit.zh}", f"the mean of {name.en} is {sign.en} {limit.en}")


def _event(target: Condition) -> Words:
    assert target.event is not None
    sign, limit = target.event
    if (target.figure, sign, limit.number) == ("insurer_result", "<", 0.0):
        return Words("公司亏损", "a loss of the insurer")
    name, of = _figure(target.figure), _amount(limit)
    return Words(f"{name.zh}{SIGNS[sign].zh}{of.zh}", f"{name.en} {SIGNS[sign].en} {of.en}")


def _figure(name: str) -> Words:
    return NAMES.get(name) or Words(MEASURES[name].zh, MEASURES[name].en)


def _amount(amount: Amount) -> Words:
    number = f"{amount.number:,g}"
    if amount.unit == "%":
        return Words(f"{number}%", f"{number}%")
    if amount.unit == "% of premium":
        return Words(f"保费的{number}%", f"{number}% of the premium")
    if not amount.number:
        return Words("零", "zero")
    zh = {"yuan": "元", "million yuan": "百万元", "billion yuan": "十亿元"}.get(amount.unit, amount.unit)
    return Words(f"{number}{zh}", f"{number} {amount.unit}")
