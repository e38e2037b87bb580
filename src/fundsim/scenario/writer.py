"""From values back to text: nodes of plain values, and a scheme as a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from fundsim.scenario.nodes import Assumed, Block, Entry, Listing, Node, Scalar
from fundsim.scenario.problems import Mark


def node_of(value: Any, mark: Mark) -> Node:
    """Return the node that a plain value would be read as; numbers are written as text."""
    if isinstance(value, Mapping):
        return Block(tuple(Entry(str(key), mark, node_of(item, mark)) for key, item in value.items()), mark)
    if isinstance(value, list | tuple):
        return Listing(tuple(node_of(item, mark) for item in value), mark)
    return Scalar(str(value), mark)


class _Dumper(yaml.SafeDumper):
    """Writes texts as they were written, without the quotes that would keep YAML from taking them for numbers."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the name and type that PyYAML looks for


def to_yaml(root: Node, *, compact: bool = False) -> str:
    """Write a tree as YAML, assumptions and bids in their wrappers; ``compact``: blocks without blocks on one line."""
    style = None if compact else False
    text = yaml.dump(
        _wrapped(root), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110, default_flow_style=style
    )
    return str(text)


def _wrapped(node: Node) -> Any:
    value: Any
    if isinstance(node, Scalar):
        value = node.text
    elif isinstance(node, Listing):
        value = [_wrapped(item) for item in node.items]
    else:
        value = {entry.key: _wrapped(entry.value) for entry in node.entries}
    for label in reversed(node.labels):
        if isinstance(label, Assumed):
            value = {"assume": value, "why": label.why, "source": label.source}
        else:
            value = {"bid": value, "within": [label.low, label.high], "why": label.why}
        value = {key: item for key, item in value.items() if item is not None}
    return value
