"""What the report of a tender speaks of (评标测算对象): the bids, their unit of money, and their terms in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from fundsim import units
from fundsim.estimates import NORMAL_95
from fundsim.money import format_yuan
from fundsim.pricing import Price
from fundsim.report.amounts import Money, money_for, scaled, written
from fundsim.report.document.as_written import word_in_words
from fundsim.report.document.model import Column, Number
from fundsim.report.document.places import place_in_words
from fundsim.report.document.words import Lang, Words, same
from fundsim.scenario.ways import parse_way
from fundsim.tendering.result import BidResult, Figure, TenderResult
from fundsim.tendering.terms import PRICE

ERROR, INPUTS = Words("抽样误差", "s.e."), Words("参数误差", "inputs")
BID = Column(Words("投标人", "bid"), numeric=False)
NONE = Number(None, "–")
CRITERIA = {
    "price": Words("价格", "price"), "technical": Words("技术", "technical"), "business": Words("商务", "business"),
    "service": Words("服务", "service"), "credit": Words("信用", "credit"),
}  # fmt: skip
"""Names of criteria that files use; others are printed as they are written."""

Outcome = Literal["gains", "loses", "even"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """An evaluated tender, on its way into a report in one language's unit of money."""

    found: TenderResult
    lang: Lang = "zh"

    @cached_property
    def money(self) -> Money:
        """The unit for amounts of the whole term."""
        return money_for(max(each.contract_sum for each in self.bids), self.lang)

    @property
    def bids(self) -> Sequence[BidResult]:
        return self.found.bids

    def place(self, path: str) -> Words:
        """A path into the scheme, in words."""
        way = parse_way(path)
        if way is None:
            return same(path)
        return place_in_words(self.found.tender.scheme.root, way[1:] if way[0] == "contract" else way)

    def value(self, path: str, text: str) -> Words:
        """A value as it would stand at a path, in words; a premium to the fen, so that offers line up."""
        if path == PRICE and "person" in text:
            amount = format_yuan(units.money_per_person(text))
            return Words(f"{amount}元/人", f"{amount} yuan a head")
        return word_in_words(text, path.rpartition(".")[2], self.found.tender.scheme.root)

    def in_money(self, figure: Figure) -> tuple[Number, Number, Number]:
        """A figure of the term with its sampling error and its error from inputs."""
        value, se, inputs = (scaled(part, 1 / self.money.yuan) for part in (figure.value, figure.se, figure.inputs))
        return Number(value, written(value, se)), Number(se, written(se, se)), Number(inputs, written(inputs, inputs))

    @cached_property
    def alike_for_patients(self) -> bool:
        """Whether all bids pay patients the same: where the benefits are not open to bid."""
        first, *others = (each.results.totals for each in self.bids)
        return all((each[name] == first[name]).all() for each in others for name in ("claims_paid", "beneficiaries"))


def criterion(name: str) -> Words:
    """A criterion's name."""
    return CRITERIA.get(name, same(name))


def outcome_of(each: BidResult) -> Outcome:
    """What a bid comes to after real cost on average, as far as the sampling error lets it be told from zero."""
    if abs(each.result.value) <= NORMAL_95 * (each.result.se or 0.0):
        return "even"
    return "gains" if each.result.value > 0 else "loses"


def with_outcome(bids: Sequence[BidResult], outcome: Outcome) -> list[BidResult]:
    """The bids that come to this."""
    return [each for each in bids if outcome_of(each) == outcome]


def names(bids: Sequence[BidResult]) -> Words:
    """Names of some bids, one after another."""
    told = [each.bid.name for each in bids]
    return Words("、".join(told), ", ".join(told))


def spread(values: Sequence[Number]) -> Words:
    """The least and the largest of some figures, once where they are written alike."""
    texts = [each.text.replace("-", "−") for each in sorted(values, key=lambda each: each.value or 0.0)]
    low, high = texts[0], texts[-1]
    return same(low) if low == high else Words(f"{low}至{high}", f"{low} to {high}")


def solved(bids: Sequence[BidResult]) -> list[tuple[BidResult, Price]]:
    """Bids whose break-even price was found, with it."""
    return [(each, each.break_even) for each in bids if isinstance(each.break_even, Price)]


def clearly_below(premium: float, price: Price) -> bool:
    """Whether a premium lies below a price by more than the price's sampling error."""
    return price.value - premium > NORMAL_95 * (price.se or 0.0)
