"""After a full disk, a failed flush or a dead disk nothing is acknowledged until reopening."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from disk import Disk
from failing import MOST, TRIES, NaiveWriter, StoreWriter, tally
from power import Site, site

from xinyong.errors import StoreStopped, XinyongError

HERE = Path(__file__).parent
COMPILER = shutil.which("cc")
BACKENDS = ("sqlite", "postgresql", "sqlite apart")


def fill(folder: Path) -> Callable[[], None]:
    """Leave almost no room on a disk; what comes back makes room again."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        left = os.statvfs(folder)
        room = left.f_bavail * left.f_frsize - (256 << 10)
        os.posix_fallocate(file.fileno(), 0, room)
    return filler.unlink


def full_disk(place: Site | Disk) -> tuple[Callable[[], None], Callable[[], None]]:
    folder = place.folder if isinstance(place, Disk) else place.disk.folder
    room: list[Callable[[], None]] = []

    def mend() -> None:
        room.pop()()

    return lambda: room.append(fill(folder)), mend


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_full_disk_stops_the_store_until_it_is_reopened(backend: str) -> None:
    with site(backend, 128) as place, place.store() as store:
        writer = StoreWriter(store)
        found = tally(writer, *full_disk(place))
        assert (found.before >= TRIES, found.after) == (True, 0)
        assert store.stopped
        with pytest.raises(StoreStopped, match="has stopped"):
            store.keep_checkpoint(1, "a note")
        with pytest.raises(StoreStopped):
            store.erase("anna", reason="asked")
        assert store.vault.keys("anna", create=False) is not None
        store.reopen()
        assert all(writer(100_000 + one) for one in range(TRIES))
        assert writer.all_there()


def test_a_naive_writer_goes_on_after_a_full_disk() -> None:
    with Disk(32) as disk, closing(NaiveWriter(disk.folder / "naive.db")) as naive:
        assert tally(naive, *full_disk(disk)).after > 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_dead_disk_is_not_reopened(backend: str) -> None:
    with site(backend) as place:
        with place.store() as store:
            writer = StoreWriter(store)
            found = tally(writer, place.disk.cut, lambda: None)
            assert (found.before >= TRIES, found.after) == (True, 0)
            for _ in range(2):
                with pytest.raises(XinyongError):
                    store.reopen()
                assert not writer(100_000)
            acks = writer.acks
        place.end()
        place.disk.off()
        place.disk.again()
        place.start()
        with place.store() as store:
            writer = StoreWriter(store)
            writer.acks = acks
            assert writer.all_there() and writer(100_000)


def flushless(folder: Path) -> dict[str, str]:
    """Settings for a process whose flushes fail while a file is there."""
    if COMPILER is None:
        pytest.fail("flushes are made to fail by a small library; missing: a C compiler (cc)")
    library = folder / "failing_flush.so"
    command = [COMPILER, "-shared", "-fPIC", "-o", str(library)]
    subprocess.run([*command, str(HERE / "failing_flush.c"), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "XINYONG_NO_FLUSH": str(folder / "no-flush")}


@pytest.mark.parametrize("way", ["sqlite", "naive", "postgresql"])
def test_a_failed_flush_stops_the_store_and_not_a_naive_writer(way: str) -> None:
    with Disk(256) as disk:
        said = under_postgresql(disk) if way == "postgresql" else under_sqlite(disk, way)
    if way == "naive":
        assert said["after"] > 0
    else:
        assert said["before"] >= TRIES
        assert said == {"before": said["before"], "after": 0, "again": TRIES, "whole": True}


def under_sqlite(disk: Disk, way: str) -> dict[str, int]:
    """SQLite flushes in the process itself, so it needs one of its own."""
    done = subprocess.run(
        [
            sys.executable,
            str(HERE / "failing.py"),
            way,
            f"sqlite:///{disk.folder}/records.db",
            str(disk.folder),
        ],
        env=os.environ | flushless(disk.folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def under_postgresql(disk: Disk) -> dict[str, int]:
    """The server's flushes fail; it gives up then, and somebody has to start it again."""
    settings = flushless(disk.folder)
    sign = Path(settings["XINYONG_NO_FLUSH"])
    place = Site(disk, "postgresql")
    try:
        assert place.server is not None
        place.server.start(settings)
        with place.store() as store:
            writer = StoreWriter(store)

            def mend() -> None:
                sign.unlink()
                place.end()
                place.start()

            found = tally(writer, sign.touch, mend)
            store.reopen()
            again = sum(writer(MOST + one) for one in range(TRIES))
            return {
                "before": found.before,
                "after": found.after,
                "again": again,
                "whole": writer.all_there(),
            }
    finally:
        place.close()
