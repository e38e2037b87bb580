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
    """Values by trait; several that pay alike are joined by commas."""
    deductible: str
    bands: str
    cap: str
    variants: str
    """Positions of the variants that made it, from 1."""

    @property
    def covered(self) -> bool:
        """Whether the payer covers the class at all."""
        return self.bands != NOT_COVERED


NOT_COVERED = "not covered"
HEADINGS = ("deductible", "bands", "cap", "variants")
"""The columns of a row after those of the traits."""


def compiled_table(scenario: Scenario, payer: str) -> tuple[Row, ...]:
    """Return the rows of one payer; values of a trait that pay alike share a row."""
    traits, schedule = scenario.plan.traits, scenario.plan.payer(payer)
    alike = {trait: _alike(trait, traits, schedule) for trait in traits.values}
    return tuple(_rows({trait: groups for trait, groups in alike.items() if len(groups) > 1}, traits, schedule))


def _alike(trait: str, traits: Traits, schedule: PayerSchedule) -> list[list[str]]:
    """The values of a trait, those together that pay alike whatever the other traits are."""
    columns: dict[tuple[ClassSchedule | None, ...], list[str]] = {}
    others = Traits({name: values for name, values in traits.values.items() if name != trait})
    for value in traits.values[trait]:
        classes = (schedule.classes[traits.number({**case, trait: value})] for case in others.classes())
        columns.setdefault(tuple(each if each.covered else None for each in classes), []).append(value)
    return list(columns.values())


def _rows(alike: Mapping[str, list[list[str]]], traits: Traits, schedule: PayerSchedule) -> Iterator[Row]:
    for combination in product(*alike.values()):
        values = dict(zip(alike, combination, strict=True))
        terms = schedule.classes[traits.number({trait: group[0] for trait, group in values.items()})]
        case = {trait: ", ".join(group) for trait, group in values.items()}
        if not terms.covered:
            yield Row(case, "–", NOT_COVERED, "–", "–")
            continue
        deductible = _yuan(terms.deductible) if terms.deductible else "none"
        variants = ", ".join(map(str, terms.variants)) or "–"
        yield Row(case, deductible, bands_in_words(terms), _cap(terms), variants)


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
