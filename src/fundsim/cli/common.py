"""What commands share: exit codes, arguments, and whose errors are told without a traceback."""

from __future__ import annotations

from pathlib import Path

import click

DONE, FAILED, BAD_INPUT, IMPRECISE, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: done; failed while running; wrong usage or a bad file; short of the asked precision; interrupted."""

SCENARIO = click.Path(path_type=Path)
APPLY = click.option(
    "--apply",
    "changes",
    multiple=True,
    metavar="CHANGE.yaml",
    type=SCENARIO,
    help="A change file to be laid over it, without its designs; repeatable.",
)

FIGURE_LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="en", help="Language of figures (图的语言); en by default."
)

USERS_ERRORS = (
    "ScenarioError",
    "BillsError",
    "ContractError",
    "UnitError",
    "RunFolderError",
    "FrequencyError",
    "GuidelineError",
    "TargetError",
    "PriceError",
    "UnsolvableError",
    "ClusterError",
    "OutOfReachError",
    "CalibrationError",
    "GroupedError",
    "RecordsError",
    "SynthesisError",
    "ComparisonError",
    "ExportError",
    "ReportError",
)
"""Errors that speak of the user's input, by name: their modules are loaded only by the commands that need them."""
