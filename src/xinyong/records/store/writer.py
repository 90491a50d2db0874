"""The one thread that writes: whatever waits is written in one transaction and answered together.

A commit costs a flush to the disk; writing many parcels with one is what makes the store fast
without making it forget. After a commit that failed, nothing is acknowledged any more until the
store is opened anew: what the disk holds is then unknown.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any, Final, Protocol

import sqlalchemy as sa

from xinyong.errors import StoreRefused, StoreStopped, XinyongError
from xinyong.records.store import opening
from xinyong.records.store.acts import Receipt
from xinyong.records.store.appending import Kept, Writing, judged
from xinyong.records.store.preparing import ReadyParcel

BATCH: Final = 4_000
"""Acts written in one transaction at most, about."""

LINGER: Final = 0.002
"""Seconds for which a parcel waits for others, where the last one did not come alone."""

Work = Callable[[sa.Connection], None]
"""Something else that is written: done in the same transaction, after the parcels."""


Soon = Callable[[Callable[[], None]], object]
"""Calls what it is given when what is being done now is over."""


class Answer(Protocol):
    """What an answer is given to, from the writer's thread; a ``concurrent.futures.Future`` is.

    The first one counts; a further one is dropped, or refused with InvalidStateError.
    """

    def set_result(self, result: Any) -> None:
        """It is durable: the receipt."""
        ...

    def set_exception(self, exception: BaseException | None) -> None:
        """It was refused, or not acknowledged."""
        ...


_Waiting = tuple[ReadyParcel | Work, Answer]


class Writer:
    """Takes parcels from any thread and answers each when it is durable, or refused.

    ``clock`` gives the moment in microseconds UTC; the ledger's moments never go back even if it
    does. ``size`` is how many entries there were when the store was opened. ``told`` is called
    after all that were written together were answered.
    """

    def __init__(
        self,
        engine: sa.Engine,
        clock: Callable[[], int],
        size: int,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._kept = Kept(size)
        self._told = told
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._many = 0
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="xinyong-writer", daemon=True)
        self._thread.start()

    def submit(self, parcel: ReadyParcel) -> Future[Receipt]:
        """Queue a parcel; the future holds its receipt once it is durable.

        Or it raises NeedUnmet, KeyTaken, StoreRefused (nothing of it written) or StoreStopped
        (not acknowledged: after reopening it is there whole, or not at all).
        """
        future: Future[Receipt] = Future()
        self.give(parcel, future)
        return future

    def run(self, work: Work) -> None:
        """Do a piece of work in the one thread that writes, and wait until it is durable."""
        future: Future[None] = Future()
        self.give(work, future)
        future.result()

    def give(self, parcel: ReadyParcel | Work, answer: Answer, soon: Soon | None = None) -> None:
        """Queue a parcel or a piece of work; how it went is told to ``answer``.

        ``soon`` is of use to :class:`xinyong.records.store.apart.WriterApart` alone.
        """
        with self._gate:
            if self._closed or self.failed is not None:
                raise stopped(self.failed)
            self._queue.put((parcel, answer))

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        connection: sa.Connection | None = None
        more = True
        while more:
            waiting, more = self._gathered()
            self._many = len(waiting) if len(waiting) > 1 else 0
            if not waiting:
                continue
            if self.failed is None:
                try:
                    if connection is None:
                        connection = self._engine.connect()
                    self._write(connection, waiting)
                except StoreRefused as error:
                    _answer(waiting, error)
                except BaseException as error:
                    with self._gate:
                        self.failed = error
            if self.failed is not None:
                _answer(waiting, stopped(self.failed))
            self._told()
        if connection is not None:
            connection.close()

    def _gathered(self) -> tuple[list[_Waiting], bool]:
        first = self._queue.get()
        if self._many and self._queue.qsize() < self._many:
            time.sleep(LINGER)  # those who were answered together are likely to ask again
        found: list[_Waiting] = []
        size = 0
        item = first
        while item is not None:
            found.append(item)
            size += len(item[0].acts) if isinstance(item[0], ReadyParcel) else 1
            if size >= BATCH:
                return found, True
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return found, True
        return found, False

    def _write(self, connection: sa.Connection, waiting: list[_Waiting]) -> None:
        opening.begin(connection)
        try:
            writing = Writing(connection, self._clock(), self._kept)
            parcels = [(p, future) for p, future in waiting if isinstance(p, ReadyParcel)]
            answers = judged(writing, [parcel for parcel, _ in parcels])
            works = [(p, future) for p, future in waiting if not isinstance(p, ReadyParcel)]
            for work, _ in works:
                work(connection)
        except BaseException:
            opening.roll_back(connection)
            raise
        opening.commit(connection)
        self._kept.written(writing.size)
        for (_, future), answer in zip(parcels, answers, strict=True):
            tell(future, answer)
        for _, future in works:
            tell(future, None)


def _answer(waiting: list[_Waiting], error: XinyongError) -> None:
    for _, future in waiting:
        tell(future, error)


def tell(future: Answer, said: Any) -> None:
    """Give an answer to whoever waits. Who has gone away meanwhile stops nobody else."""
    with suppress(InvalidStateError):
        if isinstance(said, XinyongError):
            future.set_exception(said)
        else:
            future.set_result(said)


def stopped(failed: BaseException | None) -> StoreStopped:
    """The error of asking a writer that is closed, or has failed."""
    if isinstance(failed, StoreStopped):
        return StoreStopped(failed.what, where=failed.where, why=failed.why, mend=failed.mend)
    if failed is None:
        return StoreStopped("the store is closed", mend="open it again")
    return StoreStopped(
        f"the store has stopped: {type(failed).__name__}",
        why="a write failed, so what the disk holds is unknown; nothing more is acknowledged",
        mend="mend the disk or the database, then open the store again: it verifies itself first",
    )


__all__ = ["BATCH", "Answer", "Soon", "Work", "Writer", "stopped", "tell"]
