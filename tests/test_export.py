"""The way out to other tools: what is written is what is told, text stays text, and nothing is half written."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import fundsim as fs
from cities import city
from fundsim.comparison import Comparison, compare, sweep
from fundsim.report import export as room
from fundsim.report.export import ExportError, check_path, export, write_tables

ORIGIN = {"fingerprint": "abc", "seed": 7}


@pytest.fixture(scope="module")
def found() -> Comparison:
    scheme = city()
    return compare([scheme, scheme.replace({"payers.cii.deductible": "8000 yuan"})], n=6, seed=7)


def test_a_csv_opens_in_excel_and_has_its_origin(found: Comparison, tmp_path: Path) -> None:
    path = export(found, tmp_path / "a.csv")
    assert path.read_bytes().startswith("\ufeff".encode())
    read, told = pd.read_csv(path, keep_default_na=True), found.to_frame()
    assert read["mean"].tolist() == pytest.approx(told["mean"].tolist(), rel=1e-15)
    assert set(read["seed"]) == {7}
    assert "受益人数" in set(read["zh"])


def test_a_workbook_has_every_table_and_its_origin(found: Comparison, tmp_path: Path) -> None:
    swept = sweep(city(), "payers.cii.deductible", ["7000 yuan"], n=6)
    book = openpyxl.load_workbook(export(swept, tmp_path / "a.xlsx"))
    assert book.sheetnames == ["sweep", "designs", room.ORIGIN]
    head = [cell.value for cell in book["designs"][1]]
    assert book["designs"].cell(3, head.index("payers.cii.deductible") + 1).value == "7000 yuan"
    at = head.index("claims_paid") + 1
    assert book["designs"].cell(3, at).value == pytest.approx(swept.value("claims_paid", 1).mean)
    origin = {row[0].value: row[1].value for row in book[room.ORIGIN].iter_rows(min_row=2)}
    assert origin["fingerprint"] == swept.scenario.fingerprint
    assert origin["version fundsim"] == fs.runs.versions()["fundsim"]  # type: ignore[attr-defined]
    assert export(found, tmp_path / "b.xlsx").exists()


def test_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    texts = ["=方案1", "@x", "http://x"]
    table = pd.DataFrame({"design": texts, "value": [1.0, None, float("nan")], "same": [True, False, True]})
    book = openpyxl.load_workbook(write_tables({"t": table}, ORIGIN, tmp_path / "t.xlsx"))
    cells = [book["t"].cell(row, 1) for row in (2, 3, 4)]
    assert [cell.value for cell in cells] == texts
    assert all(cell.data_type in ("s", "inlineStr") for cell in cells)
    assert cells[2].hyperlink is None
    assert [book["t"].cell(row, 2).value for row in (2, 3, 4)] == [1.0, None, None]


def test_parquet_keeps_numbers_and_origin(found: Comparison, tmp_path: Path) -> None:
    parquet = import_module("pyarrow.parquet")
    path = export(found, tmp_path / "a.parquet")
    table = parquet.read_table(path)
    pd.testing.assert_frame_equal(table.to_pandas(), found.to_frame(), check_dtype=False)
    assert json.loads(table.schema.metadata[b"fundsim"])["seed"] == 7


def test_results_of_a_run_go_out_too(tmp_path: Path) -> None:
    run = fs.simulate(city(), 6)
    book = openpyxl.load_workbook(fs.export(run, tmp_path / "run.xlsx"))
    assert book.sheetnames == ["summary", "replications", room.ORIGIN]
    assert book["replications"].max_row == 7
    read = pd.read_csv(fs.export(run, tmp_path / "run.csv")).set_index("measure")
    assert read["mean"]["claims_paid"] == pytest.approx(run.estimate("claims_paid").mean)


@pytest.mark.parametrize(
    ("name", "words"),
    [("a.txt", "tables are not written as '.txt'"), ("no/such/a.csv", "there is no folder"), ("a", "written as ''")],
)
def test_paths_that_cannot_be_written_are_refused_before_anything_runs(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(ExportError, match=words):
        check_path(tmp_path / name)


@pytest.mark.parametrize(
    ("ending", "package", "extra"), [(".xlsx", "xlsxwriter", "excel"), (".parquet", "pyarrow", "parquet")]
)
def test_a_missing_extra_says_how_it_is_installed(
    ending: str, package: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.import_module", absent)
    with pytest.raises(ExportError, match=rf"{package} is not installed; run: pip install 'fundsim\[{extra}\]'"):
        check_path(tmp_path / f"a{ending}")


def test_what_cannot_be_finished_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"before")
    monkeypatch.setattr(room, "EXCEL_ROWS", 1)
    with pytest.raises(ExportError, match="more than a sheet has"):
        write_tables({"t": pd.DataFrame({"a": [1, 2]})}, ORIGIN, path)
    assert path.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]
