"""The pages of the documentation are carried out: Python and commands, what they print, and every option named."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
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
    words = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", str(DOCS), str(tmp_path)]
    built = subprocess.run(words, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    pages = list(tmp_path.glob("*.html"))
    assert len(pages) >= len(PAGES)
    for page in pages:
        seen = _Loaded()
        seen.feed(page.read_text(encoding="utf-8"))
        assert (page.name, seen.outside, seen.untold) == (page.name, [], [])


# --- "Add to it": one new file and one line, done in a copy of the sources -----------------------------------------

WRITTEN = re.compile(r"^```(python|diff) file=src/(\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TRIED = """
import sys
from pathlib import Path

import numpy as np
from click.testing import CliRunner

import fundsim as fs
from fundsim.cli import main
from fundsim.contracts import settle_year
from fundsim.report.document import measurement_report
from fundsim.severity import SEVERITIES

file, run, mine = sys.argv[1:]


def told(*words):
    done = CliRunner().invoke(main, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


costs = SEVERITIES["exponential"](mean=500_000)
assert np.isclose(costs.stop_loss(5000.0), 5000 * np.exp(-1))

text, cap = Path(file).read_text(encoding="utf-8"), "    cap: {assume: 200000"
Path(mine).write_text(text.replace(cap, "    cap_bonus: 10000 yuan\\n" + cap), encoding="utf-8")
assert "210,000" in told("show", mine) and "210,000" not in told("show", file)

agreed = fs.load(file).terms.contract
rewarded = agreed.model_copy(update={"reward": 10_000})
for claims, reward in ((90_000_000, 1_000_000), (200_000_000, 0)):
    facts = {"premium": 100_000_000, "claims": claims}
    more = settle_year(rewarded, **facts).insurer_result - settle_year(agreed, **facts).insurer_result
    assert more == reward, (claims, more)

assert "heads" in [section.id for section in measurement_report(fs.Results.load(run)).sections]
assert told("heads", file) == "3300000\\n"
"""


def additions() -> list[tuple[str, str, str]]:
    """What the page has one write: kind, file and text."""
    return WRITTEN.findall((DOCS / "howto.md").read_text(encoding="utf-8"))


def add(kind: str, path: Path, text: str) -> None:
    """Write a file, or add the lines of a diff below the line that each follows."""
    if kind == "python":
        assert not path.exists(), path
        path.write_text(text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    place = -1
    for line in text.splitlines():
        if line.startswith("+"):
            place += 1
            lines.insert(place, line[1:])
        else:
            place = lines.index(line[1:])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.slow
def test_what_the_page_has_one_add_is_added(tmp_path: Path) -> None:
    sources = tmp_path / "src"
    shutil.copytree(ROOT / "src", sources, ignore=shutil.ignore_patterns("__pycache__"))
    found = additions()
    assert [kind for kind, _, _ in found].count("python") == 5
    for kind, file, text in found:
        add(kind, sources / file, text)
    scheme, mine = ROOT / "scenarios" / "qinzhou-2017.yaml", tmp_path / "mine.yaml"
    fundsim.simulate(fundsim.load(scheme), n=4).save(tmp_path / "run")
    for name in ("claims", "changes"):
        (tmp_path / name).symlink_to(ROOT / "scenarios" / name)
    words = [sys.executable, "-c", TRIED, str(scheme), str(tmp_path / "run"), str(mine)]
    tried = subprocess.run(words, env=os.environ | {"PYTHONPATH": str(sources)}, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr


def test_an_addition_that_does_not_fit_is_noticed(tmp_path: Path) -> None:
    registry = tmp_path / "registry.py"
    registry.write_text("A = 1\nC = 3\n", encoding="utf-8")
    add("diff", registry, " A = 1\n+B = 2\n")
    assert registry.read_text(encoding="utf-8") == "A = 1\nB = 2\nC = 3\n"
    with pytest.raises(ValueError, match="not in list"):
        add("diff", registry, " D = 4\n+E = 5\n")
