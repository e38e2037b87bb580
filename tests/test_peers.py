"""The benchmark beside other tools: its model is what its reference says, and a wrong figure is found out."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.peers import __main__ as command
from benchmarks.peers import measuring, model, table, verdict, with_aggregate, with_fundsim, with_gemact, with_numpy
from benchmarks.peers.measuring import Row
from benchmarks.peers.model import REFERENCE, Figures, Frequency
from benchmarks.peers.ways import Answer, Way
from scipy import integrate

import benchmark_page
import fundsim as fs

FREQUENCIES: list[Frequency] = ["poisson", "negative binomial"]
ROOT = Path(__file__).parents[1]
VERSIONS = ("date", "cpu", "cores", "system", "BLAS threads", "python", "numpy", "scipy", "numba")
VERSIONS += ("fundsim", "aggregate", "gemact")


# --- the model ------------------------------------------------------------------------------------------------------


def test_the_splice_is_continuous() -> None:
    either_side = np.array([1 - 1e-12, 1 + 1e-12]) * model.SPLICE
    for function in (model.survival, model.density, model.limited_mean):
        below, above = function(either_side)
        assert below == pytest.approx(above, rel=1e-9)
    assert round(model.SCALE) == 25_962  # as printed
    assert float(model.survival(6_000.0)) == pytest.approx(0.342, abs=5e-4)
    assert float(model.survival(646_000.0)) == pytest.approx(3.5e-5, abs=5e-7)


@pytest.mark.parametrize("cost", [500.0, 6_000.0, 49_000.0, 80_000.0, 646_000.0])
def test_survival_and_limited_means_are_integrals_of_the_density(cost: float) -> None:
    edges = [low for low in (0.0, model.SPLICE) if low < cost] + [cost]
    pieces = list(itertools.pairwise(edges))
    below = sum(integrate.quad(model.density, *piece, epsrel=1e-11)[0] for piece in pieces)
    assert float(model.survival(cost)) == pytest.approx(1 - below, rel=1e-7)
    limited = sum(integrate.quad(model.survival, *piece, epsrel=1e-11)[0] for piece in pieces)
    assert float(model.limited_mean(cost)) == pytest.approx(limited, rel=1e-9)


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_the_reference_is_of_this_model(frequency: Frequency) -> None:
    mean, sd = model.moments(frequency)
    assert (round(mean), round(sd)) == (REFERENCE[frequency].mean, REFERENCE[frequency].sd)


def test_the_moments_by_the_density_are_the_moments_by_the_survival() -> None:
    edges = np.union1d(model.KNOTS[1:], [model.SPLICE, 1e7, 1e9])
    mean = sum(
        integrate.quad(lambda x: float(model.payout(x) * model.density(x)), low, high, epsrel=1e-11)[0]
        for low, high in itertools.pairwise(edges)
    )
    assert model.CLAIMS * mean == pytest.approx(model.moments("poisson")[0], rel=1e-9)


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_a_second_transform_gives_the_whole_reference(frequency: Frequency) -> None:
    found, reference = with_numpy.transformed(frequency, log2=18, step=500.0).figures, REFERENCE[frequency]
    assert found.mean == pytest.approx(model.moments(frequency)[0], rel=1e-10)
    assert found.sd == pytest.approx(reference.sd, rel=1e-4)
    assert found.quantile == pytest.approx(reference.quantile, abs=500)  # a step
    assert found.probability == pytest.approx(reference.probability, abs=1e-4)


@pytest.mark.parametrize(("frequency", "name"), [("poisson", "mean"), ("negative binomial", "sd")])
def test_a_wrong_reference_is_noticed(frequency: Frequency, name: str) -> None:
    assert not model.disagreements()
    right = REFERENCE[frequency]
    wrong = right._replace(**{name: getattr(right, name) + 2})
    (found,) = model.disagreements(REFERENCE | {frequency: wrong})
    assert found.startswith(f"{frequency}: the reference's {name} is ")


# --- what the tools are given ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_the_loop_draws_the_model(frequency: Frequency) -> None:
    paid = with_numpy.totals(frequency, 60, seed=5)
    assert abs(paid.mean() - REFERENCE[frequency].mean) < 4 * paid.std(ddof=1) / 60**0.5


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_the_scenario_file_is_the_model(frequency: Frequency) -> None:
    paid = fs.simulate(with_fundsim.scenario_of(frequency), 60, 5, workers=1).totals["claims_paid"] / 100
    assert abs(paid.mean() - REFERENCE[frequency].mean) < 4 * paid.std(ddof=1) / 60**0.5


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_the_exact_lane_meets_the_reference(frequency: Frequency) -> None:
    rows = [Row(way, frequency, way.answer(frequency)) for way in with_fundsim.ways()[:2]]
    found = verdict.checks(rows)
    assert len(found) == 6
    assert all(check.agrees for check in found), found


def test_the_program_of_aggregate_says_the_model() -> None:
    program = with_aggregate.program("negative binomial")
    bands = "50% po 20000 xs 6000 and 60% po 20000 xs 26000 and 70% po 20000 xs 46000 and 80% po 580000 xs 66000"
    assert f"occurrence ceded to {bands} mixed gamma 0.05" in program
    assert "splice [0 50000 inf]" in program
    assert with_aggregate.program("poisson").endswith(" poisson")


def test_gemact_gets_the_law_of_a_paid_claim() -> None:
    claims, points, below = with_gemact.paid_claims(100.0)
    assert claims == pytest.approx(30_000 * 0.3418, rel=1e-4)
    assert points[-1] == points[-2] == 500_000
    assert (below[0], below[-1]) == (0, 1)
    assert 1 - below[-2] == pytest.approx(float(model.survival(646_000.0) / model.survival(6_000.0)))
    mean = claims * float(np.diff(below) @ (points[1:] + points[:-1]) / 2)
    assert mean == pytest.approx(REFERENCE["poisson"].mean, rel=1e-4)
    shared = with_gemact.thinned("negative binomial", claims)["par"]
    assert shared["n"] * (1 - shared["p"]) / shared["p"] == pytest.approx(claims)


# --- what is made of the answers ------------------------------------------------------------------------------------


def no_answer(_: Frequency) -> Answer:
    raise AssertionError("not asked")


def row(tool: str, setting: str, off: float = 0.0, seconds: float = 1.0, **options: bool | int) -> Row:
    """A row whose mean is off by so much, and that took so long twice."""
    reference = REFERENCE["poisson"]
    figures = reference._replace(mean=reference.mean * (1 + off))
    way = Way(tool, setting, no_answer, **options)  # type: ignore[arg-type]
    return Row(way, "poisson", Answer(figures, "all is well"), "", 2 * seconds, 100.0, [seconds, seconds])


@pytest.fixture
def rows() -> list[Row]:
    poisson = [
        row("fundsim", "exact", seconds=0.1, exact=True),
        row("fundsim", "simulation", 1e-4, 6.0, replications=1000),
        row("aggregate", "coarse", 5e-3, 0.5),
        row("aggregate", "fine", -3e-6, 4.0),
        row("aggregate", "finest", 1e-7, 9.0),
        row("aggregate", "by hand", 9e-6, 1.5, by_hand=True),
        Row(row("gemact", "fft").way, "poisson", None, "ValueError: its own words", 1.0, 50.0, [1.0, 1.0]),
    ]
    return [replace(each, frequency=frequency) for frequency in FREQUENCIES for each in poisson]


def test_ratios_are_against_the_first_and_the_fastest_setting_that_comes_near(rows: list[Row]) -> None:
    found = {name: ratio["median"] for name, ratio in verdict.ratios(rows).items() if name.startswith("poisson")}
    assert found == pytest.approx(
        {
            "poisson: aggregate's first within 1e-5 (fine) / fundsim, exact": 40.0,
            "poisson: aggregate's fastest within 1e-5 (by hand) / fundsim, exact": 15.0,
        }
    )


def test_a_goal_is_missed_where_a_peer_is_too_fast(rows: list[Row]) -> None:
    aggregate = [goal for goal in verdict.goals(rows) if "aggregate's" in goal[0]]
    assert [met for *_, met in aggregate] == [True] * 4
    faster = [replace(each, seconds=[0.5, 0.5]) if each.way.by_hand else each for each in rows]
    assert [met for *_, met in verdict.goals(faster) if _[1] == ">= 10x"] == [True, False] * 2


def test_the_table_tells_what_was_answered_and_what_was_raised(rows: list[Row]) -> None:
    lines = table.table(rows, "poisson")
    assert {text.count("|") for text in lines} == {10}
    assert (
        "| aggregate | coarse | 75,021,320 (+5.0e-03) | 1,844,291 | 79,062,800 | 0.12261 | 1.00 | 0.500 | 100 |"
        in lines
    )
    assert any("+0.01%, standard error 0.08%" in text for text in lines)
    assert "raises ValueError: its own words" in lines[-1]


def test_the_report_is_complete(rows: list[Row]) -> None:
    where = dict.fromkeys(VERSIONS, "1")
    text = table.markdown(rows, where, 2)
    for heading in ("## Poisson", "## Negative binomial", "## What the tools say", "## Goals"):
        assert heading in text
    assert "median of 2 rounds" in text
    assert "- aggregate, coarse, poisson: all is well" in text


@pytest.mark.parametrize(("name", "factor"), [("mean", 1 + 2e-6), ("quantile", 1 - 2e-4), ("probability", 1.01)])
def test_a_wrong_figure_of_ours_is_found_out(name: str, factor: float) -> None:
    reference = REFERENCE["poisson"]
    wrong = reference._replace(**{name: getattr(reference, name) * factor})
    ours = row("fundsim", "exact", exact=True)
    assert all(check.agrees for check in verdict.checks([ours]))
    found = verdict.checks([replace(ours, answer=Answer(wrong))])
    assert [check.agrees for check in found].count(False) == 1


def test_a_simulated_mean_may_be_four_standard_errors_away() -> None:
    error = REFERENCE["poisson"].sd / 1000**0.5 / REFERENCE["poisson"].mean
    for errors, agrees in ((3.9, True), (4.1, False)):
        (check,) = verdict.checks([row("fundsim", "simulation", errors * error, replications=1000)])
        assert check.agrees is agrees


# --- the command ----------------------------------------------------------------------------------------------------


def other(figures: Figures) -> Callable[[Frequency], Answer]:
    return lambda _: Answer(figures)


@pytest.fixture
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """No peer is installed for the tests, and none is asked."""
    monkeypatch.setattr(measuring, "missing", list)
    monkeypatch.setattr(measuring, "all_ways", lambda: with_fundsim.ways()[:1])
    monkeypatch.setattr(measuring, "PACKAGES", ("fundsim",))
    monkeypatch.setattr(measuring, "fresh", lambda way, frequency: Row(way, frequency, way.answer(frequency)))


@pytest.mark.usefixtures("only_ours")
def test_wrong_figures_are_not_timed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    timed = list[object]()
    monkeypatch.setattr(measuring, "repeat", lambda *given: timed.append(given))
    wrong = REFERENCE["poisson"]._replace(mean=74_648_080 * 1.006)
    monkeypatch.setattr(measuring, "all_ways", lambda: [Way("fundsim", "exact", other(wrong), exact=True)])
    assert command.main([]) == 1
    assert not timed
    told = capsys.readouterr().err
    assert "not timed" in told
    assert "figure='mean'" in told


@pytest.mark.usefixtures("only_ours")
def test_a_short_run_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "versions", lambda: dict.fromkeys(VERSIONS, "1"))
    assert command.main(["--rounds", "1", "--out", str(tmp_path)]) == 0
    assert not list(tmp_path.iterdir())
    assert command.main(["--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "peers.json").read_text(encoding="utf-8"))
    assert [each["frequency"] for each in found["rows"]] == FREQUENCIES
    assert (tmp_path / "peers.md").read_text(encoding="utf-8").startswith("# fundsim beside its peers")


def test_a_wrong_reference_and_a_missing_tool_end_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(measuring, "PACKAGES", ("fundsim", "no_such_tool"))
    assert command.main([]) == 1
    assert "not installed: no_such_tool" in capsys.readouterr().err
    monkeypatch.setattr(command, "disagreements", lambda: ["poisson: the reference's mean is 1"])
    assert command.main([]) == 1
    assert "the reference is not of this model" in capsys.readouterr().err


def test_a_fresh_process_answers_and_tells_its_memory() -> None:
    found = measuring.fresh(with_numpy.ways()[1], "poisson")
    assert found.answer is not None
    assert found.answer.figures == with_numpy.transformed("poisson", log2=18, step=500.0).figures
    assert found.first > 0
    assert 20 < found.megabytes < 2000


# --- the page of all benchmarks -------------------------------------------------------------------------------------


def test_the_page_says_what_the_reports_say() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert page == benchmark_page.page_of(benchmark_page.RESULTS), "run 'make docs'"


def test_a_changed_report_changes_the_page(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# second\n\n## part\n\n| a |\n|---|\n| # |\n", encoding="utf-8")
    (tmp_path / "a.md").write_text("# first\n", encoding="utf-8")
    page = benchmark_page.page_of(tmp_path)
    assert page.index("- [first](#a)") < page.index("- [second](#b)") < page.index('<a id="b"></a>\n\n## second')
    assert "### part\n\n| a |\n|---|\n| # |" in page
    (tmp_path / "a.md").write_text("no title\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.md does not begin with a title"):
        benchmark_page.page_of(tmp_path)
