"""Claims against a twin in plain Python: every draw replayed by its key, every bill settled by the readable engine.

The twin shares nothing with the compiled kernel: counts, admissions and costs are drawn by numpy from the keys, bills
are split and ordered here, and :func:`settle_person` says who pays. Everything the kernel adds up must come out the
same, to the fen.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pydantic import TypeAdapter, ValidationError
from scipy import stats

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, city
from fundsim import kernels, streams
from fundsim.benefits.schedule import Plan
from fundsim.benefits.settlement import Bill, Statement, settle_person
from fundsim.blocks import PAYMENT_EDGES, BlockJob
from fundsim.claims import SEASON_CELLS, AdmissionClaims, ClaimsModel, ClaimsTerms, Trend, _season
from fundsim.money import PPM, half_up
from fundsim.population import InsuredGroup, Population, PopulationTerms
from fundsim.scenario import Scenario

WORD = 2**32
DAYS = 365
Ints = npt.NDArray[np.int64]

# --- the twin: what is drawn -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """The admissions of one group in one replication, one a place; persons without any are absent."""

    persons: Ints
    cells: Ints
    yuan: npt.NDArray[np.float64]
    """Cost by the cost family, before trend and group."""
    days: Ints
    counts: Ints
    """Admissions of each person of the group, zeros included."""


def words(key: tuple[int, int], *counter: npt.NDArray[np.integer[Any]] | int) -> npt.NDArray[np.uint64]:
    """(4, n) the words of a stream at some counters."""
    full = [np.asarray(part, dtype=np.uint64) for part in (*counter, *[0] * (4 - len(counter)))]
    return np.stack(np.broadcast_arrays(*streams.philox(key, tuple(np.broadcast_arrays(*full)))))  # type: ignore[arg-type]


def chosen(word: npt.NDArray[np.uint64], weights: Sequence[float]) -> Ints:
    """Which of several things a uniform 32-bit word means, in proportion to their weights."""
    edges = [round(below / sum(weights) * WORD) for below in accumulate(weights)][:-1]
    return np.searchsorted(np.array(edges, dtype=np.uint64), word, side="right").astype(np.int64)


@dataclass(frozen=True)
class Law:
    """What is known of the persons of a group in a replication before any of them is drawn."""

    pmf: list[float]
    """Of the number of admissions."""
    floors: list[list[int]]
    """[k - 1][cell]: the high word of the cost from which an admission among k is at or above its floor."""
    shares: list[float]
    """Of the cells."""

    @classmethod
    def of(cls, model: ClaimsModel, seed: int, group: InsuredGroup, replication: int) -> Law:
        level = 1.0
        if model.frequency.shared_by() is not None:
            shared = group.name if model.frequency.shared_by() == "group" else ""
            level = float(model.frequency.level(streams.uniforms(seed, "mixing", shared, np.array([replication])))[0])
        thresholds = model.frequency.count_thresholds(level * (group.admissions * model.frequency_factor)).tolist()
        factor = group.cost * model.cost_factor * 100
        floors = []
        for by_cell in model.floors:
            bills = [int(floor * group.floor) / factor * (1 - 1e-6) for floor in by_cell]
            families = [model.severities[cell.severity] for cell in model.cells]
            below = [float(family.cdf(bill)) for family, bill in zip(families, bills, strict=True)]
            floors.append([max(int(part * WORD) - 1, 0) for part in below])
        pmf = [(high - low) / WORD for low, high in pairwise([0, *thresholds])]
        return cls(pmf, floors, [cell.probability for cell in model.cells])

    def below(self, k: int) -> list[int]:
        """Of each cell, the high words below its floor, for a person with k admissions."""
        return self.floors[k - 1] if k <= len(self.floors) else [0] * len(self.shares)

    def hit(self, k: int) -> float:
        """The probability that one of k admissions lies at or above its floor."""
        return (
            1.0
            if k > len(self.floors)
            else sum(share * (1 - floor / WORD) for share, floor in zip(self.shares, self.below(k), strict=True))
        )

    def relevant(self, k: int) -> float:
        return 1 - (1 - self.hit(k)) ** k


def draw(model: ClaimsModel, seed: int, group: InsuredGroup, replication: int) -> Drawn:
    """Two streams of persons. Each admission has a counter of its own: (person, replication, admission)."""
    law = Law.of(model, seed, group, replication)
    k = range(len(law.pmf))
    weights = [
        [law.pmf[n] * law.relevant(n) if n else 0.0 for n in k],
        [law.pmf[n] * (1 - law.relevant(n)) if n else 0.0 for n in k],
    ]
    left, parts = group.persons, []
    for number, (stream, weight) in enumerate(zip(("relevant", "rest"), weights, strict=True)):
        among = 1.0 if number == 0 else 1 - sum(weights[0])
        u = float(streams.uniforms(seed, "persons", group.name, np.array([replication]), number)[0])
        persons = int(stats.binom.ppf(u, left, min(sum(weight) / among, 1.0))) if sum(weight) else 0
        left -= persons
        parts.append(draw_stream(model, seed, group, replication, law, stream, weight, persons))
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    counts = np.concatenate([joined[4], np.zeros(left, dtype=np.int64)])
    first_of_rest = len(parts[0][4])
    joined[0][len(parts[0][0]) :] += first_of_rest
    return Drawn(joined[0], joined[1], joined[2], joined[3], counts)


def draw_stream(
    model: ClaimsModel, seed: int, group: InsuredGroup, replication: int, law: Law, stream: str, weight: list[float],
    n: int,
) -> tuple[Ints, Ints, npt.NDArray[np.float64], Ints, Ints]:  # fmt: skip
    """Persons, cells, costs and days of all admissions of a stream, person by person; and the counts of its persons."""
    key = streams.key(seed, stream, group.name)
    counts = chosen(words(key, np.arange(n), replication)[0], weight) if n else np.zeros(0, dtype=np.int64)
    found = []
    for k in np.unique(counts).tolist():
        persons = np.flatnonzero(counts == k)
        first = np.zeros(len(persons), dtype=np.int64)
        if k > 1:
            q = law.hit(k)
            geometric = [q * (1 - q) ** i for i in range(k)]
            first = (
                chosen(words(key, persons, replication, 1)[0], geometric) if q < 1 and stream == "relevant" else first
            )
        for j in range(k):
            for known, of in (("below", j < first), ("above", j == first), ("any", j > first)):
                known = "below" if stream == "rest" else known
                found += [admission(model, law, key, replication, k, j, known, persons[of])] if of.any() else []
    columns = [np.concatenate(column) for column in zip(*found, strict=True)] if found else [np.zeros(0)] * 5
    order = np.lexsort((columns[1], columns[0]))
    persons, _, cells, yuan, days = (column[order] for column in columns)
    return persons.astype(np.int64), cells.astype(np.int64), yuan.astype(float), days.astype(np.int64), counts


def admission(
    model: ClaimsModel, law: Law, key: tuple[int, int], replication: int, k: int, j: int, known: str, persons: Ints
) -> tuple[npt.NDArray[Any], ...]:
    """Admission ``j`` of ``k`` of some persons, on one side of its floor, or on any."""
    _, which, high, low = words(key, persons, replication, j)
    floors = law.below(k)
    part = {"any": WORD, "below": 0, "above": WORD}[known]
    side = -1 if known == "above" else 1 if known == "below" else 0
    widths = [part + side * floor for floor in floors]
    cells = chosen(which, [share * width / WORD for share, width in zip(law.shares, widths, strict=True)])
    width = np.array(widths, dtype=np.uint64)[cells]
    offset = np.array(floors if known == "above" else [0] * len(floors), dtype=np.uint64)[cells]
    r = (offset << np.uint64(32)) + high * width + ((low * width) >> np.uint64(32))
    by_family = np.stack([table.evaluate(r) for table in model.tables])
    severity = np.array([cell.severity for cell in model.cells])[cells]
    day = words(key, persons, replication, j // 4, 1)[j % 4]
    days = ((day * np.uint64(DAYS)) >> np.uint64(32)).astype(np.int64)
    return persons, np.full(len(persons), j), cells, by_family[severity, np.arange(len(r))], days


# --- the twin: bills, settlement, sums -------------------------------------------------------------------------------


def make_bill(scenario: Scenario, model: ClaimsModel, group: InsuredGroup, cell_number: int, yuan: float) -> Bill:
    """A gross amount, rounded half up to the fen and split by cumulative rounding, so that the parts add up to it."""
    cell = model.cells[cell_number]
    known = scenario.plan.traits.values
    case = scenario.plan.traits.number({t: v for t, v in {**group.traits, **cell.traits}.items() if t in known})
    amount = int(yuan * (group.cost * model.cost_factor * 100) + 0.5)
    if model.annual:
        return Bill(case, in_policy_left=amount)
    part_b, part_bc, part_bcx = (half_up(amount * below, PPM) for below in cell.splits)
    return Bill(case, (amount - part_bcx, part_b, part_bc - part_b), excluded=part_bcx - part_bc)


def people(
    scenario: Scenario, model: ClaimsModel, group: InsuredGroup, drawn: Drawn
) -> Iterator[tuple[list[Bill], list[int]]]:
    """The bills of everybody with an admission and their days, by day of discharge; of one day, in the order drawn."""
    bounds = np.concatenate([[0], np.cumsum(drawn.counts)])[: np.count_nonzero(drawn.counts) + 1]
    for start, end in pairwise(bounds):
        order = start + np.argsort(drawn.days[start:end], kind="stable")
        bills = [make_bill(scenario, model, group, int(drawn.cells[a]), float(drawn.yuan[a])) for a in order]
        yield bills, [int(drawn.days[a]) for a in order]


def add_up(scenario: Scenario, statements: Sequence[Statement], edges: Sequence[int], row: Ints) -> None:
    """Add one person's year to a row of results, in the columns of the kernel; nothing of those who are not paid."""
    plan = scenario.plan
    claim = sum(statement.paid(name) for statement in statements for name in plan.covers)
    if claim == 0:
        return
    own = [line for statement in statements for line in statement.lines if line.payer == plan.primary]
    base = sum(line.base for line in own)
    once = [line for statement in statements for line in statement.lines if counts_once(plan, line.payer)]
    row[kernels.CLAIMS] += claim
    row[kernels.BENEFICIARIES] += 1
    row[kernels.LARGEST] = max(row[kernels.LARGEST], claim)
    row[kernels.AT_CAP] += any(at_cap(plan, statements[-1], name) for name in plan.covers)
    row[kernels.OWN_GROSS] += sum(statement.bill.payable + statement.bill.excluded for statement in statements)
    row[kernels.OWN_BASE] += sum(line.base for line in once)
    row[kernels.OWN_ABOVE] += sum(line.base - line.deductible for line in once)
    for position, name in enumerate(plan.names):
        row[kernels.FIRST_PAYER + position] += sum(statement.paid(name) for statement in statements)
    first_band = kernels.FIRST_PAYER + len(plan.names)
    band = first_band + 2 * sum(base > edge for edge in edges)
    row[band] += 1
    row[band + 1] += claim
    row[first_band + 2 * (len(edges) + 1) + sum(claim > edge for edge in PAYMENT_EDGES.tolist())] += 1


def counts_once(plan: Plan, payer: str) -> bool:
    """Whether a payer is covered and its base is not what another covered payer has left of it."""
    taken = {part.payer for part in plan.payer(payer).parts if (part.what, part.sign) == ("paid by", -1)}
    return payer in plan.covers and not taken & set(plan.covers)


def at_cap(plan: Plan, last: Statement, payer: str) -> bool:
    """Whether a payer's cap leaves no more room after the last bill, by the cap of its class."""
    cap = plan.payer(payer).classes[last.bill.case].cap
    return cap is not None and any(line.used + line.paid >= cap for line in last.lines if line.payer == payer)


def add_bills(scenario: Scenario, statements: Sequence[Statement], days: Sequence[int], row: Ints) -> None:
    """Add all bills of a person to a row of results: what they came to, and what was paid in each month."""
    payers = scenario.plan.names
    months = row[len(row) - 12 * (len(payers) + 1) :].reshape(12, len(payers) + 1)
    for statement, day in zip(statements, days, strict=True):
        row[kernels.ALL_GROSS] += statement.bill.payable + statement.bill.excluded
        row[kernels.ALL_PAYABLE] += statement.bill.payable
        row[kernels.ALL_LEFT] += statement.patient_pays
        month = months[(datetime.date(2017, 1, 1) + datetime.timedelta(days=day)).month - 1]
        month += [1, *(statement.paid(name) for name in payers)]


def replay(scenarios: Sequence[Scenario], job: BlockJob, start: int, stop: int, columns: int) -> Ints:
    """(design, replication, group, column) the results of a block, in plain Python."""
    groups = job.model.population.groups
    out = np.zeros((len(scenarios), stop - start, len(groups), columns), dtype=np.int64)
    for r, replication in enumerate(range(start, stop)):
        for g, group in enumerate(groups):
            drawn = draw(job.model, job.seed, group, replication)
            for d, scenario in enumerate(scenarios):
                for bills, days in people(scenario, job.model, group, drawn):
                    statements = settle_person(scenario.plan, bills)
                    add_up(scenario, statements, job.edges[d].tolist(), out[d, r, g])
                    if job.everyone:
                        add_bills(scenario, statements, days, out[d, r, g])
    return out


def check(
    *scenarios: Scenario, everyone: bool = False, replications: tuple[int, int] = (0, 1), paid_at_least: int = 20
) -> Ints:
    """Hold the kernel's sums against the twin's, and return them; a comparison of nobody would say nothing."""
    job = BlockJob.build(scenarios, seed=20170101, everyone=everyone)
    found = job.run(*replications)
    expected = replay(scenarios, job, *replications, columns=found.shape[-1])
    assert found.tolist() == expected.tolist()
    assert found[..., kernels.BENEFICIARIES].min() >= paid_at_least
    return found


# --- cities ----------------------------------------------------------------------------------------------------------


def busy(**changes: str | Any) -> Scenario:
    """The small city, its people often and seriously ill, more of them than are drawn together at once."""
    return city(
        ADMISSIONS,
        **{
            "population": {"insured": "2500", "groups": _groups()},
            "claims__admissions__mean": "900 per 1000 persons",
            "payers__basic__cap": "20000 yuan/year",
            "payers__cii__cap": "40000 yuan/year",
            **changes,
        },
    )


def _groups() -> dict[str, Any]:
    poor = {"persons": "403", "traits": {"hardship": "poor"}, "admissions": "x1.5", "cost": "x0.9"}
    return {"ordinary": {}, "poor": poor}


AID = {
    "base": {"counts": {"A": "100%", "B": "85%"}, "less": ["paid by basic", "paid by cii"]},
    "only": [{"hardship": "poor"}],
    "pay": "40%",
    "cap": "5000 yuan/year",
}


def floored(**changes: str | Any) -> Scenario:
    """The busy city with floors that none of its people can be paid below; tertiary care has fewer of them."""
    groups = _groups()
    groups["poor"]["floor"] = "x0.5"
    floors = {"county": ["14000 yuan", "7000 yuan", "4800 yuan", "3700 yuan"], "tertiary": ["12000 yuan", "6300 yuan"]}
    return busy(**{"claims__floor": floors, "population": {"insured": "2500", "groups": groups}, **changes})


# --- the kernel against the twin -------------------------------------------------------------------------------------


def test_a_city_with_groups_places_and_a_negative_binomial_is_settled_as_the_twin_settles_it() -> None:
    found = check(busy(), replications=(0, 2))
    assert found[..., kernels.AT_CAP].sum() > 10, "nobody reaches the cap"


@pytest.mark.parametrize("everyone", [False, True])
def test_the_relevant_and_the_rest_are_drawn_as_the_twin_draws_them(everyone: bool) -> None:
    """The twin draws both streams; the kernel only the relevant, unless everybody's bills are asked for."""
    check(floored(), everyone=everyone, replications=(0, 2))
    assert BlockJob.build([floored()], 1, everyone=everyone).path["path"] == ("full" if everyone else "relevant")


@pytest.mark.parametrize(
    "changes",
    [
        {
            "claims__admissions": {
                "family": "negative-binomial",
                "mean": "0.9 per person",
                "cv": "0.5",
                "mixing": "pool",
            }
        },
        {"claims__admissions": {"family": "poisson", "mean": "2.5 per person"}},
        {"claims__admissions": {"family": "at-most-one", "mean": "0.6 per person"}},
        {"claims__trend": {"cost": "7.3%/year", "admissions": "2%/year", "to": "2020"}},
        {"payers__basic__accumulate": "year"},
    ],
    ids=["shared level", "often", "at most one", "trend", "basic by year"],
)
def test_floors_under_any_frequency_are_drawn_as_the_twin_draws_them(changes: dict[str, Any]) -> None:
    found = check(floored(**changes), replications=(0, 2))
    assert found.any()


SECOND_LAYER = {
    "waterfall": ["basic", "above-cap", "cii", "aid", "second"],
    "payers__above-cap": {
        "base": {"adds": ["cut by cap of basic"]},
        "pay": "70%",
        "cap": "9000 yuan/year",
        "cap_shared_with": ["cii"],
    },
    "payers__cii__base__less": ["paid by basic", "cut by cap of basic"],
    "payers__cii__cost_limit": "80000 yuan/year",
    "payers__aid": {**AID, "tops_up": ["cii"], "pay": "60%"},
    "payers__second": {
        "base": {"counts": {"A": "100%"}, "less": ["paid by basic", "paid by cii", "paid by aid"]},
        "deductible": "15000 yuan",
        "pay": "50%",
    },
    "contract__covers": ["cii", "above-cap", "second"],
}


@pytest.mark.parametrize("everyone", [False, True])
def test_several_covered_payers_with_a_shared_cap_are_settled_as_the_twin_settles_them(everyone: bool) -> None:
    found = check(busy(**SECOND_LAYER), busy(**SECOND_LAYER, payers__second__pay="80%"), everyone=everyone)
    paid = found[..., kernels.FIRST_PAYER : kernels.FIRST_PAYER + 5].sum(axis=2)
    assert (paid > 0).all(), "a payer never pays"


def test_the_people_whom_no_design_pays_are_settled_alike_too() -> None:
    found = check(busy(), everyone=True)
    assert (found[..., kernels.ALL_GROSS] > found[..., kernels.OWN_GROSS]).all()


def test_later_replications_are_settled_as_the_twin_settles_them() -> None:
    check(busy(), replications=(7, 8))


def test_a_year_of_growth_and_cumulative_rounding_are_settled_as_the_twin_settles_them() -> None:
    trend = {"cost": "7.3%/year", "admissions": "2%/year", "to": "2020"}
    grown = busy(rounding="cumulative", claims__trend=trend)
    assert not np.array_equal(check(grown), check(busy(claims__trend=trend)))


def test_three_payers_and_three_designs_are_settled_as_the_twin_settles_them() -> None:
    base = busy(waterfall=["basic", "cii", "aid"], payers__aid=AID)
    designs = [
        base,
        base.replace({"payers.cii.deductible": "8000 yuan"}),
        base.replace(
            {"payers.cii.bands": [{"to": "15000 yuan", "pay": "40%"}, {"pay": "65%"}], "payers.cii.cap": "none"}
        ),
    ]
    found = check(*designs)
    assert len({int(total) for total in found[:, :, :, 0].sum(axis=(1, 2))}) == 3


def test_a_basic_scheme_that_accumulates_over_the_year_is_settled_as_the_twin_settles_it() -> None:
    check(busy(payers__basic__accumulate="year", payers__basic__deductible="1000 yuan"))


def test_payers_that_together_want_more_than_is_left_are_settled_as_the_twin_settles_them() -> None:
    """Each counts the whole bill: CII and aid get what is left of what somebody has to pay, excluded cost apart."""
    everything = {"counts": {"A": "100%", "B": "100%", "C": "100%"}}
    scheme = busy(
        waterfall=["basic", "cii", "aid"],
        payers__cii={"base": everything, "accumulate": "admission", "pay": "90%"},
        payers__aid={"base": everything, "pay": "100%"},
    )
    found = check(scheme)
    paid = found[0, 0, :, 6:9].sum(axis=-1)
    assert (paid < found[0, 0, :, 4]).all()


def test_caps_that_differ_by_place_and_end_a_size_of_payment_are_counted_as_the_twin_counts_them() -> None:
    """People at the cap are paid exactly what ends a size of payment; which cap it was, their last bill says."""
    away = {"when": {"place": "away"}, "cap": "10000 yuan/year"}
    found = check(busy(payers__cii__cap="20000 yuan/year", payers__cii__variants=[away]))
    assert found[0, 0, :, 3].sum() > 10


def test_a_cii_scheme_admission_by_admission_is_settled_as_the_twin_settles_it() -> None:
    check(busy(payers__cii__accumulate="admission", payers__cii__deductible="none"))


def test_designs_that_differ_in_the_basic_scheme_are_settled_as_the_twin_settles_them() -> None:
    base = busy(payers__basic__base__counts={"A": "50%"})
    check(base, base.replace({"payers.basic.pay": "65%"}))


@pytest.mark.parametrize("mixing", ["group", "pool"])
def test_a_level_of_frequency_that_many_share_is_drawn_as_the_twin_draws_it(mixing: str) -> None:
    shared = busy(
        claims__admissions={"family": "negative-binomial", "mean": "0.9 per person", "cv": "0.5", "mixing": mixing}
    )
    found = check(shared, replications=(0, 3))
    assert len(set(found[0, :, 0, 1].tolist())) == 3


def test_more_bills_than_are_settled_at_once_are_settled_as_the_twin_settles_them() -> None:
    often = {"family": "poisson", "mean": "3.5 per person"}
    found = check(busy(claims__admissions=often, population={"insured": "1500"}), everyone=True)
    assert found[0, 0, 0, 1] > 500
    assert kernels.BUFFER < 1500 * 3.5


@pytest.mark.parametrize("traits", [{}, {"place": {"local": "70%", "away": "30%"}}])
def test_annual_amounts_are_settled_as_the_twin_settles_them(traits: dict[str, Any]) -> None:
    changes: dict[str, Any] = {"population": {"insured": "6001"}}
    if traits:
        changes |= {
            "traits": {"place": ["local", "away"]},
            "payers__cii__variants": [{"when": {"place": "away"}, "pay": "-10pp"}],
            "claims__traits": traits,
        }
    check(city(ANNUAL, **changes))


def test_an_annual_amount_is_left_after_basic_insurance_and_before_medical_aid() -> None:
    basic = {"base": {"counts": {"A": "100%"}}, "pay": "60%"}
    aid = {"base": {"counts": {"A": "100%"}, "less": ["paid by cii"]}, "pay": "30%"}
    changes: dict[str, Any] = {"population": {"insured": "6001"}, "waterfall": ["basic", "cii", "aid"]}
    found = check(city(ANNUAL, payers__basic=basic, payers__aid=aid, **changes))
    assert not found[..., kernels.FIRST_PAYER].any()
    assert found[..., kernels.FIRST_PAYER + 2].all()


@pytest.mark.parametrize("name", ["qinzhou-2017", "province-2014", "shanghai-2016"])
def test_shipped_schemes_are_settled_as_the_twin_settles_them(shipped: dict[str, Scenario], name: str) -> None:
    scheme = shipped[name].replace({"population.insured": "20000", "claims.admissions.mean": "200 per 1000 persons"})
    check(scheme, paid_at_least=1)


def test_the_twin_sees_a_rate_that_is_a_hundredth_of_a_point_off() -> None:
    """The comparison can fail: with one table of the kernel slightly wrong, it does."""
    scenario = busy()
    job = BlockJob.build([scenario], seed=20170101)
    terms = job.plans.terms.copy()
    terms[1, :, 6] += 100  # ppm, in the first band of CII
    wrong = replace(job, plans=replace(job.plans, terms=terms))
    right = job.run(0, 1)
    assert np.array_equal(replay([scenario], job, 0, 1, right.shape[-1]), right)
    assert not np.array_equal(wrong.run(0, 1), right)


# --- what is drawn, against the model --------------------------------------------------------------------------------

MANY = 400_000
LEAST_P = 1e-4
"""The draws are fixed: a test of chance passes always or never."""


FLOORS = {"county": ["8000 yuan", "5000 yuan", "3000 yuan"], "tertiary": ["20000 yuan", "9000 yuan"]}


@pytest.fixture(scope="module", params=[None, FLOORS], ids=["one stream", "two streams"])
def large(request: pytest.FixtureRequest) -> tuple[ClaimsModel, Drawn]:
    """A city drawn with floors and without: the law of its people must be the same."""
    floor = {} if request.param is None else {"claims__floor": request.param}
    model = BlockJob.build([city(population={"insured": f"{MANY}"}, **floor)], seed=3).model
    return model, draw(model, 3, model.population.groups[0], 0)


def test_the_mean_and_variance_of_the_counts_are_the_models(large: tuple[ClaimsModel, Drawn]) -> None:
    model, drawn = large
    mean, variance = model.frequency.mean(), model.frequency.variance()
    assert abs(drawn.counts.mean() - mean) < 4 * (variance / MANY) ** 0.5
    assert drawn.counts.var() == pytest.approx(variance, rel=0.02)


def test_the_counts_follow_the_models_probabilities(large: tuple[ClaimsModel, Drawn]) -> None:
    model, drawn = large
    expected = model.frequency.pmf(np.arange(5)) * MANY
    seen = np.bincount(drawn.counts, minlength=6)
    seen, expected = np.append(seen[:5], seen[5:].sum()), np.append(expected, MANY - expected.sum())
    assert stats.chisquare(seen, expected).pvalue > LEAST_P


def test_the_admissions_fall_into_the_cells_by_their_shares(large: tuple[ClaimsModel, Drawn]) -> None:
    model, drawn = large
    shares = np.array([cell.probability for cell in model.cells])
    places = [(cell.level, cell.traits["place"]) for cell in model.cells]
    assert places == [("county", "local"), ("tertiary", "local"), ("tertiary", "away")]
    assert shares == pytest.approx([0.80, 0.12, 0.08])
    seen = np.bincount(drawn.cells, minlength=len(shares))
    assert stats.chisquare(seen, shares * len(drawn.cells)).pvalue > LEAST_P


def test_the_costs_follow_the_cost_family_of_their_level(large: tuple[ClaimsModel, Drawn]) -> None:
    model, drawn = large
    for number, cell in enumerate(model.cells):
        costs = drawn.yuan[drawn.cells == number]
        assert stats.kstest(costs, model.severities[cell.severity].cdf).pvalue > LEAST_P


def test_the_mean_costs_are_the_cost_families(large: tuple[ClaimsModel, Drawn]) -> None:
    model, drawn = large
    costs = drawn.yuan[drawn.cells == 0]
    family = model.severities[0]
    assert abs(costs.mean() - family.mean()) < 4 * (family.variance() / len(costs)) ** 0.5


def test_days_of_discharge_are_spread_over_the_year(large: tuple[ClaimsModel, Drawn]) -> None:
    days = large[1].days
    assert (days.min(), days.max()) == (0, DAYS - 1)
    assert stats.chisquare(np.bincount(days, minlength=DAYS)).pvalue > LEAST_P


def test_cost_level_and_count_do_not_hang_together(large: tuple[ClaimsModel, Drawn]) -> None:
    _, drawn = large
    county = drawn.cells == 0
    often = drawn.counts[drawn.persons] > 1
    assert stats.ks_2samp(drawn.yuan[county & often], drawn.yuan[county & ~often]).pvalue > LEAST_P
    assert stats.chi2_contingency(np.histogram2d(drawn.cells, often, bins=[3, 2])[0]).pvalue > LEAST_P


def test_costs_of_one_person_do_not_hang_together(large: tuple[ClaimsModel, Drawn]) -> None:
    """Being relevant ties a person's admissions together; both streams taken together, nothing does."""
    _, drawn = large
    first = np.flatnonzero(np.diff(drawn.persons, prepend=-1))
    twice = first[drawn.counts[drawn.persons[first]] == 2]
    assert len(twice) > 3000
    one, other = (stats.rankdata(drawn.yuan[twice + j]) for j in (0, 1))
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / len(twice) ** 0.5
    assert stats.chi2_contingency(np.histogram2d(one, other, bins=6)[0]).pvalue > LEAST_P
    assert stats.ks_2samp(drawn.yuan[twice], drawn.yuan[twice + 1]).pvalue > LEAST_P


def test_days_and_costs_do_not_hang_together(large: tuple[ClaimsModel, Drawn]) -> None:
    _, drawn = large
    assert abs(stats.spearmanr(drawn.days, drawn.yuan).statistic) < 4 / len(drawn.days) ** 0.5


def test_a_groups_multipliers_scale_its_counts_and_its_costs() -> None:
    groups = {"a": {"share": "50%"}, "b": {"share": "50%", "admissions": "x1.5", "cost": "x0.9"}}
    model = BlockJob.build([city(population={"insured": f"{MANY}", "groups": groups})], seed=3).model
    dear = draw(model, 3, model.population.groups[1], 0)
    error = (model.frequency.variance(1.5) / (MANY / 2)) ** 0.5
    assert abs(dear.counts.mean() - 1.5 * model.frequency.mean()) < 4 * error
    assert model.group_factors.tolist() == [100.0, 90.0]


@pytest.mark.parametrize("mixing", ["group", "pool"])
def test_a_shared_level_moves_the_counts_of_all_who_share_it(mixing: str) -> None:
    frequency = {"family": "negative-binomial", "mean": "0.5 per person", "cv": "0.3", "mixing": mixing}
    groups = {"a": {"share": "50%"}, "b": {"share": "50%"}}
    model = BlockJob.build(
        [city(claims__admissions=frequency, population={"insured": "4000", "groups": groups})], 5
    ).model
    means = np.array([[draw(model, 5, group, r).counts.mean() for group in model.population.groups] for r in range(60)])
    assert 0.1 < means[:, 0].std() / 0.5 < 0.5
    together = np.corrcoef(means.T)[0, 1]
    assert together > 0.9 if mixing == "pool" else abs(together) < 0.5


# --- the model -------------------------------------------------------------------------------------------------------


def test_draws_do_not_look_at_the_rules() -> None:
    """The same people whatever the deductible; only what is paid differs."""
    one, other = (
        BlockJob.build([each], seed=1).model.draws(1, np.arange(3))
        for each in (floored(), floored(payers__cii__deductible="9999 yuan"))
    )
    for name in ("numbers", "keys", "thresholds", "factors"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    for name in ("shares", "counts", "firsts", "cells", "floors"):
        assert np.array_equal(getattr(one.laws, name), getattr(other.laws, name))


def test_growth_compounds_over_the_years_since_the_data() -> None:
    trend = Trend.model_validate({"cost": "10%/year", "admissions": "-2%/year", "to": "2020"})
    assert trend.factors(2017) == pytest.approx((1.1**3, 0.98**3))
    assert trend.factors(2020) == (1.0, 1.0)
    assert trend.factors(2021) == pytest.approx((1 / 1.1, 1 / 0.98))


def test_cells_without_probability_are_left_out() -> None:
    scenario = city(claims__care__tertiary__traits={"place": {"local": "100%", "away": "0%"}})
    assert len(ClaimsModel.build(scenario.terms.claims, scenario.population).cells) == 2


def test_traits_of_a_bill_are_independent_of_each_other() -> None:
    everybody = Population.build(PopulationTerms.model_validate({"insured": 10}), {})
    terms = TypeAdapter(ClaimsTerms).validate_python(
        {
            "basis": "in-policy-left",
            "year": 2017,
            "persons": {"family": "at-most-one", "mean": "0.1 per person"},
            "amount": {"family": "lognormal", "mean": "9000 yuan", "cv": "1"},
            "traits": {
                "place": {"local": "70%", "away": "30%"},
                "referral": {"yes": "60%", "no": "40%"},
                "care": "any",
            },
        }
    )
    cells = ClaimsModel.build(terms, everybody).cells
    assert {(cell.traits["place"], cell.traits["referral"]): cell.probability for cell in cells} == pytest.approx(
        {("local", "yes"): 0.42, ("local", "no"): 0.28, ("away", "yes"): 0.18, ("away", "no"): 0.12}
    )


CARE = {
    "share": "100%",
    "cost": {"family": "lognormal", "mean": "5000 yuan", "cv": "1"},
    "catalogue": {"A": "100%", "B": "0%", "C": "0%"},
}


def claims(**care: Any) -> AdmissionClaims:
    return AdmissionClaims.model_validate(
        {"year": 2017, "admissions": {"family": "poisson", "mean": "0.2 per person"}, "care": care}
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"share": "90%"}, "the shares of the care levels add up to 90%"),
        ({"catalogue": {"A": "60%", "B": "30%", "C": "5%"}}, "A, B, C and excluded add up to 95%"),
        ({"catalogue": {"A": "60%", "B": "30%", "C": "5%", "excluded": "6%"}}, "A, B, C and excluded add up to 101%"),
        ({"traits": {"place": {"local": "70%", "away": "20%"}}}, "the shares of 'place' add up to 90%"),
    ],
)
def test_shares_that_do_not_add_up_are_refused(change: dict[str, Any], words: str) -> None:
    claims(county=CARE)
    with pytest.raises(ValidationError, match=words):
        claims(county={**CARE, **change})


# --- the season ------------------------------------------------------------------------------------------------------

Q4 = ["6%", "6%", "7%", "7%", "7%", "7%", "8%", "8%", "9%", "10%", "12%", "13%"]


def test_discharges_follow_the_season() -> None:
    scheme = busy(claims__season=Q4, simulation__bills="all", population={"insured": f"{MANY}", "groups": _groups()})
    bills = fs.simulate(scheme, n=3, seed=2).monthly["bills"].sum(axis=0)
    expected = np.array([float(share.rstrip("%")) / 100 for share in Q4]) * bills.sum()
    assert (np.abs(bills - expected) < 4.5 * np.sqrt(expected)).all()
    assert stats.chisquare(bills, expected).pvalue > 1e-4


def test_a_season_moves_days_and_keeps_the_bills_in_their_order() -> None:
    """Only bills that come to lie on one day, or no longer do, can change places: what is paid hardly moves."""
    plain, seasonal = (fs.simulate(busy(**change), n=4).totals for change in ({}, {"claims__season": Q4}))
    assert plain["beneficiaries"].tolist() == seasonal["beneficiaries"].tolist()
    assert abs(plain["claims_paid"] / seasonal["claims_paid"] - 1).max() < 1e-3


def test_a_season_of_equal_days_is_no_season() -> None:
    season = _season(
        tuple(
            round(days * PPM / 365) + (6 if days == 28 else 0)
            for days in (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
        )
    )
    assert np.abs(season[0].astype(np.float64) / 2**32 - np.arange(SEASON_CELLS) / SEASON_CELLS).max() < 1e-5


def test_bills_bunch_in_the_fourth_quarter_where_a_deductible_runs_over_the_year() -> None:
    """CII pays late in the year even if people fall ill evenly: the deductible of the year has to be used up first."""
    scheme = busy(simulation__bills="all", claims__admissions__mean="2 per person")
    monthly = fs.simulate(scheme, n=5).monthly
    paid = monthly["paid"][:, :, scheme.plan.names.index("cii")].sum(axis=0)
    assert paid[9:].sum() > 1.3 * paid[:3].sum()
    assert abs(monthly["bills"].sum(axis=0)[9:].sum() / monthly["bills"].sum() - 92 / 365) < 0.01
