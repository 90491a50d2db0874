"""Small files that unfold to a gigabyte: intake refuses them, soon and within 256 MiB.

Measured as in test_mebibyte.py: the peak of resident memory of a process of its own, above what was
resident with all imports made and one good file taken in.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HERE = Path(__file__).parent
MOST = 256 * 1024


def said_so_often(path: Path, word: str, rows: int) -> None:
    """One long word in a dictionary, and ``rows`` rows that say it."""

    def column(text: str) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), [text])

    names = {"subject": "a", "kind": "visit", "happened_at": "2016-01-01", "note": word}
    table = pa.table({name: column(text) for name, text in names.items()})
    pq.write_table(table, path, row_group_size=rows, compression="zstd")


def long_words(path: Path) -> None:
    said_so_often(path, "x" * 4000, 250_000)


def many_rows(path: Path) -> None:
    said_so_often(path, "x", 20_000_000)


def wide_page(path: Path) -> None:
    """Zeros that were packed well: the file itself says what they unpack to."""
    table = pa.table(
        {"subject": ["a" * 2**20] * 300, "kind": ["b"] * 300, "happened_at": ["c"] * 300}
    )
    pq.write_table(table, path, compression="zstd", use_dictionary=False)


def packed(path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = (b"a,visit,2016-01-01," + b"x" * 1880 + b"\n") * 1000
    parts = [packer.compress(b"subject,kind,happened_at,note\n")]
    parts += [packer.compress(block) for _ in range(100)]
    path.write_bytes(b"".join([*parts, packer.flush()]))


def packed_twice(path: Path) -> None:
    packed(path)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    path.write_bytes(packer.compress(path.read_bytes()) + packer.flush())


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "a" * (64 << 20))


BOMBS: dict[str, tuple[Callable[[Path], None], str, int]] = {
    "long words": (long_words, "b.parquet", 1_000_000_000),
    "many rows": (many_rows, "b.parquet", 300_000_000),
    "a wide page": (wide_page, "b.parquet", 300 << 20),
    "packed rows": (packed, "b.csv.gz", 190_000_000),
    "packed twice": (packed_twice, "b.csv.gz", 190_000_000),
    "a zip file": (zipped, "b.csv", 64 << 20),
    "a zip file called gzip": (zipped, "b.csv.gz", 64 << 20),
}


def measured(path: Path) -> tuple[str, int, int]:
    """How it went, KiB of growth, milliseconds."""
    done = subprocess.run(
        [sys.executable, str(HERE / "unfolding.py"), str(path)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1] / "src")},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    how, figures = done.stdout.splitlines()[-2:]
    grown, milliseconds = figures.split()
    return how, int(grown), int(milliseconds)


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_unfolds_is_refused_in_little_memory(name: str, tmp_path: Path) -> None:
    make, called, unfolded = BOMBS[name]
    path = tmp_path / called
    make(path)
    assert path.stat().st_size < min(500_000, unfolded / 200)
    how, grown, milliseconds = measured(path)
    assert how.startswith("refused"), how
    assert grown < MOST, f"grew by {grown // 1024} MiB"
    assert milliseconds < 10_000


def test_a_file_that_is_only_long_is_taken(tmp_path: Path) -> None:
    """The bounds are for what unfolds, not for what is large: half a million different rows."""
    rows = 500_000
    table = pa.table(
        {
            "subject": [f"person-{n:09}" for n in range(rows)],
            "kind": ["visit"] * rows,
            "happened_at": ["2016-01-01"] * rows,
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert measured(tmp_path / "a.parquet")[0] == "taken"
