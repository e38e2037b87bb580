"""What the figures of a report show: curves from their bands, groups from their totals, a settlement to the fen."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import fundsim as fs
from fundsim.report.amounts import MILLION, YUAN
from fundsim.report.document import LANGUAGES, Lang, measurement_report
from fundsim.report.document.subject import Subject
from fundsim.report.pictures.concentration import concentration_of, lorenz_bounds
from fundsim.report.pictures.flow import steps
from fundsim.report.pictures.groups import a_beneficiary
from fundsim.report.pictures.patient import patient_picture, steps_of, worked_case
from fundsim.report.typeface import missing
from test_reports import QINZHOU


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject.of(fs.simulate(fs.load(QINZHOU), n=20, seed=3))


def test_the_concentration_curve_runs_from_nothing_to_all_below_the_diagonal(subject: Subject) -> None:
    heads, money = concentration_of(subject.base)
    assert (heads[0], money[0]) == (0, 0)
    assert (heads[-1], money[-1]) == (pytest.approx(100), pytest.approx(100))
    assert np.all(np.diff(heads) >= 0)
    assert np.all(np.diff(money) >= 0)
    assert np.all(money <= heads + 1e-9)  # who has more own cost is paid more on average
    paid = subject.base.bands["own_cost_paid"].sum(axis=0)
    assert 100 - money[-2] == pytest.approx(100 * paid[-1] / paid.sum())


def test_table_and_figure_show_the_same_shares(subject: Subject) -> None:
    """The table's column is the figure's bar and the figure's label, and both are ratios of totals."""
    document = measurement_report(subject.base)
    (table,) = [each for each in document.tables() if each.id == "bands"]
    paid = subject.base.bands["own_cost_paid"].sum(axis=0)
    told = [row[-1] for row in table.rows]
    (picture,) = [each for each in document.pictures() if each.id == "bands"]
    ax = picture.draw("en").axes[0]
    bars = [bar.get_width() for bar in ax.containers[1]]  # after its errors
    assert [cell.value for cell in told] == pytest.approx(bars)  # type: ignore[union-attr]
    assert bars == pytest.approx(list(100 * paid / paid.sum()))
    labels = [text.get_text() for text in ax.texts[: len(bars)]]
    assert [label.split("%")[0] for label in labels] == [f"{share:.1f}" for share in bars]


def test_the_lorenz_curve_lies_between_its_bounds() -> None:
    """Persons whose payments are known one by one: their own Lorenz curve is inside, and the bounds are not idle."""
    base = fs.simulate(fs.load(QINZHOU), n=1, seed=3)
    edges = base.bands["paid_edges"]
    paid = np.sort(np.random.default_rng(5).lognormal(13.2, 1.1, 4000)).astype(np.int64)
    sizes = np.histogram(paid, np.concatenate([[0], edges, [2**62]]))[0]
    bands = {**base.bands, "paid_persons": sizes[None, :], "own_cost_persons": np.array([[len(paid)]]),
             "own_cost_paid": np.array([[paid.sum()]]), "own_cost_edges": np.array([], np.int64)}  # fmt: skip
    made = replace(base, bands=bands, totals={**base.totals, "max_payout": np.array([paid.max()])})
    where, low, high = lorenz_bounds(made)
    at = np.interp(where, np.linspace(0, 100, len(paid) + 1), 100 * np.concatenate([[0], np.cumsum(paid)]) / paid.sum())
    assert np.all(low <= at + 0.05)
    assert np.all(at <= high + 0.05)
    assert np.all(np.diff(low) >= -1e-9)
    assert 0 < (high - low).max() < 40
    assert (low[0], high[0], low[-1], high[-1]) == pytest.approx((0, 0, 100, 100))


def test_the_waterfall_adds_up(subject: Subject) -> None:
    for money in (YUAN, MILLION):
        premium, paid, left, *parts, result = steps(subject.base, money)
        assert premium.amount + paid.amount == pytest.approx(left.amount)
        assert left.amount + sum(step.amount for step in parts) == pytest.approx(result.amount)
        assert result.amount == pytest.approx(subject.base.totals["insurer_result"].mean() / money.fen)


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


LATIN_THAT_STAYS = {"a", "b", "c", "d", "e", "f"}
"""Letters of the margin's key; names and ids of the file come on top."""


def all_texts(figure: Figure) -> list[Text]:
    """What is drawn somewhere, without what matplotlib keeps empty or outside the axes."""
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


@pytest.fixture(scope="module")
def extremes(subject: Subject) -> dict[str, fs.Results]:
    """Runs that are unlike each other: no claims, all losses, one group, one band of own cost, few replications."""
    base = subject.base
    nothing = {name: np.zeros_like(values) for name, values in base.totals.items()}
    heads = {name: base.totals[name] for name in ("premium", "insured")}
    premium = base.totals["premium"].astype(np.int64)
    none = {k: v if k.endswith("edges") else np.zeros_like(v) for k, v in base.bands.items()}
    one = {**base.bands, "own_cost_edges": np.array([], np.int64)}
    one |= {name: base.bands[name].sum(axis=1, keepdims=True) for name in ("own_cost_paid", "own_cost_persons")}
    return {
        "as it is": base,
        "nobody is paid": replace(base, totals={**nothing, **heads}, bands=none),
        "all lose all": replace(base, totals={**base.totals, "insurer_result": -premium, "claims_paid": 2 * premium}),
        "one band": replace(base, bands=one),
        "two replications": fs.simulate(fs.load(QINZHOU), n=2, seed=3),
    }


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_is_in_one_language_and_its_labels_are_whole(extremes: dict[str, fs.Results], lang: Lang) -> None:
    """No Han character in English, no Latin word in Chinese; no text beyond the paper, no label upon another."""
    for name, results in extremes.items():
        for picture in measurement_report(results).pictures():
            figure = picture.draw(lang)
            figure.canvas.draw()
            where = f"{name}, {picture.id}, {lang}"
            own = {"premium", "worked"} if picture.id == "patient" else set()
            for text in all_texts(figure):
                said = text.get_text()
                if lang == "en":
                    assert not re.search(r"[一-鿿，。（）：]", said), (where, said)
                else:
                    assert set(re.findall(r"[A-Za-z]+", said)) <= LATIN_THAT_STAYS | own, (where, said)
                assert not missing(said), (where, said)
            check_layout(figure, where)


def check_layout(figure: Figure, where: str) -> None:
    """Labels are on the paper, and none of the notes within the axes lies upon another."""
    width, height = figure.bbox.width, figure.bbox.height
    for ax in figure.axes:
        texts = [*ax.texts, ax.xaxis.label, ax.yaxis.label, *(ax.get_legend().get_texts() if ax.get_legend() else ())]
        boxes = [text.get_window_extent() for text in texts if text.get_text().strip()]
        for text, box in zip((text for text in texts if text.get_text().strip()), boxes, strict=True):
            inside = box.x0 > -1 and box.y0 > -1 and box.x1 < width + 1 and box.y1 < height + 1
            assert inside, (where, text.get_text(), box)
            assert text.get_fontsize() >= 7.5, (where, text.get_text())
        notes = [text.get_window_extent() for text in ax.texts]
        for place, one in enumerate(notes):
            for other in notes[place + 1 :]:
                assert not (one.shrunk(0.9, 0.8).overlaps(other.shrunk(0.9, 0.8))), (where, one, other)


def test_the_check_of_the_layout_can_fail() -> None:
    figure = Figure()
    ax = figure.add_subplot()
    for _ in range(2):
        ax.annotate("upon each other", (0.5, 0.5), fontsize=9)
    with pytest.raises(AssertionError):
        check_layout(figure, "by hand")
    figure = Figure()
    figure.add_subplot().annotate("beyond the paper", (5.0, 0.5), fontsize=9, annotation_clip=False)
    with pytest.raises(AssertionError):
        check_layout(figure, "by hand")


def test_what_the_figures_say_they_are_drawn_from(subject: Subject) -> None:
    pictures = {picture.id: picture for picture in measurement_report(subject.base).pictures()}
    assert {"patient", "concentration", "groups", "margin", "flow", "exceedance", "convergence"} <= set(pictures)
    assert "分段" in pictures["concentration"].title.zh
    assert "from bands" in pictures["concentration"].title.en
