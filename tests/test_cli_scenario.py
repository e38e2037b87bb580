"""The commands check, show, schema and init, and what every command promises: exit codes and no tracebacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from fundsim.cli import COMMANDS, main
from fundsim.cli.common import BAD_INPUT, DONE, INTERRUPTED
from fundsim.scenario import load

BAD = Path(__file__).parent / "bad"
GOOD = BAD / "good" / "base.yaml"
HEAVY = ("pydantic", "numpy", "pandas", "numba", "matplotlib", "yaml", "scipy")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


# -- check ----------------------------------------------------------------------------------------------------------


def test_check_says_what_is_in_each_good_file() -> None:
    result = run("check", GOOD, GOOD)
    line = f"{GOOD}: ok (4 classes, 0 examples, 3 assumptions, 1 open bid)\n"
    assert (result.exit_code, result.stdout, result.stderr) == (DONE, line * 2, "")


def test_check_goes_on_after_a_bad_file() -> None:
    result = run("check", BAD / "scenarios" / "rate-without-unit.yaml", GOOD, "no-such-file.yaml")
    assert result.exit_code == BAD_INPUT
    assert result.stdout.startswith(f"{GOOD}: ok")
    assert result.stderr.count("error:") == 2
    assert "no-such-file.yaml: error: there is no such file" in result.stderr


def test_check_knows_a_claims_model(tmp_path: Path) -> None:
    text = GOOD.read_text(encoding="utf-8")
    claims = text[text.index("claims:") : text.index("contract:")]
    file = tmp_path / "pilot.yaml"
    file.write_text(f"fundsim: 1\nid: pilot\n{claims}", encoding="utf-8")
    assert "ok (claims model, 0 assumptions)" in run("check", file).stdout
    file.write_text(f"fundsim: 1\nid: pilot\n{claims.replace('cv: 1', 'cv: -1')}", encoding="utf-8")
    result = run("check", file)
    assert result.exit_code == BAD_INPUT
    assert "claims.care.county.cost.cv" in result.stderr


# -- show, schema, init ---------------------------------------------------------------------------------------------


def test_show_prints_the_compiled_table() -> None:
    result = run("show", GOOD)
    assert result.exit_code == DONE
    assert "  place  deductible  bands                     cap   variants\n" in result.stdout
    assert "  away   6,000       40/50% from 6,000/26,000  none  1\n" in result.stdout
    assert load(GOOD).fingerprint in result.stdout


@pytest.mark.parametrize("command", ["show"])
@pytest.mark.parametrize("file", ["scenarios/rate-without-unit.yaml", "scenarios/unclosed-quote.yaml", "nothing.yaml"])
def test_a_bad_file_is_told_without_a_traceback(command: str, file: str) -> None:
    result = run(command, BAD / file)
    assert result.exit_code == BAD_INPUT
    assert result.stdout == ""
    assert isinstance(result.exception, SystemExit)
    assert "error: " in result.stderr


def test_schema_prints_json() -> None:
    result = run("schema")
    assert result.exit_code == DONE
    assert json.loads(result.stdout)["$schema"].endswith("2020-12/schema")


def test_init_writes_a_scheme_that_passes_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("init").stdout == "my-scheme.yaml\n"
    result = run("check", "my-scheme.yaml")
    assert result.exit_code == DONE, result.stderr
    assert "3 examples" in result.stdout


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("mine", encoding="utf-8")
    result = run("init", file)
    assert result.exit_code == BAD_INPUT
    assert "there is such a file already" in result.stderr
    assert file.read_text(encoding="utf-8") == "mine"
    assert run("init", tmp_path / "no" / "folder.yaml").exit_code == BAD_INPUT


# -- all commands ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["nonsense"], ["check"], ["show"], ["show", "--nonsense"], ["show", "a", "b"]])
def test_wrong_usage_is_told_as_such(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == BAD_INPUT
    assert "Usage:" in result.stderr


def test_an_interrupt_has_its_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("fundsim.scenario.checking.check_file", interrupted)
    result = run("check", GOOD)
    assert result.exit_code == INTERRUPTED
    assert result.stderr.startswith("interrupted; a run goes on")


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise ValueError("ours")

    monkeypatch.setattr("fundsim.scenario.checking.check_file", broken)
    result = run("check", GOOD)
    assert result.exit_code == 1
    assert str(result.exception) == "ours"


def test_the_help_cuts_no_sentence_short() -> None:
    told = CliRunner().invoke(main, ["--help"], terminal_width=80).output.partition("Commands:")[2]
    assert "..." not in told
    assert all(f"\n  {name} " in told for name in COMMANDS)
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(option: str) -> None:
    program = (
        "import sys\n"
        "from fundsim.cli import main\n"
        f"main([{option!r}], standalone_mode=False)\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("loaded: []")


def test_every_command_says_what_it_does_in_both_languages() -> None:
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert any("\u4e00" <= character <= "\u9fff" for character in command.help or ""), name


def test_show_prints_the_whole_header_and_the_designs(tmp_path: Path) -> None:
    header = "id: base\ntitle: {zh: 某市}\nsource: 某市办法\nclause: 第八条\nnote: read twice\n"
    text = GOOD.read_text(encoding="utf-8").replace(
        "id: base\n", f"{header}valid: {{from: 2017-01-01, to: 2017-12-31}}\n"
    )
    design = (
        "designs: {higher: {title: {zh: 八千}, change: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan}}}}\n"
    )
    file = tmp_path / "base.yaml"
    file.write_text(text + design, encoding="utf-8")
    shown = run("show", file).stdout
    for line in (
        "title:    某市",
        "source:   某市办法, 第八条",
        "valid:    2017-01-01 to 2017-12-31",
        "note:     read twice",
        "  higher: 八千",
    ):
        assert f"{line}\n" in shown
