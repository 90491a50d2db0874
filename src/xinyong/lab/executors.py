"""Where runs are worked out: here, in processes, or on a cluster of Dask or Ray.

All are :class:`concurrent.futures.Executor`. :func:`executor` gives one by name and closes
it; a run is one task, one thread each. Interrupting ends the processes that were started here.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar

from xinyong.errors import QuestionRefused

P = ParamSpec("P")
T = TypeVar("T")
NAMES: Final = ("serial", "processes", "dask", "ray")

_counter: Any = None
"""In a worker: months done by all workers together."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to run: an executor, how many tasks it takes at once, and months done so far.

    ``months`` gives None where the workers cannot tell while they work.
    """

    pool: Executor
    workers: int
    months: Callable[[], int | None]


class Serial(Executor):
    """Runs each task when it is submitted, in this process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The finished future of a call; an interruption is not caught."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def default_workers() -> int:
    """As many as there are cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def executor(
    name: str = "processes", *, workers: int | None = None, address: str | None = None
) -> Iterator[Place]:
    """A place to run, closed at the end; on an interruption nothing is waited for.

    ``name`` is one of :data:`NAMES`; ``workers`` as many as there are cores by default;
    ``address`` is that of a Dask scheduler or a Ray cluster (without it one is started on this
    machine). Raises :class:`~xinyong.errors.QuestionRefused` for another name, or where Dask or
    Ray is not installed.
    """
    count = default_workers() if workers is None else workers
    if count < 1:
        raise QuestionRefused(
            f"{count} workers cannot work", where="workers", why="at least one must", mend="give 1"
        )
    if name == "serial" or (name == "processes" and count == 1):
        yield Place(Serial(), 1, _months_here)
    elif name == "processes":
        yield from _processes(count)
    elif name == "dask":
        yield from _dask(count, address)
    elif name == "ray":
        from xinyong.lab.executors_ray import cluster

        with cluster(count, address) as (pool, at_once):
            yield Place(pool, at_once, _months_here)
    else:
        raise QuestionRefused(
            f"no executor is called '{name[:60]}'",
            where="executor",
            why="runs are worked out here, in processes, or on a cluster of Dask or Ray",
            mend=f"one of {', '.join(NAMES)}",
        )


def tick(months: int) -> None:
    """Tell whoever waits that so many more months are done; called where a run is worked out."""
    if _counter is not None:
        with _counter.get_lock():
            _counter.value += months


def ticking() -> Callable[[int, int], None]:
    """What a run tells its months to, done and in all, so that they are counted where it runs."""
    told = 0

    def tell(done: int, _whole: int) -> None:
        nonlocal told
        tick(done - told)
        told = done

    return tell


def spreading(
    place: Place, months: int, told: Callable[[int], None]
) -> Callable[[Callable[[T], Any], Iterable[T]], list[Any]]:
    """A ``map`` over a place that tells the months done, of jobs of so many months each."""
    done = 0

    def spread(work: Callable[[T], Any], jobs: Iterable[T]) -> list[Any]:
        nonlocal done
        futures, waiting = [], set()
        for job in jobs:
            futures.append(place.pool.submit(work, job))
            if isinstance(place.pool, Serial):
                done += 1
                told(done * months)
            else:
                waiting.add(futures[-1])
        while waiting:
            ready, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
            done += len(ready)
            told(max(done * months, place.months() or 0))
        return [future.result() for future in futures]

    return spread


def _months_here() -> int | None:
    return None


def _begin(counter: Any) -> None:
    """In a new worker: leave Ctrl-C to the parent, work with one thread."""
    global _counter  # noqa: PLW0603  (a worker has no other place for it)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    _counter = counter


def _processes(count: int) -> Iterator[Place]:
    # Never plain fork: libraries that have started threads do not survive it.
    way = "forkserver" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(way)
    counter = context.Value("q", 0)
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(counter,))
    try:
        yield Place(pool, count, lambda: int(counter.value))
    except BaseException:
        started = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in started:
            process.terminate()
        for process in started:
            process.join()
        raise
    pool.shutdown()


def _dask(count: int, address: str | None) -> Iterator[Place]:
    try:
        dask: Any = importlib.import_module("distributed")
    except ImportError:
        raise QuestionRefused(
            "Dask is not installed",
            where="executor",
            why="it is an extra: most people need processes only",
            mend="install xinyong[dask], or choose processes",
        ) from None
    if address is not None:
        with dask.Client(address) as client:
            yield Place(client.get_executor(), max(len(client.nthreads()), 1), _months_here)
        return
    cluster = dask.LocalCluster(
        n_workers=count, threads_per_worker=1, dashboard_address=None, silence_logs=40
    )
    with cluster, dask.Client(cluster) as client:
        yield Place(client.get_executor(), count, _months_here)
