"""The schemes of a gallery: each with its file as it was written, and the curves that its chart shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fundsim.report.gallery.curves import BenefitCurve, benefit_curves
from fundsim.scenario import Scenario, load
from fundsim.scenario.nodes import Block, Scalar
from fundsim.scenario.problems import Problems
from fundsim.scenario.reader import read_source, read_tree
from fundsim.scenario.wrappers import unwrap

FIRST_CHINESE: Final = 0x2E80
"""Code point from which on a character may be Chinese."""


@dataclass(frozen=True)
class Exhibit:
    """One scheme of the gallery."""

    scenario: Scenario
    written: Block
    """Its file as it was written, before the scheme it extends was laid beneath."""
    curves: tuple[BenefitCurve, ...]
    chart: str
    """The scheme whose chart shows these curves: its own, or the one that it extends and pays like."""

    @property
    def id(self) -> str:
        return self.scenario.id

    @property
    def label(self) -> str:
        """Id and English title, for charts, whose font has no Chinese."""
        title = (self.scenario.terms.title or {}).get("en", "")
        return f"{self.id}   {title}".rstrip() if max(map(ord, title), default=0) < FIRST_CHINESE else self.id

    @property
    def base(self) -> str | None:
        """The scheme that this one extends."""
        named = self.written.get("extends")
        return Path(named.text).stem if isinstance(named, Scalar) else None


def read_exhibits(folder: Path) -> tuple[Exhibit, ...]:
    """Load every scheme of a folder, by id.

    Raises:
        ScenarioError: a scheme with problems.
    """
    found: dict[str, Exhibit] = {}
    for path in sorted(folder.glob("*.yaml"), key=lambda path: path.stem):
        scenario = load(path)
        found[path.stem] = Exhibit(scenario, _as_written(path), benefit_curves(scenario), path.stem)
    return tuple(Exhibit(each.scenario, each.written, each.curves, _chart(each, found)) for each in found.values())


def _as_written(path: Path) -> Block:
    source, text = read_source(path)
    problems = Problems(source)
    tree = read_tree(text, source, problems)
    assert tree is not None
    root = unwrap(tree, problems)
    assert isinstance(root, Block)
    return root


def _chart(exhibit: Exhibit, found: Mapping[str, Exhibit]) -> str:
    base = found.get(exhibit.base or "")
    return _chart(base, found) if base is not None and base.curves == exhibit.curves else exhibit.id
