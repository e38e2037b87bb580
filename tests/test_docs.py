"""The pages of the documentation are carried out: every Python block, page by page, and every command."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from fundsim.cli import main
from fundsim.cli.common import DONE

ROOT = Path(__file__).parents[1]
PAGES = [page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "add-a-city.md"]  # that has its own test
FENCE = re.compile(r"^```(python|sh)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like the repository, for pages that write files."""
    for name in ("scenarios", "tests", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    return tmp_path


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_everything_on_a_page_runs(page: Path) -> None:
    names: dict[str, object] = {}
    for language, text in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "python":
            exec(compile(text, page.name, "exec"), names)
            continue
        for line in text.splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] == "fundsim":
                done = CliRunner().invoke(main, words[1:], catch_exceptions=False)
                assert done.exit_code == DONE, (line, done.output)


def test_there_are_pages_with_something_to_run() -> None:
    found = [len(FENCE.findall(page.read_text(encoding="utf-8"))) for page in PAGES]
    assert sum(found) > 10


def test_every_page_is_in_the_contents() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.stem == "index" or re.search(rf"^{page.stem}$", index, re.MULTILINE), page.name
