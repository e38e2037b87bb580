"""Solving for a price (定价求解): the value of a scheme that makes a target hold, with the errors of that value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from fundsim.decomposition.sources import sources_of
from fundsim.pipeline import Progress, shown
from fundsim.precision import whole_batches
from fundsim.pricing.errors import PriceError, UnsolvableError
from fundsim.pricing.input_error import InputError, Twin, error_from_inputs
from fundsim.pricing.lanes import ContractLane, Lane, Sample, lane_of
from fundsim.pricing.result import Price, Root
from fundsim.pricing.sampling_error import SamplingError, sampling_error
from fundsim.pricing.search import Answer, Change, Places, search
from fundsim.pricing.subjects import RATES, Subject, subject_of
from fundsim.pricing.targets import Condition, Reading, read_target
from fundsim.scenario import Scenario

FEWEST = 100
"""Replications below which a solved value has no error worth telling."""


def price(
    scenario: Scenario,
    solve: str = "premium",
    target: str = "E[insurer_result] = 0",
    *,
    between: tuple[str, str] | None = None,
    step: str | None = None,
    n: int | None = None,
    seed: int | None = None,
    years: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
) -> Price:
    """Solve for a value of a scheme so that a target holds, on the same people throughout.

    Returned is the smallest value of the bracket above which the target holds throughout, or, where it holds at the
    lower end only, the largest value below which it does; other values where it begins or ceases to hold are listed.
    Results of a contract are piecewise linear in its premium and need not rise with it: nothing is assumed to be
    monotone, but what happens between two neighbouring points of the scan and undoes itself is not seen.

    Args:
        scenario: the scheme.
        solve: ``premium``, ``allowance``, ``loss_share``, ``return_share``, ``deductible``, ``cap``, ``pay``,
            ``bands[1].pay``, or a path into ``contract`` or ``payers``.
        target: what is to hold of the contract's results over its whole term; see :mod:`fundsim.pricing.targets`.
        between: the bracket, as values stand in a file. By default the limits of a value that is open to tender; else
            half to three times the pure premium, 0% to 100%, or nothing to three times the stated amount.
        step: the smallest difference looked for: ``0.1 yuan``; a fen per head, ten yuan or 0.01% by default.
        n: replications, the scenario's own number by default, in whole batches where draws are stratified.
        seed: the scenario's own by default.
        years: years of the contract; the scenario's own by default.
        workers: threads; all processors by default.
        executor: where blocks run, instead of threads of this process.
        progress: True shows a bar; a function is called as blocks arrive.

    Raises:
        TargetError: a target that cannot be read.
        PriceError: nothing to be solved for, or no bracket.
        UnsolvableError: no value of the bracket will do.
        ScenarioError: a path that leads nowhere, or several years of a scheme with ``funds``.
    """
    condition, subject = read_target(target), subject_of(scenario, solve, step)
    stated = scenario.terms.simulation
    n = whole_batches(stated.replications if n is None else n, scenario.batch)
    if n < FEWEST:
        raise PriceError(f"{n} replications say little of a price; give at least {FEWEST}")
    years = stated.years if years is None else years
    scenario.check_years(years)
    with _told(progress, n, scenario.id, subject) as told:
        sample = Sample(scenario, n, stated.seed if seed is None else seed, years, False, workers, executor, told)
        lane = lane_of(subject, sample)
        bracket = bracket_of(scenario, lane, between)
        uncertain = bool(sources_of(sample.job([scenario])))
        twin = partial(lane_of, subject, replace(sample, other_people=True)) if uncertain else None
        return priced(lane, twin, sample, condition, bracket)


@contextmanager
def _told(progress: Progress | bool, n: int, title: str, subject: Subject) -> Iterator[Progress | None]:
    """Add the passes over the people up for whoever is told of progress; how many come is an estimate."""
    whole = n * (2 if subject.of_contract else 6)
    with shown(progress, whole, title) as told:
        before = 0

        def tell(done: int, of: int) -> None:
            nonlocal before
            assert told is not None
            told(min(before + done, whole), whole)
            before += of if done == of else 0

        yield None if told is None else tell


def bracket_of(scenario: Scenario, lane: Lane, between: tuple[str, str] | None = None) -> tuple[int, int]:
    """Return the ends of the bracket in steps, inside what was asked for.

    Raises:
        PriceError: no two values lie in it, or none can be told.
    """
    subject = lane.subject
    if between is not None:
        low, high = (subject.read(text) for text in between)
    else:
        low, high = _usual(scenario, lane)
    lo, hi = -(-low // subject.step), high // subject.step
    if hi <= lo:
        ends = f"{subject.text(low)} and {subject.text(high)}"
        raise PriceError(
            f"between {ends} there are no two values {subject.text(subject.step)} apart; write the lower end first, "
            "and further apart"
        )
    return lo, hi


def _usual(scenario: Scenario, lane: Lane) -> tuple[int, int]:
    subject = lane.subject
    limits = next(((bid.low, bid.high) for bid in scenario.bids if bid.path == subject.path), None)
    if limits is not None:
        return subject.read(limits[0]), subject.read(limits[1])
    if subject.kind == "premium":
        assert isinstance(lane, ContractLane)
        return max(round(lane.stored.pure_premium / 2), 1), round(3 * lane.stored.pure_premium)
    if subject.kind == "rate":
        return RATES
    stated = subject.stated(scenario)
    if not stated:
        raise PriceError(f"{subject.path} states no amount; say between which values to look")
    return 0, 3 * stated


def priced(lane: Lane, twin: Twin | None, sample: Sample, condition: Condition, bracket: tuple[int, int]) -> Price:
    """Solve on a sample at hand.

    Args:
        lane: how values are read.
        twin: the same on other people with the same inputs; None where nothing is uncertain.
        sample: of whom the lane was made.
        condition: the target.
        bracket: both ends, in steps.

    Raises:
        UnsolvableError: no value of the bracket will do.
    """
    subject, (lo, hi) = lane.subject, bracket

    def evaluate(places: Sequence[int]) -> Sequence[Reading]:
        return lane.read([place * subject.step for place in places], condition)

    places = Places(evaluate, lo, hi, lane.inner)
    answer = search(places, condition, lane.points)
    if answer is None:
        raise _unsolvable(places, condition, subject)
    sampling = sampling_error(places, answer)
    inputs = error_from_inputs(lane, twin, places, answer, sampling.slope)
    return _told_as_price(subject, sample, condition, places, answer, sampling, inputs)


def _told_as_price(
    subject: Subject,
    sample: Sample,
    condition: Condition,
    places: Places,
    answer: Answer,
    sampling: SamplingError,
    inputs: InputError,
) -> Price:
    (reading,) = places.read([answer.place])
    natural = _natural(subject)
    return Price(
        scenario=sample.scenario,
        subject=subject,
        condition=condition,
        fen_or_ppm=answer.place * subject.step,
        upward=answer.upward,
        throughout=answer.change is None,
        between=(places.lo * subject.step, places.hi * subject.step),
        others=tuple(_root(subject, change) for change in answer.others),
        reached=reading.value,
        reached_se=reading.se,
        se=None if sampling.se is None else sampling.se * subject.step * natural,
        interval=_scaled(sampling.interval, subject.step * natural),
        inputs=None if inputs.sd is None else inputs.sd * subject.step * natural,
        inputs_why=inputs.why,
        looked_at=len(places.known),
        replications=sample.n,
        years=sample.years,
        seed=sample.seed,
    )


def _natural(subject: Subject) -> float:
    """Yuan of a fen, or the share that a part per million is."""
    return 1e-6 if subject.kind == "rate" else 0.01


def _scaled(interval: tuple[float | None, float | None], factor: float) -> tuple[float | None, float | None]:
    lo, hi = (None if end is None else end * factor for end in interval)
    return lo, hi


def _root(subject: Subject, change: Change) -> Root:
    return Root(subject.text(change.holds_at * subject.step), change.holds_above)


def _unsolvable(places: Places, condition: Condition, subject: Subject) -> UnsolvableError:
    """Why there is no answer, and how near one can come."""
    known = places.known
    place = min(known, key=lambda at: (_miss(condition, known[at]), _own(condition, known[at]), at))
    nearest, reading = subject.text(place * subject.step), known[place]
    why, zh = _why(places, condition, subject)
    error = "" if reading.se is None else f" ± {reading.se:.3g}"
    figure = f"{reading.value:,.6g}{error} {condition.unit}"
    return UnsolvableError(
        f"{condition.text} {why}; nearest with {subject.path} = {nearest}, where it is {figure} (see --between)",
        f"{zh}；最接近的取值为{nearest}，此时该指标为{figure}", nearest, reading.value,
    )  # fmt: skip


def _why(places: Places, condition: Condition, subject: Subject) -> tuple[str, str]:
    """How a target fails between the ends of the bracket, in English and in Chinese."""
    low, high = (subject.text(end * subject.step) for end in (places.lo, places.hi))
    if condition.sign == "=":
        return (
            f"does not come about between {low} and {high}: the figure stays on one side of it",
            f"在{low}至{high}之间不能达到“{condition.text}”，指标始终在其一侧",
        )
    held = [at for at, reading in places.known.items() if _miss(condition, reading) <= 0]
    if not held:
        return f"holds nowhere between {low} and {high}", f"在{low}至{high}之间均不满足“{condition.text}”"
    first, last = (subject.text(at * subject.step) for at in (held[0], held[-1]))
    return (
        f"holds at neither end of {low} to {high}, only inside, as from {first} to {last}; end the bracket there",
        f"“{condition.text}”在{low}至{high}的两端均不满足，仅在其间（如{first}至{last}）满足",
    )


def _miss(condition: Condition, reading: Reading) -> float:
    """How far a target is missed; zero or below where it holds."""
    if condition.sign == "=":
        return math.fabs(reading.excess)
    return reading.excess if condition.sign == "<=" else -reading.excess


def _own(condition: Condition, reading: Reading) -> float:
    """Which of two values that miss a target alike is nearer: where replications are less beyond the limit."""
    own = float(reading.own.mean())
    return 0.0 if condition.sign == "=" else own if condition.sign == "<=" else -own
