"""An open service: its folder, store, vault, keys and the schemes it was approved to run.

The folder holds ``service.toml``, ``records.db`` (unless the store is PostgreSQL), ``vault.db`` and
``keys/``: ``master.key`` opens the vault, ``ledger.key`` signs checkpoints and credentials. Both
are made on the first start, readable by their owner alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from xinyong.charter.approval import ApprovedScheme, approve
from xinyong.days import local_day
from xinyong.decisions.told import Sender, sender_of
from xinyong.engine.shape import shape_of
from xinyong.errors import QuestionRefused
from xinyong.records.master_key import make_master_key, master_key
from xinyong.records.shape import EventShape
from xinyong.records.store import Store, wall_clock
from xinyong.records.vault import Vault
from xinyong.scheme.library import load, wording
from xinyong.service.config import FILE, FIRST, Config, read_config

VERSION: Final = version("xinyong")


@dataclass(frozen=True, slots=True)
class Served:
    """A scheme that this service runs: approved, with the shape of its events.

    ``chinese`` holds its own sentences for letters in Chinese, as far as it has any.
    """

    approved: ApprovedScheme
    shape: EventShape
    chinese: Mapping[str, str] = field(default_factory=dict)

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

    def sender(self, name: str, list_name: str | None = None) -> Sender:
        """Who writes letters about what was done under a scheme, whether it is still run or not.

        With ``list_name``, about an entry in that list of it.

        Where it is not, the operator of this service does; nobody is named who looks again.
        """
        served = self.schemes.get(name)
        if served is not None:
            return sender_of(served.approved.scheme, list_name)
        operator = " ".join(self.config.operator.split())
        return Sender(name, operator, operator)

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
        if not (folder / "keys" / name).exists():
            make_master_key(folder / "keys" / name)
    (folder / FILE).write_text(FIRST, encoding="utf-8")
    return True


def read_key(folder: Path, name: str) -> bytes:
    """A key of 32 bytes: from ``keys/NAME.key``, or as hexadecimal digits in the environment.

    The variable is ``XINYONG_MASTER_KEY`` or ``XINYONG_LEDGER_KEY``. Raises ProofRefused.
    """
    variable = f"XINYONG_{name.upper()}_KEY"
    return master_key(folder / "keys" / f"{name}.key", os.environ, variable=variable)


def open_house(
    folder: Path,
    *,
    clock: Callable[[], int] = wall_clock,
    config: Config | None = None,
    synchronous: str = "FULL",
    apart: bool = False,
) -> House:
    """Open the service of a folder; raises QuestionRefused, CharterRefused, StoreRefused.

    With ``apart`` a process of its own writes; see :class:`xinyong.records.store.Store`.
    """
    config = config or read_config(folder)
    moment = clock()
    schemes = {}
    for name in config.schemes:
        place = str(folder / name) if name.endswith((".yaml", ".yml")) else name
        scheme = load(place)
        approved = approve(scheme, config.places, local_day(moment, scheme.zone))
        schemes[scheme.scheme] = Served(approved, shape_of(scheme), wording(place, "zh-Hans"))
    vault = Vault.open(folder / "vault.db", read_key(folder, "master"))
    try:
        url = store_url(config.store, folder)
        store = Store(url, vault, clock=clock, synchronous=synchronous, apart=apart)
    except BaseException:
        vault.close()
        raise
    return House(folder, config, store, vault, schemes, read_key(folder, "ledger"), clock)


def store_url(url: str, folder: Path) -> str:
    """The store's address; a relative SQLite file lies in the service's folder."""
    head = "sqlite:///"
    if url.startswith(head) and not url.startswith(head + "/"):
        return f"{head}{(folder / url.removeprefix(head)).resolve()}"
    return url


__all__ = ["VERSION", "House", "Served", "open_house", "prepare", "read_key", "store_url"]
