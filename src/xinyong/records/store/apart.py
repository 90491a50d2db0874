"""A writer in a process of its own.

Python lets one thread of a process run at a time, so that a thread that writes and one that answers
wait for each other. Here sealing stays where the keys are; sealed entries, states and needs cross
over, and receipts come back::

    give(parcel) --frame--> child: Writer, one transaction for many --frame--> answers

A frame is four bytes of length and MessagePack. The socket between the two has no name, so nobody
else can write to it. The child ends when the socket does: with what it had been given written.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from xinyong.errors import KeyTaken, NeedUnmet, StoreRefused, StoreStopped, XinyongError
from xinyong.records.sealed import Opener
from xinyong.records.store import opening
from xinyong.records.store.acts import Receipt
from xinyong.records.store.preparing import ReadyParcel
from xinyong.records.store.writer import Answer, Soon, Work, stopped, tell

_HEAD: Final = struct.Struct("<I")
_PATIENCE: Final = 60.0
"""Seconds that a child has to write what waits, when it is told to end."""


class Opened(NamedTuple):
    """What a child opens: the store's address, how it flushes, and how many entries there are."""

    url: str
    synchronous: str
    size: int


class Order(NamedTuple):
    """A parcel to write, under a number by which it is answered."""

    number: int
    parcel: ReadyParcel


class Done(NamedTuple):
    """How the order of a number went: its receipt, or the kind of error and what it says."""

    number: int
    receipt: Receipt | None
    error: str = ""
    said: dict[str, str] = {}  # noqa: RUF012 (a NamedTuple's default is never changed)


ERRORS: Final[dict[str, type[XinyongError]]] = {
    kind.__name__: kind for kind in (KeyTaken, NeedUnmet, StoreRefused, StoreStopped)
}


def done(number: int, error: XinyongError) -> Done:
    """An order that went wrong, as it is told across."""
    kind = type(error).__name__
    said = {"what": error.what, "where": error.where, "why": error.why, "mend": error.mend}
    if isinstance(error, NeedUnmet):
        said["need"] = error.need
    return Done(number, None, kind if kind in ERRORS else "StoreRefused", said)


def _across(value: Any) -> bytes:
    if isinstance(value, Opener):
        return value.to_bytes()
    raise NotImplementedError(type(value).__name__)


def _back(kind: type, value: Any) -> Any:
    if kind is Opener:
        return Opener(value)
    raise NotImplementedError(kind.__name__)


_encoded = msgspec.msgpack.Encoder(enc_hook=_across).encode
read_opened = msgspec.msgpack.Decoder(Opened).decode
read_order = msgspec.msgpack.Decoder(Order, dec_hook=_back).decode
read_done = msgspec.msgpack.Decoder(list[Done]).decode


def framed(value: Any) -> bytes:
    """A value as one frame."""
    text = _encoded(value)
    return _HEAD.pack(len(text)) + text


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame's bytes; None where the other side has gone, even in the middle of one."""
    try:
        head = stream.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        (length,) = _HEAD.unpack(head)
        text = stream.read(length)
    except OSError:  # it went with something unread
        return None
    return text if len(text) == length else None


def _order(number: int, parcel: ReadyParcel) -> bytes:
    try:
        return framed(Order(number, parcel))
    except (OverflowError, UnicodeError) as error:
        raise StoreRefused(
            f"a need cannot be told to the writer: {error}",
            why="words are Unicode, and numbers have 64 bits",
            mend="use ids, marks, and moments in microseconds",
        ) from None


class WriterApart:
    """As :class:`xinyong.records.store.writer.Writer`, in a process of its own; POSIX alone.

    The moments of entries are those of the machine's clock. ``failed`` is why nothing is
    acknowledged any more: a write of the child failed, or it has gone.
    """

    def __init__(self, engine: sa.Engine, opened: Opened) -> None:
        self._engine = engine
        self._gate = threading.Lock()
        self._closed = False
        self._last = 0
        self._waiting: dict[int, Answer] = {}
        self._unsent: list[bytes] = []
        self.failed: BaseException | None = None
        self._socket, other = socket.socketpair()
        command = ["-P", "-m", "xinyong.records.store.apart_child", str(other.fileno())]
        with other:
            self._child = subprocess.Popen(
                [sys.executable, *command],
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # who stops us in a terminal does not stop it as well
                env={name: one for name, one in os.environ.items() if not name.endswith("_KEY")},
            )
        self._socket.sendall(framed(opened))
        self._thread = threading.Thread(target=self._listen, name="xinyong-receipts", daemon=True)
        self._thread.start()

    @property
    def process(self) -> int:
        """The child's number."""
        return self._child.pid

    def submit(self, parcel: ReadyParcel) -> Future[Receipt]:
        """Queue a parcel; the future holds its receipt once it is durable, or raises why not."""
        future: Future[Receipt] = Future()
        self.give(parcel, future)
        return future

    def give(self, parcel: ReadyParcel, answer: Answer, soon: Soon | None = None) -> None:
        """Queue a parcel; how it went is told to ``answer``.

        With ``soon`` what is given until it calls back goes over at once: to wake a process costs
        more than most of what there is to say.
        """
        with self._gate:
            if self._closed or self.failed is not None:
                raise stopped(self.failed)
            self._unsent.append(_order(self._last + 1, parcel))
            self._last += 1
            self._waiting[self._last] = answer
            if soon is not None and len(self._unsent) > 1:
                return  # it is called for already
        if soon is None:
            self.send()
        else:
            soon(self.send)

    def send(self) -> None:
        """Send what was given."""
        with self._gate:
            frames, self._unsent = self._unsent, []
            with suppress(OSError):  # it has gone: whoever listens tells all who wait
                self._socket.sendall(b"".join(frames))

    def run(self, work: Work) -> None:
        """Do a piece of work in a transaction of this process, and wait until it is durable."""
        with self._gate:
            if self._closed or self.failed is not None:
                raise stopped(self.failed)
        with self._engine.connect() as connection:
            opening.begin(connection)
            try:
                work(connection)
                opening.commit(connection)
            except BaseException as error:
                opening.roll_back(connection)
                self._fail(error)
                raise stopped(error) from error

    def close(self) -> None:
        """Have written what waits, then end the child."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
        self.send()
        with self._gate, suppress(OSError):  # it has gone already
            self._socket.shutdown(socket.SHUT_WR)
        self._thread.join(_PATIENCE)
        try:
            self._child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._socket.close()

    def _listen(self) -> None:
        with self._socket.makefile("rb") as stream:
            while (frame := read_frame(stream)) is not None:
                self._told(read_done(frame))
        self._gone()

    def _told(self, answers: Sequence[Done]) -> None:
        for one in answers:
            answer = self._waiting.pop(one.number)
            if one.receipt is not None:
                tell(answer, one.receipt)
                continue
            error = ERRORS[one.error](**one.said)
            if isinstance(error, StoreStopped):
                self._fail(error)
            tell(answer, error)

    def _fail(self, error: BaseException) -> None:
        # Without the gate: whoever holds it may wait for the child, which may wait to be heard.
        if self.failed is None:
            self.failed = error

    def _gone(self) -> None:
        """Nothing more comes: whoever still waits is not acknowledged."""
        with self._gate:
            if self.failed is None and (self._waiting or not self._closed):
                self.failed = StoreStopped(
                    "the process that writes has gone",
                    why="what it was given last may be written or not; nothing is acknowledged",
                    mend="open the store again: it verifies itself first",
                )
            left, self._waiting = self._waiting, {}
        for answer in left.values():
            tell(answer, stopped(self.failed))


def can_be_apart() -> bool:
    """Whether this system can hand a socket on to a child."""
    return os.name == "posix"


__all__ = [
    "Done",
    "Opened",
    "Order",
    "WriterApart",
    "can_be_apart",
    "done",
    "framed",
    "read_frame",
    "read_opened",
    "read_order",
]
