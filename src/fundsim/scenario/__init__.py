"""What the user writes (方案文件): the reader, its checks, and the scenario that comes of it."""

from fundsim.scenario.problems import Problem, ScenarioError
from fundsim.scenario.scenario import Scenario, load, load_text
from fundsim.scenario.table import compiled_table
from fundsim.scenario.wrappers import Assumption, OpenBid

__all__ = ["Assumption", "OpenBid", "Problem", "Scenario", "ScenarioError", "compiled_table", "load", "load_text"]
