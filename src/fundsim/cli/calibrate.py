"""``fundsim calibrate``: Fit a claims model (校准医疗费用模型)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Literal

import click

from fundsim.cli.common import DONE


class _Years(click.ParamType[tuple[int, int]]):
    """A year, or the first and the last with a dash between."""

    name = "years"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{4})(?:[-–](\d{4}))?", str(value))
        if match is None or int(match[1]) > int(match[2] or match[1]):
            self.fail(f"'{value}' is not a span of years; write 2011-2013", param, ctx)
        return int(match[1]), int(match[2] or match[1])


@click.command()
@click.argument("records", metavar="RECORDS", type=click.Path(path_type=Path))
@click.option("--map", "columns", type=click.Path(path_type=Path), help="Which column is which (列名对照), YAML.")
@click.option("--enrolment", type=click.Path(path_type=Path), help="Persons insured by year, county and group, CSV.")
@click.option("--years", type=_Years(), help="The years that are wanted, such as 2011-2013; all by default.")
@click.option("--out", type=click.Path(path_type=Path), help="The claims model that is written.")
@click.option("--quality", is_flag=True, help="Tell the quality of the records, and fit nothing (只查数据质量).")
@click.option("--allow-small-cells", is_flag=True, help="Show cells of fewer than five persons, too.")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the tables."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def calibrate(
    records: Path,
    columns: Path | None,
    enrolment: Path | None,
    years: tuple[int, int] | None,
    out: Path | None,
    quality: bool,
    allow_small_cells: bool,
    lang: Literal["zh", "en"],
    as_json: bool,
) -> None:
    """Fit a claims model to settlement records (校准医疗费用模型).

    RECORDS is CSV (UTF-8 or GB18030) or Parquet, a row for each settlement, in the column names of the national
    interface, or in others that --map explains. What is left out of it, and why, is told first (数据质量报告).
    """
    from fundsim.records import read_records
    from fundsim.records.privacy import ALLOW, SUPPRESS

    if (out is None) != quality:
        raise click.UsageError("say where the model goes with --out, or ask for --quality alone")
    small = ALLOW if allow_small_cells else SUPPRESS
    read = read_records(records, columns=columns, enrolment=enrolment, years=years)
    if not as_json:
        click.echo(read.quality.text(lang, small))
    answer = {"quality": read.quality.to_dict(small)}
    if out is not None:
        from fundsim.calibration import calibrate as fit

        fitted = fit(read, small=small)
        answer["calibration"] = fitted.to_dict()
        if not as_json:
            click.echo(f"\n{fitted.text(lang)}")
        click.echo(f"wrote {fitted.write(out)}", err=True)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    sys.exit(DONE)
