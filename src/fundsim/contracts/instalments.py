"""Instalments of the premium (分期划拨): in which months the fund pays which part."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BeforeValidator, Field

from fundsim.contracts.errors import Fault, refuse
from fundsim.contracts.tiers import as_tuple
from fundsim.money import PPM, PerReplication, format_rate, share
from fundsim.terms import Months, Rate, Terms, problem

MONTHS: Final = 12
Monthly = npt.NDArray[np.int64]
"""(replications, 12) fen by month."""


class Instalment(Terms):
    """One payment a year."""

    month: Annotated[Months, Field(ge=1, le=MONTHS)]
    """January being 1."""
    share: Rate
    """Part of what the fund pays within the year, ppm."""


def _checked(instalments: tuple[Instalment, ...]) -> tuple[Instalment, ...]:
    refuse(_faults(instalments))
    return instalments


def _faults(instalments: tuple[Instalment, ...]) -> Iterator[Fault]:
    for index, (before, this) in enumerate(pairwise(instalments), start=1):
        if this.month <= before.month:
            why = f"instalment {index + 1} is due in month {this.month}, not after the one above it"
            instead = f"write instalments in the order of their months, this one after month {before.month}"
            yield (index, "month"), problem("instalments", why, instead), this.month
    total = sum(instalment.share for instalment in instalments)
    if total != PPM:
        why = f"the instalments add up to {format_rate(total)} of the year's premium"
        place = (len(instalments) - 1, "share") if instalments else ()
        instead = "let them add up to 100%; what is retained or trued up is not part of them"
        yield place, problem("instalments", why, instead), total


Instalments = Annotated[tuple[Instalment, ...], BeforeValidator(as_tuple), AfterValidator(_checked)]
"""In the order of their months, adding up to all that is paid within the year."""


def by_month(instalments: tuple[Instalment, ...], amount: PerReplication) -> Monthly:
    """What is paid in each month (fen); the parts paid so far are rounded half up, so that no fen is lost."""
    months = np.zeros((len(amount), MONTHS), np.int64)
    so_far = [share(amount, ppm) for ppm in accumulate((each.share for each in instalments), initial=0)]
    for instalment, (before, after) in zip(instalments, pairwise(so_far), strict=True):
        months[:, instalment.month - 1] = after - before
    return months


def equal_months(amount: PerReplication, n: int = MONTHS) -> Monthly:
    """An amount over the first ``n`` months in parts that differ by a fen at most (fen)."""
    months = np.zeros((len(amount), MONTHS), np.int64)
    months[:, :n] = np.diff(np.outer(amount, np.arange(n + 1)) // n, axis=1)
    return months
