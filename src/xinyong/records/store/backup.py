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
:func:`restore`, which erases them again; and after :meth:`.Vault.rotate` with a new master key no
older backup can be opened by it.
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
from sqlalchemy.engine import make_url

from xinyong.errors import ProofRefused, StoreRefused
from xinyong.records.ledger.entry import Entry
from xinyong.records.ledger.verify import Stored, Verified, verify_ledger
from xinyong.records.store import opening
from xinyong.records.store import tables as t
from xinyong.records.store.appending import erasures
from xinyong.records.store.deriving import derived
from xinyong.records.store.putting import put_all
from xinyong.records.store.store import Store
from xinyong.records.vault import Vault
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


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: entries and their root, verified.

    ``erased_again``: pseudonyms of subjects who had been erased after the backup was made.
    ``unreadable``: subjects whose keys are missing though no entry says that they were erased; a
    few may have been erased while the backup was made, all of them are a vault of another ledger.
    """

    size: int
    root: bytes
    erased_again: tuple[str, ...]
    unreadable: int


def erased_in(store: Store) -> tuple[str, ...]:
    """The ledger pseudonyms of everybody erased, oldest first: what :func:`restore` asks for.

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
        _must_be_free(folder)
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
            _stored(_dumped(connection, t.entries, part)),
            tiles=_tiles(connection),
            edge=bytes(edge),
        )
        _must_hold(verified, int(size), store.place, "restore an older backup and compare")
        for table in TABLES[1:]:
            for _ in _dumped(connection, table, part):
                pass
        connection.rollback()
    store.vault.copy_to(part / VAULT)
    files = {path.name: _digest(path) for path in sorted(part.iterdir())}
    return Manifest(
        FORMAT, verified.size, verified.root.hex(), int(at), bytes(edge).hex(), tables, files
    )


def _one_view(connection: sa.Connection) -> sa.Connection:
    """The connection in a transaction that sees one moment of the database throughout."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ")


def _pages(connection: sa.Connection, table: sa.Table) -> Iterator[list[tuple[Any, ...]]]:
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
        for rows in _pages(connection, table):
            columns = [
                pa.array(values, field.type)
                for values, field in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            yield rows


def _stored(pages: Iterable[list[tuple[Any, ...]]]) -> Iterator[Stored]:
    for rows in pages:
        for seq, kind, at, who, body, leaf, _ in rows:
            yield Stored(int(seq), kind, int(at), who, bytes(body), bytes(leaf))


def _tiles(connection: sa.Connection) -> Iterator[tuple[int, int, bytes]]:
    for rows in _pages(connection, t.tiles):
        for level, number, hashes in rows:
            yield int(level), int(number), bytes(hashes)


# ---------------------------------------------------------------- putting it back


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup whose files are all as it says. Raises ProofRefused."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {name: (int(size), str(digest)) for name, (size, digest) in said["files"].items()}
        found = Manifest(**{**said, "files": files})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _broken(folder, "its manifest cannot be read", str(error)) from None
    expected = {VAULT, *(f"{table.name}.parquet" for table in TABLES)}
    if found.format != FORMAT or set(files) != expected:
        raise _broken(folder, f"it is no {FORMAT}", "its manifest says something else")
    for name, said_of_it in files.items():
        path = folder / name
        if not path.is_file() or _digest(path) != said_of_it:
            raise _broken(folder, f"{name} is missing or another", "its digest is not the one said")
    return found


def restore(
    folder: Path, url: str, vault: Path, master: bytes, *, erased: Iterable[str] = ()
) -> Restored:
    """Put a backup into an empty place and verify it there before calling it done.

    ``url`` is a SQLite file that is not there or a PostgreSQL database without entries; ``vault``
    a file that is not there. ``erased``: pseudonyms known to be erased since, see
    :func:`erased_in`; whom the restored ledger itself says erased is erased in any case.
    Raises StoreRefused where something is in the way, ProofRefused where the backup does not hold;
    nothing is left then.
    """
    manifest = read_manifest(folder)
    _must_be_free(vault)
    kept = _part_of(vault)
    try:
        shutil.copyfile(folder / VAULT, kept)
        kept.chmod(0o600)
        with Vault.open(kept, master, create=False) as opened:
            _fill(folder, url, manifest, opened)
        flush(kept)
        os.replace(kept, vault)
        flush(vault.parent)
    finally:
        kept.unlink(missing_ok=True)
    with Vault.open(vault, master) as opened, Store(url, opened) as store:
        again = tuple(who for who in dict.fromkeys(erased) if _erase_again(store, who))
        return Restored(manifest.size, bytes.fromhex(manifest.root), again, _unreadable(store))


def _fill(folder: Path, url: str, manifest: Manifest, vault: Vault) -> None:
    """A database with what the backup holds, which appears only when it is whole and verified."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return _fill_database(folder, url, manifest, vault)
    final = Path(str(address.database))
    _must_be_free(final)
    part = _part_of(final)
    try:
        _fill_database(folder, f"sqlite:///{part}", manifest, vault)
        flush(part)
        os.replace(part, final)
        flush(final.parent)
    finally:
        for path in final.parent.glob(f"{part.name}*"):
            path.unlink()
    return None


def _fill_database(folder: Path, url: str, manifest: Manifest, vault: Vault) -> None:
    engine = opening.engine_for(url)
    try:
        opening.upgrade(engine)
        with engine.connect() as connection:
            opening.begin(connection)
            try:
                _must_be_empty(connection, url, manifest)
                _put(connection, folder, manifest)
                _derive(connection, vault)
            except BaseException:
                opening.roll_back(connection)
                raise
            opening.commit(connection)
        opening.settle(engine)
    finally:
        engine.dispose()


def _put(connection: sa.Connection, folder: Path, manifest: Manifest) -> None:
    for table in TABLES:
        with pq.ParquetFile(folder / f"{table.name}.parquet") as file:
            for batch in file.iter_batches(PAGE):
                put_all(connection, table, batch.to_pylist())
    edge = bytes.fromhex(manifest.edge)
    newest = connection.execute(sa.select(sa.func.max(t.entries.c.at))).scalar() or 0
    if newest != manifest.at:
        raise _broken(folder, "its newest moment is another", f"the entries end at {newest}")
    connection.execute(sa.update(t.tree).values(size=manifest.size, at=newest, edge=edge))
    verified = verify_ledger(
        _stored(_pages(connection, t.entries)), tiles=_tiles(connection), edge=edge
    )
    _must_hold(verified, manifest.size, str(folder), "take another backup")
    if verified.root.hex() != manifest.root:
        raise _broken(folder, "its root is another", "the entries are not those of the manifest")


def _derive(connection: sa.Connection, vault: Vault) -> None:
    """Work out states and heads again, page by page."""
    erased = {who for _, who in erasures(connection)}
    for rows in _pages(connection, t.entries):
        entries = (
            Entry(int(s), kind, int(at), who, bytes(b)) for s, kind, at, who, b, _, _ in rows
        )
        states: dict[tuple[str, str], dict[str, Any]] = {}
        heads: dict[str, dict[str, Any]] = {}
        for said, head in derived(entries, vault, erased):
            states |= {(row["name"], row["item"]): row for row in said}
            if head is not None:
                heads[head["who"]] = head
        put_all(connection, t.states, list(states.values()))
        put_all(connection, t.heads, list(heads.values()))


def _erase_again(store: Store, who: str) -> bool:
    keys = store.vault.by_who(who)
    if keys is None:
        return False
    store.erase(keys.subject, reason="erased before, and restored from an older backup")
    return True


def _unreadable(store: Store) -> int:
    e = t.entries.c
    with store.engine.connect() as connection:
        whos = connection.execute(sa.select(e.who).where(e.who != "").distinct()).scalars().all()
    gone = set(erased_in(store))
    return sum(who not in gone and store.vault.by_who(who) is None for who in whos)


# ---------------------------------------------------------------- what must hold


def _must_hold(verified: Verified, size: int, where: str, mend: str) -> None:
    if verified.fault is not None or verified.size != size:
        raise ProofRefused(
            "the ledger does not hold",
            where=where,
            why=str(verified.fault or f"it has {verified.size} entries, not {size}"),
            mend=mend,
        )


def _must_be_free(path: Path) -> None:
    if path.exists():
        raise StoreRefused(
            "something is there already",
            where=str(path),
            why="neither a backup nor what is restored overwrites anything",
            mend="name another place",
        )


def _must_be_empty(connection: sa.Connection, url: str, manifest: Manifest) -> None:
    size = connection.execute(sa.select(t.tree.c.size)).scalar_one()
    if size:
        raise StoreRefused(
            f"the database has {size} entries",
            why="what is restored overwrites nothing",
            mend="make an empty database",
        )
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    if version != manifest.tables:
        raise StoreRefused(
            f"the backup has tables of version {manifest.tables}, this program of {version}",
            mend="restore with the version of the program that made it, then update",
        )


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return path.stat().st_size, found


def _broken(folder: Path, what: str, why: str) -> ProofRefused:
    return ProofRefused(
        f"this backup cannot be used: {what}",
        where=str(folder),
        why=why,
        mend="take another backup; this one was changed, or never finished",
    )


__all__ = ["FORMAT", "Manifest", "Restored", "back_up", "erased_in", "read_manifest", "restore"]
