"""``fundsim risk``: Tell where the risk comes from, by shares of variance (风险来源分解)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fundsim.cli.common import APPLY, FIGURE_LANG, SCENARIO

if TYPE_CHECKING:
    from fundsim.language import Lang


@click.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@APPLY
@click.option(
    "-n", "replications", type=click.IntRange(min=50), help="Replications of a sample, instead of the scenario's own."
)
@click.option("--years", type=click.IntRange(min=1), help="Years of the contract, instead of the scenario's own.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scenario's own.")
@click.option("--figure", type=click.Path(path_type=Path), metavar="PNG", help="Draw the shares as bars, too.")
@FIGURE_LANG
@click.option("--json", "as_json", is_flag=True, help="Print the shares as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
def risk(
    file: Path,
    changes: tuple[Path, ...],
    replications: int | None,
    years: int | None,
    seed: int | None,
    figure: Path | None,
    lang: Lang,
    as_json: bool,
    workers: int | None,
) -> None:
    """Tell where the risk comes from: shares of variance of inputs, events and patients' luck (风险来源分解).

    With k sources of risk, about k + 3 times the replications of a sample are settled.
    """
    from fundsim.report.risk import risk_scenario
    from fundsim.scenario import load

    printed = risk_scenario(
        load(file, changes), replications, seed, years=years, workers=workers, as_json=as_json, figure=figure, lang=lang
    )
    click.echo(printed, nl=as_json)
    if figure is not None:
        click.echo(f"wrote {figure}", err=True)
