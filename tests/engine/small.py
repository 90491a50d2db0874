"""A small result of every engine, with a trace and a page, as one digest; runs by itself too."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pyarrow as pa

from xinyong.demo.town import draw_town
from xinyong.engine import plain
from xinyong.engine.batch import Engine, chosen_engine, score_table
from xinyong.engine.shape import shape_of
from xinyong.records.table import to_events
from xinyong.scheme import library
from xinyong.scheme.page import page


def digest() -> str:
    """SHA-256 of scores, lines, variables, next changes, one trace and the lay reader's page."""
    scheme = library.load("tax-credit")
    day = date(2025, 12, 31)
    table = draw_town(0, 40, seed=5).events("firms")
    # moments without a zone are read in the scheme's zone, whatever the machine's
    place = table.schema.get_field_index("happened_at")
    naive = table["happened_at"].cast(pa.timestamp("us"))
    without = table.set_column(place, "happened_at", naive).replace_schema_metadata(None)
    made = hashlib.sha256()
    engines: tuple[Engine, ...] = (chosen_engine(), "numpy")
    for engine in engines:
        found = score_table(
            scheme, without, day=day, engine=engine, lines=True, variables=True, next_change=True
        )
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, found.schema) as writer:
            writer.write_table(found)
        made.update(sink.getvalue())
    events = to_events(table, shape_of(scheme))
    told = plain.explain(scheme, events, subject=events[0].subject, day=day)
    made.update(json.dumps(told.trace, ensure_ascii=False).encode())
    made.update(page(scheme).encode())
    return made.hexdigest()


if __name__ == "__main__":
    print(digest())
