"""What an operation is: it makes of a scheme's tree another, and says in words what it did."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from fundsim.scenario.changes import no_such_step
from fundsim.scenario.nodes import Block, Node
from fundsim.scenario.people import MisfitError, People
from fundsim.scenario.problems import Mark, Steps
from fundsim.scenario.ways import child


@dataclass(frozen=True)
class Order:
    """One change of a change file, addressed to one scheme."""

    way: Steps
    """Where it is made, with the covered payer's own name in it."""
    key: Mark
    """Where its path is written."""
    value: Node
    """What is written after the operation's word."""
    options: Block
    """The whole change as written."""
    people: Mapping[str, People]
    """Whom ``$NAME`` means in this scheme."""


Done = tuple[Node, str]
"""The changed tree, and what was done, in words."""

LONG: Final = 200
"""Characters of a value that are told of what was done: enough for a premium by trait."""


class Operation(ABC):
    """One operation. Operations are stateless."""

    word: ClassVar[str]
    """The key in change files."""
    options: ClassVar[tuple[str, ...]] = ()
    """Keys that must be written beside it."""
    whole: ClassVar[bool] = True
    """Whether what it writes is itself what will stand in the scheme, and can be checked as such."""

    @abstractmethod
    def fault(self, value: Node, way: Steps, /) -> tuple[str, str] | None:
        """Why the value or the path makes no sense for this operation whatever the scheme, and what to write."""

    @abstractmethod
    def sample(self, value: Node, people: Mapping[str, People], /) -> Node:
        """Return what could stand at the path, to check a change file by itself against what schemes may say."""

    @abstractmethod
    def make(self, root: Block, order: Order, /) -> Done:
        """Return the tree with the operation done.

        Raises:
            MisfitError: it cannot be done to this scheme.
        """


def parent_of(root: Block, way: Steps) -> Node:
    """Return the node in which the last step of a way lies, or would lie.

    Raises:
        MisfitError: the way leads nowhere.
    """
    node: Node = root
    for place, step in enumerate(way[:-1]):
        below = child(node, step)
        if below is None:
            raise MisfitError(*no_such_step(way[:place], node, step))
        node = below
    return node
