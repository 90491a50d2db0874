"""What a request asks the database, however much is on record, is found by an index."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from xinyong.records.store import Act, AtMost, Need, Parcel, State, Store, Unchanged
from xinyong.records.store.quick import Quick
from xinyong.records.vault import Vault


def test_no_question_of_a_request_walks_through_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "records.db"
    asked: list[tuple[str, Any]] = []
    event = {"kind": "bill", "happened_at": 1_700_000_000_000_000, "fields": {}}
    quick = Quick.rows

    def rows(self: Quick, question: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        asked.append((question, values))
        return quick(self, question, values)

    monkeypatch.setattr(Quick, "rows", rows)
    with (
        Vault.open(tmp_path / "vault.db", bytes(range(32))) as vault,
        Store(f"sqlite:///{place}", vault) as store,
    ):

        @sa.event.listens_for(store._engine, "before_cursor_execute")
        def _(c: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
            asked.append((statement, values[0] if many else values))

        for number in range(3):
            store.append(
                Parcel(
                    (
                        Act("event", "anna", event | {"id": f"e{number}"}, key=f"e{number}"),
                        Act("read", "anna", {}, states=(State("seen", f"p {number}", "seen"),)),
                    ),
                    (
                        Need("consent", "c1", frozenset({""})),
                        Need("key", "k1", frozenset({""})),
                        Unchanged("anna", 99, ("consent", "dispute"), -1),
                        AtMost("seen", "g", 9),
                    ),
                )
            )
        store.stamp("anna", ("consent", "dispute", "listing"))
        store.block("anna", "x")
        store.head("anna")
        store.standing("anna")
        store.of("anna", ("decision", "notice"))
        store.states("key", item="k1", values=("live",))
    with closing(sqlite3.connect(place)) as base:
        plans = {
            statement: [row[3] for row in base.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            for statement, values in asked
            if statement.split()[0] in ("SELECT", "UPDATE", "DELETE", "INSERT")
        }
    assert len(plans) > 12
    walks = {
        statement: step
        for statement, steps in plans.items()
        for step in steps
        if step.startswith("SCAN") and step.split()[1] in ("entries", "states", "heads", "blocks")
    }
    assert walks == {}
