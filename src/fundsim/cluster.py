"""Work on other machines (集群): blocks of replications run on a Dask cluster, behind the interface of an executor.

    with connect("tcp://10.0.0.5:8786") as executor:
        fs.simulate(scenario, executor=executor, out="runs/city")

A block has the same bits wherever it runs. What a block needs is sent once and kept by the workers; if the worker that
keeps it is lost, another makes it again from what the scheduler holds. A block whose worker was killed is run again
elsewhere. Results come back block by block, so that what arrived is not lost with the cluster.
"""

from __future__ import annotations

import asyncio
import inspect
import pickle
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from fundsim import runs
from fundsim.errors import UsersError

if TYPE_CHECKING:
    from distributed import Client

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE: Final = 5
"""Seconds in which a scheduler has to answer, and then to have a worker."""
LAST_PORT: Final = 65_535
KEPT: Final = 16
"""Objects that workers hold ready; an older one that is asked for again is sent again."""
RETRIES: Final = 3
"""How often a block is tried again where it fails."""


class ClusterError(UsersError):
    """A cluster that cannot be reached, or would not give our results."""


class ClusterLostError(Exception):
    """A cluster that was lost in the middle of a run; blocks that arrived are saved."""


@contextmanager
def connect(address: str) -> Iterator[Executor]:
    """Reach a cluster, make sure that its workers run what we run, and let them compile the kernels.

    Args:
        address: of the scheduler, ``tcp://HOST:8786``.

    Raises:
        ClusterError: nobody answers, there are no workers, they have other versions, or Dask is not installed here.
    """
    client = _client(address)
    try:
        _welcome(client, address)
        yield ClusterExecutor(client, address)
    finally:
        client.close(timeout=PATIENCE)


_ADDRESS: Final = re.compile(r"(?:tcp|tls)://(?P<host>\[[0-9a-fA-F:]+\]|[^:/\s]+):(?P<port>\d{1,5})")


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ClusterError("a cluster needs Dask, which is not installed; pip install 'fundsim[cluster]'") from None
    _knock(address)
    return Client(address, timeout=PATIENCE, set_as_default=False)


def _knock(address: str) -> None:
    """See whether a scheduler listens, before a client is made that goes on trying and is hard to stop.

    Raises:
        ClusterError: this is no address, or no scheduler listens there.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match["port"]) > LAST_PORT:
        raise ClusterError(f"'{address}' is no address of a scheduler; write one such as tcp://10.0.0.5:8786")
    start = f"start one with 'dask scheduler', workers with 'dask worker {address}', or leave --cluster out"
    try:
        socket.create_connection((match["host"].strip("[]"), int(match["port"])), timeout=PATIENCE).close()
    except OSError as error:
        raise ClusterError(f"{address}: no scheduler answers ({error.strerror or error}); {start}") from None
    with ThreadPoolExecutor(max_workers=1) as aside:  # a notebook has a loop of its own under way
        try:
            aside.submit(asyncio.run, _greeted(address)).result()
        except Exception as error:  # whatever listens there may say anything
            why = f"what answers there is no Dask scheduler ({type(error).__name__})"
            raise ClusterError(f"{address}: {why}; {start}") from None


async def _greeted(address: str) -> None:
    from distributed.comm.core import connect as reach

    comm = await asyncio.wait_for(reach(address, timeout=PATIENCE), PATIENCE)
    await comm.close()


def _welcome(client: Client, address: str) -> None:
    """Wait for a worker, compare versions and warm up; every worker at once.

    Raises:
        ClusterError: there is no worker, or one that would not give our results.
    """
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise ClusterError(
            f"{address}: the scheduler has no workers; start some with 'dask worker {address}'"
        ) from None
    workers = list(client.scheduler_info(n_workers=-1)["workers"])
    asked = {
        name: client.submit(warmed_up, workers=[name], allow_other_workers=False, pure=False, retries=RETRIES)
        for name in workers
    }
    for name, future in asked.items():
        try:
            _compare(future.result(), f"worker {name}")
        except (ClusterError, CancelledError):
            raise
        except Exception as error:
            raise ClusterError(
                f"worker {name} cannot run fundsim ({type(error).__name__}: {error}); install fundsim "
                f"{runs.versions()['fundsim']} where it runs"
            ) from None


def warmed_up() -> dict[str, str]:
    """Let a worker load or compile the kernels on a scheme of a few heads; returns its versions."""
    from fundsim.scenario import load_text
    from fundsim.scenario.template import TEMPLATE
    from fundsim.years import TermJob

    scenario = load_text(TEMPLATE.read_text(encoding="utf-8"), TEMPLATE.name)
    TermJob.build([scenario.replace({"population.insured": "10 persons"})], 1, 1).run(0, 1)
    return runs.versions()


def _compare(theirs: dict[str, str], who: str) -> None:
    ours = runs.versions()
    differing = [
        f"{name} {theirs.get(name)} (here {version})" for name, version in ours.items() if theirs.get(name) != version
    ]
    if differing:
        raise ClusterError(f"{who} has other versions, and might give other results: {', '.join(differing)}")


class ClusterExecutor(Executor):
    """Runs methods of one object on a cluster; the object travels once.

    Futures are ours: those of Dask's own executor complain when they are cancelled.
    """

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address
        self._pool = client.get_executor(retries=RETRIES, pure=False)
        self._sent: dict[int, tuple[object, Any]] = {}

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        outer: Future[T] = Future()
        if inspect.ismethod(fn):
            inner = self._pool.submit(_method, runs.versions(), self._there(fn.__self__), fn.__name__, *args, **kwargs)
        else:
            inner = self._pool.submit(_checked, runs.versions(), fn, *args, **kwargs)
        inner.add_done_callback(lambda done: self._hand_on(done, outer))
        return outer

    def _there(self, owner: object) -> Any:
        """The object at the workers: a task of its own, so that it can be made again where it is lost."""
        if id(owner) not in self._sent:
            future = self._client.submit(pickle.loads, pickle.dumps(owner), pure=False, retries=RETRIES)
            self._sent[id(owner)] = owner, future
            while len(self._sent) > KEPT:
                del self._sent[next(iter(self._sent))]
        return self._sent[id(owner)][1]

    def _hand_on(self, inner: Future[T], outer: Future[T]) -> None:
        if not outer.set_running_or_notify_cancel():
            return
        error = CancelledError() if inner.cancelled() else inner.exception()
        if error is None:
            outer.set_result(inner.result())
        else:
            outer.set_exception(self._in_words(error))

    def _in_words(self, error: BaseException) -> BaseException:
        """An error of the cluster in plain words; one of the work itself stays what it is."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return ClusterLostError(
                f"{self._address}: a block has ended {RETRIES + 1} workers, perhaps for want of memory; what arrived "
                "is saved: the same command goes on from there, with workers that have more"
            )
        if isinstance(error, CancelledError | OSError) or type(error).__module__.startswith("distributed"):
            return ClusterLostError(
                f"{self._address}: the cluster was lost ({type(error).__name__}); what arrived is saved: "
                "the same command goes on from there"
            )
        return error


def _method(versions: dict[str, str], owner: object, name: str, /, *args: Any, **kwargs: Any) -> Any:
    return _checked(versions, getattr(owner, name), *args, **kwargs)


def _checked(versions: dict[str, str], fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
    """Run a block on a worker, which may have come after the others were asked."""
    _same(tuple(versions.items()))
    return fn(*args, **kwargs)


@lru_cache(maxsize=4)
def _same(versions: tuple[tuple[str, str], ...]) -> None:
    ours, theirs = dict(versions), runs.versions()
    differing = [
        f"{name} {theirs.get(name)} (asked {version})" for name, version in ours.items() if theirs.get(name) != version
    ]
    if differing:
        raise ClusterError(f"a worker that joined has other versions: {', '.join(differing)}")
