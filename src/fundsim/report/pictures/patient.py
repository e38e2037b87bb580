"""一名患者的结算: one bill step by step, from the whole cost to what the patient bears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fundsim.money import format_yuan
from fundsim.report.document.model import Picture
from fundsim.report.document.words import Lang, Words, same
from fundsim.report.frame import BLUE, SKY, VERMILION, YELLOW
from fundsim.report.pictures.canvas import canvas
from fundsim.scenario import Scenario
from fundsim.scenario.examples import bills_of, settled_example
from fundsim.scenario.text import width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from fundsim.benefits.settlement import Statement


@dataclass(frozen=True)
class Step:
    """One step down from the cost to the patient's part."""

    who: Words
    fen: int
    left: int
    """What is still to be paid after it, fen."""
    kind: str
    """``cost``, ``excluded``, ``payer`` or ``patient``."""


def worked_case(scenario: Scenario) -> tuple[Words, Statement] | None:
    """The first worked example of one whole bill, else the first in which somebody pays; None where there is none.

    The name of an example is one text of the file; in the other language it is told by its number.
    """
    found = None
    for number, example in enumerate(scenario.terms.examples, start=1):
        if len(bills_of(example)) > 1:
            continue
        (statement,) = settled_example(example, scenario.plan)
        if any(statement.bill.cost):
            return _name(example.name, number), statement
        if found is None and any(line.paid for line in statement.lines):
            found = _name(example.name, number), statement
    return found


def _name(text: str, number: int) -> Words:
    return (
        Words(f"验算案例“{text}”", f"worked example {number}")
        if width(text) > len(text)
        else Words(f"方案文件所列验算案例{number}", f"worked example '{text}'")
    )


def steps_of(scenario: Scenario, statement: Statement) -> tuple[Step, ...]:
    """Every step of a settlement; cost is what is excluded, what each payer pays and what the patient bears."""
    bill = statement.bill
    whole = any(bill.cost)
    what = Words("总费用", "whole cost") if whole else Words("合规自付费用", "own cost that counts")
    steps = [Step(what, bill.payable + bill.excluded, bill.payable + bill.excluded, "cost")]
    if bill.excluded:
        steps.append(Step(Words("目录外、不予支付", "excluded"), bill.excluded, bill.payable, "excluded"))
    steps += [Step(payer_name(scenario, line.payer), line.paid, line.left, "payer") for line in statement.lines]
    steps.append(Step(Words("个人负担", "borne by the patient"), statement.patient_pays, 0, "patient"))
    return tuple(steps)


def payer_name(scenario: Scenario, payer: str) -> Words:
    """A payer's title in each language, its id where it has none."""
    terms: Any = scenario.terms.payers[payer]
    title: Mapping[str, str] | str | None = terms.title
    if title is None or isinstance(title, str):
        return same(title or payer)
    return Words(title.get("zh", payer), title.get("en", payer))


def patient_picture(scenario: Scenario) -> Picture | None:
    """The settlement of the scheme's worked example; None where it states none."""
    found = worked_case(scenario)
    if found is None:
        return None
    name, statement = found
    steps = steps_of(scenario, statement)
    told_zh = "，".join(f"{step.who.zh}{format_yuan(step.fen)}元" for step in steps)
    told_en = ", ".join(f"{step.who.en} {format_yuan(step.fen)} yuan" for step in steps)
    title = Words(f"一名患者的结算（{name.zh}）", f"One patient's settlement ({name.en})")
    alt = Words(f"阶梯图：{told_zh}。", f"Steps: {told_en}.")
    return Picture("patient", title, alt, lambda lang: _draw(steps, lang))


COLOURS = {"cost": SKY, "excluded": YELLOW, "payer": BLUE, "patient": VERMILION}
HATCHES = {"cost": None, "excluded": "xx", "payer": None, "patient": "///"}


def _draw(steps: tuple[Step, ...], lang: Lang) -> Figure:
    with canvas(high=0.8 + 0.42 * len(steps)) as (figure, ax):
        for row, step in enumerate(steps):
            start = step.left / 100 if step.kind in ("excluded", "payer") else 0.0
            ax.barh(
                row, step.fen / 100, 0.55, left=start, color=COLOURS[step.kind], hatch=HATCHES[step.kind],
                edgecolor="white", linewidth=0.5,
            )  # fmt: skip
            ax.annotate(
                format_yuan(step.fen), (start + step.fen / 100, row), xytext=(4, 0), textcoords="offset points",
                va="center", fontsize=7.5,
            )  # fmt: skip
        ax.set_yticks(range(len(steps)), [step.who.told(lang) for step in steps])
        ax.invert_yaxis()
        ax.set_xlim(0, 1.15 * max(steps[0].fen / 100, 1.0))
        ax.xaxis.set_major_formatter("{x:,g}")
        ax.set_xlabel(Words("元", "yuan").told(lang))
    return figure
