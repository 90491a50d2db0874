"""An open service: its folder, store, vault, keys and the schemes it was approved to run.

The folder holds ``service.toml``, ``records.db`` (unless the store is PostgreSQL), ``vault.db`` and
``keys/``: ``master.key`` opens the vault, ``ledger.key`` signs checkpoints and credentials. Both
are made on the first start, readable by their owner alone.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from xinyong.charter.approval import ApprovedScheme, approve
from xinyong.days import local_day
from xinyong.engine.shape import shape_of
from xinyong.errors import QuestionRefused
from xinyong.records.shape import EventShape
from xinyong.records.store import Store, wall_clock
from xinyong.records.vault import Vault
from xinyong.scheme.library import load
from xinyong.service.config import FILE, FIRST, Config, read_config

KEY_BYTES: Final = 32
VERSION: Final = version("xinyong")


@dataclass(frozen=True, slots=True)
class Served:
    """A scheme that this service runs: approved, with the shape of its events."""

    approved: ApprovedScheme
    shape: EventShape

    @property
    def name(self) -> str:
        """The scheme's name, as it stands in addresses."""
        return self.approved.scheme.scheme

    def today(self, moment: int) -> date:
        """The day of a moment (microseconds UTC) in the scheme's own time zone."""
        return local_day(moment, self.shape.zone)


@dataclass(slots=True)
class House:
    """Everything a request needs; one for each process."""

    folder: Path
    config: Config
    store: Store
    vault: Vault
    schemes: Mapping[str, Served]
    ledger_key: bytes
    clock: Callable[[], int] = wall_clock
    rooms: dict[str, Any] = field(default_factory=dict)

    def served(self, name: str) -> Served:
        """A scheme by name; QuestionRefused where it is not run here."""
        try:
            return self.schemes[name]
        except KeyError:
            raise QuestionRefused(
                "no scheme of that name is run here",
                where="scheme",
                mend=f"known here: {', '.join(sorted(self.schemes))}",
            ) from None

    def close(self) -> None:
        """Write what waits and close the store and the vault."""
        self.store.close()
        self.vault.close()


def prepare(folder: Path) -> bool:
    """Make a folder with first settings and new keys; False where a service is there already."""
    if (folder / FILE).exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    for name in ("master.key", "ledger.key"):
        _new_key(folder / "keys" / name)
    (folder / FILE).write_text(FIRST, encoding="utf-8")
    return True


def _new_key(path: Path) -> None:
    if path.exists():
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_key(folder: Path, name: str) -> bytes:
    """A key of 32 bytes: from ``keys/NAME.key``, or as hexadecimal digits in the environment.

    The variable is ``XINYONG_MASTER_KEY`` or ``XINYONG_LEDGER_KEY``.
    """
    told = os.environ.get(f"XINYONG_{name.upper()}_KEY")
    path = folder / "keys" / f"{name}.key"
    try:
        text = told if told is not None else path.read_text(encoding="ascii")
        found = bytes.fromhex(text.strip())
    except (OSError, ValueError):
        found = b""
    if len(found) != KEY_BYTES:
        raise QuestionRefused(
            f"the {name} key is missing or not {2 * KEY_BYTES} hexadecimal digits",
            where=str(path),
            why="without it nothing in the store can be read",
            mend="put the key back from where you keep it; it cannot be made again",
        )
    return found


def open_house(
    folder: Path,
    *,
    clock: Callable[[], int] = wall_clock,
    config: Config | None = None,
    synchronous: str = "FULL",
) -> House:
    """Open the service of a folder; raises QuestionRefused, CharterRefused, StoreRefused."""
    config = config or read_config(folder)
    moment = clock()
    schemes = {}
    for name in config.schemes:
        scheme = load(name if not name.endswith((".yaml", ".yml")) else str(folder / name))
        approved = approve(scheme, config.places, local_day(moment, scheme.zone))
        schemes[scheme.scheme] = Served(approved, shape_of(scheme))
    vault = Vault.open(folder / "vault.db", read_key(folder, "master"))
    try:
        store = Store(_address(config.store, folder), vault, clock=clock, synchronous=synchronous)
    except BaseException:
        vault.close()
        raise
    return House(folder, config, store, vault, schemes, read_key(folder, "ledger"), clock)


def _address(url: str, folder: Path) -> str:
    """A relative SQLite file lies in the service's folder."""
    head = "sqlite:///"
    if url.startswith(head) and not url.startswith(head + "/"):
        return f"{head}{(folder / url.removeprefix(head)).resolve()}"
    return url


__all__ = ["VERSION", "House", "Served", "open_house", "prepare", "read_key"]
