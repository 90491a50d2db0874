"""Ways to make an input from a good one: bytes changed, plain data changed, forms filled in."""

from __future__ import annotations

import random
import re
from typing import Any

ODD_BYTES = [
    b"", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\n", b"\r\n", b"\t", b" ", b"~",
    b".", b"+", b"=", b"\xe2\x80\x94 ", b'"', b"'", b"[", b"{", b"]", b"}", b"[" * 3000,
    b"A" * 5000, b"9" * 5000, b"null",
    b"NaN", b"-1", b"1e999", b"eyJhbGciOiJub25lIn0", b"\n\n", b"\\ud800",
]  # fmt: skip
ODD_TEXTS = [
    "", " ", "\x00", "\ud800", "\ufeff", "a\nb", "\u2028", "'", "=1+1", "9" * 400, "a" * 30_000,
    "2027-02-30", "9999-12-31", "0001-01-01", "me", "../../x", "%00", "钱", "e\u0301", "null",
    "true", "consent", "person", "-0", "1e5", "0" * 64, "f" * 32, "UTC", "Etc/GMT+99",
    "3 months", "0 days",
    "99999999 years", "5 working days", "law:", "xy1_", "I\u0307", "\u202e", "\U0001f600" * 50,
]  # fmt: skip
ODD_VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2**31, 2**63, -(2**63), 2**64, 10**30, 0.5, -0.0, 1e300,
    float("inf"), float("nan"), [], {}, [[]], [None], {"": None}, [1] * 2000,
]  # fmt: skip
DEEPEST = 1500


def deep(rng: random.Random) -> Any:
    """Lists or objects in one another."""
    made: Any = rng.choice(ODD_VALUES)
    for _ in range(rng.choice([5, 40, DEEPEST])):
        made = [made] if rng.random() < 0.5 else {"a": made}
    return made


def odd(rng: random.Random) -> Any:
    """A value that hardly fits anywhere."""
    if rng.random() < 0.03:
        return deep(rng)
    return rng.choice(ODD_VALUES) if rng.random() < 0.5 else rng.choice(ODD_TEXTS)


def _spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if len(path) > 30:
        return found
    if isinstance(value, dict):
        for key, item in value.items():
            found += _spots(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value[:50]):
            found += _spots(item, (*path, index))
    return found


def _with(rng: random.Random, value: Any, path: tuple[Any, ...], others: list[Any]) -> Any:
    """The value with the part at ``path`` changed; nothing that was given is changed itself."""
    if len(path) > 1:
        copy = value.copy()
        copy[path[0]] = _with(rng, value[path[0]], path[1:], others)
        return copy
    if not path:
        return rng.choice(others) if rng.random() < 0.3 else odd(rng)
    copy = value.copy()
    (key,) = path
    how = rng.randrange(6)
    if how == 0:
        del copy[key]
    elif how == 1 and isinstance(copy, dict):
        copy[rng.choice([*ODD_TEXTS, "at", "id", "kind"])] = copy.pop(key)
    elif how == 2 and isinstance(copy, list):
        copy += [copy[key]] * rng.choice([1, 2, 500])
    elif how == 3 and isinstance(copy[key], str) and copy[key]:
        copy[key] = changed(rng, copy[key].encode("utf-8", "surrogatepass")).decode("latin-1")
    elif how == 3 and type(copy[key]) is int:
        copy[key] += rng.choice([-1, 1, 10**9, -(10**18), 2**63])
    elif how == 4:
        copy[key] = rng.choice(others)
    else:
        copy[key] = odd(rng)
    return copy


def altered(rng: random.Random, value: Any, times: int | None = None) -> Any:
    """Plain data with some parts dropped, renamed, repeated, exchanged or made odd."""
    for _ in range(rng.choice([0, 1, 1, 1, 2, 4]) if times is None else times):
        spots = _spots(value)[:400]
        others = [_at(value, rng.choice(spots)) for _ in range(2)]
        value = _with(rng, value, rng.choice(spots), others)
    return value


def shown(value: Any) -> str:
    """A value for a file that says what failed."""
    try:
        return repr(value)[:100_000]
    except RecursionError:
        return "something deep"


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def changed(rng: random.Random, data: bytes) -> bytes:
    """Bytes cut, flipped, repeated, exchanged, or with something odd put in."""
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at, how = rng.randint(0, len(data)), rng.randrange(6)
        end = min(len(data), at + rng.randrange(60))
        if how == 0:
            data = data[:at]
        elif how == 1 and data:
            spot = min(at, len(data) - 1)
            data = data[:spot] + bytes([data[spot] ^ 1 << rng.randrange(8)]) + data[spot + 1 :]
        elif how == 2:
            data = data[:at] + data[at:end] * rng.choice([2, 50]) + data[end:]
        elif how == 3:
            data = data[:at] + rng.choice(ODD_BYTES) + data[at:]
        elif how == 4:
            data = data[:at] + data[end:]
        else:
            other = rng.randint(0, len(data))
            data = data[:at] + data[other : other + end - at] + data[end:]
    return data


def raw(rng: random.Random) -> bytes:
    """Bytes that were never good."""
    if rng.random() < 0.5:
        return rng.randbytes(rng.choice([0, 1, 30, 2000]))
    return b"".join(rng.choices(ODD_BYTES, k=rng.randrange(12)))


def filled(
    rng: random.Random, schema: dict[str, Any], parts: dict[str, Any], depth: int = 0
) -> Any:
    """A value that fits a JSON Schema, as far as it is easily told; ``parts`` are what it names."""
    if "$ref" in schema:
        return filled(rng, parts[schema["$ref"].rpartition("/")[2]], parts, depth + 1)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return filled(rng, rng.choice(schema[word]), parts, depth + 1)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else rng.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return _object(rng, schema, parts, depth)
    if kind == "array":
        first = [filled(rng, one, parts, depth + 1) for one in schema.get("prefixItems", [])]
        least = max(schema.get("minItems", 0) - len(first), 0)
        most = min(schema.get("maxItems", 3), least + 2) if depth < 9 else least
        items = schema.get("items", {}) or {}
        return first + [
            filled(rng, items, parts, depth + 1)
            for _ in range(rng.randint(least, max(most, least)))
        ]
    if kind == "integer":
        least = schema.get("minimum", 0)
        near = max(least, min(1_817_200_000_000_000, schema.get("maximum", 2**62)))
        return rng.choice([least, least + rng.randrange(9), near])
    if kind == "number":
        return rng.choice([0, 0.5])
    if kind == "boolean":
        return rng.random() < 0.5
    return None if kind == "null" else _text(rng, schema)


def _object(rng: random.Random, schema: dict[str, Any], parts: dict[str, Any], depth: int) -> Any:
    required = schema.get("required", ())
    made = {
        name: filled(rng, one, parts, depth + 1)
        for name, one in schema.get("properties", {}).items()
        if name in required or (depth < 9 and rng.random() < 0.5)
    }
    more = schema.get("additionalProperties")
    if isinstance(more, dict) and depth < 9 and rng.random() < 0.5:
        made["on_time"] = filled(rng, more, parts, depth + 1)
    return made


def _text(rng: random.Random, schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    exact = re.search(r"\[0-9a-f\]\{(\d+)\}", pattern)
    if exact:
        return "".join(rng.choices("0123456789abcdef", k=int(exact[1])))
    if schema.get("format") == "date":
        return f"20{rng.randrange(20, 31)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}"
    return rng.choice(["a", "bill-1", "A line.", "3 months", "5 working days", "UTC", "eu", "anna"])
