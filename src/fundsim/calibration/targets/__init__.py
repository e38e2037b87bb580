"""Fitting a claims model to published figures (按公布数据校准), where no records are to be had.

A press release tells a handful of totals: persons paid per 1,000, a mean benefit, how many were paid more than 100,000
yuan, the largest payment. They are compared with the model under the benefit rules then in force, and the few
parameters that they can bear are fitted; what they do not tell stays at its prior, and the result says so.
"""

from __future__ import annotations

from pathlib import Path

from fundsim.calibration.targets.figures import Compared, compare
from fundsim.calibration.targets.fitting import fit
from fundsim.calibration.targets.people import POINTS, People
from fundsim.calibration.targets.reading import Figures, read_figures
from fundsim.calibration.targets.result import Fitted, TargetsFit
from fundsim.claims import ClaimsModel, ClaimsTerms

__all__ = ["Compared", "Figures", "Fitted", "TargetsFit", "calibrate_to", "compare_with", "read_figures"]


def calibrate_to(targets: str | Path | Figures, *, seed: int = 1, points: int = POINTS) -> TargetsFit:
    """Fit a claims model to published figures.

    Args:
        targets: the file of published figures, or what was read of it.
        seed: of the sample of persons by which the model's figures are computed.
        points: persons in the largest stratum of one scrambling, a power of two; the Monte Carlo error, which the
            result states, falls a little faster than its root.

    Raises:
        ScenarioError: problems of the file or its scheme, or parameters that the figures do not tell.
    """
    figures = targets if isinstance(targets, Figures) else read_figures(targets)
    return TargetsFit(figures, fit(figures, seed, points))


def compare_with(
    targets: str | Path | Figures, claims: ClaimsTerms, *, seed: int = 1, points: int = POINTS
) -> tuple[Compared, ...]:
    """Compare published figures with a claims model as it stands; nothing is fitted.

    Args:
        targets: the file of published figures, or what was read of it.
        claims: the model, such as ``scenario.terms.claims``.
        seed: of the sample of persons.
        points: persons in the largest stratum of one scrambling.
    """
    figures = targets if isinstance(targets, Figures) else read_figures(targets)
    model = ClaimsModel.build(claims, figures.scheme.population)
    people = People.lay_out(figures.scheme, model, seed, points)
    return compare(people.settle(model), figures.targets, figures.cover).figures
