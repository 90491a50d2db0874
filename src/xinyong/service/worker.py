"""What must happen without anybody asking: checkpoints signed, clocks that ran out, jobs.

Each *duty* is a function of the house and the moment; it says how many things it did. A duty that
fails is told in the log and tried again on the next round; the others are not held up by it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from xinyong.errors import XinyongError
from xinyong.service.auditing import newest_note
from xinyong.service.clocks import close_disputes
from xinyong.service.correcting import work_out_all
from xinyong.service.house import House
from xinyong.service.jobs import do_jobs, end_jobs

Duty = Callable[[House, int], int]

EVERY: Final = 5.0
"""Seconds between two rounds."""
CHECKPOINT_EVERY: Final = 60_000_000
"""Microseconds between two checkpoints of a ledger that grows."""

log = structlog.get_logger("xinyong.worker")


def sign_checkpoint(house: House, moment: int) -> int:
    """Sign a checkpoint where the ledger has grown and the last is a minute old."""
    last: int = house.rooms.get("checkpoint_at", 0)
    if moment - last < CHECKPOINT_EVERY:
        return 0
    house.rooms["checkpoint_at"] = moment
    kept = house.store.checkpoint()
    newest_note(house)
    now = house.store.checkpoint()
    return int(now is not None and (kept is None or now[0] > kept[0]))


def open_again(house: House, moment: int) -> int:
    """Open a store that has stopped, once it verifies."""
    if not house.store.stopped:
        return 0
    house.store.reopen()
    return 1


def duties() -> list[Duty]:
    """All duties, in order."""
    return [open_again, close_disputes, work_out_all, do_jobs, end_jobs, sign_checkpoint]


class Worker:
    """Does all duties, or ``only`` some, once or round after round in a thread of its own."""

    def __init__(self, house: House, only: Sequence[Duty] | None = None) -> None:
        self._house = house
        self._duties = duties() if only is None else list(only)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def once(self) -> dict[str, int]:
        """One round; gives how many things each duty did."""
        done: dict[str, int] = {}
        for duty in self._duties:
            name = duty.__name__
            try:
                done[name] = duty(self._house, self._house.clock())
            except XinyongError as error:
                log.error("a duty failed", duty=name, error=type(error).__name__)
            except Exception as error:
                log.error("a duty broke", duty=name, error=type(error).__name__)
        for name, count in done.items():
            if count:
                log.info("done", duty=name, count=count)
        return done

    def start(self) -> None:
        """Begin rounds in a thread."""
        self._thread = threading.Thread(target=self._rounds, name="xinyong-worker", daemon=True)
        self._thread.start()

    def _rounds(self) -> None:
        while not self._stop.wait(EVERY):
            self.once()

    def stop(self) -> None:
        """End after the round that runs."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()


__all__ = ["CHECKPOINT_EVERY", "EVERY", "Duty", "Worker", "duties", "open_again"]
