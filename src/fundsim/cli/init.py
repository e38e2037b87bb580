"""``fundsim init``: Write a commented scheme to start from, my-scheme.yaml by default (新建方案)."""

from __future__ import annotations

from pathlib import Path

import click

from fundsim.cli.common import SCENARIO


@click.command()
@click.argument("file", metavar="[FILE]", default="my-scheme.yaml", type=SCENARIO)
def init(file: Path) -> None:
    """Write a commented scheme to start from, my-scheme.yaml by default (新建方案)."""
    from fundsim.scenario.template import write_template

    write_template(file)
    click.echo(str(file))
