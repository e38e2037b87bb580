"""Late settlements and thin counties, from records to what a calibration says: known models come back."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fundsim as fs
from conftest import SCENARIOS
from experiences import POOR, RATE, experience
from fundsim.calibration import CalibrationError, Experience, calibrate
from fundsim.calibration.backtest import backtest
from fundsim.calibration.care import Choices
from fundsim.calibration.completing import completed_of
from fundsim.calibration.credibility import buhlmann_straub
from fundsim.calibration.frequency import counts_of, fit_frequency
from fundsim.calibration.level import at_last_cost, frequency_in, trends_of
from fundsim.calibration.result import Calibration
from fundsim.calibration.thin import Thin, thin_data
from fundsim.records import read_records
from fundsim.records.privacy import ALLOW, HIDDEN, SUPPRESS
from fundsim.records.synthesis import SynthesisPlan, synthesise

QUICK = Choices(samples=0)
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def with_delays(told: Experience, seed: int, mean: float = 45.0) -> Experience:
    """The same admissions with a day of settlement: seven of ten at once, the others later."""
    rng = np.random.default_rng(seed)
    starts = np.array([[datetime.date(year, month, 1).toordinal() for month in range(1, 13)] for year in told.years])
    length = np.array(DAYS)[told.month - 1]
    day = starts[told.year, told.month - 1] + (rng.random(len(length)) * length).astype(np.int64)
    late = rng.random(len(day)) >= 0.7
    return replace(told, settled=day + (late * rng.exponential(mean, len(day))).astype(np.int64))


def taken_out(told: Experience, year: int, month: int, day: int) -> Experience:
    """What is settled by a day."""
    return told.where(told.settled <= datetime.date(year, month, day).toordinal())


def level(told: Experience) -> tuple[float, float]:
    """Frequency at the level of the last year, and its standard error, as :func:`calibrate` makes it."""
    completed, _ = completed_of(told)
    year, group, number, _ = told.person_years()
    counts = counts_of(year, group, number, told.enrolled)
    fitted = fit_frequency(counts) if completed is None else fit_frequency(counts, completed.counts, completed.se)
    found = frequency_in(fitted, told, trends_of(told, completed), told.years[-1])
    return found.mean, found.mean_se


# -- records taken out on a day ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Calibration]:
    folder = tmp_path_factory.mktemp("late")
    plan = SynthesisPlan(persons=20_000, years=3, counties=3, extracted=datetime.date(2017, 12, 31))
    synthesise(fs.load(SCENARIOS / "qinzhou-2017.yaml"), plan, folder / "r.csv")
    records = read_records(folder / "r.csv", enrolment=folder / "r-enrolment.csv")
    return folder, calibrate(records, choices=QUICK)


def true_rate() -> float:
    """Admissions per person of the scheme that made the records, over its groups."""
    scenario = fs.load(SCENARIOS / "qinzhou-2017.yaml")
    groups = scenario.population.groups
    multipliers = np.average([group.admissions for group in groups], weights=[group.persons for group in groups])
    return scenario.terms.claims.admissions.mean() * float(multipliers)


def test_what_is_settled_late_is_counted(late: tuple[Path, Calibration]) -> None:
    folder, found = late
    later = json.loads((folder / "r-manifest.json").read_text(encoding="utf-8"))["settled_later"]
    completed = found.completed
    assert later > 3 * completed.se, "without completion the count would be too low"
    assert abs(completed.counts.sum() - completed.seen.sum() - later) < 3 * completed.se
    factor, se = completed.of_year(2)
    assert 1.02 < factor < 1.08
    assert 0 < se < 0.02
    assert abs(found.frequency.mean - true_rate()) < 3 * found.frequency.mean_se


def test_the_report_the_frames_and_json_hold_completion_and_credibility(
    late: tuple[Path, Calibration], tmp_path: Path
) -> None:
    _, found = late
    chinese, english = found.text("zh"), found.text("en")
    factor, se = found.completed.of_year(2)
    assert f"2017年完成系数{factor:.4f}（标准误{se:.4f}）" in chinese
    assert f"factor of 2017 {factor:.4f} (standard error {se:.4f})" in english
    for word in ("迟报补足（链梯法）", "2017-12", "年增长率", "各县区信度估计：次均费用", "各人群信度估计"):
        assert word in chinese
    for word in ("Late settlements added", "Growth a year", "Counties, credibility: admissions per 1,000"):
        assert word in english
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["completion"]["years"]["2017"] == {"factor": pytest.approx(factor), "se": pytest.approx(se)}
    assert told["completion"]["months"][-1]["month"] == "2017-12"
    assert {(each["axis"], each["figure"]) for each in told["credibility"]} == {
        ("county", "frequency"), ("county", "cost"), ("group", "frequency"), ("group", "cost")
    }  # fmt: skip
    tables = found.tables()
    assert tables["trends"].loc["use", "se"] == pytest.approx(found.trends.use.se)
    assert tables["completion"].loc["2017-12", "factor"] > 1.1
    assert len(tables["credibility"].loc["county", "frequency"]) == 3
    written = found.write(tmp_path / "c.yaml").read_text(encoding="utf-8")
    assert f"# 截至2017-12尚未结清的月份按链梯法补足次数：2017年完成系数{factor:.4f}" in written
    assert "# 各县区每千人住院次数的信度估计：" in written


def test_the_frequency_comes_back_with_completion_and_is_too_low_without() -> None:
    scores, shortfalls = [], []
    for seed in range(8):
        whole = experience(100_000, seed)
        seen = taken_out(with_delays(whole, seed, mean=90.0), 2013, 12, 31)
        rate = RATE * float(np.average([1.0, POOR], weights=whole.enrolled[0]))
        (mean, se), (low, low_se) = level(seen), level(replace(seen, settled=None))
        scores.append((mean - rate) / se)
        shortfalls.append((low - rate) / low_se)
    assert np.all(np.abs(scores) < 3)
    assert abs(np.mean(scores)) < 3 / np.sqrt(8)
    assert 0.4 < np.std(scores) < 1.8
    assert np.median(shortfalls) < -3


def test_what_completion_adds_to_the_error_is_not_lost() -> None:
    seen = taken_out(with_delays(experience(20_000, 1), 1, mean=90.0), 2013, 12, 31)
    completed, _ = completed_of(seen)
    year, group, number, _ = seen.person_years()
    counts = counts_of(year, group, number, seen.enrolled)
    fitted = fit_frequency(counts, completed.counts, completed.se)
    sure = fit_frequency(counts, completed.counts)
    assert fitted.mean == sure.mean > fit_frequency(counts).mean
    assert fitted.mean_se**2 == pytest.approx(sure.mean_se**2 + (completed.se / fitted.persons) ** 2)
    trends = trends_of(seen, completed)
    assert trends.use_completion > 0
    at_last = frequency_in(fitted, seen, trends, 2013)
    by_squares = frequency_in(replace(fitted, completion_log_se=0.0), seen, replace(trends, use_completion=0.0), 2013)
    assert at_last.mean_se > by_squares.mean_se


def test_without_settlement_days_nothing_changes() -> None:
    dated = taken_out(with_delays(in_counties(9_000, 0, (0.1, 0.2)), 0), 2013, 12, 31)
    completed, note = completed_of(replace(dated, settled=None))
    assert completed is None
    assert "no settlement days" in note[1]
    found = calibrate(replace(dated, settled=None), choices=QUICK)
    year, group, number, _ = dated.person_years()
    pooled = fit_frequency(counts_of(year, group, number, dated.enrolled))
    expected = frequency_in(pooled, dated, trends_of(dated), 2013)
    assert (found.frequency.mean, found.frequency.mean_se) == (expected.mean, expected.mean_se)
    assert "记录没有结算日期" in found.text("zh")
    assert found.to_dict()["completion"] is None


def test_what_is_settled_in_full_is_said_to_be() -> None:
    at_once = with_delays(experience(5_000), 0, mean=1e-9)
    assert "no record is settled after its month" in completed_of(at_once)[1][1]
    few = replace(at_once, settled=at_once.settled + np.where(at_once.year == 0, 31, 0))
    assert "settled in full" in completed_of(few)[1][1]


def test_a_month_taken_out_halfway_is_not_taken_for_whole() -> None:
    """Settlements of the half month are left out of the triangle, not taken for all that the month will have."""
    whole = with_delays(experience(40_000, 3), 3)
    seen = taken_out(whole, 2014, 1, 14)
    completed, _ = completed_of(seen)
    assert completed.until == 2013 * 12 + 11
    assert abs(completed.counts.sum() - len(whole.cost)) < 3 * completed.se
    assert completed.weights[seen.settled > datetime.date(2013, 12, 31).toordinal()].sum() == 0


def test_one_wrong_date_does_not_make_every_month_look_settled_in_full() -> None:
    seen = taken_out(with_delays(experience(20_000, 1), 1), 2013, 12, 31)
    wrong = seen.settled.copy()
    wrong[0] = datetime.date(2031, 6, 5).toordinal()
    right, spoilt = completed_of(seen)[0], completed_of(replace(seen, settled=wrong))[0]
    assert spoilt.until == right.until == 2013 * 12 + 11
    assert spoilt.counts.sum() == pytest.approx(right.counts.sum(), rel=1e-3)
    told = [completed_of(replace(seen, settled=wrong), small)[1][1] for small in (SUPPRESS, ALLOW)]
    assert "records settled after 2013-12 (<5) are left to the factors" in told[0]
    assert "records settled after 2013-12 (1) are left to the factors" in told[1]


def test_a_year_that_is_not_over_is_refused() -> None:
    seen = taken_out(with_delays(experience(5_000), 0), 2013, 10, 12)
    with pytest.raises(CalibrationError, match=r"last settlement is of 2013-10-12.*--years 2011-2012"):
        calibrate(seen, choices=QUICK)


def test_late_bills_that_cost_more_are_told() -> None:
    told = with_delays(experience(20_000), 0)
    dear = np.where(_delay(told) > 0, 1.5, 1.0)
    completed, note = completed_of(taken_out(replace(told, cost=told.cost * dear), 2013, 12, 31))
    ratio, se = completed.late_cost
    assert abs(ratio - 1.5) < 3 * se
    assert "not chance" in note[1]
    completed, note = completed_of(taken_out(told, 2013, 12, 31))
    assert abs(completed.late_cost[0] - 1) < 3 * completed.late_cost[1]
    assert "not chance" not in note[1]


def _delay(told: Experience) -> np.ndarray:
    """Months between discharge and settlement."""
    month = np.array([12 * date.year + date.month for date in map(datetime.date.fromordinal, told.settled.tolist())])
    return month - 12 * np.array(told.years)[told.year] - told.month


def test_a_backtest_completes_what_happened() -> None:
    seen = taken_out(with_delays(in_counties(9_000, 2, (0.1, 0.2)), 2, mean=90.0), 2013, 12, 31)
    tested = backtest(seen, [2013], choices=QUICK)
    raw = backtest(replace(seen, settled=None), [2013], choices=QUICK)
    assert tested.forecasts[0].actual > 1.03 * raw.forecasts[0].actual
    assert "完成系数" in tested.text("zh")


# -- counties -------------------------------------------------------------------------------------------------------


def in_counties(persons: int, seed: int, rates: tuple[float, ...]) -> Experience:
    """Admissions of three years in counties that differ in nothing but frequency."""
    rng = np.random.default_rng(seed)
    home = np.arange(persons) % len(rates)
    parts = [np.repeat(np.arange(persons), rng.poisson(np.array(rates)[home])) for _ in range(3)]
    person = np.concatenate(parts)
    enrolled = np.tile(np.bincount(home, minlength=len(rates)).astype(float), (3, 1))
    return Experience(
        person=person,
        year=np.repeat(np.arange(3), [len(part) for part in parts]),
        care=np.zeros(len(person), dtype=np.int64),
        group=np.zeros(len(person), dtype=np.int64),
        month=rng.integers(1, 13, len(person)),
        cost=rng.lognormal(8, 0.5, len(person)),
        years=(2011, 2012, 2013),
        care_levels=("all",),
        groups=("all",),
        enrolled=enrolled.sum(axis=1, keepdims=True),
        county=home[person],
        counties=tuple(f"c{place}" for place in range(len(rates))),
        enrolled_by_county=enrolled,
    )


def by_county(told: Experience) -> tuple[Thin, Thin]:
    trends = trends_of(told)
    frequency, cost = thin_data(told, at_last_cost(told, trends), trends, None)
    return frequency, cost


def test_counties_are_drawn_towards_the_mean_as_the_oracle_says() -> None:
    rates = (0.05, 0.10, 0.15, 0.20)
    told = in_counties(4_000, 0, rates)
    frequency, cost = by_county(told)
    factors = np.exp(trends_of(told).use.log_growth * np.array([2, 1, 0]))[:, None]
    counts = np.array([[np.sum((told.year == y) & (told.county == c)) for c in range(4)] for y in range(3)])
    oracle = buhlmann_straub((counts * factors / told.enrolled_by_county).T, told.enrolled_by_county.T)
    assert frequency.found.premium == pytest.approx(oracle.premium)
    assert np.all((frequency.found.z > 0.8) & (frequency.found.z < 1))
    assert np.all(np.abs(frequency.found.premium - frequency.found.mean) < np.abs(oracle.own - oracle.mean))
    assert cost.found.z.max() < 0.8


def test_counties_that_do_not_differ_get_the_mean_of_all() -> None:
    z = [by_county(in_counties(2_000, seed, (0.1,) * 4))[0].found.z.max() for seed in range(10)]
    assert np.median(z) < 0.6


def test_small_counties_are_hidden() -> None:
    told = in_counties(2_000, 0, (0.1, 0.1, 0.1, 0.1, 0.1))
    few = np.unique(told.person[told.county == 2])[:3]
    told = told.where((told.county != 2) | np.isin(told.person, few))
    frequency, _ = by_county(told)
    shown = frequency.frame(SUPPRESS)
    assert shown.loc["c2", "persons"] == "<5"
    assert (shown.loc["c2", ["own", "z", "premium"]] == HIDDEN).all()
    assert (shown["persons"] == HIDDEN).sum() == 1, "a second one, or the total would tell"
    assert frequency.frame(ALLOW).loc["c2", "own"] > 0


def test_one_year_tells_no_credibility_and_says_so() -> None:
    told = in_counties(4_000, 0, (0.1, 0.2)).of_years([2012])
    found = calibrate(told, choices=QUICK)
    assert all(each.found is None for each in found.thin)
    assert "credibility needs two counties or groups, and two years" in found.text("en")
    assert "why_not" in found.to_dict()["credibility"][0]
    alone = calibrate(replace(told, county=None, enrolled_by_county=None), choices=QUICK)
    assert "一个县区" in alone.text("zh")


def test_counties_that_the_enrolment_does_not_tell_have_no_frequency() -> None:
    frequency, cost = by_county(replace(in_counties(4_000, 0, (0.1, 0.2)), enrolled_by_county=None))
    assert frequency.found is None
    assert "enrolment does not tell counties" in frequency.why[1]
    assert cost.found is not None


# -- years of exposure ---------------------------------------------------------------------------------------------


def test_an_enrolled_year_with_naturally_no_records_stays_in_the_exposure() -> None:
    import pandas as pd

    rows = [(f"P{i}", f"2011-0{1 + i % 9}-05", 1000.0) for i in range(9)]
    frame = pd.DataFrame(rows, columns=["psn_no", "enddate", "medfee_sumamt"])
    enrolment = pd.DataFrame({"year": [2011, 2012, 2013], "persons": [1000, 900, 900_000]})
    told = Experience.of(read_records(frame, enrolment=enrolment))
    assert told.years == (2011, 2012), "nine were expected in 2012, thousands in 2013"
    assert told.enrolled.tolist() == [[1000.0], [900.0]]
    counts = counts_of(*told.person_years()[:3], told.enrolled)
    assert fit_frequency(counts).mean == pytest.approx(9 / 1900)
    only = Experience.of(read_records(frame, enrolment=enrolment, years=(2011, 2011)))
    assert only.years == (2011,)
    finely = pd.DataFrame({"year": [2011] + [2012] * 50, "insu_admdvs": ["A", *map(str, range(50))],
                           "persons": [1000] + [900] * 50})  # fmt: skip
    cut = Experience.of(read_records(frame.assign(insu_admdvs="A"), enrolment=finely))
    assert cut.years == (2011,), "each of its strata may be empty, but not the year"
