"""``fundsim account``: Settle one contract year from its actual totals (合同年度结算)."""

from __future__ import annotations

from pathlib import Path

import click

from fundsim.cli.common import SCENARIO


@click.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@click.option("--premium", metavar="YUAN", required=True, help="Earned premium of the year.")
@click.option("--claims", metavar="YUAN", required=True, help="Claims incurred in the year.")
@click.option("--expense", metavar="YUAN", help="The insurer's real running cost, instead of the scenario's own.")
@click.option("--policy-share", metavar="X", help="Share of a loss that counts as policy-caused, such as 30%.")
@click.option("--carried", metavar="YUAN", help="Balance brought forward; a deficit with a minus sign.")
@click.option("--score", metavar="X", help="Score of the year's assessment, 0 to 100 (考核得分).")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def account(file: Path, as_json: bool, **facts: str | None) -> None:
    """Settle one contract year from its actual totals (合同年度结算)."""
    from fundsim.report import accounts
    from fundsim.scenario import load

    scenario = load(file)
    figures = accounts.settle_account(scenario, **facts)  # type: ignore[arg-type]
    click.echo(accounts.as_json(figures) if as_json else accounts.as_text(scenario, figures), nl=as_json)
