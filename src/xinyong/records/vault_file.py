"""The file under the vault: one SQLite database, set so that what is deleted is overwritten.

It knows tables, transactions and bytes; of keys it knows nothing.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from xinyong.errors import ProofRefused
from xinyong.records.slack import left_over

FORMAT = b"xinyong.vault/1"
"""What stands in the file to say what it is."""

_TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE epoch (id INTEGER PRIMARY KEY, wrapped BLOB NOT NULL)",
    "CREATE TABLE subject (lookup BLOB PRIMARY KEY, epoch INTEGER NOT NULL,"
    " who BLOB NOT NULL UNIQUE, wrapped BLOB NOT NULL) WITHOUT ROWID",
)
_PRAGMAS = {
    "journal_mode": "delete",
    "secure_delete": 1,
    "synchronous": 3,  # EXTRA
    "temp_store": 2,  # in memory
    "cache_size": -32_768,  # KiB
}
_RESTED = 200_000_000
"""Nanoseconds after which a file that is written again surely bears another time."""
_FRESH = 0.001
"""Seconds for which a look at the file holds."""
_SAID = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; of a damaged file it may say something that is no text."""
_FATAL = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Turn:
    """One thread's turn at the file, as a context; written out since every request takes some."""

    __slots__ = ("_file", "_look")

    def __init__(self, file: VaultFile, look: Callable[[], None] | None) -> None:
        self._file, self._look = file, look

    def __enter__(self) -> None:
        self._file.take()
        if self._look is not None:
            try:
                self._look()
            except BaseException as error:
                self._file.give_back(error)
                raise

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._file.give_back(error)


class VaultFile:
    """The open file. Every use of it stands inside ``with file.use():``."""

    def __init__(self, path: Path, wait: float) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._unfit, self._wait = "", wait
        self._touched: tuple[int, ...] | None = None
        self._version = -1
        self._looked = 0.0
        try:
            self._base = sqlite3.connect(
                path, timeout=wait, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._said(error) from error
        self.execute = self._base.execute
        self.executemany = self._base.executemany

    def close(self) -> None:
        """Close it; later uses are refused."""
        with self._lock:
            self._base.close()
            self._unfit = self._unfit or "it is closed"

    def copy_to(self, path: Path) -> None:
        """Write the rows as they are now to a new file; nothing that was deleted comes along."""
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self.execute("VACUUM INTO ?", (str(path),))
        flush(path)

    def anew(self) -> VaultFile:
        """Close it and open the same file again."""
        self.close()
        return VaultFile(self.path, self._wait)

    def use(self, look: Callable[[], None] | None = None) -> Turn:
        """Let one thread at the file; turn what SQLite says into errors of the house.

        ``look`` is done first. After a failure of the disk nothing more is done until the vault is
        opened again.
        """
        return Turn(self, look)

    def take(self) -> None:
        """Begin one thread's turn; for :class:`Turn`."""
        self._lock.acquire()
        try:
            if self._process != os.getpid():
                raise self.refused(
                    "the vault was opened by another process",
                    why="a copy of its connection would break the locks on the file",
                    mend="open the vault after the process has split",
                )
            if self._unfit:
                raise self.refused("the vault cannot be used", why=self._unfit, mend="open it anew")
        except BaseException:
            self._lock.release()
            raise

    def give_back(self, error: BaseException | None) -> None:
        """End one thread's turn, which may have ended with an error; for :class:`Turn`."""
        try:
            if isinstance(error, _SAID):
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise self._said(error) from error
        finally:
            self._lock.release()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that writes: all of it, durable when the block is left, or nothing."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._base.in_transaction:
                self.execute("ROLLBACK")
            raise

    def version(self) -> int:
        """A number that changes when another process, or another connection, has written.

        SQLite is asked only where the file was touched since, or so lately (:data:`_RESTED`) that
        another write could bear the same time. What was looked up within the last millisecond
        (:data:`_FRESH`) is not looked up again; whoever writes something about a subject is told
        of her erasure by the ledger in any case.
        """
        now = time.monotonic()
        if now - self._looked < _FRESH and self._version >= 0:
            return self._version
        self._looked = now
        try:
            at = os.stat(self.path)
        except OSError as error:
            raise self.refused("the vault's file is gone", why=str(error.strerror)) from error
        touched = (at.st_mtime_ns, at.st_ctime_ns, at.st_size, at.st_ino)
        if touched != self._touched:
            self._version = int(self.execute("PRAGMA data_version").fetchone()[0])
            rested = time.time_ns() - max(at.st_mtime_ns, at.st_ctime_ns) > _RESTED
            self._touched = touched if rested else None
        return self._version

    def prepare(self) -> None:
        """Set the file so that deleted bytes are overwritten and commits are durable."""
        for name, wanted in _PRAGMAS.items():
            self.execute(f"PRAGMA {name} = {wanted}")
            if self.execute(f"PRAGMA {name}").fetchone()[0] != wanted:
                raise self.refused(
                    f"SQLite does not keep the vault with {name} = {wanted}",
                    why="erased keys could stay readable",
                    mend="put the vault on a local disk, and let no other program open it",
                )

    @property
    def empty(self) -> bool:
        """Whether there are no tables yet."""
        return bool(self.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0])

    def make_tables(self) -> None:
        """Make the tables; inside ``writing()``."""
        for table in _TABLES:
            self.execute(table)
        self.set("format", FORMAT)

    def check_tables(self) -> None:
        """Raise ProofRefused where the file holds anything but a vault of this version."""
        rows = self.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        if {sql for (sql,) in rows} != set(_TABLES) or self.get("format") != FORMAT:
            raise self.refused("this database is no vault", mend="name the vault's own file")

    def get(self, name: str) -> bytes:
        """A value of the file as a whole; empty where there is none."""
        row = self.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return b"" if row is None else bytes(row[0])

    def set(self, name: str, value: bytes) -> None:
        """Keep a value of the file as a whole."""
        self.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def number(self, name: str) -> int:
        """A whole number kept in the file, from 0."""
        value = self.get(name) or b"0"
        if not value.isdigit():
            raise self.refused(
                f"'{name}' in the vault is no number", mend="take the vault from its backup"
            )
        return int(value)

    def sweep(self, gone: tuple[bytes, ...]) -> None:
        """See that no part of these bytes is left in the file, and rewrite it where one is.

        Not inside ``use()``: others go on using the vault meanwhile. Takes one from ``unswept``,
        which counts in the file what is still to be swept.
        """
        if self._holds(gone):
            self.rewrite()
            if self._holds(gone):
                raise self.refused(
                    "erased bytes are still in the vault's file",
                    why="SQLite did not overwrite them, not even by rewriting the file",
                    mend="rotate the keys: what is left cannot be opened afterwards",
                )
        with self.use(), self.writing():
            self.set("unswept", b"%d" % max(self.number("unswept") - 1, 0))

    def rewrite(self) -> None:
        """Write the whole file anew; what was left in its unused bytes is gone."""
        with self.use():
            self.execute("VACUUM")

    def _holds(self, gone: tuple[bytes, ...]) -> bool:
        # By a connection of its own, so that other threads need not wait.
        try:
            with closing(sqlite3.connect(self.path, timeout=self._wait)) as base:
                return left_over(base.serialize(), gone)
        except (sqlite3.Error, ValueError) as error:
            raise self._said(error) from error

    def refused(self, what: str, *, why: str = "", mend: str = "") -> ProofRefused:
        """An error about this file."""
        return ProofRefused(what, where=str(self.path), why=why, mend=mend)

    def _said(self, error: Exception) -> ProofRefused:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return self.refused(
                "the vault is busy", why=f"SQLite says: {error}", mend="try again in a moment"
            )
        if code == sqlite3.SQLITE_NOTADB:
            return self.refused("this file is no vault", why=f"SQLite says: {error}")
        if code in _FATAL:
            self._unfit = f"SQLite said: {error}"
        return self.refused(
            "the vault cannot be read or written",
            why=f"SQLite says: {error}",
            mend="mend the disk or the file, then open the vault anew",
        )


def flush(path: Path) -> None:
    """See that a file, or the entries of a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
