"""The one transaction that writes: parcels judged one after the other, then written together.

Runs under the store's one lock (``BEGIN IMMEDIATE``, or an advisory lock), so that sequence
numbers have no gaps, moments never go back, and what a parcel needs holds when it is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from xinyong.errors import KeyTaken, NeedUnmet, XinyongError
from xinyong.records.ledger.entry import entry_leaf
from xinyong.records.ledger.merkle import Frontier
from xinyong.records.store import tables as t
from xinyong.records.store.acts import Receipt, State
from xinyong.records.store.growing import Leaves, write_tiles
from xinyong.records.store.preparing import Ready, ReadyParcel, bound_to
from xinyong.records.store.putting import MOST, one_of, put_all

_STATE = tuple[str, int | None, str]
"""Value, moment on which it is due, pseudonym of the subject."""


class Kept:
    """What a writer keeps from one batch to the next: who was erased, and the newest leaves.

    ``whos`` are the pseudonyms erased since the store was opened: nothing is written about them any
    more. An act may have been sealed just before its subject was erased, here or by another
    process.
    """

    def __init__(self, upto: int) -> None:
        self.whos: set[str] = set()
        self.leaves = Leaves()
        self._upto = upto

    def catch_up(self, connection: sa.Connection, size: int) -> None:
        """Read what other processes have erased; ``size`` entries are in the ledger."""
        if size != self._upto:
            self.whos.update(who for _, who in erasures(connection, self._upto))
            self._upto = size

    def written(self, size: int) -> None:
        """This process has written the entries before ``size``."""
        self._upto = size


class Writing:
    """One batch being judged: what is in the database, and over it what this batch adds."""

    def __init__(self, connection: sa.Connection, now: int, kept: Kept) -> None:
        self.connection = connection
        size, at, edge = connection.execute(_TREE).one()
        self.kept = kept
        kept.catch_up(connection, int(size))
        self._wiped: list[str] = []
        self.first = self.size = int(size)
        self.frontier = Frontier.from_bytes(bytes(edge))
        self.at = max(now, int(at))
        self.entries: list[dict[str, Any]] = []
        self.states: dict[tuple[str, str], dict[str, Any]] = {}
        self.heads: dict[str, int] = {}
        self.blocks: dict[tuple[str, str], dict[str, Any]] = {}
        self.marks: dict[str, tuple[int, int, str, bytes]] = {}
        self._standing: dict[tuple[str, str], _STATE] = {}
        self._known_heads: dict[str, int] = {}
        self._moved: dict[tuple[str, str], int] = {}
        self._groups: dict[str, dict[str, set[str]]] = {}

    def look_up(self, parcels: Sequence[ReadyParcel]) -> None:
        """Read all that the parcels' needs and keys ask about, in a few statements."""
        for mark, seq, at, kind, body in self._asked(
            _MARKS, {a.mark for p in parcels for a in p.acts if a.mark is not None}
        ):
            self.marks[mark] = (int(seq), int(at), kind, bytes(body))
        needs = [need for p in parcels for need in p.needs]
        names = sorted({need.name for need in needs})
        needed = f"{_NEEDED} ({_marks(names)}) AND item"
        for name, item, value, due, who in self._told(needed, {n.item for n in needs}, names):
            self._standing[name, item] = (value, due, who)
        for who, seq in self._told(_HEADS, {who for p in parcels for who, _ in p.unchanged}):
            self._known_heads[who] = int(seq)
        named = [(who, need.names) for p in parcels for who, need in p.unchanged if need.names]
        names = sorted({name for _, some in named for name in some})
        moved = f"{_MOVED} ({_marks(names)}) AND who"
        for who, name, seq in self._told(moved, {who for who, _ in named}, names):
            self._moved[who, name] = max(int(seq), self._moved.get((who, name), -1))

    def _asked(self, question: str, values: set[str], first: Sequence[str] = ()) -> Iterator[Any]:
        """The rows for some values, in as few statements as their number allows."""
        for some in _some(values):
            asked, given = one_of(self.connection, question, some, first)
            yield from self.connection.exec_driver_sql(asked, given)

    def _told(self, question: str, values: set[str], first: Sequence[str] = ()) -> Iterator[Any]:
        """As :meth:`_asked`, for words and whole numbers; from SQLite as one text.

        SQLite lets other threads run at every row it steps to, and to come back may take longer
        than the row.
        """
        if self.connection.dialect.name != "sqlite":
            yield from self._asked(question, values, first)
            return
        columns, rest = question.removeprefix("SELECT ").split(" FROM ", 1)
        whole = f"SELECT json_group_array(json_array({columns})) FROM {rest}"
        for (text,) in self._asked(whole, values, first):
            yield from json.loads(text)

    # ------------------------------------------------------------ judging

    def judge(self, parcel: ReadyParcel) -> Receipt:
        """Add a parcel, or raise and leave everything as it was."""
        if self.kept.whos and any(act.who in self.kept.whos for act in parcel.acts):
            raise NeedUnmet(
                "the subject was erased meanwhile",
                need="keys",
                why="nothing more is written under keys that are destroyed",
                mend="send it again, if she still wants it recorded",
            )
        seen = [self._seen(act) for act in parcel.acts]
        if seen and all(found is not None for found in seen):
            told = [found for found in seen if found is not None]
            return Receipt(
                tuple(seq for seq, _ in told), max(at for _, at in told), (False,) * len(told)
            )
        self._check(parcel, seen)
        seqs: list[int] = []
        within: dict[str, tuple[bytes, int]] = {}
        fresh: list[Ready] = []
        for act, found in zip(parcel.acts, seen, strict=True):
            if found is None and act.mark is not None and act.mark in within:
                plain, seq = within[act.mark]
                if plain != act.plain:
                    raise _taken(act)
                seqs.append(seq)
            elif found is None:
                seq = self.size + len(fresh)
                fresh.append(act)
                seqs.append(seq)
                if act.mark is not None:
                    within[act.mark] = (act.plain, seq)
            else:
                seqs.append(found[0])
        start = self.size
        for act in fresh:
            self._add(act)
        for block in parcel.blocks:
            if block["who"] not in self.kept.whos:
                self.blocks[block["who"], block["label"]] = block
        return Receipt(tuple(seqs), self.at, tuple(seq >= start for seq in seqs))

    def _seen(self, act: Ready) -> tuple[int, int] | None:
        if act.mark is None or act.mark not in self.marks:
            return None
        seq, at, kind, body = self.marks[act.mark]
        there = act.opener.unseal(body, bound_to(kind, act.who)) if act.opener else body
        if there != act.plain:
            raise _taken(act)
        return seq, at

    def _check(self, parcel: ReadyParcel, seen: Sequence[tuple[int, int] | None]) -> None:
        for need in parcel.needs:
            value, due, _ = self._state(need.name, need.item)
            ends = need.running and due is not None and due <= self.at
            if value not in need.values or ends:
                raise NeedUnmet(
                    need.why
                    or f"{need.name} is {value or 'unknown'}{', and over' if ends else ''}",
                    need=need.name,
                    why=f"asked for {' or '.join(sorted(need.values)) or 'nothing'}",
                )
        for who, unchanged in parcel.unchanged:
            head = self.heads.get(who, self._known_heads.get(who, -1))
            moved = max((self._moved.get((who, name), -1) for name in unchanged.names), default=-1)
            if head >= unchanged.since or moved > unchanged.last:
                raise NeedUnmet(
                    "the records have changed meanwhile",
                    need="unchanged",
                    mend="score again and decide on that",
                )
        if parcel.at_most:
            acts = zip(parcel.acts, seen, strict=True)
            self._check_counts(parcel, [s for act, found in acts if not found for s in act.states])

    def _check_counts(self, parcel: ReadyParcel, states: list[State]) -> None:
        """Whether no more than so many states exist in a group, once these are written."""
        for most in parcel.at_most:
            items = self._items(most.name, most.group)
            last = {s.item: s.group for s in states if s.name == most.name}
            new = sum(group == most.group and item not in items for item, group in last.items())
            gone = sum(group != most.group and item in items for item, group in last.items())
            if len(items) + new - gone > most.limit:
                raise NeedUnmet(most.why or f"more than {most.limit} {most.name}", need=most.name)

    def _state(self, name: str, item: str) -> _STATE:
        row = self.states.get((name, item))
        if row is not None:
            return row["value"], row["due"], row["who"]
        return self._standing.get((name, item), ("", None, ""))

    def _items(self, name: str, group: str) -> set[str]:
        """The items in a group as it is now; read once, and kept as this batch goes on."""
        groups = self._groups.setdefault(name, {})
        items = groups.get(group)
        if items is None:
            s = t.states.c
            query = sa.select(s.item).where(s.name == name, s.bunch == group)
            if self._wiped:
                query = query.where(s.who.not_in(self._wiped))
            items = groups[group] = {row[0] for row in self.connection.execute(query)}
            for (other, item), row in self.states.items():
                if other == name:
                    (items.add if row["bunch"] == group else items.discard)(item)
        return items

    # ------------------------------------------------------------ adding

    def _add(self, act: Ready) -> None:
        seq = self.size
        leaf = entry_leaf(seq, act.kind, self.at, act.who, act.body)
        self.frontier.append(leaf)
        self.entries.append(
            {
                "seq": seq,
                "kind": act.kind,
                "at": self.at,
                "who": act.who,
                "body": act.body,
                "leaf": leaf,
                "mark": act.mark,
            }
        )
        if act.mark is not None:
            self.marks[act.mark] = (seq, self.at, act.kind, act.body)
        if act.alters:
            self.heads[act.who] = seq
        if act.erases:
            self._wipe(act.erases)
        for state in act.states:
            self._moved[act.who, state.name] = seq
            self.states[state.name, state.item] = {
                "name": state.name,
                "item": state.item,
                "who": act.who,
                "value": state.value,
                "due": state.due,
                "bunch": state.group,
                "seq": seq,
            }
            for group, items in self._groups.get(state.name, {}).items():
                (items.add if state.group == group else items.discard)(state.item)
        self.size += 1

    def _wipe(self, who: str) -> None:
        """Drop packed copies and states about a pseudonym, here and in the database."""
        self.kept.whos.add(who)
        self._wiped.append(who)
        self.heads.pop(who, None)
        for rows in (self.states, self.blocks):
            for key in [key for key, row in rows.items() if row["who"] == who]:
                del rows[key]
        self._groups.clear()
        self._standing = {key: row for key, row in self._standing.items() if row[2] != who}

    def write(self) -> None:
        """Write what was added; the caller commits."""
        put_all(self.connection, t.blocks, list(self.blocks.values()))
        if not self.entries:
            return
        for some in _some(set(self._wiped)):
            for table in (t.blocks, t.states, t.heads):
                self.connection.execute(sa.delete(table).where(table.c.who.in_(some)))
        put_all(self.connection, t.entries, self.entries)
        self.kept.leaves.add(self.first, [entry["leaf"] for entry in self.entries])
        write_tiles(self.connection, self.first, self.size, self.kept.leaves)
        put_all(self.connection, t.states, list(self.states.values()))
        heads = [{"who": who, "seq": seq, "at": self.at} for who, seq in self.heads.items()]
        put_all(self.connection, t.heads, heads)
        self.connection.execute(
            _GROW, {"size": self.size, "at": self.at, "edge": self.frontier.to_bytes()}
        )


def erasures(connection: sa.Connection, first: int = 0) -> list[tuple[int, str]]:
    """Number and pseudonym of each erasure on record from entry ``first`` on, oldest first."""
    e = t.entries.c
    query = sa.select(e.seq, e.body).where(e.who == "", e.kind == "erasure", e.seq >= first)
    rows = connection.execute(query.order_by(e.seq))
    return [(int(seq), json.loads(bytes(body))["body"]["who"]) for seq, body in rows]


_MARKS: Final = "SELECT mark, seq, at, kind, body FROM entries WHERE mark"
_NEEDED: Final = "SELECT name, item, value, due, who FROM states WHERE name IN"
_MOVED: Final = "SELECT who, name, seq FROM states WHERE name IN"
_HEADS: Final = "SELECT who, seq FROM heads WHERE who"
_TREE = sa.select(t.tree.c.size, t.tree.c.at, t.tree.c.edge)
_GROW = sa.update(t.tree).values(
    size=sa.bindparam("size"), at=sa.bindparam("at"), edge=sa.bindparam("edge")
)


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _some(values: set[str]) -> list[list[str]]:
    listed = sorted(values)
    return [listed[n : n + MOST] for n in range(0, len(listed), MOST)]


def _taken(act: Ready) -> KeyTaken:
    return KeyTaken(
        f"an {act.kind} with this id is on record and says something else",
        why="an id stands for one act for ever; what is recorded is never changed",
        mend="give a new id, or strike the old record and say why",
    )


def judged(writing: Writing, parcels: Sequence[ReadyParcel]) -> list[Receipt | XinyongError]:
    """The receipt of each parcel, or why it was refused; then everything accepted is written."""
    writing.look_up(parcels)
    answers: list[Receipt | XinyongError] = []
    for parcel in parcels:
        try:
            answers.append(writing.judge(parcel))
        except XinyongError as error:
            answers.append(error)
    writing.write()
    return answers


__all__ = ["Kept", "Writing", "erasures", "judged"]
