import os
import resource
import threading
from pathlib import Path

import pytest

from xinyong.errors import ProofRefused
from xinyong.records.master_key import VARIABLE, make_master_key, master_key
from xinyong.records.vault import Vault

MASTER = bytes(range(32))
OTHER = bytes(range(1, 33))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.vault"


def made(vault: Vault, subject: str):
    keys = vault.keys(subject, create=True)
    assert keys is not None
    return keys


def test_keys_come_back_after_closing(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        assert vault.keys("李雷", create=False) is None
        keys = made(vault, "李雷")
        sealed, who = keys.seal(b"three late payments", b"7"), keys.who
        other, mark = keys.pseudonym("statistics"), keys.mark("event-1")
        assert vault.keys("李雷", create=False) is keys
    with Vault.open(path, MASTER, create=False) as vault:
        keys = vault.keys("李雷", create=False)
        assert keys is not None
        assert (keys.subject, keys.who, keys.pseudonym("ledger")) == ("李雷", who, who)
        assert (keys.pseudonym("statistics"), keys.mark("event-1")) == (other, mark)
        assert len({who, other, mark, keys.mark("event-2"), keys.mark("ledger")}) == 5
        assert len(who) == 32 and set(who) <= set("0123456789abcdef")
        assert keys.unseal(sealed, b"7") == b"three late payments"
        assert vault.by_who(who) is keys
    assert path.stat().st_mode & 0o777 == 0o600


def test_sealed_bytes_open_in_their_place_for_their_subject_alone(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        one, two = vault.keys_of(["a", "b"])
        sealed = one.seal(b"plain", b"7")
        assert len(sealed) == len(b"plain") + 28 and sealed != one.seal(b"plain", b"7")
        wrong = [sealed[:-1], sealed[:5], b"", sealed + b"\0"]
        wrong += [bytes([*sealed[:i], sealed[i] ^ 1, *sealed[i + 1 :]]) for i in range(len(sealed))]
        for text in wrong:
            with pytest.raises(ProofRefused, match="do not open"):
                one.unseal(text, b"7")
        for keys, aad in ((one, b"8"), (two, b"7")):
            with pytest.raises(ProofRefused, match="do not open"):
                keys.unseal(sealed, aad)


def test_keys_of_keeps_order_and_repeats_and_makes_new_ones_in_one_commit(path: Path) -> None:
    subjects = [f"s{i % 1300}" for i in range(3000)]
    with Vault.open(path, MASTER) as vault, Vault.open(path, MASTER) as other:
        before = other._file.version()
        found = vault.keys_of(subjects)
        assert other._file.version() == before + 1
        assert [keys.subject for keys in found] == subjects
        assert len({keys.who for keys in found}) == 1300
        assert [keys.who for keys in other.keys_of(subjects)] == [keys.who for keys in found]
        assert other._file.version() == before + 1, "nothing was left to write"
        assert vault.keys_of([]) == []
        everyone = {keys.subject: keys.who for keys in other.everyone()}
        assert everyone == {keys.subject: keys.who for keys in found}


def test_erasure_ends_everything(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        keys, kept = vault.keys_of(["gone", "kept"])
        sealed, who = keys.seal(b"x", b""), keys.who
        assert vault.erase("gone") is True
        assert vault.erase("gone") is False
        assert vault.keys("gone", create=False) is None
        assert vault.by_who(who) is None
        assert [k.subject for k in vault.everyone()] == ["kept"]
        for use in (lambda: keys.seal(b"", b""), lambda: keys.unseal(sealed, b"")):
            with pytest.raises(ProofRefused, match="erased"):
                use()
        with pytest.raises(ProofRefused, match="erased"):
            keys.mark("e")
        assert kept.unseal(kept.seal(b"y", b""), b"") == b"y"
        again = made(vault, "gone")
        assert again.who != who
        with pytest.raises(ProofRefused, match="do not open"):
            again.unseal(sealed, b"")


def test_an_erasure_is_seen_by_every_open_vault(path: Path) -> None:
    with Vault.open(path, MASTER) as one, Vault.open(path, MASTER) as two:
        who = made(one, "s").who
        assert made(two, "s").who == who
        made(two, "t")
        one.erase("s")
        assert two.keys("s", create=False) is None
        assert two.by_who(who) is None
        assert made(two, "s").who != who


def test_another_writer_does_not_empty_the_cache(path: Path) -> None:
    with Vault.open(path, MASTER) as one, Vault.open(path, MASTER) as two:
        keys = made(one, "s")
        made(two, "t")
        assert one.keys("s", create=False) is keys


def test_the_cache_is_bounded_and_forgets_the_longest_unused(path: Path) -> None:
    with Vault.open(path, MASTER, cached=10) as vault:
        first = [made(vault, f"s{i}") for i in range(10)]
        assert vault.keys("s0", create=False) is first[0]
        vault.keys_of(["t"])
        assert len(vault._cache) == len(vault._whos) == 10
        assert vault.keys("s0", create=False) is first[0]
        again = vault.keys("s1", create=False)
        assert again is not None and again is not first[1] and again.who == first[1].who


def test_rotation_keeps_keys_and_destroys_the_old_epoch(path: Path) -> None:
    with Vault.open(path, MASTER) as vault, Vault.open(path, MASTER) as other:
        keys = vault.keys_of([f"s{i}" for i in range(1200)])
        sealed = [k.seal(b"body", b"") for k in keys]
        rows = vault._file.execute("SELECT wrapped FROM subject").fetchall()
        epochs = vault._file.execute("SELECT wrapped FROM epoch").fetchall()
        vault.rotate()
        data = path.read_bytes()
        assert not [row for row in rows + epochs if row[0][12:28] in data]
        assert vault._file.execute("SELECT DISTINCT epoch FROM subject").fetchall() == [(2,)]
        assert vault._file.execute("SELECT id FROM epoch").fetchall() == [(2,)]
        for again in (vault, other):
            found = again.keys_of([f"s{i}" for i in range(1200)])
            assert [k.who for k in found] == [k.who for k in keys]
            opened = {k.unseal(s, b"") for k, s in zip(found, sealed, strict=True)}
            assert opened == {b"body"}
        made(other, "new")
        assert made(vault, "new").who == made(other, "new").who


def test_rotation_can_change_the_master_key(path: Path) -> None:
    with Vault.open(path, MASTER) as vault, Vault.open(path, MASTER) as other:
        who = made(vault, "s").who
        vault.rotate(OTHER)
        assert made(vault, "t").subject == "t"
        with pytest.raises(ProofRefused, match="key of an epoch"):
            other.keys("s", create=True)
    with pytest.raises(ProofRefused, match="master key does not open"):
        Vault.open(path, MASTER)
    with Vault.open(path, OTHER) as vault:
        assert made(vault, "s").who == who


def test_a_wrong_master_key_is_one_clear_error_and_changes_nothing(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        made(vault, "s")
    before = path.read_bytes()
    with pytest.raises(ProofRefused) as caught:
        Vault.open(path, OTHER)
    assert str(caught.value).startswith(f"{path}: the master key does not open this vault")
    assert caught.value.why and caught.value.mend
    with pytest.raises(ProofRefused, match="has 31 bytes"):
        Vault.open(path, MASTER[:31])
    assert path.read_bytes() == before


def test_what_is_no_vault_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ProofRefused, match="there is no vault"):
        Vault.open(path, MASTER, create=False)
    assert not path.exists()
    path.write_bytes(b"something else entirely" * 100)
    with pytest.raises(ProofRefused, match="no vault"):
        Vault.open(path, MASTER)
    path.write_bytes(b"")
    with pytest.raises(ProofRefused, match="there is no vault"):
        Vault.open(path, MASTER, create=False)


@pytest.mark.parametrize("odd", ["", "a\0b", "\ud800", "x" * 5000, None, 7])
def test_ids_that_cannot_be_kept_are_refused(path: Path, odd: str) -> None:
    with Vault.open(path, MASTER) as vault:
        with pytest.raises(ProofRefused, match="id of a subject"):
            vault.keys(odd, create=True)
        with pytest.raises(ProofRefused, match="id of a subject"):
            vault.keys_of(["fine", odd])
        assert list(vault.everyone()) == [], "nothing was made"


def test_rows_cannot_be_exchanged(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        made(vault, "a"), made(vault, "b")
        (one, first), (two, second) = vault._file.execute(
            "SELECT lookup, wrapped FROM subject"
        ).fetchall()
        vault._file.executemany(
            "UPDATE subject SET wrapped = ? WHERE lookup = ?", [(first, two), (second, one)]
        )
    with Vault.open(path, MASTER) as vault, pytest.raises(ProofRefused, match="row of the vault"):
        vault.keys("a", create=False)


def test_nothing_is_said_about_whom_an_error_is(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        keys = made(vault, "名字-4711")
        assert "4711" not in repr(keys)
        with pytest.raises(ProofRefused) as caught:
            keys.unseal(b"x" * 40, b"")
        assert "4711" not in str(caught.value) and keys.who not in str(caught.value)


def test_threads_share_one_vault(path: Path) -> None:
    found: list[set[str]] = [set() for _ in range(20)]
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                keys = made(vault, f"s{turn}")
                assert keys.unseal(keys.seal(b"x", b""), b"") == b"x"
                found[turn].add(keys.who)
                vault.erase(f"own{number}")
                made(vault, f"own{number}")
        except BaseException as failure:
            failures.append(failure)

    with Vault.open(path, MASTER) as vault:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert {len(names) for names in found} == {1}, "one pseudonym each"
        assert len(list(vault.everyone())) == 25


def test_a_closed_vault_and_a_copied_process_are_refused(path: Path) -> None:
    vault = Vault.open(path, MASTER)
    made(vault, "s")
    vault._file._process += 1
    with pytest.raises(ProofRefused, match="another process"):
        vault.keys("s", create=False)
    vault._file._process = os.getpid()
    vault.close()
    with pytest.raises(ProofRefused, match="cannot be used"):
        vault.keys("s", create=False)


def test_a_busy_vault_says_so_and_goes_on_afterwards(path: Path) -> None:
    with Vault.open(path, MASTER, wait=0.05) as vault, Vault.open(path, MASTER) as other:
        who = made(vault, "s").who
        with other._file.use(), other._file.writing():
            with pytest.raises(ProofRefused, match="busy"):
                vault.keys("t", create=True)
            with pytest.raises(ProofRefused, match="busy"):
                vault.erase("s")
        assert made(vault, "t").subject == "t" and made(vault, "s").who == who


def test_after_a_failed_write_nothing_goes_on_until_it_is_opened_anew(path: Path) -> None:
    """The disk is full, as far as this process can see."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Vault.open(path, MASTER) as vault:
        whos = {keys.who for keys in vault.keys_of([f"s{i}" for i in range(20)])}
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
        try:
            with pytest.raises(ProofRefused, match="cannot be read or written"):
                vault.keys_of([f"more{i}" for i in range(500)])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        for use in (lambda: vault.keys("s1", create=False), lambda: vault.erase("s1")):
            with pytest.raises(ProofRefused, match="cannot be used"):
                use()
    with Vault.open(path, MASTER) as vault:
        assert {keys.who for keys in vault.everyone()} == whos


def test_pseudonyms_are_read_as_they_are_written(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        who = made(vault, "s").who
        vault._drop_cache()
        for odd in ("", "x", who.upper(), f" {who}", who[:-2], who + "00", "0" * 32):
            assert vault.by_who(odd) is None
        found = vault.by_who(who)
        assert found is not None and found.subject == "s"


def test_master_key_from_file_or_environment(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    key = make_master_key(file)
    assert len(key) == 32 and file.stat().st_mode & 0o777 == 0o600
    assert master_key(file, {}) == key
    assert master_key(None, {VARIABLE: OTHER.hex()}) == OTHER
    assert master_key(file, {VARIABLE: OTHER.hex()}) == OTHER
    with pytest.raises(ProofRefused, match="already"):
        make_master_key(file)
    assert master_key(file, {}) == key
    file.chmod(0o640)
    with pytest.raises(ProofRefused, match="others may read"):
        master_key(file, {})
    for wrong in ({VARIABLE: "12"}, {VARIABLE: "zz" * 32}):
        with pytest.raises(ProofRefused, match="cannot be read") as caught:
            master_key(None, wrong)
        assert wrong[VARIABLE] not in str(caught.value)
    with pytest.raises(ProofRefused, match="no master key"):
        master_key(None, {})
    with pytest.raises(ProofRefused, match="cannot be read"):
        master_key(tmp_path / "missing", {})
