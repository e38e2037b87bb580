"""``fundsim run``: Simulate a scheme and its designs on the same people (模拟运行)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fundsim.cli.common import APPLY, DONE, IMPRECISE, SCENARIO


@click.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@APPLY
@click.option("-n", "replications", type=click.IntRange(min=1), help="Replications, instead of the scenario's own.")
@click.option("--years", type=click.IntRange(min=1), help="Years of the contract, instead of the scenario's own.")
@click.option(
    "--until",
    multiple=True,
    metavar="TARGET",
    help='Go on until "se(insurer_result) <= 0.1% of premium" or "width(insurer_loss) <= 2pp"; repeatable.',
)
@click.option(
    "--most", type=click.IntRange(min=1), help="With --until: replications at most; 20 times the scenario's own."
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scenario's own.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Run folder; runs/ID-nN-sSEED[-yYEARS] by default, ID-toMOST-sSEED with --until.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
def run(
    file: Path,
    changes: tuple[Path, ...],
    replications: int | None,
    years: int | None,
    until: tuple[str, ...],
    most: int | None,
    seed: int | None,
    out: Path | None,
    as_json: bool,
    workers: int | None,
) -> None:
    """Simulate a scheme and its designs on the same people (模拟运行).

    Over several years amounts are a year's average, and every year stands by itself too (合同期多年模拟).

    An interrupted run goes on when it is started again with the same folder.

    With --until, replications are added until every target holds for the scheme itself: the se (standard error) or
    the width (of the 95% interval) of a measure, a probability or a percentile such as p05(insurer_result), in yuan,
    % of premium, % of the figure, pp, or a plain number. It is looked at after -n (200) replications, and after each
    third to half more. Exit code 3 where --most did not do (精度未达到).
    """
    from fundsim.report.run import run_scenario
    from fundsim.scenario import load

    if most is not None and not until:
        raise click.UsageError("--most limits a run that goes on --until a target holds; add --until TARGET")
    scenario = load(file, changes)
    done = run_scenario(
        scenario,
        replications,
        seed,
        years=years,
        until=until or None,
        most=most,
        out=out,
        workers=workers,
        as_json=as_json,
    )
    click.echo(done.printed, nl=as_json)
    click.echo("\n".join(f"wrote {path}" for path in done.written), err=as_json)
    for note in done.notes:
        click.echo(note, err=True)
    sys.exit(DONE if done.precise else IMPRECISE)
