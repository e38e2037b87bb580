"""``fundsim sweep``: Settle many designs of a scheme on the same people (方案扫描)."""

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
    "--vary",
    "stated",
    multiple=True,
    required=True,
    metavar="PATH=VALUES",
    help='"payers.cii.deductible=6000 yuan,8000 yuan" or "…=6000..12000 step 1000 yuan"; several make a grid.',
)
@click.option("--zip", "together", is_flag=True, help="Take the values of all paths side by side, instead of a grid.")
@click.option("-n", "replications", type=click.IntRange(min=2), help="Replications, instead of the scenario's own.")
@click.option("--years", type=click.IntRange(min=1), help="Years of the contract, instead of the scenario's own.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scenario's own.")
@click.option("--poor", multiple=True, metavar="GROUP", help="A group that counts as poor; repeatable.")
@click.option("--show", default="premium_needed", metavar="FIGURE", help="Which figure --figure draws.")
@click.option("--figure", type=click.Path(path_type=Path), metavar="PNG", help="Draw it against the first path, too.")
@FIGURE_LANG
@click.option("--out", type=click.Path(path_type=Path), metavar="TABLE", help="Write a .csv, .parquet or .xlsx, too.")
@click.option(
    "--keep", type=click.Path(path_type=Path), metavar="DIR", help="Keep blocks there, so that it can be gone on with."
)
@click.option("--json", "as_json", is_flag=True, help="Print the sweep as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
def sweep(
    file: Path,
    changes: tuple[Path, ...],
    stated: tuple[str, ...],
    together: bool,
    replications: int | None,
    years: int | None,
    seed: int | None,
    poor: tuple[str, ...],
    show: str,
    figure: Path | None,
    lang: Lang,
    out: Path | None,
    keep: Path | None,
    as_json: bool,
    workers: int | None,
) -> None:
    """Settle many designs of a scheme on the same people, in one pass and bounded memory (方案扫描).

    Every design is the scheme with other values at the paths. Where the scheme states behaviour, figures stand with
    the response and without it.
    """
    from fundsim.comparison import read_varied
    from fundsim.report.sweep import sweep_scenario
    from fundsim.scenario import load

    varied = read_varied(stated)
    printed = sweep_scenario(
        load(file, changes), varied, replications, seed, together=together, years=years, poor=poor or None,
        workers=workers, as_json=as_json, shown=show, figure=figure, lang=lang, out=out, folder=keep,
    )  # fmt: skip
    click.echo(printed, nl=as_json)
    for path in (figure, out):
        if path is not None:
            click.echo(f"wrote {path}", err=True)
