"""What a report is written to (报告格式): one file per format, all from the same model.

To add one: a file here with a function ``write(document, lang, path)`` and its line in ``WRITERS``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

from fundsim.errors import UsersError
from fundsim.report.document import Document, Lang

Writer = Callable[[Document, Lang, Path], None]
WRITERS: Final = ("html", "pdf", "xlsx", "docx")
"""Every format, by its file ending."""
EXTRAS: Final = {"pdf": "pdf", "xlsx": "excel", "docx": "docx"}
"""Formats whose library is an extra, and its name."""


class ReportError(UsersError, ValueError):
    """A report that cannot be written; says why, and what to do instead."""


def writer(form: str) -> Writer:
    """The function that writes a format.

    Raises:
        ReportError: no such format, or its library is not installed.
    """
    if form not in WRITERS:
        raise ReportError(f"there is no format '{form}'; formats are: {', '.join(WRITERS)}")
    try:
        found: Writer = import_module(f"fundsim.report.writers.{form}").write
    except ModuleNotFoundError as error:
        if form not in EXTRAS or (error.name or "").startswith("fundsim"):
            raise
        missing = f"writing {form} needs the package '{error.name}', which is not installed"
        raise ReportError(f"{missing}; run: pip install 'fundsim[{EXTRAS[form]}]'") from None
    return found
