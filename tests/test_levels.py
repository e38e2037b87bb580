"""Drawn levels: a level of twice is the scheme with everything doubled, and nobody is lost on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import fundsim as fs
from cities import city
from fundsim.blocks import BlockJob
from fundsim.claims import Levels
from fundsim.kernels import ALL_GROSS, ALL_LEFT, ALL_PAYABLE
from fundsim.scenario import Scenario
from fundsim.years import TermJob

N = 6


def certain(kind: str, factor: str, **more: Any) -> dict[str, Any]:
    """An uncertain input that is certain: one value."""
    other = "0.39" if kind == "tail-index" else "x9"
    drawn = {"family": "discrete", "values": [factor, other], "probabilities": ["100%", "0%"]}
    return {"uncertainty": {"inputs": {"one": {"of": kind, "distribution": drawn, **more}}}}


def bits(scenario: Scenario, **options: Any) -> dict[str, list[int]]:
    return {name: values.tolist() for name, values in fs.simulate(scenario, n=N, seed=5, **options).totals.items()}


SAME = {
    "cost": (certain("cost", "x2"), {"population.groups.ordinary.cost": "x2", "population.groups.poor.cost": "x1.8"}),
    "cost of one level": (
        certain("cost", "x2", care=["county"]),
        {"claims.care.county.cost.mean": "10000 yuan"},
    ),
    "admissions": (
        certain("admissions", "x0.5"),
        {"population.groups.ordinary.admissions": "x0.5", "population.groups.poor.admissions": "x0.75"},
    ),
    "enrolment": (
        certain("enrolment", "x0.5"),
        {
            "population.insured": "20000 persons",
            "population.groups.ordinary.persons": "18000 persons",
            "population.groups.poor.persons": "2000 persons",
        },
    ),
    "share of the poor": (
        certain("group-share", "x2", people="poor", taken_from="ordinary"),
        {"population.groups.ordinary.persons": "32000 persons", "population.groups.poor.persons": "8000 persons"},
    ),
    "tail": (
        certain("tail-index", "0.25", care=["tertiary"]),
        {"claims.care.tertiary.cost.tail.index": "0.25"},
    ),
    "catalogue": (
        certain("catalogue", "x1", care=["county"]),
        {},
    ),
    "mix of places": (certain("mix", "x1", trait="place", values=["away"]), {}),
}


@pytest.mark.parametrize("name", SAME)
def test_a_level_that_is_certain_is_the_scheme_with_that_value(name: str) -> None:
    drawn, stated = SAME[name]
    drawn_bits = bits(city().replace(drawn))
    stated_bits = bits(city().replace(stated) if stated else city())
    assert drawn_bits == stated_bits
    assert not stated or stated_bits != bits(city()), "the level changes nothing"


def test_twice_the_odds_of_care_away_are_those_odds() -> None:
    """40% away are odds of 2 to 3; twice that is 4 to 3, or 57.14%."""
    job = TermJob.build([city().replace(certain("mix", "x2", trait="place", values=["away"]))], 1, 1)
    levels = job.outlook(()).levels(job.drawn(np.arange(N)), 1)
    assert levels.probabilities is not None
    away = [cell.traits["place"] == "away" for cell in job.base.model.cells]
    tertiary = [cell.level == "tertiary" for cell in job.base.model.cells]
    assert levels.probabilities[:, away].sum(axis=1) == pytest.approx([0.2 * 4 / 7] * N)
    assert levels.probabilities[:, tertiary].sum(axis=1) == pytest.approx([0.2] * N)


def test_a_catalogue_moves_cost_off_the_list_and_keeps_the_bill() -> None:
    """Odds of C and excluded, 12 to 88, times 1.5 are 18 to 88: A and B shrink in proportion."""
    job = TermJob.build([city().replace(certain("catalogue", "x1.5", care=["county"]))], 1, 1)
    levels = job.outlook(()).levels(job.drawn(np.arange(N)), 1)
    assert levels.splits is not None
    county = next(number for number, cell in enumerate(job.base.model.cells) if cell.level == "county")
    b, bc, bcx = levels.splits[0, county].tolist()
    assert (b, bc - b, bcx - bc) == (
        round(1e6 * 0.36 / 1.06),
        pytest.approx(1e6 * 0.07 * 1.5 / 1.06, abs=1),
        pytest.approx(1e6 * 0.05 * 1.5 / 1.06, abs=1),
    )


EVERYTHING = {
    "uncertainty": {
        "inputs": {
            "level": {"of": "cost", "distribution": {"family": "lognormal", "cv": "0.3"}},
            "use": {"of": "admissions", "distribution": {"family": "gamma", "cv": "0.3"}},
            "tail": {
                "of": "tail-index",
                "care": ["tertiary"],
                "distribution": {"family": "normal", "mean": "0.33", "sd": "0.1"},
                "within": ["0.1", "0.6"],
            },
            "away": {
                "of": "mix",
                "trait": "place",
                "values": ["away"],
                "distribution": {"family": "lognormal", "cv": "0.5"},
            },
            "off": {"of": "catalogue", "distribution": {"family": "uniform", "from": "x0.3", "to": "x3"}},
            "heads": {"of": "enrolment", "distribution": {"family": "uniform", "from": "x0.8", "to": "x1.1"}},
        }
    }
}


@pytest.mark.parametrize("year", [1, 3])
def test_floors_lose_nobody_whatever_is_drawn(year: int) -> None:
    schemes = [city().replace(EVERYTHING), city().replace({**EVERYTHING, "payers.cii.deductible": "4000 yuan"})]
    job = TermJob.build(schemes, 1, year)
    replications = np.arange(12)
    levels = job.outlook(()).levels(job.drawn(replications), year)
    some = job.base.settle(replications, levels, year=year)
    everybody = BlockJob.build(schemes, 1, everyone=True).settle(replications, levels, year=year)
    everybody = everybody[..., : some.shape[-1]]
    everybody[..., [ALL_GROSS, ALL_PAYABLE, ALL_LEFT]] = 0
    assert some.tolist() == everybody.tolist()
    assert len({tuple(row) for row in some[0, :, 0].tolist()}) == 12


def test_floors_of_a_level_that_is_ignored_would_lose_money(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can fail: the floors of the model as stated are too high where bills are dearer."""
    from fundsim import blocks

    dear = Levels(cost=np.full((1, 1, len(BlockJob.build([city()], 1).model.cells)), 1.5))
    right = BlockJob.build([city()], 1).settle(np.arange(2), dear)
    job = BlockJob.build([city()], 1)
    stated = blocks.bars(job.model, job.unpaid.gross, job.model.draws(1, np.arange(1)))
    monkeypatch.setattr(blocks, "bars", lambda *_: stated)
    assert job.settle(np.arange(2), dear)[..., 0].sum() < right[..., 0].sum()


def test_costs_grow_and_people_leave_over_the_years() -> None:
    scheme = city().replace({"population.growth": "-10%/year", "claims.trend": {"cost": "50%/year", "to": "2017"}})
    job = TermJob.build([scheme], 1, 3)
    drawn = job.drawn(np.arange(2))
    levels = [job.outlook(()).levels(drawn, year) for year in (1, 2, 3)]
    assert [each.cost.ravel()[0] for each in levels if each.cost is not None] == [1.0, 1.5, 2.25]
    assert [each.persons.sum() for each in levels if each.persons is not None] == [40_000, 36_000, 32_400]
    results = fs.simulate(scheme, n=5, years=3)
    assert [int(year.totals["insured"][0]) for year in results.years] == [40_000, 36_000, 32_400]
    claims = [year.totals["claims_paid"].mean() for year in results.years]
    assert claims[1] > 1.5 * claims[0]
    assert bits(scheme) == {
        name: values.tolist()
        for name, values in fs.simulate(scheme, n=N, seed=5, years=3).years[0].totals.items()
        if name in bits(scheme)
    }
