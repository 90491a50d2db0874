"""No parcel, however odd, stops the store; and what a mend of it promises, one by one."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres import fresh_database

from xinyong.errors import KeyTaken, NeedUnmet, ProofRefused, StoreRefused, XinyongError
from xinyong.records.store import Act, AtMost, Block, Need, Parcel, State, Store, Unchanged
from xinyong.records.store import opening as opening_room
from xinyong.records.store.preparing import erasing, ready
from xinyong.records.vault import Vault

MASTER = bytes(range(32))

ODD_WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "\0", "\ud800", "c1", "𠀀" * 130, "x" * 5_000, "é" * 399, "'; DROP", "%s"]
    ),
)
ODD_NUMBERS = st.one_of(
    st.none(), st.integers(), st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**30])
)
PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), ODD_WORDS, st.binary()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(ODD_WORDS | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
SUBJECTS = st.one_of(st.none(), st.sampled_from(["anna", "bela"]), ODD_WORDS)
STATES = st.builds(State, ODD_WORDS, ODD_WORDS, ODD_WORDS, ODD_NUMBERS, ODD_WORDS)
ACTS = st.builds(
    Act,
    st.sampled_from(["event", "consent", "erasure", "strike", "no such kind", "\0"]),
    SUBJECTS,
    st.dictionaries(ODD_WORDS, PLAIN, max_size=3) | PLAIN,
    st.none() | ODD_WORDS,
    st.lists(STATES, max_size=2).map(tuple),
)
NEEDS = st.one_of(
    st.builds(Need, ODD_WORDS, ODD_WORDS, st.frozensets(ODD_WORDS, max_size=2), st.booleans()),
    st.builds(Unchanged, SUBJECTS.filter(bool), st.integers()),
    st.builds(AtMost, ODD_WORDS, ODD_WORDS, st.integers()),
)
BLOCKS = st.builds(Block, SUBJECTS.filter(bool), ODD_WORDS, ODD_NUMBERS, st.binary(max_size=50))
PARCELS = st.builds(
    Parcel,
    st.lists(ACTS, max_size=3).map(tuple),
    st.lists(NEEDS, max_size=2).map(tuple),
    st.lists(BLOCKS, max_size=2).map(tuple),
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parcel=PARCELS)
def test_no_odd_parcel_stops_the_store(store: Store, parcel: Parcel) -> None:
    before = store.size()
    try:
        receipt = store.append(parcel)
    except XinyongError:
        assert store.size() == before
    else:
        assert len(receipt.seqs) == len(parcel.acts)
    stopped = store._writer.failed
    if stopped is not None:
        store.reopen()
    assert stopped is None
    assert store.append(Act("event", "anna", {"id": "e"}, key="e")).seqs


def test_the_longest_words_fit_every_index(store: Store) -> None:
    """400 bytes each that no database can make shorter."""
    words = [
        "".join(chr(0x20000 + (number * 7919 + spot * 104729) % 40_000) for spot in range(100))
        for number in range(4)
    ]
    state = State(words[0], words[1], words[2], 2**63 - 1, words[3])
    store.append(Act("consent", "anna", {}, states=(state,)))
    assert [found.group for found in store.states(words[0])] == [words[3]]


def test_one_bad_parcel_does_not_take_its_neighbours_along(store: Store) -> None:
    with pytest.raises(StoreRefused):
        store.submit(Parcel((Act("event", "anna", {"amount": 1.5}),)))
    need = Need("consent", "c1", frozenset({"given"}))
    futures = [
        store.submit(Parcel((Act("event", "anna", {"n": n}),), (need,) if n % 2 else ()))
        for n in range(20)
    ]
    answers = [future.exception() for future in futures]
    assert [answer is None for answer in answers] == [n % 2 == 0 for n in range(20)]
    assert store.size() == 10


def test_threads_that_have_ended_hold_nothing(store: Store) -> None:
    """The pool has 32 connections; more threads than that come and go in a day."""
    store.append(Act("event", "anna", {"id": "e1"}))
    found: list[int] = []
    for _ in range(80):
        thread = threading.Thread(target=lambda: found.append(len(store.of("anna"))))
        thread.start()
        thread.join()
    assert found == [1] * 80
    store.reopen()
    assert len(store.of("anna")) == 1


# ---------------------------------------------------------------- erasure, step by step


def test_what_was_sealed_before_an_erasure_is_not_written_after_it(store: Store) -> None:
    consent = Act("consent", "anna", {}, states=(State("consent", "c1", "given"),))
    sealed = ready(Parcel((consent,), blocks=(Block("anna", "s", 1, b"x"),)), store.vault)
    store.append(consent)
    store.erase("anna", reason="asked")
    with pytest.raises(NeedUnmet, match="erased meanwhile"):
        store._writer.submit(sealed).result()
    assert store.states("consent") == [] and store.size() == 2


def test_nor_where_another_process_has_erased_her(make: Callable[..., Store]) -> None:
    here, there = make(), make()
    here.append(Act("event", "anna", {"id": "e1"}, key="e1"))
    sealed = ready(Parcel((Act("event", "anna", {"id": "e2"}),)), here.vault)
    there.erase("anna", reason="asked")
    with pytest.raises(NeedUnmet, match="erased meanwhile"):
        here._writer.submit(sealed).result()
    again = here.append(Act("event", "anna", {"id": "e1"}, key="e1"))
    assert again.new == (True,)
    assert len(here.of("anna")) == len(there.of("anna")) == 1


def test_an_erasure_that_was_cut_short_is_ended_on_opening(make: Callable[..., Store]) -> None:
    store = make()
    store.append(Act("event", "anna", {"id": "e1"}, key="e1"))
    keys = store.vault.keys("anna", create=False)
    assert keys is not None
    store._writer.submit(erasing(keys.who, "asked")).result()
    assert store.vault.by_who(keys.who) is not None  # the power goes here
    store.close()
    again = make()
    assert again.vault.by_who(keys.who) is None
    assert again.of("anna") == []


def test_two_erasures_at_once_are_one(make: Callable[..., Store]) -> None:
    stores = [make(), make()]
    for turn in range(10):
        stores[0].append(Act("event", "anna", {"id": "e1"}, key="e1"))
        start = threading.Barrier(4)
        threads = [
            threading.Thread(target=erase_at, args=(start, stores[number % 2], f"reason {number}"))
            for number in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        entries = [known for known in stores[0].about_nobody(["erasure"]) if known.body]
        assert len(entries) == turn + 1
        assert stores[0].of("anna") == stores[1].of("anna") == []


def erase_at(start: threading.Barrier, store: Store, reason: str) -> None:
    start.wait()
    store.erase("anna", reason=reason)


def test_an_erasure_has_one_door(store: Store) -> None:
    with pytest.raises(StoreRefused, match="not written like another act"):
        store.append(Act("erasure", None, {"who": "0" * 32, "reason": "asked"}))


def test_the_first_act_about_somebody_changes_her_records(store: Store) -> None:
    """Somebody nobody knew when the decision was prepared."""
    decided = ready(Parcel((Act("flag", None, {}),), (Unchanged("zoe", 0),)), store.vault)
    store.append(Act("event", "zoe", {"id": "e1"}))
    with pytest.raises(NeedUnmet, match="changed meanwhile"):
        store._writer.submit(decided).result()


# ---------------------------------------------------------------- opening


def test_a_busy_database_is_said_to_be_busy_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_room, "_PATIENCE", 0)
    with (
        Vault.open(tmp_path / "vault.db", MASTER) as vault,
        Store(f"sqlite:///{tmp_path}/records.db", vault) as store,
        closing(sqlite3.connect(tmp_path / "records.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreRefused, match="busy"):
            store.append(Act("event", "anna", {"id": "e1"}))
        assert not store.stopped
        other.execute("ROLLBACK")
        assert store.append(Act("event", "anna", {"id": "e1"})).seqs == (0,)


def test_opening_leaves_nothing_in_the_log_to_build_on(tmp_path: Path) -> None:
    """What a failed flush left in SQLite's log may be in memory only."""
    log = tmp_path / "records.db-wal"
    url = f"sqlite:///{tmp_path}/records.db"
    with Vault.open(tmp_path / "vault.db", MASTER) as vault, Store(url, vault) as store:
        store.append(Act("event", "anna", {"id": "e1"}))
        assert log.stat().st_size > 0
        with Store(url, vault):
            assert log.stat().st_size == 0
        assert len(store.of("anna")) == 1
        store.reopen()
        assert not log.exists() or log.stat().st_size == 0


def test_a_postgresql_that_does_not_flush_is_refused() -> None:
    with fresh_database() as url:
        engine = opening_room.engine_for(url)
        opening_room.settle(engine)
        with pytest.raises(ProofRefused, match="does not flush"):
            opening_room.settle(_unflushing(engine))
        engine.dispose()


def _unflushing(engine: sa.Engine) -> Any:
    """The same server, as if it were set to ``fsync = off``."""
    changed = sa.create_engine(
        engine.url, creator=engine.raw_connection, poolclass=sa.pool.NullPool
    )

    @sa.event.listens_for(changed, "before_cursor_execute", retval=True)
    def _other(_c: Any, _k: Any, statement: str, given: Any, *_: Any) -> tuple[str, Any]:
        return statement.replace("SHOW fsync", "SELECT 'off'"), given

    return changed


def test_the_same_key_is_taken_for_another_body_even_in_one_parcel(store: Store) -> None:
    two = (Act("event", "anna", {"n": 1}, key="e"), Act("event", "anna", {"n": 2}, key="e"))
    with pytest.raises(KeyTaken):
        store.append(Parcel(two))
    assert store.size() == 0


def test_many_readers_do_not_keep_the_writer_from_its_connection(store: Store) -> None:
    """A store that is opened and first read by more threads than there are connections."""
    together = threading.Barrier(60)

    def look() -> int:
        together.wait()
        return len(store.states("consent", subject="anna")) + len(store.of("anna"))

    with ThreadPoolExecutor(60) as pool:
        readers = [pool.submit(look) for _ in range(60)]
        assert [one.result() for one in readers] == [0] * 60
        assert store.append(Act("event", "anna", {"id": "e"}, key="e")).seqs == (0,)
    assert not store.stopped
