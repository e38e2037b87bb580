"""``fundsim settle``: Settle the bills of a CSV file under a scheme (结算账单)."""

from __future__ import annotations

from pathlib import Path

import click

from fundsim.cli.common import SCENARIO


@click.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@click.argument("bills", metavar="BILLS.csv", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The statement to write, bill by bill.")
@click.option("--given", multiple=True, metavar="PAYER", help="A payer whose payments the bills state; repeatable.")
@click.option("--explain", metavar="PERSON", help="Print how this person's bills are settled, step by step.")
@click.option("--json", "as_json", is_flag=True, help="Print totals, or the explanation, as JSON.")
def settle(
    file: Path, bills: Path, out: Path | None, given: tuple[str, ...], explain: str | None, as_json: bool
) -> None:
    """Settle the bills of a CSV file under a scheme (结算账单)."""
    from fundsim.scenario import load
    from fundsim.statements import settle_file

    printed = settle_file(load(file), bills, out=out, given=given, person=explain, as_json=as_json)
    if printed:
        click.echo(printed)
    if out is not None:
        click.echo(f"wrote {out}", err=True)
