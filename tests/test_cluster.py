"""A cluster: the same bits as threads, also with a worker killed in the run, and plain words where there is none."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from distributed import LocalCluster

import fundsim as fs
from cities import city
from conftest import SCENARIOS
from fundsim import cluster as clusters
from fundsim import runs
from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT, FAILED
from fundsim.cluster import ClusterError, ClusterLostError, connect
from fundsim.results import Results

NOBODY = "tcp://127.0.0.1:1"


def same(one: Results, other: Results) -> bool:
    return all(np.array_equal(one.totals[name], other.totals[name]) for name in one.totals)


# --- nobody there ---------------------------------------------------------------------------------------------


def reached(address: str) -> None:
    with connect(address):
        pass


def test_a_cluster_that_cannot_be_reached_is_told_at_once() -> None:
    with pytest.raises(ClusterError, match="no scheduler answers"):
        reached(NOBODY)


@pytest.mark.parametrize("address", ["10.0.0.5:8786", "tcp://10.0.0.5", "tcp://10.0.0.5:99999", "http://x:80", ""])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(ClusterError, match=r"write one such as tcp://10\.0\.0\.5:8786"):
        reached(address)


def silent(server: socket.socket) -> None:
    """Accept two callers, and say nothing to them."""
    for _ in range(2):
        with server.accept()[0] as caller:
            while caller.recv(1024):
                pass


def test_another_service_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=silent, args=(server,), daemon=True).start()
        with pytest.raises(ClusterError, match="no Dask scheduler"):
            reached(f"tcp://127.0.0.1:{server.getsockname()[1]}")


def test_without_a_cluster_the_command_ends_and_nothing_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    file = str(SCENARIOS / "qinzhou-2017.yaml")
    done = CliRunner().invoke(main, ["run", file, "--cluster", NOBODY, "--out", str(out)])
    assert done.exit_code == BAD_INPUT
    assert "no scheduler answers" in done.stderr
    assert "leave --cluster out" in done.stderr
    assert not out.exists()


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"fundsim\[cluster\]"):
        reached(NOBODY)


# --- a cluster of two processes -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def executor(local: Any) -> Iterator[Executor]:
    with connect(local.scheduler_address) as reached:
        yield reached


def test_a_cluster_gives_the_bits_of_threads(executor: Executor) -> None:
    scenario = city()
    assert same(fs.simulate(scenario, n=60, block=7, executor=executor), fs.simulate(scenario, n=60))


def test_a_worker_killed_in_the_run_changes_nothing_but_the_time(executor: Executor, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill_one(done: int, _: int) -> None:
        if done >= 60 and not killed:
            killed.append(executor.submit(os.getpid).result())
            os.kill(killed[0], signal.SIGKILL)

    scenario = city()
    broken = fs.simulate(scenario, n=600, block=10, executor=executor, progress=kill_one, out=tmp_path / "broken")
    assert killed
    with pytest.raises(ProcessLookupError):
        os.kill(killed[0], 0)
    fs.simulate(scenario, n=600, out=tmp_path / "whole")
    assert same(broken, fs.simulate(scenario, n=600))
    names = ("replications.npz", "summary.csv")
    assert all((tmp_path / "broken" / x).read_bytes() == (tmp_path / "whole" / x).read_bytes() for x in names)


def test_an_error_of_the_work_stays_what_it_is(executor: Executor) -> None:
    with pytest.raises(ZeroDivisionError):
        executor.submit(divmod, 1, 0).result()


def test_futures_can_be_cancelled_without_noise(executor: Executor) -> None:
    first, second = (executor.submit(time.sleep, 0.2) for _ in range(2))
    second.cancel()
    assert first.result() is None


def test_workers_with_other_versions_are_refused(local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = runs.versions()
    monkeypatch.setattr(runs, "versions", lambda: ours | {"numba": "0.1"})
    with pytest.raises(ClusterError, match=r"other versions.*numba .* \(here 0\.1\)"):
        reached(local.scheduler_address)


def test_the_command_runs_on_a_cluster(local: Any, tmp_path: Path) -> None:
    file = tmp_path / "city.yaml"
    file.write_text(city().to_yaml(), encoding="utf-8")
    printed = [
        CliRunner().invoke(main, ["run", str(file), "-n", "20", "--json", "--out", str(tmp_path / name), *more])
        for name, more in (("there", ["--cluster", local.scheduler_address]), ("here", []))
    ]
    assert [done.exit_code for done in printed] == [0, 0], printed[0].stderr
    assert printed[0].stdout == printed[1].stdout


@pytest.mark.slow
def test_a_block_that_ends_every_worker_is_told() -> None:
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        connect(cluster.scheduler_address) as executor,
        pytest.raises(ClusterLostError, match="has ended 4 workers"),
    ):
        executor.submit(os._exit, 1).result(timeout=120)


SCHEDULER = "from distributed.cli.dask_scheduler import main; main()"
WORKER = "from distributed.cli.dask_worker import main; main()"


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


@pytest.mark.slow
def test_a_cluster_that_is_lost_leaves_what_arrived(tmp_path: Path) -> None:
    """The scheduler is killed in the run: the command says so, and goes on without a cluster where it was."""
    file, out, told = tmp_path / "city.yaml", tmp_path / "out", tmp_path / "told.txt"
    file.write_text(city().to_yaml(), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    command = [sys.executable, "-m", "fundsim.cli", "run", str(file), "-n", "3000", "--out", str(out)]
    started = [subprocess.Popen([sys.executable, "-c", SCHEDULER, *options], cwd=tmp_path)]
    try:
        wait_for(port)
        worker = [sys.executable, "-c", WORKER, address, "--no-nanny", "--no-dashboard"]
        started.append(subprocess.Popen(worker, cwd=tmp_path))
        with told.open("w") as stream:
            run = subprocess.Popen([*command, "--cluster", address], stderr=stream, stdout=subprocess.DEVNULL)
        started.append(run)
        while run.poll() is None and not list(out.glob("blocks/*.npy")):
            time.sleep(0.02)
        started[0].kill()
        assert run.wait(timeout=120) == FAILED, told.read_text()
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert "what arrived is saved" in told.read_text()
    assert list(out.glob("blocks/*.npy"))
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert same(Results.load(out), fs.simulate(city(), n=3000))
