"""A writer in a process of its own answers as one in a thread does, and forgets as little."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from machine import parcels
from postgres import fresh_database
from test_never_stopped import PARCELS

from xinyong.errors import KeyTaken, NeedUnmet, StoreRefused, StoreStopped, XinyongError
from xinyong.records.store import Act, Parcel, Receipt, Store, wall_clock
from xinyong.records.store.apart import WriterApart
from xinyong.records.store.deriving import differing
from xinyong.records.vault import Vault

MASTER = bytes(range(32))
Make = Callable[..., Store]


def event(number: int, said: str = "") -> Act:
    return Act("event", f"s{number % 3}", {"id": f"e{number}", "said": said}, key=f"e{number}")


def child_of(store: Store) -> psutil.Process:
    assert isinstance(store._writer, WriterApart)
    return psutil.Process(store._writer.process)


@pytest.fixture
def apart(make: Make) -> Store:
    return make(apart=True)


def outcome(store: Store, parcel: Parcel) -> tuple[object, ...]:
    """What a store answers, but for the moment."""
    try:
        receipt = store.append(parcel)
    except XinyongError as error:
        need = error.need if isinstance(error, NeedUnmet) else ""
        return type(error), error.what, error.where, error.why, error.mend, need
    return receipt.seqs, receipt.new


@contextmanager
def two(backend: str, folder: Path) -> Iterator[list[Store]]:
    """A store whose writer is a thread, and one whose writer is a process, each with its own."""
    with fresh_database() as one, fresh_database() as other:
        urls = [one, other]
        if backend == "sqlite":
            urls = [f"sqlite:///{folder}/{name}.db" for name in ("one", "other")]
        vaults = [Vault.open(folder / f"vault-{n}.db", MASTER) for n in range(2)]
        stores = [Store(urls[n], vaults[n], clock=wall_clock, apart=bool(n)) for n in range(2)]
        try:
            yield stores
        finally:
            for one_store, vault in zip(stores, vaults, strict=True):
                one_store.close()
                vault.close()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_it_answers_as_a_thread_does(backend: str, tmp_path: Path) -> None:
    seen = set()
    with two(backend, tmp_path) as (near, far):

        @settings(
            max_examples=200, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
        )
        @given(parcel=parcels(), erased=st.sampled_from([None] * 20 + ["anna", "bela"]))
        def alike(parcel: Parcel, erased: str | None) -> None:
            if erased is not None:
                gone = [store.erase(erased, reason="asked") for store in (near, far)]
                assert (gone[0] is None) == (gone[1] is None)
            found = outcome(near, parcel)
            assert outcome(far, parcel) == found
            seen.add(found[0] if isinstance(found[0], type) else Receipt)
            assert near.size() == far.size()

        alike()
        assert seen >= {Receipt, NeedUnmet, KeyTaken}
        assert differing(far, far.vault) == []


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parcel=PARCELS)
def test_no_odd_parcel_stops_it(apart: Store, parcel: Parcel) -> None:
    before = apart.size()
    try:
        receipt = apart.append(parcel)
    except XinyongError:
        assert apart.size() == before
    else:
        assert len(receipt.seqs) == len(parcel.acts)
    assert apart._writer.failed is None


def test_a_writer_that_is_killed_stops_the_store_until_it_is_reopened(apart: Store) -> None:
    kept = apart.append(event(0))
    child_of(apart).suspend()
    waiting = apart.submit(Parcel((event(1),)))
    child_of(apart).kill()
    with pytest.raises(StoreStopped):
        waiting.result(20)
    with pytest.raises(StoreStopped):
        apart.append(event(2))
    assert apart.stopped
    apart.reopen()
    assert not apart.stopped and apart.append(event(0)).seqs == kept.seqs
    assert apart.append(event(1)) and apart.append(event(2))


_PARENT = """
import sys
from xinyong.records.store import Act, Parcel, Store
from xinyong.records.vault import Vault
url, vault = sys.argv[1:]
store = Store(url, Vault.open(vault, bytes(range(32))), apart=True)
print(store._writer.process, flush=True)
for number in range(1_000_000):
    act = Act("event", f"s{number % 3}", {"id": f"e{number}", "said": ""}, key=f"e{number}")
    store.append(Parcel((act,)))
    print(number, flush=True)
"""


def test_a_service_that_is_killed_loses_nothing_and_leaves_nobody(
    url: str, make: Make, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _PARENT, url, str(tmp_path / "vault.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        told = [parent.stdout.readline() for _ in range(30)]
        parent.kill()
        told += parent.stdout.readlines()
    assert child.wait(20) is not False
    assert not child.is_running()
    last = max(int(line) for line in told if line.endswith("\n"))
    store = make()
    assert store.append(Parcel(tuple(event(n) for n in range(last + 1)))).new == (False,) * (
        last + 1
    )


def test_what_was_given_is_written_before_it_closes(make: Make) -> None:
    store = make(apart=True)
    futures = [store.submit(Parcel((event(n),))) for n in range(300)]
    child = child_of(store)
    store.close()
    assert sorted(one.result(0).seqs[0] for one in futures) == list(range(300))
    assert not child.is_running()
    with pytest.raises(StoreStopped):
        store.append(event(301))


def test_parcels_given_until_it_is_called_back_go_over_together(apart: Store) -> None:
    later: list[Callable[[], None]] = []
    answers = [_Said() for _ in range(5)]
    for number, answer in enumerate(answers):
        apart.give(Parcel((event(number),)), answer, later.append)
    assert len(later) == 1 and not any(one.result for one in answers)
    later[0]()
    deadline = time.monotonic() + 20
    while not all(one.result for one in answers) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [one.result.seqs for one in answers if one.result] == [(n,) for n in range(5)]


class _Said:
    def __init__(self) -> None:
        self.result: Receipt | None = None

    def set_result(self, result: Receipt) -> None:
        self.result = result

    def set_exception(self, exception: BaseException | None) -> None:
        raise AssertionError(exception)


def test_a_write_that_fails_stops_the_store(tmp_path: Path) -> None:
    place = tmp_path / "records.db"
    with (
        Vault.open(tmp_path / "vault.db", MASTER) as vault,
        Store(f"sqlite:///{place}", vault, apart=True) as store,
    ):
        kept = store.append(event(0))
        with closing(sqlite3.connect(place)) as other:
            other.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON entries WHEN NEW.kind = 'job'"
                " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        with pytest.raises(StoreStopped, match="the store has stopped"):
            store.append(Act("job", None, {"id": "j"}))
        with pytest.raises(StoreStopped):
            store.append(event(1))
        assert store.stopped
        with closing(sqlite3.connect(place)) as other:
            other.execute("DROP TRIGGER broken")
        store.reopen()
        assert store.append(event(0)).seqs == kept.seqs
        assert store.append(event(1)).seqs == (1,)


def test_it_is_told_by_its_socket_alone_when_to_end(apart: Store) -> None:
    apart.append(event(0))  # it is there
    for one in (signal.SIGINT, signal.SIGTERM):
        os.kill(child_of(apart).pid, one)
    assert apart.append(event(1)).seqs == (1,)


def test_its_command_and_surroundings_say_nothing_of_the_store(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINYONG_MASTER_KEY", MASTER.hex())
    apart = make(apart=True)
    apart.append(event(0))
    assert MASTER.hex() not in child_of(apart).environ().values()
    said = " ".join(child_of(apart).cmdline())
    assert said.endswith(said.split()[-1]) and said.split()[-1].isdigit()
    address = sa.make_url(apart.url)
    for secret in (apart.url, address.database, address.password):
        assert not secret or str(secret) not in said


def test_other_work_is_written_beside_it(apart: Store) -> None:
    apart.append(event(0))
    apart.keep_checkpoint(1, "a note")
    assert apart.checkpoint() == (1, "a note")

    def fail(connection: sa.Connection) -> None:
        raise OSError("no")

    with pytest.raises(StoreStopped):
        apart._writer.run(fail)
    assert apart.stopped
    with pytest.raises(StoreStopped):
        apart.append(event(1))


def test_a_number_that_no_frame_holds_is_refused_before_anything_goes_over(apart: Store) -> None:
    from xinyong.records.store import AtMost

    with pytest.raises(StoreRefused):
        apart.append(Parcel((event(0),), (AtMost("seen", "g", 10**30),)))
    assert apart.append(event(0)).seqs == (0,)
