"""What is written about fundsim is true: code blocks run, the tree is the tree, commands are those that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import fundsim
from fundsim.cli import COMMANDS, main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README + CHINESE, re.DOTALL))
def test_python_in_the_readme_runs(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(compile(code.replace("n=100", "n=4"), "README.md", "exec"), names)
    assert names["base"].replications == 4  # type: ignore[attr-defined]


@pytest.mark.parametrize("readme", [README, CHINESE], ids=["en", "zh"])
def test_the_readme_lists_every_command_in_the_order_of_the_help(readme: str) -> None:
    assert set(re.findall(r"`fundsim (\w+)", readme)) == set(COMMANDS)
    assert tuple(dict.fromkeys(re.findall(r"^\| `fundsim (\w+)", readme, re.MULTILINE))) == COMMANDS


def test_every_command_tells_how_it_is_used() -> None:
    for command in COMMANDS:
        answer = CliRunner().invoke(main, [command, "--help"])
        assert answer.exit_code == 0
        assert len(answer.output.splitlines()) > 5


def test_the_tree_in_the_architecture_is_the_tree() -> None:
    written = set(re.findall(r"^[├└]── (\S+)", ARCHITECTURE, re.MULTILINE))
    package = Path(fundsim.__file__).parent
    found = {
        path.name + "/" * path.is_dir() for path in package.iterdir() if path.name not in ("py.typed", "__pycache__")
    }
    assert written == found


def test_files_that_the_documents_name_exist() -> None:
    named = re.findall(r"`((?:src|scenarios|tests|scripts|docs)/[\w./-]+)`", README + CHINESE + ARCHITECTURE)
    assert len(named) > 10
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing


def test_public_names_load() -> None:
    assert all(getattr(fundsim, name) is not None for name in fundsim.__all__)
