"""Synthetic settlement records (模拟结算记录) of nobody, drawn from a scheme's claims model: for tests and training."""

from fundsim.records.synthesis.faults import FAULTS, SynthesisError, parse_faults
from fundsim.records.synthesis.making import SynthesisPlan, synthesise

__all__ = ["FAULTS", "SynthesisError", "SynthesisPlan", "parse_faults", "synthesise"]
