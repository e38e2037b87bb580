"""The mix of a trait of the bill (就医结构), such as the share of care away from home."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fundsim.uncertainty.inputs.base import Floats, Input, tilted


class Mix(Input):
    """The odds of the named values against the others are multiplied by the drawn factor.

    A share p becomes f·p/(1 - p + f·p): near f·p where p is small, and never above 100%. The trait ``care`` means the
    shares of the care levels themselves.
    """

    NAME: ClassVar = {"zh": "就医结构", "en": "mix of care"}

    of: Literal["mix"] = "mix"
    trait: str
    values: Annotated[list[str], Field(min_length=1)]
    """The values whose share is not known, such as ``[outside-referred, outside-unreferred]``."""
    care: Annotated[list[str], Field(min_length=1)] | None = None
    """The care levels concerned; all where none are named."""

    def shares(self, stated: Mapping[str, float], factor: Floats) -> dict[str, Floats]:
        """(r,) the share of every value of the trait after the draw, of the same total as stated."""
        changed = tilted(list(stated.values()), [value in self.values for value in stated], factor)
        return dict(zip(stated, changed.T, strict=True))
