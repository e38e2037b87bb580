"""The file that a new scheme starts from."""

from __future__ import annotations

from pathlib import Path

from fundsim.scenario.problems import Problem, ScenarioError

TEMPLATE = Path(__file__).with_name("template.yaml")


def write_template(path: Path) -> None:
    """Write a commented scheme to a new file.

    Raises:
        ScenarioError: there is such a file already, or it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        why, instead = "there is such a file already, and it stays as it is", "name a new file"
    except OSError as error:
        why, instead = f"the file cannot be written: {error.strerror}", "name a file in a folder that you may write to"
    else:
        return
    raise ScenarioError([Problem(str(path), 0, 0, "", why, instead)])
