"""A backup is whole, is checked before it is trusted, overwrites nothing and brings nobody back."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from postgres import fresh_database

from xinyong.errors import KeyTaken, ProofRefused, StoreRefused, XinyongError
from xinyong.records.ledger.merkle import verify_inclusion
from xinyong.records.store import Act, Parcel, State, Store
from xinyong.records.store.backup import back_up, erased_in, read_manifest
from xinyong.records.store.deriving import differing
from xinyong.records.store.restoring import restore
from xinyong.records.vault import Vault

MASTER = bytes(range(32))


def bill(number: int, subject: str = "anna") -> Act:
    body = {"id": f"e{number}", "kind": "bill", "happened_at": number, "fields": {"n": number}}
    return Act("event", subject, body, key=f"e{number}")


@pytest.fixture
def full(store: Store) -> Store:
    """A store with all there can be in one, in more than two tiles."""
    for start in range(0, 600, 50):
        store.append(Parcel(tuple(bill(n, f"s{n % 20}") for n in range(start, start + 50))))
    given = State("consent", "c1", "given", due=2_000_000_000_000_000, group="é")
    store.append(Act("consent", "s1", {"purpose": "loan"}, states=(given, State("x", "", "y"))))
    store.append(Act("dispute", "s2", {"dispute": "d1", "events": ["e2"]}))
    store.append(Act("scheme", None, {"digest": "abc"}))
    store.keep_checkpoint(600, "a signed note\n")
    store.erase("s3", reason="asked")
    return store


@contextmanager
def place(backend: str, folder: Path) -> Iterator[str]:
    """The address of an empty place."""
    folder.mkdir(exist_ok=True)
    made = (
        nullcontext(f"sqlite:///{folder}/records.db") if backend == "sqlite" else fresh_database()
    )
    with made as url:
        yield url


def tables_of(store: Store) -> dict[str, list[tuple[object, ...]]]:
    names = {"entries": "seq", "tiles": "level, number", "checkpoints": "size", "tree": "one"}
    names |= {"states": "seq, name, item", "heads": "seq"}
    with store.engine.connect() as connection:
        return {
            name: [
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                for row in connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY {order}")
            ]
            for name, order in names.items()
        }


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_what_is_restored_is_what_was_backed_up(full: Store, target: str, tmp_path: Path) -> None:
    made = back_up(full, tmp_path / "backup")
    assert made == read_manifest(tmp_path / "backup")
    assert (made.size, bytes.fromhex(made.root)) == full.root()
    with place(target, tmp_path / "new") as url:
        vault_path = tmp_path / "new" / "vault.db"
        done = restore(tmp_path / "backup", url, vault_path, MASTER)
        assert (done.size, done.root, done.erased_again) == (*full.root(), ())
        assert done.unreadable == 0
        with Vault.open(vault_path, MASTER) as vault, Store(url, vault) as store:
            assert tables_of(store) == tables_of(full)
            for subject in ("s1", "s2", "s3"):
                assert store.of(subject) == full.of(subject)
                assert store.standing(subject) == full.standing(subject)
            entry = next(store.entries(7, 8))[0]
            proof = store.inclusion(7, done.size)
            assert verify_inclusion(entry.leaf(), 7, done.size, proof, done.root)
            assert differing(store, vault) == differing(full, full.vault) == []
            assert store.append(bill(5, "s5")).new == (False,)
            with pytest.raises(KeyTaken):
                store.append(Act("event", "s5", {"id": "e5"}, key="e5"))
            assert store.append(bill(700)).seqs == (done.size,)
            assert store.checkpoint() == (600, "a signed note\n")


def test_a_backup_under_writing_is_one_moment_of_the_store(full: Store, tmp_path: Path) -> None:
    start, stop = full.size(), threading.Event()

    def write() -> None:
        number = 1_000
        while not stop.is_set():
            acts = tuple(bill(n, f"new{n}") for n in range(number, number + 20))
            full.append(Parcel(acts))
            number += 20

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while full.size() < start + 100:
            stop.wait(0.01)
        made = back_up(full, tmp_path / "backup")
        while full.size() < made.size + 100:
            stop.wait(0.01)
    finally:
        stop.set()
        writer.join()
    assert made.size >= start + 100 and made.size % 20 == start % 20
    vault_path, url = tmp_path / "new.vault", f"sqlite:///{tmp_path}/new.db"
    done = restore(tmp_path / "backup", url, vault_path, MASTER)
    assert done.unreadable == 0 and full.root(made.size) == (done.size, done.root)


def test_nothing_is_overwritten(full: Store, url: str, tmp_path: Path) -> None:
    folder, vault = tmp_path / "backup", tmp_path / "vault.db"
    folder.mkdir()
    back_up(full, folder)
    before = tables_of(full)
    with pytest.raises(StoreRefused, match="something is there"):
        back_up(full, folder)
    fresh = tmp_path / "fresh.vault"
    with pytest.raises(StoreRefused, match="something is there"):
        restore(folder, f"sqlite:///{tmp_path}/fresh.db", vault, MASTER)
    with pytest.raises(StoreRefused, match=r"something is there|has 604 entries"):
        restore(folder, url, fresh, MASTER)
    assert not fresh.exists() and not (tmp_path / "fresh.db").exists()
    assert tables_of(full) == before and list(tmp_path.glob(".*.part*")) == []


def changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


@pytest.mark.parametrize("harm", [changed, cut, Path.unlink])
def test_a_backup_that_was_changed_is_refused(
    full: Store, harm: Callable[[Path], None], tmp_path: Path
) -> None:
    made = back_up(full, tmp_path / "backup")
    for name in ("manifest.json", *made.files):
        folder = tmp_path / f"harmed {name}"
        folder.mkdir()
        for path in (tmp_path / "backup").iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        harm(folder / name)
        with pytest.raises(XinyongError):
            restore(folder, f"sqlite:///{tmp_path}/new.db", tmp_path / "new.vault", MASTER)
        assert not list(tmp_path.glob("new*")) and not list(tmp_path.glob(".new*"))


def test_a_forger_who_mends_the_digests_is_found_out(full: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    back_up(full, folder)
    path = folder / "entries.parquet"
    table = pq.read_table(path)
    bodies = table.column("body").to_pylist()
    bodies[400] = bodies[401]
    spot = table.schema.get_field_index("body")
    pq.write_table(
        table.set_column(spot, table.schema.field(spot), pa.array([bodies])[0].values), path
    )
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest["files"]["entries.parquet"] = [path.stat().st_size, digest]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    read_manifest(folder)
    with pytest.raises(ProofRefused, match="entry 400"):
        restore(folder, f"sqlite:///{tmp_path}/new.db", tmp_path / "new.vault", MASTER)
    assert not list(tmp_path.glob("new*"))


def test_a_ledger_that_does_not_hold_is_not_backed_up(full: Store, tmp_path: Path) -> None:
    lite = full.url.startswith("sqlite")
    with full.engine.connect() as connection:
        connection.exec_driver_sql(
            "DROP TRIGGER entries_no_update" if lite else "ALTER TABLE entries DISABLE TRIGGER ALL"
        )
        connection.execute(sa.text("UPDATE entries SET at = at + 1 WHERE seq = 300"))
        if not lite:
            connection.commit()
    with pytest.raises(ProofRefused, match="entry 300"):
        back_up(full, tmp_path / "backup")
    assert not list(tmp_path.glob("*backup*"))


def test_a_state_that_was_changed_by_hand_is_found_and_not_backed_up(
    full: Store, tmp_path: Path
) -> None:
    with full.engine.connect() as connection:
        connection.execute(sa.text("UPDATE states SET value = 'withdrawn' WHERE item = 'c1'"))
        connection.execute(sa.text("DELETE FROM heads WHERE seq = 599"))
        if connection.dialect.name != "sqlite":
            connection.commit()
    found = differing(full, full.vault)
    assert [one.split(":")[0].split()[0] for one in found] == ["heads", "states"]
    back_up(full, tmp_path / "backup")
    vault_path, url = tmp_path / "new.vault", f"sqlite:///{tmp_path}/new.db"
    restore(tmp_path / "backup", url, vault_path, MASTER)
    with Vault.open(vault_path, MASTER) as vault, Store(url, vault) as store:
        assert [state.value for state in store.states("consent")] == ["given"]
        assert differing(store, vault) == []


def test_whoever_was_erased_since_is_erased_again(full: Store, tmp_path: Path) -> None:
    """And an older backup alone cannot know it."""
    back_up(full, tmp_path / "older")
    full.erase("s1", reason="asked")
    since = erased_in(full)
    assert len(since) == 2
    for name, erased, back in (("unknowing", (), True), ("knowing", since, False)):
        vault_path, url = tmp_path / f"{name}.vault", f"sqlite:///{tmp_path}/{name}.db"
        done = restore(tmp_path / "older", url, vault_path, MASTER, erased=erased)
        assert done.erased_again == (() if back else since[1:])
        with Vault.open(vault_path, MASTER) as vault, Store(url, vault) as store:
            assert bool(store.of("s1")) == back
            assert erased_in(store) == (since[:1] if back else since)
            assert store.states("consent") == [] or back
    with pytest.raises(ProofRefused, match="master key"):
        restore(tmp_path / "older", f"sqlite:///{tmp_path}/n.db", tmp_path / "n", bytes(32))


def test_a_vault_of_another_ledger_is_told(full: Store, tmp_path: Path) -> None:
    with Vault.open(tmp_path / "other.vault", MASTER) as other:
        mine, full.vault = full.vault, other
        back_up(full, tmp_path / "backup")
        full.vault = mine
    done = restore(
        tmp_path / "backup", f"sqlite:///{tmp_path}/new.db", tmp_path / "new.vault", MASTER
    )
    assert done.unreadable == 19
