"""What behaviour must agree with: the designs of its file, and the traits of its scheme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fundsim.behaviour import SCHEME
from fundsim.benefits.schedule import Fault, compile_plan
from fundsim.scenario.sections import Sections
from fundsim.terms import nearest


def the_base_is_a_design(sections: Sections) -> Iterator[Fault]:
    """The base is the scheme itself, or a design of the same file."""
    behaviour = sections.behaviour
    if behaviour is None or behaviour.rules is not None or behaviour.base == SCHEME:
        return
    designs = sections.keys("designs")
    if behaviour.base not in designs:
        why = f"there is no design '{behaviour.base}'{nearest(behaviour.base, [SCHEME, *designs])}"
        yield Fault(("behaviour", "base"), why, f"write one of: {', '.join([SCHEME, *designs])}")


def the_base_can_be_settled(sections: Sections) -> Iterator[Fault]:
    """The rules of the base name payers that they state, and make sense for every class of case."""
    rules = None if sections.behaviour is None else sections.behaviour.rules
    if rules is None or sections.traits is None or not all(sections.traits.values.values()):
        return
    for key, names, known in (("waterfall", rules.waterfall, rules.payers), ("covers", rules.covers, rules.waterfall)):
        for place, name in enumerate(names):
            if name not in known:
                why = f"there is no payer '{name}' in the base{nearest(name, known)}"
                yield Fault(("behaviour", "rules", key, place), why, f"payers of the base: {', '.join(known)}")
    known_payers = [name for name in rules.waterfall if name in rules.payers]
    for fault in compile_plan(known_payers, rules.payers, sections.traits)[1]:
        yield Fault(("behaviour", "rules", *fault.path), fault.why, fault.instead)


BEHAVIOUR_CHECKS: Final[tuple[Callable[[Sections], Iterator[Fault]], ...]] = (
    the_base_is_a_design,
    the_base_can_be_settled,
)
"""The checks of behaviour, for the list of all checks."""
