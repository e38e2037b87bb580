"""Every notebook runs from a fresh kernel, in two languages, and is committed without outputs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import fundsim as fs
from fundsim.report.readable import readable

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DRAWS = re.compile(r"\bplot_\w+\(|\.plot\b(\.\w+)?\(")
"""A call that draws: one of ours, or one of pandas."""
SLIDES = "ipywidgets import"
WIDGET = "application/vnd.jupyter.widget-view+json"
RAW = re.compile(r"<[\w.]+ object at 0x|\w+\([\w]+=.*\)$|dtype: ")
"""What is no table for readers: an object's address, a dataclass as Python writes it, a pandas series."""

cells_of = {path: nbformat.read(path, as_version=4).cells for path in NOTEBOOKS}


def outputs(cells: list[Any]) -> list[Any]:
    return [out for cell in cells for out in cell.get("outputs", ())]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")
def test_a_notebook_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDSIM_QUICK", "1")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    shown = outputs(notebook.cells)
    assert not [out for out in shown if out.get("name") == "stderr"]
    data = [out.get("data", {}) for out in shown]
    assert sum("image/png" in each for each in data) == sum(bool(DRAWS.search(each.source)) for each in cells_of[path])
    assert sum(WIDGET in each for each in data) == sum(SLIDES in cell.source for cell in cells_of[path])
    raw = [each["text/plain"] for each in data if set(each) == {"text/plain"} and RAW.search(each["text/plain"])]
    assert not raw


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_headings_and_texts_are_in_both_languages(path: Path) -> None:
    texts = [cell.source for cell in cells_of[path] if cell.cell_type == "markdown"]
    headings = [line for text in texts for line in text.splitlines() if line.startswith("#")]
    assert all(re.search(r"[\u4e00-\u9fff].* · .*[A-Za-z]", heading) for heading in headings), headings
    for text in texts:
        body = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert any(re.search(r"[\u4e00-\u9fff]", line) for line in body), text
        assert any(re.search(r"[A-Za-z]", line) and not re.search(r"[\u4e00-\u9fff]{2}", line) for line in body), text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_ends_with_what_is_next_and_links_the_next_one(path: Path) -> None:
    last = cells_of[path][-1]
    assert last.source.startswith("## 接下来 · What next")
    following = NOTEBOOKS[(NOTEBOOKS.index(path) + 1) % len(NOTEBOOKS)]
    assert last.source.count(f"({following.name})") == 2, "once in each language"
    assert all((path.parent / link).exists() for link in re.findall(r"\]\(([^)]+)\)", last.source))


SLIDERS = {
    "02_comparing_funding_scenarios": ("payers.cii.bands[0].pay", "rates", ["40%", "50%"]),
    "03_raising_the_deductible": ("payers.cii.deductible", "deductibles", ["6000 yuan", "8000 yuan"]),
    "04_pricing_a_tender": ("contract.premium", "offers", ["33 yuan/person", "35 yuan/person"]),
}
"""Notebooks with a slider: the path that it varies, the name of its values in the notebook, and two of them."""


@pytest.mark.parametrize("stem", SLIDERS)
@pytest.mark.parametrize("widgets", [True, False])
def test_a_slider_picks_and_without_widgets_is_a_table(
    stem: str, widgets: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cell of the slider by itself: it simulates nothing, and shows all rows where ipywidgets is away."""
    path, name, values = SLIDERS[stem]
    [cell] = [cell.source for cell in cells_of[ROOT / "notebooks" / f"{stem}.ipynb"] if SLIDES in cell.source]
    if not widgets:
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
    shown: list[pd.DataFrame] = []
    swept = fs.sweep(fs.load(ROOT / "scenarios" / "qinzhou-2017.yaml"), path, values, n=4)
    monkeypatch.setattr("fundsim.pipeline.simulate_designs", None)
    known: dict[str, Any] = {"swept": swept, name: values, "display": shown.append, "readable": readable}
    exec(compile(cell, stem, "exec"), known)
    first = known["at"](values[0])
    assert list(first["unit"])
    assert not first.equals(known["at"](values[1]))
    assert [len(table) for table in shown] == ([] if widgets else [2 * len(first)])


def test_every_slider_is_tested() -> None:
    assert {path.stem for path, cells in cells_of.items() if any(SLIDES in cell.source for cell in cells)} == set(
        SLIDERS
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells_of[path])


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) == 7
