"""Where the master key of the vault comes from: a file of its owner's, or the environment."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from xinyong.errors import ProofRefused
from xinyong.records.sealed import KEY

VARIABLE = "XINYONG_MASTER_KEY"
"""The environment variable that may hold the key, as 64 hexadecimal digits."""


def master_key(path: Path | None, environ: Mapping[str, str], *, variable: str = VARIABLE) -> bytes:
    """The master key, 32 bytes: from the environment where it is set there, else from the file.

    The file holds 64 hexadecimal digits and is readable by its owner alone. Another key that is
    kept the same way is read by its own ``variable``. Raises ProofRefused.
    """
    text, where = environ.get(variable), variable
    if text is None:
        if path is None:
            raise ProofRefused(
                "there is no master key", mend=f"name its file, or set {variable} to its 64 digits"
            )
        text, where = _read(path), str(path)
    if re.fullmatch(r"[0-9a-fA-F]{64}", text.strip()) is None:
        raise ProofRefused(
            "the master key cannot be read", where=where, why="it is 64 hexadecimal digits"
        )
    return bytes.fromhex(text.strip())


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(1000)
    except OSError as error:
        raise ProofRefused(
            "the master key's file cannot be read", where=str(path), why=str(error.strerror)
        ) from None
    if mode & 0o077:
        raise ProofRefused(
            f"others may read the master key (mode {mode:03o})",
            where=str(path),
            why="whoever has it and the vault can read every record",
            mend="chmod 600; if somebody may have read it, change it by Vault.rotate",
        )
    return text.decode("ascii", "replace")


def make_master_key(path: Path) -> bytes:
    """Write a new random master key to a new file (mode 0600) and give it, 32 bytes.

    Raises ProofRefused where the file exists: a key is never overwritten.
    """
    key = os.urandom(KEY)
    try:
        number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise ProofRefused(
            "there is a file already",
            where=str(path),
            why="overwriting a master key would lose every record sealed under it",
            mend="name another file",
        ) from None
    with os.fdopen(number, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key
