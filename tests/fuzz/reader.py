"""Random and mutated scheme documents: a scheme or complaints must come out, whatever goes in."""

from __future__ import annotations

import random
import re
from pathlib import Path

from xinyong.scheme.binding import bind
from xinyong.scheme.diff import diff
from xinyong.scheme.page import page
from xinyong.scheme.reading import Reading, read_text

ROOT = Path(__file__).resolve().parent.parent.parent
LAST = b""
MOST = (1 << 20) + 10


def _seeds() -> list[bytes]:
    language = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    found = re.findall(r"```yaml\n(.*?)```", language, re.DOTALL)
    for path in sorted((ROOT / "src" / "xinyong" / "library").glob("*/scheme.yaml")):
        found.append(path.read_text(encoding="utf-8"))
    return [text.encode() for text in sorted(found, key=len)]


SEEDS = _seeds()
FIRST = next(reading.scheme for seed in SEEDS if (reading := read_text(seed)).scheme is not None)

PIECES = [
    *"{}[]:,-?|>&*!%@`#'\"\\\t\r\n ~=<.",
    ": ", "- ", "? ", "<<: *a", "&a ", "*a", "!!str ", "---\n", "...\n", "%YAML 1.1\n", "{}", "[]",
    "null", "true", "no", "on", "010", "0x1F", "0o7", "1e9", "1e400", "-.inf", ".nan", "12:30",
    "2016-01-01", "9" * 40, "9" * 5000, "-0", "+1", "1.0000001", "\x00", "\ufeff", "\x85",
    "\u2028", "é", "信用", "\U0001f600", '"\\ud800"', '"\\UFFFFFFFF"', '"\\x00"', "a" * 3000,
    "24 months", "99999 days", "0 days", "1 working day", "score >= 1", "band == 'poor'",
    "on('x')", "known(a)", "min(1, 2)", "a + b", "a.b", "1 / 0", "not not a", "a < b < c",
    "x in ['a', 'b']", "(" * 100, "-" * 200 + "1", "1e999999999", "lambda: 0", "f'{x}'", "a[0]",
    "else: true", "is: 1", "below: 1", "expr: a", "points: 99999999999", "each: ", "count: ",
    "{event}_{measure}_{window}", "{event!r}", "{0}", "{",
]  # fmt: skip


def _text(rng: random.Random, data: bytes) -> bytes:
    return data or rng.choice(PIECES).encode("utf-8", "replace")


def _slice(rng: random.Random, data: bytes, most: int = 400) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randrange(most))


def _piece(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(PIECES).encode("utf-8", "replace") + data[at:]


def _drop(rng: random.Random, data: bytes) -> bytes:
    start, end = _slice(rng, data)
    return data[:start] + data[end:]


def _double(rng: random.Random, data: bytes) -> bytes:
    start, end = _slice(rng, data)
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[start:end] + data[at:]


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(_text(rng, data))
    for _ in range(rng.randrange(1, 4)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _lines(rng: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _indent(rng: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] = b" " * rng.randrange(6) + lines[at].lstrip()
    return b"\n".join(lines)


def _word(rng: random.Random, data: bytes) -> bytes:
    """One word of the document in the place of another."""
    words = list(re.finditer(rb"[\w.'-]+", data))
    if len(words) < 2:
        return data
    a, b = rng.choice(words), rng.choice(words)
    return data[: a.start()] + b.group() + data[a.end() :]


def _value(rng: random.Random, data: bytes) -> bytes:
    """Another value after a colon."""
    places = list(re.finditer(rb": ([^,}\n]*)", data))
    if not places:
        return data
    at = rng.choice(places)
    return data[: at.start(1)] + rng.choice(PIECES).encode("utf-8", "replace") + data[at.end(1) :]


def _many(rng: random.Random, data: bytes) -> bytes:
    """A slice, or a piece, a great many times."""
    start, end = _slice(rng, data, 60)
    part = data[start:end] if rng.random() < 0.5 else rng.choice(PIECES).encode("utf-8", "replace")
    part = part or b"["
    size = rng.choice([1_000, 30_000, 300_000, MOST])
    return (data[:start] + part * (size // len(part)) + data[start:])[:MOST]


MUTATIONS = [_piece, _drop, _double, _flip, _lines, _indent, _word, _word, _value, _value]


def once(rng: random.Random) -> None:
    global LAST  # noqa: PLW0603
    if rng.random() < 0.05:
        data = "".join(rng.choices(PIECES, k=rng.randrange(40))).encode("utf-8", "replace")
    else:
        data = SEEDS[min(int(rng.expovariate(1.5)), len(SEEDS) - 1)]
        for _ in range(rng.randrange(1, 6)):
            data = rng.choice(MUTATIONS)(rng, data)
        if rng.random() < 0.01:
            data = _many(rng, data)
    LAST = data[:MOST]
    check(read_text(LAST, file="fuzz.yaml"))


def check(reading: Reading) -> None:
    """What must hold whatever was read."""
    for complaint in reading.complaints:
        said = str(complaint)
        assert "Input should" not in said and "validat" not in said, said
        assert complaint.line >= 0 and len(said) < 3000, said
    if reading.scheme is None:
        assert reading.errors
        return
    assert not reading.errors
    assert len(reading.scheme.digest) == 64
    bind(reading.scheme)
    assert page(reading.scheme)
    diff(FIRST, reading.scheme)


def parse(content: bytes) -> None:
    """Bytes as a scheme."""
    check(read_text(content, file="fuzz.yaml"))
