"""``fundsim report``: Write the report of a run, a scheme, a tender, or of several compared (出具测算报告)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from fundsim.comparison import Comparison
    from fundsim.report.sensitivities import Sensitivity
    from fundsim.results import Results
    from fundsim.tendering import TenderResult

FORMATS = ("html", "pdf", "xlsx", "docx")
LANGUAGES = ("zh", "en")


def _listed(_: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Names separated by commas, each of them known."""
    known = LANGUAGES if parameter.name == "lang" else FORMATS
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        wrong = f"'{unknown[0]}' is not one of them" if unknown else "nothing is named"
        raise click.BadParameter(f"{wrong}; name one or several of {', '.join(known)}, separated by commas")
    return names


@click.command()
@click.argument(
    "sources", metavar="RUN|FILE|TENDER [...]", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True)
)
@click.option("--lang", default="zh,en", show_default=True, callback=_listed, help="Languages, separated by commas.")
@click.option("--to", default="html,pdf", show_default=True, callback=_listed, help="Any of html, pdf, xlsx, docx.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Folder to write to."
)
@click.option("-n", "n", type=click.IntRange(min=2), help="Replications of what is simulated now.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of what is simulated now.")
@click.option(
    "--sensitivity",
    is_flag=True,
    help="Measure other deductibles and each uncertain input, or the standard stress tests where a scheme states none; "
    "200 replications each.",
)
def report(
    sources: tuple[Path, ...],
    lang: tuple[str, ...],
    to: tuple[str, ...],
    out: Path,
    n: int | None,
    seed: int | None,
    *,
    sensitivity: bool,
) -> None:
    """Write the report of a run, a scheme or a tender, or of several runs or schemes compared (出具测算报告).

    RUN is the folder of a finished run; of a scheme FILE, the run is made now; the
    bids of a TENDER are evaluated now. Several RUNs or FILEs are compared with the
    first of them. All formats hold the same numbers, and the same run gives the
    same bytes.
    """
    from fundsim.report.publish import report as write

    found, measured = _found(sources, n, seed, sensitivity=sensitivity)
    for path in write(found, out, lang, to, sensitivity=measured):
        click.echo(str(path))


def _found(
    sources: tuple[Path, ...], n: int | None, seed: int | None, *, sensitivity: bool
) -> tuple[tuple[Results, ...] | Comparison | TenderResult, tuple[Sensitivity, ...]]:
    """What is reported on, and the sensitivities of a single scheme where they are asked for."""
    from fundsim.report.publish import comparison_at, is_tender, results_at
    from fundsim.report.sensitivities import sensitivities

    tender = len(sources) == 1 and is_tender(sources[0])
    if sensitivity and (tender or len(sources) > 1):
        of = "a tender" if tender else "a comparison"
        raise click.BadParameter(
            f"belongs to the report of one scheme; leave it out for {of}", param_hint="--sensitivity"
        )
    if tender:
        from fundsim.tendering import tender as evaluate

        return evaluate(sources[0], n=n, seed=seed, progress=True), ()
    if len(sources) > 1:
        return comparison_at(sources, n, seed), ()
    found = results_at(sources[0], n, seed)
    base = found[0]
    asked = sensitivities(base.scenario, seed=base.seed, years=base.n_years, progress=True) if sensitivity else ()
    return found, tuple(asked)
