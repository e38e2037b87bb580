"""Who wins and who loses (受益与受损): two designs on the same people, person by person.

The kernel keeps nobody, so a design is settled beside the base in one pass and what differs is counted there: persons
for whom all payers together pay more, or less, than under the base; what they bear; and whether that is more than a
family can bear. Behaviour is left out: with it, the same person would have other bills under each design.

Catastrophic expenditure (灾难性医疗支出) is counted by the standard of the national guideline of 2012 (发改社会〔2012〕
2605号): what one insured bears in a year against last year's income per head where he lives, or a stated share of it.
That is an approximation of the family's expenditure against the family's means: a person is not a family, everybody has
the mean income of his group, and what he bears counts in full, off-catalogue cost included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.blocks import Beside
from fundsim.comparison.differences import UNKNOWN, Value
from fundsim.comparison.figures import Floats, Int64s
from fundsim.estimates import error_of, half_width
from fundsim.money import PPM
from fundsim.pipeline import Progress, settle_bills
from fundsim.scenario import Scenario
from fundsim.years import TermJob

if TYPE_CHECKING:
    import pandas as pd

ENOUGH: Final = 200
"""Replications that are looked at person by person: so many show thousands of winners, and full settlement is slow."""
MOST_BANDS: Final = 10
UNBEARABLE: Final = 2**62
"""Fen that nobody can bear: where no income is stated, nobody's expenditure is called catastrophic."""

COUNTS: Final[dict[str, tuple[str, str]]] = {
    "winners": ("受益增加人数", "persons paid more"),
    "gained": ("增加的支付", "what they are paid more"),
    "losers": ("受益减少人数", "persons paid less"),
    "lost": ("减少的支付", "what they are paid less"),
    "catastrophic": ("灾难性支出人数", "persons with catastrophic expenditure"),
    "catastrophic_base": ("基准方案灾难性支出人数", "the same under the base"),
}
"""What is counted of persons, by its place in the kernel; money in fen."""
IN_FEN: Final = ("gained", "lost")
BANDS: Final = ("persons", "gross", "paid", "paid_base")


@dataclass(frozen=True, eq=False)
class Persons:
    """One design beside the base, person by person."""

    totals: Mapping[str, Int64s]
    """(r, g) by :data:`COUNTS`."""
    bands: Mapping[str, Int64s]
    """(r, g, band) by :data:`BANDS`, by what the patient's own cost came to under the base."""
    edges: Int64s
    """Fen: upper ends of these bands but the last."""
    group_names: tuple[str, ...]
    years: int
    batch: int | None
    threshold: tuple[int | None, ...]
    """Fen by group: what is more than bearable; None where no income is stated."""
    everyone: bool
    """Whether all patients are in the bands, or those only whom one of the two designs pays."""

    @property
    def replications(self) -> int:
        return len(self.totals["winners"])

    @property
    def told(self) -> tuple[str, ...]:
        """Names of what is known: of catastrophic expenditure only where some income is stated."""
        known = any(each is not None for each in self.threshold)
        return tuple(name for name in COUNTS if known or not name.startswith("catastrophic"))

    def value(self, name: str, group: str | None = None) -> Value:
        """Estimate a count or an amount of :data:`COUNTS` a year, yuan where it is money; of a group or everybody."""
        return self._mean(self.totals[name], 100 if name in IN_FEN else 1, group)

    def catastrophic_change(self, group: str | None = None) -> Value:
        """Estimate by how many more persons have catastrophic expenditure than under the base."""
        return self._mean(self.totals["catastrophic"] - self.totals["catastrophic_base"], 1, group)

    def burden(self, band: int, group: str | None = None) -> tuple[Value, Value, Value, Value]:
        """Estimate of one band: persons, what each bears under the base, under the design, and the difference, yuan."""
        of = {name: self._of(values[:, :, band], group) for name, values in self.bands.items()}
        persons = of["persons"]
        before, after = of["gross"] - of["paid_base"], of["gross"] - of["paid"]
        base, ours, change = (self._ratio(part / 100, persons) for part in (before, after, after - before))
        return self._mean_of(persons / self.years), base, ours, change

    def _of(self, values: Int64s, group: str | None) -> Floats:
        found = values.sum(axis=1) if group is None else values[:, self.group_names.index(group)]
        return found.astype(np.float64)

    def _mean(self, values: Int64s, per: int, group: str | None) -> Value:
        return self._mean_of(self._of(values, group) / per / self.years)

    def _mean_of(self, values: Floats) -> Value:
        return self._with_error(float(values.mean()), values - values.mean())

    def _ratio(self, top: Floats, under: Floats) -> Value:
        if not under.any():
            return UNKNOWN
        ratio = float(top.sum() / under.sum())
        return self._with_error(ratio, (top - ratio * under) / float(under.mean()))

    def _with_error(self, mean: float, influence: Floats) -> Value:
        error = error_of(influence, self.batch)
        if error is None:
            return Value(mean)
        half = half_width(*error)
        return Value(mean, error[0], mean - half, mean + half)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per figure and group (empty for everybody): persons and yuan a year, with their errors."""
        import pandas as pd

        groups = (None, *(self.group_names if len(self.group_names) > 1 else ()))
        return pd.DataFrame(
            {"figure": name, "zh": COUNTS[name][0], "group": group or "", **self.value(name, group).as_dict()}
            for group in groups
            for name in self.told
        )

    def by_band(self) -> pd.DataFrame:
        """Return one row per band of own cost: persons, burden a person under base and design, and the change; yuan."""
        import pandas as pd

        edges = [0.0, *(edge / 100 for edge in self.edges)]
        rows = []
        for band, low in enumerate(edges):
            told = dict(zip(("persons", "burden_base", "burden", "change"), self.burden(band), strict=True))
            high = edges[band + 1] if band + 1 < len(edges) else None
            figures = {key: number for name, value in told.items() for key, number in value.as_dict(name).items()}
            rows.append({"own_cost_from": low, "own_cost_to": high, **figures})
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers for JSON: yuan and persons a year."""
        groups = {name: {each: self.value(each, name).as_dict() for each in self.told} for name in self.group_names}
        return {
            "replications": self.replications,
            "everyone": self.everyone,
            "threshold": {
                name: None if each is None else each / 100
                for name, each in zip(self.group_names, self.threshold, strict=True)
            },
            "figures": {name: self.value(name).as_dict() for name in self.told},
            "by_group": groups,
            "by_band": self.by_band().replace({np.nan: None}).to_dict("records"),
        }


def persons_of(
    schemes: Sequence[Scenario],
    n: int,
    seed: int,
    years: int,
    *,
    share: float = 1.0,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> tuple[Persons, ...] | None:
    """Settle schemes of the same people beside the first of them, person by person.

    Args:
        schemes: the base and others; their behaviour is left out.
        n: replications; no more than :data:`ENOUGH`, eight whole batches of stratified ones, are settled.
        seed: of the run.
        years: years of the contract; persons are counted in every year for which rules are settled, whether or not a
            contract had ended by then.
        share: the part of a year's income above which expenditure is catastrophic.
        workers: threads.
        executor: where blocks run, instead of threads.
        progress: called as blocks arrive.

    Returns:
        One for each scheme; of the first beside itself. None where bills are not drawn (annual amounts).
    """
    quiet = [each.without_behaviour for each in schemes]
    everyone = any(each.terms.simulation.bills == "all" for each in schemes) or _others_differ(quiet)
    job = TermJob.build(quiet, seed, years, everyone=everyone)
    if job.base.model.annual:
        return None
    threshold = _thresholds(schemes[0], share)
    edges = common_edges(quiet)
    incomes = np.array([UNBEARABLE if each is None else each for each in threshold], dtype=np.int64)
    job.__dict__["base"] = replace(job.base, beside=Beside(incomes, edges))
    settled = settle_bills(job, min(n, ENOUGH), workers=workers, executor=executor, progress=progress)
    pairs = settled[0, ..., job.base.columns.pairs].sum(axis=2)
    names = tuple(group.name for group in schemes[0].population.groups)
    return tuple(
        Persons(*_told(each, len(edges)), edges, names, years, schemes[0].batch, threshold, everyone) for each in pairs
    )


def _told(pairs: Int64s, edges: int) -> tuple[dict[str, Int64s], dict[str, Int64s]]:
    """Of one design's (r, g, column): counts, and bands."""
    from fundsim.kernels import IN_BANDS, PER_BAND

    bands = pairs[:, :, IN_BANDS:].reshape(*pairs.shape[:2], edges + 1, PER_BAND)
    return (
        {name: pairs[:, :, place] for place, name in enumerate(COUNTS)},
        {name: bands[..., place] for place, name in enumerate(BANDS)},
    )


def _others_differ(schemes: Sequence[Scenario]) -> bool:
    """Whether payers other than the covered ones differ, so that others than the contract's patients win or lose."""
    first, *others = (
        [each for each in scheme.plan.payers if each.name not in scheme.plan.covers] for scheme in schemes
    )
    return any(other != first for other in others)


def _thresholds(scheme: Scenario, share: float) -> tuple[int | None, ...]:
    locality = scheme.terms.locality
    found = []
    for group in scheme.population.groups:
        income = None if locality is None else locality.income_per_head(group.traits)
        found.append(None if income is None else income * round(share * PPM) // PPM)
    return tuple(found)


def common_edges(schemes: Sequence[Scenario]) -> Int64s:
    """Bands of own cost for all designs: the deductibles of each, then where the base's rates change (fen)."""
    deductibles, changes = set[int](), set[int]()
    for number, scheme in enumerate(schemes):
        schedules = scheme.plan.payer(scheme.plan.primary).classes
        deductibles |= {each.deductible for each in schedules if each.deductible}
        changes |= {knot for knot in schedules[0].curve.knots if knot and number == 0}
    edges = sorted(deductibles)[:MOST_BANDS] + sorted(changes - deductibles)
    return np.array(sorted(set(edges[:MOST_BANDS])), dtype=np.int64)
