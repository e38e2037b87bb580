"""The trace of a settlement (结算过程): how each fen of one person's bills came about, line by line.

The settlement says what was done; here it is put into words that a person can follow with the policy text beside it.
Every line says it in Chinese first and in English beside it.
"""

from fundsim.traces.bills import TracedBill, TracedPayer, TracedVariant
from fundsim.traces.plain import FORMAT
from fundsim.traces.trace import Trace

__all__ = ["FORMAT", "Trace", "TracedBill", "TracedPayer", "TracedVariant"]
