"""What can be solved for: the premium, a share of the contract, or an amount or a rate of a payer (求解对象).

Values are whole numbers inside: fen, fen per head, or parts per million; a step is how finely the answer is looked for.
The contract's own terms are settled again on the claims at hand; a payer's need the people settled again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from fundsim import units
from fundsim.contracts import ContractTerms
from fundsim.money import PPM, format_rate, format_yuan, half_up
from fundsim.pricing.errors import PriceError
from fundsim.scenario import Scenario
from fundsim.scenario.nodes import Scalar
from fundsim.scenario.ways import find, parse_way
from fundsim.terms import nearest

Kind = Literal["premium", "money", "rate"]
_PARSE: Final[dict[Kind, Callable[[str], int]]] = {
    "premium": units.money_per_person,
    "money": units.money,
    "rate": units.rate,
}
_STEP: Final[dict[Kind, int]] = {"premium": 1, "money": 1000, "rate": 100}
"""A fen per head, ten yuan, a hundredth of a percentage point."""
_TIERS: Final = re.compile(r"contract\.(?P<list>tiers|policy_tiers|other_tiers)\[(?P<place>\d+)\]\.insurer")
_TIER_LISTS: Final = ("tiers", "policy_tiers", "other_tiers")
_SHARES: Final = ("allowance", "return_share")
NAMES: Final = ("premium", "allowance", "loss_share", "return_share", "deductible", "cap", "pay", "bands[0].pay")
"""Short names, in the order of messages; anything else is a path such as ``payers.cii.variants[0].pay``."""


@dataclass(frozen=True)
class Subject:
    """What is solved for in a scheme."""

    name: str
    """As it was asked for."""
    path: str
    """Where it stands in the scheme."""
    kind: Kind
    step: int

    @property
    def of_contract(self) -> bool:
        """Whether the people need not be settled again."""
        return self.path.startswith("contract.")

    def read(self, text: str) -> int:
        """Read a value as it stands in a file.

        Raises:
            UnitError: it is no such value.
        """
        if self.kind == "premium" and "/" not in text:
            text = f"{text}/person"
        return _PARSE[self.kind](text)

    def text(self, value: int) -> str:
        """A value as it stands in a file."""
        if self.kind == "rate":
            return format_rate(value)
        return f"{format_yuan(value, separator='')} yuan" + ("/person" if self.kind == "premium" else "")

    def stated(self, scenario: Scenario) -> int | None:
        """The value that the scheme states; None where it is ``none``."""
        way = parse_way(self.path)
        node = None if way is None else find(scenario.root, way)
        return self.read(node.text) if isinstance(node, Scalar) and node.text != "none" else None

    def change(self, scenario: Scenario, value: int) -> dict[str, object]:
        """What :meth:`Scenario.replace` takes to give a scheme this value."""
        contract, tier = scenario.terms.contract, _TIERS.fullmatch(self.path)
        if self.kind == "premium" and isinstance(contract.premium, tuple):
            rates = dict(zip(scenario_traits(scenario), self.rates(scenario, value), strict=True))
            return {self.path: [{"when": dict(traits), "amount": self.text(fen)} for traits, fen in rates.items()]}
        if tier is not None:  # a preset's tiers stand in no file: they are written out
            return {f"contract.{tier['list']}": _tiers_as_text(self.contract(contract, value), tier["list"])}
        return {self.path: self.text(value)}

    def contract(self, terms: ContractTerms, value: int) -> ContractTerms:
        """The contract with this value; the premium is no part of what it is settled by."""
        tier = _TIERS.fullmatch(self.path)
        if tier is not None:
            tiers = list(getattr(terms, tier["list"]))
            tiers[int(tier["place"])] = tiers[int(tier["place"])].model_copy(update={"insurer": value})
            return terms.model_copy(update={tier["list"]: tuple(tiers)})
        return terms if self.kind == "premium" else terms.model_copy(update={self.path.split(".")[-1]: value})

    def rates(self, scenario: Scenario, value: int) -> npt.NDArray[np.int64]:
        """(g,) the premium per head of each group, where the average of the stated heads is to be ``value`` fen.

        Where it differs between groups all move in proportion, each rounded half up to the fen.
        """
        stated, groups = stated_rates(scenario), scenario.population.groups
        heads = sum(group.persons for group in groups)
        total = sum(group.persons * int(rate) for group, rate in zip(groups, stated, strict=True))
        if not total or len(set(stated.tolist())) == 1:
            return np.full(len(groups), value, dtype=np.int64)
        return np.array([half_up(int(rate) * value * heads, total) for rate in stated], dtype=np.int64)


def stated_rates(scenario: Scenario) -> npt.NDArray[np.int64]:
    """(g,) the stated premium per head of each group, fen."""
    contract, groups = scenario.terms.contract, scenario.population.groups
    return np.array([contract.premium_per_head(group.traits) for group in groups], dtype=np.int64)


def scenario_traits(scenario: Scenario) -> list[tuple[tuple[str, str], ...]]:
    """The conditions of the premium's entries as each group meets them."""
    entries = scenario.terms.contract.premium
    assert isinstance(entries, tuple)
    return [
        next(tuple(entry.when.items()) for entry in entries if entry.fits(group.traits))
        for group in scenario.population.groups
    ]


def _tiers_as_text(terms: ContractTerms, name: str) -> list[dict[str, str]]:
    return [
        ({} if tier.to is None else {"to": format_rate(tier.to)}) | {"insurer": format_rate(tier.insurer)}
        for tier in getattr(terms, name)
    ]


def subject_of(scenario: Scenario, name: str, step: str | None = None) -> Subject:
    """Find what is to be solved for.

    Raises:
        PriceError: the scheme has nothing of that name, or it is nothing to be solved for.
        UnitError: a step that cannot be read.
    """
    path = _path(scenario, name.strip())
    kind = _kind(scenario, name, path)
    subject = Subject(name.strip(), path, kind, _STEP[kind])
    if step is None:
        return subject
    size = subject.read(step)
    if size < 1:
        raise PriceError(f"a step of {step} leads nowhere; write one such as {subject.text(subject.step)}")
    return Subject(subject.name, path, kind, size)


def _path(scenario: Scenario, name: str) -> str:
    """The full path of a short name."""
    contract, covered = scenario.terms.contract, scenario.terms.contract.covers[0]
    if name == "loss_share":
        return f"contract.{'tiers' if contract.tiers is not None else 'policy_tiers'}[0].insurer"
    if name in ("premium", *_SHARES) or name.startswith(("tiers[", "policy_tiers[", "other_tiers[")):
        return f"contract.{name}"
    if name in ("deductible", "cap", "pay") or name.startswith("bands["):
        return f"payers.{covered}.{name}"
    if not name.startswith(("contract.", "payers.")):
        hint = nearest(name, NAMES)
        raise PriceError(
            f"'{name}' is nothing that can be solved for{hint}; write one of {', '.join(NAMES)}, "
            "or a path such as payers.cii.bands[1].pay"
        )
    return name


def _kind(scenario: Scenario, name: str, path: str) -> Kind:
    if path == "contract.premium":
        return "premium"
    if path.startswith("contract."):
        return _kind_in_contract(scenario, name, path)
    way = parse_way(path)
    node = None if way is None else find(scenario.root, way)
    text = node.text if isinstance(node, Scalar) else ""
    for kind, parse in (("rate", units.rate), ("money", units.money)):
        try:
            parse(text)
        except units.UnitError:
            continue
        return "rate" if kind == "rate" else "money"
    last = "" if way is None else str(way[-1])
    if text == "none" and last in ("deductible", "cap"):
        return "money"
    if node is None:
        scenario.replace({path: "0%"})  # tells where the path leads nowhere, and what stands there
    raise PriceError(f"'{name}' is no amount and no rate, so it cannot be solved for; it is {text or 'a list'} here")


def _kind_in_contract(scenario: Scenario, name: str, path: str) -> Kind:
    tier = _TIERS.fullmatch(path)
    known = tier is not None or path.removeprefix("contract.") in _SHARES
    if not known:
        raise PriceError(
            f"'{name}' of the contract cannot be solved for; write premium, allowance, return_share, "
            "or tiers[0].insurer"
        )
    if tier is not None:
        tiers = getattr(scenario.terms.contract, tier["list"])
        if tiers is None or int(tier["place"]) >= len(tiers):
            stated = ", ".join(each for each in _TIER_LISTS if getattr(scenario.terms.contract, each))
            raise PriceError(f"the contract has no {path.removeprefix('contract.')}; it states {stated}")
    return "rate"


RATES: Final = (0, PPM)
"""The bracket of a rate, unless another is given."""
