"""Scores of bids (评分): the price by a formula, the rest by the jury; exact, in hundredths of a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from fundsim.money import half_up
from fundsim.scenario.quantities import quantity
from fundsim.tendering.terms import BidTerms, Criterion, TenderTerms


def scores_of(terms: TenderTerms, bids: Mapping[str, BidTerms]) -> dict[str, dict[str, int]]:
    """Return each bid's score by criterion, hundredths of a point, each rounded half up.

    The formulas are that of government procurement, points x lowest offer / offer (低价优先法，财政部令第87号
    第五十五条), and its counterpart where more is better.
    """
    found: dict[str, dict[str, int]] = {name: {} for name in bids}
    for criterion, weight in terms.scoring.items():
        if weight.of is None:
            for name, bid in bids.items():
                found[name][criterion] = bid.scores[criterion]
            continue
        offers = {name: _number(bid.offer[weight.of]) for name, bid in bids.items()}
        for name, offer in offers.items():
            found[name][criterion] = _by_formula(weight, offer, list(offers.values()))
    return found


def _by_formula(weight: Criterion, offer: Fraction, offers: Sequence[Fraction]) -> int:
    above, below = (min(offers), offer) if weight.rule == "lowest" else (offer, max(offers))
    if below == 0:
        return weight.points
    score = weight.points * above / below
    return half_up(score.numerator, score.denominator)


def _number(text: str) -> Fraction:
    found = quantity(text)
    assert found is not None
    return Fraction(found.value)


def ranks_of(totals: Mapping[str, int]) -> dict[str, int]:
    """Return the place of each bid, 1 for the highest score; equal scores share a place."""
    return {name: 1 + sum(other > total for other in totals.values()) for name, total in totals.items()}
