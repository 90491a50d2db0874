"""A backup put back into an empty place, and verified there before it is called done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from xinyong.errors import StoreRefused
from xinyong.records.ledger.entry import Entry
from xinyong.records.ledger.verify import verify_ledger
from xinyong.records.store import opening
from xinyong.records.store import tables as t
from xinyong.records.store.appending import erasures
from xinyong.records.store.backup import (
    PAGE,
    TABLES,
    VAULT,
    Manifest,
    broken,
    erased_in,
    must_be_free,
    must_hold,
    pages,
    read_manifest,
    stored_rows,
    stored_tiles,
)
from xinyong.records.store.deriving import derived
from xinyong.records.store.putting import put_all
from xinyong.records.store.store import Store
from xinyong.records.vault import Vault
from xinyong.records.vault_file import flush


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


def restore(
    folder: Path, url: str, vault: Path, master: bytes, *, erased: Iterable[str] = ()
) -> Restored:
    """Put a backup into an empty place and verify it there before calling it done.

    ``url`` is a SQLite file that is not there or a PostgreSQL database without entries; ``vault``
    a file that is not there. ``erased``: pseudonyms known to be erased since, see
    :func:`.backup.erased_in`; whom the restored ledger itself says erased is erased in any case.
    Raises StoreRefused where something is in the way, ProofRefused where the backup does not hold;
    nothing is left then.
    """
    manifest = read_manifest(folder)
    must_be_free(vault)
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
    must_be_free(final)
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
        name = f"{table.name}.parquet"
        try:
            with pq.ParquetFile(folder / name) as file:
                for batch in file.iter_batches(PAGE):
                    put_all(connection, table, batch.to_pylist())
        except (pa.ArrowException, OSError, LookupError, TypeError, ValueError) as error:
            raise broken(folder, f"{name} cannot be read", type(error).__name__) from None
        except (sa.exc.DBAPIError, OverflowError):
            raise broken(
                folder, f"{name} holds rows that do not fit", "its tables say so"
            ) from None
    edge = bytes.fromhex(manifest.edge)
    newest = connection.execute(sa.select(sa.func.max(t.entries.c.at))).scalar() or 0
    if newest != manifest.at:
        raise broken(folder, "its newest moment is another", f"the entries end at {newest}")
    connection.execute(sa.update(t.tree).values(size=manifest.size, at=newest, edge=edge))
    verified = verify_ledger(
        stored_rows(pages(connection, t.entries)), tiles=stored_tiles(connection), edge=edge
    )
    must_hold(verified, manifest.size, str(folder), "take another backup")
    if verified.root.hex() != manifest.root:
        raise broken(folder, "its root is another", "the entries are not those of the manifest")


def _derive(connection: sa.Connection, vault: Vault) -> None:
    """Work out states and heads again, page by page."""
    erased = {who for _, who in erasures(connection)}
    for rows in pages(connection, t.entries):
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


__all__ = ["Restored", "restore"]
