"""What a drawn value means, worked by hand, and terms that are refused in Python as in files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from fundsim.uncertainty import INPUTS, CatalogueMix, Enrolment, GroupShare, Input, Mix, UncertaintyTerms, tilted
from fundsim.uncertainty.inputs import AnyInput
from fundsim.uncertainty.quantity import Quantity

ANY: TypeAdapter[Input] = TypeAdapter(AnyInput)
factors = st.lists(st.floats(0.01, 20.0), min_size=1, max_size=5).map(np.array)
NORMAL = {"family": "normal", "sd": 0.02}


def read(**written: Any) -> Input:
    return ANY.validate_python(written)


def reason(**written: Any) -> str:
    with pytest.raises(ValidationError) as error:
        read(**written)
    (details,) = error.value.errors()
    return str(details["ctx"]["why"])


# --- the arithmetic of a draw ----------------------------------------------------------------------------------------


def test_the_odds_of_a_share_are_multiplied() -> None:
    """20% away at x1.5: odds 0.25 become 0.375, a share of 3/11; local and referred keep 3 to 1 of the rest."""
    mix = Mix(trait="place", values=["away"])
    found = mix.shares({"local": 600_000, "away": 200_000, "referred": 200_000}, np.array([1.0, 1.5]))
    assert found["away"].tolist() == pytest.approx([200_000, 1e6 * 3 / 11])
    assert found["local"].tolist() == pytest.approx([600_000, 1e6 * 6 / 11])
    assert found["referred"].tolist() == pytest.approx([200_000, 1e6 * 2 / 11])


def test_cost_moves_out_of_the_catalogue_by_its_odds() -> None:
    """A 40%, B 40%, C 15%, excluded 5% at x2: odds of 20 to 80 become 40 to 80, so C and excluded have one third."""
    found = CatalogueMix().shares((0.40, 0.40, 0.15, 0.05), np.array([2.0]))
    assert found.tolist() == [pytest.approx([1 / 3, 1 / 3, 0.25, 1 / 12])]


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6), st.data(), factors)
def test_shares_keep_their_total_and_their_proportions(shares: list[float], data: st.DataObject, f: np.ndarray) -> None:
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(shares), max_size=len(shares))))
    found = tilted(shares, chosen, f)
    assert found.sum(axis=1) == pytest.approx(np.full(len(f), sum(shares)))
    assert (found > 0).all()
    for side in (chosen, ~chosen):
        ratios = found[:, side] / np.array(shares)[side]
        assert ratios == pytest.approx(np.broadcast_to(ratios[:, :1], ratios.shape))
    if chosen.any() and not chosen.all():
        odds = found[:, chosen].sum(axis=1) / found[:, ~chosen].sum(axis=1)
        stated = np.array(shares)[chosen].sum() / np.array(shares)[~chosen].sum()
        assert odds == pytest.approx(stated * f)


def test_enrolment_is_rounded_to_whole_persons() -> None:
    assert Enrolment().persons(1_000, np.array([0.9995, 1.0, 1.0326])).tolist() == [1_000, 1_000, 1_033]


def test_a_group_grows_at_the_cost_of_another() -> None:
    """100 poor at x1.3: 30 come from the 900 ordinary; at x0.85, 15 go back to them."""
    share = GroupShare(people="poor", taken_from="ordinary")
    poor, ordinary = share.persons(100, 900, np.array([1.3, 0.85, 1.0]))
    assert poor.tolist() == [130, 85, 100]
    assert ordinary.tolist() == [870, 915, 900]


def test_no_more_come_than_there_are() -> None:
    poor, ordinary = GroupShare(people="poor", taken_from="ordinary").persons(100, 50, np.array([2.0]))
    assert (poor.tolist(), ordinary.tolist()) == ([150], [0])


# --- what is refused -------------------------------------------------------------------------------------------------


def test_every_kind_is_read_by_its_word() -> None:
    needs: dict[str, dict[str, Any]] = {
        "tail-index": {"within": [0.2, 0.4]},
        "mix": {"trait": "place", "values": ["away"]},
        "group-share": {"people": "poor", "taken_from": "ordinary"},
    }
    for word, kind in INPUTS.items():
        stated = read(of=word, **needs.get(word, {}))
        assert type(stated) is kind
        assert stated.of == word
        assert set(kind.NAME) == {"zh", "en"}


@pytest.mark.parametrize("family", ["lognormal", "gamma"])
def test_factors_of_families_above_zero_may_spread_widely(family: str) -> None:
    assert read(of="cost", distribution={"family": family, "cv": 2.0}).distribution is not None


def test_a_normal_factor_is_taken_as_long_as_it_stays_above_zero() -> None:
    normal = {"family": "normal", "mean": "x1", "sd": "0.07"}
    assert read(of="cost", distribution=normal).of == "cost"
    assert "reaches zero" in reason(of="cost", distribution={**normal, "sd": "0.2"})
    cut = read(of="cost", distribution={**normal, "sd": "0.2"}, within=["x0.5", "x1.5"])
    assert cut.within == [Quantity(0.5, "factor"), Quantity(1.5, "factor")]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (
            {"of": "cost", "distribution": {"family": "normal", "mean": "2pp", "sd": "0.05"}},
            "'mean' is a number of points",
        ),
        ({"of": "cost", "distribution": {"family": "normal", "sd": "0.05"}}, "'mean' is not stated"),
        ({"of": "cost", "distribution": {"family": "normal", "mean": "x1", "sd": "5pp"}}, "'sd' is a number of points"),
        ({"of": "cost-trend", "distribution": {"family": "normal", "sd": "0.02"}}, "'sd' is a plain number"),
        ({"of": "cost-trend", "distribution": {"family": "lognormal", "cv": "0.02"}}, "'mean' is not stated"),
        ({"of": "cost-trend", "distribution": {"family": "normal", "sd": "20pp"}}, "errors of yearly growth from"),
        ({"of": "cost", "distribution": {"family": "uniform", "from": "x0", "to": "x2"}}, "'from' is zero or less"),
        ({"of": "cost", "distribution": {"family": "lognormal", "cv": "0.1"}, "within": ["x1.1", "x0.9"]}, "upwards"),
        ({"of": "cost", "distribution": {"family": "lognormal", "cv": "0.1"}, "within": ["x2", "x3"]}, "of the distr"),
        ({"of": "cost", "distribution": {"family": "lognormal", "cv": "0.1"}, "within": ["0.9", "1.1"]}, "'within' is"),
        ({"of": "tail-index", "within": ["0.2", "1"]}, "lies from 0 up to below 1"),
        ({"of": "cost-trend", "serial": "1.2"}, "no correlation of one year"),
        ({"of": "cost-trend", "serial": "-1"}, "no correlation of one year"),
    ],
)
def test_what_cannot_be_drawn_is_refused(written: dict[str, Any], words: str) -> None:
    assert words in reason(**written)


def test_stated_values_are_not_truncated() -> None:
    two = {"family": "discrete", "values": ["x1", "x2"], "probabilities": ["50%", "50%"]}
    assert "stated values" in reason(of="cost", distribution=two, within=["x1", "x2"])


def test_bare_numbers_of_python_are_in_the_unit_of_the_input() -> None:
    stated = read(of="cost-trend", distribution=NORMAL)
    assert stated.distribution is not None
    assert stated.distribution.variance() == pytest.approx(0.0004)


def test_a_log_scale_of_a_covariance_gives_the_lognormal_of_that_mean_and_variance() -> None:
    joint = {"names": ["a"], "scale": "log", "mean": [0.01], "covariance": [[0.04]]}
    terms = UncertaintyTerms.model_validate({"inputs": {"a": {"of": "cost"}}, "joint": [joint]})
    marginal = terms.marginal("a")
    assert marginal.ppf(0.5) == pytest.approx(np.exp(0.01))
    assert marginal.mean() == pytest.approx(np.exp(0.03))
    assert marginal.variance() == pytest.approx(np.expm1(0.04) * np.exp(0.06))
