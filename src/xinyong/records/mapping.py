"""The mapping document: how the rows of somebody's files become events.

``docs/intake.md`` is its reference. Here it is read and checked for shape; whether its kinds and
fields exist is checked against an :class:`EventShape` in ``checking``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from xinyong.errors import MappingRefused
from xinyong.records.forms import Document, near
from xinyong.records.places import LARGEST, Places, read_places


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping document that was read, with the places of its parts and its own folder."""

    document: Document
    places: Places
    folder: Path

    def refuse(self, path: tuple[str | int, ...], what: str, mend: str = "") -> MappingRefused:
        """An error that names the place of a part."""
        return MappingRefused(what, where=self.places.where(path), mend=mend)


def read_mapping(path: Path | str) -> Mapping:
    """Read a mapping document from a file.

    Raises :class:`MappingRefused` with ``file:line:column`` of the first things that are wrong.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        text = raw.decode("utf-8-sig") if len(raw) <= LARGEST else "x" * len(raw)
    except UnicodeDecodeError as error:
        raise MappingRefused(
            "the mapping document is not UTF-8 text",
            where=f"{path}: byte {error.start + 1}",
            mend="save it as UTF-8",
        ) from None
    except (OSError, ValueError) as error:
        raise MappingRefused(
            "the mapping document cannot be opened",
            where=str(path),
            why=getattr(error, "strerror", None) or str(error),
            mend="check the path and the right to read it",
        ) from None
    return parse_mapping(text, name=str(path), folder=path.parent)


def parse_mapping(text: str, *, name: str = "mapping", folder: Path | str = ".") -> Mapping:
    """Read a mapping document from text; ``folder`` is what its paths are relative to."""
    places = read_places(text, name)
    try:
        document = Document.model_validate(places.value)
    except ValidationError as error:
        raise _told(error, places) from None
    return Mapping(document, places, Path(folder))


_TOLD = {
    "missing": "'{key}' must be given",
    "string_type": "this must be text",
    "bool_type": "this must be true or false",
    "bool_parsing": "this must be true or false",
    "int_type": "this must be a whole number",
    "int_parsing": "this must be a whole number",
    "tuple_type": "this must be a list",
    "dict_type": "this must be keys with values",
    "string_too_short": "this must not be empty",
}


def _told(error: ValidationError, places: Places) -> MappingRefused:
    """All complaints as one error; the first gives place, text and mend."""
    told = []
    for item in error.errors(include_url=False):
        context = item.get("ctx", {})
        path = _path(item["loc"], places)
        if item["type"] == "too_short" and item["input"]:
            continue  # a list whose parts are wrong: those are told
        if item["type"] == "key":
            path = (*path, context["key"])
        key = item["loc"][-1] if item["loc"] else "this"
        text = context.get("message") or _TOLD.get(item["type"], item["msg"]).format(key=key)
        if item["type"] == "missing" and isinstance(key, int):
            text = f"item {key + 1} of this list must be given"
        mend = context.get("mend", "")
        if item["type"] == "literal_error":
            text = f"this must be {context.get('expected', 'another word')}".replace("True", "true")
            words = re.findall(r"'([^']*)'", context.get("expected", ""))
            mend = near(str(item["input"])[:60], words) if words else ""
        if (path, text, mend) not in told:
            told.append((path, text, mend))
    path, text, mend = told[0]
    rest = [f"{places.where(p)}: {t}{f' ({m})' if m else ''}" for p, t, m in told[1:10]]
    return MappingRefused(
        text, where=places.where(path), why="; also ".join(["", *rest])[2:] if rest else "",
        mend=mend or "docs/intake.md lists what fits",
    )  # fmt: skip


def _path(loc: tuple[int | str, ...], places: Places) -> tuple[str | int, ...]:
    """The part of a pydantic location that is in the document; tags of forms are left out."""
    path: tuple[str | int, ...] = ()
    for step in loc:
        if (*path, step) in places.at:
            path = (*path, step)
    return path
