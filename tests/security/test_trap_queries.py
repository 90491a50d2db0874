"""DuckDB sees what it is handed and nothing else: no file, no network, and it stays so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from xinyong.engine.order import in_order
from xinyong.records.linking import candidates
from xinyong.records.sorting import sorted_batches

OUT = [
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM glob('{folder}/*')",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "ATTACH '{folder}/other.db'",
    "EXPORT DATABASE '{folder}/all'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every connection that is opened; closing them is put off until they were asked."""
    made: list[Any] = []
    connect = duckdb.connect

    class Kept:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def close(self) -> None:
            """Not yet."""

    def kept(*given: Any, **named: Any) -> Kept:
        made.append(Kept(connect(*given, **named)))
        return made[-1]

    monkeypatch.setattr(duckdb, "connect", kept)
    return made


def locked(connection: Any, folder: Path) -> None:
    """None of the ways out is open."""
    (folder / "secret.csv").write_text("a\n1\n")
    for query in OUT:
        with pytest.raises(duckdb.Error):
            connection.execute(query.format(file=folder / "secret.csv", folder=folder)).fetchall()
    assert sorted(path.name for path in folder.iterdir()) == ["secret.csv"]


@contextmanager
def sorting(folder: Path) -> Iterator[None]:
    spill = folder.with_name(f"{folder.name}-spill")  # the one folder it may write to
    batch = pa.record_batch({"a": ["b", "a"]})
    assert pa.Table.from_batches(sorted_batches(batch.schema, [batch], ["a"], spill)).num_rows == 2
    yield


@contextmanager
def linking(folder: Path) -> Iterator[None]:
    with candidates._locked_down(1):
        yield


@contextmanager
def scoring(folder: Path) -> Iterator[None]:
    events = pa.table({"subject": ["b", "a"], "kind": ["k", "k"], "happened_at": [2, 1]})
    assert sum(batch.num_rows for batch in in_order(events)) == 2
    yield


@pytest.mark.parametrize("use", [sorting, linking, scoring])
def test_no_query_leaves_the_database(
    opened: list[Any], tmp_path: Path, use: Callable[[Path], Any]
) -> None:
    with use(tmp_path):
        assert len(opened) == 1
        locked(opened[0], tmp_path)
        opened[0].inner.close()


def test_an_open_database_is_found_out(tmp_path: Path) -> None:
    with duckdb.connect() as free, pytest.raises(BaseException, match="DID NOT RAISE"):
        locked(free, tmp_path)
