"""Given bills (医疗费用清单): read from a CSV file or a DataFrame into exact integers, or refused with every reason."""

from fundsim.bills.problems import BillProblem, BillProblems, BillsError
from fundsim.bills.sources import BillSource, open_bills
from fundsim.bills.table import BillTable, read_bills

__all__ = ["BillProblem", "BillProblems", "BillSource", "BillTable", "BillsError", "open_bills", "read_bills"]
