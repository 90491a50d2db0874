"""What lies in the service's folder: settings, keys, the vault, and backups of all of it."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import changing
import pyarrow as pa
import pyarrow.parquet as pq

from xinyong.errors import XinyongError
from xinyong.records.store import Act, Store
from xinyong.records.store.backup import MANIFEST, VAULT, back_up, read_manifest
from xinyong.records.store.restoring import restore
from xinyong.records.vault import Vault
from xinyong.service.config import FILE, FIRST, read_config
from xinyong.service.house import read_key

LAST = b""
MASTER = bytes(range(32))
FULL = FIRST + '\n[oidc]\nissuer = "https://login.example"\naudience = "x"\njwks = "jwks.json"\n'


@lru_cache(maxsize=1)
def made() -> Path:
    """A vault and a backup, made once for each process."""
    home = Path(tempfile.mkdtemp(prefix="xinyong-fuzz-"))
    with Vault.open(home / "vault.db", MASTER) as vault:
        address = f"sqlite:///{home / 'records.db'}"
        with Store(address, vault, clock=lambda: 1_800_000_000_000_000, synchronous="OFF") as store:
            for n in range(20):
                store.append(Act("read", f"subject-{n % 4}", {"reader": "x", "n": n}))
            store.erase("subject-3", reason="she asked")
            back_up(store, home / "backup")
    return home


def settings(rng: random.Random) -> None:
    """service.toml."""
    data = changing.changed(rng, FULL.encode()) if rng.random() < 0.9 else changing.raw(rng)
    if rng.random() < 0.3:
        lines = FULL.splitlines()
        spot = rng.randrange(len(lines))
        name = lines[spot].partition("=")[0]
        odd = rng.choice(
            ["true", "0", "-1", "1e9", "[]", "{}", "''", "1979-05-27", "nan", "[" * 900]
        )
        lines[spot] = f"{name}= {odd}"
        data = "\n".join(lines).encode()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_bytes(_kept(data))
        _tried(read_config, Path(folder))


def keys(rng: random.Random) -> None:
    """keys/master.key."""
    good = rng.choice([MASTER, MASTER.hex().encode() + b"\n"])
    data = changing.changed(rng, good) if rng.random() < 0.8 else changing.raw(rng)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "keys").mkdir()
        path = Path(folder) / "keys" / "master.key"
        path.write_bytes(_kept(data))
        path.chmod(rng.choice([0o600, 0o600, 0o644]))
        key = _tried(read_key, Path(folder), "master")
        assert key is None or len(key) == 32


def vaults(rng: random.Random) -> None:
    """vault.db."""
    data = (made() / "vault.db").read_bytes()
    for _ in range(rng.choice([1, 1, 3, 20])):
        spot = rng.choice([rng.randrange(200), rng.randrange(len(data))])
        data = data[:spot] + rng.randbytes(rng.choice([1, 1, 8])) + data[spot + 1 :]
    if rng.random() < 0.2:
        data = changing.changed(rng, data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vault.db"
        path.write_bytes(_kept(data))
        _tried(_used, path)


def _used(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        names = {keys.subject for keys in vault.everyone()}
        vault.keys_of(["subject-0", "subject-1", "nobody"])
        vault.erase("subject-1")
        vault.rotate()
        assert names <= {f"subject-{n}" for n in range(4)}, names


def backups(rng: random.Random) -> None:
    """A backup whose manifest, or a file of it, is another; digests are put right half the time."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "backup"
        shutil.copytree(made() / "backup", copy)
        path = rng.choice(sorted(copy.iterdir()))
        if path.name == MANIFEST:
            said = changing.altered(rng, json.loads(path.read_bytes()))
            path.write_bytes(_kept(_json(said)))
            if rng.random() < 0.3:
                path.write_bytes(_kept(changing.changed(rng, path.read_bytes())))
        else:
            _change(rng, path)
            if rng.random() < 0.8:
                _put_right(copy, path)
        _tried(read_manifest, copy)
        target = Path(folder) / "new"
        target.mkdir()
        url = f"sqlite:///{target / 'records.db'}"
        if _tried(restore, copy, url, target / "vault.db", MASTER) is None:
            assert not [one for one in target.iterdir() if one.name == "records.db"]


def _change(rng: random.Random, path: Path) -> None:
    if path.suffix != ".parquet" or rng.random() < 0.3:
        path.write_bytes(_kept(changing.changed(rng, path.read_bytes())))
        return
    rows = changing.altered(rng, pq.read_table(path).to_pylist(), 1)
    _kept(changing.shown(rows).encode("utf-8", "replace"))
    try:
        table = pa.Table.from_pylist(rows)
    except Exception:  # such rows make no table
        table = pa.table({"other": [1]})
    pq.write_table(table, path)


def _put_right(folder: Path, path: Path) -> None:
    said = json.loads((folder / MANIFEST).read_bytes())
    data = path.read_bytes()
    said["files"][path.name] = [len(data), hashlib.sha256(data).hexdigest()]
    (folder / MANIFEST).write_text(json.dumps(said))


def _json(value: Any) -> bytes:
    try:
        return json.dumps(value).encode()
    except RecursionError:
        return b"[" * 5000


def _tried(call: Any, *given: Any) -> Any:
    try:
        return call(*given)
    except XinyongError:
        return None


def _kept(data: bytes) -> bytes:
    global LAST  # noqa: PLW0603 - the runner reads it
    LAST = data
    return data


KINDS = (settings, settings, keys, vaults, backups)


def once(rng: random.Random) -> None:
    rng.choice(KINDS)(rng)


def parse(content: bytes) -> None:
    """Bytes as each of these files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "keys").mkdir()
        (folder / FILE).write_bytes(content)
        (folder / "keys" / "master.key").write_bytes(content)
        (folder / "keys" / "master.key").chmod(0o600)
        (folder / VAULT).write_bytes(content)
        (folder / MANIFEST).write_bytes(content)
        for call in (read_config, read_manifest):
            assert _tried(call, folder) is None
        _tried(read_key, folder, "master")
        if content:
            assert _tried(Vault.open, folder / VAULT, MASTER) is None
