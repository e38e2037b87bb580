"""Problems of a file of settlement records that cannot be read at all; they name rows and columns, never a person."""

from __future__ import annotations

from fundsim.bills.problems import BillProblems, BillsError


class RecordsError(BillsError):
    """Records that cannot be read; ``problems`` holds what is wrong, ``more`` the number that is not shown."""


class RecordProblems(BillProblems):
    """The problems of one reading."""

    def raise_if_any(self) -> None:
        """Raise all that was found, in the order of rows.

        Raises:
            RecordsError: there is at least one problem.
        """
        try:
            super().raise_if_any()
        except BillsError as error:
            raise RecordsError(error.problems, error.more) from None
