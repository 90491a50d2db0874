"""A witness: it remembers the last checkpoint of each ledger and cosigns what grew out of it.

Whoever trusts one honest witness cannot be shown another past than everybody else: a ledger that
was cut or rewritten gets no cosignature. The rules are those of c2sp.org/tlog-witness, without its
HTTP.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from xinyong.errors import ProofRefused
from xinyong.records.ledger.canonical import canonical
from xinyong.records.ledger.merkle import EMPTY_ROOT, verify_consistency
from xinyong.records.ledger.note import Checkpoint, Signer, Verifier, cosigned, open_checkpoint


class Witness:
    """A witness with its key, the ledgers it watches, and its memory in a file.

    ``ledgers`` are the public keys of the ledgers, each named as its ledger's origin. Several
    processes may use one file.
    """

    def __init__(self, path: Path, signer: Signer, ledgers: Sequence[Verifier]) -> None:
        self._path, self._signer = path, signer
        self._ledgers = {ledger.name: ledger for ledger in ledgers}

    def last(self, origin: str) -> Checkpoint | None:
        """The last checkpoint of a ledger that was cosigned; None where there was none."""
        note = self._read().get(origin)
        return None if note is None else open_checkpoint(note, self._ledger(origin))

    def cosign(self, note: str, proof: Sequence[bytes], moment: int) -> str:
        """The signature line for a checkpoint that grew out of the last one, by the given proof.

        The proof is from the size of :meth:`last` (0 where there is none) to the new size. The new
        checkpoint is kept durably before the line is given. ``moment`` is microseconds UTC. Raises
        ProofRefused where ledger, signature or proof does not hold; of two checkpoints that
        contradict each other both are kept, in a second file beside the first.
        """
        origin = note.partition("\n")[0]
        new = open_checkpoint(note, self._ledger(origin))
        with self._alone():
            kept = self._read()
            old = self.last(origin) or Checkpoint(origin, 0, EMPTY_ROOT)
            if new.size < old.size:
                raise ProofRefused(
                    f"the checkpoint of {new.size} entries is older than that of {old.size}",
                    where=origin,
                    why="a witness cosigns only what grew out of what it saw last",
                    mend="ask for the newest checkpoint; a ledger that shrank has lost entries",
                )
            if not verify_consistency(old.size, old.root, new.size, new.root, proof):
                if new.size == old.size:
                    self._write(_beside(self._path), {"one": kept[origin], "two": note})
                raise ProofRefused(
                    f"{new.size} entries did not grow out of the {old.size} seen before",
                    where=origin,
                    why="the ledger was rewritten, or the proof is of other sizes",
                    mend=f"ask for a proof from {old.size} to {new.size}; if it does not hold"
                    " either, the ledger has two pasts",
                )
            line = cosigned(note, self._signer, moment)
            self._write(self._path, kept | {origin: note})
        return line

    def _ledger(self, origin: str) -> Verifier:
        found = self._ledgers.get(origin)
        if found is None:
            raise ProofRefused(
                "this witness does not watch that ledger",
                where=origin[:80],
                mend="give it the ledger's public key, named as its origin",
            )
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._path.with_name(self._path.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (RecursionError, ValueError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(note, str) for note in found.values()):
            raise ProofRefused(
                "the witness's memory cannot be read",
                where=str(self._path),
                why="without it the witness could cosign a second past",
                mend="take the file from its backup",
            )
        return found

    def _write(self, path: Path, notes: dict[str, str]) -> None:
        """All or nothing, and durable."""
        fresh = path.with_name(path.name + ".new")
        with fresh.open("wb") as file:
            file.write(canonical(notes))
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".contradiction")
