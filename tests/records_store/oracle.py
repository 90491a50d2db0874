"""What a store must say, worked out with lists and dictionaries; nothing of the store's code.

A person who is erased and comes back is somebody new: ``Who`` counts that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xinyong.records.store import Act, AtMost, Need, Parcel, State, Unchanged

Who = tuple[str, int]
"""A subject's name and how many times she had been erased before."""
ALTERING = ("event", "strike", "dispute", "outcome")


@dataclass
class Entry:
    seq: int
    kind: str
    at: int
    who: Who | None
    body: Any


@dataclass
class Stands:
    who: Who | None
    value: str
    due: int | None
    group: str
    seq: int


@dataclass
class Said:
    """What is answered to a parcel: a receipt, or the name of the error."""

    seqs: tuple[int, ...] = ()
    at: int = 0
    new: tuple[bool, ...] = ()
    error: str = ""


@dataclass
class Oracle:
    entries: list[Entry] = field(default_factory=list)
    marks: dict[tuple[Who | None, str, str], tuple[int, str]] = field(default_factory=dict)
    states: dict[tuple[str, str], Stands] = field(default_factory=dict)
    heads: dict[Who, tuple[int, int]] = field(default_factory=dict)
    blocks: dict[tuple[Who, str], tuple[int, bytes]] = field(default_factory=dict)
    known: dict[str, Who] = field(default_factory=dict)
    """Subjects with keys."""
    erased: dict[str, int] = field(default_factory=dict)
    at: int = 0

    # ------------------------------------------------------------ writing

    def who(self, subject: str | None) -> Who | None:
        if subject is None:
            return None
        return self.known.setdefault(subject, (subject, self.erased.get(subject, 0)))

    def append(self, parcel: Parcel, now: int) -> Said:
        now = max(now, self.at)
        whos = [self.who(act.subject) for act in parcel.acts]
        since = {n.subject: self.who(n.subject) for n in parcel.needs if isinstance(n, Unchanged)}
        found = []
        for act, who in zip(parcel.acts, whos, strict=True):
            there = self.marks.get((who, act.kind, act.key)) if act.key is not None else None
            if there is not None and there[1] != _plain(act):
                return Said(error="KeyTaken")
            found.append(there)
        if found and all(found):
            seqs = tuple(there[0] for there in found if there)
            return Said(seqs, max(self.entries[s].at for s in seqs), (False,) * len(seqs))
        fresh = [act for act, there in zip(parcel.acts, found, strict=True) if not there]
        if not all(self._holds(need, now, fresh, since) for need in parcel.needs):
            return Said(error="NeedUnmet")
        plains: dict[tuple[Who | None, str, str], str] = {}
        for act, who in zip(parcel.acts, whos, strict=True):
            if act.key is not None and plains.setdefault((who, act.kind, act.key), _plain(act)) != (
                _plain(act)
            ):
                return Said(error="KeyTaken")
        start = len(self.entries)
        seqs = tuple(self._add(act, who, now) for act, who in zip(parcel.acts, whos, strict=True))
        for block in parcel.blocks:
            if block.subject in self.known:
                self.blocks[self.known[block.subject], block.label] = (block.upto, block.body)
        return Said(seqs, now, tuple(seq >= start for seq in seqs))

    def _holds(
        self, need: object, now: int, fresh: Sequence[Act], since: dict[str, Who | None]
    ) -> bool:
        if isinstance(need, Need):
            state = self.states.get((need.name, need.item))
            value, due = (state.value, state.due) if state else ("", None)
            over = need.running and due is not None and due <= now
            return value in need.values and not over
        if isinstance(need, Unchanged):
            who = since[need.subject]
            assert who is not None
            hers = [(name, s.seq) for (name, _), s in self.states.items() if s.who == who]
            moved = max((seq for name, seq in hers if name in need.names), default=-1)
            return self.heads.get(who, (-1, 0))[0] < need.since and moved <= need.last
        assert isinstance(need, AtMost)
        groups = {item: s.group for (name, item), s in self.states.items() if name == need.name}
        groups |= {s.item: s.group for act in fresh for s in act.states if s.name == need.name}
        return list(groups.values()).count(need.group) <= need.limit

    def _add(self, act: Act, who: Who | None, now: int) -> int:
        if act.key is not None and (who, act.kind, act.key) in self.marks:
            return self.marks[who, act.kind, act.key][0]
        seq = len(self.entries)
        self.at = now
        self.entries.append(Entry(seq, act.kind, now, who, json.loads(json.dumps(act.body))))
        if act.key is not None:
            self.marks[who, act.kind, act.key] = (seq, _plain(act))
        for s in act.states:
            self.states[s.name, s.item] = Stands(who, s.value, s.due, s.group, seq)
        if who is not None and act.kind in ALTERING:
            self.heads[who] = (seq, now)
        return seq

    def erase(self, subject: str, reason: str, ledger_name: str, now: int) -> Said | None:
        who = self.known.pop(subject, None)
        if who is None:
            return None
        self.at = max(now, self.at)
        seq = len(self.entries)
        self.entries.append(
            Entry(seq, "erasure", self.at, None, {"who": ledger_name, "reason": reason})
        )
        self.erased[subject] = self.erased.get(subject, 0) + 1
        self.states = {k: s for k, s in self.states.items() if s.who != who}
        self.blocks = {k: b for k, b in self.blocks.items() if k[0] != who}
        self.heads.pop(who, None)
        return Said((seq,), self.at, (True,))

    # ------------------------------------------------------------ reading

    def readable(self, entry: Entry) -> bool:
        return entry.who is None or self.known.get(entry.who[0]) == entry.who

    def of(self, subject: str, kinds: Sequence[str] | None, upto: int | None) -> list[Entry]:
        who = self.known.get(subject)
        return [
            entry
            for entry in self.entries[:upto]
            if entry.who is not None and entry.who == who and (kinds is None or entry.kind in kinds)
        ]

    def counting(self, subject: str, upto: int | None) -> dict[str, Entry]:
        """The events that count, by id, in the order in which they were first recorded."""
        events: dict[str, Entry] = {}
        struck: set[str] = set()
        disputes: dict[str, list[str]] = {}
        for entry in self.of(subject, ALTERING, upto):
            if entry.kind == "event":
                events.setdefault(entry.body["id"], entry)
            elif entry.kind == "strike":
                struck.update(entry.body["events"])
            elif entry.kind == "dispute":
                disputes[entry.body["dispute"]] = entry.body["events"]
            else:
                disputes.pop(entry.body["dispute"], None)
        out = struck.union(*disputes.values())
        return {one: entry for one, entry in events.items() if one not in out}


def _plain(act: Act) -> str:
    states = [[s.name, s.item, s.value, s.due, s.group] for s in act.states]
    return json.dumps([act.body, states], sort_keys=True)


def root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


__all__ = ["Entry", "Oracle", "Said", "Stands", "State", "root"]
