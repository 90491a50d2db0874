"""A process that writes to a store until the disk is gone, and says what was acknowledged.

It is started by a fork server that has already imported everything, so that a cut costs no more
than a moment. What it says goes over a pipe, so that it is known even when the process is killed:

- ``("ready", process)`` the store is open, and which process writes where that is another one;
- ``("ack", when, n, seqs, late)`` parcel ``n`` was acknowledged; ``when`` by the machine's
  monotonic clock; ``late``: it was given to the store after the first failure;
- ``("erasing", subject)``, ``("erased", when, subject)`` before and after an erasure;
- ``("failed", why)`` the first answer that was no receipt, after which it goes on asking.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from xinyong.errors import XinyongError
from xinyong.records.store import Act, Parcel, Store
from xinyong.records.store.apart import WriterApart
from xinyong.records.vault import Vault

MASTER = bytes(range(32))
IN_FLIGHT = 32
GO_ON = 40
"""Parcels that are still tried after the first failure."""


def subject_of(turn: int, number: int) -> str:
    """Every third parcel is about somebody new, so that keys are made all along."""
    return f"t{turn}-s{number // 3}"


def parcel(turn: int, number: int) -> Parcel:
    """Parcel ``number`` of one turn: one to four events, which say how many they are."""
    count = 1 + number % 4
    return Parcel(tuple(_event(turn, number, spot, count) for spot in range(count)))


def _event(turn: int, number: int, spot: int, count: int) -> Act:
    name = f"t{turn}-p{number}-{spot}"
    body: dict[str, Any] = {
        "id": name,
        "kind": "bill",
        "happened_at": 1_700_000_000_000_000 + number,
        "fields": {"on_time": True, "note": "paid at the counter " * (number % 30)},
        "source": "water works",
        "of": [turn, number, spot, count],
    }
    return Act("event", subject_of(turn, number + spot), body, key=name)


def write(
    url: str, vault: Path, synchronous: str, turn: int, apart: bool, pipe: Connection
) -> None:
    """Write parcels until told otherwise by the disk; with ``apart`` by a process of its own."""
    gate = threading.Lock()
    slots = threading.Semaphore(IN_FLIGHT)
    failed = threading.Event()

    def say(*what: object) -> None:
        with gate:
            pipe.send(what)

    def fail(error: BaseException) -> None:
        if not failed.is_set():
            failed.set()
            say("failed", repr(error))

    def answered(number: int, late: bool, future: Any) -> None:
        slots.release()
        error = future.exception()
        if error is None:
            say("ack", time.monotonic(), number, future.result().seqs, late)
        else:
            fail(error)

    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL + 1)  # it mourns its server
    opened = Vault.open(vault, MASTER)
    store = Store(url, opened, synchronous=synchronous, apart=apart)
    say("ready", store._writer.process if isinstance(store._writer, WriterApart) else None)
    threading.Thread(
        target=_erase, args=(store, turn, say, fail, failed), name="eraser", daemon=True
    ).start()
    for number in _numbers(failed):
        slots.acquire()
        late = failed.is_set()
        try:
            future = store.submit(parcel(turn, number))
        except XinyongError as error:
            slots.release()
            fail(error)
            continue
        future.add_done_callback(partial(answered, number, late))
    say("end")


def _numbers(failed: threading.Event) -> Iterator[int]:
    number = left = 0
    while left < GO_ON:
        yield number
        number += 1
        left += failed.is_set()


def _erase(store: Store, turn: int, say: Any, fail: Any, failed: threading.Event) -> None:
    """Erase one subject after the other, some way behind the writing."""
    spot = 0
    while not failed.wait(0.02):
        subject = subject_of(turn, spot)
        try:
            if store.vault.keys(subject_of(turn, spot + 30), create=False) is None:
                continue
            say("erasing", subject)
            store.erase(subject, reason="asked")
        except XinyongError as error:
            fail(error)
        else:
            say("erased", time.monotonic(), subject)
        spot += 3
