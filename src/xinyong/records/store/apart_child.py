"""The process that writes, started by :mod:`xinyong.records.store.apart` alone.

    python -P -m xinyong.records.store.apart_child FD

``FD`` is its end of the socket.
"""

from __future__ import annotations

import gc
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Any

from xinyong.errors import StoreStopped, XinyongError
from xinyong.records.store import opening
from xinyong.records.store.acts import Receipt
from xinyong.records.store.apart import Done, done, framed, read_frame, read_opened, read_order
from xinyong.records.store.store import wall_clock
from xinyong.records.store.writer import Writer


class _Answers:
    """Gathers what the writer answers, and sends it when a transaction is over."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._gate = threading.Lock()
        self._said: list[Done] = []

    def put(self, one: Done) -> None:
        self._said.append(one)

    def send(self) -> None:
        with self._gate:
            said, self._said = self._said, []
            if said:
                with suppress(OSError):  # nobody waits any more: what is written is written
                    self._end.sendall(framed(said))


class _Slot:
    """Where the writer puts the answer to one order."""

    __slots__ = ("_answers", "_number")

    def __init__(self, answers: _Answers, number: int) -> None:
        self._answers, self._number = answers, number

    def set_result(self, result: Any) -> None:
        assert isinstance(result, Receipt)
        self._answers.put(Done(self._number, result))

    def set_exception(self, exception: BaseException | None) -> None:
        assert isinstance(exception, XinyongError)
        self._answers.put(done(self._number, exception))


def main(end: socket.socket) -> None:
    """Write what comes until the other side ends; then end as well."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)  # the other side says when it is over
    with end.makefile("rb") as stream:
        first = read_frame(stream)
        if first is None:
            return
        url, synchronous, size = read_opened(first)
        engine = opening.engine_for(url, synchronous=synchronous)
        answers = _Answers(end)
        writer = Writer(engine, wall_clock, size, told=answers.send)
        gc.freeze()
        while (frame := read_frame(stream)) is not None:
            number, parcel = read_order(frame)
            try:
                writer.give(parcel, _Slot(answers, number))
            except StoreStopped as error:
                answers.put(done(number, error))
                answers.send()
        writer.close()
        answers.send()
        engine.dispose()


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
