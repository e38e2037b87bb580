"""Where the risk comes from (风险来源): variance of results, parted among what is not known and the luck of patients.

Each source of risk is drawn again while all others stay, or stays while all others are drawn again (pick-freeze); the
luck of patients is what differs between two replications of equal inputs. See :mod:`fundsim.decomposition.shares` for
the estimators.
"""

from __future__ import annotations

from fundsim.decomposition.result import FIGURES, Decomposition
from fundsim.decomposition.running import decompose
from fundsim.decomposition.shares import Lead, Parts, Share, SourceShares, parted
from fundsim.decomposition.sources import Source, Thirds

__all__ = [
    "FIGURES", "Decomposition", "Lead", "Parts", "Share", "Source", "SourceShares", "Thirds", "decompose", "parted",
]  # fmt: skip
