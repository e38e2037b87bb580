"""``fundsim exact``: Tell the distribution of a year's figures without sampling (精确计算)."""

from __future__ import annotations

from pathlib import Path

import click

from fundsim.cli.common import APPLY, SCENARIO


@click.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@APPLY
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, in the shape of a run's.")
def exact(file: Path, changes: tuple[Path, ...], as_json: bool) -> None:
    """Tell the distribution of the first contract year's figures without sampling (精确计算).

    By Fourier transform, where claims are a compound sum: one amount a person and year, or admissions that are all paid
    by one schedule. The report says how accurate every answer is; what is less accurate than it promises is an error
    (exit code 1). Exit code 2 where the model is out of reach, with the reason and what would bring it inside
    (超出精确计算范围).
    """
    from fundsim.report.exact import exact_scenario
    from fundsim.scenario import load

    printed = exact_scenario(load(file, changes), as_json=as_json)
    click.echo(printed, nl=as_json)
