"""``fundsim frontier``: Designs that no other beats (有效方案)."""

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
    "--vary", "stated", multiple=True, required=True, metavar="PATH=VALUES", help="As for sweep; several make a grid."
)
@click.option("--zip", "together", is_flag=True, help="Take the values of all paths side by side, instead of a grid.")
@click.option("--benefit", default="pure_premium", metavar="FIGURE", help="What patients get; pure_premium.")
@click.option(
    "--premium", default="premium_per_head", metavar="FIGURE", help="premium_per_head as charged, or premium_needed."
)
@click.option("--premium-at-most", type=float, metavar="YUAN", help="The budget, yuan per head.")
@click.option("--loss-at-most", metavar="%", help="The most that the probability of a loss may be, such as 5%.")
@click.option("-n", "replications", type=click.IntRange(min=2), help="Replications, instead of the scenario's own.")
@click.option("--years", type=click.IntRange(min=1), help="Years of the contract, instead of the scenario's own.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scenario's own.")
@click.option("--figure", type=click.Path(path_type=Path), metavar="PNG", help="Draw benefit against cost, too.")
@FIGURE_LANG
@click.option("--out", type=click.Path(path_type=Path), metavar="TABLE", help="Write a .csv, .parquet or .xlsx, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the designs as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
def frontier(
    file: Path,
    changes: tuple[Path, ...],
    stated: tuple[str, ...],
    together: bool,
    benefit: str,
    premium: str,
    premium_at_most: float | None,
    loss_at_most: str | None,
    replications: int | None,
    years: int | None,
    seed: int | None,
    figure: Path | None,
    lang: Lang,
    out: Path | None,
    as_json: bool,
    workers: int | None,
) -> None:
    """Find the designs that no other beats in premium, probability of a loss and benefit to patients (有效方案).

    A design counts as beaten only beyond the error of the difference, on the same people.
    """
    from fundsim.comparison import read_varied
    from fundsim.money import PPM
    from fundsim.report.frontier import frontier_scenario
    from fundsim.scenario import load
    from fundsim.units import rate

    varied = read_varied(stated)
    most = None if loss_at_most is None else rate(loss_at_most) / PPM
    printed = frontier_scenario(
        load(file, changes), varied, replications, seed, benefit=benefit, premium=premium,
        premium_at_most=premium_at_most, loss_at_most=most, together=together, years=years, workers=workers,
        as_json=as_json, figure=figure, lang=lang, out=out,
    )  # fmt: skip
    click.echo(printed, nl=as_json)
    for path in (figure, out):
        if path is not None:
            click.echo(f"wrote {path}", err=True)
