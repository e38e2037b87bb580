"""How the figures of a tender or a comparison are made again (复现): by the command, or in Python."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from fundsim.comparison import Comparison
from fundsim.comparison.names import WORDS, differing
from fundsim.report.document.model import Column, Origin, Table
from fundsim.report.document.words import Words, same
from fundsim.runs import versions
from fundsim.scenario import Scenario
from fundsim.scenario.nodes import inline
from fundsim.scenario.problems import dotted
from fundsim.tendering.result import TenderResult

LONGEST = 200
"""Characters at most of a changed value that is written out."""


def origin_of_tender(found: TenderResult) -> Origin:
    """Where the figures of a tender come from."""
    asked = found.tender
    return Origin(
        scenario=asked.terms.id,
        fingerprint=asked.scheme.fingerprint,
        seed=found.seed,
        replications=found.replications,
        made="",
        command=f"fundsim tender {' '.join(asked.files)} -n {found.replications} --seed {found.seed}",
        versions=versions(),
    )


def origin_of_comparison(found: Comparison) -> Origin:
    """Where the figures of a comparison come from."""
    return Origin(
        scenario=found.scenario.label,
        fingerprint=found.scenario.fingerprint,
        seed=found.seed,
        replications=found.replications,
        made="",
        command=_command(found),
        versions=versions(),
    )


def _command(found: Comparison) -> str:
    """The command where files hold every design; else a line of Python."""
    scenarios = [row.scenario for row in found.rows]
    files = _files(scenarios)
    if files is None:
        return _python(found, scenarios)
    return f"fundsim compare {files} -n {found.replications} --years {found.years} --seed {found.seed}"


def _files(scenarios: Sequence[Scenario]) -> str | None:
    """The files of a command that compares these schemes; None where one of them stands in no file."""
    paths = list(dict.fromkeys(each.path for each in scenarios))
    if None in paths:
        return None
    names = [Path(str(path)).name for path in paths]
    told = [(each.path, each.design) for each in scenarios]
    if len(set(told)) < len(told):  # a scheme that was changed in Python has the path of the one it was made of
        return None
    designs = {path: [design for of, design in told if of == path and design] for path in paths}
    if not any(designs.values()):
        return " ".join(names)
    whole = all(each.design or len(designs[each.path]) == len(each.designs) for each in scenarios)
    return f"{' '.join(names)}{' --designs' if len(names) > 1 else ''}" if whole else None


def _python(found: Comparison, scenarios: Sequence[Scenario]) -> str:
    base, *others = scenarios
    made = "".join(f", {_made(base, each)}" for each in others)
    name = Path(base.path).name if base.path else f"{base.id}.yaml"
    return (
        f"import fundsim as fs; base = fs.load({_quoted(name)}); "
        f"fs.compare([base{made}], n={found.replications}, seed={found.seed}, years={found.years})"
    )


def _made(base: Scenario, other: Scenario) -> str:
    """A design as Python makes it: read from its own file, or the base with other values."""
    if other.path != base.path and other.path:
        return f"fs.load({_quoted(Path(other.path).name)})"
    changes = {
        dotted(way): "none" if node is None else inline(node, LONGEST)
        for way, node in differing(base.root.without(*WORDS), other.root.without(*WORDS))
    }
    return f"base.replace({json.dumps(changes, ensure_ascii=False)})"


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def origin_table(origin: Origin) -> Table:
    """Seed, fingerprint, command and versions as a table."""
    columns = (Column(Words("项目", "item"), numeric=False), Column(Words("内容", "content"), numeric=False))
    made_in = (
        Words("复现代码（Python）", "Python") if origin.command.startswith("import ") else Words("复现命令", "command")
    )
    rows = (
        (Words("方案", "scheme"), same(origin.scenario)),
        (Words("方案指纹", "fingerprint"), same(origin.fingerprint)),
        (Words("随机种子", "seed"), same(str(origin.seed))),
        (Words("模拟次数", "replications"), same(f"{origin.replications:,}")),
        (made_in, same(origin.command)),
        *((Words(f"版本：{name}", f"version of {name}"), same(text)) for name, text in origin.versions.items()),
    )
    return Table("origin", Words("复现信息", "How to make these figures again"), columns, rows)
