"""What each bidder could offer (投标人的价格测算): the premium at which it breaks even, and that below which it walks.

Both targets are read off the contract settled once at each premium, and bidders whose cost and terms are the same, the
premium apart, share the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fundsim.pricing import Price, UnsolvableError, read_target
from fundsim.pricing.lanes import ContractLane, Sample
from fundsim.pricing.solving import bracket_of, priced
from fundsim.pricing.stored import Stored
from fundsim.pricing.subjects import subject_of
from fundsim.pricing.targets import Condition
from fundsim.tendering.result import NoPrice

BREAK_EVEN = "E[insurer_result] >= 0"
"""Over the whole term; an allowance that only pays the running cost leaves nothing above it."""


@dataclass(frozen=True, eq=False)
class Claims:
    """A bid's claims, as they are and on other people of the same inputs (None where nothing is uncertain)."""

    own: Stored
    twin: Stored | None

    def priced_as(self, other: Claims) -> bool:
        """Whether any premium comes to the same for both."""
        if self.twin is None or other.twin is None:
            return self.twin is other.twin and self.own.priced_as(other.own)
        return self.own.priced_as(other.own) and self.twin.priced_as(other.twin)


@dataclass(frozen=True, eq=False)
class Prices:
    """The premiums of one bidder, or why there is none."""

    break_even: Price | NoPrice
    walk_away: Price | NoPrice


def prices_of(claims: Sequence[Claims], samples: Sequence[Sample], walk_away: str) -> Iterator[Prices]:
    """Solve for both prices of every bid, in their order."""
    targets = (read_target(BREAK_EVEN), read_target(walk_away))
    solved: list[tuple[Claims, Prices]] = []
    for each, sample in zip(claims, samples, strict=True):
        known = next((prices for other, prices in solved if each.priced_as(other)), None)
        if known is None:
            known = Prices(*_solved(each, sample, targets))
            solved.append((each, known))
        yield Prices(*(_of(sample, price) for price in (known.break_even, known.walk_away)))


def _solved(claims: Claims, sample: Sample, targets: tuple[Condition, ...]) -> Iterator[Price | NoPrice]:
    subject = subject_of(sample.scenario, "premium")
    lane = ContractLane(subject, claims.own, targets)
    twin = None if claims.twin is None else ContractLane(subject, claims.twin, targets)
    beside = None if twin is None else lambda: twin
    for target in targets:
        try:
            yield priced(lane, beside, sample, target, bracket_of(sample.scenario, lane))
        except UnsolvableError as told:
            yield NoPrice(str(told), told.zh)


def _of(sample: Sample, price: Price | NoPrice) -> Price | NoPrice:
    """A price as that of the bid's own scheme."""
    return price if isinstance(price, NoPrice) else replace(price, scenario=sample.scenario)
