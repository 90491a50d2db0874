"""Parquet files of events, row group by row group."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from xinyong.errors import EventsRefused


def paths_of(path: str | Path | Sequence[str | Path]) -> list[Path]:
    """The files that a path, a folder or a pattern means; EventsRefused if there are none."""
    given = [path] if isinstance(path, (str, Path)) else list(path)
    found: list[Path] = []
    for one in given:
        here = Path(one)
        if here.is_dir():
            found += sorted(here.glob("**/*.parquet"))
        elif here.exists():
            found.append(here)
        else:
            found += [Path(p) for p in sorted(glob.glob(str(one)))]
    if not found:
        raise EventsRefused(
            "there are no events here",
            where=", ".join(str(p) for p in given),
            why="no such file, or a folder without Parquet files",
            mend="give a Parquet file, a folder or a pattern such as 'events/*.parquet'",
        )
    return found


def opened(path: Path) -> pq.ParquetFile:
    """A Parquet file; EventsRefused if it cannot be read as one."""
    try:
        # not mapped: pages of a mapped file count as memory held, and stay
        return pq.ParquetFile(path, memory_map=False, pre_buffer=False)
    except (pa.ArrowInvalid, OSError) as error:
        raise EventsRefused(
            "the file cannot be read as Parquet",
            where=str(path),
            why=str(error).splitlines()[0][:200],
            mend="take CSV or JSON Lines in with 'xinyong intake'; fetch a broken file again",
        ) from None


def file_batches(
    files: Sequence[pq.ParquetFile], names: list[str], threads: int
) -> Iterator[pa.Table]:
    """Row groups of files as tables, a few read ahead."""
    jobs = [(file, n) for file in files for n in range(file.num_row_groups)]
    dictionary = [
        n
        for n in names
        if pa.types.is_string(files[0].schema_arrow.field(n).type) and n not in ("subject", "id")
    ]

    def read(file: pq.ParquetFile, group: int) -> pa.Table:
        table = file.read_row_group(group, columns=names, use_threads=False)
        for name in dictionary:
            place = table.schema.get_field_index(name)
            if pa.types.is_string(table.schema.field(place).type):
                table = table.set_column(place, name, table[name].dictionary_encode())
        return table.select(names)

    if threads <= 1:
        for job in jobs:
            yield read(*job)
        return
    with ThreadPoolExecutor(1) as pool:
        ahead: list[Future[pa.Table]] = []
        for job in jobs:
            ahead.append(pool.submit(read, *job))
            if len(ahead) > 1:
                yield ahead.pop(0).result()
        for future in ahead:
            yield future.result()
