"""Requests that do not arrive: half a head, a head without end, half a body; a real server."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from xinyong.service import arriving
from xinyong.service.arriving import BoundedProtocol

HALF = b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: "


async def plain(scope: Any, receive: Any, send: Any) -> None:
    """Reads a body to its end and answers with its length."""
    if scope["type"] != "http":
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d" % length})


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """Starts servers of that protocol; gives their port. Waits are short here."""
    monkeypatch.setattr(arriving, "HEAD_SECONDS", 1.0)
    monkeypatch.setattr(arriving, "WHOLE_SECONDS", 2.0)
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(protocol: Any = BoundedProtocol) -> int:
        config = uvicorn.Config(
            plain, port=0, http=protocol, ws="none", lifespan="off", log_level="critical"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        port: int = server.servers[0].sockets[0].getsockname()[1]
        return port

    yield start
    for server, thread in running:
        server.force_exit = server.should_exit = True
        thread.join()


def talk(port: int, *parts: bytes, wait: float = 10) -> bytes:
    """What comes back after these bytes, until the server closes; "open" where it does not."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as line:
        got = b""
        try:
            for part in parts:
                line.sendall(part)
            while data := line.recv(65_536):
                got += data
        except TimeoutError:
            got += b"open"
        except (BrokenPipeError, ConnectionResetError):
            got += b"reset"
        return got


def asked(port: int) -> bytes:
    return talk(port, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")


def test_half_a_head_is_given_up_and_others_are_served_meanwhile(
    served: Callable[..., int],
) -> None:
    port = served()
    half = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    for line in half:
        line.sendall(HALF)
    assert asked(port).startswith(b"HTTP/1.1 200")
    for line in half:
        line.settimeout(10)
        assert line.recv(1000).startswith(b"HTTP/1.1 408") and line.recv(1000) == b""
        line.close()
    assert (
        talk(port)
        == b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    )


def test_bytes_that_trickle_do_not_keep_a_connection(served: Callable[..., int]) -> None:
    with socket.create_connection(("127.0.0.1", served()), timeout=10) as line:
        began = time.monotonic()
        line.sendall(HALF)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while time.monotonic() - began < 30:
                line.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - began < 10


def test_a_head_without_end_is_refused_and_not_kept(served: Callable[..., int]) -> None:
    for parts in (
        (HALF, *[b"x" * 65_536] * 100),
        (b"GET / HTTP/1.1\r\n", *[b"x-a: b\r\n" * 8192] * 100),
        (b"GET /", *[b"a" * 65_536] * 100),
    ):
        answer = talk(served(), *parts)
        assert answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400", b"reset")), answer[:60]


def test_half_a_body_is_given_up(served: Callable[..., int]) -> None:
    port = served()
    head = b"POST / HTTP/1.1\r\nhost: x\r\n"
    assert talk(port, head + b"content-length: 100\r\n\r\n{") == b""
    assert talk(port, head + b"transfer-encoding: chunked\r\n\r\n5\r\nab") == b""
    whole = head + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
    assert b"\r\n\r\n1\r\n5\r\n" in talk(port, whole)


def test_two_ways_to_say_a_length_are_refused(served: Callable[..., int]) -> None:
    """A request could be hidden in the body of another where a proxy reads the other length."""
    port = served()
    head = b"POST / HTTP/1.1\r\nhost: x\r\n"
    for lengths in (
        b"content-length: 5\r\ntransfer-encoding: chunked\r\n",
        b"content-length: 5\r\ncontent-length: 6\r\n",
        b"content-length: -1\r\n",
        b"content-length: 5x\r\n",
    ):
        assert talk(port, head + lengths + b"\r\n0\r\n\r\nGET").startswith(b"HTTP/1.1 400"), lengths


def test_a_connection_may_be_kept_for_more_requests(served: Callable[..., int]) -> None:
    port = served()
    one = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for _ in range(3):
            line.sendall(one)
            got = b""
            while not got.endswith(b"\r\n0\r\n\r\n"):  # the end of a body in chunks
                got += line.recv(1000)
            assert got.startswith(b"HTTP/1.1 200")
            time.sleep(0.6)  # longer in all than one head may take
        line.sendall(HALF)
        assert line.recv(1000).startswith(b"HTTP/1.1 408")


def test_without_the_bounds_half_a_head_stays(served: Callable[..., int]) -> None:
    """The same questions find the server underneath out."""
    port = served("httptools")
    assert talk(port, HALF, wait=1.5) == b"open"
    assert talk(port, HALF, *[b"x" * 65_536] * 20, wait=1.5) == b"open"


def test_the_service_is_served_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from xinyong.service import main

    given: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda *_, **named: given.update(named))
    for name in (main.FOLDER, "XINYONG_LOG", "XINYONG_WORKER"):
        monkeypatch.setenv(name, "")
    main.serve(tmp_path, host="127.0.0.1", port=1)
    assert given["http"] is BoundedProtocol and given["ws"] == "none"
    assert not given["server_header"] and not given["access_log"]
    assert "uvicorn.protocols.http.httptools_impl" in sys.modules
