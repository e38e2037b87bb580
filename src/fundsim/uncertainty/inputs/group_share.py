"""The share of a group (人群占比), such as the poor, at the cost of another group."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from fundsim.uncertainty.inputs.base import Floats, Input, Persons


class GroupShare(Input):
    """The persons of one group are multiplied by the drawn factor; those who join come from another group.

    More than the other group has cannot come; a distribution that could ask for it is refused with the scheme.
    """

    NAME: ClassVar = {"zh": "人群占比", "en": "share of a group"}

    of: Literal["group-share"] = "group-share"
    people: str
    """The group whose share is not known."""
    taken_from: str
    """The group that those who join come from, and those who leave go to."""

    def persons(self, stated: int, other: int, factor: Floats) -> tuple[Persons, Persons]:
        """(r,) persons of the group and of the other group after the draw; together they stay as many."""
        joining = np.minimum(np.rint(stated * factor).astype(np.int64) - stated, other)
        return stated + joining, other - joining
