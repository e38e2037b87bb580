"""What a scenario file says of a fund: which payers it bears, what it lives on, how it settles with hospitals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from fundsim.funds.amounts import Amount, Contribution
from fundsim.funds.as_billed import AsBilled
from fundsim.funds.settlements import AnySettlement
from fundsim.ledger import Party
from fundsim.terms import Balance, Terms

CONTRACT: Final = "contract"
"""The word for the contract with the insurer, where a fund pays into it."""

SOURCES: Final = {
    "fiscal": Party.TREASURY,
    "personal": Party.INSURED,
    "employer": Party.EMPLOYERS,
    "social": Party.SOCIETY,
}
"""Who pays an income of a fund: 财政补助, 个人缴费, 单位缴费, 社会捐助."""


class LastYear(Terms):
    """The year before, for growth."""

    income: Amount | None = None
    """Income of the fund (上年基金收入)."""
    payments: Amount | None = None
    """What it paid to hospitals (上年基金支付)."""


class FundTerms(Terms):
    """One fund: a separate account (单独建账) that bears what some payers of the waterfall owe."""

    title: dict[Literal["zh", "en"], str] | None = None
    pays: Annotated[list[str], Field(min_length=1)]
    """Payers of the waterfall whose payments it bears; each payer belongs to one fund at most."""
    insured: Annotated[dict[str, str | list[str]], Field(default_factory=dict)]
    """Traits of those who are insured by it, such as ``{member: resident}``; everybody where nothing is stated."""
    income: Annotated[
        dict[Literal["fiscal", "personal", "employer", "social"], Contribution], Field(default_factory=dict)
    ]
    """What it receives a year, by who pays it; transfers from other funds come on top."""
    transfers: Annotated[dict[str, Contribution], Field(default_factory=dict)]
    """What it passes on to other funds, by name, or to the ``contract`` (the premium of CII) (划出)."""
    opening: Balance = 0
    """What it has when the year begins (期初结余), fen; below zero where it owes."""
    last_year: LastYear | None = None
    settles: Annotated[AnySettlement, Field(default_factory=AsBilled)]
    """How it settles with hospitals."""

    @property
    def wanted(self) -> Mapping[str, list[str]]:
        """The values of each trait that its insured may have."""
        return {trait: as_list(values) for trait, values in self.insured.items()}

    def covers(self, traits: Mapping[str, str]) -> bool:
        """Whether a person with these traits is insured by the fund."""
        return all(traits.get(trait) in values for trait, values in self.wanted.items())

    def heads(self, groups: list[tuple[int, Mapping[str, str]]]) -> int:
        """Insured of the fund, of groups given as (persons, traits)."""
        return sum(persons for persons, traits in groups if self.covers(traits))


def as_list(values: str | list[str]) -> list[str]:
    """One value or several of a trait, as several."""
    return [values] if isinstance(values, str) else values
