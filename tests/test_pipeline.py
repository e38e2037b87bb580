"""The corridor: the same bits whoever runs it, whatever else is asked, and after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, city
from fundsim import kernels, pipeline
from fundsim.blocks import BlockJob
from fundsim.contracts import BalanceError
from fundsim.ledger import Party
from fundsim.measures import MEASURES
from fundsim.pipeline import simulate_designs
from fundsim.results import Results
from fundsim.runs import RunFolderError

AID = """  aid:
    base: {counts: {A: 100%, B: 85%}, less: [paid by basic, paid by cii]}
    only: [{hardship: poor}]
    pay: 40%
population:
"""


def same(left: Results, right: Results) -> bool:
    return all(np.array_equal(left.totals[name], right.totals[name]) for name in left.totals) and all(
        np.array_equal(left.groups[name], right.groups[name]) for name in left.groups
    )


@pytest.fixture(scope="module")
def base() -> Results:
    return fs.simulate(city())


@pytest.mark.parametrize(("workers", "block"), [(1, None), (2, None), (2, 1), (1, 7), (2, 40)])
def test_threads_and_blocks_do_not_change_a_bit(base: Results, workers: int, block: int | None) -> None:
    assert same(base, fs.simulate(city(), workers=workers, block=block))


def test_another_process_gives_the_same_bits(base: Results) -> None:
    with ProcessPoolExecutor(max_workers=1) as pool:
        assert same(base, fs.simulate(city(), executor=pool, block=20))


def test_a_longer_run_begins_with_the_shorter_one(base: Results) -> None:
    longer = fs.simulate(city(), n=50)
    assert np.array_equal(longer.totals["claims_paid"][:40], base.totals["claims_paid"])


def test_another_seed_gives_other_people(base: Results) -> None:
    assert not np.array_equal(fs.simulate(city(), seed=8).totals["claims_paid"], base.totals["claims_paid"])


def test_a_design_beside_it_does_not_change_a_design(base: Results) -> None:
    other = city(payers__cii__deductible="8000 yuan")
    together = simulate_designs([city(), other, city(payers__basic__pay="65%")])
    assert same(together[0], base)
    assert same(together[1], fs.simulate(other))
    assert (together[1].totals["claims_paid"] <= base.totals["claims_paid"]).all()


def test_another_payer_does_not_change_what_cii_pays(base: Results) -> None:
    text = ADMISSIONS.replace("waterfall: [basic, cii]", "waterfall: [basic, cii, aid]").replace("population:\n", AID)
    with_aid = fs.simulate(city(text))
    assert np.array_equal(with_aid.groups["claims_paid"], base.groups["claims_paid"])
    assert (with_aid.totals["patient_burden"] < base.totals["patient_burden"]).all()


def test_another_group_does_not_change_the_others(base: Results) -> None:
    text = ADMISSIONS.replace("insured: 40000 persons", "insured: 45000 persons").replace(
        "    ordinary:", "    newcomers: {persons: 5000 persons}\n    ordinary:"
    )
    larger = fs.simulate(city(text))
    assert np.array_equal(larger.groups["claims_paid"][:, 1:], base.groups["claims_paid"])


def test_a_larger_group_keeps_the_people_it_had() -> None:
    smaller, larger = (fs.simulate(city(ANNUAL, population__insured=f"{n} persons")) for n in (20_000, 30_000))
    assert (larger.totals["claims_paid"] > smaller.totals["claims_paid"]).all()
    assert np.corrcoef(larger.totals["claims_paid"], smaller.totals["claims_paid"])[0, 1] > 0.5


def test_order_of_groups_in_the_file_changes_nothing(base: Results) -> None:
    lines = ADMISSIONS.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("    ordinary:"))
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    swapped = fs.simulate(city("\n".join(lines)))
    assert np.array_equal(swapped.totals["claims_paid"], base.totals["claims_paid"])
    assert np.array_equal(swapped.groups["claims_paid"][:, ::-1], base.groups["claims_paid"])


@pytest.mark.parametrize("text", [ADMISSIONS, ANNUAL])
def test_money_is_conserved_to_the_fen(text: str) -> None:
    results = fs.simulate(city(text))
    t, ledger = results.totals, results.ledger
    assert ledger is not None
    assert (ledger.imbalance() == 0).all()
    losses = sum(t[f"{cause}_loss_{who}"] for cause in ("policy", "other") for who in ("fund", "insurer"))
    assert np.array_equal(losses, t["policy_loss"] + t["other_loss"])
    insurer = t["policy_loss_insurer"] + t["other_loss_insurer"]
    fund = t["policy_loss_fund"] + t["other_loss_fund"]
    assert np.array_equal(t["surplus"], t["insurer_keep"] - insurer + t["surplus_return"] - fund + t["carried"])
    assert np.array_equal(results.groups["claims_paid"].sum(axis=1), t["claims_paid"])
    assert np.array_equal(results.bands["own_cost_paid"].sum(axis=1), t["claims_paid"])
    assert np.array_equal(results.bands["own_cost_persons"].sum(axis=1), t["beneficiaries"])
    assert np.array_equal(results.bands["paid_persons"].sum(axis=1), t["beneficiaries"])
    if "gross" in t:
        assert np.array_equal(t["gross"], t["reimbursed"] + t["patient_burden"])


def test_settling_everybody_pays_cii_the_same_fen() -> None:
    job = BlockJob.build([city()], seed=7)
    everyone = BlockJob.build([city()], seed=7, everyone=True)
    some, all_ = job.run(0, 10), everyone.run(0, 10)
    for_everybody = [kernels.ALL_GROSS, kernels.ALL_PAYABLE, kernels.ALL_LEFT]
    same = all_[..., : some.shape[-1]]
    assert np.array_equal(np.delete(some, for_everybody, axis=3), np.delete(same, for_everybody, axis=3))
    assert (all_[..., kernels.ALL_GROSS] > some[..., kernels.OWN_GROSS]).all()


def test_all_bills_reconcile_between_all_parties_month_by_month() -> None:
    scenario = city(simulation__bills="all")
    results = fs.simulate(scenario, n=5)
    t, paid = results.totals, results.monthly["paid"]
    assert np.array_equal(t["gross_all"], t["excluded_all"] + paid.sum(axis=(1, 2)) + t["patient_all"])
    assert np.array_equal(paid[:, :, scenario.plan.names.index("cii")].sum(axis=1), t["claims_paid"])
    assert (results.monthly["bills"].sum(axis=1) > t["beneficiaries"]).all()
    assert results.ledger is not None
    assert not results.ledger.imbalance().any()
    assert np.array_equal(results.ledger.balance(Party.PROVIDERS), t["gross_all"])


def test_a_bill_that_is_lost_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    settle = BlockJob.settle

    def losing(job: BlockJob, *facts: Any, **year: Any) -> Any:
        settled = settle(job, *facts, **year)
        settled[0, 0, 0, kernels.ALL_LEFT] -= 1
        return settled

    monkeypatch.setattr(BlockJob, "settle", losing)
    with pytest.raises(BalanceError, match="differ by 1 fen in replication 0"):
        fs.simulate(city(simulation__bills="all"), n=2)


def test_json_has_the_agreed_shape(base: Results) -> None:
    printed = base.to_dict()
    assert set(printed) >= {"scenario", "fingerprint", "seed", "replications", "measures", "probabilities"}
    keys = ["mean", "se", "sd", "p01", "p05", "p25", "p50", "p75", "p95", "p99", "min", "max"]
    assert all(list(numbers) == keys for numbers in printed["measures"].values())
    assert set(printed["probabilities"]) == {"deficit", "return", "insurer_loss"}
    assert printed["by_year"]["1"]["measures"] == printed["measures"]
    assert set(printed["by_group"]) == {"ordinary", "poor"}
    assert printed["measures"]["premium"]["mean"] == 1_600_000.0
    assert list(printed["measures"]) == [name for name, measure in MEASURES.items() if not measure.of_term]


def test_reimbursement_and_burden_are_null_on_the_annual_basis() -> None:
    measures = fs.simulate(city(ANNUAL), n=10).to_dict()["measures"]
    assert measures["patient_burden"]["mean"] is None
    assert measures["actual_reimbursement_ratio"]["mean"] is None
    assert measures["claims_paid"]["mean"] > 0


def test_results_survive_saving_and_loading(base: Results, tmp_path: Path) -> None:
    base.save(tmp_path / "run")
    loaded = Results.load(tmp_path / "run")
    assert same(loaded, base)
    assert loaded.to_dict() == base.to_dict()
    assert loaded.scenario.fingerprint == base.scenario.fingerprint


def test_a_design_of_a_run_folder_keeps_its_name(tmp_path: Path) -> None:
    designs = "designs: {raised: {change: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan}}}}\n"
    base = city(ADMISSIONS + designs)
    together = simulate_designs([base, *(design for _, design in base.designs)], n=3, out=tmp_path / "run")
    loaded = Results.load(tmp_path / "run" / "designs" / "raised")
    assert same(loaded, together[1])
    assert loaded.scenario.label == "small-city/raised"
    assert "small-city/raised" in repr(loaded)
    assert Results.load(tmp_path / "run").scenario.label == "small-city"


def test_designs_must_share_their_people() -> None:
    with pytest.raises(ValueError, match="same population and claims"):
        simulate_designs([city(ANNUAL), city(ANNUAL, population__insured="40001 persons")], n=1)


RUN = """
import sys
import fundsim as fs
from cities import city
fs.simulate(city(), n=int(sys.argv[2]), block=2, workers=1, out=sys.argv[1])
"""


def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    fs.simulate(city(), n=600, out=whole)
    command = [sys.executable, "-c", RUN, str(broken), "600"]
    process = subprocess.Popen(command, cwd=Path(__file__).parent)
    deadline = time.monotonic() + 60
    while len(list(broken.glob("blocks/*.npy"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    saved = len(list(broken.glob("blocks/*.npy")))
    assert 3 <= saved < 300
    assert not (broken / "replications.npz").exists()
    with pytest.raises(RunFolderError, match="not finished"):
        Results.load(broken)
    resumed: list[int] = []
    fs.simulate(city(), n=600, block=2, out=broken, progress=lambda done, _: resumed.append(done))
    assert resumed[0] > 2 * saved
    assert (broken / "replications.npz").read_bytes() == (whole / "replications.npz").read_bytes()
    assert (broken / "summary.csv").read_bytes() == (whole / "summary.csv").read_bytes()
    assert not (broken / "blocks").exists()


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    fs.simulate(city(), n=2, out=tmp_path / "run")
    with pytest.raises(RunFolderError, match="seed"):
        fs.simulate(city(), n=2, seed=99, out=tmp_path / "run")


def test_a_kernel_that_is_only_installed_makes_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    for shell, shown in ((None, False), (SimpleNamespace(), False), (SimpleNamespace(kernel="of a notebook"), True)):
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda shell=shell: shell))
        assert pipeline._in_notebook() is shown


def test_a_file_name_is_no_scenario_and_the_message_says_what_to_write() -> None:
    with pytest.raises(TypeError, match=r"'my-scheme.yaml' is no scenario; load one first: fundsim.load\("):
        fs.simulate("my-scheme.yaml", n=2)  # type: ignore[arg-type]
