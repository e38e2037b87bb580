"""保障方案: who is insured, what each payer pays in which case, and the contract."""

from __future__ import annotations

from fundsim.report.document.as_written import title_of
from fundsim.report.document.contract import contract_rows
from fundsim.report.document.glossary import named
from fundsim.report.document.model import Block, Column, Number, Section, Table
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Words, same
from fundsim.report.pictures.patient import patient_picture
from fundsim.scenario import Scenario
from fundsim.scenario.table import NOT_COVERED, Row, compiled_table

_TERMS = (
    Words("起付线（元）", "deductible (yuan)"), Words("分段支付比例", "bands"), Words("封顶线（元）", "cap (yuan)"),
)  # fmt: skip


def scheme(subject: Subject) -> Section:
    """The scheme: people, the compiled table of every payer, and the contract in words."""
    patient = patient_picture(subject.scenario)
    blocks = (*scheme_blocks(subject.scenario), *(() if patient is None else (patient,)))
    return Section("scheme", Words("保障方案", "The scheme"), blocks)


def scheme_blocks(scenario: Scenario) -> tuple[Block, ...]:
    """The tables of a scheme."""
    columns = (Column(Words("条款", "term"), numeric=False), Column(Words("约定", "as agreed"), numeric=False))
    title = Words("承办合同", "The contract with the insurer")
    return (
        _people(scenario),
        *(_payer(scenario, payer.name) for payer in scenario.plan.payers),
        Table("contract", title, columns, tuple(contract_rows(scenario.terms.contract))),
    )


def _people(scenario: Scenario) -> Table:
    population = scenario.population
    columns = (
        Column(Words("人群", "group"), numeric=False), Column(Words("特征", "traits"), numeric=False),
        Column(Words("人数", "persons")), Column(Words("占比%", "share %")),
        Column(Words("住院率倍数", "admissions ×")), Column(Words("次均费用倍数", "cost ×")),
    )  # fmt: skip
    rows: list[tuple[Words | Number, ...]] = []
    for group in population.groups:
        share = 100 * group.persons / population.insured
        values = [named(value) for value in group.traits.values()]
        traits = Words("、".join(each.zh for each in values), ", ".join(each.en for each in values))
        rows.append(
            (
                named(group.name),
                traits if values else same("–"),
                Number(group.persons, f"{group.persons:,}"),
                Number(share, f"{share:.1f}"),
                Number(group.admissions, f"{group.admissions:g}"),
                Number(group.cost, f"{group.cost:g}"),
            )
        )
    return Table("insured", Words("参保人群", "The insured"), columns, tuple(rows))


def _payer(scenario: Scenario, payer: str) -> Table:
    rows = compiled_table(scenario, payer)
    traits = tuple(Column(named(name), numeric=False) for name in rows[0].case)
    columns = (*traits, *(Column(head, numeric=False) for head in _TERMS))
    name = title_of(scenario.root, ("payers", payer)) or named(payer)
    title = Words(f"待遇一览：{name.zh}", f"What is paid: {name.en}")
    return Table(f"payer-{payer}", title, columns, tuple(_row(row) for row in rows))


def _row(row: Row) -> tuple[Words, ...]:
    case = tuple(named(value) for value in row.case.values())
    if not row.covered:
        return (*case, same("–"), Words("不予支付", NOT_COVERED), same("–"))
    return (*case, _amount(row.deductible), _bands(row.bands), _amount(row.cap))


def _amount(text: str) -> Words:
    return Words("不设", "none") if text == "none" else same(text)


def _bands(text: str) -> Words:
    if text.endswith(" flat"):
        return Words(f"统一{text.removesuffix(' flat')}", text)
    rates, _, starts = text.partition(" from ")
    return Words(f"{rates}（自{starts}元起）", text)
