"""Grouped tables: read with every problem at once, fitted by numbers and amounts, and written as a claims file."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

import fundsim as fs
from fundsim.calibration import CalibrationError, FitError, Observations, calibrate_grouped, fit
from fundsim.calibration.bands import Bands, GroupedError, read_bands
from fundsim.calibration.grouped import GroupedLikelihood, compare_grouped, fit_grouped, moments_above
from fundsim.cli import main
from fundsim.scenario.checking import check_file
from fundsim.severity import Gamma, GeneralisedPareto, Lognormal, SeverityFamily, Spliced, Tail
from test_calibration_severity import sample

BAD = Path(__file__).parent / "bad" / "grouped"
SCHEME = """fundsim: 1
id: tried
waterfall: [cii]
payers: {cii: {base: {counts: {A: 100%, B: 100%, C: 100%}}, deductible: 6000 yuan, pay: 60%}}
population: {insured: 20000 persons}
contract: {preset: self-run, premium: 30 yuan/person}
claims: {use: claims}
uncertainty: {use: claims}
"""
EDGES = (0.0, 2000.0, 5000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0)
TRUE = Spliced(body=Lognormal(median=400_000, sigma=1.1), tail=Tail(above=5_000_000, index=0.33))


def bands(severity: SeverityFamily, n: int, edges=EDGES, years=(2013,), growth: float = 0.0, seed: int = 1) -> Bands:
    rows = []
    for year in years:
        x = sample(severity, n, seed + year) * (1 + growth) ** (year - years[-1])
        for low, high in zip(edges, (*edges[1:], math.inf), strict=True):
            inside = x[(x > low) & (x <= high)]
            rows.append((low, high, len(inside), inside.sum(), year))
    columns = np.array(rows).T
    return Bands(*columns[:4], year=columns[4].astype(np.int64), insured=dict.fromkeys(years, 20 * n))


def text(table: Bands) -> str:
    columns = (table.low, table.high, table.persons, table.amount, table.year)
    rows = [
        f"{low:g}-{high:g},{n:.0f},{amount:.2f},{year},{table.insured[int(year)]}"
        for low, high, n, amount, year in zip(*columns, strict=True)
    ]
    return "\n".join(["band,persons,amount,year,insured", *rows]).replace("-inf", "以上") + "\n"


# -- reading --------------------------------------------------------------------------------------------------------

EXPECTED = {
    "overlap": [(3, "band", "4,000-20,000 overlaps 0-5,000 of line 2", "begin where the one before it ends")],
    "gap": [(3, "band", "nobody is told of between 5,000 and 8,000", "add the band with its persons")],
    "repeated-band": [(3, "band", "stands already in line 2", "write each band once")],
    "amount-outside-band": [(3, "amount", "is 24,000.00 each, which lies outside the band", "in yuan")],
    "amount-in-wan": [(3, "amount", "is 1.00 each", "万元: 1500000"), (4, "amount", "is 5.00 each", "万元: 2500000")],
    "amount-in-fen": [(2, "amount", "is 1,000,000.00 each", "not in fen: 1500000.00"), (3, "amount", "", "not in fen")],
    "mean-instead-of-amount": [(3, "amount", "is 60.00 each", "have together, not the mean")],
    "amount-without-persons": [(3, "amount", "100,000 yuan, but no persons", "an amount of 0")],
    "amount-in-words": [(2, "amount", "'about 1.6m' is no amount in yuan", "such as 8120000")],
    "persons-in-words": [(2, "persons", "'many' is no number", "1250"), (3, "persons", "'50.5' is no number", "1250")],
    "persons-missing": [(2, "persons", "there is no number of persons", "whole number")],
    "band-unreadable": [(2, "band", "'low' is no band of amounts", "5000-10000, or 100000+")],
    "band-downwards": [(2, "band", "'5000-0' does not run upwards", "lower amount first")],
    "year-unreadable": [(2, "year", "'13' is no year", "four digits")],
    "nobody": [(2, "persons", "nobody stands in any band of 2013", "leave the year out")],
    "more-than-insured": [(2, "insured", "850 persons in the bands of 2013, but only 500 insured", "person-times")],
    "different-insured": [(3, "insured", "2013 has different numbers insured", "the same on all its rows")],
    "column-missing": [(1, "amount", "the column is missing", "band,persons,amount,year")],
    "unknown-column": [
        (1, "person", "did you mean 'persons'?", "columns: band"),
        (1, "persons", "is missing", "header"),
    ],
    "cell-missing": [(2, None, "the row has 3 cells, but the header has 5", "one cell for each column")],
    "no-bands": [(-1, None, "the table has no bands", "one row for each band")],
    "empty": [(-1, None, "the file is empty", "write a header")],
    "all-at-once": [
        (2, "persons", "'many'", "whole number"),
        (2, "year", "'13'", "four digits"),
        (3, "band", "'low'", "5000-10000"),
        (3, "amount", "'x'", "such as 8120000"),
    ],
}


def test_every_broken_table_is_expected():
    assert {path.stem for path in BAD.glob("*.csv")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_broken_table_is_refused_with_row_column_and_remedy(name: str):
    with pytest.raises(GroupedError) as told:
        read_bands(BAD / f"{name}.csv")
    problems = told.value.problems
    assert [(each.row, each.column) for each in problems] == [(row, column) for row, column, _, _ in EXPECTED[name]]
    for problem, (row, _, why, instead) in zip(problems, EXPECTED[name], strict=True):
        assert why in problem.why
        assert instead is None or instead in problem.instead
        assert problem.place.endswith(f"{name}.csv" + (f":{row}" if row > 0 else ""))


def test_the_command_tells_a_broken_table_and_writes_nothing(tmp_path: Path):
    out = tmp_path / "claims.yaml"
    result = CliRunner().invoke(main, ["calibrate", "--grouped", str(BAD / "gap.csv"), "--out", str(out)])
    assert result.exit_code == 2
    assert "gap.csv:3: error: column 'band': nobody is told of between 5,000 and 8,000" in result.stderr
    assert not out.exists()


def test_bands_are_read_in_the_ways_people_write_them(tmp_path: Path):
    file = tmp_path / "b.csv"
    rows = ["0至5000元,10,20000,2013年", '"5,000-2万元",5,,2013', "2万元以上,2,60000,2013"]
    file.write_bytes(("\ufeff" + "\r\n".join(["band,persons,amount,year", *rows])).encode())
    table = read_bands(file)
    assert table.low.tolist() == [0, 5000, 20_000]
    assert table.high.tolist() == [5000, 20_000, math.inf]
    assert math.isnan(table.amount[1])
    assert table.insured == {}
    file.write_bytes(
        "\n".join(["band,persons,amount,year", rows[0], rows[2].replace("2万元", "5000")]).encode("gb18030")
    )
    assert read_bands(file).low.tolist() == [0, 5000]


# -- fitting --------------------------------------------------------------------------------------------------------


def test_numbers_alone_are_the_interval_censored_likelihood():
    table = bands(TRUE, 5000)
    grouped = fit_grouped("lognormal", table, amounts=False).fit
    plain = fit("lognormal", Observations.bands(table.low, table.high, table.persons))
    assert grouped.theta == pytest.approx(plain.theta, abs=1e-4)
    assert grouped.log_likelihood == pytest.approx(plain.log_likelihood)


def test_the_likelihood_of_two_bands_by_hand():
    table = Bands(
        np.array([0.0, 5000.0]), np.array([5000.0, math.inf]), np.array([60.0, 40.0]),
        np.array([60 * 2400.0, 40 * 9500.0]), np.array([2013, 2013]), {},
    )  # fmt: skip
    x = stats.gamma(a=1.5, scale=3000)
    p = x.cdf(5000)
    low_mean = x.expect(lambda v: v, lb=0, ub=5000) / p
    low_variance = x.expect(lambda v: v * v, lb=0, ub=5000) / p - low_mean**2
    high_mean = x.expect(lambda v: v - 5000, lb=5000) / (1 - p)
    high_variance = x.expect(lambda v: (v - 5000) ** 2, lb=5000) / (1 - p) - high_mean**2
    shape = 40 * high_mean**2 / high_variance
    by_hand = (
        60 * math.log(p)
        + 40 * math.log(1 - p)
        + stats.norm(low_mean, math.sqrt(low_variance / 60)).logpdf(2400)
        + stats.gamma(a=shape, scale=high_mean / shape).logpdf(4500)
    )
    assert GroupedLikelihood(table)(Gamma(shape=1.5, scale=300_000)) == pytest.approx(by_hand, rel=1e-8)


def test_moments_of_bands_are_those_of_quadrature():
    low, high = np.array([0.0, 5000.0, 60_000.0]), np.array([5000.0, 60_000.0, math.inf])
    inside = TRUE.cdf(high) - TRUE.cdf(low)
    mean, variance = moments_above(TRUE, low, high, inside)
    x = sample(TRUE, 400_000)
    for place in range(3):
        part = x[(x > low[place]) & (x <= high[place])]
        assert mean[place] == pytest.approx(
            part.mean() - low[place], rel=5 * part.std() / part.mean() / len(part) ** 0.5
        )
        assert variance[place] ** 0.5 == pytest.approx(part.std(), rel=0.25)
    tail = GeneralisedPareto(above=5_000_000, index=0.2, scale=2_000_000)
    mean, variance = moments_above(tail, np.array([50_000.0]), np.array([math.inf]), np.array([1.0]))
    assert mean[0] == pytest.approx(25_000)
    assert variance[0] == pytest.approx(tail.variance())


def test_parameters_and_growth_come_back():
    found = fit_grouped("spliced lognormal@50000", bands(TRUE, 20_000, years=(2011, 2012, 2013), growth=0.08))
    for name, value in {"body.median": 4000, "body.sigma": 1.1, "index": 0.33}.items():
        assert abs(found.fit.parameters[name] - value) < 3 * found.fit.errors[name]
    assert abs(found.growth - 0.08) < 3 * found.growth_se
    assert found.p is not None
    assert found.p > 0.001


def test_amounts_make_the_tail_surer():
    table = bands(TRUE, 20_000)
    with_amounts, without = (fit_grouped("spliced lognormal@50000", table, amounts=flag).fit for flag in (True, False))
    assert with_amounts.errors["index"] < 0.8 * without.errors["index"]


def test_intervals_cover_over_repeated_tables():
    covered = 0
    for seed in range(60):
        low, high = fit_grouped("lognormal", bands(TRUE.body, 800, seed=1000 * seed)).fit.interval("sigma")
        covered += low <= 1.1 <= high
    assert 51 <= covered <= 60  # 57 are expected; fewer than 51 or so happen once in 300


def test_stop_loss_at_the_bounds_is_seen_exactly():
    table = bands(TRUE, 4000)
    curve = fit_grouped("lognormal", table).curve
    x = sample(TRUE, 4000, 1 + 2013)
    for d, seen in zip(curve.deductibles, curve.data, strict=True):
        assert seen == pytest.approx(np.maximum(x - d, 0).mean(), rel=1e-9)


def test_a_light_tail_visibly_loses():
    found = compare_grouped(bands(TRUE, 40_000), thresholds=(50_000.0,))
    assert found.best.fit.name == "spliced lognormal@50000"
    frame = found.frame()
    assert str(frame.loc["gamma", "verdict"]).startswith("misprices: ")
    assert frame.loc["gamma", "p"] < 1e-6
    assert list(frame.index).index("gamma") > 0


def test_a_table_too_coarse_for_a_family_is_refused():
    table = bands(TRUE, 500, edges=(0.0, 5000.0))
    with pytest.raises(FitError, match="1 numbers and mean amounts cannot bear the 2 parameters of lognormal"):
        fit_grouped("lognormal", table, amounts=False)


def test_bands_that_begin_above_zero_are_truncated():
    pareto = GeneralisedPareto(above=600_000, index=0.3, scale=700_000)
    table = bands(pareto, 20_000, edges=(6000.0, 10_000.0, 20_000.0, 50_000.0))
    found = fit_grouped("generalised-pareto", table)
    for name, value in {"index": 0.3, "scale": 7000}.items():
        assert abs(found.fit.parameters[name] - value) < 3 * found.fit.errors[name]


# -- what comes of it -----------------------------------------------------------------------------------------------


def test_the_command_writes_a_claims_model(tmp_path: Path):
    file, out = tmp_path / "b.csv", tmp_path / "claims.yaml"
    file.write_text(text(bands(TRUE, 10_000, years=(2012, 2013), growth=0.06)), encoding="utf-8")
    result = CliRunner().invoke(main, ["calibrate", "--grouped", str(file), "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["share"] == pytest.approx(0.05)
    assert told["growth"] == pytest.approx(0.06, abs=0.03)
    assert "claims model" in check_file(out)
    shown = CliRunner().invoke(main, ["calibrate", "--grouped", str(file), "--out", str(out)])
    for word in ("分组表校准", "分布比较", "停损保费", "参数不确定性"):
        assert word in shown.stdout


def test_a_scheme_draws_the_errors_of_the_table(tmp_path: Path):
    calibrate_grouped(bands(TRUE, 5000)).write(tmp_path / "claims.yaml")
    scheme = tmp_path / "tried.yaml"
    scheme.write_text(SCHEME, encoding="utf-8")
    scenario = fs.load(scheme)
    assert {"persons-level", "cost-level"} <= set(scenario.terms.uncertainty.inputs)
    assert fs.simulate(scenario, n=25).summary().loc["claims_paid", "mean"] > 0


def test_nobody_insured_is_told_when_the_model_is_written(tmp_path: Path):
    table = bands(TRUE, 2000)
    found = calibrate_grouped(Bands(table.low, table.high, table.persons, table.amount, table.year, {}))
    assert found.share is None
    with pytest.raises(CalibrationError, match="add a column 'insured'"):
        found.write(tmp_path / "claims.yaml")


def test_small_bands_are_hidden():
    table = bands(TRUE, 300, edges=(0.0, 5000.0, 20_000.0, 40_000.0, 60_000.0, 80_000.0))
    assert np.any((table.persons > 0) & (table.persons < 5))
    found = calibrate_grouped(table, families=("lognormal",), thresholds=())
    shown = found.tables()["bands"]
    hidden = (table.persons > 0) & (table.persons < 5)
    assert set(shown.loc[hidden, "persons"]) == {"<5"}
    assert "<5" in found.text("en")


def test_the_figure_draws_on_the_users_axes():
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert calibrate_grouped(bands(TRUE, 2000), thresholds=()).plot_stop_loss(ax) is ax
