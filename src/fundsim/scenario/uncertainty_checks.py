"""What uncertain inputs must agree with: the claims and the insured they concern, and each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from fundsim.benefits.schedule import Fault
from fundsim.claims import AdmissionClaims, AnnualClaims
from fundsim.population import Population
from fundsim.scenario.problems import Steps
from fundsim.scenario.sections import Sections
from fundsim.scenario.traits import bill_traits, care_levels, person_traits, unknown_trait
from fundsim.severity import SeverityFamily
from fundsim.terms import KEY, nearest
from fundsim.uncertainty import (
    CatalogueMix,
    CorrelationTerms,
    Cost,
    Enrolment,
    GroupShare,
    Input,
    JointTerms,
    Mix,
    TailIndex,
    UncertaintyTerms,
)

INPUTS: Final = ("uncertainty", "inputs")
CORRELATION: Final = ("uncertainty", "correlation")
JOINT: Final = ("uncertainty", "joint")
_RARELY: Final = 1e-6
"""A probability at which a group may be exhausted."""


def _inputs(sections: Sections) -> Mapping[str, Input]:
    return {} if sections.uncertainty is None else sections.uncertainty.inputs


# -- what the inputs concern ----------------------------------------------------------------------------------------


def inputs_concern_known_care(sections: Sections) -> Iterator[Fault]:
    """An input names care levels of the claims."""
    levels = care_levels(sections.claims)
    if sections.claims is None:
        return
    for name, stated in _inputs(sections).items():
        named = stated.care if isinstance(stated, Cost | TailIndex | Mix | CatalogueMix) else None
        for place, level in enumerate(named or ()):
            if levels is None:
                why = "annual amounts have no care levels"
                yield Fault((*INPUTS, name, "care"), why, "delete 'care': the input concerns the amount")
                break
            if level not in levels:
                why = f"there is no care level '{level}'{nearest(level, levels)}"
                yield Fault((*INPUTS, name, "care", place), why, f"care levels: {', '.join(levels)}")


def mixes_move_something(sections: Sections) -> Iterator[Fault]:
    """A mix names values of a trait of the bill that share the bills with others."""
    for name, stated in _inputs(sections).items():
        if isinstance(stated, Mix) and sections.claims is not None:
            yield from (
                _care_mix_faults(sections, name, stated)
                if stated.trait == "care"
                else _mix_faults(sections, name, stated)
            )


def _care_mix_faults(sections: Sections, name: str, stated: Mix) -> Iterator[Fault]:
    levels = care_levels(sections.claims)
    if levels is None:
        yield Fault((*INPUTS, name, "trait"), "annual amounts have no care levels", "name a trait of the amounts")
        return
    if stated.care is not None:
        why = "a mix of the care levels themselves concerns all of them"
        yield Fault((*INPUTS, name, "care", KEY), why, "delete 'care'")
    unknown = [place for place, value in enumerate(stated.values) if value not in levels]
    for place in unknown:
        why = f"there is no care level '{stated.values[place]}'{nearest(stated.values[place], levels)}"
        yield Fault((*INPUTS, name, "values", place), why, f"care levels: {', '.join(levels)}")
    if not unknown and set(levels) <= set(stated.values):
        yield _moves_nothing(name)


def _mix_faults(sections: Sections, name: str, stated: Mix) -> Iterator[Fault]:
    stated_traits = list(bill_traits(sections.claims))
    if sections.traits is not None and stated.trait not in sections.traits.values:
        yield from unknown_trait(sections, (*INPUTS, name, "trait"), stated.trait, ())
        return
    if stated.trait not in {trait for _, trait, _, _ in stated_traits}:
        persons = sections.population is not None and stated.trait in person_traits(sections.population)
        why = f"the claims do not say how often bills have which '{stated.trait}'"
        instead = "write an input 'of: group-share'" if persons else "state its shares in the claims first"
        yield Fault((*INPUTS, name, "trait"), f"{why}{': it is a trait of persons' if persons else ''}", instead)
        return
    faults = [
        fault
        for place, value in enumerate(stated.values)
        for fault in unknown_trait(sections, (*INPUTS, name, "values", place), stated.trait, [value])
    ]
    yield from faults
    if not faults and not any(
        0 < sum(share for value, share in mix.items() if value in stated.values) < sum(mix.values())
        for mix in _mixes(sections.claims, stated)
    ):
        yield _moves_nothing(name)


def _mixes(claims: AdmissionClaims | AnnualClaims | None, stated: Mix) -> Iterator[Mapping[str, int]]:
    """The shares of the trait's values, for every kind of bill that the input concerns and that has a mix of them."""
    blocks = [claims.traits] if isinstance(claims, AnnualClaims) else []
    if isinstance(claims, AdmissionClaims):
        blocks = [level.traits for name, level in claims.care.items() if stated.care is None or name in stated.care]
    for traits in blocks:
        mix = traits.get(stated.trait)
        if isinstance(mix, dict):
            yield mix


def _moves_nothing(name: str) -> Fault:
    why = "these values have none or all of the bills, so a factor on their share changes nothing"
    return Fault((*INPUTS, name, "values"), why, "name values that share the bills with others")


def catalogues_move_something(sections: Sections) -> Iterator[Fault]:
    """Cost moves between the covered and the other part of bills that have both."""
    for name, stated in _inputs(sections).items():
        if not isinstance(stated, CatalogueMix) or sections.claims is None:
            continue
        if not isinstance(sections.claims, AdmissionClaims):
            why = "annual amounts are what is left in policy: they have no cost outside the catalogue"
            yield Fault((*INPUTS, name), why, "delete the input, or write claims by admission")
            continue
        splits = [level.catalogue for care, level in sections.claims.care.items() if care in (stated.care or (care,))]
        if splits and not any(each.A + each.B and each.C + each.excluded for each in splits):
            why = "all cost lies on one side of the catalogue, so a factor on the rest changes nothing"
            yield Fault((*INPUTS, name), why, "name care levels with cost inside and outside, or delete the input")


def tails_have_an_index(sections: Sections) -> Iterator[Fault]:
    """A tail index belongs to a care level with a Pareto tail, and to one input."""
    taken: dict[str, str] = {}
    for name, stated in _inputs(sections).items():
        if not isinstance(stated, TailIndex) or sections.claims is None:
            continue
        families = _families(sections.claims)
        concerned = [level for level in families if level in (stated.care or (level,))]
        tails = [level for level in concerned if families[level].closed_tail() is not None]
        for place, level in enumerate(stated.care or ()):
            if level in families and level not in tails:
                why = f"the cost of '{level}' has no Pareto tail"
                instead = "write its cost as 'family: spliced' with a tail, or leave it out"
                yield Fault((*INPUTS, name, "care", place), why, instead)
        if concerned and not tails and stated.care is None:
            why = "no cost of these claims has a Pareto tail"
            yield Fault((*INPUTS, name), why, "write a cost as 'family: spliced' with a tail, or delete the input")
        for level in tails:
            if level in taken:
                why = f"the input '{taken[level]}' is the tail index of the same cost"
                yield Fault((*INPUTS, name), why, "give each care level one tail index")
                break
            taken[level] = name


def _families(claims: AdmissionClaims | AnnualClaims) -> Mapping[str, SeverityFamily]:
    """The cost families by care level; that of annual amounts under a name of its own."""
    if isinstance(claims, AnnualClaims):
        return {"year": claims.amount}
    return {name: level.cost for name, level in claims.care.items()}


def inputs_concern_known_people(sections: Sections) -> Iterator[Fault]:
    """An input names groups of the insured."""
    if sections.population is None:
        return
    groups = list(sections.population.groups)
    for path, group in _people(_inputs(sections)):
        if group not in groups:
            why = f"there is no group '{group}'{nearest(group, groups)}"
            yield Fault(path, why, f"groups of the insured: {', '.join(groups)}")


def _people(inputs: Mapping[str, Input]) -> Iterator[tuple[Steps, str]]:
    for name, stated in inputs.items():
        if isinstance(stated, Enrolment):
            yield from (((*INPUTS, name, "people", place), group) for place, group in enumerate(stated.people or ()))
        elif isinstance(stated, GroupShare):
            yield (*INPUTS, name, "people"), stated.people
            yield (*INPUTS, name, "taken_from"), stated.taken_from


def groups_can_give_what_is_taken(sections: Sections) -> Iterator[Fault]:
    """The group that others join from is another one, and large enough."""
    if sections.population is None or any(inputs_concern_known_people(sections)):
        return
    persons = {group.name: group.persons for group in Population.build(sections.population, {}).groups}
    seen: dict[str, str] = {}
    for name, stated in _inputs(sections).items():
        if not isinstance(stated, GroupShare):
            continue
        if stated.people == stated.taken_from:
            why = f"'{stated.people}' cannot grow at its own cost"
            yield Fault((*INPUTS, name, "taken_from"), why, "name another group")
        elif stated.people in seen:
            why = f"the input '{seen[stated.people]}' is the share of the same group"
            yield Fault((*INPUTS, name, "people"), why, "give each group one share")
        elif _has_distribution(sections.uncertainty, name):
            yield from _exhaustion(sections, name, stated, persons)
        seen.setdefault(stated.people, name)


def _exhaustion(sections: Sections, name: str, stated: GroupShare, persons: Mapping[str, int]) -> Iterator[Fault]:
    assert sections.uncertainty is not None
    high = float(sections.uncertainty.marginal(name).ppf(1.0 - _RARELY))
    own, other = persons[stated.people], persons[stated.taken_from]
    if own * (high - 1.0) > other:
        why = f"x{high:.3g} of {own:,} persons is more than the {other:,} of '{stated.taken_from}' can give"
        yield Fault((*INPUTS, name), why, "add 'within: [x0.5, x2]' with a smaller highest factor, or lower the spread")


def _has_distribution(uncertainty: UncertaintyTerms | None, name: str) -> bool:
    if uncertainty is None:
        return False
    stated = uncertainty.inputs[name].distribution is not None
    return stated or any(name in joint.names for joint in uncertainty.joint)


# -- how they are distributed together ------------------------------------------------------------------------------


def inputs_have_one_distribution(sections: Sections) -> Iterator[Fault]:
    """Every input is distributed by itself or in one joint distribution."""
    inputs, terms = _inputs(sections), sections.uncertainty
    joint = {name for each in (terms.joint if terms else ()) for name in each.names}
    for name, stated in inputs.items():
        if stated.distribution is None and name not in joint:
            why = f"'{name}' has no distribution"
            yield Fault(
                (*INPUTS, name), why, "add 'distribution: {family: lognormal, cv: 0.05}', or name it in 'joint'"
            )
        if stated.distribution is not None and name in joint:
            why = f"'{name}' has a distribution of its own and stands in a joint one"
            yield Fault((*INPUTS, name, "distribution"), why, "keep one of the two")
    seen: set[str] = set()
    for place, each in enumerate(terms.joint if terms else ()):
        yield from _joint_faults((*JOINT, place), each, inputs, seen)


def _joint_faults(path: Steps, joint: JointTerms, inputs: Mapping[str, Input], seen: set[str]) -> Iterator[Fault]:
    for item, name in enumerate(joint.names):
        way = (*path, "names", item)
        if name not in inputs:
            yield Fault(way, f"there is no input '{name}'{nearest(name, inputs)}", f"inputs: {', '.join(inputs)}")
        elif name in seen:
            yield Fault(way, f"'{name}' stands in joint distributions more than once", "name each input once")
        elif joint.scale == "log" and inputs[name].UNIT == "points":
            why = f"'{name}' is an error that is added, so it has no logarithm"
            yield Fault(way, why, "write 'scale: identity', with its mean and covariance as fractions")
        seen.add(name)


def joint_inputs_can_be_drawn(sections: Sections) -> Iterator[Fault]:
    """An input with a part of a joint distribution takes only values that it can have."""
    if sections.uncertainty is None or any(inputs_have_one_distribution(sections)):
        return
    for name, stated in sections.uncertainty.inputs.items():
        fault = stated.fault_of(sections.uncertainty.distribution(name)) if stated.distribution is None else None
        if fault is not None:
            yield Fault((*INPUTS, name), *fault)


def correlations_are_of_two_inputs(sections: Sections) -> Iterator[Fault]:
    """A correlation is between two different inputs, once, and not where a covariance says it."""
    inputs, terms = _inputs(sections), sections.uncertainty
    seen: set[frozenset[str]] = set()
    for place, each in enumerate(terms.correlation if terms else ()):
        path: Steps = (*CORRELATION, place, "between")
        unknown = [(item, name) for item, name in enumerate(each.between) if name not in inputs]
        for item, name in unknown:
            choices = ", ".join(inputs)
            yield Fault((*path, item), f"there is no input '{name}'{nearest(name, inputs)}", f"inputs: {choices}")
        if not unknown:
            yield from _pair_faults(path, each, seen, terms)
        seen.add(frozenset(each.between))


def _pair_faults(
    path: Steps, each: CorrelationTerms, seen: set[frozenset[str]], terms: UncertaintyTerms | None
) -> Iterator[Fault]:
    one, other = each.between
    if one == other:
        yield Fault((*path, 1), f"'{one}' is not correlated with itself", "name two inputs")
    elif frozenset(each.between) in seen:
        yield Fault(path, f"the correlation of '{one}' and '{other}' is stated twice", "keep one of the two")
    elif any(one in joint.names and other in joint.names for joint in (terms.joint if terms else ())):
        why = f"the covariance of '{one}' and '{other}' is stated in 'joint'"
        yield Fault(path, why, "delete the correlation")


def correlated_inputs_are_drawn_alike(sections: Sections) -> Iterator[Fault]:
    """Inputs that move together are drawn at the same times and are one source of risk; no contradictions."""
    terms = sections.uncertainty
    if terms is None or any(correlations_are_of_two_inputs(sections)) or any(inputs_have_one_distribution(sections)):
        return
    for block in terms.blocks:
        place = _place_of(terms, block.names)
        times = {name: terms.inputs[name].drawn for name in block.names}
        if len(set(times.values())) > 1:
            words = "; ".join(f"'{name}' {drawn}" for name, drawn in times.items())
            why = f"inputs that move together must be drawn alike: {words}"
            yield Fault(place, why, "leave the correlation out, or write 'serial: 1' for one error of all years")
        groups = {group: name for name in block.names if (group := terms.inputs[name].group)}
        if len(groups) > 1:
            why = f"{' and '.join(map(repr, block.names))} move together, and belong to different groups"
            yield Fault((*INPUTS, list(groups.values())[1], "group"), why, "give inputs that move together one group")
        contradiction = block.contradiction()
        if contradiction:
            words = ", ".join(f"{one} and {other} {terms.correlation_of(one, other):g}" for one, other in contradiction)
            why = f"these correlations cannot hold together: {words}"
            yield Fault(place, why, "bring them nearer to zero, or correct a sign")


def _place_of(terms: UncertaintyTerms, names: tuple[str, ...]) -> Steps:
    """Where the correlations of a block are stated: in the last pair, or in a joint distribution."""
    pairs = [place for place, each in enumerate(terms.correlation) if each.between[0] in names]
    if pairs:
        return (*CORRELATION, pairs[-1], "between")
    return (*JOINT, next(place for place, each in enumerate(terms.joint) if each.names[0] in names), "covariance")


UNCERTAINTY_CHECKS: Final[tuple[Callable[[Sections], Iterator[Fault]], ...]] = (
    inputs_concern_known_care,
    mixes_move_something,
    catalogues_move_something,
    tails_have_an_index,
    inputs_concern_known_people,
    groups_can_give_what_is_taken,
    inputs_have_one_distribution,
    joint_inputs_can_be_drawn,
    correlations_are_of_two_inputs,
    correlated_inputs_are_drawn_alike,
)
"""The checks of uncertain inputs, for the list of all checks."""
