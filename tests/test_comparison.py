"""Comparing designs: differences have the error that they really have, whoever shares people with whom."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, city
from fundsim.comparison import FIGURES, Comparison, ComparisonError, compare
from fundsim.comparison.differences import difference_of, sample, value_of
from fundsim.comparison.figures import Row, figure, poor_groups
from fundsim.comparison.people import passes
from fundsim.report.comparison import comparison_html, comparison_text, plot_comparison

N = 60
RAISED = {"payers.cii.deductible": "8000 yuan"}


@pytest.fixture(scope="module")
def found() -> Comparison:
    scheme = city()
    capped = {**RAISED, "payers.cii.cap": "100000 yuan/year"}
    return compare([scheme, scheme.replace(RAISED), scheme.replace(capped)], n=N, seed=3)


def row(**totals: list[int]) -> Row:
    """A design of which only these totals are known."""
    return Row("made up", city(), {name: np.array(values) for name, values in totals.items()})


# --- differences ------------------------------------------------------------------------------------------------


def test_the_error_of_a_paired_difference_is_a_tenth_of_the_unpaired_one_at_most(found: Comparison) -> None:
    for name in ("claims_paid", "premium_needed", "pure_premium"):
        paired, unpaired = found.difference(name, 1).se, found.unpaired_error(name, 1)
        assert paired is not None
        assert unpaired is not None
        assert unpaired > 10 * paired


def test_the_unpaired_error_is_that_of_runs_on_different_people(found: Comparison) -> None:
    scheme = city()
    base, other = fs.simulate(scheme, N, 3), fs.simulate(scheme.replace(RAISED), N, 4)
    apart = other.values("pure_premium") - base.values("pure_premium")  # type: ignore[operator]
    assert apart.std(ddof=1) / sqrt(N) == pytest.approx(found.unpaired_error("pure_premium", 1), rel=0.3)


def test_a_difference_of_means_is_the_mean_of_differences(found: Comparison) -> None:
    apart = (found.rows[1].totals["claims_paid"] - found.rows[0].totals["claims_paid"]) / 100
    told = found.difference("claims_paid", 1)
    assert told.mean == pytest.approx(apart.mean(), rel=1e-12)
    assert told.se == pytest.approx(apart.std(ddof=1) / sqrt(N), rel=1e-9)


@pytest.mark.parametrize("name", ["avg_payout", "actual_reimbursement_ratio", "poor_share", "burden_per_beneficiary"])
def test_a_difference_of_ratios_has_the_error_of_the_jackknife(found: Comparison, name: str) -> None:
    of = figure(name)
    ours, theirs = (found.rows[place].parts(of) for place in (1, 0))
    assert ours is not None
    assert theirs is not None
    left_out = []
    for r in range(N):
        kept = np.arange(N) != r
        one, other = (float(top[kept].sum() / under[kept].sum()) for top, under in (ours, theirs))  # type: ignore[index]
        left_out.append(one - other)
    jackknife = sqrt((N - 1) / N * ((np.array(left_out) - np.mean(left_out)) ** 2).sum())
    assert found.difference(name, 1).se == pytest.approx(jackknife, rel=0.05)


def test_intervals_of_paired_differences_cover_as_they_say() -> None:
    """Over 60 seeds the mean of all is the truth to a fraction of the error; 95% intervals must hold it."""
    scheme = city(ANNUAL)
    told = [
        compare([scheme, scheme.replace(RAISED)], n=25, seed=seed, workers=1).difference("avg_payout", 1)
        for seed in range(60)
    ]
    truth = np.mean([each.mean for each in told])
    inside = sum(each.lo <= truth <= each.hi for each in told)  # type: ignore[operator]
    assert 51 <= inside <= 60  # binomial(60, 0.95) leaves this with a probability below 0.2%


def test_probabilities_that_never_part_are_not_equal_for_certain() -> None:
    """Bonett and Price (2012) by hand: one pair of ten parts, 1/12 ± 1.96 sqrt((3/12 - 1/144)/12)."""
    base, other = row(insurer_result=[1] * 10), row(insurer_result=[-1] + [1] * 9)
    told = difference_of(other, base, FIGURES["insurer_loss"])
    centre, half = 1 / 12, 1.959963984540054 * sqrt((3 / 12 - 1 / 144) / 12)
    assert (told.mean, told.lo, told.hi) == pytest.approx((0.1, centre - half, centre + half))
    same = difference_of(base, base, FIGURES["insurer_loss"])
    assert same.mean == 0
    assert same.lo < 0 < same.hi  # type: ignore[operator]


def test_stratified_replications_have_the_error_of_their_batches() -> None:
    level = {"level": {"of": "cost", "distribution": {"family": "lognormal", "cv": "0.1"}}}
    scheme = city().replace({"uncertainty": {"draws": "stratified", "inputs": level}})
    told = compare([scheme, scheme.replace(RAISED)], n=90, seed=1)
    assert told.replications == 100
    apart = ((told.rows[1].totals["claims_paid"] - told.rows[0].totals["claims_paid"]) / 100).reshape(4, 25)
    assert told.difference("claims_paid", 1).se == pytest.approx(apart.mean(axis=1).std(ddof=1) / 2, rel=1e-9)


def test_levels_that_are_shared_cancel_though_the_people_differ() -> None:
    level = {"level": {"of": "cost", "distribution": {"family": "lognormal", "cv": "0.3"}}}
    scheme = city().replace({"uncertainty": {"inputs": level}})
    other = scheme.replace({"claims.admissions.mean": "190 per 1000 persons"})
    told = compare([scheme, other], n=40, seed=1)
    assert told.paired == (True, False)
    assert told.levels[1] == ("level",)
    assert told.difference("claims_paid", 1).se < 0.5 * told.unpaired_error("claims_paid", 1)  # type: ignore[operator]
    assert "simulated apart under one seed; the draws of level are shared" in comparison_text(told)


def test_what_is_undefined_stays_so() -> None:
    nobody = row(claims_paid=[0, 0], beneficiaries=[0, 0], insured=[5, 5])
    assert sample(nobody, FIGURES["avg_payout"]) is None
    assert value_of(nobody, FIGURES["avg_payout"]).mean is None
    assert difference_of(nobody, nobody, FIGURES["avg_payout"]).mean is None
    assert value_of(row(claims_paid=[5]), FIGURES["claims_paid"]).se is None


# --- who is compared --------------------------------------------------------------------------------------------


def test_figures_of_a_design_are_those_of_a_run_of_it_alone(found: Comparison) -> None:
    alone = fs.simulate(city().replace(RAISED), N, 3)
    for name in ("claims_paid", "loss_ratio", "beneficiaries_per_1000", "insurer_result", "actual_reimbursement_ratio"):
        told, run = found.value(name, 1), alone.estimate(name)
        assert (told.mean, told.se) == pytest.approx((run.mean, run.se), rel=1e-12)
        assert (told.lo, told.hi) == pytest.approx(run.interval(), rel=1e-12)
    chance = alone.probability("insurer_loss")
    assert (found.value("insurer_loss", 1).lo, found.value("insurer_loss", 1).hi) == (chance.lo, chance.hi)


def test_groups_and_the_poor_add_up_to_everybody(found: Comparison) -> None:
    for each in ("claims_paid", "patient_burden", "beneficiaries"):
        groups = [found.value(each, 1, group).mean for group in found.group_names]
        assert sum(groups) == pytest.approx(found.value(each, 1).mean)  # type: ignore[arg-type]
    assert found.value("claims_poor", 1).mean == found.value("claims_paid", 1, "poor").mean
    share = found.value("claims_poor").mean / found.value("claims_paid").mean  # type: ignore[operator]
    assert found.value("poor_share").mean == pytest.approx(share)


def test_the_poor_are_those_of_hardship_unless_others_are_named() -> None:
    scheme = city()
    assert poor_groups(scheme) == (1,)
    assert poor_groups(scheme, ["ordinary"]) == (0,)
    assert poor_groups(city(ANNUAL)) == ()
    with pytest.raises(ComparisonError, match="no such group; did you mean 'poor'"):
        poor_groups(scheme, ["por"])


def test_premium_needed_is_pure_premium_over_what_the_allowance_leaves(found: Comparison) -> None:
    assert found.value("premium_needed").mean == pytest.approx(found.value("pure_premium").mean / 0.95)  # type: ignore[operator]
    explicit = city().replace({"contract.surplus": "fee-explicit", "contract.accepted": "3%"})
    told = compare([explicit, explicit.replace(RAISED)], n=4)
    assert told.value("premium_needed").mean == pytest.approx(told.value("pure_premium").mean / 0.92)  # type: ignore[operator]


def test_schemes_of_the_same_people_go_together() -> None:
    scheme, other = city(), city().replace({"population.insured": "30000 persons", "population.groups": {"all": {}}})
    assert passes([scheme, other, scheme.replace(RAISED), other.replace(RAISED)]) == ((0, 2), (1, 3))


def test_names_tell_what_differs() -> None:
    scheme = city()
    told = compare([scheme, scheme.replace(RAISED), scheme.replace({"contract.premium": "41 yuan/person"})], n=2)
    assert told.names == ("small-city", "payers.cii.deductible=8000 yuan", "contract.premium=41 yuan/person")
    assert told.row("contract.premium=41 yuan/person") is told.rows[2]
    with pytest.raises(ComparisonError, match="did you mean 'small-city'"):
        told.row("small-citi")


def test_a_file_is_compared_with_its_own_designs() -> None:
    designs = "designs: {raised: {change: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan}}}}\n"
    assert compare([city(ADMISSIONS + designs)], n=2).names == ("small-city", "small-city/raised")


@pytest.mark.parametrize(
    ("schemes", "words"),
    [
        ([], "there is no scheme to compare"),
        ([city()], "is one scheme without designs"),
        ([city(), city()], "is the same scheme as number 1"),
        ([city(), city().replace({"simulation.years": "3", **RAISED})], "different years .*say how many: --years 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(schemes: list[fs.Scenario], words: str) -> None:
    with pytest.raises(ComparisonError, match=f"(?s){words}"):
        compare(schemes, n=2)


def test_behaviour_stands_with_and_without() -> None:
    scheme = city(ADMISSIONS + "behaviour: {elasticity: -0.3, on: cost}\n")
    told = compare([scheme, scheme.replace({"payers.cii.deductible": "20000 yuan"})], n=20)
    assert told.answered("claims_paid", 0).mean == 0
    assert told.answered("claims_paid", 1).hi < 0  # type: ignore[operator]
    assert "by behaviour" in comparison_text(told)
    assert told.to_dict()["designs"][told.names[1]]["of_behaviour"]["claims_paid"]["mean"] < 0


# --- how it is told ---------------------------------------------------------------------------------------------


def test_the_tidy_table_has_every_figure_once(found: Comparison) -> None:
    frame = found.to_frame()
    assert not frame.duplicated(["design", "figure", "group"]).any()
    line = frame.query("design == @found.names[1] and figure == 'claims_paid' and group == 'poor'").iloc[0]
    told = found.difference("claims_paid", 1, group="poor")
    assert (line["difference"], line["difference_se"]) == (told.mean, told.se)
    assert frame.query("design == @found.names[0]")["difference"].isna().all()


def test_tables_show_patients_fund_and_insurer_side_by_side(found: Comparison) -> None:
    text = comparison_text(found)
    for words in (
        "Patients 患者",
        "Fund 基金",
        "Insurer 承办公司",
        "By group 分人群",
        "同一批模拟人群",
        "poor: 赔付支出",
    ):
        assert words in text
    page = comparison_html(found)
    assert page.count("<table>") == 6
    assert "<script" not in page


def test_the_figure_shows_differences_with_their_intervals(found: Comparison) -> None:
    ax = plot_comparison(found, ["claims_paid", "beneficiaries"])
    points = ax.containers[0][0].get_xdata()  # type: ignore[index]
    base = found.value("claims_paid").mean
    assert points[0] == pytest.approx(100 * found.difference("claims_paid", 1).mean / base)  # type: ignore[operator]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(found.names[1:])  # type: ignore[union-attr]
    with pytest.raises(ComparisonError, match="did you mean 'claims_paid'"):
        plot_comparison(found, ["claims_payed"])
