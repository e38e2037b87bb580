"""Trend, completion and credibility: published worked examples, known models recovered, and what must always hold."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from fundsim.calibration.completion import chain_ladder, complete, month_numbers
from fundsim.calibration.credibility import buhlmann_straub
from fundsim.calibration.trend import cost_trend, frequency_trend

# Taylor and Ashe's triangle, and what Mack (ASTIN Bulletin 23, 1993, tables 1 and 3) makes of it.
TAYLOR_ASHE = [
    [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
    [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
    [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
    [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
    [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
    [396132, 1333217, 2180715, 2985752, 3691712],
    [440832, 1288463, 2419861, 3483130],
    [359480, 1421128, 2864498],
    [376686, 1363294],
    [344014],
]
FACTORS = (3.4906, 1.7473, 1.4574, 1.1739, 1.1038, 1.0863, 1.0539, 1.0766, 1.0177)
RESERVES = (0, 94634, 469511, 709638, 984889, 1419459, 2177641, 3920301, 4278972, 4625811)
ERRORS = (0, 75535, 121699, 133549, 261406, 411010, 558317, 875328, 971258, 1363155)


def triangle(rows: list[list[int]]) -> np.ndarray:
    return np.array([row + [np.nan] * (len(rows[0]) - len(row)) for row in rows], dtype=np.float64)


def test_macks_example_comes_out_as_printed() -> None:
    ladder = chain_ladder(triangle(TAYLOR_ASHE))
    assert tuple(ladder.factors.round(4)) == FACTORS
    assert tuple(ladder.reserve.round()) == RESERVES
    assert tuple(ladder.se.round()) == ERRORS
    assert round(ladder.total_reserve) == 18_680_856
    assert round(ladder.total_se) == 2_447_095


def test_what_is_seen_in_full_is_not_completed() -> None:
    full = np.cumsum(np.arange(1.0, 13.0).reshape(3, 4), axis=1)
    ladder = chain_ladder(full)
    assert (ladder.reserve == 0).all()
    assert (ladder.se == 0).all()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ([[1, 2, np.nan], [1, np.nan, np.nan]], "longest delay"),
        ([[1, 2, 3], [1, np.nan, 3]], "no triangle"),
        ([[0, 2], [1, np.nan]], "nothing was seen"),
        ([[1, -2], [1, np.nan]], "below zero"),
        ([[1], [2]], "two delays"),
    ],
)
def test_what_is_no_triangle_is_refused(broken: list[list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chain_ladder(broken)


def late(seed: int, months: int = 30, per_month: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Records of the months so far settled, and how many each month really had."""
    draw = np.random.default_rng(seed)
    counts = draw.poisson(per_month, months)
    discharged = np.repeat(np.arange(months), counts)
    settled = discharged + draw.choice(5, len(discharged), p=[0.5, 0.25, 0.15, 0.07, 0.03])
    seen = settled < months
    return discharged[seen], settled[seen], counts


def test_completed_months_are_within_their_errors() -> None:
    discharged, settled, truth = late(1)
    done = complete(discharged, settled)
    assert done.not_stated == 0
    assert (done.ladder.ultimate[:-4] == truth[:-4]).all()
    off = (done.ladder.ultimate[-4:] - truth[-4:]) / done.ladder.se[-4:]
    assert np.abs(off).max() < 3
    assert done.factor[-1] == pytest.approx(2.0, rel=0.05)
    seen, completed, error = done.of_months(np.arange(18, 30))
    assert seen < completed
    assert abs(completed - truth[18:].sum()) < 3 * error
    assert list(done.frame().columns) == ["seen", "ultimate", "to_come", "se", "factor"]


def test_intervals_of_completed_counts_cover_at_their_rate() -> None:
    inside, n = 0, 200
    for seed in range(n):
        discharged, settled, truth = late(seed, per_month=800)
        _, completed, error = complete(discharged, settled).of_months(np.arange(18, 30))
        inside += abs(completed - truth[18:].sum()) < 1.96 * error
    assert stats.binomtest(inside, n, 0.95).pvalue > 0.005, inside


def test_records_without_a_settlement_are_counted_not_completed_by() -> None:
    discharged, settled, _ = late(2)
    settled[::10] = -1
    done = complete(discharged, settled, seen_to=29)
    assert done.not_stated == len(settled[::10])
    with pytest.raises(ValueError, match="no record says"):
        complete(discharged, np.full_like(discharged, -1))
    with pytest.raises(ValueError, match="settled after"):
        complete(discharged, np.full_like(discharged, 40), seen_to=30)


def test_months_are_counted_through() -> None:
    assert list(np.diff(month_numbers([2012, 2012, 2013], [1, 12, 1]))) == [11, 1]


# -- trend ----------------------------------------------------------------------------------------------------------


def years_of(seed: int, growth: float = 0.06, dispersion: float = 1.0) -> SimpleNamespace:
    """Six years of counts in three strata that grow alike; ``dispersion``: variance over mean."""
    draw = np.random.default_rng(seed)
    year, stratum = np.repeat(np.arange(2010, 2016), 3), np.tile(np.arange(3), 6)
    exposure = np.array([50_000, 20_000, 5_000])[stratum] * (1 + 0.02 * (year - 2010))
    mean = exposure * np.array([0.10, 0.20, 0.05])[stratum] * (1 + growth) ** (year - 2015)
    count = dispersion * draw.poisson(mean / dispersion)
    return SimpleNamespace(year=year, stratum=stratum, exposure=exposure, count=count)


def test_a_known_growth_of_frequency_comes_back() -> None:
    cells = years_of(7)
    trend = frequency_trend(cells.year, cells.count, cells.exposure, cells.stratum)
    assert abs(trend.growth - 0.06) < 3 * trend.se
    assert trend.se < 0.01
    assert (trend.first, trend.last) == (2010, 2015)
    factor, error = trend.factor(2010, 2015)
    assert factor == pytest.approx((1 + trend.growth) ** 5)
    assert error == pytest.approx(factor * 5 * trend.log_se)
    assert trend.frame(range(2010, 2016), to=2015).loc[2015, "factor"] == 1.0


@pytest.mark.parametrize("dispersion", [1.0, 5.0])
def test_intervals_of_a_growth_cover_at_their_rate(dispersion: float) -> None:
    """Also where counts vary more than chance: then the dispersion widens the interval."""
    inside, n = 0, 300
    for seed in range(n):
        cells = years_of(seed, dispersion=dispersion)
        low, high = frequency_trend(cells.year, cells.count, cells.exposure, cells.stratum).interval()
        inside += low < 0.06 < high
    assert inside / n > 0.92
    assert inside / n < 0.995


def test_counts_that_were_completed_bring_their_error() -> None:
    cells = years_of(7)
    error = np.where(cells.year == 2015, 0.05 * cells.count, 0.0)
    sure = frequency_trend(cells.year, cells.count, cells.exposure, cells.stratum)
    unsure = frequency_trend(cells.year, cells.count, cells.exposure, cells.stratum, error)
    assert unsure.growth == sure.growth
    assert unsure.se > 1.2 * sure.se


def test_two_years_of_one_stratum_give_the_ratio_and_its_poisson_error() -> None:
    trend = frequency_trend([2014, 2015], [1000, 1100], [10_000, 10_000])
    assert trend.growth == pytest.approx(0.1)
    assert trend.log_se == pytest.approx((1 / 1000 + 1 / 1100) ** 0.5)
    assert trend.degrees is None


def test_a_shift_between_strata_is_no_growth_of_cost() -> None:
    draw = np.random.default_rng(5)
    year = np.repeat([2013, 2014, 2015], 20_000)
    dear = draw.random(60_000) < 0.2 + 0.1 * (year - 2013)
    cost = draw.lognormal(0, 1, 60_000) * np.where(dear, 9000, 3000) * 1.08 ** (year - 2015)
    trend = cost_trend(year, cost, dear)
    assert abs(trend.growth - 0.08) < 3 * trend.se
    assert cost_trend(year, cost).growth > 0.08 + 5 * trend.se
    exact = np.log(cost[(year == 2015) & dear].mean() / cost[(year == 2014) & dear].mean())
    pair = (year >= 2014) & dear
    assert cost_trend(year[pair], cost[pair]).log_growth == pytest.approx(exact, abs=1e-9)


def test_intervals_of_a_growth_of_cost_cover_at_their_rate() -> None:
    inside, n = 0, 300
    for seed in range(n):
        draw = np.random.default_rng(seed)
        year = np.repeat([2013, 2014, 2015], 700)
        low, high = cost_trend(year, draw.lognormal(0, 1, 2100) * 1.08 ** (year - 2015)).interval()
        inside += low < 0.08 < high
    assert stats.binomtest(inside, n, 0.95).pvalue > 0.002, inside


def test_what_gives_no_trend_is_refused() -> None:
    with pytest.raises(ValueError, match="two years"):
        frequency_trend([2015, 2015], [1, 2], [10, 10])
    with pytest.raises(ValueError, match="no exposure"):
        frequency_trend([2014, 2015], [1, 2], [0, 10])
    with pytest.raises(ValueError, match="no claims in any year"):
        frequency_trend([2014, 2015], [0, 0], [10, 10])
    with pytest.raises(ValueError, match="below zero"):
        cost_trend([2014, 2015], [-1.0, 3.0])


# -- credibility ----------------------------------------------------------------------------------------------------

# Hachemeister's five states over twelve quarters, and the Bühlmann–Straub estimates printed for them in the vignette
# "Credibility theory features of actuar" of the R package actuar (collective premium, variances, factors, premiums).
CLAIMS = [
    [1738, 1642, 1794, 2051, 2079, 2234, 2032, 2035, 2115, 2262, 2267, 2517],
    [1364, 1408, 1597, 1444, 1342, 1675, 1470, 1448, 1464, 1831, 1612, 1471],
    [1759, 1685, 1479, 1763, 1674, 2103, 1502, 1622, 1828, 2155, 2233, 2059],
    [1223, 1146, 1010, 1257, 1426, 1532, 1953, 1123, 1343, 1243, 1762, 1306],
    [1456, 1499, 1609, 1741, 1482, 1572, 1606, 1735, 1607, 1573, 1613, 1690],
]
NUMBERS = [
    [7861, 9251, 8706, 8575, 7917, 8263, 9456, 8003, 7365, 7832, 7849, 9077],
    [1622, 1742, 1523, 1515, 1622, 1602, 1964, 1515, 1527, 1748, 1654, 1861],
    [1147, 1357, 1329, 1204, 998, 1077, 1277, 1218, 896, 1003, 1108, 1121],
    [407, 396, 348, 341, 315, 328, 352, 331, 287, 384, 321, 342],
    [2902, 3172, 3046, 3068, 2693, 2910, 3275, 2697, 2663, 3017, 3242, 3425],
]


def test_hachemeisters_example_comes_out_as_printed() -> None:
    found = buhlmann_straub(CLAIMS, NUMBERS)
    assert round(found.mean, 3) == 1683.713
    assert round(found.between) == 89639
    assert round(found.within) == 139120026
    assert tuple(found.z.round(7)) == (0.9847404, 0.9276352, 0.8984754, 0.7279092, 0.9587911)
    assert tuple(found.premium.round(3)) == (2055.165, 1523.706, 1793.444, 1442.967, 1603.285)
    assert list(found.frame(["1", "2", "3", "4", "5"]).columns) == ["weight", "own", "z", "premium"]


@given(
    hnp.arrays(np.float64, (4, 3), elements=st.floats(0.1, 1000.0)),
    hnp.arrays(np.float64, (4, 3), elements=st.integers(0, 50).map(float)),
)
def test_credibility_lies_between_none_and_all_and_keeps_the_total(values: np.ndarray, weights: np.ndarray) -> None:
    weights[:2] += 1.0
    found = buhlmann_straub(values, weights)
    assert ((found.z >= 0) & (found.z <= 1)).all()
    assert found.between >= 0
    low, high = np.nanmin(found.own), np.nanmax(found.own)
    assert ((found.premium >= low * (1 - 1e-9)) & (found.premium <= high * (1 + 1e-9))).all()
    total = np.nansum(found.own * found.weight)
    assert (found.premium * found.weight).sum() == pytest.approx(total, rel=1e-9)
    assert (found.premium[found.weight == 0] == found.mean).all()


def test_limits_of_credibility() -> None:
    same = buhlmann_straub([[10, 12], [12, 10]], [[5, 5], [5, 5]])
    assert same.between == 0.0
    assert (same.premium == same.mean).all()
    assert same.mean == 11.0
    apart = buhlmann_straub([[10, 10], [20, 20]], [[5, 5], [1, 1]])
    assert (apart.z == 1.0).all()
    assert list(apart.premium) == [10.0, 20.0]


def test_known_variances_come_back_on_average() -> None:
    draw = np.random.default_rng(11)
    weights = draw.integers(20, 200, (8, 5)).astype(float)
    found = []
    for _ in range(400):
        levels = draw.normal(100, 5, 8)
        found.append(buhlmann_straub(levels[:, None] + draw.normal(0, 40 / np.sqrt(weights)), weights))
    within, between = np.array([f.within for f in found]), np.array([f.between for f in found])
    assert abs(within.mean() - 1600) < 3 * within.std(ddof=1) / 20
    assert abs(between.mean() - 25) < 3 * between.std(ddof=1) / 20


def test_what_gives_no_credibility_is_refused() -> None:
    with pytest.raises(ValueError, match="two groups"):
        buhlmann_straub([[1, 2], [0, 0]], [[1, 1], [0, 0]])
    with pytest.raises(ValueError, match="two periods"):
        buhlmann_straub([[1], [2]], [[1], [1]])
    with pytest.raises(ValueError, match="negative"):
        buhlmann_straub([[1, 2], [1, 2]], [[1, 1], [-1, 1]])
    with pytest.raises(ValueError, match="not finite"):
        buhlmann_straub([[1, np.nan], [1, 2]], [[1, 1], [1, 1]])
