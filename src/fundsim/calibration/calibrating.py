"""Calibrate a claims model to admissions (校准): frequency, care levels, cost families, errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fundsim.calibration.care import FEWEST_ADMISSIONS, FEWEST_PERSONS, Care, Choices, fit_care
from fundsim.calibration.carried import carry
from fundsim.calibration.completing import Completed, completed_of
from fundsim.calibration.errors import CalibrationError, FitError
from fundsim.calibration.experience import Experience
from fundsim.calibration.frequency import counts_of, fit_frequency
from fundsim.calibration.level import at_last_cost, cost_level_log_se, frequency_in, trends_of
from fundsim.calibration.result import Calibration
from fundsim.calibration.thin import Thin, thin_data
from fundsim.records.privacy import SUPPRESS, SmallCells

Floats = npt.NDArray[np.float64]


def calibrate(
    records: Any,
    *,
    small: SmallCells = SUPPRESS,
    choices: Choices | None = None,
    reference: float | None = None,
) -> Calibration:
    """Calibrate a claims model to settlement records, at the level of their last year.

    Args:
        records: :class:`fundsim.records.Records`, or an :class:`Experience` made otherwise.
        small: how small cells are treated (:class:`fundsim.records.privacy.SmallCells`); suppressed by default.
        choices: what the analyst decides: families, thresholds, deductibles, bootstrap samples.
        reference: deductible on a gross bill at which parameter errors are matched, yuan (:mod:`carried`).

    Raises:
        CalibrationError: no enrolment, or care levels with too few admissions or without a fit that can be trusted; all
            of them are named.
        FitError: counts of admissions that do not agree with the enrolment.
    """
    experience = records if isinstance(records, Experience) else Experience.of(records)
    decided = Choices() if choices is None else choices
    _refuse(experience)
    assert experience.enrolled is not None
    year, group, number, _ = experience.person_years()
    completed, of_completion = completed_of(experience, small)
    trends = trends_of(experience, completed)
    counts = counts_of(year, group, number, experience.enrolled)
    pooled = fit_frequency(counts) if completed is None else fit_frequency(counts, completed.counts, completed.se)
    frequency = frequency_in(pooled, experience, trends, experience.years[-1])
    at_last = at_last_cost(experience, trends)
    levels = _levels(at_last, decided)
    thin = thin_data(experience, at_last, trends, completed)
    return Calibration(
        experience=at_last,
        year=experience.years[-1],
        trends=trends,
        frequency=frequency,
        levels=levels,
        season=_season(experience, completed),
        completed=completed,
        thin=tuple(thin),
        carried=carry(frequency, levels, reference, cost_level_log_se(experience, trends)),
        small=small,
        notes=(of_completion, *_notes(experience, levels, thin)),
    )


def _levels(experience: Experience, decided: Choices) -> tuple[Care, ...]:
    found, problems = [], []
    for place, name in enumerate(experience.care_levels):
        try:
            found.append(fit_care(experience, place, decided))
        except FitError as error:
            problems.append(f"care level '{name}': {error}")
    if problems:
        raise CalibrationError("\n".join(problems))
    return tuple(found)


def _refuse(experience: Experience) -> None:
    problems = []
    if experience.enrolled is None:
        problems.append("nobody says how many persons were enrolled: give --enrolment, by year and group")
    numbers = np.bincount(experience.care, minlength=len(experience.care_levels))
    for place, (name, number) in enumerate(zip(experience.care_levels, numbers, strict=True)):
        if number < FEWEST_ADMISSIONS or experience.persons_of(experience.care == place) < FEWEST_PERSONS:
            problems.append(
                f"care level '{name}' has fewer than {FEWEST_ADMISSIONS} admissions or {FEWEST_PERSONS} persons: "
                "join it with another in the column map"
            )
    if problems:
        raise CalibrationError("\n".join(problems))


def _season(experience: Experience, completed: Completed | None = None) -> Floats | None:
    """(12,) shares of the months; None where a month has no discharges, as in records of a part of a year."""
    if experience.month is None:
        return None
    weights = None if completed is None else completed.weights
    numbers = np.bincount(experience.month, weights, minlength=13)[1:13].astype(np.float64)
    return numbers / numbers.sum() if np.all(numbers > 0) else None


def _notes(experience: Experience, levels: tuple[Care, ...], thin: Sequence[Thin]) -> tuple[tuple[str, str], ...]:
    notes = list(dict.fromkeys(each.why for each in thin if each.why is not None))
    if not thin:
        notes.append(("记录只有一个县区、一个人群，不作信度估计", "one county and one group: no credibility estimate"))
    if experience.month is not None and _season(experience) is None:
        notes.append(("有的月份没有出院记录，未估计月度分布", "some months have no discharges: no season is stated"))
    if any(level.catalogue is None for level in levels):
        notes.append(
            ("记录未列目录内外金额，目录构成为假设", "the records do not tell the catalogue: it is an assumption")
        )
    return tuple(notes)
