"""``fundsim calibrate``: Fit a claims model (校准医疗费用模型)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from fundsim.cli.common import DONE, FAILED


@click.command()
@click.option(
    "--targets",
    metavar="FILE",
    type=click.Path(path_type=Path),
    required=True,
    help="Published figures to be reproduced, instead of records (公布数据).",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The claims model that is written.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the sample of persons.")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the tables."
)
@click.option("--json", "as_json", is_flag=True, help="Print the fit as JSON.")
def calibrate(targets: Path, out: Path, seed: int, lang: str, as_json: bool) -> None:
    """Fit a claims model (校准医疗费用模型).

    With --targets the parameters that a file of published figures names are fitted under the benefit rules that it
    names; nothing is written where the fitted model does not reproduce every figure within what was published.
    """
    sys.exit(_to_targets(targets, out, seed, lang, as_json=as_json))


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
