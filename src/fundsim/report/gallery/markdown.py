"""Markdown: texts that are shown as they are, tables, and what is folded away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from fundsim.scenario.nodes import Node, inline

_SPECIAL: Final = re.compile(r"([\\`*_<>|~\[\]$#])")


def md(text: str) -> str:
    """``text`` so that Markdown shows it as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(node: Node | None) -> str:
    """A value as a file states it."""
    return "–" if node is None else f"`{inline(node, limit=200)}`"


def lines(texts: Iterable[str], mark: str = "") -> str:
    """Texts below one another in a cell."""
    return "<br>".join(f"{text}{mark}" for text in texts) or "–"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def folded(summary: str, text: str) -> str:
    """``text`` behind a line that opens it."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
