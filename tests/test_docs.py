"""The pages of the documentation are carried out: Python and commands, what they print, and every option named."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

import fundsim
from fundsim.cli import COMMANDS, main
from fundsim.cli.common import DONE

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [page for page in sorted(DOCS.glob("*.md")) if page.name != "add-a-city.md"]  # that has its own test
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
FENCE = re.compile(r"^```(?:(python|sh)|text output)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"fundsim ([a-z]+)((?: +(?!&&|\|)[^`\n]+)?)")


@dataclass(frozen=True)
class Block:
    """A fenced block that is carried out: ``python``, ``sh``, or, without a language, what the block before printed."""

    language: str
    text: str
    line: int


def blocks_of(text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        yield Block(found[1] or "", found[2], text.count("\n", 0, found.start()) + 1)


def carry_out(text: str, name: str) -> None:
    """Run every block of a page, one after another.

    Raises:
        AssertionError: a block fails, or a command prints something else than the page shows.
    """
    names: dict[str, object] = {}
    printed = ""
    for block in blocks_of(text):
        if block.language == "python":
            with redirect_stdout(StringIO()) as out:
                exec(compile("\n" * block.line + block.text, name, "exec"), names)
            printed = out.getvalue()
        elif block.language == "sh":
            printed = "".join(_run(line) for line in block.text.splitlines())
        else:
            unseen = [line for line in block.text.splitlines() if _squeezed(line) not in _squeezed(printed)]
            assert not unseen, (name, block.line, unseen, printed)


def _run(line: str) -> str:
    words = shlex.split(line, comments=True)
    if not words or words[0] != "fundsim":
        return ""
    done = CliRunner().invoke(main, words[1:], catch_exceptions=False)
    assert done.exit_code == DONE, (line, done.output)
    return done.output


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def unknown_in(text: str) -> list[str]:
    """Every command or option that a text names and the program has not."""
    found = []
    for name, rest in NAMED.findall(text):
        if name not in COMMANDS:
            continue
        command = main.get_command(click.Context(main), name)
        assert command is not None
        known = {option for each in command.params for option in each.opts} | {"--help", "-h"}
        options = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", re.sub(r"'[^']*'|\"[^\"]*\"", "", rest))
        found += [f"fundsim {name} {option}" for option in options if option not in known]
    return found


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like the repository, for pages that write files."""
    for name in ("scenarios", "tests", "docs", "calibrations"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    return tmp_path


def script(name: str) -> ModuleType:
    """A file of ``scripts/`` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_everything_on_a_page_runs(page: Path) -> None:
    carry_out(page.read_text(encoding="utf-8"), page.name)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    "page",
    [
        "```python\nassert 1 == 2\n```\n",
        "```sh\nfundsim check scenarios/none.yaml\n```\n",
        "```sh\nfundsim check scenarios/luan-jinan-2016.yaml\n```\n\n```text output\n26 classes\n```\n",
    ],
)
def test_a_page_that_says_something_else_is_noticed(page: str) -> None:
    with pytest.raises(AssertionError):
        carry_out(page, "a page")


def test_there_are_pages_with_something_to_run() -> None:
    found = [block.language for page in PAGES for block in blocks_of(page.read_text(encoding="utf-8"))]
    assert found.count("python") > 30
    assert found.count("sh") > 10
    assert found.count("") > 3


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=lambda page: page.stem)
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    assert unknown_in(page.read_text(encoding="utf-8")) == []


def test_an_option_that_does_not_exist_is_noticed() -> None:
    named = "`fundsim run FILE --until 'P --x' --untill` and `fundsim sweep -m`"
    assert unknown_in(named) == ["fundsim run --untill", "fundsim sweep -m"]


def test_every_page_is_in_the_contents() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    for page in DOCS.glob("*.md"):
        assert page.stem == "index" or re.search(rf"^{page.stem}$", index, re.MULTILINE), page.name


def test_pages_written_from_the_code_say_what_it_says() -> None:
    assert script("reference_pages").stale() == [], "run 'make docs'"


def test_the_reference_tells_every_public_name() -> None:
    told = (DOCS / "reference.md").read_text(encoding="utf-8")
    missing = [name for name in fundsim.__all__ if not re.search(rf"auto\w+:: fundsim\.(\w+\.)*{name}$", told, re.M)]
    assert missing == []


def test_no_option_is_missing_from_either_readme() -> None:
    for page in READMES:
        text = page.read_text(encoding="utf-8")
        assert [name for name in COMMANDS if f"fundsim {name}" not in text] == [], page.name


class _Loaded(HTMLParser):
    """Addresses outside that a page would load, and pictures without a text."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.untold: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        loaded = given.get("src") or (given.get("href") if tag == "link" else None) or ""
        if loaded.startswith(("http:", "https:", "//")):
            self.outside.append(loaded)
        if tag == "img" and not given.get("alt"):
            self.untold.append(str(given.get("src")))


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_loads_nothing_from_outside(tmp_path: Path) -> None:
    from sphinx.cmd.build import main as build

    assert build(["-W", "-q", "-b", "html", str(DOCS), str(tmp_path)]) == 0
    pages = list(tmp_path.glob("*.html"))
    assert len(pages) >= len(PAGES)
    for page in pages:
        seen = _Loaded()
        seen.feed(page.read_text(encoding="utf-8"))
        assert (page.name, seen.outside, seen.untold) == (page.name, [], [])
