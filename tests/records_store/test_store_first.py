"""The store's own promises, on both backends: once, whole, in order, sealed, guarded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from xinyong.errors import KeyTaken, NeedUnmet
from xinyong.records.ledger.merkle import verify_consistency, verify_inclusion
from xinyong.records.store import (
    PACKED,
    Act,
    AtMost,
    Block,
    Need,
    Parcel,
    Standing,
    State,
    Store,
    Unchanged,
    packed_standing,
)


def bill(number: int, subject: str = "anna") -> Act:
    body = {
        "id": f"e{number}",
        "kind": "bill",
        "happened_at": 1_700_000_000_000_000 + number,
        "fields": {"on_time": number % 2 == 0},
        "source": "water works",
    }
    return Act("event", subject, body, key=f"e{number}")


def test_the_same_act_again_gives_the_first_receipt(store: Store) -> None:
    first = store.append(bill(1))
    again = store.append(bill(1))
    assert (first.seqs, first.new) == ((0,), (True,))
    assert (again.seqs, again.at, again.new) == ((0,), first.at, (False,))
    assert store.size() == 1


def test_another_body_under_a_known_id_is_refused_and_nothing_is_written(store: Store) -> None:
    store.append(bill(1))
    other = Act("event", "anna", {**bill(1).body, "source": "gas works"}, key="e1")
    with pytest.raises(KeyTaken):
        store.append(Parcel((bill(2), other)))
    assert store.size() == 1
    assert store.append(bill(2)).seqs == (1,)


def test_ids_are_counted_for_each_subject(store: Store) -> None:
    store.append(bill(1))
    assert store.append(bill(1, "bela")).new == (True,)


def test_a_parcel_partly_known_adds_the_rest(store: Store) -> None:
    store.append(bill(1))
    found = store.append(Parcel((bill(1), bill(2))))
    assert (found.seqs, found.new) == ((0, 1), (False, True))


def test_a_need_holds_in_the_moment_of_writing(store: Store) -> None:
    given = Act("consent", "anna", {"purpose": "loan"}, states=(State("consent", "c1", "given"),))
    need = Need("consent", "c1", frozenset({"given"}))
    with pytest.raises(NeedUnmet, match="consent is unknown"):
        store.append(Parcel((bill(1),), needs=(need,)))
    store.append(given)
    assert store.append(Parcel((bill(1),), needs=(need,))).seqs == (1,)
    withdrawn = State("consent", "c1", "withdrawn")
    store.append(Act("revocation", "anna", {"consent": "c1"}, states=(withdrawn,)))
    with pytest.raises(NeedUnmet, match="consent is withdrawn"):
        store.append(Parcel((bill(2),), needs=(need,)))


def test_a_running_need_ends_with_its_moment(make: Callable[..., Store]) -> None:
    now = [1_000]
    store = make(clock=lambda: now[0])
    store.append(Act("consent", "anna", {}, states=(State("consent", "c1", "given", due=2_000),)))
    need = Need("consent", "c1", frozenset({"given"}), running=True)
    now[0] = 1_999
    store.append(Parcel((bill(1),), needs=(need,)))
    now[0] = 2_000
    with pytest.raises(NeedUnmet, match="over"):
        store.append(Parcel((bill(2),), needs=(need,)))


def test_a_decision_on_records_that_changed_is_refused(store: Store) -> None:
    upto = store.append(bill(1)).seqs[0] + 1
    decision = Parcel((Act("decision", "anna", {"score": 500}),), (Unchanged("anna", upto),))
    store.append(bill(2, "bela"))
    store.append(decision)
    store.append(bill(3))
    with pytest.raises(NeedUnmet, match="changed meanwhile"):
        store.append(decision)


def test_at_most_counts_each_once(store: Store) -> None:
    def seen(subject: str) -> Parcel:
        state = State("seen", f"bank 2026-11-22 {subject}", "seen", group="bank 2026-11-22")
        act = Act("read", subject, {"reader": "bank"}, states=(state,))
        return Parcel((act,), (AtMost("seen", "bank 2026-11-22", 2),))

    store.append(seen("anna"))
    store.append(seen("anna"))
    store.append(seen("bela"))
    with pytest.raises(NeedUnmet):
        store.append(seen("cyra"))
    assert store.append(seen("bela")).seqs == (3,)


def test_a_disputed_event_does_not_count_until_the_outcome_keeps_it(store: Store) -> None:
    store.append(Parcel((bill(1), bill(2))))
    before = store.size()
    store.append(Act("dispute", "anna", {"dispute": "d1", "events": ["e1"]}))
    assert [e.id for e in store.standing("anna").counting] == ["e2"]
    assert store.standing("anna").disputed == {"e1"}
    assert len(store.standing("anna", upto=before).counting) == 2
    store.append(Act("outcome", "anna", {"dispute": "d1", "outcome": "kept"}))
    assert len(store.standing("anna").counting) == 2
    store.append(Act("strike", "anna", {"events": ["e2"], "why": "a mistake of the water works"}))
    assert [e.id for e in store.standing("anna").counting] == ["e1"]


def test_proofs_hold_across_tiles(store: Store) -> None:
    for start in range(0, 700, 100):
        store.append(Parcel(tuple(bill(n, f"s{n % 7}") for n in range(start, start + 100))))
    size, root = store.root()
    assert size == 700
    entries = list(store.entries())
    for seq in (0, 255, 256, 511, 512, 699):
        path = store.inclusion(seq, size)
        assert verify_inclusion(entries[seq][1], seq, size, path, root)
        assert entries[seq][0].leaf() == entries[seq][1]
    for old in (1, 256, 300, 699):
        old_root = store.root(old)[1]
        assert verify_consistency(old, old_root, size, root, store.consistency(old, size))


def test_what_is_sealed_is_read_back_and_erased(store: Store) -> None:
    store.append(Parcel((bill(1), bill(2)), blocks=(Block("anna", "s", 2, b"packed"),)))
    assert store.block("anna", "s") == (2, store.of("anna")[-1].at, b"packed")
    assert b"water works" not in b"".join(entry.body for entry, _ in store.entries())
    done = store.erase("anna", reason="she asked")
    assert done is not None
    assert store.of("anna") == []
    assert store.block("anna", "s") is None
    erased = store.entry(0)
    assert erased is not None and (erased.subject, erased.body) == (None, None)
    assert store.erase("anna", reason="she asked") is None
    store.append(bill(1))
    assert [known.seq for known in store.of("anna")] == [3]


def test_a_stale_block_is_not_given_out(store: Store) -> None:
    store.append(Parcel((bill(1),), blocks=(Block("anna", "s", 1, b"packed"),)))
    store.append(bill(2))
    found = store.block("anna", "s")
    assert found is not None and (found[0], found[2]) == (2, None)


def test_closing_and_opening_again_keeps_everything(make: Callable[..., Store]) -> None:
    store = make()
    store.append(Parcel((bill(1), bill(2, "bela"))))
    store.close()
    again = make()
    assert again.size() == 2
    assert [event.id for event in again.standing("bela").counting] == ["e2"]


def test_a_store_opens_while_another_writes(make: Callable[..., Store]) -> None:
    """What is checked on opening is of one moment, however much is written meanwhile."""
    over = threading.Event()
    store = make()

    def write() -> int:
        number = 0
        while not over.is_set():
            store.append(bill(number))
            number += 1
        return number

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for _ in range(15):
                make().close()
        finally:
            over.set()
        assert writing.result() == store.size() > 0


def test_who_goes_away_while_waiting_stops_nobody(store: Store) -> None:
    """A caller that closes its connection gives up its answer; the store goes on for others."""
    waiting = [store.submit(Parcel((bill(number),))) for number in range(200)]
    gone = [one.cancel() for one in waiting[1::2]]
    assert any(gone)
    assert all(one.result().new == (True,) for one in waiting[::2])
    assert store.append(bill(999)).new == (True,)
    assert store.size() == 201


def test_a_kept_standing_is_the_one_of_the_ledger_until_something_comes(store: Store) -> None:
    store.append(Parcel(tuple(bill(n) for n in range(5))))
    store.append(Act("strike", "anna", {"events": ["e1"], "why": "wrong"}))
    store.append(Act("dispute", "anna", {"dispute": "d1", "events": ["e2"]}))
    read = store.standing("anna")
    block = Block("anna", PACKED, read.upto, packed_standing(read))
    store.append(Parcel((Act("read", "anna", {"reader": "bank"}),), blocks=(block,)))
    kept = store.block("anna", PACKED)
    assert kept is not None and kept[2] is not None
    assert store.standing("anna") == store.standing("anna", upto=read.upto) == read
    assert len(store.standing("anna", upto=3).events) == 3
    other = packed_standing(Standing("anna", (), frozenset(), read.upto, read.known_by))
    store.append(Parcel((), blocks=(Block("anna", PACKED, read.upto, other),)))
    assert store.standing("anna").events == ()  # so it was the block that was read
    store.append(bill(9))
    assert [event.id for event in store.standing("anna").counting] == ["e0", "e3", "e4", "e9"]


def test_a_block_of_somebody_new_is_kept_with_the_need_that_names_her(store: Store) -> None:
    """Found by the random model in a long run: her keys came after her block was dropped."""
    block = Block("陈", "x", 4, b"packed")
    store.append(Parcel((bill(1),), (Unchanged("陈", 0),), blocks=(block,)))
    store.append(bill(2, "陈"))
    head = store.head("陈")
    assert head is not None and store.block("陈", "x") == (2, head[1], b"packed")
