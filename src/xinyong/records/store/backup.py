"""Backups: the whole store in a folder, the same from SQLite and PostgreSQL, and back into either.

::

    backup/  manifest.json            sizes, digests, the root; written last
             entries.parquet  tiles.parquet  checkpoints.parquet
             vault.db                 the keys, sealed by the master key, which is not in here

The tables are read in one transaction while others go on writing; the vault is copied after it, so
that it holds the key of every entry. What follows from the entries is left out: states are worked
out from them again, packed copies of events are made when they are asked for.

A backup made before somebody was erased still holds her keys, and the master key opens them. So
keep backups no longer than needed; give the pseudonyms erased since (:func:`erased_in`) to
:func:`.restoring.restore`, which erases them again; and after :meth:`.Vault.rotate` with a new
master key no older backup can be opened by it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from xinyong.errors import ProofRefused, StoreRefused
from xinyong.records.ledger.verify import Stored, Verified, verify_ledger
from xinyong.records.store import tables as t
from xinyong.records.store.appending import erasures
from xinyong.records.store.store import Store
from xinyong.records.vault_file import flush

FORMAT: Final = "xinyong.backup/1"
MANIFEST: Final = "manifest.json"
VAULT: Final = "vault.db"
TABLES: Final = (t.entries, t.tiles, t.checkpoints)
PAGE: Final = 10_000
"""Rows held in memory at a time."""

_ARROW: Final = {
    sa.BigInteger: pa.int64(),
    sa.Integer: pa.int32(),
    sa.Text: pa.string(),
    sa.LargeBinary: pa.binary(),
}
_EDGE: Final = sa.select(t.tree.c.size, t.tree.c.at, t.tree.c.edge)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: entries, the root over them, the newest moment (microseconds UTC).

    ``edge`` is the right edge of the tree in hexadecimal digits, ``tables`` the version of the
    tables, ``files`` the size in bytes and the SHA-256 of each file.
    """

    format: str
    size: int
    root: str
    at: int
    edge: str
    tables: str
    files: dict[str, tuple[int, str]]


def erased_in(store: Store) -> tuple[str, ...]:
    """The ledger pseudonyms of everybody erased, oldest first: what restoring asks for.

    They say nothing about anybody. Keep them apart from the backups, as often as you can.
    """
    with store.engine.connect() as connection:
        return tuple(who for _, who in erasures(connection))


# ---------------------------------------------------------------- making one


def back_up(store: Store, folder: Path) -> Manifest:
    """Write a backup of an open store to a new folder; others may go on writing meanwhile.

    Every entry is hashed again on the way. Raises StoreRefused where the folder holds anything or
    the store has stopped, ProofRefused where the ledger does not hold; then nothing is left.
    """
    if store.stopped:
        raise StoreRefused("the store has stopped", mend="reopen it first: it verifies itself then")
    if not (folder.is_dir() and not any(folder.iterdir())):
        must_be_free(folder)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    part.mkdir(mode=0o700, parents=True)
    try:
        found = _written(store, part)
        (part / MANIFEST).write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
        for path in (*part.iterdir(), part):
            flush(path)
        os.replace(part, folder)
        flush(folder.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return found


def _written(store: Store, part: Path) -> Manifest:
    with store.engine.connect() as plain:
        connection = _one_view(plain)
        size, at, edge = connection.execute(_EDGE).one()
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
        tables = str(version.scalar_one())
        verified = verify_ledger(
            stored_rows(_dumped(connection, t.entries, part)),
            tiles=stored_tiles(connection),
            edge=bytes(edge),
        )
        must_hold(verified, int(size), store.place, "restore an older backup and compare")
        for table in TABLES[1:]:
            for _ in _dumped(connection, table, part):
                pass
        connection.rollback()
    store.vault.copy_to(part / VAULT)
    files = {path.name: digest_of(path) for path in sorted(part.iterdir())}
    return Manifest(
        FORMAT, verified.size, verified.root.hex(), int(at), bytes(edge).hex(), tables, files
    )


def _one_view(connection: sa.Connection) -> sa.Connection:
    """The connection in a transaction that sees one moment of the database throughout."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ")


def pages(connection: sa.Connection, table: sa.Table) -> Iterator[list[tuple[Any, ...]]]:
    """All rows of a table in order of its key, page by page."""
    key = list(table.primary_key)
    spots = [list(table.columns).index(column) for column in key]
    query = sa.select(table).order_by(*key).limit(PAGE)
    last: tuple[Any, ...] | None = None
    while True:
        after = query
        if last is not None:
            ends = (sa.literal(last[s], c.type) for s, c in zip(spots, key, strict=True))
            after = query.where(sa.tuple_(*key) > sa.tuple_(*ends))
        rows = [tuple(row) for row in connection.execute(after)]
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        last = rows[-1]


def _dumped(
    connection: sa.Connection, table: sa.Table, part: Path
) -> Iterator[list[tuple[Any, ...]]]:
    """The pages of a table, each written to its file before it is given on."""
    schema = pa.schema([(c.name, _ARROW[type(c.type)]) for c in table.columns])
    with pq.ParquetWriter(part / f"{table.name}.parquet", schema, compression="zstd") as writer:
        for rows in pages(connection, table):
            columns = [
                pa.array(values, field.type)
                for values, field in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            yield rows


def stored_rows(pages: Iterable[list[tuple[Any, ...]]]) -> Iterator[Stored]:
    """Rows of the entries, page by page, as they are verified."""
    for rows in pages:
        for seq, kind, at, who, body, leaf, _ in rows:
            yield Stored(int(seq), kind, int(at), who, bytes(body), bytes(leaf))


def stored_tiles(connection: sa.Connection) -> Iterator[tuple[int, int, bytes]]:
    """All tiles of the database."""
    for rows in pages(connection, t.tiles):
        for level, number, hashes in rows:
            yield int(level), int(number), bytes(hashes)


# ---------------------------------------------------------------- reading one


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup whose files are all as it says. Raises ProofRefused."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {name: (int(size), str(digest)) for name, (size, digest) in said["files"].items()}
        found = Manifest(**{**said, "files": files})
        bytes.fromhex(found.root), bytes.fromhex(found.edge)
        if any(type(one) is not int or not 0 <= one < 1 << 63 for one in (found.size, found.at)):
            raise TypeError("its size and its moment are whole numbers of 64 bits")
    except (
        ArithmeticError,
        AttributeError,
        KeyError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise broken(folder, "its manifest cannot be read", str(error)[:200]) from None
    expected = {VAULT, *(f"{table.name}.parquet" for table in TABLES)}
    if found.format != FORMAT or set(files) != expected:
        raise broken(folder, f"it is no {FORMAT}", "its manifest says something else")
    for name, said_of_it in files.items():
        path = folder / name
        if not path.is_file() or digest_of(path) != said_of_it:
            raise broken(folder, f"{name} is missing or another", "its digest is not the one said")
    return found


# ---------------------------------------------------------------- what must hold


def must_hold(verified: Verified, size: int, where: str, mend: str) -> None:
    """Raise ProofRefused where a ledger has a fault or another size."""
    if verified.fault is not None or verified.size != size:
        raise ProofRefused(
            "the ledger does not hold",
            where=where,
            why=str(verified.fault or f"it has {verified.size} entries, not {size}"),
            mend=mend,
        )


def must_be_free(path: Path) -> None:
    """Raise StoreRefused where there is something."""
    if path.exists():
        raise StoreRefused(
            "something is there already",
            where=str(path),
            why="neither a backup nor what is restored overwrites anything",
            mend="name another place",
        )


def digest_of(path: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return path.stat().st_size, found


def broken(folder: Path, what: str, why: str) -> ProofRefused:
    """The error of a backup that cannot be used."""
    return ProofRefused(
        f"this backup cannot be used: {what}",
        where=str(folder),
        why=why,
        mend="take another backup; this one was changed, or never finished",
    )


__all__ = [
    "FORMAT",
    "PAGE",
    "TABLES",
    "VAULT",
    "Manifest",
    "back_up",
    "broken",
    "erased_in",
    "must_be_free",
    "must_hold",
    "pages",
    "read_manifest",
    "stored_rows",
    "stored_tiles",
]
