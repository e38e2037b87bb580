"""What a scenario file may say: the terms of every room under one roof."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from fundsim.behaviour import BehaviourTerms
from fundsim.benefits.payer import Payer
from fundsim.claims import ClaimsTerms
from fundsim.contracts import ContractTerms
from fundsim.funds import FundTerms
from fundsim.population import PopulationTerms
from fundsim.scenario.locality import Locality
from fundsim.terms import Count, Date, Money, Rate, Terms
from fundsim.uncertainty import Event, UncertaintyTerms

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="small letters, digits and hyphens 标识")]
"""By which scripts and reports name a scheme, such as ``qinzhou-2017``."""

Title = dict[Literal["zh", "en"], str]
"""The title by language."""


class Valid(Terms):
    """The insurance year or years a scheme is in force."""

    from_: Annotated[Date, Field(alias="from")]
    to: Date


class SimulationTerms(Terms):
    """How often and from which seed to simulate."""

    replications: Count = 2000
    seed: Count = 1
    years: Count = 1
    """Years of the contract that are simulated, one after another."""
    bills: Literal["beneficiaries", "all"] = "beneficiaries"
    """Whose bills are settled to the end: of those whom the contract pays, or of everybody, so that the totals of all
    payers by month are known as well (全部结算)."""


class PlainReadingTerms(Terms):
    """How a damaged or ambiguous place of the source is read (原文缺损或歧义的读法)."""

    at: str
    """The place, such as ``第八条``."""
    printed: str | None = None
    """What is printed there."""
    read: str
    """What it is taken to say."""
    why: str


class ReadingTerms(PlainReadingTerms):
    """A reading in a scheme, which may hold the other reading as a design."""

    other: str | None = None
    """The design of this file that holds the other reading, settled on the same people."""


class ExampleTerms(Terms):
    """A case worked by hand from the policy text, run by ``fundsim check``."""

    name: str
    given: dict[str, str] | None = None
    """One bill: its traits, and amounts: ``cost_a``, ``cost_b``, ``cost_c``, ``cost_excluded``, or ``in_policy_left``,
    which is the covered payer's base itself; ``paid_PAYER`` and ``deductible_PAYER`` for who has settled it already."""
    bills: list[dict[str, str]] | None = None
    """Several bills of one person, in order of settlement."""
    expect: dict[str, Money]
    """Fen by payer over all bills; ``patient`` and ``excluded`` may be named too."""


class ChangeTerms(Terms):
    """A change of one value: the old one must match, so that a change of the base cannot silently move a variant."""

    from_: Annotated[Any, Field(alias="from")]
    to: Any


class DesignTerms(Terms):
    """A variant of this scheme, settled on the same people in the same pass."""

    title: Title | None = None
    change: dict[str, ChangeTerms]


class EventTerms(Event):
    """An event (事件) and what it changes: benefits, basic insurance, catalogue, prices, or the use of care."""

    change: Annotated[dict[str, ChangeTerms], Field(min_length=1)]
    """Old and new values by path, as in a design."""
    overrides: Annotated[list[str], Field(default_factory=list)]
    """Earlier events that change the same; where both have happened, this one replaces what they have changed."""


class ClaimsFile(Terms):
    """A claims model in a file of its own, for schemes to use."""

    fundsim: Literal["1"]
    id: Id
    title: Title | None = None
    claims: ClaimsTerms
    uncertainty: UncertaintyTerms | None = None
    """How well its parameters are known; schemes take it in by ``uncertainty: {use: FILE}``."""


class PeopleTerms(Terms):
    """Whom a change file speaks of (适用人群)."""

    known_as: Annotated[dict[str, Annotated[list[str], Field(min_length=1)]], Field(min_length=1)]
    """By which traits and values schemes know them; the first of each is used where a scheme knows none of them."""


class FittingChangeTerms(Terms):
    """A change that fits any scheme: one operation, and whom it spares."""

    add: str | None = None
    """An amount or points added to what stands there: ``10 yuan/person``, ``+5pp``."""
    append: list[Any] | None = None
    """Items at the end of a list; ``$NAME`` stands for the condition by which the scheme knows these people."""
    ensure: list[str] | None = None
    """Values that a trait has afterwards; a trait that is made has the first as its default."""
    split: str | None = None
    """People (``$NAME``) whom the groups of the insured are divided into, where they say nothing of them."""
    share: Rate | None = None
    """Beside ``split``: part of each such group, ppm."""
    unless: str | None = None
    """People (``$NAME``) for whom the change is left out where the scheme speaks of them there already."""


class ChangeFileTerms(Terms):
    """A change file (变更文件): what a later document changes in any scheme."""

    fundsim: Literal["1"]
    id: Id
    title: Title | None = None
    readings: Annotated[list[PlainReadingTerms], Field(default_factory=list)]
    """Handed on to the schemes over which the file is laid."""
    people: Annotated[dict[str, PeopleTerms], Field(default_factory=dict)]
    change: Annotated[dict[str, FittingChangeTerms], Field(min_length=1)]
    """Changes by path, made from top to bottom; ``$covered`` in a path is the payer that the contract covers."""


class AppliedTerms(Terms):
    """The record of a change file that was laid over a scheme; fundsim writes it."""

    id: Id
    title: Title | None = None
    changes: list[str]
    """What was done and what was left out, in words."""

    @property
    def name(self) -> str:
        """The id, and the document that the change file encodes."""
        return f"{self.id}, {self.source}" if self.source else self.id


class ScenarioTerms(Terms):
    """A scheme, its people and its contract."""

    fundsim: Literal["1"]
    id: Id
    title: Title | None = None
    valid: Valid | None = None
    traits: Annotated[dict[str, list[str]], Field(default_factory=dict)]
    """Traits of persons (set by their group) and of bills (set by the claims); the first value of each is its default.

    A trait named ``care`` is the bill's care level: its values are the care levels of the claims, which set it.
    """
    rounding: Literal["per-bill", "cumulative"] = "per-bill"
    """Half up to the fen, once per payer and bill; or round(F(b)) - round(F(a)), which telescopes."""
    waterfall: list[str]
    """Payers in the order in which they settle a bill."""
    payers: dict[str, Payer]  # type: ignore[valid-type]
    population: PopulationTerms
    claims: ClaimsTerms
    contract: ContractTerms
    locality: Locality | None = None
    funds: Annotated[dict[str, FundTerms], Field(default_factory=dict)]
    """The accounts of payers by name; they see all bills of everybody, and change nothing that is paid for them."""
    uncertainty: UncertaintyTerms | None = None
    events: Annotated[dict[str, EventTerms], Field(default_factory=dict)]
    """What may happen during the contract; changes apply from top to bottom."""
    behaviour: BehaviourTerms | None = None
    """How the use and the cost of care answer to what patients pay; nobody answers where it is not stated."""
    simulation: Annotated[SimulationTerms, Field(default_factory=SimulationTerms)]
    examples: Annotated[list[ExampleTerms], Field(default_factory=list)]
    designs: Annotated[dict[str, DesignTerms], Field(default_factory=dict)]
    applied: Annotated[list[AppliedTerms], Field(default_factory=list)]
    """Change files that were laid over this scheme; in effective documents only."""
    readings: Annotated[list[ReadingTerms], Field(default_factory=list)]
    """Every place of the source that had to be interpreted."""
