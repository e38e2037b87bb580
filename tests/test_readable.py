"""Tables for reading: units that suit, no digit beyond the error."""

from __future__ import annotations

import pandas as pd
import pytest

import fundsim as fs
from fundsim.comparison.differences import UNKNOWN, Value
from fundsim.report.readable import plus_minus, readable
from fundsim.results import Results


@pytest.fixture(scope="module")
def results() -> Results:
    return fs.simulate(fs.load("scenarios/qinzhou-2017.yaml"), n=20)


def table(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns).set_index("measure")


def test_totals_in_million_yuan_a_persons_money_in_yuan_and_shares_in_per_cent() -> None:
    shown = readable(
        table(
            measure=["claims_paid", "avg_payout", "loss_ratio", "beneficiaries", "premium"],
            unit=["yuan", "yuan", "share", "count", "yuan"],
            mean=[111_591_743.21, 6389.123, 1.02472, 17466.02, 108_900_000.0],
            se=[54_756.13, 2.7184, 0.000503, 4.056, 0.0],
        )
    )
    assert shown["mean"].tolist() == ["111.592", "6,389.1", "102.472", "17,466.0", "108.9"]
    assert shown["se"].tolist() == ["0.055", "2.7", "0.050", "4.1", "0"]
    assert shown["unit"].tolist() == ["million yuan", "yuan", "%", "persons", "million yuan"]


def test_differences_have_the_digits_of_their_own_error_and_what_is_missing_is_a_dash() -> None:
    shown = readable(
        table(
            measure=["claims_paid", "claims_paid"], unit=["yuan", "yuan"], mean=[1.1e8, 1e8], se=[8e4, 8e4],
            difference=[float("nan"), -12_276_432.0], difference_se=[float("nan"), 6_123.0],
        )
    )  # fmt: skip
    assert shown["difference"].tolist() == ["–", "-12.2764"]
    assert shown["difference_se"].tolist() == ["–", "0.0061"]


def test_a_small_funds_totals_stay_small() -> None:
    assert readable(table(measure=["claims_paid"], unit=["yuan"], mean=[999.0], se=[1.0]))["unit"].tolist() == ["yuan"]


def test_a_table_without_units_is_refused(results: Results) -> None:
    with pytest.raises(KeyError, match="unit"):
        readable(results.summary()[["mean", "se"]])


def test_the_summary_of_a_run_is_read_as_a_whole(results: Results) -> None:
    raw, shown = results.summary(), readable(results.summary())
    assert list(shown.index) == list(raw.index)
    assert list(shown.columns) == list(raw.columns)
    assert (shown["zh"] == raw["zh"]).all()
    assert float(shown.loc["claims_paid", "mean"]) == pytest.approx(raw.loc["claims_paid", "mean"] / 1e6, abs=0.005)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Value(-12_276_432.0, 6_123.0), "-12.2764 ± 0.0061"),
        (Value(5_000_000.0), "5"),
        (Value(0.0, 0.0), "0"),
        (UNKNOWN, "–"),
    ],
)
def test_a_figure_with_its_error(value: Value, told: str) -> None:
    assert plus_minus(value, 1e-6) == told
