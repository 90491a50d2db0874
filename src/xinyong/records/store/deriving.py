"""States and heads worked out again from the ledger, which says them too.

The store keeps both beside the entries to save reading. Here they are made anew, for a backup that
is restored; and held against what is kept, for an audit: a row of theirs has no hash of its own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from xinyong.records.ledger.entry import Entry
from xinyong.records.store import tables as t
from xinyong.records.store.acts import ALTERING
from xinyong.records.store.appending import erasures
from xinyong.records.store.preparing import bound_to
from xinyong.records.store.reading import Reader
from xinyong.records.vault import Vault

Row = dict[str, Any]


def derived(
    entries: Iterable[Entry], vault: Vault, erased: Collection[str]
) -> Iterator[tuple[list[Row], Row | None]]:
    """What each entry says of states and heads, as rows of those tables; a later row counts.

    Nothing is said by entries about ``erased`` pseudonyms, nor by those whose keys are gone.
    """
    for entry in entries:
        plain = entry.body
        if entry.who:
            keys = None if entry.who in erased else vault.by_who(entry.who)
            if keys is None:
                continue
            plain = keys.unseal(entry.body, bound_to(entry.kind, entry.who))
        states = [
            {
                "name": name,
                "item": item,
                "who": entry.who,
                "value": value,
                "due": due,
                "bunch": bunch,
                "seq": entry.seq,
            }
            for name, item, value, due, bunch in json.loads(plain).get("states", ())
        ]
        head = None
        if entry.who and entry.kind in ALTERING:
            head = {"who": entry.who, "seq": entry.seq, "at": entry.at}
        yield states, head


def differing(reader: Reader, vault: Vault) -> list[str]:
    """Each state and head that is kept otherwise than the ledger says; none when all is well.

    Reads everything, and holds all states in memory. Nobody may write meanwhile.
    """
    with reader.engine.connect() as connection:
        erased = {who for _, who in erasures(connection)}
        kept: dict[tuple[str, ...], Row] = {}
        for table in (t.states, t.heads):
            key = [column.name for column in table.primary_key]
            for row in connection.execute(sa.select(table)).mappings():
                kept[table.name, *(row[name] for name in key)] = dict(row)
    said: dict[tuple[str, ...], Row] = {}
    for states, head in derived((entry for entry, _ in reader.entries()), vault, erased):
        said |= {("states", row["name"], row["item"]): row for row in states}
        if head is not None:
            said["heads", head["who"]] = head
    return [
        f"{' '.join(key)}: kept {kept.get(key)}, said {said.get(key)}"
        for key in sorted(kept.keys() | said.keys())
        if kept.get(key) != said.get(key)
    ]


__all__ = ["derived", "differing"]
