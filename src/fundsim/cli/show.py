"""``fundsim show``: Print a scheme as it is understood: the compiled table, its contract and assumptions (查看方案)."""

from __future__ import annotations

from pathlib import Path

import click

from fundsim.cli.common import APPLY, SCENARIO


@click.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@APPLY
def show(file: Path, changes: tuple[Path, ...]) -> None:
    """Print a scheme as it is understood: the compiled table, its contract and assumptions (查看方案)."""
    from fundsim.report.floors import floors_in_text
    from fundsim.scenario import load
    from fundsim.scenario.show import to_text

    scenario = load(file, changes)
    click.echo(to_text(scenario), nl=False)
    for line in floors_in_text(scenario):
        click.echo(line)
