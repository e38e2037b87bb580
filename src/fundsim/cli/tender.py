"""``fundsim tender``: Evaluate the bids of a tender on the same people (招标评标测算)."""

from __future__ import annotations

from pathlib import Path

import click

from fundsim.cli.common import SCENARIO


@click.command()
@click.argument("file", metavar="TENDER.yaml", type=SCENARIO)
@click.argument("bids", metavar="[BID.yaml]...", type=SCENARIO, nargs=-1)
@click.option("-n", "replications", type=click.IntRange(min=100), help="Replications, instead of the scheme's own.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scheme's own.")
@click.option("--json", "as_json", is_flag=True, help="Print the evaluation as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
def tender(
    file: Path,
    bids: tuple[Path, ...],
    replications: int | None,
    seed: int | None,
    as_json: bool,
    workers: int | None,
) -> None:
    """Evaluate the bids of a tender on the same people (招标评标测算).

    For each bid: its score, the insurer's result and P(loss), capital at risk, the fund and the patients, and the
    lowest price at which its bidder breaks even. Two bids differ materially only beyond the tender's threshold.
    """
    from fundsim.report.tender import tender_of

    click.echo(tender_of(file, bids, n=replications, seed=seed, workers=workers, as_json=as_json), nl=False)
