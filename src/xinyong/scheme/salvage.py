"""What is left of a document when the parts with complaints are taken out.

One misspelt key must not hide a misspelt name elsewhere: the entries that do not fit are dropped,
the rest is read, and complaints about the dropped entries' absence are not told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from xinyong.scheme.binding import Path, resolve
from xinyong.scheme.complaints import Code, Complaint
from xinyong.scheme.model import Scheme

# Entries that can be left out whole: the path to them, * for any one key or index.
_ENTRIES: tuple[tuple[str, ...], ...] = (
    ("data_sets", "*", "events", "*", "fields", "*"),
    ("parameters", "*"),
    ("variables", "*"),
    ("families", "*"),
    ("score", "dimensions", "*"),
    ("score", "add", "*"),
    ("score", "reasons"),
    ("bands", "*"),
    ("lists", "*"),
    ("consequences", "*"),
    ("tests", "*"),
    ("rights",),
    ("operator",),
    ("jurisdiction",),
)


def more_complaints(data: Any, complaints: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """Complaints about names and types in the parts of ``data`` that have no complaint yet.

    ``data`` is the document as plain data, ``complaints`` those about its shape; the answer
    carries paths of the whole document. Empty where too little is left to say anything.
    """
    gone: set[Path] = set()
    for complaint in complaints:
        path = complaint.path
        if complaint.code is Code.DUPLICATE_KEY:
            continue  # the first of the two stands
        if complaint.code is Code.UNKNOWN_FIELD:
            gone.add(path)
        entry = next((cut for cut in map(_entry(path), _ENTRIES) if cut), None)
        if entry is not None:
            gone.add(entry)
        elif complaint.code is not Code.UNKNOWN_FIELD:
            return ()
    kept, moved = _without(data, gone)
    try:
        scheme = Scheme.model_validate(kept, by_alias=True, by_name=False)
    except ValidationError:
        return ()
    dropped = {str(_name(data, path)) for path in gone}
    sections = {path[0] for path in gone}
    return tuple(
        replace(complaint, path=_back(complaint.path, moved))
        for complaint in resolve(scheme)[1]
        if not _about(complaint, dropped, sections)
    )


def _entry(path: Path) -> Any:
    def cut(pattern: tuple[str, ...]) -> Path | None:
        if len(path) < len(pattern):
            return None
        fits = all(want in ("*", step) for want, step in zip(pattern, path, strict=False))
        return path[: len(pattern)] if fits else None

    return cut


def _without(data: Any, gone: set[Path]) -> tuple[Any, dict[Path, list[int]]]:
    """The data without those entries, and for each list the indexes its items had before."""
    moved: dict[Path, list[int]] = {}
    above = {path[:cut] for path in gone for cut in range(len(path))}

    def prune(value: Any, path: Path) -> Any:
        if path not in above:
            return value
        if isinstance(value, dict):
            return {
                key: prune(item, (*path, key))
                for key, item in value.items()
                if (*path, key) not in gone
            }
        if isinstance(value, tuple):
            moved[path] = [i for i in range(len(value)) if (*path, i) not in gone]
            return tuple(prune(value[i], (*path, i)) for i in moved[path])
        return value

    return prune(data, ()), moved


def _back(path: Path, moved: dict[Path, list[int]]) -> Path:
    """A path in the pruned document as a path in the whole one."""
    whole: Path = ()
    for step in path:
        if isinstance(step, int) and whole in moved and step < len(moved[whole]):
            step = moved[whole][step]
        whole = (*whole, step)
    return whole


def _name(data: Any, path: Path) -> object:
    """What other parts call the entry at a path."""
    if not isinstance(path[-1], int):
        return path[-1]
    for step in path:
        try:
            data = data[step]
        except (LookupError, TypeError):
            return ""
    if isinstance(data, dict):
        return data.get("id") or data.get("name") or ""
    return ""


def _about(complaint: Complaint, dropped: set[str], sections: set[str | int]) -> bool:
    """Whether a complaint may come from what was dropped alone."""
    if complaint.code in (Code.BAND_GAP, Code.LOWEST_BAND):
        return "bands" in sections
    if complaint.code is Code.UNKNOWN_NAME:
        return "families" in sections or any(
            f"'{name}'" in complaint.message for name in dropped if name
        )
    return False
