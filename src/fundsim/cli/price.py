"""``fundsim price``: Solve for a premium, a share or a benefit so that a target holds (定价求解)."""

from __future__ import annotations

from pathlib import Path

import click

from fundsim.cli.common import APPLY, SCENARIO


@click.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@APPLY
@click.option(
    "--solve",
    default="premium",
    show_default=True,
    help="premium, allowance, loss_share, return_share, deductible, cap, pay, bands[1].pay, or a path.",
)
@click.option(
    "--target",
    metavar="TARGET",
    help='"E[insurer_result] = 0", "P(insurer_result<0) <= 5%", "TVaR95(loss) <= 3% of premium" and the like.',
)
@click.option("--between", nargs=2, metavar="LOW HIGH", help="Where to look, as values stand in a file.")
@click.option("--step", help='Smallest difference looked for: "0.1 yuan"; a fen per head, 10 yuan or 0.01%.')
@click.option("--principles", is_flag=True, help="Quote the scheme by every premium principle instead (保费原则).")
@click.option(
    "--loading", nargs=2, multiple=True, metavar="PRINCIPLE X", help="With --principles: a parameter; repeatable."
)
@click.option("-n", "replications", type=click.IntRange(min=100), help="Replications, instead of the scenario's own.")
@click.option("--years", type=click.IntRange(min=1), help="Years of the contract, instead of the scenario's own.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scenario's own.")
@click.option("--check", is_flag=True, help="Simulate afresh with another seed, and say whether the target holds.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
def price(
    file: Path,
    changes: tuple[Path, ...],
    solve: str,
    target: str | None,
    between: tuple[str, str] | None,
    step: str | None,
    principles: bool,
    loading: tuple[tuple[str, str], ...],
    replications: int | None,
    years: int | None,
    seed: int | None,
    check: bool,
    as_json: bool,
    workers: int | None,
) -> None:
    """Solve for a premium, a share or a benefit so that a target holds (定价求解).

    The claims do not depend on the contract: they are settled through it again, never drawn again. Given is the
    smallest value above which the target holds throughout the bracket (the largest below which it does, where that is
    the side), its sampling error, the error from what is uncertain apart, and other roots.
    """
    from fundsim.report.price import price_scenario, principles_of
    from fundsim.scenario import load

    if principles and target is not None:
        raise click.UsageError("--principles quotes the scheme as it is; leave --target out")
    if not principles and (target is None or loading):
        raise click.UsageError("give --target, or --principles with its --loading")
    scenario = load(file, changes)
    if principles:
        printed = principles_of(
            scenario, _loadings(loading), n=replications, seed=seed, years=years, workers=workers, as_json=as_json
        )
    else:
        assert target is not None
        printed = price_scenario(
            scenario, solve, target, between=between, step=step, n=replications, seed=seed, years=years,
            workers=workers, check=check, as_json=as_json,
        )  # fmt: skip
    click.echo(printed, nl=False)


def _loadings(stated: tuple[tuple[str, str], ...]) -> dict[str, float]:
    try:
        return {name: float(text) for name, text in stated}
    except ValueError as error:
        raise click.UsageError(f"--loading takes a principle and a number ({error})") from None
