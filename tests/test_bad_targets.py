"""One deliberately broken file of published figures for every message: where it points and the words it uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT
from test_bad_scenarios import expectations, problems

BAD = Path(__file__).parent / "bad" / "targets"
FILES = sorted(BAD.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_fault_is_told_at_its_place_in_its_words(file: Path, tmp_path: Path) -> None:
    expected = expectations(file)
    assert expected, "the file does not say what to expect"
    out = tmp_path / "claims.yaml"

    result = CliRunner().invoke(main, ["calibrate", "--targets", str(file), "--out", str(out)])

    assert result.exit_code == BAD_INPUT
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert not out.exists()
    told = problems(result.stderr)
    assert [problem.place for problem in told] == [place for place, _ in expected]
    for problem, (_, words) in zip(told, expected, strict=True):
        assert [word for word in words if word not in problem.text] == []
        assert "\n  instead: " in problem.text
