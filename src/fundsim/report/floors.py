"""The floors of a claims model in print (关注线): as stated, and as high as the designs at hand allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.blocks import BlockJob
from fundsim.claims import AdmissionClaims
from fundsim.money import format_yuan
from fundsim.scenario import Scenario
from fundsim.scenario.text import aligned

MOST_YUAN: Final = 1_000_000
"""No higher floor is proposed: dearer bills are too few to be worth one."""


def floors_in_text(scenario: Scenario) -> Iterator[str]:
    """Stated floors, the largest round ones that the scheme and its designs allow, and who is drawn.

    Nothing for annual amounts, which have no floors.
    """
    claims = scenario.terms.claims
    if not isinstance(claims, AdmissionClaims):
        return
    job = BlockJob.build([scenario, *(design for _, design in scenario.designs)], scenario.terms.simulation.seed)
    stated = claims.floor or {}
    yield ""
    yield "floors (关注线): gross yuan of a bill, for a person with 1, 2, ... admissions:"
    rows: list[tuple[str, ...]] = []
    for level in claims.care:
        rows.append((level, "stated", _listed(np.array(stated[level])) if level in stated else "none"))
        rows.append(("", "at most", _listed(_allowed(job, level))))
    yield from aligned(rows)
    yield f"  drawn: {job.path['path']}, because {job.path['why']}"


def _allowed(job: BlockJob, level: str) -> npt.NDArray[np.int64]:
    """(k,) fen: what no design can pay in any group, given the groups' multipliers; rounded down to two digits."""
    groups = np.array([group.floor for group in job.model.population.groups])
    cells = [c for c, cell in enumerate(job.model.cells) if cell.level == level]
    least = (job.unpaid.gross[:, :, cells] / groups[:, None]).min(axis=(1, 2)) / 100
    unit = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(least, 1))) - 1, 0)
    allowed: npt.NDArray[np.int64] = np.minimum(least // unit * unit, MOST_YUAN).astype(np.int64) * 100
    return allowed


def _listed(amounts: npt.NDArray[np.int64]) -> str:
    return "; ".join(format_yuan(int(amount)).removesuffix(".00") for amount in amounts)
