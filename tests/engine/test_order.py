"""Rows that do not fit into memory are put in order all the same, and leave nothing behind."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from xinyong.engine.order import in_order

ROWS = 3_000_000


def test_what_does_not_fit_is_spilled_where_temporary_files_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    chance = np.random.default_rng(7)
    subjects, moments = chance.integers(0, 1_000, ROWS), chance.integers(0, 10**15, ROWS)
    mixed = pa.table(
        {
            "subject": subjects,
            "kind": pa.array(np.full(ROWS, "a")),
            "happened_at": moments,
            "amount": np.arange(ROWS),
        }
    )
    batches = in_order(mixed, memory="64MB")
    first = next(batches)
    assert [one.name.startswith("xinyong-order-") for one in temporary.iterdir()] == [True]
    assert list(here.iterdir()) == []
    found = pa.Table.from_batches([first, *batches])
    assert list(temporary.iterdir()) == []
    expected = np.lexsort((moments, subjects))
    assert (np.asarray(found["amount"]) == expected).all()


def test_whoever_stops_early_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the rows that are not asked for any more stand in a circle of references."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    few = pa.table({"subject": [2, 1], "kind": ["a", "a"], "happened_at": [1, 2]})
    circle: dict[str, object] = {"batches": in_order(few)}
    circle["itself"] = circle
    next(circle["batches"])  # type: ignore[call-overload]
    assert len(list(tmp_path.iterdir())) == 1
    del circle
    gc.collect()
    assert list(tmp_path.iterdir()) == []
