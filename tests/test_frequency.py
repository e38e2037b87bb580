"""Counts of admissions: against SciPy, in their thresholds, and what mixing means."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from scipy import integrate, stats

from fundsim.frequency import (
    FREQUENCIES,
    AtMostOne,
    FrequencyError,
    FrequencyFamily,
    FrequencyTerms,
    NegativeBinomial,
    Poisson,
)

READ = TypeAdapter(FrequencyTerms)
EXAMPLES: dict[str, list[dict[str, str]]] = {
    "poisson": [{"mean": "0.16 per person"}, {"mean": "2.5 per person"}, {"mean": "0 per person"}],
    "negative-binomial": [
        {"mean": "160 per 1000 persons", "cv": "0.7", "mixing": "person"},
        {"mean": "0.4 per person", "cv": "2", "mixing": "person"},
        {"mean": "0.16 per person", "cv": "0.05", "mixing": "group"},
        {"mean": "3 per person", "cv": "0.3", "mixing": "pool"},
    ],
    "at-most-one": [{"mean": "12 per 1000 persons"}, {"mean": "0.5 per person"}],
}
FAMILIES = [(family, number) for family in FREQUENCIES for number in range(len(EXAMPLES.get(family, [])))]
COUNTS = np.arange(200)


def example(family: str, number: int) -> FrequencyFamily:
    frequency: FrequencyFamily = READ.validate_python({"family": family} | EXAMPLES[family][number])
    return frequency


@pytest.fixture(params=FAMILIES, ids=lambda case: f"{case[0]}-{case[1]}")
def frequency(request: pytest.FixtureRequest) -> FrequencyFamily:
    return example(*request.param)


def test_every_family_has_an_example():
    assert set(EXAMPLES) == set(FREQUENCIES)
    assert {family: type(example(family, 0)) for family in FREQUENCIES} == FREQUENCIES


def check_moments(frequency: FrequencyFamily, multiplier: float) -> None:
    pmf = frequency.pmf(COUNTS, multiplier)
    mean = np.dot(COUNTS, pmf)
    assert pmf.sum() == pytest.approx(1.0, abs=1e-12)
    assert frequency.mean(multiplier) == pytest.approx(mean, rel=1e-11)
    assert frequency.variance(multiplier) == pytest.approx(np.dot(COUNTS**2, pmf) - mean**2, rel=1e-9)


@pytest.mark.parametrize("multiplier", [1.0, 0.3, 1.7])
def test_mean_and_variance_are_those_of_the_pmf(frequency: FrequencyFamily, multiplier: float):
    check_moments(frequency, multiplier)


def test_a_wrong_variance_is_seen():
    class Wrong(Poisson):
        def variance(self, multiplier=1.0):
            return super().variance(multiplier) * (1 + 1e-8)

    with pytest.raises(AssertionError):
        check_moments(Wrong(mean=0.16), 1.0)


def given_what_is_shared(frequency: FrequencyFamily, multiplier: float) -> np.ndarray:
    """The pmf that a person's thresholds must have."""
    if frequency.shared_by():
        return np.asarray(stats.poisson(frequency.mean(multiplier)).pmf(COUNTS))
    return frequency.pmf(COUNTS, multiplier)


def check_thresholds(frequency: FrequencyFamily, thresholds: np.ndarray, multiplier: float) -> None:
    drawn = np.diff(thresholds.astype(float), prepend=0.0) / 2**32
    np.testing.assert_allclose(drawn, given_what_is_shared(frequency, multiplier)[: len(drawn)], atol=2.5e-10)
    assert np.dot(COUNTS[: len(drawn)], drawn) == pytest.approx(frequency.mean(multiplier), abs=2e-9)


@pytest.mark.parametrize("multiplier", [1.0, 0.01, 1.7])
def test_thresholds_draw_the_pmf(frequency: FrequencyFamily, multiplier: float):
    thresholds = frequency.count_thresholds(multiplier)
    assert thresholds.dtype == np.uint64
    assert len(thresholds) <= 64
    assert thresholds[-1] == 2**32
    assert np.all(np.diff(thresholds.astype(np.int64)) >= 0)
    check_thresholds(frequency, thresholds, multiplier)


def test_a_threshold_that_is_off_is_seen():
    thresholds = Poisson(mean=0.16).count_thresholds()
    thresholds[2] += np.uint64(20)
    with pytest.raises(AssertionError):
        check_thresholds(Poisson(mean=0.16), thresholds, 1.0)


def test_thresholds_count_as_the_inverse_distribution_function():
    thresholds = Poisson(mean=0.16).count_thresholds()
    w = np.random.default_rng(1).integers(0, 2**32, 100_000, dtype=np.uint64)
    counts = (thresholds[:, None] <= w).sum(axis=0)
    np.testing.assert_array_equal(counts, stats.poisson(0.16).ppf((w + 0.5) / 2**32))


def test_the_mean_of_the_thresholds_is_within_its_promise_everywhere():
    rng = np.random.default_rng(3)
    for mean in 10.0 ** rng.uniform(-4, 0.3, 200):
        for frequency in (Poisson(mean=mean), NegativeBinomial(mean=mean, cv=0.9, mixing="person")):
            drawn = np.sum(1.0 - frequency.count_thresholds() / 2**32)
            assert drawn == pytest.approx(mean, abs=2e-9)


def test_poisson_and_negative_binomial_equal_scipy():
    k = np.arange(40)
    np.testing.assert_allclose(Poisson(mean=0.16).pmf(k, 3.0), stats.poisson(0.48).pmf(k), rtol=1e-12)
    for cv in (0.01, 0.7, 3.0):
        r = cv**-2
        ours = NegativeBinomial(mean=0.16, cv=cv, mixing="person")
        np.testing.assert_allclose(ours.pmf(k, 3.0), stats.nbinom(r, r / (r + 0.48)).pmf(k), rtol=1e-9)


def test_who_shares_the_mixing_variable():
    assert example("poisson", 0).shared_by() is None
    assert example("at-most-one", 0).shared_by() is None
    assert [example("negative-binomial", number).shared_by() for number in range(4)] == [None, None, "group", "pool"]


def test_the_shared_level_is_gamma_with_mean_one_and_the_stated_cv():
    pool = NegativeBinomial(mean=0.16, cv=0.05, mixing="pool")
    u = np.array([1e-6, 0.1, 0.5, 0.9, 1 - 1e-6])
    np.testing.assert_allclose(pool.level(u), stats.gamma(400.0, scale=1 / 400).ppf(u), rtol=1e-10)
    moments = [integrate.quad(lambda p, k=k: float(pool.level(p)) ** k, 0, 1, epsrel=1e-9)[0] for k in (1, 2)]
    assert moments == pytest.approx([1.0, 1.0 + 0.05**2], rel=1e-7)


def test_poisson_given_the_level_is_negative_binomial_for_one_person():
    pool = NegativeBinomial(mean=0.9, cv=0.6, mixing="pool")
    for k in (0, 1, 3):
        mixed = integrate.quad(lambda p, k=k: stats.poisson.pmf(k, 0.9 * float(pool.level(p))), 0, 1)[0]
        assert pool.pmf(k) == pytest.approx(mixed, rel=1e-6)


def test_nothing_shared_means_level_one():
    for frequency in (Poisson(mean=0.16), NegativeBinomial(mean=0.16, cv=2.0, mixing="person"), AtMostOne(mean=0.012)):
        np.testing.assert_array_equal(frequency.level([0.01, 0.99]), [1.0, 1.0])


def test_a_mean_that_does_not_fit_is_refused_by_name():
    assert len(Poisson(mean=1.0).count_thresholds(25.0)) == 64
    with pytest.raises(FrequencyError, match="poisson with 40 events per person needs more than 63"):
        Poisson(mean=1.0).count_thresholds(40.0)
    with pytest.raises(FrequencyError, match="negative-binomial"):
        NegativeBinomial(mean=2.0, cv=3.0, mixing="person").count_thresholds()


def test_at_most_one_never_exceeds_one():
    yearly = AtMostOne(mean=0.5)
    assert yearly.count_thresholds(2.0).tolist() == [0, 2**32]
    for method in (yearly.count_thresholds, yearly.variance):
        with pytest.raises(FrequencyError, match=r"probability of 1\.1"):
            method(2.2)


@pytest.mark.parametrize(
    ("terms", "where", "why"),
    [
        ({"family": "poisson", "mean": "0.16"}, ("mean",), "is not a frequency"),
        ({"family": "poisson", "mean": -0.16}, ("mean",), "is negative"),
        ({"family": "at-most-one", "mean": "1.2 per person"}, ("mean",), "more than everybody"),
        ({"family": "negative-binomial", "mean": "1 per person", "cv": "0", "mixing": "pool"}, ("cv",), "no spread"),
        ({"family": "negative-binomial", "mean": "1 per person", "cv": "1"}, ("mixing",), "Field required"),
        ({"family": "negative-binomial", "mean": "1 per person", "cv": "1", "mixing": "all"}, ("mixing",), "'person'"),
    ],
)
def test_terms_that_make_no_count_are_refused(terms, where, why):
    with pytest.raises(ValidationError) as caught:
        READ.validate_python(terms)
    (error,) = caught.value.errors()
    assert error["loc"] == (terms["family"], *where)
    assert why in error["msg"]


def test_terms_survive_a_dump(frequency: FrequencyFamily):
    again = READ.validate_python(frequency.model_dump(by_alias=True))
    assert again == frequency
    assert hash(again) == hash(frequency)
