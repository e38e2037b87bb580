"""What the figures of a report show: curves from their bands, groups from their totals, a settlement to the fen."""

from __future__ import annotations

import re

import numpy as np
import pytest

import fundsim as fs
from fundsim.report.document import LANGUAGES, measurement_report
from fundsim.report.document.subject import Subject
from fundsim.report.pictures.concentration import concentration_of
from fundsim.report.pictures.groups import a_beneficiary
from fundsim.report.pictures.patient import patient_picture, steps_of, worked_case
from test_reports import QINZHOU


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject.of(fs.simulate(fs.load(QINZHOU), n=20, seed=3))


def test_the_concentration_curve_runs_from_nothing_to_all_below_the_diagonal(subject: Subject) -> None:
    heads, money = concentration_of(subject)
    assert (heads[0], money[0]) == (0, 0)
    assert (heads[-1], money[-1]) == (pytest.approx(100), pytest.approx(100))
    assert np.all(np.diff(heads) >= 0)
    assert np.all(np.diff(money) >= 0)
    assert np.all(money <= heads + 1e-9)  # who has more own cost is paid more on average
    paid = subject.base.bands["own_cost_paid"].sum(axis=0)
    assert 100 - money[-2] == pytest.approx(100 * paid[-1] / paid.sum())


def test_a_beneficiary_of_a_group_is_paid_what_the_results_say(subject: Subject) -> None:
    for place, group in enumerate(subject.base.group_names):
        assert a_beneficiary(subject, "claims_paid", place) == subject.base.estimate("avg_payout", group)


def test_the_worked_example_is_settled_to_the_fen_by_hand() -> None:
    """The whole bill of the scheme's examples: basic 32,480, CII 5,710, the patient 16,810, excluded 1,000."""
    scheme = fs.load(QINZHOU)
    found = worked_case(scheme)
    assert found is not None
    steps = steps_of(scheme, found[1])
    assert [step.fen for step in steps] == [5_600_000, 100_000, 3_248_000, 571_000, 1_681_000]
    assert steps[0].fen == sum(step.fen for step in steps[1:])
    assert steps[2].who.en == "residents' basic medical insurance"


def test_a_scheme_without_examples_has_no_such_figure() -> None:
    scheme = fs.load(QINZHOU)
    assert patient_picture(scheme) is not None
    assert worked_case(scheme.replace({"examples": []})) is None


@pytest.mark.filterwarnings("error")
def test_they_are_in_the_report_and_in_its_language(subject: Subject) -> None:
    pictures = {picture.id: picture for picture in measurement_report(subject.base).pictures()}
    for name in ("patient", "concentration", "groups"):
        for lang in LANGUAGES:
            figure = pictures[name].draw(lang)
            figure.canvas.draw()
            ax = figure.axes[0]
            texts = " ".join([ax.get_xlabel(), *(text.get_text() for text in ax.get_yticklabels())])
            assert bool(re.search(r"[一-鿿]", texts)) == (lang == "zh"), (name, texts)
    assert "分段" in pictures["concentration"].title.zh
    assert "from bands" in pictures["concentration"].title.en
