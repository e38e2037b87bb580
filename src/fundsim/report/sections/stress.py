"""标准压力测试: customary changes of the assumptions, one at a time, where a scheme states no uncertainty."""

from __future__ import annotations

from typing import Final, Literal

from fundsim.comparison import FIGURES, StressTest
from fundsim.comparison.differences import Value
from fundsim.comparison.figures import premium_told
from fundsim.comparison.stress_result import StressBar, Test
from fundsim.report.document.model import Block, Cell, Column, Listing, Paragraph, Table
from fundsim.report.document.phrases import told
from fundsim.report.document.subject import Subject
from fundsim.report.document.values import difference_cells, difference_unit, figure_name, value_cells
from fundsim.report.document.words import Words
from fundsim.report.pictures.stress import stress_picture

ENDS: Final[tuple[tuple[Literal["down", "up"], str], ...]] = (("down", "−"), ("up", "+"))
ERROR = Column(Words("标准误", "s.e."))


def stress_blocks(subject: Subject, found: StressTest, number: int) -> list[Block]:
    """How it was done, the largest change, every change with its error, the bars, and what could not be moved."""
    how = Words(
        f"方案未列明不确定参数，以下为标准压力测试：各项假设依次下调、上调惯用幅度，其余不变，用同一随机种子重新模拟"
        f"（各{found.replications:,}次，种子{found.seed}），变化为逐次配对之差。幅度是惯例，不是概率区间，不表示变化的可能性。",
        "The scheme states no uncertain inputs. These are standard stress tests: each assumption is moved down and up "
        f"by a customary amount, all else as stated, and simulated again with the same seed ({found.replications:,} "
        f"replications each, seed {found.seed}); changes are paired differences. The amounts are a convention, not the "
        "ends of a probable range: they do not say how likely a change is.",
    )
    blocks: list[Block] = [Paragraph(how), Paragraph(largest_stress(subject, found), "finding")]
    blocks += [_table(subject, found, number), stress_picture(subject, found, number)]
    if found.left_out:
        blocks += [
            Paragraph(Words("未测试的项目：", "Not tested:")),
            Listing(
                tuple(Words(f"{each.test.zh}：{each.zh}。", f"{each.test.en}: {each.en}.") for each in found.left_out)
            ),
        ]
    return blocks


def moved_by(test: Test, sign: str) -> Words:
    """How far a test moves: −10%, +2个百分点."""
    size = f"{sign}{test.size:g}"
    return Words(f"{size}%", f"{size}%") if test.unit == "%" else Words(f"{size}个百分点", f"{size} points")


def largest_stress(subject: Subject, found: StressTest) -> Words:
    """The test that moves the figure most, with the change of the premium that goes with it."""
    bar, money = found.bars(found.figure.id)[0], subject.money
    name, unit = figure_name(found.figure), difference_unit(found.figure, money)
    if not bar.swing.clear:
        return Words(
            f"各项压力测试对“{name.zh}”的影响均未超出误差。", f"No stress test moves '{name.en}' beyond the error."
        )
    the = f"the {name.en}"
    (down, down_se), (up, up_se) = (told(difference_cells(each, found.figure, money)) for each in (bar.down, bar.up))
    low, high = moved_by(bar.test, "−"), moved_by(bar.test, "+")
    return Words(
        f"影响最大的是“{bar.test.zh}”：{low.zh}时{name.zh}变动{down}{unit.zh}（标准误{down_se}），"
        f"{high.zh}时变动{up}{unit.zh}（标准误{up_se}）。",
        f"The most is moved by {bar.test.en}: at {low.en} {the} changes by {down} {unit.en} (s.e. "
        f"{down_se}), at {high.en} by {up} {unit.en} (s.e. {up_se}).",
    )


def _table(subject: Subject, found: StressTest, number: int) -> Table:
    result, loss = FIGURES["insurer_result"], FIGURES["insurer_loss"]
    premium = premium_told(subject.scenario.terms.contract)
    called = figure_name(premium)
    money = subject.money
    unit = difference_unit(result, money)
    columns = (
        Column(Words("假设及变动", "assumption, moved by"), numeric=False),
        Column(Words(f"公司净损益（{unit.zh}）", f"insurer ({unit.en})")), ERROR,
        Column(Words(f"{called.zh}（元/人）", f"{called.en} (yuan)")), ERROR,
        Column(Words("公司亏损概率%", "P(loss) %")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            Words("现行假设", "as stated"),
            *(Words("–", "–"),) * 4,
            value_cells(found.stated("insurer_loss"), loss, money)[0],
        )
    ]
    premiums = {bar.test.id: bar for bar in found.bars(premium.id)}
    for bar in found.bars():
        for end, sign in ENDS:
            name, moved = bar.test, moved_by(bar.test, sign)
            rows.append(
                (
                    Words(f"{name.zh} {moved.zh}", f"{name.en} {moved.en}"),
                    *difference_cells(_end(bar, end), result, money),
                    *difference_cells(_end(premiums[name.id], end), premium, money),
                    value_cells(found.value(name.id, end, "insurer_loss"), loss, money)[0],
                )
            )  # fmt: skip
    title = Words(
        f"标准压力测试：公司净损益和{called.zh}的变化",
        f"Standard stress tests: change of the insurer's result and the {called.en}",
    )
    notes = (
        Words(
            "公司净损益扣除实际费用；“运营成本占保费”“政策性亏损占比”的变动以百分点计，后者只影响亏损的分担。",
            "The insurer's result is after real cost. Running cost is a part of premium; the policy-caused share one "
            "of losses, and moves only who bears them.",
        ),
    )
    return Table(f"stress-{number}", title, columns, tuple(rows), notes)


def _end(bar: StressBar, end: str) -> Value:
    return bar.down if end == "down" else bar.up
