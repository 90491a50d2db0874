"""Each record once: of rows with the same subject and id, the one recorded first stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from xinyong.records.aside import Reason
from xinyong.terms import EVENTS_LIMIT

_PLACE: Final = ("#file", "#line")

PutAside = Callable[[dict[str, Any], Reason, str], None]


class Once:
    """Passes sorted rows on, each (subject, id) once, at most ``EVENTS_LIMIT`` per subject.

    Rows arrive sorted by subject, so what one subject brings is all that is held back.
    """

    def __init__(self, put_aside: PutAside, limit: int = EVENTS_LIMIT) -> None:
        self.put_aside, self.limit = put_aside, limit
        self.dropped = 0
        self.subjects = 0
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def pass_on(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
        """The rows that stay, in the same order; whole subjects at a time."""
        for batch in batches:
            if not batch.num_rows:
                continue
            last = batch.column("subject")[batch.num_rows - 1]
            start = pc.index(batch.column("subject"), last).as_py()
            if start > 0:
                yield self._settled([*self._held, batch.slice(0, start)], batch.schema)
                self._held = []
            elif self._held:
                previous = self._held[-1].column("subject")
                if previous[len(previous) - 1] != last:
                    yield self._settled(self._held, batch.schema)
                    self._held = []
            self._held.append(batch.slice(start))
            if sum(part.num_rows for part in self._held) > 2 * self.limit:
                kept = self._unique(pa.Table.from_batches(self._held))
                self._held = self._limited(kept).to_batches()
        if self._held:
            yield self._settled(self._held, self._held[0].schema)
            self._held = []

    def _settled(self, batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
        table = self._limited(self._unique(pa.Table.from_batches(batches, schema)))
        self.subjects += pc.count_distinct(table["subject"]).as_py()
        return table

    def _limited(self, table: pa.Table) -> pa.Table:
        if table.num_rows <= self.limit:
            return table
        sizes = table.group_by("subject").aggregate([("id", "count")])
        sizes = sizes.filter(pc.greater(sizes["id_count"], self.limit))
        for subject in sizes["subject"].to_pylist():
            mine = pc.equal(table["subject"], subject)
            spots = pc.indices_nonzero(mine).to_numpy()[self.limit :]
            told = f"the subject has more than {self.limit} events; the first of them are kept"
            for row in table.take(spots).to_pylist():
                self.put_aside(row, Reason.TOO_MANY_EVENTS, told)
            table = _without(table, spots.tolist())
        return table

    def _unique(self, table: pa.Table) -> pa.Table:
        keys = table.select(["subject", "id"])
        counts = keys.group_by(["subject", "id"]).aggregate([([], "count_all")])
        if counts.num_rows == table.num_rows:
            return table
        many = counts.filter(pc.greater(counts["count_all"], 1)).select(["subject", "id"])
        numbered = keys.append_column("#row", pa.array(range(table.num_rows), pa.int64()))
        spots = numbered.join(many, ["subject", "id"], join_type="inner")["#row"].to_pylist()
        rows: dict[tuple[str, str], list[tuple[Any, int, dict[str, Any]]]] = {}
        for spot, row in zip(
            spots, table.take(pa.array(spots, pa.int64())).to_pylist(), strict=True
        ):
            rank = (row["recorded_at"], row["happened_at"], row["kind"], _body(row))
            rows.setdefault((row["subject"], row["id"]), []).append((rank, spot, row))
        lost = []
        for same in rows.values():
            same.sort(key=lambda item: (item[0], item[2]["#file"], item[2]["#line"]))
            (_, _, first), *others = same
            for _, spot, row in others:
                lost.append(spot)
                if _body(row) == _body(first):
                    self.dropped += 1
                else:
                    self.put_aside(
                        row, Reason.SAME_ID,
                        "id: a record with this id, recorded no later, says something else",
                    )  # fmt: skip
        return _without(table, lost)


def _without(table: pa.Table, spots: list[int]) -> pa.Table:
    lost = pa.array(sorted(spots), pa.int64())
    rows = pa.array(range(table.num_rows), pa.int64())
    return table.filter(pc.invert(pc.is_in(rows, value_set=lost)))


def _body(row: dict[str, Any]) -> str:
    """What a record says: all but when it was recorded and where it stood."""
    return repr([(k, v) for k, v in row.items() if k not in _PLACE and k != "recorded_at"])
