"""The compiled table (待遇一览): for every class of case what a payer pays; what people review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from fundsim.benefits.schedule import ClassSchedule, PayerSchedule, Traits
from fundsim.money import format_rate, format_yuan

if TYPE_CHECKING:
    from fundsim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Row:
    """What a payer pays for one class of case, in words; traits that do not matter are left out."""

    case: Mapping[str, str]
    deductible: str
    bands: str
    cap: str
    variants: str
    """Positions of the variants that made it, from 1."""


HEADINGS = ("deductible", "bands", "cap", "variants")
"""The columns of a row after those of the traits."""


def compiled_table(scenario: Scenario, payer: str) -> tuple[Row, ...]:
    """Return the rows of one payer, a row for each combination of the traits that matter to it."""
    traits, schedule = scenario.plan.traits, scenario.plan.payer(payer)
    matter = [trait for trait in traits.values if _matters(trait, traits, schedule)]
    return tuple(_rows(matter, traits, schedule))


def _matters(trait: str, traits: Traits, schedule: PayerSchedule) -> bool:
    """Whether some class pays differently when this trait alone is different."""
    first = traits.values[trait][0]
    return any(
        schedule.classes[traits.number(case)] != schedule.classes[traits.number({**case, trait: first})]
        for case in traits.classes()
    )


def _rows(matter: list[str], traits: Traits, schedule: PayerSchedule) -> Iterator[Row]:
    for combination in product(*(traits.values[trait] for trait in matter)):
        case = dict(zip(matter, combination, strict=True))
        terms = schedule.classes[traits.number(case)]
        if not terms.covered:
            yield Row(case, "–", "not covered", "–", "–")
            continue
        variants = ", ".join(map(str, terms.variants)) or "–"
        yield Row(
            case, _yuan(terms.deductible) if terms.deductible else "none", bands_in_words(terms), _cap(terms), variants
        )


def _cap(terms: ClassSchedule) -> str:
    return "none" if terms.cap is None else _yuan(terms.cap)


def _yuan(fen: int) -> str:
    """Yuan without needless decimals: ``6,000`` or ``6,000.50``."""
    return format_yuan(fen).removesuffix(".00")


def bands_in_words(terms: ClassSchedule) -> str:
    """The rates and where each begins on the accumulated base: ``50/60/70/80% from 6,000/26,000/46,000/66,000``."""
    if len(terms.bands) == 1 and terms.bands[0][0] == terms.deductible:
        return f"{format_rate(terms.bands[0][1])} flat"
    rates = "/".join(format_rate(rate).removesuffix("%") for _, rate in terms.bands)
    return f"{rates}% from {'/'.join(_yuan(start) for start, _ in terms.bands)}"
