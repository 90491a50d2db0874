"""JSON Lines files as batches of text columns: one object a line, numbers kept as written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import numpy as np
import pyarrow as pa

from xinyong.records.aside import Reason, RowFault, clip
from xinyong.records.files import Bytes, broken
from xinyong.records.forms import near
from xinyong.records.reading_csv import ENDLESS, ROW_LIMIT
from xinyong.records.rows import clean
from xinyong.records.rules import Batch

_ROWS: Final = 20_000


def read_jsonl(
    source: Bytes, needed: set[str], unknown: tuple[str, ...], *, closed: bool
) -> Iterator[Batch]:
    """Read a JSON Lines file; ``closed`` sets rows aside that have keys beyond the needed ones.

    The parts of an object inside an object are called ``outer.inner``. Raises
    :class:`IntakeRefused` if the file is broken.
    """
    names = sorted(needed)
    reader = _Lines(names, unknown, closed)
    for number, line in _lines(source):
        reader.put(number, line)
        if len(reader.rows) + len(reader.refused) >= _ROWS:
            yield reader.batch()
    if reader.rows or reader.refused:
        yield reader.batch()


def _lines(source: Bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; empty ones are left out."""
    rest, number = b"", 1
    first = True
    for chunk in source.chunks():
        if first:
            if chunk.startswith(b"PAR1") or b"\0" in chunk.split(b"\n", 1)[0][:4096]:
                raise broken(
                    source.path, "this is not text", why="it holds bytes that no JSON file holds",
                    mend="check the format; JSON Lines is UTF-8 text",
                )  # fmt: skip
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
            first = False
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield number, line
            number += 1
        if len(rest) > ENDLESS:
            raise broken(
                f"{source.path}:{number}", f"a line is longer than {ENDLESS >> 20} MiB",
                why="JSON Lines has one object a line", mend="write each object on its own line",
            )  # fmt: skip
    if rest.strip():
        yield number, rest


class _Lines:
    """Gathers lines into a batch."""

    def __init__(self, names: list[str], unknown: tuple[str, ...], closed: bool) -> None:
        self.names, self.unknown, self.closed = names, unknown, closed
        self.known = frozenset(names)
        self.decode = json.JSONDecoder(
            object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=_constant
        ).decode
        self._clear()

    def _clear(self) -> None:
        self.rows: list[dict[str, str | None]] = []
        self.numbers: list[int] = []
        self.raw: list[bytes] = []
        self.refused: list[tuple[int, Reason, str, object]] = []

    def put(self, number: int, line: bytes) -> None:
        """Read one line, or set it aside."""
        try:
            row = self._row(line)
        except RowFault as fault:
            shown = line[:65_536].decode("utf-8", "replace")
            self.refused.append((number, fault.reason, fault.text, shown))
        else:
            self.rows.append(row)
            self.numbers.append(number)
            self.raw.append(line)

    def _row(self, line: bytes) -> dict[str, str | None]:
        if len(line) > ROW_LIMIT:
            raise RowFault(Reason.TOO_LONG, f"the line is longer than {ROW_LIMIT} bytes")
        try:
            value = self.decode(line.decode("utf-8").strip())
        except UnicodeDecodeError:
            raise RowFault(Reason.BAD_CHARACTERS, "the line is not UTF-8 text") from None
        except (ValueError, RecursionError) as error:
            told = str(error)[:200] if isinstance(error, ValueError) else "nested too deep"
            raise RowFault(Reason.NOT_AN_OBJECT, f"the line is not JSON: {told}") from None
        if not isinstance(value, dict):
            raise RowFault(Reason.NOT_AN_OBJECT, "the line holds no object: {...}")
        flat: dict[str, str | None] = {}
        self._flatten(value, "", flat)
        return flat

    def _flatten(self, value: dict[str, Any], before: str, out: dict[str, str | None]) -> None:
        for key, inner in value.items():
            name = before + key
            if isinstance(inner, dict) and name not in self.known and len(name) < 1000:
                self._flatten(inner, f"{name}.", out)
            elif name not in self.known:
                if self.closed:
                    raise RowFault(
                        Reason.UNKNOWN_FIELD,
                        f"the key {clip(name)} belongs to no field; {near(name, self.names)}",
                    )
            elif isinstance(inner, (dict, list)):
                raise RowFault(Reason.WRONG_TYPE, f"{name}: a plain value is wanted")
            elif name in out:
                raise RowFault(Reason.DUPLICATE_KEY, f"{clip(name)} is given twice")
            else:
                out[name] = _text(inner, name)

    def batch(self) -> Batch:
        """What was gathered; starts anew."""
        arrays = [
            clean(pa.array([row.get(name) for row in self.rows], pa.string()), self.unknown)
            for name in self.names
        ]
        # Keys that no row has are left out, as a file with a header would.
        held = [spot for spot, array in enumerate(arrays) if array.null_count < len(array)] or [0]
        table = pa.RecordBatch.from_arrays(
            [arrays[spot] for spot in held], names=[self.names[spot] for spot in held]
        )
        raw = self.raw
        made = Batch(
            table,
            np.array(self.numbers, np.int64),
            lambda row: raw[row].decode("utf-8", "replace"),
            self.refused,
        )
        self._clear()
        return made


def _text(value: object, name: str) -> str | None:
    """A plain JSON value as text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise RowFault(Reason.BAD_CHARACTERS, f"{name}: half a character stands alone") from None
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise RowFault(Reason.DUPLICATE_KEY, f"the key {clip(key)} stands twice")
            seen.add(key)
    return found


def _constant(word: str) -> NoReturn:
    raise RowFault(Reason.WRONG_TYPE, f"{word} is not a number; write null for unknown")
