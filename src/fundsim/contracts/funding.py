"""Amounts per head (人均金额), by trait of the person where it matters: the premium (筹资标准) above all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag, model_validator

from fundsim.contracts.errors import Fault, refuse
from fundsim.contracts.tiers import as_tuple
from fundsim.money import PPM, half_up
from fundsim.terms import MoneyPerPerson, Rate, Terms, problem


class PerHead(Terms):
    """A premium per insured and year: an amount, or a rate of what basic insurance collects per head."""

    amount: MoneyPerPerson | None = None
    """Fen per insured."""
    rate: Rate | None = None
    """Part of the basic funding, ppm (医保筹资总额的一定比例)."""
    of: MoneyPerPerson | None = None
    """Basic funding per insured (基本医保人均筹资), fen."""
    plus: MoneyPerPerson = 0
    """Fixed amount on top of the rate, fen per insured, such as a new fiscal subsidy (新增财政补助)."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[Fault]:
        if self.amount is not None and (self.rate is not None or self.of is not None):
            why = "the premium is given both as an amount and as a rate"
            yield ("amount",), problem("premium", why, "keep either amount, or rate and of"), self.amount
        elif self.amount is None and self.rate is None and self.of is None:
            why = "the premium is given neither as an amount nor as a rate"
            yield (
                (),
                problem("premium", why, "write amount: 33 yuan/person, or rate: 2% and of: 1200 yuan/person"),
                None,
            )
        elif self.amount is None and self.of is None:
            why = "the premium is a rate, but not of what"
            yield ("rate",), problem("premium", why, "add the basic funding, such as of: 1200 yuan/person"), self.rate
        elif self.amount is None and self.rate is None:
            why = "the premium names basic funding, but no rate of it"
            yield ("of",), problem("premium", why, "add the rate, such as rate: 2%"), self.of
        if self.amount is not None and self.plus:
            why = "the premium is an amount, and has another amount on top of it"
            yield ("plus",), problem("premium", why, "write their sum as the amount"), self.plus

    @property
    def fen(self) -> int:
        """Fen per insured: the amount, or rate x basic funding rounded half up, and what is on top of it."""
        if self.rate is not None and self.of is not None:
            return half_up(self.rate * self.of, PPM) + self.plus
        return self.amount or 0


class ByTrait(Terms):
    """What holds for those of the insured whose traits match ``when``."""

    when: dict[str, str]
    """Traits of the person, all of which must match: ``{household: urban}``."""

    def fits(self, traits: Mapping[str, str]) -> bool:
        return all(traits.get(name) == value for name, value in self.when.items())


class PremiumEntry(PerHead, ByTrait):
    """The premium of those whose traits match ``when``."""


def _branch(value: Any) -> str:
    """Which way of writing a premium is meant, so that only its own errors are reported."""
    if isinstance(value, list | tuple):
        return "by-trait"
    return "formula" if isinstance(value, Mapping | PerHead) else "amount"


Entry = TypeVar("Entry", bound=ByTrait)


def some_entries(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Refuse a list by trait that is empty."""
    if not entries:
        instead = "write entries such as {when: {household: urban}, amount: 29 yuan/person}"
        raise problem("entries", "the list by trait has no entries", instead)
    return entries


Premium = Annotated[
    Annotated[MoneyPerPerson, Tag("amount")]
    | Annotated[PerHead, Tag("formula")]
    | Annotated[tuple[PremiumEntry, ...], BeforeValidator(as_tuple), AfterValidator(some_entries), Tag("by-trait")],
    Discriminator(_branch),
]
"""``33 yuan/person``, or ``{rate: 2%, of: 1200 yuan/person}``, or a list of either with ``when``."""


def per_head(premium: int | PerHead | tuple[PremiumEntry, ...], traits: Mapping[str, str]) -> int:
    """The premium of one insured with these traits, fen.

    Raises:
        PydanticCustomError: of a list, not exactly one entry fits the traits.
    """
    return premium if isinstance(premium, int) else formula(premium, traits).fen


def formula(premium: PerHead | tuple[PremiumEntry, ...], traits: Mapping[str, str]) -> PerHead:
    """How the premium of one insured with these traits is stated, where it is more than an amount.

    Raises:
        PydanticCustomError: of a list, not exactly one entry fits the traits.
    """
    return premium if isinstance(premium, PerHead) else only_fitting(premium, traits, "premium")


def only_fitting(entries: Sequence[Entry], traits: Mapping[str, str], what: str) -> Entry:
    """The one entry of a list by trait that fits an insured with these traits.

    Raises:
        PydanticCustomError: not exactly one entry of ``what`` fits the traits.
    """
    fitting = [entry for entry in entries if entry.fits(traits)]
    if len(fitting) == 1:
        return fitting[0]
    who = ", ".join(f"{name}: {value}" for name, value in traits.items()) or "no traits"
    if not fitting:
        known = "; ".join(_condition(entry) for entry in entries)
        raise problem(what, f"no {what} entry fits the insured with {who}", f"add an entry; there are {known}")
    several = " and ".join(_condition(entry) for entry in fitting)
    why = f"{len(fitting)} {what} entries fit the insured with {who}: {several}"
    raise problem(what, why, "write conditions of which exactly one fits each group")


def _condition(entry: ByTrait) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in entry.when.items()) + "}"
