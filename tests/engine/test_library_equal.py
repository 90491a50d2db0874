"""10,000 subjects under each scheme of the library: every engine and every way in, same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import many
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from equal import expected_row, rows

from xinyong.days import end_of_day
from xinyong.engine import plain
from xinyong.engine.batch import score_file, score_table
from xinyong.engine.shape import shape_of
from xinyong.records.table import to_events
from xinyong.scheme import library

SCHEMES = ("sesame", "rongcheng", "tax-credit")
EVERY = library.names()
ASKED: dict[str, Any] = {"day": many.DAY, "lines": True}


def to_bytes(table: pa.Table) -> bytes:
    """All of a table, as a file would hold it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_ten_thousand_subjects_equal_plain(name: str) -> None:
    scheme = library.load(name)
    table = many.drawn(name)
    events = many.by_subject(to_events(table, shape_of(scheme)))
    assert len(events) == many.SUBJECTS
    found = score_table(scheme, many.shuffled(table), day=many.DAY, lines=True, next_change=False)
    got = rows(found)
    assert [row["subject"] for row in got] == sorted(events)
    for row in got:
        subject = row["subject"]
        assert row == expected_row(scheme, events[subject], subject, many.DAY, None)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEMES)
def test_next_change_equals_plain(name: str) -> None:
    """Slow to work out plainly, day after day, so for every 200th subject."""
    scheme = library.load(name)
    table = many.drawn(name)
    subjects = pc.unique(table["subject"]).to_pylist()[::200]
    table = table.filter(pc.is_in(table["subject"], pa.array(subjects)))
    events = many.by_subject(to_events(table, shape_of(scheme)))
    found = score_table(scheme, table, day=many.DAY, next_change=True)
    for subject, change in zip(subjects, found["next_change"].to_pylist(), strict=True):
        wanted = plain.next_change(scheme, events[subject], subject=subject, day=many.DAY)
        assert change == wanted, subject


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEMES)
def test_threads_order_and_pieces_change_no_byte(name: str) -> None:
    scheme = library.load(name)
    table = many.drawn(name)
    ordered = many.in_order(to_events(table, shape_of(scheme)), shape_of(scheme))
    wanted = to_bytes(score_table(scheme, table, **ASKED))
    cut = many.in_pieces(ordered, 7_777)
    for threads in (1, 2):
        for given in (many.shuffled(table), ordered, cut):
            found = score_table(scheme, given, threads=threads, **ASKED)
            assert to_bytes(found) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEMES)
def test_files_give_what_tables_give(name: str, tmp_path: Path) -> None:
    scheme = library.load(name)
    table = many.drawn(name)
    wanted = score_table(scheme, table, **ASKED)
    ordered = many.in_order(to_events(table, shape_of(scheme)), shape_of(scheme))
    pq.write_table(ordered, tmp_path / "ordered.parquet", row_group_size=7_777)
    pq.write_table(many.shuffled(table), tmp_path / "shuffled.parquet", row_group_size=7_777)
    for way in ("ordered", "shuffled"):
        made = []
        for threads in (1, 2):
            out = tmp_path / f"{way}-{threads}.scores.parquet"
            told = score_file(scheme, tmp_path / f"{way}.parquet", out, threads=threads, **ASKED)
            assert told.subjects == many.SUBJECTS
            assert not [p for p in tmp_path.iterdir() if p.suffix == ".part"]
            made.append(out.read_bytes())
        assert made[0] == made[1]
        read = pq.read_table(out)
        assert read.cast(wanted.schema).equals(wanted)
        assert read.schema.metadata == wanted.schema.metadata


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEMES)
def test_numpy_and_numba_give_the_same_bytes(name: str) -> None:
    scheme = library.load(name)
    table = many.drawn(name)
    mine = score_table(scheme, table, **ASKED)
    twin = score_table(scheme, many.shuffled(table), engine="numpy", threads=2, **ASKED)
    assert to_bytes(mine) == to_bytes(twin)


@pytest.mark.slow
def test_the_histories_hold_what_they_are_drawn_for() -> None:
    """Late, struck out, twice under one id, in the future: each in at least one in a hundred."""
    for name in SCHEMES:
        scheme = library.load(name)
        table = many.drawn(name)
        least = table.num_rows // 100
        happened, recorded = table["happened_at"], table["recorded_at"]
        late = pc.greater(pc.subtract(recorded, happened), pa.scalar(many.MONTH, pa.duration("us")))
        limit = pa.scalar(end_of_day(many.DAY, scheme.zone), pa.int64()).cast(happened.type)
        assert pc.sum(late).as_py() > least
        assert pc.sum(pc.greater(happened, limit)).as_py() > least
        assert table.num_rows - table["struck_at"].null_count > least
        keys = table.group_by(["subject", "id"]).aggregate([])
        assert table.num_rows - keys.num_rows > least
