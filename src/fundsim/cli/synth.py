"""``fundsim synth``: Write synthetic settlement records drawn from a scheme's claims model (生成模拟结算记录)."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from fundsim.cli.common import SCENARIO


@click.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@click.option("--persons", type=click.IntRange(min=1), required=True, help="Persons insured in the first year.")
@click.option("--years", type=click.IntRange(min=1, max=20), default=3, show_default=True, help="Years of records.")
@click.option("--first", type=click.IntRange(1990, 2100), help="The first year; by default the last is the scheme's.")
@click.option("--counties", type=click.IntRange(1, 999), default=12, show_default=True, help="Counties they live in.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The records, CSV; enrolment and manifest beside."
)
@click.option(
    "--faults",
    default="",
    metavar="KIND=RATE,...",
    help="Faults put in, such as duplicates=0.5%,reversals=1%,missing=0.3%; the manifest counts each (注入的数据缺陷).",
)
@click.option(
    "--extracted",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day the records are taken out; what is settled later is not among them (数据提取日).",
)
@click.option("--encoding", type=click.Choice(["utf-8", "utf-8-sig", "gb18030"]), default="utf-8", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scheme's own.")
def synth(
    file: Path,
    persons: int,
    years: int,
    first: int | None,
    counties: int,
    out: Path,
    faults: str,
    extracted: datetime.datetime | None,
    encoding: str,
    seed: int | None,
) -> None:
    """Write synthetic settlement records drawn from a scheme's claims model (生成模拟结算记录).

    Every bill is settled through the scheme's payers. The columns have the names of the national interface; the care
    levels stand in hosp_lv, the groups in psn_idet_type, the counties in insu_admdvs. Beside OUT.csv are written
    OUT-enrolment.csv and OUT-manifest.json, which counts every fault that was put in.
    """
    from fundsim.records.synthesis import SynthesisPlan, synthesise
    from fundsim.scenario import load

    plan = SynthesisPlan.parse(
        persons=persons,
        years=years,
        first=first,
        counties=counties,
        faults=faults,
        extracted=None if extracted is None else extracted.date(),
        encoding=encoding,
        seed=seed,
    )
    for path in synthesise(load(file), plan, out):
        click.echo(f"wrote {path}", err=True)
