"""What the fuzzers found, each as a small test: odd input is refused in words of ours."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joserfc.jwk import KeySet, RSAKey

from xinyong.errors import ProofRefused, QuestionRefused, StepRefused
from xinyong.records.ledger.note import Signer, Verifier, sign_note
from xinyong.records.ledger.witness import Witness
from xinyong.records.linking import entries
from xinyong.records.linking.links import Estimated, Link
from xinyong.records.linking.record import Ref
from xinyong.records.published_budget import GRANTED, BudgetEntry
from xinyong.records.sealed import SubjectKeys
from xinyong.records.store import Act, Store
from xinyong.records.store.backup import MANIFEST, back_up, read_manifest
from xinyong.records.store.restoring import restore
from xinyong.records.vault import Vault
from xinyong.service.callers import Tokens
from xinyong.service.config import FILE, Oidc, read_config

AT = 1_800_000_000_000_000
DEEP = 100_000
LINKED = entries.Linked(Link(Ref("a", "1"), Ref("b", "2"), Estimated(7), (), AT)).to_json()
BUDGET = BudgetEntry("town", GRANTED, 1_000_000, "", "board", AT).to_json()
MASTER = bytes(range(32))


@pytest.mark.parametrize(
    "change",
    [
        {"link": None},
        {"link": {}},
        {"link": {**LINKED["link"], "at": "me"}},
        {"link": {**LINKED["link"], "at": 10**30}},
        {"link": {**LINKED["link"], "basis": {"strong": 0}}},
        {"link": {**LINKED["link"], "left": []}},
        {"what": ["linked"]},
        {"more": 1},
    ],
)
def test_an_entry_about_a_link_is_read_exactly_or_refused(change: dict[str, Any]) -> None:
    assert entries.from_json(LINKED).to_json() == LINKED
    with pytest.raises((StepRefused, QuestionRefused)):
        entries.from_json({**LINKED, **change})


@pytest.mark.parametrize(
    "entry",
    [
        {"what": "used", "by": "x", "links": ["y"], "at": float("nan")},
        {"what": "used", "by": "x", "links": 5, "at": 1},
        {"what": "used", "by": "x", "links": {"y": 1}, "at": 1},
        {"what": "used"},
    ],
)
def test_an_entry_about_use_is_read_exactly_or_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(StepRefused):
        entries.from_json(entry)


@pytest.mark.parametrize("change", [{"scope": 1}, {"at": 1.5}, {"id": None}, {"more": 1}])
def test_an_entry_of_the_budget_is_read_exactly_or_refused(change: dict[str, Any]) -> None:
    assert BudgetEntry.from_json(BUDGET).to_json() == BUDGET
    with pytest.raises((StepRefused, QuestionRefused)):
        BudgetEntry.from_json({**BUDGET, **change})


@pytest.mark.parametrize("whole", [None, 5, "a", [1]])
def test_what_is_no_object_is_no_entry(whole: Any) -> None:
    for read in (entries.from_json, BudgetEntry.from_json):
        with pytest.raises(StepRefused):
            read(whole)


def test_half_a_character_is_in_no_note_and_no_name() -> None:
    signer = Signer("records.example.org", MASTER)
    with pytest.raises(ProofRefused, match="cannot be signed"):
        sign_note("a\udcf2\n", [signer])
    with pytest.raises(ProofRefused, match="no name"):
        Verifier("a\udcf2", bytes(32))
    text = signer.verifier.to_text().replace("records", "record\udcf3")
    with pytest.raises(ProofRefused):
        Verifier.from_text(text)


def test_stored_keys_of_a_subject_that_cannot_be_are_refused() -> None:
    with pytest.raises(ProofRefused):
        SubjectKeys.from_bytes(bytes(64) + b"\xfbanna")
    with pytest.raises(ProofRefused):
        SubjectKeys.from_bytes(bytes(64))


def test_settings_of_a_mebibyte_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("a." * 500_000)
    began = time.process_time()
    with pytest.raises(QuestionRefused, match="more than 65536 bytes"):
        read_config(tmp_path)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("value", ["[" * 60_000, "9" * 5_000])
def test_settings_nested_too_deep_or_with_too_many_digits_are_refused(
    tmp_path: Path, value: str
) -> None:
    (tmp_path / FILE).write_text(f"a = {value}")
    with pytest.raises(QuestionRefused, match="cannot be read"):
        read_config(tmp_path)


def _key_set(bits: int) -> dict[str, Any]:
    with pytest.warns() if bits < 2048 else _nothing():
        key = RSAKey.generate_key(bits, {"kid": "one"})
        made: dict[str, Any] = KeySet([key]).as_dict(private=False)
    return made


class _nothing:
    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, *_: object) -> None:
        """Nothing to do."""


@pytest.mark.parametrize(
    "text",
    ["", "5", "[]", "{}", '{"keys": 1}', '{"keys": [{}]}', '{"keys": [{"kty": {}}]}', "[" * DEEP],
)
def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "jwks.json").write_text(text)
    with pytest.raises(QuestionRefused, match="keys cannot be read"):
        Tokens(Oidc(issuer="x", audience="y", jwks="jwks.json"), tmp_path)


@pytest.mark.parametrize("bits", [1024, 2048])
def test_a_short_key_is_refused(tmp_path: Path, bits: int) -> None:
    (tmp_path / "jwks.json").write_text(json.dumps(_key_set(bits)))
    settings = Oidc(issuer="x", audience="y", jwks="jwks.json")
    if bits == 2048:
        assert Tokens(settings, tmp_path)
    else:
        with pytest.raises(QuestionRefused, match="keys cannot be read"):
            Tokens(settings, tmp_path)


def test_a_witness_does_not_begin_anew_over_a_deep_memory(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("[" * DEEP)
    with pytest.raises(ProofRefused, match="memory cannot be read"):
        Witness(tmp_path / "memory", Signer("w", MASTER, 4), []).last("records.example.org")


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    with Vault.open(tmp_path / "vault.db", MASTER) as vault:
        url = f"sqlite:///{tmp_path / 'records.db'}"
        with Store(url, vault, clock=lambda: AT, synchronous="OFF") as store:
            store.append(Act("read", "anna", {"reader": "x"}))
            back_up(store, tmp_path / "backup")
    return tmp_path / "backup"


def test_a_manifest_nested_too_deep_is_refused(backup: Path) -> None:
    (backup / MANIFEST).write_text("[" * DEEP)
    with pytest.raises(ProofRefused, match="manifest cannot be read"):
        read_manifest(backup)


def _no_table(path: Path) -> None:
    path.write_bytes(b"PAR1 and nothing else")


def _other_columns(path: Path) -> None:
    pq.write_table(pa.table({"other": [1]}), path)


def _missing_values(path: Path) -> None:
    rows = [{**row, "kind": None} for row in pq.read_table(path).to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.mark.parametrize("change", [_no_table, _other_columns, _missing_values])
def test_a_backup_whose_tables_do_not_fit_is_refused_though_its_digests_do(
    backup: Path, change: Callable[[Path], None]
) -> None:
    path = backup / "entries.parquet"
    change(path)
    said = json.loads((backup / MANIFEST).read_text())
    data = path.read_bytes()
    said["files"][path.name] = [len(data), hashlib.sha256(data).hexdigest()]
    (backup / MANIFEST).write_text(json.dumps(said))
    target = backup.parent / "new"
    target.mkdir()
    with pytest.raises(ProofRefused, match="this backup cannot be used"):
        restore(backup, f"sqlite:///{target / 'records.db'}", target / "vault.db", MASTER)
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("name", ["size", "at"])
@pytest.mark.parametrize("value", [[1, "a"], "1", True, None, 1.5, -1, 1 << 63])
def test_a_manifest_whose_numbers_are_none_is_refused(
    backup: Path, name: str, value: object
) -> None:
    said = json.loads((backup / MANIFEST).read_text())
    (backup / MANIFEST).write_text(json.dumps(said | {name: value}))
    with pytest.raises(ProofRefused, match="manifest cannot be read"):
        read_manifest(backup)


def test_a_vault_of_which_sqlite_says_what_is_no_text_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "vault.db"
    Vault.open(place, MASTER).close()
    data = place.read_bytes()
    for good, bad in (
        (b"tablemetameta", b"tablem\xcbtameta"),
        (b"CREATE TABLE meta", b"CREATE TABXE meta"),
    ):
        assert data.count(good) == 1
        data = data.replace(good, bad)
    place.write_bytes(data)
    with pytest.raises(ProofRefused, match="the vault cannot be read"):
        Vault.open(place, MASTER)


def test_an_erasure_in_a_vault_whose_pages_point_out_of_it_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "vault.db"
    with Vault.open(place, MASTER) as vault:
        vault.keys("anna", create=True)
        with closing(sqlite3.connect(place)) as other:
            asked = "SELECT rootpage FROM sqlite_master WHERE name = 'epoch'"
            ((page,),) = other.execute(asked).fetchall()
            ((size,),) = other.execute("PRAGMA page_size").fetchall()
        with place.open("r+b") as file:
            file.seek((page - 1) * size + 1)  # where its first free block is said to be
            file.write(b"\xff\xf0")
        with pytest.raises(ProofRefused, match="vault"):
            vault.erase("anna")


def test_a_manifest_whose_file_is_endless_is_refused(backup: Path) -> None:
    said = json.loads((backup / MANIFEST).read_text())
    said["files"]["entries.parquet"][0] = float("inf")
    (backup / MANIFEST).write_text(json.dumps(said))
    with pytest.raises(ProofRefused, match="manifest cannot be read"):
        read_manifest(backup)


def test_a_vault_whose_count_of_erasures_is_no_number_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "vault.db"
    with Vault.open(place, MASTER) as vault:
        vault.keys("anna", create=True)
        vault.erase("anna")
    with closing(sqlite3.connect(place)) as other:
        other.execute("UPDATE meta SET value = x'52' WHERE name = 'erasures'")
        other.commit()
    with Vault.open(place, MASTER) as vault, pytest.raises(ProofRefused, match="no number"):
        vault.keys("anna", create=False)
