"""What a change file may do at a path, so that it fits any scheme: one file per operation (open set)."""

from __future__ import annotations

from typing import Final

from fundsim.scenario.operations.add import Add
from fundsim.scenario.operations.append import Append
from fundsim.scenario.operations.ensure import Ensure
from fundsim.scenario.operations.operation import Operation
from fundsim.scenario.operations.split import Split

OPERATIONS: Final[dict[str, Operation]] = {
    operation.word: operation for operation in (Add(), Append(), Ensure(), Split())
}
"""Every operation by its word in change files."""
