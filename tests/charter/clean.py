"""Clean documents as plain data, and ways to change them."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

from xinyong.charter.check import Report, check
from xinyong.scheme import library
from xinyong.scheme.model import Scheme
from xinyong.scheme.tree import grow

HERE = Path(__file__).parent
DAY = date(2026, 11, 22)
GONE = object()
"""As a value: the key is taken away."""

FILES = {
    "fair": library.locate("a-fair-start"),
    "city": HERE / "city.yaml",
    "firms": HERE / "firms.yaml",
}
PLACES = {"fair": "all", "city": "cn", "firms": "cn"}
_DATA: dict[str, Any] = {}


def document(name: str) -> dict[str, Any]:
    """The clean document of that name as plain data; a new copy each time."""
    if name not in _DATA:
        tree, complaints = grow(FILES[name].read_text(encoding="utf-8"), name)
        assert tree is not None and not complaints
        _DATA[name] = _lists(tree.value)
    return copy.deepcopy(_DATA[name])


def _lists(value: Any) -> Any:
    """Sequences as lists, so that they can be changed."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, (list, tuple)) else value


def _tuples(value: Any) -> Any:
    """Sequences as tuples, as the model takes them."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def changed(name: str, changes: dict[str, Any]) -> Scheme:
    """A clean document with values put at dotted paths (``consequences.1.gravity``)."""
    data = document(name)
    for path, value in changes.items():
        *above, last = path.split(".")
        here: Any = data
        for step in above:
            here = here[int(step)] if isinstance(here, list) else here[step]
        if isinstance(here, list):
            if last == "+":
                here.append(value)
            else:
                here[int(last)] = value
        elif value is GONE:
            del here[last]
        else:
            here[last] = value
    return Scheme.model_validate(_tuples(data), by_alias=True, by_name=False)


def read(name: str, changes: dict[str, Any], day: date = DAY, place: str | None = None) -> Report:
    """The charter's report on a changed document."""
    return check(changed(name, changes), place or PLACES[name], day)
