"""The catalogue mix (目录内外结构): the part of cost that no policy covers."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fundsim.uncertainty.inputs.base import Floats, Input, tilted

_OUTSIDE = (False, False, True, True)


class CatalogueMix(Input):
    """The odds of class C and excluded cost against A and B are multiplied by the drawn factor, bill by bill.

    A share q of C and excluded becomes f·q/(1 - q + f·q); A to B and C to excluded keep their proportions.
    """

    NAME: ClassVar = {"zh": "目录外费用结构", "en": "cost outside the catalogue"}

    of: Literal["catalogue"] = "catalogue"
    care: Annotated[list[str], Field(min_length=1)] | None = None
    """The care levels concerned; all where none are named."""

    def shares(self, stated: tuple[float, float, float, float], factor: Floats) -> Floats:
        """(r, 4) shares of A, B, C and excluded after the draw, of the same total as stated."""
        return tilted(stated, _OUTSIDE, factor)
