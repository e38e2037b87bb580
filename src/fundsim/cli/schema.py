"""``fundsim schema``: Print the JSON Schema of scenario files, for editors (方案文件的结构)."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors (方案文件的结构)."""
    from fundsim.scenario.schema import schema_text

    click.echo(schema_text(), nl=False)
