"""The same run with one input held at a level, or one event sure to happen or not: all other draws stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np

from fundsim.money import PerReplication
from fundsim.uncertainty import Drawn, EventStates
from fundsim.years import TermJob


@dataclass(frozen=True, eq=False)
class HeldJob(TermJob):
    """A term of which some inputs and events are not drawn."""

    inputs: Mapping[str, float] = field(default_factory=dict)
    """Levels of inputs; of errors of growth that of every year."""
    events: Mapping[str, bool] = field(default_factory=dict)
    """Whether events happen."""

    @classmethod
    def of(
        cls, job: TermJob, *, inputs: Mapping[str, float] | None = None, events: Mapping[str, bool] | None = None
    ) -> HeldJob:
        """Hold inputs or events of a term; what is compiled is shared."""
        own = {each.name: getattr(job, each.name) for each in fields(TermJob)}
        held = cls(**own, inputs=inputs or {}, events=events or {})
        held.__dict__.update(base=job.base, _jobs=job._jobs, _responses=job._responses)
        return held

    def drawn(self, replications: PerReplication) -> Drawn:
        drawn = super().drawn(replications)
        values = {
            name: np.full_like(found, self.inputs[name]) if name in self.inputs else found
            for name, found in drawn.values.items()
        }
        return Drawn(drawn.inputs, drawn.replications, values)

    def worlds(self, replications: PerReplication) -> tuple[EventStates, ...]:
        states = super().worlds(replications)[0]
        stated = self.scenarios[0].terms.events
        state = states.state.copy()
        for name, happens in self.events.items():
            state[:, :, states.names.index(name)] = happens & stated[name].in_force(self.years)
        states = EventStates(states.names, state)
        return (states, states.without(self.policy_events)) if self.asks_counterfactual else (states,)
