"""One deliberately broken file for every message: where it points, the words it uses, and how many there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT

BAD = Path(__file__).parent / "bad" / "scenarios"
FILES = sorted(BAD.glob("*.yaml"))
EXPECTATION = re.compile(r"^# expect: (?P<place>\S+:\d+:\d+) \| (?P<words>.+)$", re.MULTILINE)
HEADLINE = re.compile(r"^(?P<place>\S+:\d+:\d+): error: ", re.MULTILINE)


@dataclass(frozen=True)
class Told:
    """One problem as it was printed."""

    place: str
    text: str


def expectations(file: Path) -> list[tuple[str, list[str]]]:
    text = file.read_bytes().decode("utf-8", errors="replace")
    return [(match["place"], match["words"].split(" | ")) for match in EXPECTATION.finditer(text)]


def problems(output: str) -> list[Told]:
    starts = list(HEADLINE.finditer(output))
    ends = [match.start() for match in starts[1:]] + [len(output)]
    return [
        Told(Path(match["place"]).name, output[match.start() : end]) for match, end in zip(starts, ends, strict=True)
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_fault_is_told_at_its_place_in_its_words(file: Path) -> None:
    expected = expectations(file)
    assert expected, "the file does not say what to expect"

    result = CliRunner().invoke(main, ["check", str(file)])

    assert result.exit_code == BAD_INPUT
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    told = problems(result.stderr)
    assert [problem.place for problem in told] == [place for place, _ in expected]
    for problem, (_, words) in zip(told, expected, strict=True):
        assert [word for word in words if word not in problem.text] == []
        assert "\n  instead: " in problem.text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_message_speaks_of_the_tools_inside(file: Path) -> None:
    told = CliRunner().invoke(main, ["check", str(file)]).stderr
    for jargon in (
        "Traceback",
        "pydantic",
        "https://",
        "Input should",
        "validation error",
        "None",
        "ppm",
        "Extra inputs",
    ):
        assert jargon not in told


@pytest.mark.parametrize("name", ["base", "uncertain"])
def test_a_good_scheme_beside_them_is_not_complained_of(name: str) -> None:
    result = CliRunner().invoke(main, ["check", str(BAD.parent / "good" / f"{name}.yaml")])
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
