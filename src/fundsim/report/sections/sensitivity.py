"""敏感性分析: other deductibles, how far each uncertain input or stress test moves a figure; what was not measured."""

from __future__ import annotations

from fundsim.comparison import FIGURES, StressTest, Sweep, Tornado
from fundsim.comparison.figures import premium_told
from fundsim.comparison.stated import deductible_of
from fundsim.comparison.sweep_result import AS_STATED
from fundsim.comparison.tornado_result import Bar
from fundsim.report.document.model import Block, Cell, Column, Listing, Number, Paragraph, Section, Table
from fundsim.report.document.phrases import short, short_error
from fundsim.report.document.subject import Subject
from fundsim.report.document.values import (
    difference_cells,
    difference_unit,
    figure_name,
    figure_unit,
    interval_cells,
    value_cells,
)
from fundsim.report.document.words import Words, same
from fundsim.report.pictures import sweep_picture, tornado_picture
from fundsim.report.sections.stress import largest_stress, stress_blocks
from fundsim.report.sensitivities import is_uncertain

ERROR = Words("标准误", "s.e.")


def sensitivity(subject: Subject) -> Section:
    """Each sensitivity that was measured, and which were not."""
    blocks: list[Block] = []
    for number, found in enumerate(subject.sensitivity, start=1):
        if isinstance(found, Sweep):
            blocks += _swept(subject, found, number)
        elif isinstance(found, Tornado):
            blocks += _moved(subject, found, number)
        else:
            blocks += stress_blocks(subject, found, number)
    missing = list(_not_measured(subject))
    if missing:
        blocks += [
            Paragraph(Words("本报告未测算的敏感性：", "Sensitivities not measured here:")),
            Listing(tuple(missing)),
        ]
    return Section("sensitivity", Words("敏感性分析", "Sensitivity"), tuple(blocks))


def _not_measured(subject: Subject) -> list[Words]:
    measured, scenario = {type(found) for found in subject.sensitivity}, subject.scenario
    file = subject.base.manifest.get("path") or "FILE"
    command, found = f"fundsim report {file} --sensitivity", []
    if Sweep not in measured:
        path = deductible_of(scenario)
        found.append(
            Words(f"起付线：可用“{command}”测算。", f"Deductible: '{command}' measures it.")
            if path
            else Words(
                "起付线：方案未按固定金额规定起付线，或有事件改动起付线，须另行指定变动项（fundsim sweep）。",
                "Deductible: the scheme states none as a plain amount, or an event changes it; say what to vary with "
                "'fundsim sweep'.",
            )
        )
    if is_uncertain(scenario) and Tornado not in measured:
        found.append(Words(f"不确定参数：可用“{command}”测算。", f"Uncertain inputs: '{command}' measures them."))
    if not is_uncertain(scenario):
        if StressTest not in measured:
            found.append(
                Words(
                    f"标准压力测试（就医人次、费用、增长率等）：可用“{command}”测算。",
                    f"Standard stress tests (admissions, cost, growth and others): '{command}' makes them.",
                )
            )
        found.append(
            Words(
                "不确定参数：方案未列明不确定参数（uncertainty）或事件（events），无从测算。",
                "Uncertain inputs: the scheme states none under 'uncertainty' or 'events'.",
            )
        )
    return found


def largest(subject: Subject, found: StressTest | Tornado) -> Words:
    """What moves the figure most, in a sentence."""
    return largest_stress(subject, found) if isinstance(found, StressTest) else _longest(subject, found)


# --- other designs ----------------------------------------------------------------------------------------------


def _swept(subject: Subject, found: Sweep, number: int) -> list[Block]:
    how = Words(
        f"改变下列条款、其余不变，各方案在同一批人群上结算，各模拟{found.replications:,}次（种子{found.seed}），"
        "单独模拟，与其他各章的数字可在误差范围内不同。条款中另行规定固定数值的情形（如困难人群）不变。"
        "筹资标准为赔付支出加上合同所定费用后的人均数。",
        f"Only the term below is changed. All designs are settled on the same people, {found.replications:,} "
        f"replications each (seed {found.seed}), in a run of their own, so that figures may differ from those of other "
        "sections within their errors. Cases with an amount of their own, such as the poor, keep it. The premium "
        "needed is claims a head with what the contract adds to them.",
    )
    blocks: list[Block] = [Paragraph(how), _sweep_table(subject, found, number)]
    if len(found.varied) == 1 and found.varied[0].numbers is not None:
        blocks += [Paragraph(_span(subject, found), "finding"), sweep_picture(subject, found, number)]
    return blocks


def _sweep_table(subject: Subject, found: Sweep, number: int) -> Table:
    loss, persons = FIGURES["insurer_loss"], FIGURES["beneficiaries_per_1000"]
    premium = premium_told(found.scenario.terms.contract)
    money = subject.money
    columns = (
        *(Column(varied_name(found, place), numeric=False) for place in range(len(found.varied))),
        _headed(figure_name(premium), figure_unit(premium, money)), Column(ERROR),
        _headed(Words("与现行之差", "change"), difference_unit(premium, money)), Column(ERROR),
        _headed(figure_name(loss), figure_unit(loss, money)),
        Column(Words("95%区间下限", "95% from")), Column(Words("上限", "to")),
        _headed(figure_name(persons), figure_unit(persons, money)),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for design in in_order(found):
        stated = design == AS_STATED
        texts = ("",) * len(found.varied) if stated else found.points[design - 1].values
        names = [Words("现行规定", "as stated") if stated else written_value(text) for text in texts]
        apart = (Number(None, "–"),) * 2 if stated else difference_cells(
            found.difference(premium.id, design), premium, money
        )  # fmt: skip
        chance = found.value("insurer_loss", design)
        rows.append(
            (
                *names, *value_cells(found.value(premium.id, design), premium, money), *apart,
                value_cells(chance, loss, money)[0], *interval_cells(chance, loss, money),
                value_cells(found.value("beneficiaries_per_1000", design), persons, money)[0],
            )
        )  # fmt: skip
    title = Words("条款变动与筹资标准", "Other terms and the premium that they need")
    return Table(f"sweep-{number}", title, columns, tuple(rows))


def in_order(found: Sweep) -> list[int]:
    """The designs by the first number that is varied, the scheme as stated first where it has none."""
    numbers = found.varied[0].numbers
    if len(found.varied) > 1 or numbers is None:
        return list(range(len(found.points) + 1))
    return [AS_STATED, *(place + 1 for place in sorted(range(len(numbers)), key=lambda place: numbers[place]))]


def varied_name(found: Sweep, place: int) -> Words:
    """What is varied: a deductible by its name, anything else by its path."""
    path = found.varied[place].path
    return Words("起付线", "deductible") if path.endswith(".deductible") else same(path)


def written_value(text: str) -> Words:
    """A value as it stands in a file, with the unit in the language of the report."""
    amount = text.removesuffix(" yuan")
    if amount == text or not amount.isdigit():
        return same(text)
    return Words(f"{int(amount):,}元", f"{int(amount):,} yuan")


def _span(subject: Subject, found: Sweep) -> Words:
    """What the premium does between the lowest and the highest value."""
    _, *order = in_order(found)
    first, last = order[0], order[-1]
    premium = premium_told(found.scenario.terms.contract)
    name = figure_name(premium)
    apart = difference_cells(found.difference(premium.id, last, first), premium, subject.money)
    what = varied_name(found, 0)
    low, high = (written_value(found.points[design - 1].values[0]) for design in (first, last))
    if not found.difference(premium.id, last, first).clear:
        return Words(
            f"{what.zh}由{low.zh}变为{high.zh}，{name.zh}之差未超出误差"
            f"（{short(apart[0])}元/人，标准误{short_error(apart[1])}）。",
            f"From {low.en} to {high.en}, the {name.en} does not change beyond the error "
            f"({short(apart[0])} yuan a head, s.e. {short_error(apart[1])}).",
        )
    return Words(
        f"{what.zh}由{low.zh}变为{high.zh}，{name.zh}变动{short(apart[0])}元/人（配对标准误{short_error(apart[1])}）。",
        f"With the {what.en} at {high.en} instead of {low.en}, the {name.en} changes by {short(apart[0])} yuan a "
        f"head (paired s.e. {short_error(apart[1])}).",
    )


# --- uncertain inputs -------------------------------------------------------------------------------------------


def _moved(subject: Subject, found: Tornado, number: int) -> list[Block]:
    low, high = (f"{point:.0%}" for point in found.points)
    name = figure_name(found.figure)
    how = Words(
        f"单因素法：各不确定参数依次取其{low}分位和{high}分位，事件依次不发生和发生，其余随机数与人群不变，观察“{name.zh}”的变化。"
        f"共{2 * len(found.bars) + 1}组，各模拟{found.replications:,}次（种子{found.seed}），变化为配对之差。",
        f"One at a time: each input is held at its {low} and its {high} point, each event does not happen and happens; "
        f"all other draws and all people stay. Told is what this does to '{name.en}': "
        f"{2 * len(found.bars) + 1} runs of {found.replications:,} replications (seed {found.seed}); differences are "
        "paired.",
    )
    return [
        Paragraph(how),
        Paragraph(_longest(subject, found), "finding"),
        _tornado_table(subject, found, number),
        tornado_picture(subject, found, number),
    ]


def _longest(subject: Subject, found: Tornado) -> Words:
    name = figure_name(found.figure)
    longest = found.bars[0]
    title = Words(longest.member.zh, longest.member.en)
    swing = difference_cells(longest.swing, found.figure, subject.money)
    unit = difference_unit(found.figure, subject.money)
    said = Words(
        f"影响最大的是“{title.zh}”（{longest.member.name}）：由低到高，{name.zh}变动{short(swing[0])}{unit.zh}"
        f"（标准误{short_error(swing[1])}）。",
        f"The most is moved by {longest.member.name} ({title.en}): from low to high, {name.en} changes by "
        f"{short(swing[0])} {unit.en} (s.e. {short_error(swing[1])}).",
    )
    if not longest.swing.clear:
        said = Words(
            f"各参数对{name.zh}的影响均未超出误差，不能据此排出先后。",
            f"No input moves {name.en} beyond the error; they cannot be ranked by it.",
        )
    return said


def _tornado_table(subject: Subject, found: Tornado, number: int) -> Table:
    unit = difference_unit(found.figure, subject.money)
    columns = (
        Column(Words("参数或事件", "input or event"), numeric=False),
        Column(Words("低取值", "low at")), Column(Words("高取值", "high at")),
        _headed(Words("取低时变化", "change, low"), unit), Column(ERROR),
        _headed(Words("取高时变化", "change, high"), unit), Column(ERROR),
        _headed(Words("幅度", "swing"), unit), Column(ERROR),
    )  # fmt: skip
    rows = tuple(_bar(subject, found, bar) for bar in found.bars)
    name = figure_name(found.figure)
    title = Words(f"各不确定参数对“{name.zh}”的影响", f"What each uncertain input does to '{name.en}'")
    return Table(f"tornado-{number}", title, columns, rows)


def _bar(subject: Subject, found: Tornado, bar: Bar) -> tuple[Cell, ...]:
    name = Words(f"{bar.member.zh}（{bar.member.name}）", f"{bar.member.en} ({bar.member.name})")
    levels: tuple[Cell, Cell] = (
        (Words("不发生", "absent"), Words("发生", "happens"))
        if bar.member.kind == "event"
        else (Number(bar.levels[0], f"{bar.levels[0]:.4g}"), Number(bar.levels[1], f"{bar.levels[1]:.4g}"))
    )
    effects = [
        cell for value in (bar.down, bar.up, bar.swing) for cell in difference_cells(value, found.figure, subject.money)
    ]
    return (name, *levels, *effects)


def _headed(name: Words, unit: Words) -> Column:
    if unit.zh in name.zh:
        return Column(name)
    return Column(Words(f"{name.zh}（{unit.zh}）", f"{name.en} ({unit.en})"))
