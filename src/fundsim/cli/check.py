"""``fundsim check``: Check scenario files, and settle their examples (检查方案)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fundsim.cli.common import APPLY, BAD_INPUT, DONE, SCENARIO


@click.command()
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
