"""From terms to a table: for every class of case, each payer's deductible, curve and cap.

A class of case is one value for each trait. The compiled table is what people review (``fundsim show``) and what
both engines settle by; variants are applied top to bottom, once, here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from fundsim.benefits import RULES
from fundsim.benefits.payer import CATEGORIES, Match, Part, PayerTerms
from fundsim.benefits.rule import Draft, RefusedError
from fundsim.curves import PayoutCurve
from fundsim.terms import KEY, nearest

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """Something wrong with the terms as a whole: where, why, and what to write instead."""

    path: Path
    why: str
    instead: str


@dataclass(frozen=True)
class Traits:
    """What the rules look at (人员与就医特征), each with its possible values; the first is the default."""

    values: Mapping[str, tuple[str, ...]]

    @property
    def n_classes(self) -> int:
        return prod(len(values) for values in self.values.values())

    def classes(self) -> Iterator[dict[str, str]]:
        """All classes of case, in the order of their numbers."""
        for combination in product(*self.values.values()):
            yield dict(zip(self.values, combination, strict=True))

    def number(self, case: Mapping[str, str]) -> int:
        """Return the number of a class; a trait not named takes its first value.

        Raises:
            KeyError: a trait or value that is not declared.
        """
        unknown = set(case) - set(self.values)
        if unknown:
            raise KeyError(f"'{min(unknown)}' is not a declared trait")
        number = 0
        for trait, values in self.values.items():
            value = case.get(trait, values[0])
            if value not in values:
                raise KeyError(f"'{value}' is not a value of the trait '{trait}'")
            number = number * len(values) + values.index(value)
        return number


@dataclass(frozen=True)
class ClassSchedule:
    """What one payer pays for one class of case."""

    covered: bool
    deductible: int
    """Fen."""
    curve: PayoutCurve
    cap: int | None
    """Fen a year; None without a cap."""
    variants: tuple[int, ...] = ()
    """Positions of the variants that made it, counted from 1."""
    bands: tuple[tuple[int, int], ...] = ()
    """(fen on the accumulated base, ppm) where each rate begins: the curve without its deductible."""
    above_share: int = 0
    """Ppm of a bill's cost A, B and C that is taken off what counts."""


@dataclass(frozen=True)
class PayerSchedule:
    """One payer, compiled for every class of case."""

    name: str
    counts: tuple[int, int, int]
    """Ppm of cost A, B and C that counts."""
    parts: tuple[Part, ...]
    """What earlier payers did with the bill that is added to the base or taken off it."""
    by_year: bool
    """Whether the base accumulates over the year (else each bill starts at zero)."""
    classes: tuple[ClassSchedule, ...]
    clause: str | None = None
    tops_up: tuple[str, ...] = ()
    """Earlier payers whose payments on the bill are taken off what is due."""
    cap_shared_with: tuple[str, ...] = ()
    """Payers whose payments of the year use up the cap too."""


@dataclass(frozen=True)
class Plan:
    """A compiled benefit design: payers in waterfall order over one set of traits."""

    traits: Traits
    payers: tuple[PayerSchedule, ...]
    covers: tuple[str, ...] = ("cii",)
    """The payers whose payments the contract insures: critical illness insurance. The first is the primary one."""
    cumulative_rounding: bool = False
    """True: pay round(F(b)) - round(F(a)); False (default): round F(b) - F(a) once per payer and bill."""

    @property
    def primary(self) -> str:
        """The covered payer whose own base ``in_policy_left`` is."""
        return self.covers[0]

    def payer(self, name: str) -> PayerSchedule:
        return next(payer for payer in self.payers if payer.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(payer.name for payer in self.payers)


def matches(match: Match, case: Mapping[str, str]) -> bool:
    """Whether a class of case meets a condition."""
    wanted = ((trait, [value] if isinstance(value, str) else value) for trait, value in match.items())
    return all(case[trait] in values for trait, values in wanted)


def compile_plan(
    waterfall: Iterable[str],
    payers: Mapping[str, PayerTerms],
    traits: Traits,
    *,
    covers: tuple[str, ...] = ("cii",),
    cumulative_rounding: bool = False,
) -> tuple[Plan, list[Fault]]:
    """Compile the payers of the waterfall; faults are collected, and a faulty class keeps its last good values."""
    faults: list[Fault] = []
    compiled = []
    for name in waterfall:
        text = payers[name].model_dump_json()
        schedule, found = _compiled(_Stated(name, text, tuple(traits.values.items()), payers[name], traits))
        compiled.append(schedule)
        faults += found
    return Plan(traits, tuple(compiled), covers, cumulative_rounding), faults


@dataclass(frozen=True)
class _Stated:
    """A payer as it is stated; two are equal that state the same over the same traits."""

    name: str
    text: str
    values: tuple[tuple[str, tuple[str, ...]], ...]
    terms: PayerTerms = attribute(compare=False)
    traits: Traits = attribute(compare=False)


@lru_cache(maxsize=256)
def _compiled(payer: _Stated) -> tuple[PayerSchedule, tuple[Fault, ...]]:
    """Compile a payer and find its faults; of many designs of one scheme most payers are the same."""
    faults: list[Fault] = []
    schedule = _compile_payer(payer.name, payer.terms, payer.traits, faults)
    return schedule, tuple(faults)


def _compile_payer(name: str, terms: PayerTerms, traits: Traits, faults: list[Fault]) -> PayerSchedule:
    path: Path = ("payers", name)
    if terms.values()["bands"] is None and terms.values()["pay"] is None:
        faults.append(Fault(path, f"payer '{name}' does not say what it pays", "write 'pay: 50%' or a list of 'bands'"))
    if terms.values()["bands"] is not None and terms.values()["pay"] is not None:
        faults.append(Fault((*path, "pay"), f"payer '{name}' states both 'pay' and 'bands'", "keep one of the two"))
    known = _known_matches(path, terms, traits, faults)
    classes = tuple(_compile_classes(path, terms, traits, known, faults))
    faults.extend(_dead_variants(path, terms, classes, known))
    return PayerSchedule(
        name=name,
        counts=tuple(terms.base.counts.get(category, 0) for category in CATEGORIES),  # type: ignore[call-overload]
        parts=terms.base.parts(),
        by_year=terms.accumulate == "year",
        classes=classes,
        clause=terms.clause,
        tops_up=tuple(terms.tops_up),
        cap_shared_with=tuple(terms.cap_shared_with),
    )


def _known_matches(path: Path, terms: PayerTerms, traits: Traits, faults: list[Fault]) -> set[int]:
    """Positions of variants whose conditions name declared traits and values; the others are faults."""
    known = set()
    for place, match in enumerate(terms.only):
        faults.extend(_unknown_traits((*path, "only", place), match, traits))
    for place, variant in enumerate(terms.variants):
        wrong = _unknown_traits((*path, "variants", place, "when"), variant.when, traits)
        faults.extend(wrong)
        if not wrong:
            known.add(place)
    return known


def _unknown_traits(path: Path, match: Match, traits: Traits) -> list[Fault]:
    faults = []
    for trait, value in match.items():
        if trait not in traits.values:
            choices = ", ".join(traits.values) or "none is declared"
            why = f"'{trait}' is not a declared trait{nearest(trait, traits.values)}"
            faults.append(Fault((*path, trait, KEY), why, f"use one of: {choices}"))
            continue
        for wanted in [value] if isinstance(value, str) else value:
            if wanted not in traits.values[trait]:
                choices = ", ".join(traits.values[trait])
                why = f"'{wanted}' is not a value of the trait '{trait}'{nearest(wanted, traits.values[trait])}"
                faults.append(Fault((*path, trait), why, f"use one of: {choices}"))
    return faults


def _compile_classes(
    path: Path, terms: PayerTerms, traits: Traits, known: set[int], faults: list[Fault]
) -> Iterator[ClassSchedule]:
    """Compile every class of case; those that meet the same conditions are one and the same."""
    asked = {trait for match in (*terms.only, *(variant.when for variant in terms.variants)) for trait in match}
    looked_at = [trait for trait in traits.values if trait in asked]
    met: dict[tuple[str, ...], tuple[bool, ...]] = {}
    found: dict[tuple[bool, ...], ClassSchedule] = {}
    for case in traits.classes():
        values, so_far = tuple(case[trait] for trait in looked_at), len(faults)
        if values not in met:
            met[values] = tuple(_safe_match(match, case) for match in terms.only) + tuple(
                place in known and matches(variant.when, case) for place, variant in enumerate(terms.variants)
            )
        schedule = found.get(met[values]) or _compile_class(path, terms, case, known, faults)
        if len(faults) == so_far:  # what is wrong is told of every class
            found[met[values]] = schedule
        yield schedule


def _compile_class(
    path: Path, terms: PayerTerms, case: dict[str, str], known: set[int], faults: list[Fault]
) -> ClassSchedule:
    values, used = terms.values(), []
    set_by: dict[str, int] = {}
    for place, variant in enumerate(terms.variants):
        if place not in known or not matches(variant.when, case):
            continue
        used.append(place + 1)
        for field, change in variant.changes().items():
            try:
                changed = RULES[field].vary(values, change)
            except RefusedError as error:
                faults.append(_out_of_range((*path, "variants", place, field), error, case, used))
                continue
            clash = [set_by[touched] for touched in changed.values if touched in set_by]
            if changed.replaces and clash and variant.overrides is None:
                faults.append(_lost_change((*path, "variants", place, field), clash[0], place, case))
            values |= changed.values
            set_by |= dict.fromkeys((touched for touched, value in changed.values.items() if value is not None), place)
    covered = not terms.only or any(_safe_match(match, case) for match in terms.only)
    draft = _draft(values)
    bands = tuple(zip(draft.curve.knots, draft.curve.rates, strict=True))
    return ClassSchedule(
        covered=covered,
        deductible=draft.deductible,
        curve=draft.curve if covered else PayoutCurve((0,), (0,)),
        cap=draft.cap,
        variants=tuple(used),
        bands=bands[1:] if draft.deductible else bands,
        above_share=draft.above_share,
    )


def _safe_match(match: Match, case: dict[str, str]) -> bool:
    return set(match) <= set(case) and matches(match, case)


def _draft(values: dict[str, Any]) -> Draft:
    draft = Draft()
    for field, rule in RULES.items():
        draft = rule.apply(values[field], draft)
    return draft


def describe(case: Mapping[str, str]) -> str:
    """A class of case in words, for messages and tables: ``poor, outside-referred``."""
    return ", ".join(case.values()) if case else "every case"


def _out_of_range(path: Path, error: RefusedError, case: dict[str, str], used: list[int]) -> Fault:
    made_by = " and ".join(str(number) for number in used)
    return Fault(path, f"{error.why} for the class ({describe(case)}), by variant {made_by}", error.instead)


def _lost_change(path: Path, earlier: int, later: int, case: dict[str, str]) -> Fault:
    return Fault(
        path,
        f"variant {later + 1} replaces what variant {earlier + 1} set for the class ({describe(case)})",
        "put the replacing variant first, narrow one of the two, or add 'overrides: earlier' where this is meant",
    )


def _dead_variants(path: Path, terms: PayerTerms, classes: tuple[ClassSchedule, ...], known: set[int]) -> list[Fault]:
    alive = {number - 1 for schedule in classes if schedule.covered for number in schedule.variants}
    return [
        Fault((*path, "variants", place), f"variant {place + 1} matches no class", "correct its 'when', or delete it")
        for place in range(len(terms.variants))
        if place in known and place not in alive
    ]
