"""Throws broken and odd files at intake: nothing may come out but a result or a refusal.

``once_csv``, ``once_jsonl``, ``once_parquet`` and ``once_mapping`` each try one input made from a
generator. By itself: ``python tests/fuzz/intake.py --seconds 60`` (each kind gets the seconds).
"""

import argparse
import gzip
import json
import random
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from xinyong.errors import IntakeRefused, MappingRefused
from xinyong.records.checking import check_mapping
from xinyong.records.intake import read_events, take_in
from xinyong.records.mapping import Mapping, parse_mapping, read_mapping
from xinyong.records.shape import EventShape, FieldShape
from xinyong.records.table import to_events

LAST = b""
"""The input that was made last, for the runner."""

SHAPE = EventShape(
    {
        "bill": {
            "paid": FieldShape("bool"),
            "amount": FieldShape("money"),
            "rate": FieldShape("number"),
            "due": FieldShape("date"),
            "word": FieldShape("text", ("red", "blue")),
        },
        "loan": {"amount": FieldShape("int"), "note": FieldShape("text")},
    },
    {"bill": "bills", "loan": "loans"},
    ZoneInfo("Europe/Prague"),
)
COLUMNS = """subject kind happened_at recorded_at struck_at id source paid bill.amount loan.amount
rate due word note data_set""".split()
WORDS = """
a b s1 bill loan coverage bills 2016-01-01 2016-02-30 2016-03-27T02:30
2199-12-31T23:59Z 1899-01-01 9999-12-31T23:59:59-23:59 0001-01-01 true FALSE 1 0 -1
1e5 1e-7 1e999 .5 5. 0.1234567 NaN inf 999999999999 1000000000001 99999999999999999999
red green null é 钱 ٣ '' -0 +1 1_0 0x1
""".split()
ODD = ['"', '""', ",", "\n", "\r", "\r\n", "\0", "\ufeff", "\u2028", " ", "\t", "\x1f", ";", "{"]
SIGNS = ["*x", "&x", "!!int", "<<:", "- [", "|", ">-", "---", "{}", "%Y"]
MAPPING = """xinyong_mapping: 1
zone: Africa/Lagos
files:
  - path: a.csv
    csv: {delimiter: ",", encoding: utf-8}
    unknown: ["?"]
    subject: {text: "p-{subject}"}
    source: {const: x}
    events:
      - kind: bill
        at: {column: happened_at, plus_days: 3}
        recorded: {column: recorded_at, format: unix}
        id: {text: "{subject}-{id}"}
        when: [{column: kind, in: [bill, loan]}, {column: note, missing: true}]
        fields:
          paid: {column: word, is: red}
          amount: {money: bill.amount, minor: 2, round: true}
          rate: {column: rate, round: true}
          due: {column: due, format: "%Y-%m-%d"}
          word: {column: word, map: {red: blue}, otherwise: null}
      - kind: loan
        at: {day: 2016-01-01, plus_days: loan.amount}
        fields:
          amount: {days_between: [happened_at, {column: due, plus_days: -1}]}
          note: {const: 1}
"""


def value(rng: random.Random) -> str:
    """A word that fits somewhere, or something odd."""
    if rng.random() < 0.04:
        return "".join(rng.choice(WORDS + ODD) for _ in range(rng.randint(0, 5)))
    if rng.random() < 0.01:
        return rng.choice(WORDS) * rng.choice([10, 3000])
    return rng.choice(WORDS)


def row(rng: random.Random) -> dict[str, str]:
    """A row that is mostly right."""
    made = {
        "subject": rng.choice("abc"),
        "kind": rng.choice(["bill", "loan", "coverage"]),
        "happened_at": f"20{rng.randint(10, 20)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}",
    }
    for name in rng.sample(COLUMNS, rng.randint(0, 4)):
        made[name] = value(rng)
    return made


def harm(rng: random.Random, content: bytes) -> bytes:
    """Cut, flip, repeat or put in bytes, or leave it."""
    for _ in range(rng.choice([0, 0, 1, 1, 3])):
        at, kind = rng.randint(0, len(content)), rng.randint(0, 4)
        if kind == 0:
            content = content[:at]
        elif kind == 1:
            content = content[:at] + bytes([rng.randint(0, 255)]) + content[at + 1 :]
        elif kind == 2:
            content = content[:at] + content[at : at + 50] * 3 + content[at:]
        elif kind == 3:
            content = content[:at] + rng.choice(ODD).encode() + content[at:]
        else:
            content = content[:at] + content[at + rng.randint(1, 30) :]
    return content


def take(content: bytes, name: str, mapping: Mapping | None) -> str:
    """Take one file in; says how it went. Anything but a refusal comes out as it is."""
    global LAST  # noqa: PLW0603 - the runner reads it
    LAST = content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        results = Path(folder) / "out"
        results.mkdir()
        out, rejects = results / "o.parquet", results / "r.jsonl"
        try:
            report = take_in([path], SHAPE, mapping=mapping, out=out, rejects=rejects)
        except IntakeRefused as error:
            assert error.where and error.mend, error
            assert not list(results.iterdir()), "a refusal left something"
            return "refused"
        lines = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
        assert len(lines) == report.set_aside
        events = to_events(read_events(out), SHAPE)
        assert len(events) == report.events
        keys = [(e.subject, e.happened_at, e.recorded_at, e.id) for e in events]
        assert keys == sorted(keys) and len({(k[0], k[3]) for k in keys}) == len(keys)
        if mapping is None:
            assert report.rows == report.events + report.duplicates + report.set_aside
        assert set(results.iterdir()) == {out, rejects}
        return "taken, some set aside" if report.set_aside else "taken"


def some_mapping(rng: random.Random) -> Mapping | None:
    return (
        parse_mapping(MAPPING.replace("path: a.csv", "path: null")) if rng.random() < 0.3 else None
    )


def once_csv(rng: random.Random) -> str:
    names = COLUMNS if rng.random() < 0.9 else rng.sample(COLUMNS, 6)
    lines = [",".join(names)]
    for _ in range(rng.randint(0, 12)):
        cells = [row(rng).get(name, "") for name in names]
        lines.append(",".join(f'"{c}"' if rng.random() < 0.2 else c for c in cells))
    content = rng.choice(["\n", "\r\n"]).join(lines).encode("utf-8")
    if rng.random() < 0.1:
        return take(harm(rng, gzip.compress(content)), "a.csv.gz", some_mapping(rng))
    return take(harm(rng, content), "a.csv", some_mapping(rng))


def once_jsonl(rng: random.Random) -> str:
    lines = []
    for _ in range(rng.randint(0, 12)):
        made: dict[str, object] = dict(row(rng))
        if rng.random() < 0.2:
            odd = rng.choice([None, True, 7, 0.1, 1e300, [1], {"a": 1}, "\ud800", {"b": {"c": []}}])
            made[rng.choice([*COLUMNS, "other"])] = odd
        lines.append(json.dumps(made, ensure_ascii=rng.random() < 0.5))
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        return take(harm(rng, gzip.compress(content)), "a.jsonl.gz", some_mapping(rng))
    return take(harm(rng, content), "a.jsonl", some_mapping(rng))


def once_parquet(rng: random.Random) -> str:
    count = rng.randint(0, 12)
    rows = [row(rng) for _ in range(count)]
    columns: dict[str, object] = {n: [r.get(n) for r in rows] for n in COLUMNS}
    stamp = pa.timestamp(rng.choice(["s", "us", "ns"]), rng.choice([None, "UTC"]))
    typed: list[tuple[str, Callable[[], object]]] = [
        ("rate", lambda: pa.array([rng.choice([0.1, 1e300, float("nan"), 2.0])] * count)),
        ("rate", lambda: pa.array([Decimal("1.50")] * count, pa.decimal256(40, 2))),
        ("bill.amount", lambda: pa.array([rng.randint(-(2**63), 2**63 - 1)] * count)),
        ("due", lambda: pa.array([date(rng.randint(1, 9999), 1, 1)] * count)),
        ("happened_at", lambda: pa.array([datetime(rng.randint(1700, 2250), 1, 1)] * count, stamp)),
        ("id", lambda: pa.array([rng.randint(0, 9)] * count, pa.uint64())),
        ("note", lambda: pa.array([b"\xff"] * count)),
        ("note", lambda: pa.array(["x"] * count, pa.string_view())),
        ("note", lambda: pa.nulls(count)),
        ("word", lambda: pa.array(["red"] * count).dictionary_encode()),
    ]  # fmt: skip
    for name, make in rng.sample(typed, rng.randint(0, 3)):
        columns[name] = make()
    table = pa.table({n: pa.array(v) if isinstance(v, list) else v for n, v in columns.items()})
    if rng.random() < 0.2:
        table = table.drop_columns([rng.choice(COLUMNS)])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression=rng.choice(["none", "snappy", "zstd"]))
    return take(harm(rng, bytes(sink.getvalue())), "a.parquet", some_mapping(rng))


def once_mapping(rng: random.Random) -> str:
    text = MAPPING
    for _ in range(rng.randint(1, 4)):
        pieces = text.split(" ")
        spot = rng.randrange(len(pieces))
        kind = rng.randint(0, 3)
        if kind == 0:
            pieces[spot] = rng.choice(WORDS + ODD + SIGNS)
        elif kind == 1:
            del pieces[spot]
        elif kind == 2:
            pieces.insert(spot, rng.choice(pieces))
        else:
            other = rng.randrange(len(pieces))
            pieces[spot], pieces[other] = pieces[other], pieces[spot]
        text = " ".join(pieces)
    if rng.random() < 0.2:
        text = harm(rng, text.encode()).decode("utf-8", "replace")
    global LAST  # noqa: PLW0603 - the runner reads it
    LAST = text.encode("utf-8", "replace")
    try:
        mapping = parse_mapping(text)
        check_mapping(mapping, SHAPE)
    except MappingRefused as error:
        assert error.where and error.mend, error
        return "refused"
    names = sorted({*COLUMNS, *(c for f in mapping.document.files for c in f.columns())})
    lines = [",".join(f'"{n}"' for n in names)]
    lines += [",".join(row(rng).get(n, "") for n in names) for _ in range(3)]
    return take("\n".join(lines).encode(), "a.csv", mapping)


KINDS: dict[str, Callable[[random.Random], str]] = {
    "csv": once_csv,
    "jsonl": once_jsonl,
    "parquet": once_parquet,
    "mapping": once_mapping,
}


def once(rng: random.Random) -> str:
    """One input of any of the four kinds."""
    kind = rng.choice(sorted(KINDS))
    return f"{kind} {KINDS[kind](rng)}"


def parse(content: bytes) -> None:
    """Bytes as a file of each format, packed and not, and as a mapping."""
    packed = gzip.compress(content)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a.csv", "a.jsonl", "a.parquet", "a.csv.gz", "b.csv.gz", "b.jsonl.gz"):
            path, out = Path(folder) / name, Path(folder) / "o.parquet"
            path.write_bytes(packed if name[0] == "b" else content)
            try:
                take_in([path], SHAPE, mapping=None, out=out, rejects=Path(folder) / "r.jsonl")
            except IntakeRefused as error:
                assert error.where and error.mend, error
        path = Path(folder) / "m.yaml"
        path.write_bytes(content)
        try:
            check_mapping(read_mapping(path), SHAPE)
        except MappingRefused as error:
            assert error.where and error.mend, error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kind", choices=sorted(KINDS))
    parser.add_argument("--seed", type=int, help="replay one input of the kind")
    given = parser.parse_args()
    warnings.simplefilter("error")
    for name, run in KINDS.items():
        if given.kind not in (None, name):
            continue
        if given.seed is not None:
            print(name, run(random.Random(given.seed)))
            continue
        first = seed = random.SystemRandom().randrange(2**32)
        counts: Counter[str] = Counter()
        slowest = 0.0
        end = time.monotonic() + given.seconds
        while (start := time.monotonic()) < end:
            try:
                counts[run(random.Random(seed))] += 1
            except BaseException:
                print(f"replay: python tests/fuzz/intake.py --kind {name} --seed {seed}")
                raise
            slowest = max(slowest, time.monotonic() - start)
            seed += 1
        told = ", ".join(f"{count} {how}" for how, count in sorted(counts.items()))
        print(f"{name}: {seed - first} inputs ({told}); slowest {slowest:.2f} s", flush=True)


if __name__ == "__main__":
    main()
