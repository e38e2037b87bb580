"""What a scenario file may say: the terms of every room under one roof."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from fundsim.benefits.payer import Payer
from fundsim.claims import ClaimsTerms
from fundsim.contracts import ContractTerms
from fundsim.population import PopulationTerms
from fundsim.terms import Count, Date, Money, Terms

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
    bills: Literal["beneficiaries", "all"] = "beneficiaries"
    """Whose bills are settled to the end: of those whom the contract pays, or of everybody, so that the totals of all
    payers by month are known as well (全部结算)."""


class ReadingTerms(Terms):
    """How a damaged or ambiguous place of the source is read (原文缺损或歧义的读法)."""

    at: str
    """The place, such as ``第八条``."""
    printed: str | None = None
    """What is printed there."""
    read: str
    """What it is taken to say."""
    why: str
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


class ClaimsFile(Terms):
    """A claims model in a file of its own, for schemes to use."""

    fundsim: Literal["1"]
    id: Id
    title: Title | None = None
    claims: ClaimsTerms


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
    simulation: Annotated[SimulationTerms, Field(default_factory=SimulationTerms)]
    examples: Annotated[list[ExampleTerms], Field(default_factory=list)]
    designs: Annotated[dict[str, DesignTerms], Field(default_factory=dict)]
    readings: Annotated[list[ReadingTerms], Field(default_factory=list)]
    """Every place of the source that had to be interpreted."""
