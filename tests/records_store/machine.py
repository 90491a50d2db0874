"""A store driven at random beside an oracle of dictionaries; two openings of it on one database."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
from disk import quick_folder
from fresh_stores import fresh_store
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from oracle import Oracle, Said, root

from xinyong.errors import KeyTaken, NeedUnmet
from xinyong.records.event import Event
from xinyong.records.ledger.merkle import verify_consistency, verify_inclusion
from xinyong.records.shape import EventShape, FieldShape
from xinyong.records.store import Act, AtMost, Block, Known, Need, Parcel, State, Store, Unchanged
from xinyong.records.store.backup import back_up
from xinyong.records.store.deriving import differing
from xinyong.records.store.restoring import restore
from xinyong.records.table import to_events
from xinyong.records.vault import Vault

MASTER = bytes(range(32))
START = 1_795_000_000_000_000
MINUTE = 60_000_000
SHAPE = EventShape(
    {"bill": {"paid": FieldShape("int")}, "fine": {"sum": FieldShape("money")}},
    {"bill": "water", "fine": "court"},
    ZoneInfo("Asia/Shanghai"),
)

SUBJECTS = st.sampled_from(["anna", "bela", "陈"])
NAMES = st.sampled_from(["consent", "seen"])
ITEMS = st.builds("{} {}".format, st.sampled_from(["anna", "bela", "陈", None]), st.integers(1, 3))
VALUES = st.sampled_from(["given", "withdrawn", "over"])
GROUPS = st.sampled_from(["", "g1", "g2"])
DUES = st.none() | st.integers(-2, 60).map(lambda n: START + n * MINUTE)
IDS = st.sampled_from([f"e{n}" for n in range(6)])
KINDS = ("event", "strike", "dispute", "outcome", "consent", "revocation", "read", "scheme")


def states(subject: str | None) -> st.SearchStrategy[tuple[State, ...]]:
    """An item belongs to one subject, or to nobody."""
    items = st.integers(1, 3).map(lambda number: f"{subject} {number}")
    some = st.lists(st.builds(State, NAMES, items, VALUES, DUES, GROUPS), max_size=2)
    return some.map(tuple)


@st.composite
def acts(draw: st.DrawFn) -> Act:
    kind: Any = draw(st.sampled_from(("event", "event", *KINDS)))
    subject = None if kind == "scheme" else draw(SUBJECTS)
    one = draw(IDS)
    body: dict[str, Any]
    if kind == "event":
        body = {"id": one, "kind": draw(st.sampled_from(["bill", "fine", "odd"]))}
        body |= {"happened_at": START - draw(st.integers(0, 99)) * MINUTE, "source": "s"}
        body["fields"] = {"paid": draw(st.integers(-3, 3)), "more": [1, None, True, "é\n"]}
    elif kind == "strike":
        body = {"events": [one], "why": "a mistake"}
    elif kind == "dispute":
        body = {"dispute": draw(st.sampled_from(["d1", "d2"])), "events": [one, draw(IDS)]}
    elif kind == "outcome":
        body = {"dispute": draw(st.sampled_from(["d1", "d2"])), "outcome": "kept"}
    else:
        body = {"purpose": draw(st.sampled_from(["loan", "rent"]))}
    said = draw(states(subject)) if kind in ("consent", "revocation", "read", "scheme") else ()
    key = one if kind == "event" else None
    if draw(st.integers(0, 3)) == 0:
        key = draw(st.none() | IDS)
    return Act(kind, subject, body, key, said)


@st.composite
def parcels(draw: st.DrawFn) -> Parcel:
    needs: list[Any] = []
    if draw(st.integers(0, 2)) == 0:
        words = st.frozensets(VALUES | st.just(""), min_size=1)
        needs.append(Need(draw(NAMES), draw(ITEMS), draw(words), draw(st.booleans())))
    if draw(st.integers(0, 5)) == 0:
        names = draw(st.lists(NAMES, unique=True, max_size=2))
        last = draw(st.integers(-1, 40))
        needs.append(Unchanged(draw(SUBJECTS), draw(st.integers(0, 40)), tuple(names), last))
    if draw(st.integers(0, 4)) == 0:
        needs.append(AtMost(draw(NAMES), draw(GROUPS), draw(st.integers(0, 3))))
    label = st.sampled_from(["x", "y"])
    blocks = st.builds(Block, SUBJECTS, label, st.integers(0, 60), st.binary(max_size=5))
    return Parcel(
        tuple(draw(st.lists(acts(), min_size=1, max_size=3))),
        tuple(needs),
        tuple(draw(st.lists(blocks, max_size=1))),
    )


def _bare(event: Event) -> Event:
    """Without the fields that are unknown: a table has a place for each."""
    known = {name: value for name, value in event.fields.items() if value is not None}
    return replace(event, fields=known)


class Machine(RuleBasedStateMachine):
    """``backend`` is set by the two classes below; ``steps`` counts all that was done."""

    backend: ClassVar[str]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = quick_folder()
        self.stack.callback(shutil.rmtree, self.folder)
        self.now = START
        self.oracle = Oracle()
        self.whos: dict[str, Any] = {}
        self.backups = 0
        self.url = self.stack.enter_context(fresh_store(self.backend, self.folder))
        self.stores = [self._opened(self.folder / "vault.db", self.url) for _ in range(2)]

    def _opened(self, vault: Path, url: str) -> Store:
        opened = self.stack.enter_context(Vault.open(vault, MASTER))
        return self.stack.enter_context(Store(url, opened, clock=lambda: self.now))

    def teardown(self) -> None:
        self.stack.close()

    @invariant()
    def nothing_has_stopped(self) -> None:
        type(self).steps += 1
        assert self.stores[0].size() == len(self.oracle.entries)

    # ------------------------------------------------------------ writing

    @rule(minutes=st.integers(-5, 20))
    def time_goes_by(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(parcel=parcels(), side=st.integers(0, 1))
    def append(self, parcel: Parcel, side: int) -> None:
        wanted = self.oracle.append(parcel, self.now)
        try:
            got = Said(*astuple(self.stores[side].append(parcel)))
        except (KeyTaken, NeedUnmet) as error:
            got = Said(error=type(error).__name__)
        assert got == wanted

    @rule(some=st.lists(parcels(), min_size=2, max_size=6), side=st.integers(0, 1))
    def append_together(self, some: list[Parcel], side: int) -> None:
        futures = [self.stores[side].submit(parcel) for parcel in some]
        for parcel, future in zip(some, futures, strict=True):
            error = future.exception()
            wanted = self.oracle.append(parcel, self.now)
            if error is None:
                assert Said(*astuple(future.result())) == wanted
            else:
                assert Said(error=type(error).__name__) == wanted

    @rule(subject=SUBJECTS, side=st.integers(0, 1), reason=st.sampled_from(["asked", "moved"]))
    def erase(self, subject: str, side: int, reason: str) -> None:
        keys = self.stores[side].vault.keys(subject, create=False)
        receipt = self.stores[side].erase(subject, reason=reason)
        wanted = self.oracle.erase(subject, reason, keys.who if keys else "", self.now)
        assert (receipt is None) == (wanted is None)
        if receipt is not None:
            assert Said(*astuple(receipt)) == wanted

    @rule(side=st.integers(0, 1))
    def reopen(self, side: int) -> None:
        self.stores[side].reopen()

    # ------------------------------------------------------------ reading

    def known(self, entry: Any) -> Known:
        there = self.oracle.readable(entry)
        subject = entry.who[0] if entry.who is not None and there else None
        return Known(entry.seq, entry.kind, entry.at, subject, entry.body if there else None)

    @rule(
        subject=SUBJECTS,
        kinds=st.none() | st.lists(st.sampled_from(KINDS), unique=True),
        upto=st.none() | st.integers(0, 60),
        side=st.integers(0, 1),
    )
    def read_a_subject(
        self, subject: str, kinds: list[str] | None, upto: int | None, side: int
    ) -> None:
        store = self.stores[side]
        wanted = [self.known(entry) for entry in self.oracle.of(subject, kinds, upto)]
        assert store.of(subject, kinds, upto=upto) == wanted
        counting = self.oracle.counting(subject, upto)
        standing = store.standing(subject, upto=upto)
        assert [event.id for event in standing.counting] == list(counting)
        for event in standing.counting:
            entry = counting[event.id]
            assert (event.recorded_at, event.kind) == (entry.at, entry.body["kind"])
        who = self.oracle.known.get(subject)
        head = None if who is None else self.oracle.heads.get(who)
        assert store.head(subject) == head
        for label in ("x", "y"):
            block = None if who is None else self.oracle.blocks.get((who, label))
            true = block is not None and head is not None and block[0] > head[0]
            expected = head and (head[0] + 1, head[1], block[1] if block and true else None)
            assert store.block(subject, label) == expected

    @rule(
        name=NAMES,
        item=st.none() | ITEMS,
        subject=st.none() | SUBJECTS,
        group=st.none() | GROUPS,
        values=st.none() | st.lists(VALUES, unique=True),
        due_before=DUES,
        side=st.integers(0, 1),
    )
    def read_states(self, name: str, side: int, **asked: Any) -> None:
        found = self.stores[side].states(name, **asked)
        subject, values, before = asked["subject"], asked["values"], asked["due_before"]
        wanted = []
        for (one, item), s in self.oracle.states.items():
            fits = (
                one == name
                and asked["item"] in (None, item)
                and (subject is None or (s.who is not None and s.who[0] == subject))
                and asked["group"] in (None, s.group)
                and (values is None or s.value in values)
                and (before is None or (s.due is not None and s.due < before))
            )
            if fits:
                last = s.due is None
                wanted.append((last, s.due or 0, s.seq, item, s.value, s.group, s.who))
        assert [(f.due, f.seq, f.item, f.value, f.group) for f in found] == [
            (None if last else due, seq, item, value, group)
            for last, due, seq, item, value, group, _ in sorted(wanted, key=lambda row: row[:4])
        ]
        for one, row in zip(found, sorted(wanted, key=lambda row: row[:4]), strict=True):
            who = row[-1]
            assert self.stores[side].subject_of(one.who) == (who[0] if who else None)

    @rule(after=st.integers(0, 60), limit=st.integers(1, 20), side=st.integers(0, 1))
    def read_the_feed(self, after: int, limit: int, side: int) -> None:
        wanted = [self.known(entry) for entry in self.oracle.entries[after : after + limit]]
        assert self.stores[side].feed(after, limit) == wanted
        assert self.stores[side].entry(after) == (wanted[0] if wanted else None)

    @rule(side=st.integers(0, 1), spot=st.floats(0, 1), older=st.floats(0, 1))
    def prove(self, side: int, spot: float, older: float) -> None:
        store = self.stores[side]
        leaves = [leaf for entry, leaf in store.entries() if entry.leaf() == leaf]
        size = len(self.oracle.entries)
        assert store.root() == (size, root(leaves))
        if size:
            seq = min(int(spot * size), size - 1)
            proof = store.inclusion(seq, size)
            assert verify_inclusion(leaves[seq], seq, size, proof, root(leaves))
            old = int(older * size)
            assert store.root(old) == (old, root(leaves[:old]))
            proof = store.consistency(old, size)
            assert verify_consistency(old, root(leaves[:old]), size, root(leaves), proof)

    # ------------------------------------------------------------ whole

    @rule(upto=st.none() | st.integers(0, 60), side=st.integers(0, 1))
    def snapshot(self, upto: int | None, side: int) -> None:
        path = self.folder / "snapshot.parquet"
        taken = self.stores[side].snapshot(path, SHAPE, upto=upto)
        found = to_events(pq.read_table(path), SHAPE)
        wanted = []
        for subject in sorted(self.oracle.known):
            fitting = self.stores[side].standing(subject, upto=upto).fitting(SHAPE)
            assert [_bare(event) for event in found if event.subject == subject] == fitting
            counting = self.oracle.counting(subject, upto).values()
            some = [e for e in counting if e.body["kind"] in SHAPE.kinds]
            some.sort(key=lambda e: (e.body["happened_at"], e.at, e.body["id"]))
            wanted += [(subject, entry.body["id"], entry.at) for entry in some]
        assert [(e.subject, e.id, e.recorded_at) for e in found] == wanted
        assert (taken.events, taken.upto) == (
            len(found),
            len(self.oracle.entries[:upto]),
        )

    @rule(side=st.integers(0, 1))
    def derive(self, side: int) -> None:
        assert differing(self.stores[side], self.stores[side].vault) == []

    @precondition(lambda self: self.backups < 1 and len(self.oracle.entries) > 5)
    @rule(side=st.integers(0, 1))
    def back_up_and_restore(self, side: int) -> None:
        self.backups += 1
        old = self.stores[side]
        made = back_up(old, self.folder / "backup")
        url, vault = f"sqlite:///{self.folder}/restored.db", self.folder / "restored.vault"
        done = restore(self.folder / "backup", url, vault, MASTER)
        assert (done.size, done.root, done.unreadable) == (*old.root(), 0)
        assert made.size == len(self.oracle.entries)
        with Vault.open(vault, MASTER) as opened, Store(url, opened) as store:
            assert differing(store, opened) == []
            assert list(store.entries()) == list(old.entries())
            for name in ("consent", "seen"):
                assert store.states(name) == old.states(name)


class OnSqlite(Machine):
    backend = "sqlite"
    steps = 0


class OnPostgresql(Machine):
    backend = "postgresql"
    steps = 0
