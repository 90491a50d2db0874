"""Answers of the store's writer brought to the loop that waits for them, a whole batch at once.

The writer answers all parcels of a transaction in a row. Waking the loop for each of them would
cost more than what there is to do.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

from xinyong.records.store import Receipt


class Answers:
    """Waits for receipts in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._here: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._called = False
        self.soon = loop.call_soon

    def slot(self) -> Slot:
        """A place for one answer, to be given to :meth:`xinyong.records.store.Store.give`."""
        return Slot(self, self._loop.create_future())

    def put(self, future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        """Bring an answer, from any thread."""
        self._here.append((future, result, error))
        if not self._called:
            self._called = True
            with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
                self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        self._called = False  # whatever comes from now on calls again
        while self._here:
            future, result, error = self._here.popleft()
            if future.done():
                continue  # it was answered, or whoever waited has gone
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)


class Slot:
    """Where the writer puts one answer; ``future`` holds the receipt once it is durable."""

    __slots__ = ("_answers", "future")

    def __init__(self, answers: Answers, future: asyncio.Future[Receipt]) -> None:
        self._answers, self.future = answers, future

    def set_result(self, result: Any) -> None:
        """It is durable."""
        self._answers.put(self.future, result, None)

    def set_exception(self, exception: BaseException | None) -> None:
        """It is not."""
        self._answers.put(self.future, None, exception)


def answers_here(rooms: dict[str, Any]) -> Answers:
    """The answers of the loop that runs now, kept in a house's rooms."""
    loop = asyncio.get_running_loop()
    found: Answers | None = rooms.get("answers")
    if found is None or found._loop is not loop:
        found = rooms["answers"] = Answers(loop)
    return found


__all__ = ["Answers", "Slot", "answers_here"]
