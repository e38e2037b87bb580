"""Where the contract bends: its turning points, as the insurer's result after real cost.

No formula of a contract is repeated here: each turning point is a surplus, and the contract itself is settled at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from fundsim.contracts import ContractTerms, settle_year
from fundsim.money import PPM, format_rate, half_up
from fundsim.report.document.words import Words

if TYPE_CHECKING:
    from fundsim.contracts.tiers import Tier, Tiers
    from fundsim.results import Results

Kind = Literal["keep", "zero", "even", "tier"]


NEITHER = Words("不盈不亏", "no gain, no loss")


@dataclass(frozen=True)
class Mark:
    """One turning point."""

    kind: Kind
    at: int
    """The insurer's result there, after its real running cost (fen)."""
    words: Words
    limit: bool = False
    """Whether the insurer's result goes no further, whatever the claims."""


@dataclass(frozen=True)
class Year:
    """A contract with the mean premium and the mean number of insured of a simulated year."""

    terms: ContractTerms
    premium: int
    """Fen."""
    insured: int

    @classmethod
    def of(cls, results: Results) -> Year:
        means = (round(float(results.average(name).mean())) for name in ("premium", "insured"))
        return cls(results.scenario.terms.contract, *means)

    def settled(self, claims: int) -> tuple[int, int]:
        """Return surplus and insurer's result (fen) if claims were so much (fen)."""
        year = settle_year(self.terms, premium=self.premium, claims=claims, insured=self.insured, last_year=True)
        return int(year.surplus[0]), int(year.insurer_result[0])

    def claims_for(self, surplus: int) -> int:
        """Return the claims that leave a surplus (fen): the account is a straight line in them."""
        return self.settled(0)[0] - surplus

    @property
    def allowance(self) -> int:
        return half_up(self.premium * self.terms.allowance, PPM)

    @property
    def held(self) -> int:
        """Surplus held from earlier years, which pays a deficit first (fen)."""
        return max(self.terms.carried, 0)


def corridor(results: Results) -> tuple[Mark, ...]:
    """Return the turning points from the lowest to the highest result, at the mean premium.

    Over several years, of which some gain and some lose, only what the insurer can keep or lose at most holds on
    average.
    """
    year = Year.of(results)
    if year.premium <= 0:
        return (Mark("zero", 0, NEITHER),)
    marks = [mark for mark in (*_above(year), *_tiers(year)) if mark.limit or not results.years]
    even = next((mark for mark in marks if mark.kind == "even"), None)
    if even is not None and even.at == 0:
        marks.remove(even)
        marks.append(
            replace(even, kind="zero", words=Words(f"{NEITHER.zh}；{even.words.zh}", f"{NEITHER.en}; {even.words.en}"))
        )
    else:
        marks.append(Mark("zero", 0, NEITHER))
    return tuple(sorted(marks, key=lambda mark: mark.at))


def _above(year: Year) -> Iterator[Mark]:
    """The allowance, and the point where the account breaks even."""
    claims = year.claims_for(year.allowance)
    if claims >= 0:
        at = year.settled(claims)[1]
        limit = year.settled(0)[1] == at
        rate, less = format_rate(year.terms.allowance), _cost(year)
        most = Words("公司留存上限", "most the insurer can keep")
        full = Words("留存额度用满，超额部分仍可分享", "allowance is full; part of the excess is kept too")
        what = most if limit else full
        words = Words(f"{what.zh}：保费的{rate}{less.zh}", f"{what.en}: {rate} of premium{less.en}")
        yield Mark("keep", at, words, limit)
    claims = year.claims_for(0)
    if claims >= 0:
        held = Words("低于此先用结转结余弥补", "below it held surplus pays first")
        below = held if year.held else Words("低于此按合同分担亏损", "below it losses are shared")
        words = Words(f"合同账面持平：{below.zh}", f"contract breaks even: {below.en}")
        yield Mark("even", year.settled(claims)[1], words)


def _cost(year: Year) -> Words:
    uncovered = year.settled(year.claims_for(0))[1] < 0
    return Words("，扣除运营成本", " less running cost") if uncovered else Words("", "")


def _tiers(year: Year) -> Iterator[Mark]:
    for name, tiers, part in _causes(year.terms):
        for tier, following in pairwise(tiers):
            assert tier.to is not None
            loss = half_up(year.premium * tier.to, part)
            claims = year.claims_for(-loss - year.held)
            if claims < 0:
                continue
            at = year.settled(claims)[1]
            limit = year.settled(claims + year.premium)[1] == at
            yield Mark("tier", at, _of_tier(name, tier, following, limit=limit), limit)


def _of_tier(name: Words, tier: Tier, following: Tier, *, limit: bool) -> Words:
    assert tier.to is not None
    to, below, above = (format_rate(rate) for rate in (tier.to, tier.insurer, following.insurer))
    if limit:
        return Words(f"公司亏损上限：{name.zh}达保费的{to}", f"most the insurer can lose: {name.en} of {to} of premium")
    return Words(
        f"{name.zh}达保费的{to}：以内公司承担{below}，超出部分承担{above}",
        f"{name.en} of {to} of premium: the insurer bears {below} up to it, {above} of more",
    )


def _causes(terms: ContractTerms) -> Iterator[tuple[Words, Tiers, int]]:
    """Each cause's name, its tiers, and the part of a loss that it has (ppm, above zero)."""
    policy = (terms.policy_share or 0) if terms.asks_cause else 0
    other = Words("非政策性亏损", "other loss") if policy else Words("亏损", "loss")
    causes = (
        (Words("政策性亏损", "policy loss"), terms.policy_tiers, policy),
        (other, terms.other_tiers if terms.asks_cause else terms.tiers, PPM - policy),
    )
    yield from ((name, tiers, part) for name, tiers, part in causes if tiers and part)
