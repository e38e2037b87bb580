"""``fundsim compare``: Compare schemes and designs on the same people (方案比较)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fundsim.cli.common import APPLY, FIGURE_LANG, SCENARIO

if TYPE_CHECKING:
    from fundsim.language import Lang


@click.command()
@click.argument("files", metavar="FILE [FILE ...]", nargs=-1, required=True, type=SCENARIO)
@APPLY
@click.option("--designs", is_flag=True, help="Compare the designs that the files state, too; always so of one file.")
@click.option("-n", "replications", type=click.IntRange(min=2), help="Replications, instead of the first file's own.")
@click.option("--years", type=click.IntRange(min=1), help="Years of the contract, instead of the files' own.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the first file's own.")
@click.option("--poor", multiple=True, metavar="GROUP", help="A group that counts as poor; repeatable.")
@click.option(
    "--catastrophic",
    default="100%",
    metavar="%",
    help="Part of a year's income per head above which what one bears is catastrophic; 100%.",
)
@click.option("--figure", type=click.Path(path_type=Path), metavar="PNG", help="Draw the differences, too.")
@FIGURE_LANG
@click.option("--out", type=click.Path(path_type=Path), metavar="TABLE", help="Write a .csv, .parquet or .xlsx, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
def compare(
    files: tuple[Path, ...],
    changes: tuple[Path, ...],
    designs: bool,
    replications: int | None,
    years: int | None,
    seed: int | None,
    poor: tuple[str, ...],
    catastrophic: str,
    figure: Path | None,
    lang: Lang,
    out: Path | None,
    as_json: bool,
    workers: int | None,
) -> None:
    """Compare schemes and designs with the first of them, on the same people (方案比较).

    Schemes with the same people and costs are settled on them in one pass, so that differences are far surer than the
    figures; others are simulated apart under the same seed, and the errors of differences say so.
    """
    from fundsim.money import PPM
    from fundsim.report.comparison import compare_scenarios
    from fundsim.scenario import load
    from fundsim.units import rate

    loaded = [load(file, changes) for file in files]
    if designs and len(loaded) > 1:
        loaded = [each for scheme in loaded for each in (scheme, *(design for _, design in scheme.designs))]
    printed = compare_scenarios(
        loaded, replications, seed, years=years, poor=poor or None, catastrophic=rate(catastrophic) / PPM,
        workers=workers, as_json=as_json, figure=figure, lang=lang, out=out,
    )  # fmt: skip
    click.echo(printed, nl=as_json)
    for path in (figure, out):
        if path is not None:
            click.echo(f"wrote {path}", err=True)
