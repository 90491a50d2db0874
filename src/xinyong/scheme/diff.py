"""What differs between two schemes, in sentences, in the order of the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xinyong.scheme.binding import bind
from xinyong.scheme.bound import Bound
from xinyong.scheme.model import Scheme
from xinyong.scheme.wording import (
    consequence_words,
    data_set_words,
    line_words,
    list_words,
    variable_words,
)

_WHOLE = (
    "title version purpose use used_for subjects min_age in_force jurisdiction timezone currency"
    " operator ai_system legal_basis law_read impact_assessment high_risk_file published catalogue"
    " tested fairness logs shares burdens_together mix_in"
).split()
_ONE = {
    "data_sets": "data set",
    "events": "event",
    "fields": "field",
    "parameters": "parameter",
    "values": "value from",
    "variables": "variable",
    "families": "family",
    "dimensions": "heading",
    "add": "line",
    "table": "row",
    "bands": "band",
    "lists": "list",
    "consequences": "consequence",
    "start": "starting row",
}
_SECTIONS = "data_sets parameters variables families score bands lists consequences rights".split()


def diff(a: Scheme, b: Scheme) -> tuple[str, ...]:
    """Sentences that say what is different in ``b``; empty where the two mean the same.

    Worked cases are left out. Raises SchemeRefused where either scheme does not resolve.
    """
    return tuple(_Differ(bind(a), bind(b)).sentences())


def _data(scheme: Scheme) -> dict[str, Any]:
    return scheme.model_dump(mode="json", by_alias=True, exclude={"tests"}, exclude_none=True)


class _Differ:
    def __init__(self, a: Bound, b: Bound) -> None:
        self.a, self.b = a, b

    def sentences(self) -> Iterator[str]:
        old, new = _data(self.a.scheme), _data(self.b.scheme)
        for key in ("scheme", *_WHOLE):
            yield from self.value("the scheme", key, old.get(key), new.get(key))
        for key in _SECTIONS:
            yield from self.part((key,), key, old.get(key), new.get(key))

    def part(self, path: tuple[str, ...], key: str, old: Any, new: Any) -> Iterator[str]:
        """One part of the document: entries with names, entries in a list, or plain values."""
        if old == new:
            return
        if key in _ONE and isinstance(old, (dict, list)) and isinstance(new, (dict, list)):
            yield from self.entries(path, key, _named(key, old), _named(key, new))
        elif isinstance(old, dict) and isinstance(new, dict):
            for word in dict.fromkeys([*old, *new]):
                yield from self.part((*path, word), word, old.get(word), new.get(word))
        else:
            yield from self.value(_label(path[:-1]), key, old, new)

    def entries(
        self, path: tuple[str, ...], key: str, old: dict[str, Any], new: dict[str, Any]
    ) -> Iterator[str]:
        for name in dict.fromkeys([*old, *new]):
            here = (*path, name)
            if name not in new:
                yield f"{_capital(_label(here))} is gone.{self.said(self.a, key, name)}"
            elif name not in old:
                yield f"{_capital(_label(here))} is new.{self.said(self.b, key, name)}"
            else:
                yield from self.part(here, "", old[name], new[name])
        kept = [name for name in old if name in new]
        if kept != [name for name in new if name in old] and key in ("add", "bands", "families"):
            yield f"The {_ONE[key]}s stand in another order."

    def value(self, label: str, key: str, old: Any, new: Any) -> Iterator[str]:
        if old == new:
            return
        where = f"{_capital(label)}: {key.replace('_', ' ') or 'it'}"
        if old is None:
            yield f"{where} is new: {_said(new)}."
        elif new is None:
            yield f"{where} is gone; it was {_said(old)}."
        else:
            yield f"{where} was {_said(old)} and is now {_said(new)}."

    def said(self, bound: Bound, key: str, name: str) -> str:
        """A new or lost entry in words, where there are words for it."""
        scheme = bound.scheme
        if key == "data_sets":
            return f" It comes {data_set_words(scheme.data_sets[name])}."
        if key == "variables":
            return f" It is {variable_words(bound, bound.variables[name])}."
        if key == "add":
            line = next(line for line in bound.lines if line.id == name)
            return f" {_capital(line_words(bound, line)).removesuffix(':').removesuffix('.')}."
        if key == "lists":
            return f" {list_words(bound, name, scheme.lists[name])}"
        if key == "consequences":
            spec = next(spec for spec in scheme.consequences if spec.id == name)
            return f" {_capital(consequence_words(bound, spec))}"
        return ""


def _named(key: str, entries: Any) -> dict[str, Any]:
    """Entries by what they are called: keys, ids, names, else their place."""
    if isinstance(entries, dict):
        return dict(entries)
    found: dict[str, Any] = {}
    for place, entry in enumerate(entries, start=1):
        name = entry.get("id") or entry.get("name") if isinstance(entry, dict) else None
        found[str(name or place)] = entry
    return found


def _label(path: tuple[str, ...]) -> str:
    """``data set 'loans', event 'loan_due'`` for a path."""
    words: list[str] = []
    steps = iter(path)
    for step in steps:
        name = next(steps, None) if step in _ONE else None
        if name is None:
            words.append(step.replace("_", " "))
        elif name.isdecimal() or step == "values":
            words.append(f"{_ONE[step]} {name}")
        else:
            words.append(f"{_ONE[step]} '{name}'")
    if len(words) > 1 and words[0] == "score":
        words.pop(0)
    return ", ".join(words) or "the scheme"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "; ".join(f"{key.replace('_', ' ')} {_said(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_said(item) for item in value) or "nothing"
    return f"“{value}”" if isinstance(value, str) else str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
