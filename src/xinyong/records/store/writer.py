"""The one thread that writes: whatever waits is written in one transaction and answered together.

A commit costs a flush to the disk; writing many parcels with one is what makes the store fast
without making it forget. After a commit that failed, nothing is acknowledged any more until the
store is opened anew: what the disk holds is then unknown.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

import sqlalchemy as sa

from xinyong.errors import StoreStopped, XinyongError
from xinyong.records.store import opening
from xinyong.records.store.acts import Receipt
from xinyong.records.store.appending import Writing, judged
from xinyong.records.store.preparing import ReadyParcel

BATCH: Final = 4_000
"""Acts written in one transaction at most, about."""

_Waiting = tuple[ReadyParcel, "Future[Receipt]"]


class Writer:
    """Takes parcels from any thread and answers each when it is durable, or refused.

    ``clock`` gives the moment in microseconds UTC; the ledger's moments never go back even if it
    does.
    """

    def __init__(self, engine: sa.Engine, clock: Callable[[], int]) -> None:
        self._engine = engine
        self._clock = clock
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="xinyong-writer", daemon=True)
        self._thread.start()

    def submit(self, parcel: ReadyParcel) -> Future[Receipt]:
        """Queue a parcel; the future holds its receipt once it is durable.

        Or it raises NeedUnmet, KeyTaken (nothing of it written) or StoreStopped (not
        acknowledged: after reopening it is there whole, or not at all).
        """
        future: Future[Receipt] = Future()
        with self._gate:
            if self._closed or self.failed is not None:
                raise _stopped(self.failed)
            self._queue.put((parcel, future))
        return future

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
            if not waiting:
                continue
            if self.failed is not None:
                self._refuse(waiting)
                continue
            try:
                if connection is None:
                    connection = self._engine.connect()
                self._write(connection, waiting)
            except BaseException as error:
                with self._gate:
                    self.failed = error
                self._refuse(waiting)
        if connection is not None:
            connection.close()

    def _gathered(self) -> tuple[list[_Waiting], bool]:
        first = self._queue.get()
        found: list[_Waiting] = []
        size = 0
        item = first
        while item is not None:
            found.append(item)
            size += len(item[0].acts)
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
            writing = Writing(connection, self._clock())
            answers = judged(writing, [parcel for parcel, _ in waiting])
        except BaseException:
            opening.roll_back(connection)
            raise
        opening.commit(connection)
        for (_, future), answer in zip(waiting, answers, strict=True):
            if isinstance(answer, XinyongError):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def _refuse(self, waiting: list[_Waiting]) -> None:
        for _, future in waiting:
            if not future.done():
                future.set_exception(_stopped(self.failed))


def _stopped(failed: BaseException | None) -> StoreStopped:
    if failed is None:
        return StoreStopped("the store is closed", mend="open it again")
    return StoreStopped(
        f"the store has stopped: {type(failed).__name__}",
        why="a write failed, so what the disk holds is unknown; nothing more is acknowledged",
        mend="mend the disk or the database, then open the store again: it verifies itself first",
    )


__all__ = ["BATCH", "Writer"]
