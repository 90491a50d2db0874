"""After an erasure nothing about the subject is left in any byte of any file.

A thousand marks that occur nowhere else are written wherever words about a person can go. Then
every file is searched for them, as they are and in the encodings a database or a log may use; and
for the rows of the vault that could still open what was sealed.
"""

from __future__ import annotations

import base64
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from disk import quick_folder
from own_server import Server

from xinyong.errors import ProofRefused
from xinyong.records.ledger.merkle import verify_inclusion
from xinyong.records.ledger.verify import Stored, verify_ledger
from xinyong.records.store import Act, Block, Parcel, State, Store
from xinyong.records.store.backup import back_up, stored_tiles
from xinyong.records.vault import Vault

pytestmark = pytest.mark.slow

MASTER = bytes(range(32))
SUBJECTS = 100
STAYING = 20
WORD = "quohtcanary"
"""What every mark begins with; it stands in no file by chance."""


def needles() -> list[bytes]:
    """The word as text, in UTF-16, in hexadecimal digits and in base64 at each of three spots.

    All in small letters: so is what they are looked for in.
    """
    plain = WORD.encode()
    shifted = [base64.b64encode(bytes(shift) + plain)[4:-4] for shift in range(3)]
    return [
        one.lower() for one in (plain, WORD.encode("utf-16-le"), plain.hex().encode(), *shifted)
    ]


def found_in(folder: Path, what: Sequence[bytes], *, exact: bool = False) -> dict[str, int]:
    """How often something stands in each file under a folder; files without it are left out."""
    counts = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if not exact:
                data = data.lower()
            count = sum(data.count(one) for one in what)
            if count:
                counts[str(path.relative_to(folder))] = count
    return counts


@dataclass
class Ground:
    """A store with all of its files under one folder."""

    folder: Path
    store: Store
    vault: Vault

    def rows(self) -> list[bytes]:
        """The sealed rows of the vault: with the master key they open everything."""
        with closing(sqlite3.connect(self.folder / "vault.db")) as base:
            return [row for (row,) in base.execute("SELECT wrapped FROM subject")]


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    folder = quick_folder()
    server = Server(folder) if request.param == "postgresql" else None
    try:
        if server:
            server.start()
        url = server.url if server else f"sqlite:///{folder}/records.db"
        with Vault.open(folder / "vault.db", MASTER) as vault, Store(url, vault) as store:
            yield Ground(folder, store, vault)
    finally:
        if server:
            server.close()
        shutil.rmtree(folder)


def about(number: int, marks: list[str]) -> tuple[str, Parcel]:
    """Acts of many kinds about one subject, with a new mark wherever a word can stand."""

    def mark() -> str:
        marks.append(f"{WORD}-{secrets.token_hex(8)}")
        return marks[-1]

    subject = mark()
    events = tuple(
        Act(
            "event",
            subject,
            {"id": one, "kind": "bill", "fields": {"note": mark(), mark(): 1}, "source": mark()},
            key=one,
        )
        for one in (mark(), mark())
    )
    given = State("consent", f"c{number}", "given", group=f"g{number % 7}")
    consent = Act("consent", subject, {"purpose": mark()}, states=(given,))
    dispute = Act("dispute", subject, {"dispute": mark(), "events": [mark()], "says": mark()})
    read = Act("read", subject, {"reader": mark(), "because": [{"of": mark()}]})
    blocks = (Block(subject, "label", 2, mark().encode() * 40),)
    return subject, Parcel((*events, consent, dispute, read), blocks=blocks)


def written(ground: Ground, count: int) -> tuple[list[str], list[str]]:
    """Write about some subjects; their names and every mark."""
    marks: list[str] = []
    subjects = []
    for number in range(count):
        subject, parcel = about(number, marks)
        ground.store.append(parcel)
        subjects.append(subject)
    return subjects, marks


def test_no_byte_of_any_file_is_left(ground: Ground, tmp_path: Path) -> None:
    staying, _ = written(ground, STAYING)
    kept = [ground.store.of(subject) for subject in staying]
    held = set(ground.rows())
    subjects, marks = written(ground, SUBJECTS)
    assert len(set(marks)) >= 1_000
    rows = [row[:24] for row in set(ground.rows()) - held]
    # Nothing lies open even before: neither in the database nor in its log.
    assert found_in(ground.folder, needles()) == {}
    assert found_in(ground.folder, rows, exact=True) == {"vault.db": SUBJECTS}
    before = back_up(ground.store, ground.folder / "older")
    assert found_in(ground.folder, rows, exact=True) == {
        "older/vault.db": SUBJECTS,
        "vault.db": SUBJECTS,
    }

    proofs = [ground.store.inclusion(seq, before.size) for seq in range(before.size)]
    for subject in subjects:
        assert ground.store.erase(subject, reason="asked") is not None
    shutil.rmtree(ground.folder / "older")
    assert found_in(ground.folder, rows, exact=True) == {}

    back_up(ground.store, ground.folder / "newer")
    if ground.store.url.startswith("sqlite"):
        with ground.store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
    ground.store.reopen()
    assert found_in(ground.folder, needles()) == found_in(ground.folder, rows, exact=True) == {}
    assert [ground.store.of(subject) for subject in staying] == kept
    said_erased_not_tampered(ground.store, subjects, proofs, bytes.fromhex(before.root))


def said_erased_not_tampered(
    store: Store, subjects: list[str], proofs: list[tuple[bytes, ...]], root: bytes
) -> None:
    assert all(store.of(subject) == [] and store.head(subject) is None for subject in subjects)
    erased = 0
    for entry, leaf in store.entries(0, len(proofs)):
        assert entry.leaf() == leaf
        assert verify_inclusion(leaf, entry.seq, len(proofs), proofs[entry.seq], root)
        known = store.opened(entry)
        assert (known.subject is None) == (known.body is None)
        erased += known.body is None
    assert erased == 5 * SUBJECTS
    assert store.states("consent", limit=1_000) == store.states("consent", limit=STAYING)
    with store.engine.connect() as connection:
        rows = (Stored(e.seq, e.kind, e.at, e.who, e.body, leaf) for e, leaf in store.entries())
        assert verify_ledger(rows, tiles=stored_tiles(connection)).fault is None


def test_an_erased_entry_that_was_changed_is_said_to_be_changed(ground: Ground) -> None:
    (subject,), _ = written(ground, 1)
    ground.store.erase(subject, reason="asked")
    lite = ground.store.url.startswith("sqlite")
    with ground.store.engine.connect() as connection:
        connection.exec_driver_sql(
            "DROP TRIGGER entries_no_update" if lite else "ALTER TABLE entries DISABLE TRIGGER ALL"
        )
        connection.execute(sa.text("UPDATE entries SET kind = 'strike' WHERE seq = 1"))
        connection.commit()
    with pytest.raises(ProofRefused, match="entry 1 is not what its hash says"):
        ground.store.reopen()


def test_the_search_finds_what_lies_open(ground: Ground) -> None:
    """Acts about nobody are not sealed; and every encoding is looked for."""
    mark = f"{WORD}-{secrets.token_hex(8)}"
    ground.store.append(Act("scheme", None, {"note": mark}))
    if not ground.store.url.startswith("sqlite"):
        with ground.store.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("CHECKPOINT")
    assert found_in(ground.folder, needles())
    logs = ground.folder / "logs"
    logs.mkdir()
    shown = [base64.b64encode(b"x" * number + mark.encode()) for number in range(3)]
    shown += [mark.encode().hex().encode(), mark.encode("utf-16-le"), mark.upper().encode()]
    for number, text in enumerate(shown):
        (logs / f"{number}").write_bytes(b"a log says " + text + b" and ends")
    assert set(found_in(logs, needles())) == {f"{number}" for number in range(len(shown))}
