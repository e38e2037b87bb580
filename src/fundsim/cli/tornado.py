"""``fundsim tornado``: How far each uncertain input moves a figure (敏感性分析)."""

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
@click.option("--of", "figure_id", default="insurer_result", metavar="FIGURE", help="The figure; insurer_result.")
@click.option(
    "--points",
    nargs=2,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=(0.1, 0.9),
    metavar="LOW HIGH",
    help="Where inputs are held, as probabilities; 0.1 0.9.",
)
@click.option("-n", "replications", type=click.IntRange(min=2), help="Replications, instead of the scenario's own.")
@click.option("--years", type=click.IntRange(min=1), help="Years of the contract, instead of the scenario's own.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scenario's own.")
@click.option("--figure", type=click.Path(path_type=Path), metavar="PNG", help="Draw the bars, too.")
@FIGURE_LANG
@click.option("--out", type=click.Path(path_type=Path), metavar="TABLE", help="Write a .csv, .parquet or .xlsx, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the sensitivities as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
def tornado(
    file: Path,
    changes: tuple[Path, ...],
    figure_id: str,
    points: tuple[float, float],
    replications: int | None,
    years: int | None,
    seed: int | None,
    figure: Path | None,
    lang: Lang,
    out: Path | None,
    as_json: bool,
    workers: int | None,
) -> None:
    """Hold each uncertain input low and high, all else as drawn, and see how far a figure moves (敏感性分析).

    Beside it the means of the figure by the level of each input, from the run with everything as drawn. With k inputs
    and events 2k + 1 runs are settled, on the same people.
    """
    from fundsim.report.tornado import tornado_scenario
    from fundsim.scenario import load

    printed = tornado_scenario(
        load(file, changes), figure_id, replications, seed, points=points, years=years, workers=workers,
        as_json=as_json, figure=figure, lang=lang, out=out,
    )  # fmt: skip
    click.echo(printed, nl=as_json)
    for path in (figure, out):
        if path is not None:
            click.echo(f"wrote {path}", err=True)
