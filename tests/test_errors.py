"""Errors of the user's own input, in a notebook: the user's line and the message, not our internals."""

from __future__ import annotations

from importlib import import_module

import pytest

import fundsim as fs
from fundsim.cli.common import USERS_ERRORS
from fundsim.errors import UsersError


def shown(error: UsersError) -> str:
    return "\n".join(error._render_traceback_())


def test_a_notebook_shows_the_users_line_and_the_message() -> None:
    with pytest.raises(fs.ScenarioError) as caught:
        fs.load("nothing.yaml")
    line, empty, *message = shown(caught.value).splitlines()
    assert line.endswith(': fs.load("nothing.yaml")')
    assert not empty
    assert "\n".join(message) == f"ScenarioError: {caught.value}"
    assert "there is no such file" in message[0]


def test_an_error_that_was_not_raised_is_its_message() -> None:
    assert shown(UsersError("so")) == "UsersError: so"


def test_ipython_takes_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The hook is IPython's: an error without it shows the way through the package."""
    shell = import_module("IPython.core.interactiveshell").InteractiveShell()
    shell.run_cell("import fundsim as fs\nfs.load('nothing.yaml')")
    told = capsys.readouterr().out
    assert "line 2: fs.load('nothing.yaml')" in told
    assert "reader.py" not in told


HOMES = (
    "scenario", "bills", "contracts.errors", "units", "runs", "frequency", "guidelines", "precision", "pricing.errors",
    "cluster", "exact.errors", "calibration.errors", "calibration.bands", "records.problems",
    "records.synthesis.faults", "comparison.errors", "report.export", "report.writers",
)  # fmt: skip


def test_every_error_that_the_command_line_tells_without_a_traceback_is_one() -> None:
    known = {
        name: error
        for home in HOMES
        for name in USERS_ERRORS
        if isinstance(error := getattr(import_module(f"fundsim.{home}"), name, None), type)
    }
    assert set(known) == set(USERS_ERRORS)
    assert all(issubclass(error, UsersError) for error in known.values())


def test_a_wrong_measure_is_told_with_the_nearest() -> None:
    results = fs.simulate(fs.load("scenarios/qinzhou-2017.yaml"), n=2)
    with pytest.raises(KeyError, match="there is no measure 'claims'; there are: claims_paid"):
        results.estimate("claims")
    with pytest.raises(KeyError, match=r"there is no measure 'zzz'; there are: premium, .*, patient_burden"):
        results.estimate("zzz")
