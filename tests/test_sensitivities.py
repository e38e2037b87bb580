"""Tornado and frontier: effects of inputs against the closed form, and dominance that respects its errors."""

from __future__ import annotations

import numpy as np
import pytest

import fundsim as fs
from cities import ANNUAL, city
from fundsim.comparison import ComparisonError, Frontier, Sweep, Tornado, frontier, frontier_of, sweep, tornado
from fundsim.comparison.sensitivity import level_at
from fundsim.report.frontier import frontier_html, frontier_text, plot_frontier
from fundsim.report.tornado import plot_tornado, tornado_html, tornado_text
from fundsim.scenario import Scenario
from test_term_runs import EVENTS

N = 100
INPUTS = {
    "level": {"of": "cost", "distribution": {"family": "lognormal", "cv": "0.1"}},
    "heads": {"of": "enrolment", "distribution": {"family": "uniform", "from": "x0.9", "to": "x1.1"}},
}
FLU = {**EVENTS["flu"], "year": "1", "until": "1"}


@pytest.fixture(scope="module")
def scheme() -> Scenario:
    return city().replace({"uncertainty": {"inputs": INPUTS}, "events": {"flu": FLU}})


@pytest.fixture(scope="module")
def found(scheme: Scenario) -> Tornado:
    return tornado(scheme, "claims_paid", n=N, seed=1)


# --- tornado ----------------------------------------------------------------------------------------------------


def test_an_input_held_is_a_scheme_without_its_uncertainty(scheme: Scenario, found: Tornado) -> None:
    """Enrolment held at its 90% point, x1.08, is 8% more people with nothing of it drawn."""
    assert level_at(scheme, "heads", 0.9) == pytest.approx(1.08)
    inputs = {"level": INPUTS["level"]}
    more = scheme.replace({
        "uncertainty": {"inputs": inputs},
        "population": {"insured": "43200 persons", "groups": {"ordinary": {"persons": "38880 persons"}, "poor": {
            "persons": "4320 persons", "traits": {"hardship": "poor"}, "admissions": "x1.5", "cost": "x0.9"}}},
    })  # fmt: skip
    bar = next(each for each in found.bars if each.member.name == "heads")
    assert bar.high.mean == pytest.approx(fs.simulate(more, N, 1).estimate("claims_paid").mean, rel=1e-12)


def test_an_event_held_happens_in_every_replication_or_in_none(scheme: Scenario, found: Tornado) -> None:
    bar = next(each for each in found.bars if each.member.name == "flu")
    sure = scheme.replace({"events": {"flu": {**FLU, "probability": "100%"}}})
    assert bar.high.mean == pytest.approx(fs.simulate(sure, N, 1).estimate("claims_paid").mean, rel=1e-12)
    assert bar.levels == (0, 1)
    assert bar.swing.lo > 0  # type: ignore[operator]


def test_bars_stand_in_the_order_of_their_length_and_are_paired(found: Tornado) -> None:
    lengths = [abs(bar.swing.mean or 0) for bar in found.bars]
    assert lengths == sorted(lengths, reverse=True)
    assert found.bars[0].member.name == "level"
    for bar in found.bars:
        assert bar.up.mean - bar.down.mean == pytest.approx(bar.swing.mean)  # type: ignore[operator]
        assert bar.swing.se < 0.5 * np.hypot(bar.low.se, bar.high.se)  # type: ignore[operator,arg-type]


def test_parts_of_a_run_average_to_the_run(found: Tornado) -> None:
    for name in ("level", "heads", "flu"):
        parts = found.bins_of(name)
        whole = sum((part.value.mean or 0) * part.replications for part in parts)
        assert whole / sum(part.replications for part in parts) == pytest.approx(found.base.mean)
    assert [part.replications for part in found.bins_of("level")] == [20] * 5
    assert len(found.bins_of("flu")) == 2
    assert found.across("level").lo > 0  # type: ignore[operator]


def test_the_counterfactual_follows_an_event_that_is_held() -> None:
    policy = {**EVENTS["wider"], "year": "1"}
    told = tornado(city().replace({"events": {"wider": policy}}), "claims_paid", n=20)
    assert told.bars[0].swing.mean > 0  # type: ignore[operator]


def test_tables_and_figure_of_a_tornado(found: Tornado) -> None:
    text = tornado_text(found)
    for words in ("One at a time 单因素", "By level 分档均值", "happens 发生", "level", "heads"):
        assert words in text
    assert tornado_html(found).count("<table>") == 2
    frame = found.to_frame()
    assert list(frame["input"]) == [bar.member.name for bar in found.bars]
    assert len(found.by_level()) == 5 + 5 + 2
    ax = plot_tornado(found)
    assert [label.get_text().split("\n")[-1] for label in ax.get_yticklabels()] == list(frame["input"])
    width = ax.containers[1][0].get_width()  # type: ignore[index]
    assert width == pytest.approx((found.bars[0].down.mean or 0) / 1e3, rel=1e-6)  # thousand yuan
    chinese = plot_tornado(found, lang="zh")
    assert chinese.get_xlabel().startswith("赔付支出的变化（")
    legend = chinese.get_legend()
    assert legend is not None
    chinese.figure.canvas.draw()  # type: ignore[attr-defined]
    levels = [text.get_window_extent() for text in chinese.texts]
    assert not any(legend.get_window_extent().overlaps(box) for box in levels)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"figure_id": "claims"}, "there is no such figure"),
        ({"low": 0.9, "high": 0.1}, "are no low and high points"),
    ],
)
def test_what_cannot_be_analysed_is_refused(scheme: Scenario, how: dict[str, object], words: str) -> None:
    with pytest.raises(ComparisonError, match=words):
        tornado(scheme, n=4, **how)  # type: ignore[arg-type]


def test_a_scheme_without_uncertainty_has_no_tornado() -> None:
    with pytest.raises(ComparisonError, match="nothing that is uncertain but the luck of patients"):
        tornado(city(), n=4)
    with pytest.raises(ComparisonError, match="has no such figure"):
        tornado(city(ANNUAL).replace({"uncertainty": {"inputs": {"heads": INPUTS["heads"]}}}), "patient_burden", n=4)


# --- frontier ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def swept() -> Sweep:
    stated = {
        "payers.cii.deductible": "4000..12000 step 4000 yuan",
        "contract.premium": ["90 yuan/person", "120 yuan/person"],
    }
    return sweep(city(), stated, n=400, seed=1)


@pytest.fixture(scope="module")
def judged(swept: Sweep) -> Frontier:
    return frontier_of(swept, benefit="actual_reimbursement_ratio", premium_at_most=100, loss_at_most=0.2)


def test_statuses_are_those_of_pairs_compared_one_by_one(swept: Sweep, judged: Frontier) -> None:
    for one in judged.standings:
        beaten, looks = [], []
        for other in judged.standings:
            if other.design == one.design:
                continue
            apart = [swept.difference(aim.figure.id, other.design, one.design) for aim in judged.aims]
            gains = [aim.sense * (each.mean or 0.0) for aim, each in zip(judged.aims, apart, strict=True)]
            looks.append(min(gains) >= 0 and max(gains) > 0)
            beaten.append(looks[-1] or min(gains) > -0.01)
        if one.status == "efficient":
            assert not any(looks)
        elif one.status == "undecided":
            assert any(looks)
        else:
            assert any(beaten)
            assert one.beaten_by is not None


def test_a_dearer_premium_is_beaten_where_it_makes_no_loss_less_likely(judged: Frontier) -> None:
    """With 4,000 yuan the insurer loses half of the time at 90 yuan and never at 120; with 8,000 in neither case."""
    standing = {judged.sweep.points[each.design - 1].values: each for each in judged.standings}
    cheap, dear = (standing["4000 yuan", f"{yuan} yuan/person"] for yuan in (90, 120))
    assert cheap.values[1].lo > 0.2  # type: ignore[operator]
    assert dear.values[1].mean == 0
    assert cheap.status == dear.status == "efficient"
    cheap, dear = (standing["8000 yuan", f"{yuan} yuan/person"] for yuan in (90, 120))
    assert cheap.status == "efficient"
    assert dear.status == "dominated"
    assert standing["12000 yuan", "90 yuan/person"].beaten_by == cheap.design


def test_few_replications_leave_open_what_many_decide(swept: Sweep) -> None:
    few = sweep(city(), {each.path: list(each.texts) for each in swept.varied}, n=20, seed=1)
    counted = [
        sum(each.status == "dominated" for each in frontier_of(found, benefit="actual_reimbursement_ratio").standings)
        for found in (few, swept)
    ]
    assert counted[0] <= counted[1]


def test_equal_designs_do_not_beat_each_other() -> None:
    found = frontier(city(ANNUAL), "payers.cii.cap", ["90000000 yuan/year", "none"], n=20)
    assert {each.status for each in found.standings} == {"efficient"}


def test_limits_are_kept_surely_or_not(swept: Sweep, judged: Frontier) -> None:
    for each in judged.standings:
        premium = swept.value("premium_per_head", each.design).mean
        chance = swept.value("insurer_loss", each.design)
        if premium > 100 or chance.lo > 0.2:  # type: ignore[operator]
            assert each.budget == "beyond"
        else:
            assert each.budget == ("within" if chance.hi <= 0.2 else "undecided")  # type: ignore[operator]
    inside = [each for each in judged.standings if each.budget == "within"]
    assert judged.best is not None
    assert judged.best.values[-1].mean == max(each.values[-1].mean for each in inside)  # type: ignore[type-var]
    assert frontier_of(swept, premium_at_most=1.0).best is None
    assert "No design is surely within the limits" in frontier_text(frontier_of(swept, premium_at_most=1.0))


def test_a_benefit_that_is_neither_good_nor_bad_is_refused(swept: Sweep) -> None:
    with pytest.raises(ComparisonError, match="neither good nor bad"):
        frontier_of(swept, benefit="loss_ratio")


def test_tables_and_figure_of_a_frontier(judged: Frontier) -> None:
    frame = judged.to_frame()
    assert list(frame["design"]) == [1, 2, 3, 4, 5, 6]
    assert set(frame["status"]) <= {"efficient", "undecided", "dominated"}
    text = frontier_text(judged)
    assert "limits 约束: premium_per_head <= 100, insurer_loss <= 0.2" in text
    assert "efficient 有效方案" in text
    assert "<table>" in frontier_html(judged)
    ax = plot_frontier(judged)
    assert sum(len(each[0].get_xdata()) for each in ax.containers) == 6  # type: ignore[index]
    assert judged.to_dict()["designs"][0]["values"]["payers.cii.deductible"] == "4000 yuan"
