"""What is not known and what may happen, in print: inputs with their distributions, correlations, events, behaviour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Final

from fundsim.behaviour import BehaviourTerms
from fundsim.money import format_rate
from fundsim.scenario.nodes import Block, inline
from fundsim.scenario.terms import EventTerms
from fundsim.scenario.text import aligned
from fundsim.scenario.ways import find
from fundsim.uncertainty import UncertaintyTerms
from fundsim.uncertainty.quantity import Unit

HEAD: Final = ("input", "what", "distribution", "mean", "sd", "drawn", "group")


def uncertainty_in_text(terms: UncertaintyTerms | None, root: Block) -> Iterator[str]:
    """The inputs as a table, then what is correlated; nothing where all is known."""
    if terms is None:
        return
    yield ""
    yield f"uncertainty (不确定性), {terms.draws} draws:"
    yield from aligned([HEAD, *input_rows(terms, root)])
    for one, other in terms.pairs:
        yield f"  {one} and {other} correlated: {terms.correlation_of(one, other):g}"


def input_rows(terms: UncertaintyTerms, root: Block) -> tuple[tuple[str, ...], ...]:
    """A row for each uncertain input, under ``HEAD``."""
    return tuple(_row(terms, name, root) for name in terms.inputs)


def _row(terms: UncertaintyTerms, name: str, root: Block) -> tuple[str, ...]:
    stated, marginal = terms.inputs[name], terms.marginal(name)
    written = find(root, ("uncertainty", "inputs", name, "distribution"))
    within = find(root, ("uncertainty", "inputs", name, "within"))
    words = "joint" if written is None else inline(written, limit=80)
    words += "" if within is None else f" within {inline(within)}"
    mean, sd = marginal.mean(), sqrt(marginal.variance())
    what = f"{stated.of} ({stated.NAME['zh']})"
    return name, what, words, _value(mean, stated.UNIT), _value(sd, stated.UNIT), stated.drawn, terms.groups[name]


def _value(value: float, unit: Unit) -> str:
    return f"{value * 100:.3g}pp" if unit == "points" else f"{value:.4g}"


def behaviour_in_text(behaviour: BehaviourTerms | None) -> Iterator[str]:
    """How people answer to what they bear; nothing where nobody does."""
    if behaviour is None:
        return
    low, high = behaviour.within
    divided = f", {behaviour.frequency_part:.0%} of it in the frequency" if behaviour.on == "both" else ""
    yield ""
    yield "behaviour (行为反应):"
    rows: list[tuple[str, ...]] = [
        ("elasticity:", f"{behaviour.elasticity:g} of gross cost to the share that patients bear"),
        ("on:", f"{behaviour.on}{divided}"),
        ("base:", behaviour.base),
        ("within:", f"x{low:g} to x{high:g}"),
    ]
    yield from aligned(rows)


def events_in_text(events: Mapping[str, EventTerms]) -> Iterator[str]:
    """The events as a table, each with what it changes; nothing where nothing may happen."""
    if not events:
        return
    yield ""
    yield "events (事件):"
    yield from aligned([("event", "years", "probability", "policy", "changes"), *map(_event, events, events.values())])


def _event(name: str, event: EventTerms) -> tuple[str, ...]:
    years = f"{event.year} to {'the end' if event.until is None else event.until}"
    return name, years, format_rate(event.probability), event.policy, ", ".join(event.change)
