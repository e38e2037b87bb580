"""The compiled core: the same arithmetic as its recipes in numpy and as its own functions in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from cities import ANNUAL, city
from fundsim import kernels
from fundsim.benefits.batch import Settled, settle_people
from fundsim.benefits.compiled import compile_plans
from fundsim.blocks import BlockJob
from fundsim.claims import ClaimsModel
from fundsim.scenario import Scenario
from fundsim.severity import CostBand, CostTable, OpenTail, QuantileTable, Spliced, Tail

FUNCTIONS = [name for name, function in vars(kernels).items() if hasattr(function, "py_func")]
TOP = 2**64

# --- quantiles -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables(shipped: dict[str, Scenario]) -> dict[str, QuantileTable]:
    """Every cost family of the shipped claims models."""
    found = {}
    for name in ("qinzhou-2017", "shanghai-2016"):
        scenario = shipped[name]
        model = ClaimsModel.build(scenario.terms.claims, scenario.population)
        found |= {f"{name}/{cell.level}": model.tables[cell.severity] for cell in model.cells}
    return found | {f"bands/{name}": QuantileTable.build(table) for name, table in BANDED.items()}


def band(to: int | None, share: int, mean: int | None = None) -> CostBand:
    return CostBand(to=to, share=share, mean=mean)


CLOSED = CostTable(bands=(band(200_000, 300_000, 140_000), band(400_000, 500_000), band(5_000_000, 200_000, 1_600_000)))
OPEN = CostTable(bands=(band(200_000, 900_000), band(None, 100_000)), tail=OpenTail(index=0.3))
BANDED = {"closed": CLOSED, "open": OPEN, "spliced": Spliced(body=CLOSED, tail=Tail(above=2_000_000, index=0.3))}
"""Costs by bands: their quantile is made of straight lines."""


def by_kernel(
    table: QuantileTable, integers: list[int], function: Callable[..., float] = kernels.quantile
) -> list[float]:
    tails = np.array([[(table.tail_weight, table.tail_threshold, table.tail_scale, table.tail_index)]])
    coefficients = table.coefficients[None]
    starts = table.starts[None] if len(table.starts) else np.array([[TOP - 1]], dtype=np.uint64)
    lines = table.lines[None] if len(table.starts) else np.zeros((1, 1, 2))
    return [float(function(np.uint64(r), 0, 0, coefficients, tails, table.bits, starts, lines)) for r in integers]


def extremes(table: QuantileTable) -> list[int]:
    """Both ends, the middle, the edges of all octaves and cells at hand, and where the tail begins."""
    octaves = [1 << bit for bit in range(64)]
    cells = [(1 << 62) + (cell << (62 - table.bits)) for cell in range(1 << table.bits)]
    tail = TOP - int(table.tail_weight * TOP)
    edges = [
        0,
        TOP // 2,
        TOP - 1,
        tail,
        *table.starts.tolist(),
        *octaves,
        *cells,
        *(TOP - octave for octave in octaves),
    ]
    return sorted({r for edge in edges for r in (edge - 1, edge, edge + 1) if 0 <= r < TOP})


def test_the_shipped_models_have_eleven_cost_families(tables: dict[str, QuantileTable]) -> None:
    shipped = {name: table for name, table in tables.items() if not name.startswith("bands/")}
    assert len(shipped) == 11
    assert sum(table.tail_weight > 0 for table in shipped.values()) == 2


def test_levels_with_lines_and_levels_without_share_the_arrays(shipped: dict[str, Scenario]) -> None:
    """Padded to the longest: each level still draws from its own table."""
    scenario = shipped["qinzhou-2017"]
    model = ClaimsModel.build(scenario.terms.claims, scenario.population)
    found = (*model.tables[:2], *(QuantileTable.build(table) for table in BANDED.values()))
    starts, lines = replace(model, tables=found).lines
    tails = np.array([[(t.tail_weight, t.tail_threshold, t.tail_scale, t.tail_index) for t in found]])
    coefficients = np.stack([table.coefficients for table in found])
    for level, table in enumerate(found):
        integers = extremes(table)
        costs = [
            float(kernels.quantile(np.uint64(r), 0, level, coefficients, tails, table.bits, starts, lines))
            for r in integers
        ]
        assert costs == pytest.approx(table.evaluate(np.array(integers, dtype=np.uint64)).tolist(), rel=1e-15)


def test_the_kernels_quantile_is_the_tables_on_random_integers(tables: dict[str, QuantileTable]) -> None:
    integers = np.random.default_rng(1).integers(0, TOP - 1, size=1500, dtype=np.uint64, endpoint=True)
    for table in tables.values():
        assert by_kernel(table, integers.tolist()) == pytest.approx(table.evaluate(integers).tolist(), rel=1e-15)


def test_the_kernels_quantile_is_the_tables_at_the_extremes(tables: dict[str, QuantileTable]) -> None:
    for table in tables.values():
        integers = extremes(table)
        expected = table.evaluate(np.array(integers, dtype=np.uint64))
        assert by_kernel(table, integers) == pytest.approx(expected.tolist(), rel=1e-15)


def test_below_the_tail_the_kernels_quantile_is_the_tables_bit_for_bit(tables: dict[str, QuantileTable]) -> None:
    integers = np.random.default_rng(2).integers(0, TOP // 2, size=1500, dtype=np.uint64)
    for table in tables.values():
        assert by_kernel(table, integers.tolist()) == table.evaluate(integers).tolist()


def test_the_quantile_never_falls_and_is_never_negative(tables: dict[str, QuantileTable]) -> None:
    for name, table in tables.items():
        costs = np.array(by_kernel(table, extremes(table)))
        assert costs[0] >= 0.0
        assert np.isfinite(costs).all()
        assert (np.diff(costs) >= -1e-12 * costs[1:]).all(), name


def test_the_quantile_in_plain_python_is_the_compiled_one(tables: dict[str, QuantileTable]) -> None:
    for table in tables.values():
        integers = extremes(table)[::5]
        expected = by_kernel(table, integers)
        assert by_kernel(table, integers, kernels.quantile.py_func) == pytest.approx(expected, rel=1e-15)


# --- settlement ------------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Switch from the compiled functions to the same functions in plain Python."""

    def switch() -> None:
        for name in FUNCTIONS:
            monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)

    return switch  # type: ignore[return-value]


def random_people(scenario: Scenario, persons: int, seed: int, *, annual: bool) -> dict[str, npt.NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 5, size=persons)
    bills = int(counts.sum())
    cost = rng.lognormal(13.5, 1.5, size=(bills, 3)).astype(np.int64)
    if annual:
        cost[:, 1:] = 0
    return {
        "starts": np.concatenate([[0], np.cumsum(counts)]),
        "cost": cost,
        "case": rng.integers(0, scenario.plan.traits.n_classes, size=bills),
        "payable": cost.sum(axis=1),
    }


def assert_alike(one: Settled, other: Settled) -> None:
    for column in ("paid", "deductible", "base", "left"):
        assert np.array_equal(getattr(one, column), getattr(other, column)), column


@pytest.mark.parametrize("name", ["qinzhou-2017", "province-2014", "shanghai-2016"])
@pytest.mark.parametrize("annual", [False, True])
def test_settlement_in_plain_python_is_the_compiled_one(
    shipped: dict[str, Scenario], plain: Callable[[], None], name: str, annual: bool
) -> None:
    scenario = shipped[name]
    plans = compile_plans([scenario.plan])
    bills = random_people(scenario, 60, seed=1, annual=annual)
    by_machine = settle_people(plans, 0, **bills, annual=annual)
    plain()
    assert_alike(settle_people(plans, 0, **bills, annual=annual), by_machine)
    assert by_machine.paid.any()


def test_every_design_of_a_table_is_settled_by_its_own_terms(shipped: dict[str, Scenario]) -> None:
    scheme = shipped["qinzhou-2017"]
    designs = [scheme, *(design for _, design in scheme.designs)]
    together = compile_plans([design.plan for design in designs])
    bills = random_people(scheme, 200, seed=2, annual=False)
    for number, design in enumerate(designs):
        alone = settle_people(compile_plans([design.plan]), 0, **bills)
        assert_alike(settle_people(together, number, **bills), alone)


def test_nobody_is_settled_without_bills() -> None:
    plans = compile_plans([city().plan])
    nothing = np.zeros((0, 3), dtype=np.int64)
    settled = settle_people(plans, 0, np.zeros(5, dtype=np.int64), nothing, nothing[:, 0], nothing[:, 0])
    assert settled.paid.shape == (0, 2)


# --- a whole block ---------------------------------------------------------------------------------------------------

GROUPS = {"ordinary": {}, "poor": {"persons": "11", "traits": {"hardship": "poor"}}}
SMALL_CITIES: dict[str, Callable[[], list[Scenario]]] = {
    "admissions": lambda: [busy()],
    "designs": lambda: [busy(), busy(payers__cii__deductible="8000 yuan", payers__cii__cap="none")],
    "cumulative": lambda: [busy(rounding="cumulative")],
    "annual": lambda: [city(ANNUAL, population={"insured": "90"}, claims__persons__mean="0.6 per person")],
}


def busy(**changes: Any) -> Scenario:
    people = {"insured": "61", "groups": GROUPS}
    return city(population=people, claims__admissions__mean="2 per person", **changes)


@pytest.mark.parametrize("everyone", [False, True])
@pytest.mark.parametrize("which", list(SMALL_CITIES))
def test_a_block_in_plain_python_is_the_compiled_one(
    plain: Callable[[], None], monkeypatch: pytest.MonkeyPatch, which: str, everyone: bool
) -> None:
    """In plain Python with small chunks and buffers, so that both are filled more than once."""
    job = BlockJob.build(SMALL_CITIES[which](), seed=4, everyone=everyone)
    by_machine = job.run(3, 5)
    plain()
    monkeypatch.setattr(kernels, "CHUNK", 16)
    monkeypatch.setattr(kernels, "BUFFER", kernels.MOST_ADMISSIONS + 20)
    assert np.array_equal(job.run(3, 5), by_machine)
    assert by_machine[..., 1].all()


@pytest.mark.parametrize(
    "persons", [1, 2, 3, 4, 5, kernels.CHUNK - 1, kernels.CHUNK, kernels.CHUNK + 1, 2 * kernels.CHUNK + 3]
)
def test_every_person_is_drawn_once_whatever_the_size_of_the_city(persons: int) -> None:
    """With a certain admission for everybody and everything paid, beneficiaries are the people."""
    scenario = city(
        ANNUAL,
        population={"insured": str(persons)},
        claims__persons__mean="1 per person",
        payers__cii__deductible="none",
        payers__cii__bands=[{"pay": "100%"}],
    )
    assert BlockJob.build([scenario], seed=1).run(0, 3)[0, :, 0, 1].tolist() == [persons] * 3


def test_a_block_adds_to_what_is_there_and_replications_do_not_mix() -> None:
    job = BlockJob.build([busy()], seed=4)
    whole = job.run(0, 4)
    assert np.array_equal(np.concatenate([job.run(0, 1), job.run(1, 4)], axis=1), whole)
    assert len({tuple(row.ravel().tolist()) for row in whole[0]}) == 4


# --- compiling -------------------------------------------------------------------------------------------------------


def double(x: int) -> int:
    return 2 * x


def recorded(monkeypatch: pytest.MonkeyPatch, *, cache_can_be_written: bool) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []

    def njit(**options: Any) -> Callable[[Any], Any]:
        calls.append(options)
        if options.get("cache") and not cache_can_be_written:
            raise RuntimeError("cannot cache function 'double': no locator available for file 'kernels.py'")
        return lambda function: function

    monkeypatch.setattr(kernels.numba, "njit", njit)
    return calls


def test_compiled_code_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FUNDSIM_NUMBA_CACHE", raising=False)
    calls = recorded(monkeypatch, cache_can_be_written=True)
    assert kernels.compiled(double)(21) == 42
    assert [call.get("cache") for call in calls] == [True]


def test_where_the_cache_cannot_be_written_code_is_compiled_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FUNDSIM_NUMBA_CACHE", raising=False)
    calls = recorded(monkeypatch, cache_can_be_written=False)
    assert kernels.compiled(double)(21) == 42
    assert [call.get("cache", False) for call in calls] == [True, False]


def test_the_environment_can_forbid_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDSIM_NUMBA_CACHE", "0")
    calls = recorded(monkeypatch, cache_can_be_written=True)
    assert kernels.compiled(double)(21) == 42
    assert [call.get("cache", False) for call in calls] == [False]


def test_code_never_holds_the_interpreter_and_never_loosens_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, writable in (("1", True), ("1", False), ("0", True)):
        monkeypatch.setenv("FUNDSIM_NUMBA_CACHE", value)
        calls = recorded(monkeypatch, cache_can_be_written=writable)
        kernels.compiled(double)
        for call in calls:
            assert call["nogil"]
            assert call["error_model"] == "numpy"
            assert not call.get("fastmath")
            assert not call.get("parallel")


def test_without_a_cache_functions_are_really_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDSIM_NUMBA_CACHE", "0")
    function = kernels.compiled(double)
    assert function(21) == 42
    assert function.signatures  # type: ignore[attr-defined]
