"""Requests on the wire: how long one may take to arrive, and how long its head may be.

The server underneath waits for ever for the rest of a request, and keeps a head of any length in
memory. Here a head has to be there within :data:`HEAD_SECONDS` and within :data:`MOST_HEAD` bytes,
and the whole request within :data:`WHOLE_SECONDS`; otherwise the connection is closed.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_SECONDS: Final = 10.0
"""Seconds within which the line and the headers of a request arrive."""
WHOLE_SECONDS: Final = 60.0
"""Seconds within which the body has arrived too."""
MOST_HEAD: Final = 65_536
"""Bytes of the line and the headers of a request, counted as they come in."""

_WORDS: Final = {408: "Request Timeout", 431: "Request Header Fields Too Large"}


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, which gives up on a request that does not arrive."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._clock: asyncio.TimerHandle | None = None
        self._in_head, self._head = True, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection is there: its first head has to come."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        if self._in_head and self._clock is None:
            self._wait(HEAD_SECONDS)  # the next request on a connection that was kept
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > MOST_HEAD:
                self._give_up(431)

    def on_headers_complete(self) -> None:
        """The head is there; the body has to come."""
        self._in_head, self._head = False, 0
        self._wait(WHOLE_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is there; answering it may take its time."""
        self._in_head = True
        self._stop()
        super().on_message_complete()

    def _wait(self, seconds: float) -> None:
        self._stop()
        self._clock = self.loop.call_later(seconds, self._give_up, 408)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _give_up(self, status: int) -> None:
        """Close the connection; say why unless an answer has begun."""
        self._stop()
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        if self._in_head and (cycle is None or cycle.response_complete):
            said = f"HTTP/1.1 {status} {_WORDS[status]}\r\nconnection: close\r\n"
            self.transport.write(f"{said}content-length: 0\r\n\r\n".encode())
        self.transport.close()


__all__ = ["HEAD_SECONDS", "MOST_HEAD", "WHOLE_SECONDS", "BoundedProtocol"]
