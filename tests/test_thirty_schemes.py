"""The thirty schemes of the Guangxi pilot: one table of designs on the same people, and what must hold in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fundsim as fs
from fundsim.contracts import settle_year
from fundsim.report.designs import designs_frame, loss_at, needed_premium, side_by_side
from fundsim.results import Results
from thirty_schemes import REPORT, SCENARIO, page


@pytest.fixture(scope="module")
def results() -> tuple[Results, ...]:
    scenario = fs.load(SCENARIO)
    small = {"population.insured": "400000 persons"}
    return fs.simulate_designs([each.replace(small) for each in (scenario, *(d for _, d in scenario.designs))], n=30)


@pytest.fixture(scope="module")
def frame(results: tuple[Results, ...]) -> pd.DataFrame:
    return designs_frame(results)


def test_there_are_thirty_and_no_two_are_alike(results: tuple[Results, ...]) -> None:
    paid = [tuple(each.totals["claims_paid"].tolist()) for each in results[1:]]
    assert len(paid) == len(set(paid)) == 30


def test_a_premium_that_is_needed_pays_claims_and_allowance(results: tuple[Results, ...]) -> None:
    base = results[0]
    premium = needed_premium(base).mean
    assert premium is not None
    claims = base.totals["claims_paid"].mean() / base.totals["insured"][0] / 100
    assert premium * (1 - base.scenario.terms.contract.allowance / 1e6) == pytest.approx(claims, rel=1e-12)


def test_the_loss_at_another_premium_is_that_of_a_run_with_it(results: tuple[Results, ...]) -> None:
    base = results[0]
    for premium in (18, 20, 22):
        again = fs.simulate(base.scenario.replace({"contract.premium": f"{premium} yuan/person"}), n=30)
        assert loss_at(base, float(premium)) == again.probability("insurer_loss")
    assert 0 < loss_at(base, 20.0).p < 1, "nothing is tested where the loss is certain or impossible"


def test_a_higher_deductible_costs_less_and_helps_fewer(frame: pd.DataFrame) -> None:
    for rates in ("rising", "flat"):
        for rest in ("cap-200000", "no-preference"):
            names = [name for name in frame.index if name.endswith(f"{rates}-{rest}")]
            assert len(names) == 5
            assert (np.diff(frame.loc[names, "premium_needed"]) < 0).all()
            assert (np.diff(frame.loc[names, "beneficiaries"]) < 0).all()


def test_every_figure_of_the_frame_is_the_designs_own(results: tuple[Results, ...], frame: pd.DataFrame) -> None:
    row, result = frame.iloc[7], results[7]
    assert row["payment_ratio_compliant"] == result.estimate("payment_ratio_compliant").mean
    assert row["p_loss"] == result.probability("insurer_loss").p
    year = settle_year(
        result.scenario.terms.contract,
        premium=result.totals["premium"],
        claims=result.totals["claims_paid"],
        insured=result.totals["insured"],
        last_year=True,
    )
    assert row["p_loss"] == (year.insurer_result < 0).mean()


def test_the_table_has_a_line_for_each(results: tuple[Results, ...]) -> None:
    table = side_by_side(results)
    assert [row[0] for row in table.rows][:2] == ["guangxi-pilot-2013", "01-4000-rising-cap-200000"]
    assert all(len(row) == len(table.head) for row in table.rows)
    assert page(results).count("\n| ") == 33, "head, line, the scheme in force and thirty designs"


def test_the_committed_table_names_the_schemes_of_the_file() -> None:
    committed, scenario = REPORT.read_text(encoding="utf-8"), fs.load(SCENARIO)
    assert scenario.fingerprint[:12] in committed, "run: python scripts/thirty_schemes.py --write"
    assert all(f"| {name} |" in committed for name, _ in scenario.designs)
