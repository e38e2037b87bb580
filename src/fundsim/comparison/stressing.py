"""Standard stress tests (标准压力测试): the assumptions of a scheme moved one by one by customary amounts.

A scheme that states no uncertainty can still be asked what 10% more admissions would do. Each test is the scheme with
other values at some paths, so that ``scenario.replace`` gives the same by hand, simulated on the same seed: changes are
paired differences. The amounts are a convention, not the ends of a probable range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Final

from fundsim.comparison.figures import poor_groups, row_of
from fundsim.comparison.people import common_replications, simulate_all
from fundsim.comparison.stated import deductible_of, groups_times, stated_amount
from fundsim.comparison.stress_result import LeftOut, StressTest, Test
from fundsim.money import PPM
from fundsim.pipeline import Progress
from fundsim.scenario import Scenario, ScenarioError

Changes = Mapping[str, object]
Ends = tuple[Changes, Changes]
POINT: Final = PPM // 100


def stress(
    scenario: Scenario,
    n: int | None = None,
    *,
    seed: int | None = None,
    years: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
) -> StressTest:
    """Move the assumptions of a scheme one by one: admissions, cost, trend, deductible, running cost, policy share.

    Args:
        scenario: the scheme.
        n: replications of each test; the scheme's own by default, rounded up to whole batches where it is stratified.
        seed: the scheme's own by default.
        years: years of the contract; the scheme's own by default.
        workers: threads; all processors by default; without influence on the results.
        executor: where blocks run, instead of threads of this process.
        progress: True shows a bar; a function is called as blocks arrive.

    Raises:
        ScenarioError: several years of a scheme with ``funds``.
    """
    stated = scenario.terms.simulation
    seed, years = stated.seed if seed is None else seed, stated.years if years is None else years
    scenario.check_years(years)
    n = common_replications([scenario], n)
    moved: dict[str, tuple[Scenario, Scenario]] = {}
    left_out = []
    for test, ends_of in TESTS:
        found = _moved(scenario, test, ends_of(scenario, test, years))
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            moved[test.id] = found
    everyone = [scenario, *(each for ends in moved.values() for each in ends)]
    simulated = simulate_all(everyone, n, seed, years, workers=workers, executor=executor, progress=progress)
    base, *rest = (row_of(each.label, of, poor_groups(each)) for each, of in zip(everyone, simulated, strict=True))
    return StressTest(
        scenario=scenario,
        rows=dict(zip(moved, zip(rest[::2], rest[1::2], strict=True), strict=True)),
        base=base,
        tests=tuple(test for test, _ in TESTS if test.id in moved),
        left_out=tuple(left_out),
        seed=seed,
        years=years,
        replications=n,
    )


def _moved(scenario: Scenario, test: Test, ends: Ends | LeftOut) -> tuple[Scenario, Scenario] | LeftOut:
    if isinstance(ends, LeftOut):
        return ends
    try:
        return scenario.replace(ends[0]), scenario.replace(ends[1])
    except ScenarioError as error:
        why = error.problems[0].why
        return LeftOut(test, f"变动后方案不成立（{why}）", f"the scheme does not hold with it ({why})")


# --- the tests: each gives the changes down and up, or says why there are none ------------------------------------


def _admissions(scenario: Scenario, test: Test, _: int) -> Ends:
    down, up = (groups_times(scenario, "admissions", _by(test, sign)) for sign in (-1, 1))
    return down, up


def _cost(scenario: Scenario, test: Test, _: int) -> Ends:
    down, up = (groups_times(scenario, "cost", _by(test, sign)) for sign in (-1, 1))
    return down, up


def _by(test: Test, sign: int) -> Callable[[float], float]:
    return lambda stated: stated * (1 + sign * test.size / 100)


def _trend(scenario: Scenario, test: Test, years: int) -> Ends | LeftOut:
    claims = scenario.terms.claims
    passed = 0 if claims.trend is None else max(claims.trend.to - claims.year, 0)
    if not passed + years - 1:
        return LeftOut(
            test,
            "费用数据即为测算年度水平，测算期内没有增长",
            "the data have the level of the year simulated, and nothing grows in it",
        )
    if claims.trend is None:
        lower, higher = (_growth(sign * test.size) for sign in (-1, 1))
        trends = ({"claims.trend": {"cost": cost, "to": str(claims.year)}} for cost in (lower, higher))
        return next(trends), next(trends)
    stated = 100 * claims.trend.cost / PPM
    down, up = ({"claims.trend.cost": _growth(stated + sign * test.size)} for sign in (-1, 1))
    return down, up


def _growth(per_cent: float) -> str:
    return f"{per_cent:.6g}%/year"


def _deductible(scenario: Scenario, test: Test, _: int) -> Ends | LeftOut:
    path = deductible_of(scenario)
    if path is None:
        return LeftOut(
            test,
            "方案未按固定金额规定起付线，或有事件改动起付线",
            "the scheme states none as a plain amount, or an event changes it",
        )
    yuan = stated_amount(scenario, path) / 100
    down, up = ({path: f"{round(yuan * (1 + sign * test.size / 100))} yuan"} for sign in (-1, 1))
    return down, up


def _expense(scenario: Scenario, test: Test, _: int) -> Ends | LeftOut:
    expense = scenario.terms.contract.expense
    if expense is None or expense.share < test.size * POINT or expense.per_person or expense.total:
        return LeftOut(
            test,
            "合同未按保费比例列明可下调的运营成本",
            "the contract states no running cost as a part of premium that could be lower",
        )
    down, up = ({"contract.expense": _share(expense.share, test, sign)} for sign in (-1, 1))
    return down, up


def _policy_share(scenario: Scenario, test: Test, _: int) -> Ends | LeftOut:
    contract, size = scenario.terms.contract, round(test.size * POINT)
    share = contract.policy_share
    if not contract.asks_cause or share is None or not size <= share <= PPM - size:
        return LeftOut(
            test,
            "合同未按固定比例划分政策性亏损",
            "the contract states no share of losses that is policy-caused and could be lower",
        )
    down, up = ({"contract.policy_share": _share(share, test, sign)} for sign in (-1, 1))
    return down, up


def _share(ppm: int, test: Test, sign: int) -> str:
    return f"{(ppm + sign * test.size * POINT) / POINT:.6g}%"


TESTS: Final[tuple[tuple[Test, Callable[[Scenario, Test, int], Ends | LeftOut]], ...]] = (
    (Test("admissions", "就医人次", "admissions", 10, "%"), _admissions),
    (Test("cost", "次均费用", "cost per bill", 10, "%"), _cost),
    (Test("trend", "费用年增长率", "growth of cost", 2, "points"), _trend),
    (Test("deductible", "起付线", "deductible", 10, "%"), _deductible),
    (Test("expense", "运营成本占保费", "running cost", 1, "points"), _expense),
    (Test("policy-share", "政策性亏损占比", "policy-caused share", 10, "points"), _policy_share),
)
"""Every test with what it moves, in the order of the report where none moves the result."""
