"""``fundsim report``: Write the measurement report of a run or a scheme (出具测算报告)."""

from __future__ import annotations

from pathlib import Path

import click

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
@click.argument("source", metavar="RUN|FILE|TENDER", type=click.Path(path_type=Path, exists=True))
@click.option("--lang", default="zh,en", show_default=True, callback=_listed, help="Languages, separated by commas.")
@click.option("--to", default="html,pdf", show_default=True, callback=_listed, help="Any of html, pdf, xlsx, docx.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Folder to write to."
)
@click.option(
    "--sensitivity",
    is_flag=True,
    help="Measure other deductibles and each uncertain input, or the standard stress tests where a scheme states none; "
    "200 replications each.",
)
def report(source: Path, lang: tuple[str, ...], to: tuple[str, ...], out: Path, *, sensitivity: bool) -> None:
    """Write the measurement report of a run, a scheme or a tender (出具测算报告).

    RUN is the folder of a finished run; of a scheme FILE, the run is made now; the
    bids of a TENDER are evaluated now. All formats hold the same numbers, and
    the same run gives the same bytes.
    """
    from fundsim.report.publish import is_tender, results_at
    from fundsim.report.publish import report as write
    from fundsim.report.sensitivities import sensitivities

    if is_tender(source):
        from fundsim.tendering import tender

        if sensitivity:
            raise click.BadParameter(
                "belongs to the report of a scheme; leave it out for a tender", param_hint="--sensitivity"
            )
        for path in write(tender(source, progress=True), out, lang, to):
            click.echo(str(path))
        return
    found = results_at(source)
    base = found[0]
    measured = sensitivities(base.scenario, seed=base.seed, years=base.n_years, progress=True) if sensitivity else ()
    for path in write(found, out, lang, to, sensitivity=measured):
        click.echo(str(path))
