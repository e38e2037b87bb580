"""What a tender file says (招标文件): what is fixed, what is open to bid, how bids are scored, and the bids."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from fundsim.precision import TargetError
from fundsim.pricing import read_target
from fundsim.terms import Points, Rate, Score, Terms, Years, problem
from fundsim.units import FULL_SCORE

PRICE: Final = "contract.premium"
WALK_AWAY: Final = "P(insurer_result<0) <= 10%"
"""What a bidder asks of its price, unless the file says otherwise."""


def _target(text: str) -> str:
    try:
        read_target(text)
    except TargetError as error:
        raise problem("target", str(error), "write a target such as 'P(insurer_result<0) <= 10%'") from None
    return text


def _some_points(points: int) -> int:
    if points <= 0:
        raise problem("material", "a threshold of nothing makes every difference material", "write one such as 2pp")
    return points


def _inside(level: int) -> int:
    if not 0 < level < 1_000_000:
        raise problem("level", "capital is held against the worst part of what may happen", "write a level such as 95%")
    return level


class OpenItem(Terms):
    """A value that bidders offer, and its range."""

    floor: str | None = None
    """The least that may be offered (报价下限)."""
    ceiling: str | None = None
    """The most that may be offered (最高限价)."""
    below_floor: Literal["refused", "noted"] = "refused"
    """Whether an offer below the floor is invalid, or only noted (自律底价)."""


class Criterion(Terms):
    """One part of the score (评分项)."""

    points: Score
    """Its weight, hundredths of a point."""
    of: str | None = None
    """The offered value by which it is scored; none: the jury's own score."""
    rule: Literal["lowest", "highest"] | None = None
    """``lowest``: points x lowest offer / offer (低价优先法); ``highest``: points x offer / highest offer."""


class BidTerms(Terms):
    """One bid (投标)."""

    title: dict[str, str] | str | None = None
    offer: dict[str, str]
    """Offered values by path."""
    scores: Annotated[dict[str, Score], Field(default_factory=dict)]
    """The jury's scores by criterion, hundredths of a point."""
    expense: str | None = None
    """The bidder's own running cost (运营成本), which nobody scores; none: that of the scheme."""


class Capital(Terms):
    """How the capital at risk is told (风险资本)."""

    measure: Literal["TVaR", "VaR"] = "TVaR"
    level: Annotated[Rate, AfterValidator(_inside)] = 950_000


class TenderTerms(Terms):
    """A tender file."""

    fundsim: Literal["1"]
    id: str
    title: dict[str, str] | None = None
    scheme: str
    """The scheme's file, without what is fixed here."""
    term: Years | None = None
    """Years of the contract; none: those of the scheme."""
    fixed: Annotated[dict[str, Any], Field(default_factory=dict)]
    """What the buyer fixes, by path into the scheme."""
    assumptions: Annotated[dict[str, Any], Field(default_factory=dict)]
    """What whoever evaluates the tender assumes beyond that, by path into the scheme."""
    instalments: Any = None
    """When the premium is paid, as under ``contract.instalments``."""
    open: Annotated[dict[str, OpenItem], Field(min_length=1)]
    """What is bid, by path into the scheme."""
    scoring: Annotated[dict[str, Criterion], Field(default_factory=dict)]
    material: Annotated[Points, AfterValidator(_some_points)] = 20_000
    """Difference of P(loss) up to which two bids count as equal, ppm: two points by default."""
    capital: Capital = Capital()
    walk_away: Annotated[str, AfterValidator(_target)] = WALK_AWAY
    """What a bidder asks of the lowest price at which it still bids (底线价)."""
    bids: Annotated[dict[str, BidTerms], Field(default_factory=dict)]


class BidFileTerms(BidTerms):
    """A bid in a file of its own."""

    fundsim: Literal["1"]
    bidder: str


WHOLE: Final = FULL_SCORE
"""What the points of all criteria add up to."""
