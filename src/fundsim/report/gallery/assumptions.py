"""What is assumed (假设): of one scheme, and of the claims models that several schemes use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from fundsim.report.gallery.exhibits import Exhibit
from fundsim.report.gallery.markdown import folded, md, table
from fundsim.scenario.wrappers import Assumption

MODELS: Final = "claims"
"""Folder of the claims models that schemes share, beside the schemes."""


def assumptions_of(exhibit: Exhibit, base: Exhibit | None) -> str:
    """What is assumed, with its reason, folded away; what others say too is referred to."""
    listed = [each for each in exhibit.scenario.assumptions if _model_of(each) is None]
    known = {_said_of(each) for each in base.scenario.assumptions} if base else set()
    own = [each for each in listed if _said_of(each) not in known]
    models = Counter(filter(None, map(_model_of, exhibit.scenario.assumptions)))
    parts = []
    if own:
        summary = f"{len(own)} values that the public text does not give 原文未载明的{len(own)}项"
        parts.append(folded(summary, _assumption_table(own)))
    if base is not None and len(own) < len(listed):
        parts.append(f"{len(listed) - len(own)} more as in [{base.id}](#{base.id}).")
    parts += [f"{count} more in the claims model [{name}](#{name})." for name, count in models.items()]
    return "\n\n".join(parts)


def _said_of(assumption: Assumption) -> tuple[str, str, str]:
    """What makes two assumptions of different schemes the same."""
    return assumption.path, assumption.text, assumption.why


def _model_of(assumption: Assumption) -> str | None:
    """The file of a claims model that several schemes use, where the assumption is made in such a file."""
    file = Path(assumption.mark.rpartition(":")[0])
    return file.stem if file.parent.name == MODELS and assumption.path.startswith("claims.") else None


def _assumption_table(assumptions: Iterable[Assumption]) -> str:
    rows = ((f"`{each.path}`", md(each.text), md(each.why), md(each.source or "")) for each in assumptions)
    return table(("value 项目", "assumed 取值", "why 理由", "source 依据"), rows)


def shared_models(exhibits: Sequence[Exhibit]) -> Iterator[str]:
    """The claims models that schemes share: who uses them, and what they assume."""
    users: dict[str, dict[str, None]] = {}
    assumed: dict[str, dict[tuple[str, str, str], Assumption]] = {}
    for exhibit in exhibits:
        for each in exhibit.scenario.assumptions:
            name = _model_of(each)
            if name is not None:
                users.setdefault(name, {})[exhibit.id] = None
                assumed.setdefault(name, {})[_said_of(each)] = each
    for name in sorted(users):
        by = ", ".join(f"[{user}](#{user})" for user in users[name])
        file = f"scenarios/{MODELS}/{name}.yaml"
        head = f'<a id="{name}"></a>\n\n## Claims model 费用模型 {name}'
        yield "\n\n".join([head, f"[`{file}`](../{file}), used by {by}.", _assumption_table(assumed[name].values())])
