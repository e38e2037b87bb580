"""Who can matter: leaving people out by floors, or by what their bills add up to, loses nobody and not a fen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cities import ANNUAL, city
from conftest import SCENARIOS
from fundsim.benefits.compiled import compile_plans
from fundsim.benefits.payer import Payer
from fundsim.benefits.relevance import ADMISSIONS, bars, least_deductible, reach, unpaid
from fundsim.benefits.schedule import Plan, Traits, compile_plan
from fundsim.benefits.settlement import Bill, settle_person
from fundsim.blocks import BlockJob
from fundsim.claims import ClaimsModel, Levels
from fundsim.kernels import ALL_GROSS, ALL_LEFT, ALL_PAYABLE
from fundsim.money import PPM, half_up
from fundsim.scenario import Scenario

WORD = 2**32
Ints = npt.NDArray[np.int64]


def words(job: BlockJob) -> npt.NDArray[np.uint64]:
    """(g, c, k) the high word of the cost below which an admission among k cannot be paid."""
    return bars(job.model, job.unpaid.gross, job.model.draws(1, np.arange(1)))[0].swapaxes(1, 2)


def without_bounds(job: BlockJob) -> BlockJob:
    """The same where any admission may matter, and any person."""
    gross, lowest = np.zeros_like(job.unpaid.gross), np.full_like(job.unpaid.lowest, -1)
    return replace(job, unpaid=replace(job.unpaid, gross=gross, lowest=lowest))


def assert_nobody_is_lost(job: BlockJob, replications: int = 1) -> None:
    """The same bits without bars; and, but for the cost of all and its months, when everybody is settled."""
    before_months = job.columns.months.start
    found = job.run(0, replications)[..., :before_months]
    unbounded = without_bounds(job).run(0, replications)[..., :before_months]
    assert found.tolist() == unbounded.tolist()
    everybody = replace(job, everyone=True).run(0, replications)[..., :before_months]
    everybody[..., [ALL_GROSS, ALL_PAYABLE, ALL_LEFT]] = 0
    assert found.tolist() == everybody.tolist()


def smaller(job: BlockJob, insured: int) -> BlockJob:
    """The same for about so many people, at least one of each group."""
    population = job.model.population
    few = [max(group.persons * insured // population.insured, 1) for group in population.groups]
    groups = tuple(replace(group, persons=persons) for group, persons in zip(population.groups, few, strict=True))
    return replace(job, model=replace(job.model, population=replace(population, groups=groups)))


# --- shipped schemes -------------------------------------------------------------------------------------------------

MANY = 150_000
NAMES = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


@pytest.fixture(scope="module")
def jobs(shipped: dict[str, Scenario]) -> dict[str, BlockJob]:
    schemes = {name: [shipped[name], *(design for _, design in shipped[name].designs)] for name in NAMES}
    return {name: smaller(BlockJob.build(schemes[name], seed=1), MANY) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_floors_lose_nobody_of_a_shipped_scheme(jobs: dict[str, BlockJob], name: str) -> None:
    assert_nobody_is_lost(jobs[name])
    assert jobs[name].run(0, 1)[..., 1].any()


def below_floors(job: BlockJob, group: int = 0) -> float:
    """Part of all admissions that lie below the floor for the number of their person."""
    model = job.model
    k = np.arange(1, ADMISSIONS + 1)
    weight = k * model.frequency.pmf(k, model.population.groups[group].admissions * model.frequency_factor)
    shares = np.array([cell.probability for cell in model.cells])
    part = (shares[:, None] * words(job)[group].astype(float) / WORD).sum(axis=0)
    return float(
        (weight * part).sum() / model.frequency.mean(model.population.groups[group].admissions * model.frequency_factor)
    )


def test_nine_in_ten_admissions_in_qinzhou_lie_below_the_floors(jobs: dict[str, BlockJob]) -> None:
    assert below_floors(jobs["qinzhou-2017"]) > 0.9


def test_floors_a_fifth_higher_would_lose_money(jobs: dict[str, BlockJob]) -> None:
    """The comparison can fail: the floors of Qinzhou are where they have to be."""
    job = jobs["qinzhou-2017"]
    right = job.run(0, 1)[0, 0, :, :2].sum(axis=0)
    wrong = replace(job, unpaid=replace(job.unpaid, gross=job.unpaid.gross * 6 // 5)).run(0, 1)[0, 0, :, :2].sum(axis=0)
    assert (wrong < right).all()


def test_floors_fall_with_the_number_of_admissions(jobs: dict[str, BlockJob]) -> None:
    for job in jobs.values():
        assert (np.diff(job.unpaid.gross, axis=0) <= 0).all()
        assert (np.diff(words(job).astype(np.int64), axis=-1) <= 0).all()


# --- stated floors: who is drawn --------------------------------------------------------------------------------------

RELEVANT_ALONE = {
    "beijing-2019",
    "binhai-2019",
    "henan-2015",
    "luan-jinan-2016",
    "notice-2016-province",
    "province-2014",
    "province-2014-term",
    "qinzhou-2017",
    "qinzhou-2017-behaviour",
    "qinzhou-2017-term",
    "qinzhou-2017-trend-15",
    "qinzhou-2017-trend-5",
    "quzhou-2019",
    "shandong-2017",
    "tianjin-2014",
    "guangxi-pilot-2013",
}
"""Schemes that the floors of their claims serve; the others fall back to drawing everybody."""


def test_shipped_schemes_draw_the_relevant_alone_where_their_floors_allow_it(shipped: dict[str, Scenario]) -> None:
    paths = {name: BlockJob.build([shipped[name]], seed=1).path["path"] for name in NAMES}
    assert {name for name, path in paths.items() if path == "relevant"} == RELEVANT_ALONE


@pytest.mark.parametrize("name", ["qinzhou-2017", "quzhou-2019", "shandong-2017"])
def test_drawing_the_relevant_alone_gives_the_same_fen(shipped: dict[str, Scenario], name: str) -> None:
    job = smaller(BlockJob.build([shipped[name]], seed=1), MANY)
    assert job.path["path"] == "relevant"
    assert_nobody_is_lost(job, replications=2)


def too_high_floors(factor: float) -> Scenario:
    """The small city with floors at ``factor`` times what its scheme allows."""
    allowed = BlockJob.build([city()], seed=1)
    groups = city().document["population"]["groups"]
    groups["poor"]["floor"] = "x0.5"
    floors: dict[str, list[str]] = {}
    for level in ("county", "tertiary"):
        cells = [c for c, cell in enumerate(allowed.model.cells) if cell.level == level]
        lowest = (allowed.unpaid.gross[:, :, cells] / np.array([1.0, 0.5])[:, None]).min(axis=(1, 2))
        floors[level] = [f"{int(floor * factor) // 100} yuan" for floor in lowest]
    return city(claims__floor=floors, population__groups=groups)


def test_floors_as_high_as_the_scheme_allows_are_taken_and_a_little_higher_ones_are_caught() -> None:
    right, wrong = (BlockJob.build([too_high_floors(factor)], seed=1) for factor in (1.0, 1.02))
    assert right.path["path"] == "relevant"
    assert wrong.path["path"] == "full"
    assert "below the stated floor of" in wrong.path["why"]
    for job in (right, wrong):
        assert_nobody_is_lost(job, replications=3)


def test_without_the_check_floors_that_are_too_high_would_lose_money(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can fail: the check is what sends such a run down the full path."""
    job = BlockJob.build([too_high_floors(1.5)], seed=1)
    full = job.run(0, 3)[..., :2]
    monkeypatch.setattr("fundsim.blocks.too_high", lambda *_: None)
    short = job.run(0, 3)[..., :2]
    assert job.path["path"] == "relevant"
    assert (short <= full).all()
    assert (short.sum(axis=(1, 2)) < full.sum(axis=(1, 2))).all()


def test_a_design_with_a_lower_deductible_takes_the_full_path_and_moves_nobody() -> None:
    scheme = too_high_floors(1.0)
    alone = BlockJob.build([scheme], seed=1)
    both = BlockJob.build([scheme, scheme.replace({"payers.cii.deductible": "3000 yuan"})], seed=1)
    assert (alone.path["path"], both.path["path"]) == ("relevant", "full")
    assert np.array_equal(alone.run(0, 4)[0], both.run(0, 4)[0])


def test_a_catalogue_that_is_drawn_is_checked_by_the_block_that_draws_it() -> None:
    """With more of a bill counting, floors may be too high in some replications: these draw everybody."""
    job = BlockJob.build([too_high_floors(1.0)], seed=1)
    splits = np.repeat(job.model.splits[None], 2, axis=0)
    splits[1] = 0  # class A throughout: basic insurance pays more, CII counts all
    drawn = Levels(splits=splits)
    found = job.settle(np.arange(2), drawn)
    everybody = replace(job, everyone=True).settle(np.arange(2), drawn)
    everybody[..., [ALL_GROSS, ALL_PAYABLE, ALL_LEFT]] = 0
    assert np.array_equal(found, everybody[..., : found.shape[-1]])


def test_replications_with_levels_of_their_own_draw_the_relevant_of_their_level() -> None:
    """Where bills are dearer, more are relevant; nobody is lost at any level, nor where admissions are drawn."""
    job = BlockJob.build([too_high_floors(1.0)], seed=1)
    cost = np.array([0.5, 1.0, 2.0])[:, None, None] * np.ones((3, 1, len(job.model.cells)))
    levels = Levels(cost=cost, admissions=np.array([[1.2], [1.0], [0.8]]))
    numbers = job.model.draws(1, np.arange(3), levels).numbers[0]
    assert (np.diff(numbers[:, 0]) > 0).all()
    found = job.settle(np.arange(3), levels)
    everybody = replace(job, everyone=True).settle(np.arange(3), levels)
    everybody[..., [ALL_GROSS, ALL_PAYABLE, ALL_LEFT]] = 0
    assert np.array_equal(found, everybody[..., : found.shape[-1]])


# --- at the floor itself ---------------------------------------------------------------------------------------------


def bill_at(job: BlockJob, plan: Plan, g: int, c: int, cost: float) -> Bill:
    group, cell = job.model.population.groups[g], job.model.cells[c]
    case = plan.traits.number({t: v for t, v in {**group.traits, **cell.traits}.items() if t in plan.traits.values})
    amount = int(cost * job.model.group_factors[g] + 0.5)
    b, bc, bcx = (half_up(amount * split, PPM) for split in cell.splits)
    return Bill(case, (amount - bcx, b, bc - b), excluded=bcx - bc)


def dearest_below(job: BlockJob, g: int, c: int, k: int) -> float:
    """The cost of the last draw below a floor, yuan."""
    r = np.array([((int(words(job)[g, c, k - 1]) - 1) << 32) | (WORD - 1)], dtype=np.uint64)
    return float(job.model.tables[job.model.cells[c].severity].evaluate(r)[0])


@pytest.mark.parametrize("name", ["qinzhou-2017", "province-2014"])
def test_the_dearest_admissions_below_the_floors_are_paid_nothing(
    jobs: dict[str, BlockJob], shipped: dict[str, Scenario], name: str
) -> None:
    """As many of them as the floor allows for, all at one level of care or each at another."""
    job, plan = jobs[name], shipped[name].plan
    for g in range(len(job.model.population.groups)):
        for k in range(1, ADMISSIONS + 1):
            below = [c for c in range(len(job.model.cells)) if words(job)[g, c, k - 1] > 0]
            dearest = {c: bill_at(job, plan, g, c, dearest_below(job, g, c, k)) for c in below}
            persons = [[dearest[c]] * k for c in below] + [[dearest[c] for c in np.resize(below, k).tolist()]]
            for bills in persons:
                assert sum(statement.paid("cii") for statement in settle_person(plan, bills)) == 0


def test_floors_are_close_five_in_a_hundred_above_them_something_is_paid(
    jobs: dict[str, BlockJob], shipped: dict[str, Scenario]
) -> None:
    job, plan = jobs["qinzhou-2017"], shipped["qinzhou-2017"].plan
    for g, c in np.ndindex(*job.cases.shape):
        bill = bill_at(job, plan, g, c, 1.05 * dearest_below(job, g, c, 1))
        assert settle_person(plan, [bill])[0].paid("cii") > 0


@pytest.mark.parametrize("name", ["qinzhou-2017", "province-2014"])
def test_no_admission_counts_for_more_than_its_reach(
    jobs: dict[str, BlockJob], shipped: dict[str, Scenario], name: str
) -> None:
    """Random costs, many of them dear: what counts for CII by the readable settlement against its bound."""
    job, plan = jobs[name], shipped[name].plan
    bounds = reach(job.model, job.unpaid, job.model.draws(1, np.arange(1)))[0]
    rng, close = np.random.default_rng(3), 0
    for g, c in np.ndindex(*job.cases.shape):
        for survival in np.concatenate([rng.random(20), 2.0 ** -rng.uniform(1, 30, 60)]):
            word = WORD - 1 - int(survival * WORD)
            step = int(np.float64(2 * (WORD - 1 - word) + 1).view(np.int64) >> 49) - (1023 << 3)
            r = np.array([(word << 32) | int(rng.integers(WORD))], dtype=np.uint64)
            cost = float(job.model.tables[job.model.cells[c].severity].evaluate(r)[0])
            (statement,) = settle_person(plan, [bill_at(job, plan, g, c, cost)])
            base = next((line.base for line in statement.lines if line.payer == plan.primary), 0)
            assert base <= bounds[g, c, step]
            close += base > 0.8 * bounds[g, c, step]
    assert close > 100, "the bound says little"


# --- any scheme ------------------------------------------------------------------------------------------------------

TRAITS = Traits({"hardship": ("none", "poor"), "place": ("home", "away"), "care": ("ward", "clinic")})
TOWN = """
fundsim: 1
id: town
traits: {hardship: [none, poor], place: [home, away], care: [ward, clinic]}
waterfall: [cii]
payers: {cii: {base: {counts: {A: 100%, B: 100%, C: 100%}}, pay: 50%, variants: [{when: {care: clinic}, pay: 60%}]}}
population:
  insured: 12000 persons
  groups: {ordinary: {}, poor: {share: 20%, traits: {hardship: poor}, cost: x0.8}}
claims:
  basis: admissions
  year: 2017
  admissions: {family: poisson, mean: 1.2 per person}
  care:
    ward:
      share: 60%
      cost: {family: lognormal, mean: 15000 yuan, cv: 1}
      catalogue: {A: 50%, B: 30%, C: 15%, excluded: 5%}
      traits: {place: {home: 60%, away: 40%}}
    clinic:
      share: 40%
      cost: {family: lognormal, mean: 3000 yuan, cv: 0.7}
      catalogue: {A: 70%, B: 20%, C: 10%}
      traits: {place: home}
contract: {premium: 33 yuan/person, allowance: 5%, loss_cause: any, tiers: [{insurer: 100%}]}
"""

rates = st.sampled_from([500_000, 300_000, 850_000, PPM, 0])
deductibles = st.sampled_from([200_000, 600_000, 30_000, 1_500_000, 4_000_000, 1, 0])
caps = st.sampled_from([500_000, 100_000, 1_000_000, 4_000_000])
conditions = st.sampled_from(
    [
        {"place": "home"},
        {"place": "away"},
        {"hardship": "poor"},
        {"care": "ward"},
        {"hardship": "none", "care": "clinic"},
    ]
)


@st.composite
def variants(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for when in draw(
        st.sampled_from([0, 0, 1, 2]).flatmap(lambda n: st.lists(conditions, min_size=n, max_size=n, unique_by=str))
    ):
        change = draw(st.sampled_from(["deductible", "pay", "cap"]))
        value = draw({"deductible": deductibles, "pay": rates, "cap": caps}[change])
        found.append({"when": when, "overrides": "earlier", change: value})
    return found


def counts(*choices: dict[str, int]) -> st.SearchStrategy[dict[str, int]]:
    """Some likely ways to count a bill, and any other."""
    return st.sampled_from(choices) | st.fixed_dictionaries(dict.fromkeys("ABC", rates))


@st.composite
def earlier_payers(draw: st.DrawFn, names: Sequence[str]) -> dict[str, Any]:
    """Payers before CII, mostly admission by admission, generous, and with a cap that a dear bill uses up."""
    return {
        name: {
            "base": {
                "counts": draw(counts({"A": PPM, "B": 850_000}, {"A": 500_000})),
                "less": [f"paid by {other}" for other in names[:place]],
            },
            "only": draw(st.sampled_from([[], [], [{"hardship": "poor"}], [{"care": "ward"}]])) if place else [],
            "accumulate": draw(st.sampled_from(["admission", "admission", "year"])),
            "deductible": draw(st.sampled_from([30_000, 0, 200_000])),
            "pay": draw(st.sampled_from([850_000, 950_000, PPM, 600_000])),
            "cap": draw(caps | st.none()),
            "variants": draw(variants()),
        }
        for place, name in enumerate(names)
    }


@st.composite
def cii_payers(draw: st.DrawFn, earlier: Sequence[str], *, only: bool) -> dict[str, Any]:
    less = [f"{what} {name}" for what in ("paid by", "deductible of") for name in earlier]
    return {
        "base": {
            "counts": draw(counts({"A": PPM, "B": 850_000, "C": 700_000})),
            "less": draw(st.sampled_from([less, less[: len(earlier)], []])),
        },
        "only": [draw(conditions)] if only else [],
        "accumulate": draw(st.sampled_from(["year", "year", "admission"])),
        "deductible": draw(deductibles),
        "pay": draw(rates),
        "cap": draw(st.none() | caps),
        "variants": draw(variants()),
    }


def compiled(waterfall: Mapping[str, Mapping[str, Any]], *, cumulative: bool = False) -> Plan:
    terms = {name: Payer.model_validate(payer) for name, payer in waterfall.items()}
    return compile_plan(list(terms), terms, TRAITS, cumulative_rounding=cumulative)[0]


@pytest.fixture(scope="module")
def settled_by() -> Callable[[Sequence[Plan]], BlockJob]:
    """One town of people, drawn by one model, for any designs."""
    job = BlockJob.build([city(TOWN)], seed=1)

    def build(plans: Sequence[Plan]) -> BlockJob:
        together = compile_plans(plans)
        edges = np.full((len(plans), 1), 1_000_000)
        return replace(
            job,
            plans=together,
            unpaid=unpaid(job.model, together, job.cases, job.model.splits[None]),
            edges=edges,
        )

    return build


SAME_BASIC = "the covered payer alone differs between designs, and covers every class"
ONLY = "a payer covers some classes only"
BASIC_TOO = "designs differ from the first payer on"


AID = {"base": {"counts": {"A": PPM}, "less": ["paid by cii"]}, "only": [{"hardship": "poor"}], "pay": 400_000}


@pytest.mark.parametrize("what", [SAME_BASIC, ONLY, BASIC_TOO])
@given(data=st.data())
def test_floors_lose_nobody_of_any_scheme(
    settled_by: Callable[[Sequence[Plan]], BlockJob], what: str, data: st.DataObject
) -> None:
    """Basic insurance with and without caps, by admission and by year; one to four payers; one to three designs."""
    draw = data.draw
    before = draw(st.sampled_from([["basic"], ["basic"], ["basic", "mutual"], []]), label="before")
    after = draw(st.sampled_from([{}, {"aid": AID}]), label="after")
    cumulative = draw(st.booleans(), label="cumulative rounding")
    first, designs = draw(earlier_payers(before)), []
    for _ in range(draw(st.sampled_from([1, 1, 2, 3] if what != BASIC_TOO else [2, 3]), label="designs")):
        change = draw(st.sampled_from([{"pay": 700_000}, {"deductible": 50_000}, {"cap": 300_000}]))
        earlier = {name: terms | change for name, terms in first.items()} if what == BASIC_TOO and designs else first
        cii = draw(cii_payers(before, only=what == ONLY), label="cii")
        designs.append(compiled({**earlier, "cii": cii, **after}, cumulative=cumulative))
    assert_nobody_is_lost(settled_by(designs))


A_ALONE = {"counts": {"A": PPM}}
LEFT = {"counts": {"A": PPM, "B": PPM, "C": PPM}, "less": ["paid by basic"]}


def test_a_bill_that_cii_does_not_cover_can_use_up_the_cap_of_basic_insurance(
    settled_by: Callable[[Sequence[Plan]], BlockJob],
) -> None:
    """With the cap used up away from home, small bills at home are left whole, and CII pays them."""
    basic = {"base": LEFT | {"less": []}, "accumulate": "admission", "pay": "90%", "cap": "10000 yuan"}
    cii = {"base": LEFT, "only": [{"place": "home"}], "deductible": "2000 yuan", "pay": "50%"}
    assert_nobody_is_lost(settled_by([compiled({"basic": basic, "cii": cii})]))


def test_designs_with_different_basic_insurance_count_what_only_cii_counts(
    settled_by: Callable[[Sequence[Plan]], BlockJob],
) -> None:
    """What basic insurance counts of a bill says nothing of what CII counts of it."""
    cii = {"base": LEFT, "deductible": "6000 yuan", "pay": "50%"}
    designs = [
        compiled({"basic": {"base": A_ALONE, "deductible": "1000 yuan", "pay": pay}, "cii": cii})
        for pay in ("60%", "70%")
    ]
    assert_nobody_is_lost(settled_by(designs))


@pytest.mark.parametrize("deductible", ["none", "0.01 yuan", "100 yuan", "6000 yuan", "30000 yuan", "30 million yuan"])
def test_floors_lose_nobody_whatever_the_deductible(
    settled_by: Callable[[Sequence[Plan]], BlockJob], deductible: str
) -> None:
    basic = {"base": A_ALONE, "accumulate": "admission", "deductible": "300 yuan", "pay": "70%", "cap": "20000 yuan"}
    cii = {"base": LEFT, "deductible": deductible, "pay": "50%"}
    assert_nobody_is_lost(settled_by([compiled({"basic": basic, "cii": cii})]))


@pytest.mark.parametrize("deductible", ["none", "0.01 yuan", "6000 yuan", "50000 yuan"])
def test_floors_lose_nobody_on_the_annual_basis(deductible: str) -> None:
    basic = {"base": {"counts": {"A": "100%"}}, "pay": "60%", "cap": "100 yuan"}
    scenario = city(ANNUAL, waterfall=["basic", "cii"], payers__basic=basic, payers__cii__deductible=deductible)
    job = BlockJob.build([scenario, scenario.replace({"payers.cii.deductible": "7000 yuan"})], seed=1)
    assert_nobody_is_lost(job, replications=3)


def test_floors_lose_nobody_among_bills_beyond_anything_real() -> None:
    """Bills of 30 million yuan beside a deductible of 22 million can be written, and are settled as written."""
    dear = {"family": "lognormal", "mean": "30 million yuan", "cv": "1"}
    scenario = city(ANNUAL, claims__amount=dear, payers__cii__deductible="22 million yuan")
    assert_nobody_is_lost(BlockJob.build([scenario], seed=1))


# --- the bounds themselves -------------------------------------------------------------------------------------------


def test_without_a_deductible_there_are_no_floors(settled_by: Callable[[Sequence[Plan]], BlockJob]) -> None:
    cii = {"base": {"counts": {"A": PPM, "C": PPM}}, "deductible": "none", "pay": "50%"}
    assert not settled_by([compiled({"cii": cii})]).unpaid.gross.any()


def test_classes_that_cii_covers_in_no_design_never_matter_by_themselves(
    settled_by: Callable[[Sequence[Plan]], BlockJob],
) -> None:
    cii = {"base": {"counts": {"A": PPM}}, "only": [{"place": "home"}], "deductible": "1000 yuan", "pay": "50%"}
    job = settled_by([compiled({"cii": cii})])
    away = [cell.traits["place"] == "away" for cell in job.model.cells]
    assert (words(job)[:, away] == WORD).all()
    assert (words(job)[:, np.logical_not(away)] < WORD).all()


def test_the_lowest_deductible_of_any_design_decides() -> None:
    poor = {"when": {"hardship": "poor"}, "deductible": "3000 yuan"}
    cii = {"base": A_ALONE, "pay": "50%", "variants": [poor]}
    plans = [compiled({"cii": {**cii, "deductible": deductible}}) for deductible in ("8000 yuan", "6000 yuan")]
    expected = [300_000 if case["hardship"] == "poor" else 600_000 for case in TRAITS.classes()]
    assert least_deductible(compile_plans(plans)).tolist() == expected


def test_a_cheaper_group_has_higher_floors(settled_by: Callable[[Sequence[Plan]], BlockJob]) -> None:
    cii = {"base": A_ALONE, "deductible": "6000 yuan", "pay": "50%"}
    job = settled_by([compiled({"cii": cii})])
    assert [group.cost for group in job.model.population.groups] == [1.0, 0.8]
    assert (words(job)[1] > words(job)[0]).all()


def test_floors_need_only_the_model_the_plans_and_the_cases() -> None:
    scenario = city(TOWN)
    model = ClaimsModel.build(scenario.terms.claims, scenario.population)
    job = BlockJob.build([scenario], seed=1)
    found = unpaid(model, compile_plans([scenario.plan]), job.cases, model.splits[None])
    assert np.array_equal(found.gross, job.unpaid.gross)


def test_nobody_is_lost_where_several_payers_are_covered() -> None:
    second = {
        "base": {"counts": {"A": "100%", "B": "100%"}, "less": ["paid by basic", "paid by cii"]},
        "deductible": "4000 yuan",
        "pay": "50%",
    }
    above = {"base": {"adds": ["cut by cap of basic"]}, "pay": "70%"}
    changes: dict[str, Any] = {
        "waterfall": ["basic", "above-cap", "cii", "second"],
        "payers.above-cap": above,
        "payers.second": second,
        "payers.basic.cap": "20000 yuan/year",
        "contract.covers": ["cii", "above-cap", "second"],
    }
    for dropped in ("none", "above-cap"):
        kept = {path: value for path, value in changes.items() if dropped not in path}
        for path in ("waterfall", "contract.covers"):
            kept[path] = [name for name in changes[path] if name != dropped]
        scenario = city().replace(kept)
        job = BlockJob.build([scenario], seed=1)
        assert job.unpaid.gross.any() == (dropped == "above-cap"), "without a deductible, everybody can matter"
        assert_nobody_is_lost(job)
        alone = BlockJob.build([scenario.replace({"contract.covers": ["cii"]})], seed=1).run(0, 1)
        assert job.run(0, 1)[..., 1].sum() > alone[..., 1].sum(), "the other covered payers pay nobody else"
