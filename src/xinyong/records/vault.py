"""The vault: the keys of all subjects, in one SQLite file of its own.

::

    master key  -> lookup key, epoch key     32 bytes each, sealed in the file
    lookup key  -> lookup                    HMAC-SHA256 of the subject's id: finds the row
    epoch key   -> row: data key, pseudonym key, id of the subject

Erasing a subject destroys its row; the ledger stays as it is, and nobody can read or attribute its
entries about that subject again. The file is kept in rollback mode with secure deletion, so a
deleted row is overwritten. SQLite may have left a copy of it in the slack of a page earlier; so
erasure looks through the unused bytes of the file, and rewrites the file where it finds a part of
the row. Blocks of the disk that the file no longer uses are out of reach: what lies there is sealed
by the epoch key, which :meth:`Vault.rotate` destroys, and that was sealed by the master key, which
it can change.

Several threads may share one ``Vault``; every process opens its own.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from xinyong.errors import ProofRefused
from xinyong.records.sealed import (
    KEY,
    SubjectKeys,
    checked_subject,
    new_keys,
    seal,
    unseal,
)
from xinyong.records.vault_file import FORMAT, Turn, VaultFile

_ROWS = (
    "SELECT s.lookup, s.epoch, s.wrapped, e.wrapped FROM subject s JOIN epoch e ON e.id = s.epoch"
)
_NEXT = f"{_ROWS} WHERE s.lookup > ? ORDER BY s.lookup LIMIT 500"
_LOOKUP = FORMAT + b" lookup"
_MANY = 500


class Vault:
    """The open vault. Made by :meth:`open`; to be closed, or used in a ``with`` statement."""

    def __init__(self, file: VaultFile, master: bytes, *, cached: int) -> None:
        self._file, self._master, self._cached = file, master, cached
        self._lookup_key = b""
        self._cache: dict[str, SubjectKeys] = {}
        self._whos: dict[str, str] = {}
        self._epochs: dict[int, bytes] = {}
        self._version = self._erasures = -1

    @classmethod
    def open(
        cls,
        path: Path | str,
        master: bytes,
        *,
        create: bool = True,
        wait: float = 30.0,
        cached: int = 50_000,
    ) -> Vault:
        """Open the vault at ``path`` with the master key (32 bytes); make it where there is none.

        With ``create=False`` a missing vault is refused. ``wait`` is how many seconds to wait for
        another process; at most ``cached`` subjects' keys stay in memory. Raises ProofRefused for
        a wrong master key and for a file that is no vault.
        """
        path = Path(path)
        _check_key(master, str(path))
        if not create and not (path.is_file() and path.stat().st_size):
            raise ProofRefused(
                "there is no vault",
                where=str(path),
                mend="name the right file; without its vault no sealed entry can be read",
            )
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        vault = cls(VaultFile(path, wait), master, cached=cached)
        try:
            vault._prepare()
        except BaseException:
            vault.close()
            raise
        return vault

    def __enter__(self) -> Vault:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and drop every key from memory."""
        self._file.close()
        self._drop_cache()
        self._epochs.clear()
        self._master = self._lookup_key = b""

    def reopen(self) -> None:
        """Open the file anew, as after a failure of the disk; what was in memory is dropped."""
        self._file = self._file.anew()
        self._drop_cache()
        self._epochs.clear()
        self._version = self._erasures = -1
        try:
            self._prepare()
        except BaseException:
            self._file.close()
            raise

    @property
    def erasures(self) -> int:
        """How many subjects had been erased when the vault was last used here.

        What was kept in memory about anybody is to be dropped when this changes.
        """
        return self._erasures

    def keys(self, subject: str, create: bool) -> SubjectKeys | None:
        """The keys of a subject; where it has none, new ones with ``create``, else None."""
        with self._use():
            found = self._cached_keys(subject)
            if found is None:
                found = self._rows({self._lookup(subject): subject}).get(subject)
            if found is None and create:
                found = self._add([subject])[subject]
            return found

    def keys_of(self, subjects: Sequence[str]) -> list[SubjectKeys]:
        """The keys of each subject, in order; all new ones are made in one commit."""
        with self._use():
            found: dict[str, SubjectKeys] = {}
            rest: dict[bytes, str] = {}
            for subject in dict.fromkeys(subjects):
                keys = self._cached_keys(subject)
                if keys is None:
                    rest[self._lookup(subject)] = subject
                else:
                    found[subject] = keys
            found |= self._rows(rest)
            missing = [subject for subject in rest.values() if subject not in found]
            if missing:
                found |= self._add(missing)
            return [found[subject] for subject in subjects]

    def by_who(self, who: str) -> SubjectKeys | None:
        """The keys of the subject with this pseudonym in the ledger, or None."""
        try:
            raw = bytes.fromhex(who)
        except ValueError:
            return None
        if raw.hex() != who:
            return None
        with self._use():
            if who in self._whos:
                return self._cached_keys(self._whos[who])
            row = self._file.execute(f"{_ROWS} WHERE s.who = ?", (raw,)).fetchone()
            return None if row is None else self._keep(self._read(*row))

    def everyone(self) -> Iterator[SubjectKeys]:
        """The keys of every subject, in no meaningful order; the vault can be used meanwhile."""
        last = b""
        while True:
            with self._use():
                rows = self._file.execute(_NEXT, (last,)).fetchall()
                found = [self._read(*row) for row in rows]
            if not rows:
                return
            yield from found
            last = rows[-1][0]

    def erase(self, subject: str, *, who: str | None = None) -> bool:
        """Destroy the keys of a subject; False where it has none. Returns when it is durable.

        With ``who`` only the keys of that pseudonym in the ledger are destroyed, not newer ones.

        Afterwards no part of its row is left in the file. Raises ProofRefused where one is, or
        where that could not be looked up: the keys are gone by then, and the next opening of the
        vault rewrites the file.
        """
        file = self._file
        with self._use():
            lookup = self._lookup(subject)
            with file.writing():
                query = "SELECT who, wrapped FROM subject WHERE lookup = ?"
                row = file.execute(query, (lookup,)).fetchone()
                if row is None or (who is not None and row[0] != bytes.fromhex(who)):
                    return False
                file.execute("DELETE FROM subject WHERE lookup = ?", (lookup,))
                self._erasures = file.number("erasures") + 1
                file.set("erasures", b"%d" % self._erasures)
                file.set("unswept", b"%d" % (file.number("unswept") + 1))
            keys = self._cache.pop(subject, None)
            if keys is not None:
                del self._whos[keys.who]
                keys.forget()
        file.sweep((lookup, *row))
        return True

    def rotate(self, master: bytes | None = None) -> None:
        """Wrap every row under a new epoch key and destroy the old one, in one transaction.

        With ``master`` (32 bytes) the vault opens by that key alone from now on; other processes
        have to open it again.
        """
        master = self._master if master is None else master
        _check_key(master, str(self._file.path))
        with self._use():
            with self._file.writing():
                epoch, key = self._new_epoch(master)
                self._wrap_again(epoch, key)
                self._file.execute("DELETE FROM epoch WHERE id <> ?", (epoch,))
                self._file.set("lookup", seal(master, self._lookup_key, _LOOKUP))
                self._file.set("unswept", b"1")
            self._master, self._epochs = master, {epoch: key}
            self._file.rewrite()
            with self._file.writing():
                self._file.set("unswept", b"0")

    def copy_to(self, path: Path) -> None:
        """Copy the vault as it is now to a new file, under the same master key; durable on return.

        Raises FileExistsError where there is such a file.
        """
        with self._use():
            self._file.copy_to(path)

    # How the keys are kept.

    def _prepare(self) -> None:
        file = self._file
        with file.use():
            file.prepare()
            if file.empty:
                with file.writing():
                    if file.empty:  # and no other process was quicker
                        file.make_tables()
                        file.set("lookup", seal(self._master, os.urandom(KEY), _LOOKUP))
                        self._new_epoch(self._master)
            file.check_tables()
            key = unseal(self._master, file.get("lookup"), _LOOKUP)
            if key is None:
                raise file.refused(
                    "the master key does not open this vault",
                    why="it belongs to another vault, or this vault's master key was changed",
                    mend="give the master key that the vault was made or last rotated with",
                )
            self._lookup_key = key
            if file.number("unswept"):
                file.rewrite()
                with file.writing():
                    file.set("unswept", b"0")

    def _use(self) -> Turn:
        """The file for one thread, with nobody in the cache whom another process has erased."""
        return self._file.use(self._look)

    def _look(self) -> None:
        version = self._file.version()
        if version != self._version:
            erasures = self._file.number("erasures")
            if erasures != self._erasures:
                self._drop_cache()
            self._version, self._erasures = version, erasures

    def _new_epoch(self, master: bytes) -> tuple[int, bytes]:
        last = self._file.execute("SELECT max(id) FROM epoch").fetchone()[0] or 0
        epoch, key = last + 1, os.urandom(KEY)
        wrapped = seal(master, key, _of_epoch(epoch))
        self._file.execute("INSERT INTO epoch VALUES (?, ?)", (epoch, wrapped))
        return epoch, key

    def _wrap_again(self, epoch: int, key: bytes) -> None:
        last = b""
        while rows := self._file.execute(_NEXT, (last,)).fetchall():
            last = rows[-1][0]
            again = [
                (epoch, seal(key, self._plain(*row), _of_row(epoch, row[0])), row[0])
                for row in rows
            ]
            self._file.executemany(
                "UPDATE subject SET epoch = ?, wrapped = ? WHERE lookup = ?", again
            )

    def _lookup(self, subject: str) -> bytes:
        return hmac.digest(self._lookup_key, checked_subject(subject), "sha256")

    def _cached_keys(self, subject: str) -> SubjectKeys | None:
        keys = self._cache.pop(subject, None)
        if keys is not None:
            self._cache[subject] = keys  # the last used stands last
        return keys

    def _keep(self, keys: SubjectKeys) -> SubjectKeys:
        held = self._cached_keys(keys.subject)
        if held is not None:
            return held
        self._cache[keys.subject] = keys
        self._whos[keys.who] = keys.subject
        while len(self._cache) > self._cached:
            oldest = self._cache.pop(next(iter(self._cache)))
            del self._whos[oldest.who]
        return keys

    def _drop_cache(self) -> None:
        self._cache.clear()
        self._whos.clear()

    def _rows(self, lookups: dict[bytes, str]) -> dict[str, SubjectKeys]:
        """The keys of those subjects that have a row, each lookup standing with its subject."""
        found = {}
        asked = list(lookups)
        for spot in range(0, len(asked), _MANY):
            part = asked[spot : spot + _MANY]
            marks = ",".join("?" * len(part))
            query = f"{_ROWS} WHERE s.lookup IN ({marks})"
            for row in self._file.execute(query, part).fetchall():
                found[lookups[row[0]]] = self._keep(self._read(*row))
        return found

    def _add(self, subjects: Sequence[str]) -> dict[str, SubjectKeys]:
        """Keys for subjects that had none; where another process was quicker, those it made."""
        lookups = {self._lookup(subject): subject for subject in subjects}
        made: list[SubjectKeys] = []
        with self._file.writing():
            found = self._rows(lookups)
            query = "SELECT id, wrapped FROM epoch ORDER BY id DESC LIMIT 1"
            epoch, wrapped = self._file.execute(query).fetchone()
            epoch_key, rows = self._epoch_key(epoch, wrapped), []
            for lookup, subject in sorted(lookups.items()):
                if subject not in found:
                    keys = new_keys(subject)
                    sealed = seal(epoch_key, keys.to_bytes(), _of_row(epoch, lookup))
                    rows.append((lookup, epoch, bytes.fromhex(keys.who), sealed))
                    made.append(keys)
            self._file.executemany("INSERT INTO subject VALUES (?, ?, ?, ?)", rows)
        return found | {keys.subject: self._keep(keys) for keys in made}

    def _epoch_key(self, epoch: int, wrapped: bytes) -> bytes:
        key = self._epochs.get(epoch)
        if key is None:
            key = unseal(self._master, wrapped, _of_epoch(epoch))
            if key is None:
                raise self._file.refused(
                    "the key of an epoch does not open",
                    why="another process has changed the master key, or the file is damaged",
                    mend="open the vault again with the master key of today",
                )
            self._epochs = {epoch: key}
        return key

    def _plain(self, lookup: bytes, epoch: int, wrapped: bytes, epoch_wrapped: bytes) -> bytes:
        plain = unseal(self._epoch_key(epoch, epoch_wrapped), wrapped, _of_row(epoch, lookup))
        if plain is None:
            raise self._file.refused(
                "a row of the vault does not open",
                why="its bytes were changed, or moved from another row",
                mend="take the vault from its backup",
            )
        return plain

    def _read(self, lookup: bytes, epoch: int, wrapped: bytes, epoch_wrapped: bytes) -> SubjectKeys:
        return SubjectKeys.from_bytes(self._plain(lookup, epoch, wrapped, epoch_wrapped))


def _check_key(master: bytes, where: str) -> None:
    if len(master) != KEY:
        raise ProofRefused(
            f"the master key has {len(master)} bytes",
            where=where,
            why=f"it has {KEY}",
            mend="make one with make_master_key",
        )


def _of_epoch(epoch: int) -> bytes:
    return FORMAT + b" epoch %d" % epoch


def _of_row(epoch: int, lookup: bytes) -> bytes:
    return FORMAT + b" row %d " % epoch + lookup
