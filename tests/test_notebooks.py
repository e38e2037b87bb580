"""Every notebook runs from a fresh kernel, and is committed without outputs."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import fundsim as fs

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def draws(source: str) -> bool:
    """Whether a cell draws a figure: ours, or one of pandas."""
    return any(mark in source for mark in ("plot_", ".plot.", ".plot("))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")
def test_a_notebook_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDSIM_QUICK", "1")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    said = [out for cell in notebook.cells for out in cell.get("outputs", ()) if out.get("name") == "stderr"]
    assert not said
    pictures = [out for cell in notebook.cells for out in cell.get("outputs", ()) if "image/png" in out.get("data", {})]
    assert len(pictures) == sum(draws(cell.source) for cell in notebook.cells)


def test_without_widgets_a_slider_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cell of the slider, run with ipywidgets away."""
    path = ROOT / "notebooks" / "03_raising_the_deductible.ipynb"
    [slider] = [cell.source for cell in nbformat.read(path, as_version=4).cells if "ipywidgets import" in cell.source]
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    monkeypatch.chdir(path.parent)
    shown: list[object] = []
    swept = fs.sweep(fs.load("../scenarios/qinzhou-2017-behaviour.yaml"), "payers.cii.deductible", ["6000 yuan"], n=4)
    names: dict[str, object] = {"swept": swept, "deductibles": ["6000 yuan"], "display": shown.append}
    exec(compile(slider, path.name, "exec"), names)
    assert len(shown) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
