"""What results tell as plain data: the JSON of a run, amounts in yuan, of several years their average."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fundsim.estimates import UNDEFINED, Estimate, mean_of, probability_of
from fundsim.funds import FUND_MEASURES, RUNS_DRY, FundYear
from fundsim.measures import MEASURES
from fundsim.results.figures import BehaviourFigures

if TYPE_CHECKING:
    from fundsim.results.results import Results


def figures_told(results: Results, measures: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Measures (all that the results have, by default) and probabilities, each with its errors."""
    return {
        "measures": {name: results.estimate(name).as_dict() for name in measures or results.measures},
        "probabilities": {name: results.probability(name).as_dict() for name in results.chances},
    }


def as_dict(results: Results) -> dict[str, Any]:
    """All that ``fundsim run --json`` prints."""
    by_measure = [name for name in results.measures if MEASURES[name].by_group]
    by_group = {
        group: {"measures": {name: results.estimate(name, group).as_dict() for name in by_measure}}
        for group in results.group_names
    }
    return {
        "scenario": results.scenario.id,
        "fingerprint": results.scenario.fingerprint,
        "seed": results.seed,
        "replications": results.replications,
        **results.told,
        "by_year": results.told_by_year,
        "by_group": by_group,
        **({} if results.behaviour is None else {"behaviour": _behaviour(results, results.behaviour)}),
        "funds": {name: _fund(fund, results.batch) for name, fund in results.funds_year.funds.items()},
        **({"precision": [outcome.as_dict() for outcome in results.precision]} if results.precision else {}),
        "versions": results.manifest["versions"],
    }


def _behaviour(results: Results, behaviour: BehaviourFigures) -> dict[str, Any]:
    """What the JSON of a run says of behaviour: what each group bears, and figures without any answer."""
    parts = zip(results.group_names, behaviour.base, behaviour.borne, behaviour.factor, strict=True)
    quiet = results.without_response
    return {
        "by_group": {
            name: {"borne_base": float(base), "borne": float(borne), "factor": float(factor)}
            for name, base, borne, factor in parts
        },
        "without": {name: quiet.estimate(name).as_dict() for name in results.measures},
        "difference": {name: results.answered(name).as_dict() for name in results.measures},
    }


def fund_estimate(fund: FundYear, measure: str, batch: int | None) -> Estimate:
    """Estimate a figure of a fund, in yuan or as a share; undefined where the fund has none."""
    values = FUND_MEASURES[measure].values(fund)
    return UNDEFINED if values is None else mean_of(values, batch=batch)


def _fund(fund: FundYear, batch: int | None) -> dict[str, Any]:
    """What the JSON of a run says of a fund: figures in yuan, and month-end cash (5%, 50% and 95% points, yuan)."""
    low, middle, high = (np.percentile(fund.cash / 100.0, level, axis=0).tolist() for level in (5, 50, 95))
    return {
        "measures": {name: fund_estimate(fund, name, batch).as_dict() for name in FUND_MEASURES},
        "probabilities": {RUNS_DRY[0]: probability_of(fund.runs_dry, batch=batch).as_dict()},
        "cash": {"p05": low, "p50": middle, "p95": high},
    }
