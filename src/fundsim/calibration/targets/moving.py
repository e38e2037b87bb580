"""Putting values of the parameters into the claims model's text; what is part of a whole takes from the other parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fundsim import units
from fundsim.calibration.targets.scales import Scale
from fundsim.money import PPM, format_rate
from fundsim.scenario.nodes import Assumed, Block, Label, Node, Scalar
from fundsim.scenario.problems import Steps
from fundsim.scenario.quantities import quantity
from fundsim.scenario.ways import find, put

BELOW: Final = {
    "body": "主体", "tail": "尾部", "mean": "均值", "median": "中位数", "cv": "变异系数", "index": "指数",
    "above": "起点", "weight": "占比", "A": "甲类", "B": "乙类", "C": "丙类", "excluded": "目录外",
}  # fmt: skip
"""Keys within one assumed block, as a reason names them; any other key stays as it is."""

Whole = tuple[Steps, str | None]
"""A mapping whose parts add up to 100%: the way to it, and the key of each part beneath its keys (None: the part)."""


@dataclass(frozen=True)
class Parameter:
    """A parameter that may move, ready to be fitted."""

    name: str
    ways: tuple[Steps, ...]
    """From the top of the file: ``("claims", "care", ...)``."""
    scale: Scale
    why: str | None

    @property
    def multiplies(self) -> bool:
        """Whether it is a multiplier on what stands at its places."""
        return self.scale.kind == "factor"

    def texts(self, root: Block, value: float, digits: int | None = None) -> Iterator[tuple[Steps, str]]:
        """What stands at its places under a value of the parameter."""
        for way in self.ways:
            stated = find(root, way)
            assert isinstance(stated, Scalar)
            if not self.multiplies:
                yield way, self.scale.text(value, digits)
                continue
            found = quantity(stated.text)
            assert found is not None
            in_unit = Scale(found.kind, log=True, first=0.0, spread=None)  # type: ignore[arg-type]
            yield way, in_unit.text(_natural(found.kind, stated.text) * value, digits)


def _natural(kind: str, text: str) -> float:
    """A stated value in yuan, as a share, per person, or as it is."""
    if kind == "money":
        return units.money(text) / 100
    return units.rate(text) / PPM if kind == "rate" else units.frequency(text) if kind == "frequency" else float(text)


def moved(
    root: Block, parameters: Sequence[Parameter], values: Mapping[str, float], digits: int | None = None
) -> Block:
    """Return the tree with values of the parameters in it; labels of assumption stay where they were.

    Raises:
        PartsError: parts of a whole that would come to 100% or more.
    """
    texts = {
        way: text for parameter in parameters for way, text in parameter.texts(root, values[parameter.name], digits)
    }
    for whole in dict.fromkeys(filter(None, map(whole_of, texts))):
        texts |= _rest(root, whole, texts)
    for way, text in texts.items():
        root = _with_text(root, way, text)
    return root


class PartsError(ValueError):
    """Parts of a whole that leave nothing for the rest."""


def whole_of(way: Steps) -> Whole | None:
    """The whole of which a place is a part: the shares of the care levels, a catalogue, or the mix of a trait."""
    if len(way) == 4 and way[1] == "care" and way[3] == "share":
        return way[:2], "share"
    if len(way) > 2 and way[-2] == "catalogue":
        return way[:-1], None
    return (way[:-1], None) if len(way) > 3 and way[-3] == "traits" else None


def _rest(root: Block, whole: Whole, texts: Mapping[Steps, str]) -> dict[Steps, str]:
    """What is left to the parts that do not move, shared out as they stand to each other (largest remainder)."""
    above, key = whole
    block = find(root, above)
    assert isinstance(block, Block)
    ways = [(*above, part) if key is None else (*above, part, key) for part in _parts(block)]
    fixed = [way for way in ways if way not in texts]
    left = PPM - sum(units.rate(texts[way]) for way in ways if way in texts)
    stated = [_stated(root, way) for way in fixed]
    if left <= 0 or sum(stated) == 0:
        raise PartsError(f"the parts of {'.'.join(map(str, above))} that move come to 100% or more")
    exact = [left * share / sum(stated) for share in stated]
    ppm = [int(share) for share in exact]
    order = sorted(range(len(exact)), key=lambda i: exact[i] - ppm[i], reverse=True)
    for i in order[: left - sum(ppm)]:
        ppm[i] += 1
    return {way: format_rate(rate) for way, rate in zip(fixed, ppm, strict=True)}


def _parts(block: Block) -> Iterable[str]:
    return (key for key in block.keys if key not in ("clause", "source", "note"))


def _stated(root: Block, way: Steps) -> int:
    node = find(root, way)
    return units.rate(node.text) if isinstance(node, Scalar) else 0


def _with_text(root: Block, way: Steps, text: str) -> Block:
    node = find(root, way)
    assert isinstance(node, Scalar)
    changed = put(root, way, replace(node, text=text), node.mark)
    assert isinstance(changed, Block)
    return changed


def labelled(root: Block, way: Steps, why: str) -> Block:
    """Return the tree with a reason why the value at a place is assumed, in place of what was said there before.

    The remark stands at the innermost place that bears one already, so that no remark stands within another.
    """
    place = next((way[:n] for n in range(len(way), 0, -1) if _assumed(find(root, way[:n]))), way)
    node = find(root, place)
    assert node is not None
    earlier = _assumed(node)
    words = why if place == way or earlier is None else f"{earlier.why}；{way_below(place, way)}{why}"
    labels: tuple[Label, ...] = (
        Assumed(words, None, node.mark),
        *(label for label in node.labels if not isinstance(label, Assumed)),
    )
    changed = put(root, place, replace(node, labels=labels), node.mark)
    assert isinstance(changed, Block)
    return changed


def way_below(above: Steps, way: Steps) -> str:
    """How a place is called within a block that bears the remark."""
    return f"{'的'.join(BELOW.get(str(step), str(step)) for step in way[len(above) :])}："


def _assumed(node: Node | None) -> Assumed | None:
    labels = () if node is None else node.labels
    return next((label for label in labels if isinstance(label, Assumed)), None)
