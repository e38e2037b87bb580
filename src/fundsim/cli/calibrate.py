"""``fundsim calibrate``: a claims model fitted to records, to a grouped table, or to published figures (校准)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Literal

import click

from fundsim.cli.common import DONE, FAILED


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
@click.argument("records", metavar="[RECORDS]", required=False, type=click.Path(path_type=Path))
@click.option("--map", "columns", type=click.Path(path_type=Path), help="Which column is which (列名对照), YAML.")
@click.option("--enrolment", type=click.Path(path_type=Path), help="Persons insured by year, county and group, CSV.")
@click.option("--years", type=_Years(), help="The years that are wanted, such as 2011-2013; all by default.")
@click.option(
    "--grouped",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A table of bands, persons, amounts and years, instead of records (分组表).",
)
@click.option(
    "--targets",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Published figures to be reproduced, instead of records (公布数据).",
)
@click.option("--out", type=click.Path(path_type=Path), help="The claims model that is written.")
@click.option("--quality", is_flag=True, help="Tell the quality of the records, and fit nothing (只查数据质量).")
@click.option(
    "--backtest",
    type=_Years(),
    help="Fit on the other years, predict these and set them beside what happened (回溯检验); nothing is written.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of samples.")
@click.option("--allow-small-cells", is_flag=True, help="Show cells of fewer than five persons, too.")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the tables."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def calibrate(
    records: Path | None,
    columns: Path | None,
    enrolment: Path | None,
    years: tuple[int, int] | None,
    grouped: Path | None,
    targets: Path | None,
    out: Path | None,
    quality: bool,
    backtest: tuple[int, int] | None,
    seed: int,
    allow_small_cells: bool,
    lang: Literal["zh", "en"],
    as_json: bool,
) -> None:
    """Fit a claims model to settlement records (校准医疗费用模型), to a grouped table, or to published figures.

    RECORDS is CSV (UTF-8 or GB18030) or Parquet, a row for each settlement, in the column names of the national
    interface, or in others that --map explains. What is left out of it, and why, is told first (数据质量报告).

    With --targets the parameters that a file of published figures names are fitted under the benefit rules that it
    names; nothing is written where the fitted model does not reproduce every figure within what was published.
    """
    from fundsim.records.privacy import ALLOW, SUPPRESS

    _one_source(records, grouped, targets)
    _one_answer(out, quality=quality, backtest=backtest, of_records=records is not None)
    if records is None and (columns, enrolment, years) != (None, None, None):
        raise click.UsageError("--map, --enrolment and --years concern records")
    small = ALLOW if allow_small_cells else SUPPRESS
    if targets is not None:
        sys.exit(_to_targets(targets, _given(out), seed, lang, as_json=as_json))
    if grouped is not None:
        sys.exit(_to_bands(grouped, _given(out), small, lang, as_json=as_json))
    assert records is not None
    from fundsim.records import read_records

    read = read_records(records, columns=columns, enrolment=enrolment, years=years)
    answer: dict[str, Any] = {"quality": read.quality.to_dict(small)}
    if not as_json:
        click.echo(read.quality.text(lang, small))
    if not quality:
        answer |= _to_records(read, out, backtest, seed, small, lang, as_json=as_json)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    sys.exit(DONE)


def _one_source(records: Path | None, grouped: Path | None, targets: Path | None) -> None:
    given = [each for each in (records, grouped, targets) if each is not None]
    if len(given) != 1:
        raise click.UsageError("give one of RECORDS, --grouped FILE and --targets FILE")


def _one_answer(out: Path | None, *, quality: bool, backtest: tuple[int, int] | None, of_records: bool) -> None:
    asked = (out is not None) + quality + (backtest is not None)
    if asked != 1:
        raise click.UsageError("say where the model goes with --out, or ask for --quality or --backtest alone")
    if not of_records and out is None:
        raise click.UsageError("--quality and --backtest concern records; say where the model goes with --out")


def _given(out: Path | None) -> Path:
    assert out is not None
    return out


def _to_records(
    read: Any,
    out: Path | None,
    backtest: tuple[int, int] | None,
    seed: int,
    small: Any,
    lang: Literal["en", "zh"],
    *,
    as_json: bool,
) -> dict[str, Any]:
    """Fit to records, or test a fit on held years; print it, write the model; what JSON says of it."""
    if backtest is not None:
        from fundsim.calibration.backtest import backtest as test_back

        tested = test_back(read, range(backtest[0], backtest[1] + 1))
        if not as_json:
            click.echo(f"\n{tested.text(lang)}")
        return {"backtest": tested.to_dict()}
    from fundsim.calibration import Choices
    from fundsim.calibration import calibrate as fit

    fitted = fit(read, small=small, choices=Choices(seed=seed))
    if not as_json:
        click.echo(f"\n{fitted.text(lang)}")
    click.echo(f"wrote {fitted.write(_given(out))}", err=True)
    return {"calibration": fitted.to_dict()}


def _to_bands(grouped: Path, out: Path, small: Any, lang: Literal["en", "zh"], *, as_json: bool) -> int:
    """Fit to a grouped table, print the fit, write the model; the exit code."""
    from fundsim.calibration import calibrate_grouped

    fitted = calibrate_grouped(grouped, small=small)
    click.echo(json.dumps(fitted.to_dict(), ensure_ascii=False, indent=1) if as_json else fitted.text(lang))
    click.echo(f"wrote {fitted.write(out)}", err=True)
    return DONE


def _to_targets(targets: Path, out: Path, seed: int, lang: str, *, as_json: bool) -> int:
    """Fit to published figures, print the fit, write the model; the exit code."""
    from fundsim.calibration.targets import calibrate_to

    fitted = calibrate_to(targets, seed=seed)
    click.echo(json.dumps(fitted.to_dict(), ensure_ascii=False, indent=1) if as_json else fitted.text(lang))
    if not fitted.holds:
        off = ", ".join(each.name for each in fitted.targets if not each.holds)
        click.echo(f"not reproduced within what was published: {off}; {out} is not written", err=True)
        return FAILED
    click.echo(f"wrote {fitted.write(out)}", err=True)
    return DONE
