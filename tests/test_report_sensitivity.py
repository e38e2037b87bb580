"""The report's sensitivities: measured ones stand in every format, others are named with the command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import fundsim as fs
from fundsim.cli import main
from fundsim.cli.common import DONE
from fundsim.comparison.stated import deductible_of
from fundsim.report.document import LANGUAGES, Document, measurement_report
from fundsim.report.document.model import Number, Section
from fundsim.report.publish import publish, report
from fundsim.report.sensitivities import Sensitivity, sensitivities
from fundsim.report.writers import ReportError
from test_reports import QINZHOU, READ, TERM, plain

COST = {"inputs": {"cost-level": {"of": "cost", "distribution": {"family": "lognormal", "cv": 0.05}}}}


@pytest.fixture(scope="module")
def scheme() -> fs.Scenario:
    return fs.load(QINZHOU).replace({"uncertainty": COST})


@pytest.fixture(scope="module")
def results(scheme: fs.Scenario) -> fs.Results:
    return fs.simulate(scheme, n=30, seed=3)


@pytest.fixture(scope="module")
def measured(scheme: fs.Scenario) -> tuple[Sensitivity, ...]:
    return sensitivities(scheme, 30, seed=3)


@pytest.fixture(scope="module")
def document(results: fs.Results, measured: tuple[Sensitivity, ...]) -> Document:
    return measurement_report(results, measured)


def section(document: Document, name: str = "sensitivity") -> Section:
    return next(section for section in document.sections if section.id == name)


def said(document: Document, lang: str = "en") -> str:
    return " ".join(document.texts("zh" if lang == "zh" else "en"))


def test_what_was_measured_stands_in_every_format(document: Document, tmp_path: Path) -> None:
    paths = publish(document, tmp_path, LANGUAGES, ("html", "pdf", "docx"))
    for path in paths:
        told = document.in_language("zh" if path.stem.endswith("zh") else "en")
        tables = [table for table in told.tables() if table.id in ("sweep-1", "tornado-2")]
        assert len(tables) == 2
        text = plain(READ[path.suffix[1:]](path))
        for cell in (cell for table in tables for row in table.rows for cell in row if isinstance(cell, Number)):
            assert plain(cell.text) in text, (path.name, cell)


def test_the_table_holds_the_figures_of_the_sweep(document: Document, measured: tuple[Sensitivity, ...]) -> None:
    swept = measured[0]
    assert isinstance(swept, fs.Sweep)
    (table,) = [table for table in document.tables() if table.id == "sweep-1"]
    values = [swept.value("premium_needed", design).mean for design in range(6)]
    shown = [cell.value for row in table.rows if isinstance(cell := row[1], Number)]
    assert shown == values  # values are in the order of their deductibles
    assert values[1] is not None
    assert values[5] is not None
    assert values[1] > values[5]


def test_the_bars_are_those_of_the_tornado(document: Document, measured: tuple[Sensitivity, ...]) -> None:
    found = measured[1]
    assert isinstance(found, fs.Tornado)
    (table,) = [table for table in document.tables() if table.id == "tornado-2"]
    cell = table.rows[0][7]
    assert isinstance(cell, Number)
    assert cell.value == pytest.approx((found.bars[0].swing.mean or 0) / 1e4)
    assert "影响最大的是“费用水平”" in said(document, "zh")


def test_what_was_not_measured_is_named_with_a_command_that_there_is(results: fs.Results) -> None:
    without = measurement_report(results)
    assert not [table for table in without.tables() if table.id.startswith(("sweep", "tornado"))]
    (command,) = set(re.findall(r"fundsim report (\S+) --sensitivity", said(without)))
    assert command == str(results.manifest.get("path") or "FILE")
    assert "--sensitivity" in CliRunner().invoke(main, ["report", "--help"]).output


def test_a_scheme_without_uncertain_inputs_is_said_to_have_none(measured: tuple[Sensitivity, ...]) -> None:
    plainly = measurement_report(fs.simulate(fs.load(QINZHOU), n=10, seed=3))
    assert "方案未列明不确定参数" in said(plainly, "zh")
    assert len(measured) == 2


def test_a_deductible_that_an_event_changes_is_left_alone() -> None:
    assert deductible_of(fs.load(TERM)) is None
    assert deductible_of(fs.load(QINZHOU)) == "payers.cii.deductible"


def test_a_sensitivity_of_another_scheme_is_refused(measured: tuple[Sensitivity, ...], tmp_path: Path) -> None:
    other = fs.simulate(fs.load(QINZHOU), n=5, seed=3)
    with pytest.raises(ReportError, match="measure it of the scheme reported on"):
        report(other, tmp_path / "new", sensitivity=measured)
    assert not (tmp_path / "new").exists()


def test_designs_that_do_not_differ_are_said_not_to(scheme: fs.Scenario, results: fs.Results) -> None:
    alike = fs.sweep(scheme, "payers.cii.cap", ["5000000 yuan", "4000000 yuan"], n=20, seed=3)
    text = said(measurement_report(results, alike), "zh")
    assert "测算筹资标准之差未超出误差" in text
    assert "配对标准误" not in text


@pytest.mark.filterwarnings("error")
def test_the_figures_have_their_glyphs_and_their_language(document: Document) -> None:
    pictures = [picture for picture in document.pictures() if picture.id in ("sweep-1", "tornado-2")]
    assert len(pictures) == 2
    for picture in pictures:
        for lang in LANGUAGES:
            figure = picture.draw(lang)
            figure.canvas.draw()
            label = figure.axes[-1].get_xlabel()
            assert bool(re.search(r"[一-鿿]", label)) == (lang == "zh"), (picture.id, label)


def test_the_command_measures_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fundsim.report.sensitivities.REPLICATIONS", 10)
    fs.simulate(fs.load(QINZHOU), n=5, seed=1, out=tmp_path / "run")
    asked = ["report", str(tmp_path / "run"), "--to", "html", "--lang", "en", "--sensitivity", "--out", str(tmp_path)]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == DONE, done.output
    page = (tmp_path / "qinzhou-2017-en.html").read_text(encoding="utf-8")
    assert "12,000 yuan" in page
    assert "10 replications each" in page
