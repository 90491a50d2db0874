"""Runs on a Ray cluster, behind the same protocol as processes: ``concurrent.futures``.

Ray gives futures of its own; here each becomes a plain one, and an error comes back as it was
raised, not wrapped. Ray counts who uses it and opens a dashboard unless it is told not to; one
that is started here is told not to.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, Final, ParamSpec, TypeVar

from xinyong.errors import QuestionRefused

P = ParamSpec("P")
T = TypeVar("T")
STORE: Final = 100_000_000
"""Bytes of shared memory for results of a Ray started here; a run's result is a small table."""
ANSWER: Final = 5.0
"""Seconds to wait for a cluster at an address."""


class RayExecutor(Executor):
    """Each task takes one core of the cluster that this process is connected to."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._remote = ray.remote(num_cpus=1, max_retries=0)(_caught)
        self._flying: dict[Future[Any], Any] = {}
        self._lock = threading.Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The future of a call somewhere on the cluster."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        reference = self._remote.remote(fn, args, kwargs)
        with self._lock:
            self._flying[future] = reference
        reference.future().add_done_callback(lambda done: self._done(future, done))
        return future

    def _done(self, future: Future[Any], done: Future[Any]) -> None:
        with self._lock:
            self._flying.pop(future, None)
        error = done.exception()  # of Ray itself: a worker that died, a task that was cancelled
        value, raised = (None, error) if error is not None else done.result()
        if raised is not None:
            future.set_exception(raised)
        else:
            future.set_result(value)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for what is under way, or cancel it."""
        with self._lock:
            flying = dict(self._flying)
        if cancel_futures:
            for reference in flying.values():
                self._ray.cancel(reference, force=True)
        if wait:
            for future in flying:
                future.exception()


def _caught(fn: Callable[..., T], args: Any, kwargs: Any) -> tuple[T | None, Exception | None]:
    """What a call gives, and what it raises: one of the two is None."""
    try:
        return fn(*args, **kwargs), None
    except Exception as error:
        return None, error


@contextmanager
def cluster(count: int, address: str | None) -> Iterator[tuple[RayExecutor, int]]:
    """An executor and how many tasks it takes at once.

    The cluster is the one this process is connected to already (left as it is), else the one at
    ``address``, else one of ``count`` cores that is started here. Raises QuestionRefused where
    Ray is not installed or no cluster answers at ``address``.
    """
    try:
        # Read when Ray is imported; whoever wants to be counted says so.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        ray: Any = importlib.import_module("ray")
    except ImportError:
        raise QuestionRefused(
            "Ray is not installed",
            where="executor",
            why="it is an extra: most people need processes only",
            mend="install xinyong[ray], or choose processes",
        ) from None
    if ray.is_initialized():
        yield from _used(ray)
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        _connect(ray, count, address)
        yield from _used(ray)
    finally:
        ray.shutdown()
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def _used(ray: Any) -> Iterator[tuple[RayExecutor, int]]:
    pool = RayExecutor(ray)
    try:
        yield pool, max(int(ray.cluster_resources().get("CPU", 1)), 1)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _connect(ray: Any, count: int, address: str | None) -> None:
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    if address is not None:
        _reached(address)
        ray.init(address=address, **quiet)
        return
    # Its workers are to find what this process finds, and to use one thread each.
    there = {"PYTHONPATH": os.pathsep.join(sys.path), "NUMBA_NUM_THREADS": "1"}
    ray.init(
        num_cpus=count,
        include_dashboard=False,
        object_store_memory=STORE,
        runtime_env={"env_vars": there},
        **quiet,
    )


def _reached(address: str) -> None:
    """Refuse an address where nothing listens; Ray itself would try for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not port.isdigit():
        return  # such as "auto": Ray knows by itself whether there is one
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER).close()
    except OSError as error:
        raise QuestionRefused(
            f"no Ray cluster answers at '{address[:200]}'",
            where="address",
            why=error.strerror or str(error),
            mend="start one with 'ray start --head', or leave the address out",
        ) from None


__all__ = ["RayExecutor", "cluster"]
