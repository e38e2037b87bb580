"""What must agree between the sections of a scheme, one small check each.

A check looks at the sections that could be read and yields faults; to add one, write a function and list it in
``CHECKS``. Faults are placed by their path: ``KEY`` as its last step points at the key instead of the value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from pydantic_core import PydanticCustomError

from fundsim.benefits.payer import PayerTerms
from fundsim.benefits.schedule import Fault, compile_plan
from fundsim.money import format_yuan
from fundsim.population import InsuredGroup, Population
from fundsim.scenario.behaviour_checks import BEHAVIOUR_CHECKS
from fundsim.scenario.events import EVENT_CHECKS
from fundsim.scenario.frequency_checks import frequencies_can_be_sampled
from fundsim.scenario.fund_checks import FUND_CHECKS
from fundsim.scenario.problems import Problems, Steps
from fundsim.scenario.sections import Sections
from fundsim.scenario.traits import bill_traits, care_levels, person_traits, unknown_trait
from fundsim.scenario.uncertainty_checks import UNCERTAINTY_CHECKS
from fundsim.scenario.ways import mark_of
from fundsim.terms import KEY, Scale, nearest

_NAME = re.compile(r"[^\s.\[\]:,/]+")
_NAMED: Final[tuple[tuple[str, ...], ...]] = (
    ("traits",),
    ("payers",),
    ("population", "groups"),
    ("claims", "care"),
    ("funds",),
    ("designs",),
    ("uncertainty", "inputs"),
    ("events",),
)
"""Where a file gives names."""


def names_can_be_addressed(sections: Sections) -> Iterator[Fault]:
    """Payers, groups and the like are addressed in paths and columns, so their names are single words."""
    for way in _NAMED:
        for name in sections.keys(*way):
            if _NAME.fullmatch(name) is None:
                why = f"the name '{name}' cannot stand in a path such as payers.cii.cap"
                yield Fault((*way, name, KEY), why, "write one word, without blanks, dots, commas or brackets")


def years_run_forwards(sections: Sections) -> Iterator[Fault]:
    """The time in force begins before it ends."""
    valid = sections.valid
    if valid is not None and valid.from_ > valid.to:
        why = f"the scheme ends on {valid.to}, before it begins on {valid.from_}"
        yield Fault(("valid", "to"), why, "write the first day after 'from' and the last after 'to'")


def traits_have_values(sections: Sections) -> Iterator[Fault]:
    """Every trait has at least one value, and no value twice."""
    for trait, values in (sections.traits.values if sections.traits else {}).items():
        if not values:
            why = f"the trait '{trait}' has no values"
            yield Fault(("traits", trait), why, "list its values, the ordinary one first: [none, poor]")
        for place, value in enumerate(values):
            if value in values[:place]:
                yield Fault(("traits", trait, place), f"the value '{value}' stands twice", "keep one of the two")


def waterfall_names_payers(sections: Sections) -> Iterator[Fault]:
    """The waterfall names every payer once, and nobody else."""
    stated, seen = sections.keys("payers"), list[str]()
    if sections.waterfall is None:
        return
    for place, name in enumerate(sections.waterfall):
        if name not in stated:
            why = f"there is no payer '{name}'{nearest(name, stated)}"
            yield Fault(("waterfall", place), why, f"payers stated: {', '.join(stated) or 'none'}")
        elif name in seen:
            yield Fault(("waterfall", place), f"the payer '{name}' settles twice", "name each payer once")
        seen.append(name)
    for name in stated if set(seen) <= set(stated) else ():  # else one of them was misspelt
        if name not in seen:
            why = f"the payer '{name}' is not in the waterfall, so it never settles a bill"
            yield Fault(("payers", name, KEY), why, f"add '{name}' to 'waterfall' at its place, or delete the payer")


def parts_come_from_earlier_payers(sections: Sections) -> Iterator[Fault]:
    """What is added to a base, taken off it or topped up was done by somebody who settles earlier."""
    waterfall = sections.waterfall or []
    for name, payer in sections.payers.items():
        earlier = waterfall[: waterfall.index(name)] if name in waterfall else waterfall
        base: Steps = ("payers", name, "base")
        stated = [((*base, "adds", place), text) for place, text in enumerate(payer.base.adds)]
        stated += [((*base, "less", place), text) for place, text in enumerate(payer.base.less)]
        stated += [(("payers", name, "tops_up", place), text) for place, text in enumerate(payer.tops_up)]
        for path, text in stated:
            other = text.split()[-1]
            if other not in earlier:
                known = other in sections.keys("payers")
                why = f"'{text}' cannot stand here: {_not_earlier(name, other, earlier, known=known)}"
                choices = ", ".join(earlier) or f"none, '{name}' settles first"
                yield Fault(path, why, f"payers that settle earlier: {choices}")


def bases_count_something(sections: Sections) -> Iterator[Fault]:
    """Every payer counts something of a bill, and does not add what it takes off."""
    for name, payer in sections.payers.items():
        base = payer.base
        if not any(base.counts.values()) and not base.adds:
            why = f"nothing of a bill counts for '{name}', so it never pays"
            yield Fault(("payers", name, "base"), why, "write what counts, such as {counts: {A: 100%, B: 85%}}")
        for place, part in enumerate(base.less):
            if part in base.adds:
                yield Fault(("payers", name, "base", "less", place), f"'{part}' is also added", "keep one of the two")
        for place, part in enumerate((*base.adds, *base.less)):
            stated, at = ("adds", place) if place < len(base.adds) else ("less", place - len(base.adds))
            other = sections.payers.get(part.split()[-1])
            if part.startswith("cut by cap of") and other is not None and not any(_caps(other)):
                why = f"'{part}' is always nothing: that payer has no cap"
                yield Fault(("payers", name, "base", stated, at), why, "delete it, or give that payer its cap")


def _caps(payer: PayerTerms) -> list[int | None]:
    return [payer.values()["cap"], *(variant.changes().get("cap") for variant in payer.variants)]


def caps_are_shared_with_others(sections: Sections) -> Iterator[Fault]:
    """A cap that is shared exists, and is shared with other payers of the waterfall."""
    for name, payer in sections.payers.items():
        others = [other for other in sections.keys("payers") if other != name]
        for place, other in enumerate(payer.cap_shared_with):
            if other not in others:
                why = f"the cap cannot be shared with '{other}'"
                why += ", the payer itself" if other == name else f": there is no such payer{nearest(other, others)}"
                yield Fault(
                    ("payers", name, "cap_shared_with", place), why, f"other payers: {', '.join(others) or 'none'}"
                )
            elif other in payer.cap_shared_with[:place]:
                path: Steps = ("payers", name, "cap_shared_with", place)
                yield Fault(path, f"the cap is shared with '{other}' twice", "name each payer once")
        if payer.cap_shared_with and not any(_caps(payer)):
            why = f"payer '{name}' shares its cap, but has none"
            yield Fault(("payers", name, "cap_shared_with"), why, "add a cap such as 'cap: 200000 yuan/year'")


def _not_earlier(name: str, other: str, earlier: list[str], *, known: bool) -> str:
    if not known:
        return f"there is no payer '{other}'{nearest(other, earlier)}"
    return "a payer cannot be named in its own base" if name == other else f"'{other}' does not settle before '{name}'"


def plan_compiles(sections: Sections) -> Iterator[Fault]:
    """Bands, variants and conditions make sense for every class of case."""
    if sections.traits is None or sections.waterfall is None or not all(sections.traits.values.values()):
        return
    known = [name for name in sections.waterfall if name in sections.payers]
    _, faults = compile_plan(known, sections.payers, sections.traits)
    alike = Counter(fault.path for fault in faults)
    for path, fault in {fault.path: fault for fault in reversed(faults)}.items():
        others = alike[path] - 1
        more = f" (and {others} more class{'es' if others > 1 else ''})" if others else ""
        yield Fault(path, f"{fault.why}{more}", fault.instead)


def bands_are_alive(sections: Sections) -> Iterator[Fault]:
    """Bands that count from zero reach above the deductible of at least one class."""
    for name, payer in sections.payers.items():
        values = payer.values()
        if values["bands_from"] != "zero":
            continue
        lowest = _lowest_deductible(payer)
        for place, band in enumerate(values["bands"] or []):
            if band.to is not None and band.to <= lowest:
                why = (
                    f"band {place + 1} ends at {format_yuan(band.to)} yuan, but nothing is paid below the deductible "
                    f"of {format_yuan(lowest)} yuan: the band never pays"
                )
                instead = "delete the band, or write 'bands_from: deductible' if edges count from there"
                yield Fault(("payers", name, "bands", place, "to"), why, instead)


def caps_pay_something(sections: Sections) -> Iterator[Fault]:
    """A cap of zero would mean that the payer never pays."""
    for name, payer in sections.payers.items():
        caps = [(("payers", name, "cap"), payer.values()["cap"])]
        for place, variant in enumerate(payer.variants):
            caps.append((("payers", name, "variants", place, "cap"), variant.changes().get("cap")))  # type: ignore[arg-type]
        for path, cap in caps:
            if cap == 0:
                yield Fault(path, "a cap of zero lets nothing be paid", "write 'cap: none' where there is no limit")


def cost_limits_leave_something(sections: Sections) -> Iterator[Fault]:
    """Cost is considered beyond the deductible, else nothing would ever be paid."""
    for name, payer in sections.payers.items():
        lowest = _lowest_deductible(payer)
        limits = [(("payers", name, "cost_limit"), payer.values()["cost_limit"])]
        for place, variant in enumerate(payer.variants):
            limits.append((("payers", name, "variants", place, "cost_limit"), variant.changes().get("cost_limit")))  # type: ignore[arg-type]
        for path, limit in limits:
            if limit is not None and limit <= lowest:
                why = (
                    f"cost is considered up to {format_yuan(limit)} yuan, but nothing is paid below the deductible of "
                    f"{format_yuan(lowest)} yuan: nothing would ever be paid"
                )
                yield Fault(path, why, "write a limit above the deductible; a limit on what is paid is a 'cap'")
        yield from _bands_above(name, payer)


def _bands_above(name: str, payer: PayerTerms) -> Iterator[Fault]:
    """Bands that begin where cost is no longer considered, in any class."""
    values = payer.values()
    limits = [values["cost_limit"], *(variant.changes().get("cost_limit") for variant in payer.variants)]
    lifted = any("cost_limit" in v.changes() and v.changes()["cost_limit"] is None for v in payer.variants)
    if values["cost_limit"] is None or lifted or values["cost_limit"] <= _lowest_deductible(payer):
        return
    highest = max(limit for limit in limits if limit is not None)
    origin = _lowest_deductible(payer) if values["bands_from"] == "deductible" else 0
    for place, (before, _) in enumerate(pairwise(values["bands"] or []), start=1):
        if origin + before.to >= highest:
            begin, limit = format_yuan(origin + before.to), format_yuan(highest)
            why = f"band {place + 1} begins at {begin} yuan, but cost is considered up to {limit} yuan: it never pays"
            yield Fault(("payers", name, "bands", place), why, "delete the band, or raise 'cost_limit'")


def _lowest_deductible(payer: PayerTerms) -> int:
    """The lowest deductible that the payer or one of its variants states, fen; a bound where variants add up."""
    own = payer.values()["deductible"] or 0
    stated = [variant.changes()["deductible"] for variant in payer.variants if "deductible" in variant.changes()]
    return min([own, *(int(own * each.times) if isinstance(each, Scale) else each or 0 for each in stated)])


def groups_have_known_traits(sections: Sections) -> Iterator[Fault]:
    """Groups state declared traits, each with one of its values."""
    if sections.population is None or sections.traits is None:
        return
    for name, group in sections.population.groups.items():
        for trait, value in group.traits.items():
            yield from unknown_trait(sections, ("population", "groups", name, "traits", trait), trait, [value])


def claims_have_known_traits(sections: Sections) -> Iterator[Fault]:
    """Claims state declared traits, each with its values."""
    for way, trait, values, is_mix in bill_traits(sections.claims):
        yield from unknown_trait(sections, (*way, trait), trait, values, keys=is_mix)


def traits_have_one_owner(sections: Sections) -> Iterator[Fault]:
    """A trait belongs to the person or to the bill, never to both."""
    if sections.population is None:
        return
    persons = person_traits(sections.population)
    for way, trait, _, _ in bill_traits(sections.claims):
        if trait in persons:
            why = f"the trait '{trait}' is set here for the bill, and by group '{persons[trait]}' for the person"
            yield Fault((*way, trait, KEY), why, "set it in one of the two places")


def care_trait_is_the_care_level(sections: Sections) -> Iterator[Fault]:
    """A trait named ``care`` takes its value from the care level of the bill, so its values are the care levels."""
    levels = care_levels(sections.claims)
    if sections.traits is None or "care" not in sections.traits.values or levels is None:
        return
    if set(sections.traits.values["care"]) != set(levels):
        why = "the trait 'care' is a bill's care level, but its values are not the care levels of the claims"
        yield Fault(("traits", "care"), why, f"write 'care: [{', '.join(levels)}]', or give the trait another name")
    for way, trait, _, _ in bill_traits(sections.claims):
        if trait == "care":
            why = "the trait 'care' is set by the care level itself"
            yield Fault((*way, trait, KEY), why, "delete it here")


def contract_covers_payers(sections: Sections) -> Iterator[Fault]:
    """The contract insures payers of the scheme, each once."""
    payers = sections.keys("payers")
    covers = () if sections.contract is None else sections.contract.covers
    if not covers and sections.contract is not None:
        yield Fault(("contract", "covers"), "the contract covers nobody", "write 'covers: PAYER' with a payer")
    for place, name in enumerate(covers):
        if payers and name not in payers:
            why = f"the contract covers '{name}', and there is no such payer{nearest(name, payers)}"
            yield Fault(("contract", "covers", place), why, f"write 'covers: PAYER' with one of: {', '.join(payers)}")
        elif name in covers[:place]:
            yield Fault(("contract", "covers", place), f"the contract covers '{name}' twice", "name each payer once")


def premium_has_known_traits(sections: Sections) -> Iterator[Fault]:
    """A premium by trait states declared traits."""
    premium = None if sections.contract is None else sections.contract.premium
    yield from _known_entries(sections, ("contract", "premium"), premium)


def locality_has_known_traits(sections: Sections) -> Iterator[Fault]:
    """Income and basic funding by trait state declared traits."""
    if sections.locality is not None:
        yield from _known_entries(sections, ("locality", "income"), sections.locality.income)
        yield from _known_entries(sections, ("locality", "basic_funding"), sections.locality.basic_funding)


def _known_entries(sections: Sections, path: Steps, amounts: object) -> Iterator[Fault]:
    for place, entry in enumerate(amounts if isinstance(amounts, tuple) else ()):
        for trait, value in entry.when.items():
            yield from unknown_trait(sections, (*path, place, "when", trait), trait, [value])


def premium_fits_every_group(sections: Sections) -> Iterator[Fault]:
    """Of a premium by trait, exactly one entry fits each group."""
    if sections.contract is None or any(premium_has_known_traits(sections)):
        return
    if sections.contract.premium is None and sections.population is not None and sections.traits is not None:
        why = "the contract states no premium, so nothing could be said of its result"
        instead = "add 'premium: 33 yuan/person', wrapped in 'assume' if it is not known"
        yield Fault(("contract", "premium"), why, instead)
    elif sections.contract.premium is not None:
        yield from _fits_every_group(sections, ("contract", "premium"), sections.contract.premium_per_head)


def locality_fits_every_group(sections: Sections) -> Iterator[Fault]:
    """Of income and of basic funding by trait, exactly one entry fits each group."""
    locality = sections.locality
    if locality is not None and not any(locality_has_known_traits(sections)):
        yield from _fits_every_group(sections, ("locality", "income"), locality.income_per_head)
        yield from _fits_every_group(sections, ("locality", "basic_funding"), locality.basic_funding_per_head)


def _fits_every_group(
    sections: Sections, path: Steps, amount: Callable[[Mapping[str, str]], object]
) -> Iterator[Fault]:
    for group in _groups(sections):
        try:
            amount(group.traits)
        except PydanticCustomError as error:
            words = error.context or {}
            yield Fault(path, f"group '{group.name}': {words['why']}", str(words["instead"]))


def _groups(sections: Sections) -> tuple[InsuredGroup, ...]:
    """The groups of the insured with their traits; none where those cannot be told."""
    if sections.population is None or sections.traits is None or not all(sections.traits.values.values()):
        return ()
    persons = person_traits(sections.population)
    values = {trait: values for trait, values in sections.traits.values.items() if trait in persons}
    return Population.build(sections.population, values).groups


def basic_funding_is_one_figure(sections: Sections) -> Iterator[Fault]:
    """A premium that is a rate of basic funding, and the locality, mean the same basic funding."""
    contract, locality = sections.contract, sections.locality
    if contract is None or locality is None:
        return
    if any(premium_fits_every_group(sections)) or any(locality_fits_every_group(sections)):
        return
    for group in _groups(sections):
        of, stated = contract.basic_funding_per_head(group.traits), locality.basic_funding_per_head(group.traits)
        if of is not None and stated is not None and of != stated:
            why = (
                f"group '{group.name}': basic funding is {format_yuan(stated)} yuan/person here, and the premium is a "
                f"rate of {format_yuan(of)} yuan/person"
            )
            yield Fault(("locality", "basic_funding"), why, "state one figure, or leave 'basic_funding' out")
            return


def something_is_simulated(sections: Sections) -> Iterator[Fault]:
    """There is at least one replication."""
    if sections.simulation is not None and sections.simulation.replications == 0:
        why = "no replication would be simulated"
        yield Fault(("simulation", "replications"), why, "write at least 1; 2000 is the default")


def somebody_is_insured(sections: Sections) -> Iterator[Fault]:
    """There is at least one insured."""
    if sections.population is not None and sections.population.insured == 0:
        yield Fault(("population", "insured"), "nobody is insured", "write a number such as 3300000 persons")


def readings_name_designs(sections: Sections) -> Iterator[Fault]:
    """The other reading of an ambiguous place is a design of the file."""
    designs = sections.keys("designs")
    for place, reading in enumerate(sections.readings):
        if reading.other is not None and reading.other not in designs:
            why = f"there is no design '{reading.other}'{nearest(reading.other, designs)}"
            choices = ", ".join(designs) or "none is stated"
            yield Fault(("readings", place, "other"), why, f"name a design that holds the other reading: {choices}")


Check = Callable[[Sections], Iterator[Fault]]

CHECKS: Final[tuple[Check, ...]] = (
    names_can_be_addressed,
    years_run_forwards,
    traits_have_values,
    waterfall_names_payers,
    parts_come_from_earlier_payers,
    bases_count_something,
    caps_are_shared_with_others,
    plan_compiles,
    bands_are_alive,
    caps_pay_something,
    cost_limits_leave_something,
    groups_have_known_traits,
    claims_have_known_traits,
    traits_have_one_owner,
    care_trait_is_the_care_level,
    frequencies_can_be_sampled,
    contract_covers_payers,
    premium_has_known_traits,
    premium_fits_every_group,
    locality_has_known_traits,
    locality_fits_every_group,
    basic_funding_is_one_figure,
    something_is_simulated,
    somebody_is_insured,
    readings_name_designs,
    *FUND_CHECKS,
    *UNCERTAINTY_CHECKS,
    *EVENT_CHECKS,
    *BEHAVIOUR_CHECKS,
)
"""Every check; what one finds does not keep the others from looking."""


def run_checks(sections: Sections, problems: Problems, checks: Iterable[Check] = CHECKS) -> None:
    """Note the faults that the checks find, each at its place in the file."""
    for check in checks:
        for fault in check(sections):
            way = tuple(step for step in fault.path if step != KEY)
            problems.add(mark_of(sections.root, fault.path), way, fault.why, fault.instead)
