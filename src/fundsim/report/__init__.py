"""Results for people: figures, tables for the terminal and the notebook, reports; every number with its error.

The room can be called: ``fundsim.report(results, "reports/q17", lang=("zh", "en"), to=("html", "pdf"))`` writes a
report, see :func:`fundsim.report.publish.report`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """A module that writes a report when it is called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from fundsim.report.publish import report

        return report(*args, **kwargs)


sys.modules[__name__].__class__ = _Room
