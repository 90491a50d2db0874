"""Who changes band from one scheme to another: counts, never names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.engine.batch import score_table
from xinyong.engine.shape import shape_of
from xinyong.errors import QuestionRefused
from xinyong.face.events import PathLike, table_of
from xinyong.face.gate import admit
from xinyong.face.given import as_day, as_moment
from xinyong.records.shape import EventShape
from xinyong.terms import half_away

if TYPE_CHECKING:
    from xinyong.scheme.model import Scheme

MOVES = pa.schema(
    [
        ("before", pa.string()),
        ("after", pa.string()),
        ("subjects", pa.int64()),
        ("mean_change", pa.int64()),
    ]
)


def moves(
    first: Scheme,
    second: Scheme,
    events: object,
    *,
    day: date | str | None,
    known_by: object = None,
    mapping: PathLike | None = None,
    place: str | Iterable[str] | None = None,
) -> pa.Table:
    """One row for each pair of bands that somebody has before and after, highest bands first.

    ``subjects`` is how many, ``mean_change`` their points after less before, on average, rounded.
    Events that only one of the schemes declares are left out of the other's.
    Both schemes pass the gate for ``place``; raises RealRecords where one may not.
    """
    if day is None:
        raise QuestionRefused(
            "no day is given",
            where="day",
            why="who changes band depends on the day of scoring",
            mend="give the day, such as 2025-12-31",
        )
    asked = as_day(day)
    for one in (first, second):
        admit(one, events, day=asked, place=place, mapping=mapping)
    tables = [
        table_of(events, one, mapping=mapping, shape=_both(one, other))
        for one, other in ((first, second), (second, first))
    ]
    everybody = pc.unique(tables[0]["subject"])
    questions = pa.table(
        {"subject": everybody, "day": pa.array([asked] * len(everybody), pa.date32())}
    )
    before, after = (
        score_table(
            scheme,
            _read_by(table, scheme),
            questions=questions,
            known_by=as_moment(known_by, scheme.zone),
            reasons=False,
            next_change=False,
        )
        for scheme, table in zip((first, second), tables, strict=True)
    )
    pairs: dict[tuple[str, str], list[int]] = {}
    change = after["score"].to_numpy().astype(np.int64) - before["score"].to_numpy()
    names = zip(before["band"].to_pylist(), after["band"].to_pylist(), strict=True)
    for pair, points in zip(names, change.tolist(), strict=True):
        pairs.setdefault(pair, []).append(points)
    ranks = [{band.name: n for n, band in enumerate(s.bands)} for s in (first, second)]
    rows = [
        {
            "before": pair[0],
            "after": pair[1],
            "subjects": len(points),
            "mean_change": half_away(sum(points), len(points)),
        }
        for pair, points in sorted(
            pairs.items(), key=lambda item: (-ranks[0][item[0][0]], -ranks[1][item[0][1]])
        )
    ]
    return pa.Table.from_pylist(rows, schema=MOVES)


def _both(scheme: Scheme, other: Scheme) -> EventShape:
    """The events of both schemes; days are cut as the first cuts them."""
    own, more = shape_of(scheme), shape_of(other)
    kinds = {kind: {**more.kinds.get(kind, {}), **fields} for kind, fields in own.kinds.items()}
    return EventShape(
        kinds={**more.kinds, **kinds},
        data_set_of={**more.data_set_of, **own.data_set_of},
        zone=own.zone,
    )


def _read_by(table: pa.Table, scheme: Scheme) -> pa.Table:
    """The events of kinds that a scheme declares."""
    kinds = pa.array([*shape_of(scheme).kinds, "coverage"], pa.string())
    return table.filter(pc.is_in(table["kind"], value_set=kinds))
