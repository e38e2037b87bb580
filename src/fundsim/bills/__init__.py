"""Given bills (医疗费用清单): read from a CSV file or a DataFrame into exact integers, or refused with every reason."""

from fundsim.bills.partitions import Partitions
from fundsim.bills.problems import BillProblem, BillProblems, BillsError
from fundsim.bills.reading import BillReading, read_bills
from fundsim.bills.sources import BillSource, CsvBills, open_bills
from fundsim.bills.table import BillTable

__all__ = [
    "BillProblem",
    "BillProblems",
    "BillReading",
    "BillSource",
    "BillTable",
    "BillsError",
    "CsvBills",
    "Partitions",
    "open_bills",
    "read_bills",
]
