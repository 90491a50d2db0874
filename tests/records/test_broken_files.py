"""A broken file stops the whole intake: the old result stays as it was, and nothing is left."""

import gzip
import os
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinyong.errors import IntakeRefused
from xinyong.records import files, reading_parquet
from xinyong.records.intake import take_in

from .helpers import SHAPE, Place, mapping

HEAD = "subject,kind,happened_at\n"
ROW = "a,visit,2016-01-01\n"
NOISE = os.urandom(50_000).hex()


def parquet(**columns: object) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, compression="none")
    return bytes(sink.getvalue())


PLAIN_PARQUET = parquet(subject=["a"] * 99, kind=["visit"] * 99, happened_at=["2016-01-01"] * 99)

BROKEN: list[tuple[str, str | bytes, str]] = [
    ("empty.csv", "", "the file is empty"),
    ("empty.csv.gz", b"", "the file is empty"),
    ("gz.csv.gz", gzip.compress((HEAD + ROW + NOISE).encode())[:-2000], "damaged"),
    ("flipped.csv.gz", gzip.compress((HEAD + ROW + NOISE).encode())[:-8] + b"12345678", "damaged"),
    ("tail.csv.gz", gzip.compress((HEAD + ROW).encode()) + b"rest", "damaged"),
    ("plain.csv.gz", HEAD + ROW, "not packed by gzip"),
    ("gz.jsonl.gz", gzip.compress(NOISE.encode())[:-9], "damaged"),
    ("latin.csv", (HEAD + ROW * 2 + "ñ").encode("latin-1"), "latin.csv:4: the text"),
    ("utf16.csv", (HEAD + ROW).encode("utf-16"), "the text is not utf-8"),
    ("utf16le.csv", (HEAD + ROW).encode("utf-16-le"), "this is not text"),
    ("cut.csv", (HEAD + ROW).encode() + b"\xe9\x92", "the text is not utf-8"),
    ("open.csv", HEAD + ROW + '"b,visit,2016-01-01\n' + ROW * 9, "open.csv:3: a quote"),
    ("wide.csv", HEAD + ROW + '"' + ROW * 100_000, "wide.csv:3: a quote"),
    ("endless.csv", HEAD + "x" * (33 << 20), "a line is longer than 32 MiB"),
    ("endless.jsonl", "x" * (33 << 20), "a line is longer than 32 MiB"),
    ("head.csv", '"subject,kind\n', "head.csv:1: a quote"),
    ("head2.csv", '"subject"x,kind\n', "the header cannot be read"),
    ("lacks.csv", "subject,kind,hapened_at\n", "did you mean 'hapened_at'?"),
    ("twice.csv", "subject,kind,happened_at,kind\n", "two columns are called 'kind'"),
    ("extra.csv", "subject,kind,happened_at,amout\n", "did you mean 'amount'?"),
    ("not.csv", PLAIN_PARQUET, "not"),
    ("not.jsonl", PLAIN_PARQUET, "this is not text"),
    ("not.parquet", HEAD + ROW, "no Parquet file"),
    ("empty.parquet", b"", "no Parquet file"),
    ("cut.parquet", PLAIN_PARQUET[:-20], "damaged"),
    ("hole.parquet", PLAIN_PARQUET[:4] + b"\0" * 60 + PLAIN_PARQUET[64:], "damaged"),
    ("name.parquet", PLAIN_PARQUET.replace(b"kind", b"k\xe7nd"), "damaged"),
    ("text.parquet", PLAIN_PARQUET.replace(b"visit", b"vi\xffit"), "damaged"),
    ("lacks.parquet", parquet(subject=["a"], kind=["visit"]), "column 'happened_at' is missing"),
    ("extra.parquet", parquet(subject=["a"], kind=["b"], happened_at=["c"], amout=[1]), "amount"),
    ("list.parquet", parquet(subject=[["a"]], kind=["b"], happened_at=["c"]), "holds list"),
    ("odd.txt", HEAD + ROW, "in which format"),
]  # fmt: skip


def refused(place: Place, give: Callable[[], object]) -> IntakeRefused:
    """Runs an intake that must be refused, and checks that nothing has changed."""
    place.take(place.file("first.csv", HEAD + ROW + "bad\n"))
    before = {path: path.read_bytes() for path in place.out_folder.iterdir()}
    assert set(before) == {place.out, place.rejects}
    with pytest.raises(IntakeRefused) as caught:
        give()
    assert {path: path.read_bytes() for path in place.out_folder.iterdir()} == before
    error = caught.value
    assert error.where and error.mend, "each error says where and how to mend it"
    return error


@pytest.mark.parametrize(("name", "content", "says"), BROKEN, ids=[name for name, _, _ in BROKEN])
def test_broken_file(place: Place, name: str, content: str | bytes, says: str) -> None:
    path = place.file(name, content)
    good = place.file("good.csv", HEAD + ROW)
    error = refused(place, lambda: place.take(good, path))
    assert says in str(error)
    assert name in error.where
    assert "nothing was changed" in error.why


def test_missing_files(place: Place) -> None:
    for path, says in [
        (place.folder / "none.csv", "no such file"),
        (place.folder / "none*.csv", "no file matches"),
        ("nul\0.csv", "no such file"),
        ("x" * 5000, "cannot be read"),
    ]:
        assert says in str(refused(place, lambda path=path: place.take(path)))
    (place.folder / "void").mkdir()
    assert "holds no file" in str(refused(place, lambda: place.take(place.folder / "void")))


def test_nothing_given(place: Place) -> None:
    with pytest.raises(IntakeRefused, match="no file is given"):
        place.take()
    assert list(place.out_folder.iterdir()) == []


def test_unreadable_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal of the system is played."""
    path = place.file("secret.csv", HEAD + ROW)
    opened = Path.open

    def locked(self: Path, *args: object, **more: object) -> object:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", locked)
    error = refused(place, lambda: place.take(path))
    assert "cannot be read" in str(error) and "Permission denied" in error.why


def test_places_that_cannot_be_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.file("a.csv", HEAD + ROW)

    def take(out: Path, rejects: Path) -> Callable[[], object]:
        return lambda: take_in([path], SHAPE, mapping=None, out=out, rejects=rejects)

    lost = place.out_folder / "lost" / "x"
    assert "does not exist" in str(refused(place, take(lost, place.rejects)))
    assert "does not exist" in str(refused(place, take(place.out, lost)))
    assert "a folder has this name" in str(refused(place, take(place.folder, place.rejects)))
    assert "cannot share" in str(refused(place, take(place.out, place.out)))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(IntakeRefused, match="no right to write"):
        place.take(path)


def test_a_full_disk_changes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.file("a.csv", HEAD + ROW)
    place.take(path)
    before = place.out.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(IntakeRefused, match="cannot be written") as caught:
        place.take(path)
    assert "No space left" in caught.value.why
    assert place.out.read_bytes() == before
    assert set(place.out_folder.iterdir()) == {place.out, place.rejects}


def test_an_interruption_leaves_nothing(place: Place) -> None:
    path = place.file("a.csv", HEAD + ROW)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in([path], SHAPE, mapping=None, out=place.out, rejects=place.rejects, progress=stop)
    assert list(place.out_folder.iterdir()) == []


@pytest.mark.parametrize("name", ["bomb.csv.gz", "bomb.jsonl.gz"])
def test_packed_bombs(place: Place, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(files, "FREE", 1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    content = packer.compress(b"\n" * (20 << 20)) + packer.flush()
    error = refused(place, lambda: place.take(place.file(name, content)))
    assert "unpacks to far more" in str(error)


def test_parquet_bomb(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_parquet, "FREE", 1 << 20)
    count = 1 << 23
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8)), ["a"])
    table = pa.table({"subject": words, "kind": words, "happened_at": words})
    pq.write_table(table, place.folder / "bomb.parquet", row_group_size=count)
    path = place.folder / "bomb.parquet"
    assert path.stat().st_size < count // 100
    assert "unfolds to far more" in str(refused(place, lambda: place.take(path)))


def test_files_and_entries_that_do_not_meet(place: Place) -> None:
    rules = "files: [{path: loans.csv, subject: s, events: [{kind: visit, at: t}]}]"
    other = place.file("other.csv", "s,t\n")
    error = refused(place, lambda: place.take(other, mapping=mapping(rules)))
    assert "no entry for this file" in str(error) and "loans.csv" in error.why
    error = refused(place, lambda: place.take(mapping=mapping(rules, place.folder)))
    assert error.where == str(place.folder / "loans.csv")
    loose = "files: [{subject: s, events: [{kind: visit, at: t}]}]"
    error = refused(place, lambda: place.take(mapping=mapping(loose)))
    assert error.where == "m.yaml:2:9"
    place.file("loans.csv", "s,day\nx,2016-01-01\n")
    error = refused(place, lambda: place.take(place.folder, mapping=mapping(rules)))
    assert "loans.csv:1: the column 't' is missing" in str(error)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('ab,"\n\r;é\x00\u2028 120-:'), max_size=60), st.booleans())
def test_any_text_is_taken_or_refused(place: Place, text: str, quoted: bool) -> None:
    path = place.file("any.csv", HEAD + ROW + ('"' + text + '"' if quoted else text))
    try:
        report = place.take(path)
    except IntakeRefused as error:
        assert re.search(r"quote|not text|not utf-8", str(error))
    else:
        assert report.rows == report.events + report.duplicates + report.set_aside
    assert {p.name for p in place.out_folder.iterdir()} <= {place.out.name, place.rejects.name}
