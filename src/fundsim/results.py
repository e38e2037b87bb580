"""Results of a simulation: immutable arrays over replications, what they say, and their place on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from fundsim import runs
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
from fundsim.funds import FUND_MEASURES, RUNS_DRY, FundsYear, FundYear, settle_funds
from fundsim.ledger import Ledger
from fundsim.measures import MEASURES, PROBABILITIES, Measure
from fundsim.precision import Outcome
from fundsim.scenario import Scenario, load_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Int64s = npt.NDArray[np.int64]
IN_FEN = ("yuan", "yuan/person")
KINDS = ("total", "group", "band", "month", "without", "answer")
"""Arrays of a run folder, by the first part of their names."""
ANSWER = ("base", "borne", "factor")
"""Those of them that say how people answer to what they pay."""
QUANTILES: Final = ("p05", "p50", "p95")
"""Percentiles that have an interval in what is saved."""


@dataclass(frozen=True, eq=False)
class YearFigures:
    """One year of a term: what :class:`Results` has over all of them."""

    totals: Mapping[str, Int64s]
    groups: Mapping[str, Int64s]


@dataclass(frozen=True, eq=False)
class BehaviourFigures:
    """How patients answered to a design, and what it would have come to had nobody answered (行为反应)."""

    base: npt.NDArray[np.float64]
    """(g,) share of gross cost that patients bear under the base rules."""
    borne: npt.NDArray[np.float64]
    """(g,) the same under the rules of this design, before any event."""
    factor: npt.NDArray[np.float64]
    """(g,) by which the group's gross cost is multiplied for it."""
    without: Mapping[str, Int64s]
    """``totals`` of the same people under the same rules, where nobody answers."""


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
    """Every year of a term, where there are several; ``totals`` and ``groups`` are then sums over them."""
    behaviour: BehaviourFigures | None = None
    """Where the scheme states behaviour."""
    ledger: Ledger | None = None
    """All transfers of the year between the parties; not saved."""

    @property
    def replications(self) -> int:
        return len(self.totals["premium"])

    @property
    def group_names(self) -> tuple[str, ...]:
        return tuple(group.name for group in self.scenario.population.groups)

    @property
    def batch(self) -> int | None:
        """How many replications were stratified together, so that errors come from their means; None: independent."""
        return self.scenario.batch

    @property
    def precision(self) -> tuple[Outcome, ...]:
        """How far the run came towards each target of ``until``; empty where there was none."""
        return tuple(Outcome.of(told) for told in self.manifest.get("precision", ()))

    def values(self, measure: str, group: str | None = None) -> npt.NDArray[np.float64] | None:
        """Return a measure's value in each replication (yuan where it is money); None where it does not exist."""
        definition = MEASURES[measure]
        if definition.over is None:
            total = self._total(measure, group)
            return None if total is None else total / (100 if definition.unit in IN_FEN else 1)
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
        """Estimate the probability of a ``deficit``, a ``return`` or an ``insurer_loss``."""
        happened = {
            "deficit": self.totals["surplus"] < 0,
            "return": self.totals["surplus_return"] > 0,
            "insurer_loss": self.totals["insurer_result"] < 0,
        }
        if name not in happened:
            raise KeyError(f"'{name}' is not a probability; there are: {', '.join(happened)}")
        return probability_of(happened[name], batch=self.batch)

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
    def _summary(self) -> dict[str, Any]:
        return {
            "measures": {name: self.estimate(name).as_dict() for name in MEASURES},
            "probabilities": {name: self.probability(name).as_dict() for name in PROBABILITIES},
        }

    def to_dict(self) -> dict[str, Any]:
        """Return what ``fundsim run --json`` prints; amounts in yuan."""
        told = [name for name in MEASURES if MEASURES[name].by_group]
        by_group = {
            group: {"measures": {name: self.estimate(name, group).as_dict() for name in told}}
            for group in self.group_names
        }
        return {
            "scenario": self.scenario.id,
            "fingerprint": self.scenario.fingerprint,
            "seed": self.seed,
            "replications": self.replications,
            **self._summary,
            "by_year": {"1": self._summary},
            "by_group": by_group,
            **({} if self.behaviour is None else {"behaviour": self._behaviour(self.behaviour)}),
            "funds": {name: _fund_summary(fund, self.batch) for name, fund in self.funds_year.funds.items()},
            **({"precision": [outcome.as_dict() for outcome in self.precision]} if self.precision else {}),
            "versions": self.manifest["versions"],
        }

    def _behaviour(self, behaviour: BehaviourFigures) -> dict[str, Any]:
        """What the JSON of a run says of behaviour: what each group bears, and figures without any answer."""
        parts = zip(self.group_names, behaviour.base, behaviour.borne, behaviour.factor, strict=True)
        quiet = self.without_response
        return {
            "by_group": {
                name: {"borne_base": float(base), "borne": float(borne), "factor": float(factor)}
                for name, base, borne, factor in parts
            },
            "without": {name: quiet.estimate(name).as_dict() for name in MEASURES},
            "difference": {name: self.answered(name).as_dict() for name in MEASURES},
        }

    def answered(self, measure: str) -> Estimate:
        """Estimate how much of a total is due to behaviour: with the answer less without, on the same people.

        The error is that of the mean of differences. Undefined for ratios, and where no behaviour is stated.
        """
        ours, theirs = self.values(measure), self.without_response.values(measure)
        if self.behaviour is None or ours is None or theirs is None or MEASURES[measure].over is not None:
            return UNDEFINED
        return mean_of(ours - theirs)

    def summary(self) -> pd.DataFrame:
        """Return one row per measure: mean, standard error, spread and percentiles, money in yuan."""
        import pandas as pd

        rows = [
            {"measure": name, "zh": MEASURES[name].zh, "unit": MEASURES[name].unit, **numbers}
            for name, numbers in self._summary["measures"].items()
        ]
        return pd.DataFrame(rows).set_index("measure")

    def saved_summary(self) -> pd.DataFrame:
        """Return the table that a run folder keeps: measures and probabilities with 95% intervals, and their origin."""
        import pandas as pd

        table = self.summary()
        for of in ("mean", *QUANTILES):
            ends = [self.interval(name, of) or (None, None) for name in MEASURES]
            prefix = "" if of == "mean" else f"{of}_"
            table[f"{prefix}lo"], table[f"{prefix}hi"] = [low for low, _ in ends], [high for _, high in ends]
        chances = self.probabilities().rename(columns={"p": "mean"}).rename_axis("measure")
        table = pd.concat([table, chances.assign(unit="probability")])
        table["scenario"], table["fingerprint"] = self.scenario.label, self.scenario.fingerprint
        table["seed"], table["fundsim"] = self.seed, self.manifest["fundsim"]
        return table

    def probabilities(self) -> pd.DataFrame:
        """Return one row per probability with its 95% Wilson interval."""
        import pandas as pd

        found = self._summary["probabilities"].items()
        rows = [{"probability": name, "zh": PROBABILITIES[name][0], **numbers} for name, numbers in found]
        return pd.DataFrame(rows).set_index("probability")

    def funds(self) -> pd.DataFrame:
        """Return the accounts of payers (基金账户): one row per fund and figure, money in yuan; empty without funds.

        The last figure of each fund is the probability that its account runs dry, with its 95% Wilson interval.
        """
        import pandas as pd

        rows = []
        for name, fund in self.funds_year.funds.items():
            for measure in FUND_MEASURES.values():
                names = {"fund": name, "measure": measure.id, "zh": measure.zh, "unit": measure.unit}
                rows.append({**names, **fund_estimate(fund, measure.id, self.batch).as_dict()})
            dry = probability_of(fund.runs_dry, batch=self.batch)
            names = {"fund": name, "measure": RUNS_DRY[0], "zh": RUNS_DRY[1], "unit": "probability"}
            rows.append({**names, "mean": dry.p, "lo": dry.lo, "hi": dry.hi})
        columns = ["fund", "measure", "zh", "unit", *UNDEFINED.as_dict(), "lo", "hi"]
        return pd.DataFrame(rows, columns=columns).set_index(["fund", "measure"])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per replication and one column per measure, money in yuan."""
        import pandas as pd

        columns = {name: values for name in MEASURES if (values := self.values(name)) is not None}
        return pd.DataFrame(columns, index=pd.RangeIndex(self.replications, name="replication"))

    def band_table(self) -> pd.DataFrame:
        """Return beneficiaries and payments a year by band of own cost (按个人自付分段), means over replications."""
        import pandas as pd

        edges = [0.0, *(float(edge) / 100 for edge in self.bands["own_cost_edges"])]
        persons = [mean_of(values, batch=self.batch) for values in self.bands["own_cost_persons"].T.astype(np.float64)]
        paid = [mean_of(values, batch=self.batch) for values in self.bands["own_cost_paid"].T / 100]
        total = sum(band.mean or 0.0 for band in paid)
        frame = pd.DataFrame(
            {
                "own_cost_from": edges,
                "own_cost_to": [*edges[1:], None],
                "persons": [band.mean for band in persons],
                "persons_se": [band.se for band in persons],
                "paid": [band.mean for band in paid],
                "paid_se": [band.se for band in paid],
                "share_of_paid": [(band.mean or 0.0) / total if total else None for band in paid],
            }
        )
        frame.index.name = "band"
        return frame

    def plot_margin(self, ax: Axes | None = None) -> Axes:
        """Plot the distribution of the insurer's result with the contract's corridor; returns the axes."""
        from fundsim.report.figures import plot_margin

        return plot_margin(self, ax)

    def plot_bands(self, ax: Axes | None = None) -> Axes:
        """Plot payments by band of own cost; returns the axes."""
        from fundsim.report.figures import plot_bands

        return plot_bands(self, ax)

    def plot_cash(self, fund: str, ax: Axes | None = None) -> Axes:
        """Plot the month-end cash of a fund's account over the replications; returns the axes."""
        from fundsim.report.funds import plot_cash

        return plot_cash(self, fund, ax)

    def save(self, folder: str | Path) -> Path:
        """Write manifest.json, summary.csv and replications.npz into ``folder``, funds.csv with funds; returns it."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        arrays = {f"total/{name}": values for name, values in self.totals.items()}
        arrays |= {f"group/{name}": values for name, values in self.groups.items()}
        arrays |= {f"band/{name}": values for name, values in self.bands.items()}
        arrays |= {f"month/{name}": values for name, values in self.monthly.items()}
        if self.behaviour is not None:
            arrays |= {f"without/{name}": values for name, values in self.behaviour.without.items()}
            arrays |= {f"answer/{name}": getattr(self.behaviour, name) for name in ANSWER}
        runs.write_arrays(target / runs.REPLICATIONS, arrays)
        runs.write_text(target / runs.SUMMARY, runs.EXCEL + self.saved_summary().to_csv())
        if self.scenario.terms.funds:
            runs.write_text(target / runs.FUNDS, runs.EXCEL + self.funds().to_csv())
        runs.write_text(target / runs.MANIFEST, json.dumps(dict(self.manifest), ensure_ascii=False, indent=1) + "\n")
        return target

    @classmethod
    def load(cls, folder: str | Path) -> Results:
        """Read results that were saved.

        Raises:
            RunFolderError: the folder holds no complete run of a format that this version reads.
        """
        source = Path(folder)
        manifest = runs.read_manifest(source)
        arrays = runs.read_arrays(source / runs.REPLICATIONS)
        parts: dict[str, dict[str, Int64s]] = {kind: {} for kind in KINDS}
        for name, values in arrays.items():
            kind, _, measure = name.partition("/")
            parts[kind][measure] = values
        scenario = replace(load_text(manifest["document"], manifest["path"] or "document"), design=manifest["design"])
        if scenario.fingerprint != manifest["fingerprint"]:
            raise runs.RunFolderError(f"{source}: the scenario in manifest.json does not match its fingerprint")
        results = cls(
            scenario, manifest["seed"], parts["total"], parts["group"], parts["band"], manifest, parts["month"]
        )
        if not parts["answer"]:
            return results
        answer = {name: values.astype(np.float64) for name, values in parts["answer"].items()}
        return replace(results, behaviour=BehaviourFigures(**answer, without=parts["without"]))

    def __repr__(self) -> str:
        result, p = self.estimate("insurer_result"), self.probability("insurer_loss")
        return (
            f"<Results {self.scenario.label}: {self.replications:,} replications, seed {self.seed}; "
            f"insurer's result {rounded(result.mean, result.se)} ± {rounded(result.se, result.se)} yuan, "
            f"P(loss) {p.p:.1%} ({p.lo:.1%} to {p.hi:.1%})>"
        )

    def _repr_html_(self) -> str:
        from fundsim.report.tables import summary_html

        return summary_html(self)


def fund_estimate(fund: FundYear, measure: str, batch: int | None) -> Estimate:
    """Estimate a figure of a fund, in yuan or as a share; undefined where the fund has none."""
    values = FUND_MEASURES[measure].values(fund)
    return UNDEFINED if values is None else mean_of(values, batch=batch)


def _fund_summary(fund: FundYear, batch: int | None) -> dict[str, Any]:
    """What the JSON of a run says of a fund: figures in yuan, and month-end cash (5%, 50% and 95% points, yuan)."""
    low, middle, high = (np.percentile(fund.cash / 100.0, level, axis=0).tolist() for level in (5, 50, 95))
    return {
        "measures": {name: fund_estimate(fund, name, batch).as_dict() for name in FUND_MEASURES},
        "probabilities": {RUNS_DRY[0]: probability_of(fund.runs_dry, batch=batch).as_dict()},
        "cash": {"p05": low, "p50": middle, "p95": high},
    }
