"""Random streams: the published generator, keys that never move, and draws that look like chance."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fundsim import kernels, streams

WORD = 2**32
words = st.integers(0, WORD - 1)
LEAST_P = 1e-4
"""The draws are fixed, so a test of chance passes always or never; a fair generator fails one in ten thousand."""


def one(stream: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, ...]:
    """The numpy version on a single counter."""
    c0, c1, c2, c3 = (np.array([word], dtype=np.uint64) for word in counter)
    return tuple(int(word[0]) for word in streams.philox(stream, (c0, c1, c2, c3)))


def compiled(stream: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, ...]:
    return tuple(int(word) for word in kernels.philox(*map(np.uint64, (*stream, *counter))))


def admissions(seed: int, group: str, n: int, replication: int = 0, number: int = 0) -> npt.NDArray[np.float64]:
    """(4, n) the four words of an admission of each of n persons, as uniforms."""
    person = np.arange(n, dtype=np.uint64)
    counter = (person, np.full_like(person, replication), np.full_like(person, number), np.zeros_like(person))
    return (np.stack(streams.philox(streams.key(seed, "admission", group), counter)) + 0.5) / WORD


# --- the generator ---------------------------------------------------------------------------------------------------


def plain(stream: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, ...]:
    """The kernel's function, run by Python itself."""
    return tuple(int(word) for word in kernels.philox.py_func(*map(np.uint64, (*stream, *counter))))


PUBLISHED = [  # Random123, kat_vectors: philox4x32 10 rounds
    ((0, 0), (0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((WORD - 1,) * 2, (WORD - 1,) * 4, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0xA4093822, 0x299F31D0),
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("stream", "counter", "expected"), PUBLISHED, ids=["zeros", "ones", "pi"])
@pytest.mark.parametrize("version", [one, compiled, plain])
def test_philox_gives_the_published_words(version, stream, counter, expected) -> None:  # type: ignore[no-untyped-def]
    assert version(stream, counter) == expected


@given(st.tuples(words, words), st.tuples(words, words, words, words))
def test_the_numpy_and_the_compiled_version_are_twins(
    stream: tuple[int, int], counter: tuple[int, int, int, int]
) -> None:
    assert one(stream, counter) == compiled(stream, counter)


def test_the_twins_agree_on_thousands_of_counters() -> None:
    counters = np.random.default_rng(5).integers(0, WORD, size=(4, 3000), dtype=np.uint64)
    stream = streams.key(5, "admission", "poor")
    by_numpy = np.stack(streams.philox(stream, tuple(counters)))  # type: ignore[arg-type]
    by_kernel = [compiled(stream, tuple(counter)) for counter in counters.T.tolist()]
    assert np.array_equal(by_numpy.T, np.array(by_kernel, dtype=np.uint64))


def test_different_counters_give_different_words() -> None:
    """A bijection of counters: a repeated block would be a repeated person."""
    person = np.arange(100_000, dtype=np.uint64)
    zero = np.zeros_like(person)
    drawn = np.stack(streams.philox(streams.key(1, "admission", "all"), (person, zero, zero, zero)), axis=1)
    assert len(np.unique(drawn, axis=0)) == len(person)


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "purpose", "name", "expected"),
    [
        (1, "frequency", "", (0x3A8D943C, 0x9E919400)),
        (2, "frequency", "", (0x56DD157D, 0xDB1566FB)),
        (20170101, "frequency", "poor", (0x9F8686AF, 0xF8F9C427)),
        (20170101, "admission", "poor", (0xEB30E8A5, 0x2CD4F281)),
        (20170101, "mixing", "", (0x4DA32F0C, 0x9FE14242)),
        (1, "frequency", "城镇居民", (0x844B11D6, 0x5D4FBA78)),
    ],
)
def test_keys_are_those_of_the_first_version(seed: int, purpose: str, name: str, expected: tuple[int, int]) -> None:
    """If this fails, every result ever published with a seed becomes another one."""
    assert streams.key(seed, purpose, name) == expected


def test_uniforms_are_those_of_the_first_version() -> None:
    drawn = streams.uniforms(20170101, "mixing", "", np.arange(4))
    expected = [0.25218085303857396, 0.9076516413778536, 0.8614567043159987, 0.7363462466691627]
    assert drawn.tolist() == expected


def test_every_seed_purpose_and_group_has_its_own_key() -> None:
    seeds, purposes = [*range(50), 20170101, 2**63], ["frequency", "admission", "mixing", "level"]
    groups = ["", "all", "poor", "ordinary", "城镇居民", "农村居民"]
    keys = {streams.key(seed, purpose, group) for seed, purpose, group in product(seeds, purposes, groups)}
    assert len(keys) == len(seeds) * len(purposes) * len(groups)


def test_the_parts_of_a_key_do_not_run_into_each_other() -> None:
    assert streams.key(1, "12") != streams.key(11, "2")
    assert streams.key(1, "mixing", "poor") != streams.key(1, "mixingpoor")
    assert streams.key(1, "a", "bc") != streams.key(1, "ab", "c")


@given(st.integers(0, 2**63), st.text(max_size=8), st.text(max_size=8))
def test_a_key_is_two_words_of_32_bits(seed: int, purpose: str, name: str) -> None:
    assert all(0 <= word < WORD for word in streams.key(seed, purpose, name))


# --- uniforms --------------------------------------------------------------------------------------------------------


def test_uniforms_lie_strictly_between_zero_and_one() -> None:
    drawn = streams.uniforms(3, "mixing", "all", np.arange(200_000))
    assert drawn.min() > 0.0
    assert drawn.max() < 1.0


@pytest.mark.parametrize("word", [0, WORD - 1])
def test_even_the_extreme_words_make_a_uniform_inside_the_interval(monkeypatch: pytest.MonkeyPatch, word: int) -> None:
    block = np.full(1, word, dtype=np.uint64)
    monkeypatch.setattr(streams, "philox", lambda key, counter: (block,) * 4)
    (drawn,) = streams.uniforms(1, "mixing", "", np.arange(1))
    assert 0.0 < drawn < 1.0


def test_a_uniform_belongs_to_its_replication_alone() -> None:
    whole = streams.uniforms(9, "mixing", "poor", np.arange(100))
    assert np.array_equal(streams.uniforms(9, "mixing", "poor", np.arange(40, 60)), whole[40:60])


def test_uniforms_have_the_mean_the_variance_and_the_shape_of_uniforms() -> None:
    n = 200_000
    drawn = streams.uniforms(20170101, "mixing", "", np.arange(n))
    assert abs(drawn.mean() - 1 / 2) < 4 * (1 / 12 / n) ** 0.5
    assert abs(drawn.var() - 1 / 12) < 4 * (1 / 180 / n) ** 0.5
    assert stats.kstest(drawn, "uniform").pvalue > LEAST_P


@pytest.mark.parametrize("word", range(4))
def test_each_word_of_an_admission_is_uniform(word: int) -> None:
    assert stats.kstest(admissions(1, "all", 200_000)[word], "uniform").pvalue > LEAST_P


def test_every_bit_of_every_word_is_fair() -> None:
    person = np.arange(100_000, dtype=np.uint64)
    zero = np.zeros_like(person)
    drawn = np.stack(streams.philox(streams.key(1, "frequency", "all"), (person, zero, zero, zero)))
    ones = [int(((drawn >> np.uint64(bit)) & np.uint64(1)).sum()) for bit in range(32)]
    assert all(abs(count - 2 * len(person)) < 5 * len(person) ** 0.5 for count in ones)


# --- independence ----------------------------------------------------------------------------------------------------

N = 200_000


def independent(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> bool:
    """By correlation, and by a chi-square test on a grid of 16 x 16, which sees any other pattern."""
    correlation = float(np.corrcoef(left, right)[0, 1])
    counts = np.histogram2d(left, right, bins=16, range=[[0, 1], [0, 1]])[0]
    return abs(correlation) < 4 / len(left) ** 0.5 and stats.chisquare(counts, axis=None).pvalue > LEAST_P


@pytest.mark.parametrize("word", range(4))
def test_neighbouring_persons_are_independent(word: int) -> None:
    drawn = admissions(1, "all", N)[word]
    assert independent(drawn[:-1], drawn[1:])


@pytest.mark.parametrize("word", range(4))
def test_neighbouring_replications_are_independent(word: int) -> None:
    assert independent(admissions(1, "all", N)[word], admissions(1, "all", N, replication=1)[word])


def test_the_words_of_one_admission_are_independent() -> None:
    drawn = admissions(1, "all", N)
    assert all(independent(drawn[i], drawn[j]) for i in range(4) for j in range(i))


def test_the_admissions_of_one_person_are_independent() -> None:
    assert independent(admissions(1, "all", N)[1], admissions(1, "all", N, number=1)[1])


def test_groups_seeds_and_purposes_are_independent() -> None:
    base = streams.uniforms(1, "mixing", "ordinary", np.arange(N))
    for other in [(1, "mixing", "poor"), (2, "mixing", "ordinary"), (1, "frequency", "ordinary")]:
        assert independent(base, streams.uniforms(*other, np.arange(N)))


def test_the_test_of_independence_can_fail() -> None:
    drawn = streams.uniforms(1, "mixing", "ordinary", np.arange(N))
    fair = streams.uniforms(2, "mixing", "ordinary", np.arange(N))
    assert not independent(drawn, 0.98 * fair + 0.02 * drawn)
    assert not independent(drawn, (drawn * 16 + 0.25 * fair) % 1)
