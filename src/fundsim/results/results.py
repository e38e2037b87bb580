"""Results of a simulation: immutable arrays over replications, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fundsim.estimates import (
    UNDEFINED,
    Estimate,
    Probability,
    Quantile,
    mean_of,
    probability_of,
    quantile_of,
    ratio_of,
    rounded,
)
from fundsim.funds import FundsYear, settle_funds
from fundsim.language import Lang, language
from fundsim.ledger import Ledger
from fundsim.measures import MEASURES, PROBABILITIES, Measure
from fundsim.precision import Outcome
from fundsim.results.figures import BehaviourFigures, Int64s, YearFigures
from fundsim.results.folder import loaded, saved
from fundsim.results.plain import as_dict, figures_told
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

IN_FEN = ("yuan", "yuan/person")


@dataclass(frozen=True, eq=False)
class Results:
    """One design, simulated: totals of each replication, and all that is needed to say where they come from."""

    scenario: Scenario
    seed: int
    totals: Mapping[str, Int64s]
    """(r,) fen or counts by measure, and by the totals that ratios are made of; what does not exist is absent."""
    groups: Mapping[str, Int64s]
    """(r, g) the same where a group of the insured has it."""
    bands: Mapping[str, Int64s]
    """``own_cost_persons`` and ``own_cost_paid`` (r, band): beneficiaries and payments by what the patient's own cost
    accumulated to; ``paid_persons`` (r, size): beneficiaries by payment; ``own_cost_edges``, ``paid_edges`` (fen)."""
    manifest: Mapping[str, Any]
    monthly: Mapping[str, Int64s] = field(default_factory=dict)
    """Where all bills were settled, by month of discharge: ``paid`` (r, 12, payer in waterfall order) fen, ``bills``
    (r, 12). Empty otherwise."""
    years: tuple[YearFigures, ...] = ()
    """Every year of a term, where there are several; the arrays above are then sums over them, but for largest payments
    and the balance that was carried last."""
    n_years: int = 1
    """How many years of the contract were simulated."""
    behaviour: BehaviourFigures | None = None
    """Where the scheme states behaviour."""
    ledger: Ledger | None = None
    """All transfers of the year or the term between the parties; not saved."""
    insurer_cash: Int64s | None = None
    """(r, years, 12) the insurer's cash at the end of each month (承办资金月末余额), fen, zero after an early end; None
    where the contract states no instalments, or not all bills were settled."""

    @property
    def replications(self) -> int:
        return len(self.totals["premium"])

    @property
    def group_names(self) -> tuple[str, ...]:
        return tuple(group.name for group in self.scenario.population.groups)

    @property
    def measures(self) -> tuple[str, ...]:
        """Ids of what is told of these results, in the order of reports."""
        return tuple(name for name, measure in MEASURES.items() if self.n_years > 1 or not measure.of_term)

    @property
    def chances(self) -> tuple[str, ...]:
        """Ids of the probabilities that these results can tell."""
        return tuple(name for name in PROBABILITIES if name in self._happened)

    def year(self, number: int) -> Results:
        """Return one year of the term by itself, from 1: the same kind of results, over the same replications.

        Raises:
            IndexError: the term has no such year.
        """
        if number == self.n_years == 1:
            return self
        if not 1 <= number <= len(self.years):
            raise IndexError(f"there is no year {number}; the years go from 1 to {max(len(self.years), 1)}")
        year = self.years[number - 1]
        cash = None if self.insurer_cash is None else self.insurer_cash[:, number - 1 : number]
        return replace(
            self, totals=year.totals, groups=year.groups, bands=year.bands, monthly=year.monthly, ledger=year.ledger,
            years=(), n_years=1, behaviour=None, insurer_cash=cash,
        )  # fmt: skip

    def average(self, total: str) -> npt.NDArray[np.float64]:
        """Return a total in each replication (fen or heads) as the average of the years."""
        found: npt.NDArray[np.float64] = self.totals[total] / self.n_years
        return found

    @property
    def batch(self) -> int | None:
        """How many replications were stratified together, so that errors come from their means; None: independent."""
        return self.scenario.batch

    @property
    def precision(self) -> tuple[Outcome, ...]:
        """How far the run came towards each target of ``until``; empty where there was none."""
        return tuple(Outcome.of(told) for told in self.manifest.get("precision", ()))

    def values(self, measure: str, group: str | None = None) -> npt.NDArray[np.float64] | None:
        """Return a measure's value in each replication (yuan where it is money); None where it does not exist.

        Over several years that is the average of the years, the ratio of the term's totals, of payments the largest and
        of balances the last.
        """
        definition = MEASURES[measure]
        if definition.over is None:
            total = self._total(measure, group)
            years = self.n_years if definition.over_years == "average" else 1
            return None if total is None else total / (100 * years if definition.unit in IN_FEN else years)
        parts = self._parts(definition, group)
        if parts is None:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios: npt.NDArray[np.float64] = parts[0] / parts[1]
        return ratios

    def estimate(self, measure: str, group: str | None = None) -> Estimate:
        """Estimate a measure, over everybody or over one group.

        Raises:
            KeyError: no such measure or group.
        """
        definition = MEASURES[measure]
        if definition.over is None:
            values = self.values(measure, group)
            return UNDEFINED if values is None else mean_of(values, batch=self.batch)
        parts = self._parts(definition, group)
        return UNDEFINED if parts is None else ratio_of(*parts, batch=self.batch)

    def quantile(self, measure: str, level: float, group: str | None = None) -> Quantile | None:
        """Estimate a quantile over replications (0.05 for the 5% point), with its interval by order statistics.

        A ratio's is over the replications that have one; None where no replication has the figure. Of stratified
        draws the interval is ``conservative``: wider than it need be.

        Raises:
            KeyError: no such measure or group.
            ValueError: a level outside 0 to 1.
        """
        values = self.values(measure, group)
        defined = None if values is None else values[np.isfinite(values)]
        if defined is None or not len(defined):
            return None
        return quantile_of(defined, level, stratified=self.batch is not None)

    def interval(
        self, measure: str, of: str = "mean", group: str | None = None
    ) -> tuple[float | None, float | None] | None:
        """Return the 95% interval of a measure's ``mean``, or of a percentile over replications: ``p05``, ``p95``.

        None where there is none; an end of a percentile's is None where too few replications lie beyond it.

        Raises:
            KeyError: no such measure or group, or neither the mean nor a percentile from p01 to p99.
        """
        if of == "mean":
            return self.estimate(measure, group).interval()
        if len(of) != 3 or of[0] != "p" or not of[1:].isdecimal() or of == "p00":
            raise KeyError(f"'{of}' has no interval; write mean, or a percentile such as p05")
        found = self.quantile(measure, int(of[1:]) / 100, group)
        return None if found is None else (found.lo, found.hi)

    def _total(self, name: str, group: str | None) -> npt.NDArray[np.float64] | None:
        found = self.totals.get(name) if group is None else self.groups.get(name)
        if found is None:
            return None
        return (found if group is None else found[:, self.group_names.index(group)]).astype(np.float64)

    def _parts(self, measure: Measure, group: str | None) -> tuple[Any, Any] | None:
        assert measure.over is not None
        numerator, denominator = (self._total(name, group) for name in measure.over)
        if numerator is None or denominator is None:
            return None
        return numerator * measure.scale / (100 if measure.unit in IN_FEN else 1), denominator

    def probability(self, name: str) -> Probability:
        """Estimate the probability of a ``deficit``, a ``return`` or an ``insurer_loss``, over the whole term.

        Where the contract can end early also that of its ``termination``; where the insurer's cash is known by month,
        that of its being short of cash in some month, ``cash_short``.
        """
        if name not in self._happened:
            raise KeyError(f"'{name}' is not a probability here; there are: {', '.join(self._happened)}")
        return probability_of(self._happened[name], batch=self.batch)

    @cached_property
    def _happened(self) -> dict[str, npt.NDArray[np.bool_]]:
        happened = {
            "deficit": self.totals["surplus"] < 0,
            "return": self.totals["surplus_return"] > 0,
            "insurer_loss": self.totals["insurer_result"] < 0,
        }
        known = {"termination": self.totals.get("terminated"), "cash_short": self.totals.get("cash_short")}
        return happened | {name: values > 0 for name, values in known.items() if values is not None}

    @property
    def without_response(self) -> Results:
        """Totals and estimates of the same people under the same rules, where nobody answers to what they pay."""
        if self.behaviour is None:
            return self
        return replace(
            self, totals=self.behaviour.without, groups={}, monthly={}, years=(), behaviour=None, ledger=None
        )

    @cached_property
    def funds_year(self) -> FundsYear:
        """The year of every fund of the scheme, month by month, from what all payers paid; see :meth:`funds`."""
        funds = self.scenario.terms.funds
        if not funds:
            return FundsYear({}, Ledger.empty(self.replications))
        groups = [(group.persons, group.traits) for group in self.scenario.population.groups]
        return settle_funds(funds, groups=groups, payers=self.scenario.plan.names, paid=self.monthly["paid"])

    @cached_property
    def told(self) -> dict[str, Any]:
        """Measures and probabilities as plain data, each with its errors."""
        return figures_told(self)

    @cached_property
    def told_by_year(self) -> dict[str, dict[str, Any]]:
        """What is told of each year, by its number from 1."""
        return {str(year): figures_told(self.year(year), self.measures) for year in range(1, self.n_years + 1)}

    def to_dict(self) -> dict[str, Any]:
        """Return what ``fundsim run --json`` prints: amounts in yuan, of several years their average."""
        return as_dict(self)

    def answered(self, measure: str) -> Estimate:
        """Estimate how much of a total is due to behaviour: with the answer less without, on the same people.

        The error is that of the mean of differences. Undefined for ratios, and where no behaviour is stated.
        """
        ours, theirs = self.values(measure), self.without_response.values(measure)
        if self.behaviour is None or ours is None or theirs is None or MEASURES[measure].over is not None:
            return UNDEFINED
        return mean_of(ours - theirs, batch=self.batch)

    def summary(self, lang: Lang | None = None) -> pd.DataFrame:
        """Return one row per measure: mean, standard error, spread and percentiles, money in yuan a year.

        Args:
            lang: ``zh`` for Chinese column labels; by default the language that was set, see
                :func:`fundsim.set_language`. The ids of measures, which are the index, stay what they are.
        """
        from fundsim.results import frames

        return frames.summary(self, lang or language())

    def by_year(self) -> pd.DataFrame:
        """Return the same for every year of the term: one row per year and measure."""
        from fundsim.results import frames

        return frames.by_year(self)

    def saved_summary(self) -> pd.DataFrame:
        """Return the table that a run folder keeps: measures and probabilities with 95% intervals, and their origin."""
        from fundsim.results import frames

        return frames.saved_summary(self)

    def probabilities(self) -> pd.DataFrame:
        """Return one row per probability with its 95% Wilson interval."""
        from fundsim.results import frames

        return frames.probabilities(self)

    def funds(self) -> pd.DataFrame:
        """Return the accounts of payers (基金账户): one row per fund and figure, money in yuan; empty without funds.

        The last figure of each fund is the probability that its account runs dry, with its 95% Wilson interval.
        """
        from fundsim.results import frames

        return frames.funds(self)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per replication and one column per measure, money in yuan a year."""
        from fundsim.results import frames

        return frames.by_replication(self)

    def band_table(self) -> pd.DataFrame:
        """Return beneficiaries and payments a year by band of own cost (按个人自付分段), means over replications."""
        from fundsim.results import frames

        return frames.bands(self)

    def plot_margin(self, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot the distribution of the insurer's result with the contract's corridor; returns the axes."""
        from fundsim.report.figures import plot_margin

        return plot_margin(self, ax, lang)

    def plot_bands(self, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot payments by band of own cost; returns the axes."""
        from fundsim.report.figures import plot_bands

        return plot_bands(self, ax, lang)

    def plot_term(self, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot the insurer's result year by year over a term, and in a new figure the loss ratio; returns the axes."""
        from fundsim.report.term_figures import plot_term

        return plot_term(self, ax, lang)

    def plot_insurer_cash(self, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot the insurer's cash month by month over the replications; returns the axes."""
        from fundsim.report.term_figures import plot_insurer_cash

        return plot_insurer_cash(self, ax, lang)

    def plot_cash(self, fund: str, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot the month-end cash of a fund's account over the replications; returns the axes."""
        from fundsim.report.funds import plot_cash

        return plot_cash(self, fund, ax, lang)

    def save(self, folder: str | Path) -> Path:
        """Write manifest.json, summary.csv and replications.npz into ``folder``; returns it.

        With funds also funds.csv, and over several years years.csv.
        """
        return saved(self, folder)

    @classmethod
    def load(cls, folder: str | Path) -> Results:
        """Read results that were saved.

        Raises:
            RunFolderError: the folder holds no complete run of a format that this version reads.
        """
        return cls(**loaded(folder))

    def __repr__(self) -> str:
        result, p = self.estimate("insurer_result"), self.probability("insurer_loss")
        return (
            f"<Results {self.scenario.label}: {self.replications:,} replications, seed {self.seed}; "
            f"insurer's result {rounded(result.mean, result.se)} ± {rounded(result.se, result.se)} yuan{self._a_year}, "
            f"P(loss) {p.p:.1%} ({p.lo:.1%} to {p.hi:.1%})>"
        )

    @property
    def _a_year(self) -> str:
        return f" a year over {self.n_years} years" if self.n_years > 1 else ""

    def _repr_html_(self) -> str:
        lang = language()
        if lang is not None:
            from fundsim.report.document.notebook import results_html

            return results_html(self, lang)
        from fundsim.report.tables import summary_html

        return summary_html(self)
