"""Where the risk comes from: estimators against known shares, and schemes whose variance is known in closed form."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.special import ndtri

import fundsim as fs
from cities import ADMISSIONS, city
from fundsim.claims import Levels
from fundsim.cli import main
from fundsim.decomposition import FIGURES, Parts, Share, parted
from fundsim.decomposition.running import Samples
from fundsim.decomposition.sources import Member, thirds_of
from fundsim.report import risk
from fundsim.years import MIXING, TermJob

Floats = np.ndarray
N = 1000

# --- estimators, without a simulation --------------------------------------------------------------------------------


def part(f: Callable[[Floats], Floats], inputs: int, n: int, seed: int, **more: Any) -> Parts:
    """Part the variance of a function of uniforms, of which those after the inputs play the patients."""
    width = inputs + 1
    a, b = np.random.default_rng(seed).random((2, n, width))

    def mixed(*own: int) -> Floats:
        return f(np.where(np.isin(np.arange(width), own), a, b))

    frozen = {f"x{i}": mixed(i) for i in range(inputs)}
    return parted(f(a), f(b), frozen, mixed(*range(inputs)), **more)


def told(parts: Parts) -> dict[str, Share]:
    shares = {name: source.first for name, source in parts.sources.items()}
    shares |= {f"total {name}": source.total for name, source in parts.sources.items()}
    return shares | {"process": parts.process, "interaction": parts.interaction}


def ishigami(u: Floats) -> Floats:
    x = np.pi * (2 * u - 1)
    values: Floats = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return values


V1, V2, V13 = 0.5 * (1 + np.pi**4 / 50) ** 2, 49 / 8, np.pi**8 * (1 / 18 - 1 / 50) / 100
V = V1 + V2 + V13
ISHIGAMI = {
    "x0": V1 / V,
    "x1": V2 / V,
    "x2": 0,
    "total x0": (V1 + V13) / V,
    "total x2": V13 / V,
    "interaction": V13 / V,
}
"""Ishigami and Homma's function with a = 7 and b = 0.1; nobody's luck."""
THIRD_IS_LUCK = {"x0": V1 / V, "x1": V2 / V, "total x1": V2 / V, "process": V13 / V, "interaction": 0}
"""The same with the third variable as the luck of patients: it acts only together with the first."""
WEIGHTS = np.array([1.0, 0.5, 0.2, 2.0])
LINEAR = {f"x{i}": w * w / WEIGHTS.dot(WEIGHTS) for i, w in enumerate(WEIGHTS[:3])} | {"interaction": 0}


def linear(u: Floats) -> Floats:
    values: Floats = ndtri(u) @ WEIGHTS
    return values


CASES = {
    "ishigami": (lambda u: ishigami(u), 3, ISHIGAMI),
    "its third is luck": (ishigami, 2, THIRD_IS_LUCK),
    "linear": (linear, 3, LINEAR),
}


@pytest.mark.parametrize("case", CASES)
def test_known_shares_lie_within_the_errors_as_often_as_they_should(case: str) -> None:
    f, inputs, known = CASES[case]
    repetitions, within = 300, dict.fromkeys(known, 0)
    for seed in range(repetitions):
        found = told(part(f, inputs, 400, seed))
        for name, share in known.items():
            value, se = found[name].share, found[name].se
            assert value is not None
            assert se is not None
            within[name] += abs(value - share) <= 1.96 * se
    for name, hits in within.items():
        assert 0.90 <= hits / repetitions <= 0.99, name


@pytest.mark.parametrize("case", CASES)
def test_the_estimates_are_near_with_a_large_sample(case: str) -> None:
    f, inputs, known = CASES[case]
    found = told(part(f, inputs, 200_000, 1))
    for name, share in known.items():
        assert found[name].share == pytest.approx(share, abs=0.01)
        assert (found[name].se or 0) < 0.01


def test_small_shares_are_more_precise_than_by_the_plain_correlation() -> None:
    """x2 has 0.76% of the variance: the plain correlation of 400 pairs has an error of 1/20."""
    errors = [part(linear, 3, 400, seed).sources["x2"].first.se or 1 for seed in range(5)]
    assert max(errors) < 0.01


def test_shares_with_process_and_interaction_are_the_whole() -> None:
    parts = part(ishigami, 2, 100, 3)
    whole = [*(source.first.share for source in parts.sources.values()), parts.process.share, parts.interaction.share]
    assert sum(share or 0 for share in whole) == pytest.approx(1, abs=1e-12)


def test_the_lead_is_told_with_the_error_of_the_difference() -> None:
    lead = part(linear, 3, 5000, 2).lead
    assert lead is not None
    assert (lead.source, lead.next) == ("x0", "x1")
    assert lead.by.share == pytest.approx(0.75 / WEIGHTS.dot(WEIGHTS), abs=4 * (lead.by.se or 0))
    spread = np.std([(part(linear, 3, 500, seed).lead or lead).by.share for seed in range(200)])
    assert spread == pytest.approx((lead.by.se or 0) * np.sqrt(10), rel=0.2)


def test_without_variance_there_is_nothing_to_share() -> None:
    flat = part(lambda u: np.ones(len(u)), 2, 60, 1)
    assert set(told(flat).values()) == {Share(None, None)}
    assert flat.lead is None


def test_errors_of_batches_see_that_batches_are_alike() -> None:
    """Ten replications that are the same ten times have ten times the variance of their mean."""
    rng = np.random.default_rng(1)
    a, b, luck = (np.repeat(rng.normal(size=400), 10) for _ in range(3))
    plain, batched = (parted(a + luck, b, {"x": a + b}, a + b, batch=batch) for batch in (None, 10))
    assert plain.process.share == batched.process.share
    assert (batched.process.se or 0) / (plain.process.se or 1) == pytest.approx(np.sqrt(10), rel=0.01)


# --- schemes whose variance is known ---------------------------------------------------------------------------------

FLAT = """
fundsim: 1
id: flat
waterfall: [cii]
payers: {cii: {base: {counts: {A: 100%}}, pay: 50%}}
population: {insured: 5000 persons}
claims: CLAIMS
contract: {premium: 1 yuan/person, allowance: 0%, loss_cause: any, tiers: [{insurer: 100%}]}
simulation: {replications: 60, seed: 3}
"""
"""Half of every bill, and the insurer bears all: claims and its result are linear in the bills."""
ANNUAL = """
  basis: in-policy-left
  year: 2017
  persons: {family: at-most-one, mean: 200 per 1000 persons}
  amount: {family: lognormal, mean: 8000 yuan, cv: 1.0}
"""
POOL = """
  basis: admissions
  year: 2017
  admissions: {family: negative-binomial, mean: 200 per 1000 persons, cv: 0.05, mixing: pool}
  care:
    all: {share: 100%, cost: {family: lognormal, mean: 8000 yuan, cv: 1.0}, catalogue: {A: 100%, B: 0%, C: 0%}}
"""
LEVELS = """
uncertainty:
  inputs:
    level: {of: cost, distribution: {family: lognormal, cv: 0.05}}
    use: {of: admissions, distribution: {family: gamma, cv: 0.04}}
"""
LEVEL = "\n".join(LEVELS.splitlines()[:-1]) + "\n"
EVENT = """
events:
  higher:
    year: 1
    probability: 30%
    policy: yes
    change: {payers.cii.pay: {from: 50%, to: 60%}}
"""
HEADS, P, M = 5000, 0.2, 4000.0
MEAN = HEADS * P * M
"""Yuan paid a year; one payment is 4,000 yuan on average, with E[X²] = 2 M²."""


def flat(claims: str = ANNUAL, more: str = "") -> fs.Scenario:
    return fs.scenario.load_text(FLAT.replace("claims: CLAIMS", f"claims:{claims}") + more, "flat.yaml")


def assert_shares(found: fs.Decomposition, variances: dict[str, float]) -> None:
    """Each part of the variance lies within four of its own errors, and errors are small enough to tell parts apart."""
    whole = sum(variances.values())
    for figure in ("claims_paid", "insurer_result", "loss_ratio"):
        parts = found.figures[figure]
        shares = told(parts)
        for name, variance in variances.items():
            value, se = shares[name].share, shares[name].se
            assert value is not None
            assert se is not None
            assert abs(value - variance / whole) <= 4 * se + 1e-6, (figure, name)
            assert se < 0.06, (figure, name)
    assert found.figures["claims_paid"].sd == pytest.approx(np.sqrt(whole), rel=0.1)


def test_a_lognormal_level_and_a_gamma_level_of_use() -> None:
    """Given L and F the claims are a sum over persons with probability pF of an amount LX: all moments are known."""
    found = fs.decompose(flat(more=LEVELS), n=N)
    level, use = 0.05**2, 0.04**2
    assert_shares(
        found,
        {
            "level": MEAN**2 * level,
            "use": MEAN**2 * use,
            "interaction": MEAN**2 * level * use,
            "process": HEADS * (P * 2 * M**2 * (1 + level) - P**2 * M**2 * (1 + level) * (1 + use)),
        },
    )


def test_a_two_point_event() -> None:
    """With probability 0.3 everything paid is 1.2 times as much: p(1 - p)Δ² of the variance, Δ = 0.2 of the mean."""
    found = fs.decompose(flat(more=LEVEL + EVENT), n=N)
    level, event, square = 0.05**2, 0.3 * 0.7 * 0.2**2, 0.7 + 0.3 * 1.2**2
    assert_shares(
        found,
        {
            "level": (1.06 * MEAN) ** 2 * level,
            "higher": MEAN**2 * event,
            "interaction": MEAN**2 * level * event,
            "process": square * (1 + level) * HEADS * (P * 2 * M**2 - P**2 * M**2),
        },
    )
    differing = found.settled - 4 * N
    assert differing / N == pytest.approx(2 * 0.3 * 0.7, abs=0.07)  # the event's sample is settled where it differs


def test_a_pool_that_shares_its_frequency() -> None:
    """Poisson given M and L: mixing is a source of its own, and does not pass for the luck of patients."""
    found = fs.decompose(flat(POOL, LEVEL), n=N)
    assert_shares(
        found,
        {
            "level": MEAN**2 * 0.05**2,
            MIXING: MEAN**2 * 0.05**2,
            "interaction": MEAN**2 * 0.05**4,
            "process": HEADS * P * 2 * M**2 * (1 + 0.05**2),
        },
    )


def test_without_uncertainty_all_is_luck() -> None:
    found = fs.decompose(flat(), n=60)
    assert found.sources == ()
    assert found.settled == 120
    for figure in ("claims_paid", "insurer_result", "loss_ratio"):
        parts = found.figures[figure]
        assert (parts.process, parts.interaction) == (Share(1.0, 0.0), Share(0.0, 0.0))
    assert "Nothing is uncertain" in risk.risk_text(found)


def test_one_source_has_no_interaction_with_others() -> None:
    found = fs.decompose(flat(more=LEVEL), n=60)
    assert found.settled == 180
    assert found.figures["claims_paid"].interaction == Share(0.0, 0.0)


# --- what is settled -------------------------------------------------------------------------------------------------

RICH = (
    ADMISSIONS.replace("cv: 0.8, mixing: person", "cv: 0.05, mixing: group").replace("40 yuan", "60 yuan")
    + """
uncertainty:
  draws: stratified
  inputs:
    level: {of: cost, distribution: {family: lognormal, cv: 0.05}}
    trend: {of: cost-trend, serial: 0.5, distribution: {family: normal, sd: 2pp}, group: growth}
    use: {of: admission-trend, distribution: {family: normal, sd: 1pp}, group: growth}
    away:
      of: mix
      trait: place
      values: [away]
      distribution: {family: discrete, values: [x1, x1.5], probabilities: [80%, 20%]}
events:
  wider:
    title: {zh: 降低起付线, en: lower deductible}
    year: 2
    probability: 30%
    policy: yes
    change: {payers.cii.deductible: {from: 6000 yuan, to: 5000 yuan}}
  late:
    year: 3
    probability: 50%
    policy: no
    change: {payers.cii.cap: {from: 150000 yuan/year, to: 200000 yuan/year}}
"""
)


@pytest.fixture(scope="module")
def job() -> TermJob:
    return TermJob.build([city(RICH)], 7, 2)


def test_another_job_on_all_else_is_a_run_of_later_replications(job: TermJob) -> None:
    samples = Samples.plan(job, 60)
    assert samples.offset == 75
    assert np.array_equal(samples.jobs["b"].run(0, 60), job.run(75, 135))
    assert np.array_equal(samples.jobs["a"].run(0, 60), job.run(0, 60))


def test_each_source_is_that_of_the_first_sample_and_all_else_of_the_second(job: TermJob) -> None:
    samples, numbers = Samples.plan(job, 60), np.arange(60)
    first, second = job.drawn(numbers).values, job.drawn(numbers + 75).values
    only = samples.jobs[samples.frozen["growth"]]
    for name, values in only.drawn(numbers).values.items():
        assert np.array_equal(values, (first if name in ("trend", "use") else second)[name]), name
    happened = samples.jobs[samples.frozen["wider"]].worlds(numbers)[0].state
    assert np.array_equal(happened[:, :, 0], job.worlds(numbers)[0].state[:, :, 0])
    assert np.array_equal(happened[:, :, 1], job.worlds(numbers + 75)[0].state[:, :, 1])


def test_what_is_not_settled_again_is_the_same(job: TermJob) -> None:
    """Whole samples, settled without looking where they differ."""
    samples = Samples.plan(job, 50)
    saving = replace(samples, rows=dict.fromkeys(samples.rows, samples.numbers))
    assert len(samples.rows[samples.frozen["late"]]) == 0  # in force after the term
    assert 0 < len(samples.rows[samples.frozen["wider"]]) < 40
    assert 0 < len(samples.rows[samples.frozen["away"]]) < 40
    ours, whole = samples.settle(1, None), saving.settle(3, None)
    for key, values in whole.items():
        assert np.array_equal(ours[key], values), key


def test_mixing_is_swapped_alone(job: TermJob) -> None:
    """The counts' thresholds are those of other replications, the streams of the persons and of their bills stay."""
    model, numbers = job.base.model, np.arange(20)
    for year in (1, 2):
        swapped = model.draws(job.seed, numbers, Levels(mixing=numbers + 100), year=year)
        ours, theirs = (model.draws(job.seed, each, year=year) for each in (numbers, numbers + 100))
        assert np.array_equal(swapped.thresholds, theirs.thresholds)
        assert not np.array_equal(swapped.thresholds, ours.thresholds)
        assert np.array_equal(swapped.replications, ours.replications)
    assert not np.array_equal(job.swapped({MIXING: 100}, 0).settled(numbers), job.settled(numbers))


# --- what is told ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found() -> fs.Decomposition:
    return fs.decompose(city(RICH), n=75, years=2, workers=2)


def test_the_first_sample_is_that_of_a_run(found: fs.Decomposition, job: TermJob) -> None:
    simulated = fs.simulate(city(RICH), 75, years=2)
    values = Samples.plan(job, 75).settle(2, None)["a"]
    for place, name in enumerate(FIGURES):
        if name != "insurer_loss":
            assert np.array_equal(values[:, place], simulated.values(name)), name
    assert values[:, -1].mean() == simulated.probability("insurer_loss").p


def test_sources_are_those_of_the_file(found: fs.Decomposition) -> None:
    names = {source.name: (source.zh, [member.name for member in source.members]) for source in found.sources}
    assert names == {
        "level": ("费用水平", ["level"]),
        "growth": ("费用趋势误差、住院趋势误差", ["trend", "use"]),
        "away": ("就医结构", ["away"]),
        "wider": ("降低起付线", ["wider"]),
        "late": ("事件", ["late"]),
        MIXING: ("住院率共同波动", [MIXING]),
    }


def test_the_frame_adds_up(found: fs.Decomposition) -> None:
    frame = found.frame()
    assert list(frame.index[-2:]) == ["process", "interaction"]
    for figure in FIGURES:
        assert frame[figure].sum() == pytest.approx(1), figure
        assert frame.loc["process", f"{figure}_total"] == frame.loc["process", figure]
    assert frame.loc["late", "claims_paid"] == pytest.approx(0, abs=1e-12)
    assert np.isnan(frame.loc["growth", "p_loss_low"])  # two inputs: see levels()
    assert list(found.levels().index) == ["level", "trend", "use", "away", "wider", "late", MIXING]
    assert found.levels().loc["wider", "low_share"] == pytest.approx(0.7, abs=0.1)


def test_the_same_decomposition_whoever_settles_it(found: fs.Decomposition) -> None:
    again = fs.decompose(city(RICH), n=75, years=2, workers=1)
    assert again.to_dict() == found.to_dict()


def test_json_is_plain(found: fs.Decomposition) -> None:
    read = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert set(read["figures"]) == set(FIGURES)
    assert set(read["figures"]["claims_paid"]["sources"]) == {source.name for source in found.sources}


def test_the_table_says_every_source_and_the_reading(found: fs.Decomposition) -> None:
    text = risk.risk_text(found)
    for name in ("level", "growth", "wider", MIXING, "process", "interaction", "风险来源", "P(loss) is moved most by"):
        assert name in text
    assert "<table>" in found._repr_html_()
    assert "75 replications" in repr(found)


def test_the_bars_are_the_shares(found: fs.Decomposition) -> None:
    ax = found.plot()
    for container, figure in zip([c for c in ax.containers if hasattr(c, "patches")], risk.SHOWN, strict=True):
        drawn = sorted(bar.get_width() for bar in container.patches)
        assert drawn == pytest.approx(sorted(100 * found.frame()[figure]))
    ax.figure.canvas.draw()  # type: ignore[attr-defined]
    assert ax.get_yticklabels()[-2].get_text().startswith("luck of patients")


def test_few_replications_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 50"):
        fs.decompose(flat(), n=49)


def test_the_command(tmp_path: Path) -> None:
    file, picture = tmp_path / "flat.yaml", tmp_path / "risk.png"
    file.write_text(FLAT.replace("claims: CLAIMS", f"claims:{ANNUAL}") + LEVEL, encoding="utf-8")
    done = CliRunner().invoke(main, ["risk", str(file), "-n", "50", "--json", "--figure", str(picture)])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["replications"], said["years"]) == (50, 1)
    assert picture.read_bytes().startswith(b"\x89PNG")
    shown = CliRunner().invoke(main, ["risk", str(file), "-n", "50", "--seed", "5"])
    assert "seed 5" in shown.stdout


# --- a loss where an input was drawn low, and high -------------------------------------------------------------------

MEMBER = Member("x", "input", "某", "x")


def test_thirds_of_an_input() -> None:
    level = np.arange(90.0)[::-1]
    thirds = thirds_of("x", MEMBER, level, level >= 45)
    assert (thirds.low.p, thirds.high.p) == (0, 1)
    assert (thirds.low_share, thirds.high_share) == pytest.approx((1 / 3, 1 / 3))
    assert thirds.low.hi == pytest.approx(1.96**2 / (30 + 1.96**2), rel=1e-3)  # Wilson with none of 30


def test_an_event_is_absent_or_in_force() -> None:
    happened = np.repeat([0.0, 1.0], [80, 20])
    thirds = thirds_of("x", MEMBER, happened, happened > 0)
    assert (thirds.low.p, thirds.high.p) == (0, 1)
    assert (thirds.low_share, thirds.high_share) == (0.8, 0.2)
    often = thirds_of("x", MEMBER, 1 - happened, happened > 0)
    assert (often.low.p, often.high.p, often.low_share) == (1, 0, 0.2)


def test_what_never_varies_has_no_thirds_to_tell_apart() -> None:
    thirds = thirds_of("x", MEMBER, np.ones(10), np.arange(10) < 3)
    assert thirds.low == thirds.high
    assert thirds.low_share == 1
