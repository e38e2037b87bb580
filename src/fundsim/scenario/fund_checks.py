"""What the funds of a scheme must agree with: its payers, its insured, each other, and how it is simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from fundsim.benefits.schedule import Fault
from fundsim.claims import AnnualClaims
from fundsim.funds import CONTRACT, FundTerms, as_list
from fundsim.scenario.sections import Sections
from fundsim.scenario.traits import person_traits, unknown_trait
from fundsim.terms import KEY, nearest


def funds_bear_known_payers(sections: Sections) -> Iterator[Fault]:
    """A fund bears payers of the scheme, and no payer is borne twice."""
    stated, bearers = sections.keys("payers"), dict[str, str]()
    for name, fund in sections.funds.items():
        for place, payer in enumerate(fund.pays):
            path = ("funds", name, "pays", place)
            if payer not in stated:
                why = f"there is no payer '{payer}'{nearest(payer, stated)}"
                yield Fault(path, why, f"payers stated: {', '.join(stated) or 'none'}")
            elif payer in bearers:
                why = f"the payments of '{payer}' are borne by the fund '{bearers[payer]}' already"
                yield Fault(path, why, "name each payer in one fund only")
            bearers.setdefault(payer, name)


def funds_have_known_insured(sections: Sections) -> Iterator[Fault]:
    """The insured of a fund are told by declared traits of persons, and there are some."""
    if sections.traits is None or sections.population is None:
        return
    persons, declared = person_traits(sections.population), sections.traits.values
    for name, fund in sections.funds.items():
        faults = []
        for trait, values in fund.wanted.items():
            path = ("funds", name, "insured", trait)
            faults += list(unknown_trait(sections, path, trait, values))
            if trait in declared and trait not in persons:
                why = f"'{trait}' is not a trait of persons: no group of the insured states it"
                faults.append(Fault((*path, KEY), why, f"traits of persons: {', '.join(persons) or 'none'}"))
        yield from faults
        if not faults and not any(
            fund.covers({trait: group.traits.get(trait, declared[trait][0]) for trait in persons})
            for group in sections.population.groups.values()
        ):
            why = "no group of the insured has these traits, so nobody is insured by the fund"
            yield Fault(("funds", name, "insured"), why, "write traits that some group has")


def funds_pay_for_their_own_insured(sections: Sections) -> Iterator[Fault]:
    """Where a fund has insured of its own, its payers pay for nobody else."""
    if any(funds_have_known_insured(sections)):
        return
    for name, fund in sections.funds.items():
        for place, payer in enumerate(fund.pays):
            terms = sections.payers.get(payer)
            if terms is None or not fund.insured:
                continue
            if not terms.only or not all(_within(condition, fund) for condition in terms.only):
                who = ", ".join(f"{trait}: {_written(values)}" for trait, values in fund.wanted.items())
                why = f"'{payer}' also pays for persons who are not insured by the fund '{name}'"
                instead = f"write 'only: [{{{who}}}]' for the payer '{payer}', or leave 'insured' out of the fund"
                yield Fault(("funds", name, "pays", place), why, instead)


def _within(condition: Mapping[str, str | list[str]], fund: FundTerms) -> bool:
    """Whether a condition on traits lets in nobody but the insured of the fund."""
    return all(
        trait in condition and set(as_list(condition[trait])) <= set(values) for trait, values in fund.wanted.items()
    )


def _written(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"[{', '.join(values)}]"


def transfers_go_somewhere(sections: Sections) -> Iterator[Fault]:
    """A transfer goes to another fund or to the contract."""
    for name, fund in sections.funds.items():
        choices = [*(other for other in sections.keys("funds") if other != name), CONTRACT]
        for to in fund.transfers:
            if to not in choices:
                why = f"there is no fund '{to}'{nearest(to, choices)}" if to != name else "a fund cannot pay itself"
                yield Fault(("funds", name, "transfers", to, KEY), why, f"write one of: {', '.join(choices)}")


def funds_can_be_told_apart(sections: Sections) -> Iterator[Fault]:
    """No fund takes the word by which the contract is meant."""
    if CONTRACT in sections.keys("funds"):
        why = f"'{CONTRACT}' is the word for the contract with the insurer, so no fund can have that name"
        yield Fault(("funds", CONTRACT, KEY), why, "give the fund another name, such as cii")


def funds_receive_something(sections: Sections) -> Iterator[Fault]:
    """A fund lives on an income, or on what another fund hands to it."""
    if len(sections.funds) < len(sections.keys("funds")):
        return  # one that cannot be read might be the giver
    for name, fund in sections.funds.items():
        if not fund.income and not any(name in other.transfers for other in sections.funds.values()):
            why = f"the fund '{name}' has no income, and no other fund transfers anything to it"
            instead = (
                "add 'income: {fiscal: 240 yuan/person, personal: 180 yuan/person}', wrapped in 'assume' if not known"
            )
            yield Fault(("funds", name), why, instead)


def funds_see_all_bills(sections: Sections) -> Iterator[Fault]:
    """Funds bear the bills of everybody, month by month, so all of them must be simulated."""
    if not sections.funds:
        return
    if sections.simulation is not None and sections.simulation.bills != "all":
        why = "the accounts of funds need the bills of everybody, and only those of beneficiaries are settled"
        yield Fault(("simulation", "bills"), why, "write 'simulation: {bills: all}'")
    if isinstance(sections.claims, AnnualClaims):
        why = "the accounts of funds are kept by month, and annual amounts have no month"
        yield Fault(("funds", KEY), why, "leave 'funds' out, or write claims by admission (basis: admissions)")


FUNDS_SEE_ONE_YEAR: Final = "the accounts of funds are kept for one year, from its first month to its settlement"
"""Why a scheme with funds is not simulated over several years."""


def funds_see_one_year(sections: Sections) -> Iterator[Fault]:
    """Funds start clean and are settled at the end of the year, so there is no year after it."""
    if sections.funds and sections.simulation is not None and sections.simulation.years > 1:
        instead = "write 'years: 1', or leave 'funds' out to see the contract over its term"
        yield Fault(("simulation", "years"), FUNDS_SEE_ONE_YEAR, instead)


FUND_CHECKS: Final[tuple[Callable[[Sections], Iterator[Fault]], ...]] = (
    funds_bear_known_payers,
    funds_have_known_insured,
    funds_pay_for_their_own_insured,
    funds_can_be_told_apart,
    transfers_go_somewhere,
    funds_receive_something,
    funds_see_all_bills,
    funds_see_one_year,
)
"""The checks of funds, for the list of all checks."""
