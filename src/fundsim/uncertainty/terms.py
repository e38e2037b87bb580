"""What a scenario file says of what is not known: the inputs, how they move together, and how they are drawn."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from fundsim.terms import Terms
from fundsim.uncertainty.dependence import Correlated, CorrelationTerms, JointTerms, correlated
from fundsim.uncertainty.distributions import Distribution, Lognormal, Normal
from fundsim.uncertainty.inputs import AnyInput, Marginal
from fundsim.uncertainty.quantity import Quantity


class UncertaintyTerms(Terms):
    """Inputs that are not known (不确定性), each drawn once per replication and shared by everybody in it."""

    draws: Literal["independent", "stratified"] = "independent"
    """Independent draws, or a Latin hypercube in batches of 25 replications."""
    inputs: Annotated[dict[str, AnyInput], Field(min_length=1)]
    correlation: Annotated[list[CorrelationTerms], Field(default_factory=list)]
    """Correlations of pairs; all others are independent."""
    joint: Annotated[list[JointTerms], Field(default_factory=list)]
    """Inputs that are jointly normal, on a log or identity scale; they state no distribution of their own."""

    @property
    def stratified(self) -> bool:
        """Whether the draws are stratified."""
        return self.draws == "stratified"

    @property
    def pairs(self) -> dict[tuple[str, str], float]:
        """Correlations of normal scores by pair of inputs."""
        stated = {(each.between[0], each.between[1]): each.rho for each in self.correlation}
        for joint in self.joint:
            stated |= joint.correlations()
        return stated

    def correlation_of(self, one: str, other: str) -> float:
        """The stated correlation of two inputs, zero where none is stated."""
        return self.pairs.get((one, other), self.pairs.get((other, one), 0.0))

    @property
    def blocks(self) -> tuple[Correlated, ...]:
        """The inputs that move together, block by block."""
        return correlated(self.inputs, self.pairs)

    @property
    def groups(self) -> dict[str, str]:
        """Of every input the source of risk that it belongs to in a decomposition of variance.

        Inputs that move together are one source: the group that one of them states, or all their names.
        """
        groups: dict[str, str] = {name: stated.group or name for name, stated in self.inputs.items()}
        for block in self.blocks:
            named = [group for name in block.names if (group := self.inputs[name].group)]
            groups |= dict.fromkeys(block.names, named[0] if named else "+".join(block.names))
        return groups

    def distribution(self, name: str) -> Distribution:
        """The distribution of an input before it is truncated: its own, or its part of a joint one."""
        own = self.inputs[name].distribution
        if own is not None:
            return own
        joint = next(each for each in self.joint if name in each.names)
        place = joint.names.index(name)
        mean, variance = joint.mean[place], joint.covariance[place][place]
        if joint.scale == "log":
            return Lognormal(mean=Quantity(math.exp(mean + variance / 2)), cv=math.sqrt(math.expm1(variance)))
        return Normal(mean=Quantity(mean), sd=Quantity(math.sqrt(variance)))

    def marginal(self, name: str) -> Marginal:
        """The distribution of what is drawn of an input."""
        return self.inputs[name].marginal(self.distribution(name))
