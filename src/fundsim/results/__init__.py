"""Results of a simulation: immutable arrays over replications, what they say, and their place on disk."""

from fundsim.results.figures import BehaviourFigures, YearFigures
from fundsim.results.results import IN_FEN, Results

__all__ = ["IN_FEN", "BehaviourFigures", "Results", "YearFigures"]
