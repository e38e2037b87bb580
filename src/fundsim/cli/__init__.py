"""The command line: arguments in, paths out, no arithmetic. Each command's work is done in the room it belongs to.

One file per command; a command is added by its file, which holds a ``click`` command of the same name, and its line in
``COMMANDS``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from fundsim.cli.common import BAD_INPUT, INTERRUPTED, USERS_ERRORS

COMMANDS: Final = (
    "check", "show", "schema", "init", "settle", "account", "run", "exact", "compare", "sweep", "price", "tender",
    "risk", "tornado", "frontier", "calibrate", "synth", "report",
)  # fmt: skip
"""Every command, in the order of the help."""
LONGEST: Final = 400
"""Letters of a command's first sentence; click would cut it off where the line ends."""
WIDEST: Final = 120
"""Columns of the help at most, where the terminal has them."""


class _Group(click.Group):
    """Loads a command when it is asked for; tells problems of the user's files in plain words, without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"fundsim.cli.{module}"), module)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command with the whole first sentence of its help, over several lines where it is long."""
        found = {name: self.get_command(ctx, name) for name in COMMANDS}
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(LONGEST)) for name, each in found.items() if each])

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


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.version_option(package_name="fundsim", message="%(package)s %(version)s")
def main() -> None:
    """Funding simulator for China's critical illness insurance for residents (城乡居民大病保险)."""
