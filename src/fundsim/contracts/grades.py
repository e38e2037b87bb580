"""Performance retention (考核扣款): the part of the premium held back, and what each grade of the score releases."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field

from fundsim.contracts.errors import Fault, refuse
from fundsim.contracts.tiers import as_tuple
from fundsim.money import PerReplication, format_rate
from fundsim.terms import Rate, Score, Terms, problem
from fundsim.units import FULL_SCORE


class Grade(Terms):
    """One grade of the yearly assessment (考核等次), from a score up to where the grade above begins."""

    from_: Score = Field(alias="from")
    """Lowest score of the grade, hundredths of a point."""
    release: Rate
    """Part of the retention that is paid out, ppm; the rest is forfeited."""


def _checked(grades: tuple[Grade, ...]) -> tuple[Grade, ...]:
    refuse(_faults(grades))
    return grades


def _faults(grades: tuple[Grade, ...]) -> Iterator[Fault]:
    if not grades:
        instead = "write grades such as [{from: 90, release: 100%}, {from: 0, release: 0%}]"
        yield (), problem("grades", "the list of grades is empty", instead), ()
        return
    for index, (above, grade) in enumerate(pairwise(grades), start=1):
        if grade.from_ >= above.from_:
            why = f"grade {index + 1} begins at {_points(grade.from_)}, not below the grade above it"
            instead = "write the grades from the best to the lowest"
            yield (index, "from"), problem("grades", why, instead), grade.from_
        elif grade.release > above.release:
            why = f"grade {index + 1} releases {format_rate(grade.release)}, more than the better grade above it"
            instead = f"write a release of at most {format_rate(above.release)}"
            yield (index, "release"), problem("grades", why, instead), grade.release
    last = grades[-1].from_
    if last > 0:
        why = f"the last grade begins at {_points(last)}, so nothing is said of a lower score"
        yield (len(grades) - 1, "from"), problem("grades", why, "let the last grade begin at 0"), last


def _points(score: int) -> str:
    return f"{score / 100:g}"


class RetentionTerms(Terms):
    """What is held back of a year's premium until the insurer's work of that year has been assessed."""

    share: Rate
    """Part of the premium, ppm."""
    grades: Annotated[tuple[Grade, ...], BeforeValidator(as_tuple), AfterValidator(_checked)]
    """What each score releases: the best grade first, the last one from 0."""
    score: Score | None = None
    """The score that is expected where none is given, hundredths of a point; none stated: full marks."""

    @property
    def expected(self) -> int:
        """The score of a year that has not been assessed yet, hundredths of a point."""
        return FULL_SCORE if self.score is None else self.score

    def released(self, score: PerReplication) -> PerReplication:
        """Part of the retention that each score (hundredths of a point) releases, ppm."""
        rising = self.grades[::-1]
        place = np.searchsorted([grade.from_ for grade in rising], score, side="right") - 1
        return np.array([grade.release for grade in rising], np.int64)[place]
