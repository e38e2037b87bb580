"""The command line: arguments in, paths out, no arithmetic. Each command's work is done in the room it belongs to."""

from __future__ import annotations

import sys
from pathlib import Path

import click

DONE, FAILED, BAD_INPUT, IMPRECISE, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: done; failed while running; wrong usage or a bad file; short of the asked precision; interrupted."""

SCENARIO = click.Path(path_type=Path)
APPLY = click.option(
    "--apply",
    "changes",
    multiple=True,
    metavar="CHANGE.yaml",
    type=SCENARIO,
    help="A change file to be laid over it, without its designs; repeatable.",
)

USERS_ERRORS = (
    "ScenarioError",
    "BillsError",
    "ContractError",
    "UnitError",
    "RunFolderError",
    "FrequencyError",
    "GuidelineError",
    "TargetError",
)
"""Errors that speak of the user's input, by name: their modules are loaded only by the commands that need them."""


class _Group(click.Group):
    """Tells problems of the user's files in plain words, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted; a run goes on where it was when the same command is given again", err=True)
            ctx.exit(INTERRUPTED)
        except Exception as error:
            if type(error).__name__ not in USERS_ERRORS:
                raise
            click.echo(str(error), err=True)
            ctx.exit(BAD_INPUT)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fundsim", message="%(package)s %(version)s")
def main() -> None:
    """Funding simulator for China's critical illness insurance for residents (城乡居民大病保险)."""


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=SCENARIO)
@APPLY
@click.option("--against", metavar="GUIDELINE", help="Test the schemes against a guideline, such as national-2012.")
@click.option(
    "-n", "replications", type=click.IntRange(min=1), help="With --against: replications of what is simulated."
)
@click.option("--json", "as_json", is_flag=True, help="With --against: print the findings as JSON.")
def check(
    files: tuple[Path, ...],
    changes: tuple[Path, ...],
    against: str | None,
    replications: int | None,
    as_json: bool,
) -> None:
    """Check scenario files, and settle their examples (检查方案).

    A change file is checked by itself, and with --apply over each FILE. Every problem of every file is told with its
    place. Exit code 2 if there is any.

    With --against, each rule of the guideline is tested too, its article quoted (对照上级文件). Exit code 0 if all
    rules that apply are met; 2 if a scheme fails one, or cannot be judged by one.
    """
    from fundsim.scenario import ScenarioError, load
    from fundsim.scenario.checking import check_file

    if against is None and (replications is not None or as_json):
        raise click.UsageError("-n and --json say how a guideline is tested; add --against GUIDELINE")
    schemes, done = [], True
    for file in files:
        try:
            said = check_file(file, changes)
            schemes += [] if against is None else [(file, load(file, changes))]
            click.echo(f"{file}: ok ({said})", err=as_json)
        except ScenarioError as error:
            done = False
            click.echo(str(error), err=True)
    if against is not None:
        from fundsim.report.judgement import judge_schemes

        printed, met = judge_schemes(schemes, against, replications, as_json=as_json)
        click.echo(printed, nl=bool(printed))
        done = done and met
    sys.exit(DONE if done else BAD_INPUT)


@main.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@APPLY
def show(file: Path, changes: tuple[Path, ...]) -> None:
    """Print a scheme as it is understood: the compiled table, its contract and assumptions (查看方案)."""
    from fundsim.scenario import load
    from fundsim.scenario.show import to_text

    click.echo(to_text(load(file, changes)), nl=False)


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors (方案文件的结构)."""
    from fundsim.scenario.schema import schema_text

    click.echo(schema_text(), nl=False)


@main.command()
@click.argument("file", metavar="[FILE]", default="my-scheme.yaml", type=SCENARIO)
def init(file: Path) -> None:
    """Write a commented scheme to start from, my-scheme.yaml by default (新建方案)."""
    from fundsim.scenario.template import write_template

    write_template(file)
    click.echo(str(file))


@main.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@click.argument("bills", metavar="BILLS.csv", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The statement to write, bill by bill.")
@click.option("--given", multiple=True, metavar="PAYER", help="A payer whose payments the bills state; repeatable.")
@click.option("--explain", metavar="PERSON", help="Print how this person's bills are settled, step by step.")
@click.option("--json", "as_json", is_flag=True, help="Print totals, or the explanation, as JSON.")
def settle(
    file: Path, bills: Path, out: Path | None, given: tuple[str, ...], explain: str | None, as_json: bool
) -> None:
    """Settle the bills of a CSV file under a scheme (结算账单)."""
    from fundsim.scenario import load
    from fundsim.statements import settle_file

    printed = settle_file(load(file), bills, out=out, given=given, person=explain, as_json=as_json)
    if printed:
        click.echo(printed)
    if out is not None:
        click.echo(f"wrote {out}", err=True)


@main.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@click.option("--premium", metavar="YUAN", required=True, help="Earned premium of the year.")
@click.option("--claims", metavar="YUAN", required=True, help="Claims incurred in the year.")
@click.option("--expense", metavar="YUAN", help="The insurer's real running cost, instead of the scenario's own.")
@click.option("--policy-share", metavar="X", help="Share of a loss that counts as policy-caused, such as 30%.")
@click.option("--carried", metavar="YUAN", help="Balance brought forward; a deficit with a minus sign.")
@click.option("--score", metavar="X", help="Score of the year's assessment, 0 to 100 (考核得分).")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def account(file: Path, as_json: bool, **facts: str | None) -> None:
    """Settle one contract year from its actual totals (合同年度结算)."""
    from fundsim.report import accounts
    from fundsim.scenario import load

    scenario = load(file)
    figures = accounts.settle_account(scenario, **facts)  # type: ignore[arg-type]
    click.echo(accounts.as_json(figures) if as_json else accounts.as_text(scenario, figures), nl=as_json)


@main.command()
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


@main.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
@APPLY
@click.option(
    "-n", "replications", type=click.IntRange(min=50), help="Replications of a sample, instead of the scenario's own."
)
@click.option("--years", type=click.IntRange(min=1), help="Years of the contract, instead of the scenario's own.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scenario's own.")
@click.option("--figure", type=click.Path(path_type=Path), metavar="PNG", help="Draw the shares as bars, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the shares as JSON.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all processors by default.")
def risk(
    file: Path,
    changes: tuple[Path, ...],
    replications: int | None,
    years: int | None,
    seed: int | None,
    figure: Path | None,
    as_json: bool,
    workers: int | None,
) -> None:
    """Tell where the risk comes from: shares of variance of inputs, events and patients' luck (风险来源分解).

    With k sources of risk, about k + 3 times the replications of a sample are settled.
    """
    from fundsim.report.risk import risk_scenario
    from fundsim.scenario import load

    printed = risk_scenario(
        load(file, changes), replications, seed, years=years, workers=workers, as_json=as_json, figure=figure
    )
    click.echo(printed, nl=as_json)
    if figure is not None:
        click.echo(f"wrote {figure}", err=True)


if __name__ == "__main__":
    main()
