"""Two streams of persons: laws against plain probabilities, the numbers against SciPy, and both against brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fundsim.frequency import MOST_THRESHOLDS, WORD
from fundsim.sampling import ABOVE, ANY, BELOW, RELEVANT, REST, Laws, binomial

Floats = npt.NDArray[np.float64]


def weights(thresholds: npt.NDArray[np.uint64]) -> Floats:
    return np.diff(thresholds.astype(float), axis=-1, prepend=0.0) / WORD


def laws(pmf: list[float], shares: list[float], below: list[list[float]]) -> Laws:
    """Of one group in one replication: count, cells, and for 1, 2, ... admissions each cell's part below its floor."""
    full = np.full(MOST_THRESHOLDS, WORD, dtype=np.uint64)
    full[: len(pmf) - 1] = np.rint(np.cumsum(pmf[:-1]) * WORD).astype(np.uint64)
    floors = np.array([*below, [0.0] * len(shares)]) * WORD
    return Laws.build(full[None, None], np.array([shares]), floors.astype(np.uint64)[None, None])


PMF, SHARES, PARTS = [0.5, 0.25, 0.15, 0.10], [0.7, 0.3], [[0.875, 0.5], [0.5, 0.25]]


def by_hand() -> dict[str, float]:
    """Probabilities of every person with up to three admissions, cell by cell and side by side."""
    found: dict[str, float] = {"relevant": 0.0, "rest": 0.0}
    for k, p in enumerate(PMF):
        for cells in product(range(2), repeat=k):
            for sides in product((False, True), repeat=k):
                below = PARTS[k - 1] if 0 < k <= len(PARTS) else [0.0, 0.0]
                chance = p
                for cell, above in zip(cells, sides, strict=True):
                    chance *= SHARES[cell] * (1 - below[cell] if above else below[cell])
                stream = "relevant" if any(sides) else "rest" if k else "none"
                found[stream] = found.get(stream, 0.0) + chance
                found[f"{stream} {k}"] = found.get(f"{stream} {k}", 0.0) + chance
                if stream == "relevant":
                    name = f"first {k} {sides.index(True)}"
                    found[name] = found.get(name, 0.0) + chance
    return found


def test_the_laws_are_those_of_every_person_counted_by_hand() -> None:
    law, hand = laws(PMF, SHARES, PARTS), by_hand()
    assert law.shares[RELEVANT, 0, 0] == pytest.approx(hand["relevant"], abs=1e-9)
    assert law.shares[REST, 0, 0] == pytest.approx(hand["rest"] / (1 - hand["relevant"]), abs=1e-9)
    for stream, name in ((RELEVANT, "relevant"), (REST, "rest")):
        counted = weights(law.counts[stream, 0, 0])
        assert counted[0] == 0.0
        for k in (1, 2, 3):
            assert counted[k] == pytest.approx(hand.get(f"{name} {k}", 0.0) / hand[name], abs=1e-9)
    for k in (1, 2, 3):
        for i in range(min(k, 2)):
            expected = hand.get(f"first {k} {i}", 0.0) / hand[f"relevant {k}"]
            assert weights(law.firsts[0, 0, k - 1])[i] == pytest.approx(expected, abs=1e-9)


def test_cells_are_drawn_given_the_side_of_their_floor() -> None:
    cells = laws(PMF, SHARES, PARTS).cells[0, 0]
    assert weights(cells[0, ANY]) == pytest.approx(SHARES, abs=1e-9)
    assert weights(cells[0, BELOW])[0] == pytest.approx(0.7 * 0.875 / (0.7 * 0.875 + 0.3 * 0.5), abs=1e-9)
    assert weights(cells[1, ABOVE])[0] == pytest.approx(0.7 * 0.5 / (0.7 * 0.5 + 0.3 * 0.75), abs=1e-9)
    assert weights(cells[2, ABOVE]) == pytest.approx(SHARES, abs=1e-9)  # with three admissions everybody is relevant


def test_without_floors_everybody_admitted_is_relevant() -> None:
    law = laws(PMF, SHARES, [])
    assert law.shares[:, 0, 0] == pytest.approx([0.5, 0.0], abs=1e-9)
    assert weights(law.counts[RELEVANT, 0, 0])[1:4] == pytest.approx([0.5, 0.3, 0.2], abs=1e-9)
    assert law.firsts[0, 0, 0, 0] == WORD


def test_a_cell_wholly_below_its_floor_is_never_drawn_above_it() -> None:
    law = laws(PMF, SHARES, [[1.0, 0.5], [1.0, 0.5]])
    assert law.cells[0, 0, 0, ABOVE].tolist() == [0, WORD]
    alone = laws([0.5, 0.5], [1.0], [[1.0]])
    assert alone.shares[:, 0, 0] == pytest.approx([0.0, 0.5])


probability = st.floats(1e-9, 1 - 1e-9) | st.sampled_from([1e-7, 0.025, 0.5, 1 - 1e-7])


@given(st.floats(2.0**-53, 1 - 2.0**-53), st.integers(0, 20) | st.integers(1, 4_000_000), probability)
def test_the_number_of_persons_is_the_inverse_of_the_binomial_law(u: float, n: int, p: float) -> None:
    (found,) = binomial(np.array([u]), np.array([n]), np.array([p]))
    assert 0 <= found <= n
    slack = 1e-11  # what SciPy's distribution function may be off by
    assert n == 0 or stats.binom.cdf(found, n, p) >= u - slack
    assert found == 0 or stats.binom.cdf(found - 1, n, p) <= u + slack


def test_numbers_at_the_ends_of_probability() -> None:
    u, n = np.array([2.0**-53, 0.5, 1 - 2.0**-53]), np.array([3_000_000])
    assert binomial(u, n, np.array([0.0])).tolist() == [0, 0, 0]
    assert binomial(u, n, np.array([1.0])).tolist() == [3_000_000] * 3
    assert binomial(u, np.array([0]), np.array([0.3])).tolist() == [0, 0, 0]
    wide = binomial(u, n, np.array([0.025]))
    assert (np.diff(wide) > 2000).all()


def test_numbers_of_many_replications_are_binomial() -> None:
    u = np.random.default_rng(5).random(20_000)
    found = binomial(u, np.array([3_000_000]), np.array([0.011]))
    mean, variance = 33_000, 33_000 * (1 - 0.011)
    assert abs(found.mean() - mean) < 4 * (variance / len(u)) ** 0.5
    assert found.var() == pytest.approx(variance, rel=0.04)
