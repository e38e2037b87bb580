"""The command line: arguments in, paths out, no arithmetic. Each command's work is done in the room it belongs to."""

from __future__ import annotations

import sys
from pathlib import Path

import click

DONE, FAILED, BAD_INPUT, IMPRECISE, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: done; failed while running; wrong usage or a bad file; short of the asked precision; interrupted."""

SCENARIO = click.Path(path_type=Path)


class _Group(click.Group):
    """Tells problems of the user's files in plain words, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except ValueError as error:
            from fundsim.scenario.problems import ScenarioError

            if not isinstance(error, ScenarioError):
                raise
            click.echo(str(error), err=True)
            ctx.exit(BAD_INPUT)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fundsim", message="%(package)s %(version)s")
def main() -> None:
    """Funding simulator for China's critical illness insurance for residents (城乡居民大病保险)."""


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=SCENARIO)
def check(files: tuple[Path, ...]) -> None:
    """Check scenario files, and settle their examples (检查方案).

    Every problem of every file is told with its place. Exit code 2 if there is any.
    """
    from fundsim.scenario import ScenarioError
    from fundsim.scenario.checking import check_file

    found = False
    for file in files:
        try:
            click.echo(f"{file}: ok ({check_file(file)})")
        except ScenarioError as error:
            found = True
            click.echo(str(error), err=True)
    sys.exit(BAD_INPUT if found else DONE)


@main.command()
@click.argument("file", metavar="FILE", type=SCENARIO)
def show(file: Path) -> None:
    """Print a scheme as it is understood: the compiled table, its contract and assumptions (查看方案)."""
    from fundsim.scenario import load
    from fundsim.scenario.show import to_text

    click.echo(to_text(load(file)), nl=False)


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
