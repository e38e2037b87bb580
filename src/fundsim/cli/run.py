"""``fundsim run``: Simulate a scheme and its designs on the same people (模拟运行)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from fundsim.cli.common import APPLY, DONE, FAILED, FIGURE_LANG, IMPRECISE, SCENARIO


@click.command()
@click.argument("files", metavar="FILE...", type=SCENARIO, nargs=-1, required=True)
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
@FIGURE_LANG
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
@click.option("--cluster", metavar="ADDRESS", help="Run on a Dask cluster: tcp://HOST:8786 (集群).")
def run(
    files: tuple[Path, ...],
    changes: tuple[Path, ...],
    replications: int | None,
    years: int | None,
    until: tuple[str, ...],
    most: int | None,
    seed: int | None,
    out: Path | None,
    lang: str,
    as_json: bool,
    workers: int | None,
    cluster: str | None,
) -> None:
    """Simulate a scheme and its designs on the same people (模拟运行).

    Over several years amounts are a year's average, and every year stands by itself too (合同期多年模拟).

    An interrupted run goes on when it is started again with the same folder. Several files are pools of one job
    (多统筹区), each with a run folder beneath --out; a cluster that is lost leaves what has arrived.

    With --until, replications are added until every target holds for the scheme itself: the se (standard error) or
    the width (of the 95% interval) of a measure, a probability or a percentile such as p05(insurer_result), in yuan,
    % of premium, % of the figure, pp, or a plain number. It is looked at after -n (200) replications, and after each
    third to half more. Exit code 3 where --most did not do (精度未达到).
    """
    from fundsim.cluster import ClusterLostError

    if most is not None and not until:
        raise click.UsageError("--most limits a run that goes on --until a target holds; add --until TARGET")
    if len(files) > 1 and (until or changes):
        raise click.UsageError("several files are simulated as they are: leave --until and --apply out")
    try:
        with _executor(cluster) as executor:
            if len(files) > 1:
                precise = _pools(files, replications, seed, years, out, workers, executor, as_json)
            else:
                asked = {
                    "years": years,
                    "until": until or None,
                    "most": most,
                    "out": out,
                    "lang": lang,
                    "workers": workers,
                }
                precise = _one(files[0], changes, replications, seed, asked, executor, as_json)
    except ClusterLostError as error:
        click.echo(str(error), err=True)
        sys.exit(FAILED)
    sys.exit(DONE if precise else IMPRECISE)


@contextmanager
def _executor(cluster: str | None) -> Iterator[Executor | None]:
    if cluster is None:
        yield None
        return
    from fundsim.cluster import connect

    with connect(cluster) as executor:
        yield executor


def _one(
    file: Path,
    changes: tuple[Path, ...],
    n: int | None,
    seed: int | None,
    asked: dict[str, Any],
    executor: Executor | None,
    as_json: bool,
) -> bool:
    """Run one scheme; whether it is as precise as was asked."""
    from fundsim.report.run import run_scenario
    from fundsim.scenario import load

    done = run_scenario(load(file, changes), n, seed, **asked, executor=executor, as_json=as_json)
    click.echo(done.printed, nl=as_json)
    click.echo("\n".join(f"wrote {path}" for path in done.written), err=as_json)
    for note in done.notes:
        click.echo(note, err=True)
    return done.precise


def _pools(
    files: tuple[Path, ...],
    n: int | None,
    seed: int | None,
    years: int | None,
    out: Path | None,
    workers: int | None,
    executor: Executor | None,
    as_json: bool,
) -> bool:
    from fundsim.report.pools import run_pools

    printed, table = run_pools(
        files, n, seed, years=years, out=out, workers=workers, executor=executor, as_json=as_json
    )
    click.echo(printed, nl=False)
    click.echo(f"wrote {table}", err=True)
    return True
