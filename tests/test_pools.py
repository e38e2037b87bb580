"""Many pools as one job: the same figures as one by one, a few at a time, and on from where it was stopped."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from click.testing import CliRunner

import fundsim as fs
from cities import ADMISSIONS, ANNUAL, city
from conftest import Record
from fundsim import pools
from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT
from fundsim.runs import RunFolderError

DESIGNS = "designs: {raised: {change: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan}}}}\n"


def write(folder: Path, count: int) -> list[Path]:
    """Some cities of different size, each with a design."""
    folder.mkdir(exist_ok=True)
    files = []
    for k in range(count):
        text = ANNUAL.replace("annual-city", f"city-{k}").replace("20000 persons", f"{5000 + 100 * k} persons")
        files.append(folder / f"city-{k}.yaml")
        files[-1].write_text(text + DESIGNS, encoding="utf-8")
    return files


def test_pools_are_what_each_of_them_is_alone(tmp_path: Path) -> None:
    files = write(tmp_path / "in", 5)
    frame = fs.simulate_pools(files, tmp_path / "out", n=20, at_once=2)
    assert list(frame.index) == [(f"city-{k}", design) for k in range(5) for design in ("base", "raised")]
    for k, file in enumerate(files):
        alone = fs.simulate(fs.load(file), n=20)
        assert frame.loc[(f"city-{k}", "base"), "claims_paid"] == alone.estimate("claims_paid").mean
        assert (tmp_path / "out" / f"city-{k}" / "summary.csv").exists()


def test_a_job_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, simulate, seen = write(tmp_path / "in", 5), pools.simulate_designs, []

    def stopping(designs: Any, *args: Any, **more: Any) -> Any:
        if designs[0].id == "city-3" and len(seen) < 10:
            raise KeyboardInterrupt
        seen.append(designs[0].id)
        return simulate(designs, *args, **more)

    monkeypatch.setattr(pools, "simulate_designs", stopping)
    with pytest.raises(KeyboardInterrupt):
        fs.simulate_pools(files, tmp_path / "out", n=20, at_once=1)
    assert seen == ["city-0", "city-1", "city-2"]
    monkeypatch.setattr(pools, "simulate_designs", lambda *a, **m: seen.append(a[0][0].id) or simulate(*a, **m))
    frame = fs.simulate_pools(files, tmp_path / "out", n=20, at_once=1)
    assert seen == [f"city-{k}" for k in range(5)]
    whole = fs.simulate_pools(files, tmp_path / "other", n=20)
    assert frame.equals(whole)


def test_a_folder_of_another_job_is_refused(tmp_path: Path) -> None:
    files = write(tmp_path / "in", 2)
    fs.simulate_pools(files, tmp_path / "out", n=10)
    with pytest.raises(RunFolderError, match="replications differ"):
        fs.simulate_pools(files, tmp_path / "out", n=11)


def test_only_a_few_pools_are_under_way_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, most, lock, simulate = [0], [0], Lock(), pools.simulate_designs

    def counted(*args: Any, **more: Any) -> Any:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        try:
            return simulate(*args, **more)
        finally:
            with lock:
                under_way[0] -= 1

    monkeypatch.setattr(pools, "simulate_designs", counted)
    fs.simulate_pools(write(tmp_path / "in", 8), tmp_path / "out", n=10, at_once=3)
    assert 1 <= most[0] <= 3


def test_progress_is_told_in_what_takes_the_time(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    fs.simulate_pools(write(tmp_path / "in", 3), tmp_path / "out", n=20, progress=lambda *at: told.append(at))
    whole = 20 * (5000 + 5100 + 5200) // 1000
    assert told[-1] == (whole, whole)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_problems_of_all_files_are_told_before_anything_is_simulated(tmp_path: Path) -> None:
    files = write(tmp_path / "in", 3)
    for file in files[1:]:
        file.write_text(
            file.read_text(encoding="utf-8").replace("cap: 200000 yuan/year", "cap: 200000"), encoding="utf-8"
        )
    with pytest.raises(fs.ScenarioError) as told:
        fs.simulate_pools(files, tmp_path / "out", n=10)
    assert {Path(problem.file).name for problem in told.value.problems} == {"city-1.yaml", "city-2.yaml"}
    assert not (tmp_path / "out").exists()


def test_two_schemes_of_one_name_are_refused(tmp_path: Path) -> None:
    (file, *_) = write(tmp_path / "in", 1)
    with pytest.raises(RunFolderError, match="called 'city-0' too"):
        fs.simulate_pools([file, file], tmp_path / "out", n=10)


def test_the_command_takes_several_files(tmp_path: Path) -> None:
    files = [str(file) for file in write(tmp_path / "in", 3)]
    done = CliRunner().invoke(main, ["run", *files, "-n", "10", "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert [(row["pool"], row["design"]) for row in told][:2] == [("city-0", "base"), ("city-0", "raised")]
    assert (tmp_path / "out" / "pools.csv").exists()
    text = CliRunner().invoke(main, ["run", *files, "-n", "10", "--out", str(tmp_path / "out")])
    assert "各池不相加" in text.stdout


def test_several_files_are_simulated_as_they_are(tmp_path: Path) -> None:
    files = [str(file) for file in write(tmp_path / "in", 2)]
    done = CliRunner().invoke(main, ["run", *files, "--until", "width(insurer_loss) <= 2pp"])
    assert done.exit_code == BAD_INPUT
    assert "leave --until" in done.stderr


@pytest.mark.slow
def test_330_pools_with_designs_are_one_job_on_a_cluster(tmp_path: Path, record: Record) -> None:
    from distributed import LocalCluster

    from fundsim.cluster import connect

    files = write(tmp_path / "in", 330)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        connect(cluster.scheduler_address) as executor,
    ):
        there = fs.simulate_pools(files, tmp_path / "there", n=10, executor=executor)
    assert there.equals(fs.simulate_pools(files, tmp_path / "here", n=10))
    record("330 pools of two designs on a cluster of two processes, bits equal to threads", f"{len(there)} rows")


def test_a_city_with_admissions_is_a_pool_too(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(city(ADMISSIONS).to_yaml(), encoding="utf-8")
    frame = fs.simulate_pools([file], tmp_path / "out", n=5)
    assert frame.loc[("small-city", "base"), "insured"] == 40_000
