"""Every record that is read back from plain data: consents, decisions, disputes, listings, links.

A record that is taken must be written again as what it was read from, or nearly: reading what it
writes gives the same record.
"""

from __future__ import annotations

import copy
import importlib
import json
import pkgutil
import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import changing

import xinyong.decisions
import xinyong.records
from xinyong.decisions.credential.status import StatusList
from xinyong.records.linking import entries
from xinyong.records.linking.comparing import Agreement, Ground
from xinyong.records.linking.links import (
    Estimated,
    Evidence,
    EvidenceKind,
    Link,
    PersonDecided,
    StrongIdentifier,
)
from xinyong.records.linking.record import Ref
from xinyong.records.published_budget import GRANTED, PAID, BudgetEntry
from xinyong.records.written import Written, _adapter

LAST = b""
AT = 1_800_000_000_000_000


def _all(kind: type[Any]) -> list[type[Any]]:
    found = []
    for one in kind.__subclasses__():
        found += [one, *_all(one)]
    return found


@lru_cache(maxsize=1)
def written() -> dict[str, type[Written]]:
    """All written records of the house, by name."""
    for package in (xinyong.records, xinyong.decisions):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".store" not in found.name and "linking" not in found.name:
                importlib.import_module(found.name)
    return {f"{one.__module__}.{one.__qualname__}": one for one in _all(Written)}


@lru_cache(maxsize=64)
def schema(kind: type[Written]) -> dict[str, Any]:
    """The JSON Schema of a record."""
    made: dict[str, Any] = _adapter(kind).json_schema()
    return made


def _links() -> list[dict[str, Any]]:
    left, right = Ref("left", "7"), Ref("right", "8")
    ground = (Ground("name", next(iter(Agreement)), 1200),)
    evidence = (Evidence(next(iter(EvidenceKind)), "the deed"),)
    person = PersonDecided("Ms Okafor", _day(), evidence)
    bases = (StrongIdentifier(("cn-uscc",)), Estimated(700_000), person)
    links = [entries.Linked(Link(left, right, basis, ground, AT)) for basis in bases]
    others = (
        entries.Proposal(left, right, "doubtful", ground, 700_000, AT),
        entries.Parted(left, right, person, "not the same", ground, (), AT),
        entries.Used("decision-1", ("link-1",), AT),
    )
    return [one.to_json() for one in (*links, *others)]


def _day() -> Any:
    from datetime import date

    return date(2026, 1, 1)


def _budget() -> list[dict[str, Any]]:
    return [
        BudgetEntry("town", GRANTED, 1_000_000, "", "board", AT).to_json(),
        BudgetEntry("town", PAID, 5, "ab" * 32, "statistics", AT).to_json(),
    ]


OTHERS: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
    "links": (entries.from_json, _links()),
    "budget": (BudgetEntry.from_json, _budget()),
    "status": (StatusList.from_json, [StatusList(1000).to_json(), StatusList(8, 2).to_json()]),
}


def once(rng: random.Random) -> None:
    global LAST  # noqa: PLW0603 - the runner reads it
    if rng.random() < 0.3:
        name = rng.choice(sorted(OTHERS))
        read, seeds = OTHERS[name]
        data = changing.altered(rng, copy.deepcopy(rng.choice(seeds)))
    else:
        name = rng.choice(sorted(written()))
        kind = written()[name]
        read = kind.from_json
        whole = schema(kind)
        data = changing.altered(rng, changing.filled(rng, whole, whole.get("$defs", {})))
    LAST = f"{name}\n{changing.shown(data)}".encode("utf-8", "surrogatepass")
    made = read(data)
    again = made.to_json()
    json.dumps(again, allow_nan=False)
    assert read(again).to_json() == again, name


def parse(content: bytes) -> None:
    """Bytes as the text and as the JSON of every record."""
    from xinyong.errors import XinyongError

    reads: list[Callable[[Any], Any]] = [one.from_json for one in written().values()]
    reads += [read for read, _ in OTHERS.values()]
    text = content.decode("utf-8", "replace")
    for data in (text, [text], {"id": text, "subject": text}):
        for read in reads:
            try:
                read(data)
            except XinyongError:
                pass
            else:
                raise AssertionError("a record was read where there was none")
