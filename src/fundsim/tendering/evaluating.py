"""Evaluating a tender (评标测算): all bids on the same people, one pass, each from three sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np

from fundsim import runs
from fundsim.decomposition.sources import sources_of
from fundsim.estimates import NORMAL_95, mean_of, probability_of, quantile_of, rounded
from fundsim.outcome import results_of
from fundsim.pipeline import Progress, settle_bills, shown
from fundsim.precision import whole_batches
from fundsim.pricing import PriceError
from fundsim.pricing.figures import Floats, TermFigures
from fundsim.pricing.input_error import common_sd
from fundsim.pricing.lanes import Sample
from fundsim.pricing.solving import FEWEST
from fundsim.pricing.stored import Stored
from fundsim.pricing.subjects import stated_rates
from fundsim.pricing.targets import tail_mean
from fundsim.results import Results
from fundsim.tendering.prices import Claims, Prices, prices_of
from fundsim.tendering.reading import Bid, Tender, read_tender
from fundsim.tendering.result import BidResult, Figure, Pair, TenderResult
from fundsim.tendering.scoring import ranks_of, scores_of
from fundsim.tendering.terms import Capital
from fundsim.years import Int64s, TermJob

FEWEST_BIDS = 3
"""With fewer valid bids a public tender fails (有效投标人不足三家应重新招标)."""


def tender(
    file: str | Path | Tender,
    bids: Sequence[str | Path] = (),
    *,
    n: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
) -> TenderResult:
    """Evaluate the bids of a tender on the same people, over the whole term.

    Args:
        file: the tender file, or a tender that was read.
        bids: bids in files of their own, besides those of the tender file.
        n: replications; the scheme's own number by default.
        seed: the scheme's own by default.
        workers: threads; all processors by default.
        executor: where blocks run, instead of threads of this process.
        progress: True shows a bar; a function is called as blocks arrive.

    Raises:
        ScenarioError: the files have problems; all of them are told.
        PriceError: too few replications.
    """
    asked = file if isinstance(file, Tender) else read_tender(file, bids)
    stated = asked.scheme.terms.simulation
    n = whole_batches(stated.replications if n is None else n, asked.scheme.batch)
    if n < FEWEST:
        raise PriceError(f"{n} replications say little of a tender; give at least {FEWEST}")
    asked.scheme.check_years(asked.years)
    seed = stated.seed if seed is None else seed
    designs = [bid.scenario for bid in asked.bids]
    everyone = any(design.terms.simulation.bills == "all" for design in designs)
    job = TermJob.build(designs, seed, asked.years, everyone=everyone)
    uncertain = bool(sources_of(job))
    with shown(progress, n * (2 if uncertain else 1), asked.terms.id) as told:
        settle = partial(settle_bills, n=n, workers=workers, executor=executor)
        settled = settle(job, progress=told)
        own = _Settled.of(job, settled)
        after = None if told is None else _after(told, n)
        twin = _Settled.of(other := job.swapped({}, n), settle(other, progress=after)) if uncertain else None
    heads = [job.heads(d, np.arange(n, dtype=np.int64)) for d in range(len(designs))]
    manifest = {"fundsim": runs.versions()["fundsim"], "versions": runs.versions(), "seed": seed, "years": asked.years}
    results = [results_of(job, d, settled[:, d], heads[d], manifest) for d in range(len(designs))]
    return _evaluated(asked, seed, n, results, own, twin)


def _after(told: Progress, n: int) -> Progress:
    """Progress of the second pass, behind the first."""
    return lambda done, whole: told(n + done, n + whole)


@dataclass(frozen=True, eq=False)
class _Settled:
    """Every bid's claims, and what its contract comes to on them."""

    stored: tuple[Stored, ...]
    figures: tuple[TermFigures, ...]

    @classmethod
    def of(cls, job: TermJob, settled: Int64s) -> _Settled:
        stored = tuple(Stored.of(job, d, settled) for d in range(len(job.scenarios)))
        return cls(stored, tuple(each.settled() for each in stored))


def _evaluated(
    asked: Tender, seed: int, n: int, results: Sequence[Results], own: _Settled, twin: _Settled | None
) -> TenderResult:
    scores = scores_of(asked.terms, {bid.name: bid.terms for bid in asked.bids})
    totals = {name: sum(each.values()) for name, each in scores.items()}
    ranks = ranks_of(totals) if asked.terms.scoring else {}
    claims = [Claims(each, None if twin is None else twin.stored[d]) for d, each in enumerate(own.stored)]
    samples = [Sample(bid.scenario, n, seed, asked.years) for bid in asked.bids]
    prices = list(prices_of(claims, samples, asked.terms.walk_away))
    bids = tuple(
        _bid(asked, bid, d, results[d], own, twin, prices[d], scores[bid.name], ranks)
        for d, bid in enumerate(asked.bids)
    )
    pairs = tuple(_pair(asked, (a, b), own, twin) for a, b in combinations(range(len(asked.bids)), 2))
    few = f"there are fewer than {FEWEST_BIDS} bids: a public tender would be repeated (有效投标不足三家)"
    return TenderResult(asked, seed, n, bids, pairs, (few,) if len(bids) < FEWEST_BIDS else ())


def _bid(
    asked: Tender,
    bid: Bid,
    d: int,
    results: Results,
    own: _Settled,
    twin: _Settled | None,
    prices: Prices,
    scores: dict[str, int],
    ranks: dict[str, int],
) -> BidResult:
    figures, others = own.figures[d], None if twin is None else twin.figures[d]
    result = figures.yuan("insurer_result")
    pure, per_head = results.estimate("pure_premium"), results.estimate("premium_per_head").mean
    assert per_head is not None
    return BidResult(
        bid=bid,
        results=results,
        contract_sum=contract_sum(bid, asked.years),
        scores=scores,
        score=sum(scores.values()) if ranks else None,
        rank=ranks.get(bid.name),
        result=_figure(result, None if others is None else others.yuan("insurer_result"), figures.batch),
        loss=probability_of(result < 0, batch=figures.batch),
        cash_short=results.probability("cash_short") if "cash_short" in results.chances else None,
        capital=_capital(asked.terms.capital, figures),
        fund=_figure(
            figures.yuan("fund_result"), None if others is None else others.yuan("fund_result"), figures.batch
        ),
        pure=pure,
        premium=per_head,
        break_even=prices.break_even,
        walk_away=prices.walk_away,
        warnings=tuple(_warnings(asked, bid, per_head, pure.mean or 0.0, pure.se)),
    )


def contract_sum(bid: Bid, years: int) -> int:
    """Return the premium of the stated heads over the whole term (合同总价), exact in fen."""
    groups = bid.scenario.population.groups
    yearly = sum(group.persons * int(rate) for group, rate in zip(groups, stated_rates(bid.scenario), strict=True))
    return yearly * years


def _figure(values: Floats, others: Floats | None, batch: int | None) -> Figure:
    """A mean with its errors; ``others`` have the same inputs and other people."""
    found = mean_of(values, batch=batch)
    assert found.mean is not None
    return Figure(found.mean, found.se, 0.0 if others is None else common_sd(values, others))


def _capital(asked: Capital, figures: TermFigures) -> Figure:
    """Capital at risk: a percentile of the insurer's loss, or the mean of what lies beyond it."""
    loss, level = figures.yuan("loss"), asked.level / 1_000_000
    if asked.measure == "TVaR":
        tail, influence = tail_mean(loss, level)
        return Figure(tail, mean_of(influence, batch=figures.batch).se, None)
    found = quantile_of(loss, level, stratified=figures.batch is not None)
    se = None if found.lo is None or found.hi is None else (found.hi - found.lo) / (2 * NORMAL_95)
    return Figure(found.value, se, None)


def _warnings(asked: Tender, bid: Bid, premium: float, pure: float, se: float | None) -> Iterator[str]:
    for path in bid.below_floor:
        floor = asked.terms.open[path].floor
        yield f"{path} {bid.terms.offer[path]} lies below the floor of {floor} (低于自律底价)"
    if premium < pure:
        written = f"{rounded(pure, se)} ± {rounded(se, se)}"
        yield f"the premium of {premium:,.2f} yuan is below the pure premium, {written} (低于纯保费)"


def _pair(asked: Tender, pair: tuple[int, int], own: _Settled, twin: _Settled | None) -> Pair:
    a, b = pair
    batch = own.figures[a].batch
    results = [_difference(each, a, b) for each in (own, twin) if each is not None]
    losses = [_loss_difference(each, a, b) for each in (own, twin) if each is not None]
    result, loss = (_figure(values[0], values[1] if len(values) > 1 else None, batch) for values in (results, losses))
    half = max(NORMAL_95 * (loss.se or 0.0), 3 / len(losses[0]))  # three replications: what none seen can still hide
    names = asked.bids[a].name, asked.bids[b].name
    return Pair(*names, result, loss, half, asked.terms.material / 1_000_000)


def _difference(settled: _Settled, a: int, b: int) -> Floats:
    difference: Floats = settled.figures[a].yuan("insurer_result") - settled.figures[b].yuan("insurer_result")
    return difference


def _loss_difference(settled: _Settled, a: int, b: int) -> Floats:
    first, second = ((settled.figures[d].yuan("insurer_result") < 0).astype(np.float64) for d in (a, b))
    return first - second
