"""The tutorial is carried out as a newcomer would: every file is written, every command run, every output compared."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

import test_scenarios
from fundsim.cli import main
from fundsim.scenario import load

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "add-a-city.md"
SCHEME = Path("scenarios/lanxi-2024.yaml")


@dataclass(frozen=True)
class Block:
    """A fenced block of the page."""

    line: int
    language: str
    words: dict[str, str]
    """What stands after the language: ``file=…`` and the like; a word without ``=`` has an empty value."""
    text: str


def blocks() -> Iterator[Block]:
    page = PAGE.read_text(encoding="utf-8")
    for match in re.finditer(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        words = dict(word.partition("=")[::2] for word in match[2].split())
        yield Block(page.count("\n", 0, match.start()) + 1, match[1], words, match[3])


BLOCKS = tuple(blocks())
SHOWN = [block for block in BLOCKS if "output" in block.words]


# --- files, section by section ----------------------------------------------------------------------------------


def sections(text: str) -> dict[str, str]:
    """A YAML file by the words at its left margin, each with the comments and blank lines above it."""
    found: dict[str, list[str]] = {}
    above: list[str] = []
    current: list[str] = []
    for line in text.splitlines(keepends=True):
        key = re.match(r"(\w+):", line)
        if key:
            current = found.setdefault(key[1], [])
        if key or line.startswith((" ", "-")):
            current += [*above, line]
            above = []
        else:
            above.append(line)
    assert not above or not "".join(above).strip(), "a comment at the end belongs to no section"
    return {name: "".join(lines) for name, lines in found.items()}


def with_sections(text: str, new: str) -> str:
    """The file with the sections of a block in place of its own; one that it lacks comes after the one before it."""
    file = list(sections(text).items())
    after = len(file) - 1
    for name, section in sections(new).items():
        place = next((i for i, (other, _) in enumerate(file) if other == name), None)
        blank = "\n" if place is None or file[place][1].startswith("\n") else ""
        section = blank + section.lstrip("\n")
        if place is None:
            after += 1
            file.insert(after, (name, section))
        else:
            after, file[place] = place, (name, section)
    return "".join(section for _, section in file)


def with_diff(text: str, diff: str) -> str:
    """The file after a small edit; what it takes away must stand there exactly once."""
    lines = diff.splitlines()
    old, new = ("\n".join(line[1:] for line in lines if line[0] != other) for other in "+-")
    assert text.count(f"{old}\n") == 1, f"{old!r} does not stand in the file exactly once"
    return text.replace(f"{old}\n", f"{new}\n")


def test_sections_are_replaced_whole() -> None:
    file = "# top\na: 1\n\n# of b\nb:\n  c: 2\n\nd: 3\n"
    assert with_sections(file, "b:\n  - 5\n") == "# top\na: 1\n\nb:\n  - 5\n\nd: 3\n"
    assert with_sections(file, "a: 2\ne: 4\n") == "a: 2\n\ne: 4\n\n# of b\nb:\n  c: 2\n\nd: 3\n"
    assert with_diff(file, "-  c: 2\n+  c: 3\n") == file.replace("c: 2", "c: 3")
    with pytest.raises(AssertionError, match="exactly once"):
        with_diff("a: 1\na: 1\n", "-a: 1\n+a: 2\n")


# --- the walk ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Walk:
    """What a newcomer has in the end."""

    folder: Path
    printed: list[str]
    """What came out where the page shows an output, in order."""


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder, printed, last = tmp_path_factory.mktemp("newcomer"), list[str](), ""
    shutil.copytree(ROOT / "scenarios" / "claims", folder / "scenarios" / "claims")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in BLOCKS:
            if block.language == "sh":
                last = run(block)
            elif "output" in block.words:
                printed.append(last)
            elif "file" in block.words:
                write(block)
        yield Walk(folder, printed)


def run(block: Block) -> str:
    """Run the commands of a block; what the last one printed."""
    output = ""
    for command in block.text.splitlines():
        program, *arguments = shlex.split(command)
        assert program == "fundsim"
        answer = CliRunner().invoke(main, arguments)
        assert answer.exit_code == int(block.words.get("exit", "0")), f"line {block.line}: {command}\n{answer.output}"
        output = answer.output
    return output


def write(block: Block) -> None:
    file = Path(block.words["file"])
    if block.language == "diff":
        file.write_text(with_diff(file.read_text(encoding="utf-8"), block.text), encoding="utf-8")
    elif block.language == "yaml" and file.exists():
        file.write_text(with_sections(file.read_text(encoding="utf-8"), block.text), encoding="utf-8")
    else:
        file.write_text(block.text, encoding="utf-8")


def pattern(shown: str) -> re.Pattern[str]:
    """What an output on the page stands for: ``…`` is any text in a line, and on a line of its own any lines."""
    lines = (
        r"(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, line.rstrip().split("…"))) + "\n"
        for line in shown.splitlines()
    )
    return re.compile("".join(lines))


# --- what must hold ---------------------------------------------------------------------------------------------


def test_every_block_is_carried_out() -> None:
    kinds = {(block.language, *(word for word in block.words if word != "exit")) for block in BLOCKS}
    assert kinds == {
        ("sh",),
        ("text", "output"),
        ("yaml", "file"),
        ("yaml", "whole"),
        ("diff", "file"),
        ("csv", "file"),
    }


def test_every_command_that_the_tutorial_promises_is_run() -> None:
    commands = [line.split()[1] for block in BLOCKS if block.language == "sh" for line in block.text.splitlines()]
    assert commands == ["init", "check", "check", "check", "show", "settle", "run"]


@pytest.mark.parametrize("place", range(len(SHOWN)), ids=lambda place: f"line-{SHOWN[place].line}")
def test_what_is_shown_comes_out(walk: Walk, place: int) -> None:
    found = "".join(f"{line.rstrip()}\n" for line in walk.printed[place].splitlines())
    assert pattern(SHOWN[place].text).fullmatch(found), f"the page shows something else; this comes out:\n{found}"


def test_an_output_that_differs_does_not_match() -> None:
    assert pattern("a … c\n…\nz\n").fullmatch("a b c\nx\ny\nz\n")
    assert not pattern("a … c\n").fullmatch("a b d\n")
    assert not pattern("a\nz\n").fullmatch("a\nx\nz\n")


def test_the_whole_file_is_what_the_steps_lead_to(walk: Walk) -> None:
    (whole,) = (block for block in BLOCKS if "whole" in block.words)
    built = (walk.folder / whole.words["whole"]).read_text(encoding="utf-8")
    assert built == whole.text, f"the whole file of the page should read:\n{built}"


def test_the_new_city_passes_the_tests_of_every_shipped_scheme(walk: Walk) -> None:
    path = walk.folder / SCHEME
    test_scenarios.test_a_shipped_file_passes_check(path)
    test_scenarios.test_a_shipped_scheme_runs_and_balances(path)
    assert len(load(path).terms.examples) >= 3


def test_the_statement_holds_what_the_worked_example_says(walk: Walk) -> None:
    head, first, *_ = (walk.folder / "statement.csv").read_text(encoding="utf-8-sig").splitlines()
    row = dict(zip(head.split(","), first.split(","), strict=True))
    assert (row["paid_basic"], row["paid_cii"], row["patient_pays"]) == ("63310.00", "14454.00", "27236.00")
