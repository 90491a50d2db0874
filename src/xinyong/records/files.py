"""Which files are meant, and their bytes: found, opened, unpacked within bounds."""

from __future__ import annotations

import fnmatch
import glob
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from xinyong.errors import IntakeRefused
from xinyong.records.forms import File
from xinyong.records.mapping import Mapping

FREE: Final = 64 << 20
"""Bytes a packed file may always unpack to."""

RATIO: Final = 200
"""Beyond :data:`FREE`, how many times its size a packed file may unpack to."""

CHUNK: Final = 4 << 20
"""Bytes read at a time."""

FormatName = Literal["csv", "jsonl", "parquet"]

_ENDINGS: Final[dict[str, FormatName]] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


@dataclass(frozen=True, slots=True)
class Given:
    """One file to be read, in which format, by which entry of the mapping (None: a plain file)."""

    path: Path
    format: FormatName
    entry: File | None = None


def broken(path: Path | str, what: str, *, why: str = "", mend: str = "") -> IntakeRefused:
    """The error of a file that cannot be used; ``path`` may end in ``:line``."""
    why = f"{why}; " if why else ""
    return IntakeRefused(what, where=str(path), why=f"{why}nothing was changed", mend=mend)


def ending(path: Path) -> FormatName | None:
    """The format a file's name speaks of; ``.gz`` is looked through."""
    name = path.name.lower()
    name = name[:-3] if name.endswith(".gz") else name
    return next((form for end, form in _ENDINGS.items() if name.endswith(end)), None)


def find(
    paths: Sequence[Path | str], mapping: Mapping | None, leave_out: Sequence[Path]
) -> list[Given]:
    """The files to read, in a fixed order, each once.

    Raises :class:`IntakeRefused` where a path leads to no file, or a file to no entry.
    """
    left_out = {_resolved(path) for path in leave_out}
    found: dict[tuple[Path, int], Given] = {}
    for path, entry, number in _pairs([Path(path) for path in paths], mapping):
        for file in _expand(path, entry, left_out):
            form = (entry.format if entry else None) or ending(file)
            if form is None:
                raise broken(
                    file, "it cannot be told in which format this file is",
                    mend="name it .csv, .jsonl or .parquet (also .gz), or give its 'format'",
                )  # fmt: skip
            found.setdefault((_resolved(file), number), Given(file, form, entry))
    if not found:
        raise IntakeRefused(
            "no file is given", why="nothing was changed", mend="name at least one file"
        )
    return [found[key] for key in sorted(found, key=lambda key: (str(key[0]), key[1]))]


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def _pairs(paths: list[Path], mapping: Mapping | None) -> Iterator[tuple[Path, File | None, int]]:
    """Each path with the entry it goes to."""
    if mapping is None:
        yield from ((path, None, 0) for path in paths)
        return
    entries = list(enumerate(mapping.document.files))
    if not paths:
        for number, entry in entries:
            if entry.path is None:
                raise mapping.refuse(
                    ("files", number), "this entry has no path, and no file is given",
                    "add 'path', or name the file on the command line",
                )  # fmt: skip
            yield mapping.folder / entry.path, entry, number
        return
    for path in paths:
        taken = list(_entries_for(path, entries))
        if not taken:
            names = ", ".join(entry.path for _, entry in entries if entry.path)
            raise broken(
                path, "the mapping has no entry for this file", why=f"it has: {names}",
                mend="name the file as there, or leave out 'path' in the entry it is meant for",
            )  # fmt: skip
        yield from taken


def _entries_for(path: Path, entries: list[tuple[int, File]]) -> Iterator[tuple[Path, File, int]]:
    loose = [(number, entry) for number, entry in entries if entry.path is None]
    if path.is_dir():
        for number, entry in entries:
            if entry.path is not None:
                yield path / entry.path, entry, number
    else:
        for number, entry in entries:
            if entry.path is not None and fnmatch.fnmatch(path.name, Path(entry.path).name):
                yield path, entry, number
                return
    if len(loose) == 1:
        yield path, loose[0][1], loose[0][0]


def _expand(path: Path, entry: File | None, left_out: set[Path]) -> list[Path]:
    """The files behind a path: itself, those in a folder (also below), or those of a glob."""
    try:
        if path.is_dir():
            files = sorted(
                Path(root) / name
                for root, _, names in os.walk(path)
                for name in names
                if not name.startswith(".") and ((entry and entry.format) or ending(Path(name)))
            )
            files = [file for file in files if _resolved(file) not in left_out]
            if not files:
                raise broken(
                    path, "the folder holds no file of events",
                    why="files named .csv, .jsonl or .parquet (also .gz) are looked for",
                    mend="check the folder, or name the files",
                )  # fmt: skip
            return files
        if not path.exists() and any(letter in str(path) for letter in "*?["):
            matched = sorted(Path(name) for name in glob.glob(str(path), recursive=True))
            files = [f for f in matched if f.is_file() and _resolved(f) not in left_out]
            if not files:
                raise broken(path, "no file matches this pattern", mend="check the pattern")
            return files
        if not path.exists():
            raise broken(path, "there is no such file", mend="check the path")
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    return [path]


def unreadable(path: Path, error: Exception) -> IntakeRefused:
    """The error of a file the system does not let us read."""
    return broken(
        path, "the file cannot be read", why=getattr(error, "strerror", None) or str(error),
        mend="check the path and the right to read it",
    )  # fmt: skip


class Bytes:
    """A file's bytes in chunks, unpacked if it is packed by gzip.

    ``progress`` is told how many bytes of the file as it lies on disk were read.
    """

    def __init__(self, path: Path, progress: Callable[[int], None]) -> None:
        self.path, self.progress = path, progress

    def chunks(self) -> Iterator[bytes]:
        """The chunks, none of them empty. Raises :class:`IntakeRefused` if the file is broken."""
        try:
            with self.path.open("rb") as file:
                head = file.read(2)
                file.seek(0)
                packed = head == b"\x1f\x8b"
                if not packed and self.path.name.lower().endswith(".gz") and head:
                    raise broken(
                        self.path, "the file is not packed by gzip", why="its name ends in .gz",
                        mend="rename it, or pack it",
                    )  # fmt: skip
                plain = iter(lambda: file.read(CHUNK if not packed else CHUNK // 4), b"")
                yield from self._unpacked(plain) if packed else self._counted(plain)
        except OSError as error:
            raise unreadable(self.path, error) from None

    def _counted(self, plain: Iterator[bytes]) -> Iterator[bytes]:
        done = 0
        for chunk in plain:
            yield chunk
            done += len(chunk)
            self.progress(done)

    def _unpacked(self, packed: Iterator[bytes]) -> Iterator[bytes]:
        """Unpack gzip members one after the other, within the bounds."""
        size = self.path.stat().st_size
        most = max(FREE, RATIO * size)
        unpacker = zlib.decompressobj(31)
        total = done = 0
        for chunk in packed:
            rest = chunk
            while rest:
                if unpacker.eof:
                    if not rest.strip(b"\0"):
                        break  # padding after the last member
                    unpacker = zlib.decompressobj(31)
                try:
                    out = unpacker.decompress(rest, CHUNK)
                except zlib.error as error:
                    raise self._damaged(str(error)) from None
                rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
                total += len(out)
                if total > most:
                    raise broken(
                        self.path, "the file unpacks to far more than it should",
                        why=f"{size} bytes become more than {most}",
                        mend="unpack it yourself and look what it holds",
                    )  # fmt: skip
                if out:
                    yield out
            done += len(chunk)
            self.progress(done)
        while not unpacker.eof and (out := unpacker.decompress(b"", CHUNK)):
            yield out
        if not unpacker.eof:
            raise self._damaged("it ends too early")

    def _damaged(self, why: str) -> IntakeRefused:
        return broken(
            self.path, "the packed file is damaged", why=why, mend="fetch or pack the file again"
        )
