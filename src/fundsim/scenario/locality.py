"""Facts about the place (当地情况) that a guideline measures a scheme against; they change no result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag

from fundsim.contracts.funding import ByTrait, only_fitting, some_entries
from fundsim.contracts.tiers import as_tuple
from fundsim.terms import MoneyPerPerson, Terms


class AmountEntry(ByTrait):
    """The amount of those whose traits match ``when``."""

    amount: MoneyPerPerson
    """Fen per person."""


def _branch(value: Any) -> str:
    return "by-trait" if isinstance(value, list | tuple) else "amount"


Amounts = int | tuple[AmountEntry, ...]
"""Fen per person, for everybody or by trait."""

AmountPerHead = Annotated[
    Annotated[MoneyPerPerson, Tag("amount")]
    | Annotated[tuple[AmountEntry, ...], BeforeValidator(as_tuple), AfterValidator(some_entries), Tag("by-trait")],
    Discriminator(_branch),
]
"""``7917 yuan/person``, or a list of ``{when: {household: urban}, amount: 24565 yuan/person}``."""


class Locality(Terms):
    """What a policy officer knows of the place, whatever the scheme pays."""

    income: AmountPerHead | None = None
    """Income per head of the year before, as the local statistical office published it: disposable income of urban
    residents (城镇居民人均可支配收入), net income of rural ones (农村居民人均纯收入)."""
    basic_funding: AmountPerHead | None = None
    """What basic insurance collects per insured and year (基本医保人均筹资), fiscal subsidy included."""
    payment_ratio: Literal["above-deductible", "compliant"] | None = None
    """Which reading of the actual payment ratio (实际支付比例) binds here: payments as a share of what lies above the
    deductible, or of all compliant cost left to the patient after basic insurance."""

    def income_per_head(self, traits: Mapping[str, str]) -> int | None:
        """Last year's income of one insured with these traits, fen; None where it is not stated."""
        return _amount(self.income, traits, "income")

    def basic_funding_per_head(self, traits: Mapping[str, str]) -> int | None:
        """Basic funding of one insured with these traits, fen; None where it is not stated."""
        return _amount(self.basic_funding, traits, "basic funding")


def _amount(amounts: Amounts | None, traits: Mapping[str, str], what: str) -> int | None:
    """The amount that holds for an insured with these traits.

    Raises:
        PydanticCustomError: of a list, not exactly one entry fits the traits.
    """
    return only_fitting(amounts, traits, what).amount if isinstance(amounts, tuple) else amounts
