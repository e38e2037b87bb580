"""Costs by bands against SciPy's histogram law, a lognormal cut into bands, brute force, and figures worked by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from fundsim.exact.maps import PiecewiseMap
from fundsim.exact.payouts import Payment
from fundsim.severity import (
    CostBand,
    CostTable,
    Lognormal,
    OpenTail,
    QuantileTable,
    QuantileTableError,
    Spliced,
    Tail,
)

PPM = 1_000_000
LOGNORMAL = Lognormal(mean=800_000, cv=1.5)


def table(edges: list[int], shares: list[int], means: list[int | None] | None = None) -> CostTable:
    """Bands from edges in yuan, shares in ppm, means in fen."""
    stated = means or [None] * len(shares)
    bands = [
        CostBand.model_validate({"from": 100 * low, "to": 100 * high, "share": share, "mean": mean})
        for (low, high), share, mean in zip(itertools.pairwise(edges), shares, stated, strict=True)
    ]
    return CostTable(bands=tuple(bands))


def test_bands_without_means_are_scipys_histogram() -> None:
    edges, shares = [300, 2000, 5000, 9000, 60_000], [150_000, 420_000, 250_000, 180_000]
    ours, scipys = table(edges, shares), stats.rv_histogram((np.array(shares), np.array(edges)), density=False)
    x, u = np.linspace(0, 70_000, 701), np.linspace(0.001, 0.999, 97)
    np.testing.assert_allclose(ours.cdf(x), scipys.cdf(x), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(ours.quantile(u), scipys.ppf(u), rtol=1e-12)
    inside = x[~np.isin(x, edges)]  # at an edge the density has two values
    np.testing.assert_allclose(ours.pdf(inside), scipys.pdf(inside), rtol=1e-12)
    assert ours.mean() == pytest.approx(scipys.mean(), rel=1e-12)
    assert ours.variance() == pytest.approx(scipys.var(), rel=1e-10)
    for d in (1000.0, 4321.0, 30_000.0):
        assert ours.limited_mean(d) == pytest.approx(
            integrate.quad(scipys.sf, 0, d, points=edges, limit=200)[0], rel=1e-9
        )


def test_a_table_worked_by_hand() -> None:
    """30% up to 2,000 (mean 1,400), the rest up to 8,000 uniform: by hand with the split at 1,400.

    (2,000 - 1,400)/2,000 = 30% of the first band lie below 1,400. E[X] = 0.3·1,400 + 0.7·5,000 = 3,920;
    E[min(X, 1,400)] = 0.09·700 + 0.91·1,400 = 1,337; E[X²] = 0.09·1400²/3 + 0.21·(1400² + 1400·2000 + 2000²)/3
    + 0.7·(2000² + 2000·8000 + 8000²)/3.
    """
    ours = table([0, 2000, 8000], [300_000, 700_000], [140_000, None])
    assert ours.mean() == pytest.approx(3920.0, rel=1e-14)
    assert ours.cdf(1400.0) == pytest.approx(0.09, rel=1e-14)
    assert ours.limited_mean(1400.0) == pytest.approx(1337.0, rel=1e-14)
    second = 0.09 * 1400**2 / 3 + 0.21 * (1400**2 + 1400 * 2000 + 2000**2) / 3 + 0.7 * (4e6 + 16e6 + 64e6) / 3
    assert ours.variance() == pytest.approx(second - 3920.0**2, rel=1e-13)


def test_an_open_band_with_its_mean_keeps_it() -> None:
    bands = (CostBand(to=1_000_000, share=900_000, mean=300_000), CostBand(share=100_000, mean=2_500_000))
    ours = CostTable(bands=bands, tail=OpenTail(index=0.3))
    assert ours.mean() == pytest.approx(0.9 * 3000 + 0.1 * 25_000, rel=1e-13)
    tail = ours.closed_tail()
    assert tail is not None
    assert tail.scale == pytest.approx(15_000 * 0.7, rel=1e-13)
    assert ours.stop_loss(10_000.0) == pytest.approx(0.1 * 15_000, rel=1e-13)
    moved = ours.with_tail(0.2).closed_tail()
    assert moved is not None
    assert (moved.weight, moved.threshold, moved.index) == (tail.weight, tail.threshold, 0.2)
    assert moved.scale == pytest.approx(tail.scale, rel=1e-15)


def test_without_mean_and_scale_the_density_goes_on_at_the_open_band() -> None:
    ours = CostTable(bands=(CostBand(to=1_000_000, share=900_000), CostBand(share=100_000)), tail=OpenTail(index=0.3))
    assert ours.pdf(10_000 * (1 + 1e-12)) == pytest.approx(float(ours.pdf(10_000.0)), rel=1e-9)


# -- a lognormal cut into bands -------------------------------------------------------------------------------------


def cut(edges: list[int], *, means: bool) -> CostTable:
    """The lognormal's cases by bands, shares rounded to the ppm, means to the fen; the last band is cut off."""
    below = [round(float(LOGNORMAL.cdf(edge)) * PPM) for edge in edges[:-1]] + [PPM]
    shares = np.diff(below).tolist()
    limited, survival = LOGNORMAL.limited_mean(edges), LOGNORMAL.survival(edges)
    exact = np.diff(np.asarray(limited) - np.array(edges) * survival) / -np.diff(survival)
    return table(edges, shares, [round(100 * float(mean)) for mean in exact] if means else None)


EDGES = [0, *range(500, 30_001, 500), *range(32_000, 100_001, 4000), 120_000, 160_000, 400_000]


def test_a_finely_cut_lognormal_has_its_limited_means_at_the_edges() -> None:
    """Means stated: what is left is the rounding of shares (half a ppm at each edge, thrice) and of means."""
    ours = cut(EDGES, means=True)
    d = np.array(EDGES[1:-3])
    rounding = 1.5e-6 * d + 0.005
    assert np.all(np.abs(ours.limited_mean(d) - LOGNORMAL.limited_mean(d)) < rounding)
    assert float(np.max(rounding / LOGNORMAL.limited_mean(d))) < 1e-4  # so that it is a test


@pytest.mark.parametrize("means", [True, False])
def test_between_edges_it_stays_within_the_stated_bound(*, means: bool) -> None:
    ours = cut(EDGES, means=means)
    d = np.arange(250.0, 100_000.0, 173.0)
    edges, shares = np.array(EDGES), np.diff([0.0, *(float(ours.cdf(edge)) for edge in EDGES[1:])])
    half = shares * np.diff(edges) / 2
    ends = np.append(0.0, np.cumsum(half))
    place = np.searchsorted(edges, d)
    bound = (half[place - 1] if means else ends[place]) + 1.5e-6 * d + 0.005
    off = np.abs(ours.limited_mean(d) - LOGNORMAL.limited_mean(d))
    assert np.all(off < bound)
    assert float(np.max(off / bound)) > 0.03  # the bound is for any law within the bands; a lognormal is tame


def test_means_bring_a_coarse_table_nearer() -> None:
    coarse = [0, 2000, 10_000, 50_000, 400_000]
    d = np.array([6000.0, 20_000.0, 30_000.0])
    off = [np.abs(cut(coarse, means=means).limited_mean(d) - LOGNORMAL.limited_mean(d)) for means in (True, False)]
    assert np.all(off[0] < off[1] / 3)


# -- what the kernel draws ------------------------------------------------------------------------------------------


def test_draws_have_the_moments_within_their_own_error() -> None:
    ours = cut([0, 1000, 3000, 9000, 30_000, 400_000], means=True)
    r = np.random.default_rng(8).integers(0, 2**64, 400_000, dtype=np.uint64)
    x = QuantileTable.build(ours).evaluate(r)
    for values, exact in (
        (x, ours.mean()),
        (x**2, ours.variance() + ours.mean() ** 2),
        (np.minimum(x, 6000.0), float(ours.limited_mean(6000.0))),
        (np.maximum(x - 6000.0, 0.0), float(ours.stop_loss(6000.0))),
        (x <= 1000.0, float(ours.cdf(1000.0))),
    ):
        assert abs(np.mean(values) - exact) < 4.5 * np.std(values) / math.sqrt(len(x))


class Curved(CostTable):
    """A table that hides its corners, so that cubics have to follow them."""

    def corners(self):
        return None


def test_cubics_cannot_follow_corners_and_the_check_says_so() -> None:
    sound = cut([0, 1000, 3000, 9000, 30_000, 400_000], means=True)
    QuantileTable.build(sound)
    with pytest.raises(QuantileTableError, match="off by"):
        QuantileTable.build(Curved(bands=sound.bands))


class Shifted(CostTable):
    """A table whose limited mean is not that of its lines."""

    def _limited_mean(self, d):
        return super()._limited_mean(d) * (1 + 2e-8)


def test_lines_are_checked_as_cubics_are() -> None:
    sound = cut([0, 1000, 3000, 9000], means=True)
    with pytest.raises(QuantileTableError, match=r"off by -2\.0e-08"):
        QuantileTable.build(Shifted(bands=sound.bands))


def test_the_exact_lane_ends_its_panels_at_corners() -> None:
    """Mean and square of what is paid, by quadrature against the closed form; without the corners it is off."""
    sound = cut([0, 1000, 3000, 9000, 30_000, 400_000], means=True)
    pays = PiecewiseMap(np.array([0.0, 6000.0, 26_000.0]), np.array([0.0, 0.0, 10_000.0]), 0.6)
    mean, square = Payment(sound, pays, 1.1).by_quadrature
    assert mean == pytest.approx(Payment(sound, pays, 1.1).mean, rel=1e-12)
    a, b = sound.natural.x[:-1] * 1.1, sound.natural.x[1:] * 1.1
    u = (np.arange(20_000) + 0.5) / 20_000
    each = pays(a[:, None] + (b - a)[:, None] * u)
    masses = np.diff(sound.natural.below)
    assert mean == pytest.approx(float((masses * each.mean(axis=1)).sum()), rel=1e-7)
    assert square == pytest.approx(float((masses * (each**2).mean(axis=1)).sum()), rel=1e-7)
    curved = Payment(Curved(bands=sound.bands), pays, 1.1)
    assert abs(curved.by_quadrature[0] / curved.mean - 1) > 1e-7


@st.composite
def tables(draw: st.DrawFn) -> CostTable:
    """Any table: 1 to 12 bands of any width and share, some with means, the last one closed or open."""
    n = draw(st.integers(1, 12))
    widths = draw(st.lists(st.integers(2, 10_000_000), min_size=n, max_size=n))
    parts = draw(st.lists(st.integers(1, 1000), min_size=n + 1, max_size=n + 1))
    has_open = draw(st.booleans())
    kept = parts if has_open else parts[:-1]
    shares = [max(1, PPM * part // sum(kept)) for part in kept]
    shares[0] += PPM - sum(shares)
    bands, low = [], draw(st.integers(0, 100_000))
    first = {"from": low}
    for width, share in zip(widths, shares, strict=False):
        mean = draw(st.none() | st.integers(low + 1, low + width - 1))
        bands.append(CostBand.model_validate({**first, "to": low + width, "share": share, "mean": mean}))
        first, low = {}, low + width
    if has_open:
        mean = draw(st.none() | st.integers(low + 1, low + 10_000_000))
        bands.append(CostBand(share=shares[-1], mean=mean))
    return CostTable(bands=tuple(bands), tail=OpenTail(index=draw(st.floats(0, 0.9))) if has_open else None)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ours=tables())
def test_any_table_keeps_its_shares_and_means_and_fits_into_the_quantile_table(ours: CostTable) -> None:
    QuantileTable.build(ours)
    if ours.tail is None:
        above = max(1, round(100 * float(ours.quantile(0.9))))
        QuantileTable.build(Spliced(body=ours, tail=Tail(above=above, index=0.3, weight=50_000)))
    low = ours.lowest()
    for band in ours.bands:
        high = math.inf if band.to is None else band.to / 100
        share = float(ours.survival(low) - ours.survival(high))
        assert share == pytest.approx((band.share or 0) / PPM, rel=1e-9)
        inside = ours.limited_mean([low, high]) - np.where(np.isinf([low, high]), 0.0, [low, high]) * ours.survival(
            [low, high]
        )
        if band.mean is not None:
            assert float(inside[1] - inside[0]) / share == pytest.approx(band.mean / 100, rel=1e-6)
        low = high
    x = ours.quantile(np.linspace(0.001, 0.999, 50))
    np.testing.assert_allclose(ours.limited_mean(x) + ours.stop_loss(x), ours.mean(), rtol=1e-11)
    assert np.all(np.diff(x) >= 0)
