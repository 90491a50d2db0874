"""Schemes for tests: from YAML text, or a small one with some parts replaced."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from xinyong.days import parse_moment
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme

HERE = Path(__file__).parent
WORDS = {"true": True, "false": False, "null": None, "": None}


def _plain(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {_plain(key): _plain(value) for key, value in node.value}
    if not isinstance(node, ScalarNode):
        return tuple(_plain(item) for item in node.value)
    text = node.value
    if node.style:
        return text
    if text in WORDS:
        return WORDS[text]
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return Decimal(text) if re.fullmatch(r"-?\d+\.\d+", text) else text


def data_of(text: str) -> Any:
    """YAML as the model takes it: tuples, decimals, days left as text."""
    return _plain(YAML(pure=True).compose(text))


def read(text: str) -> Scheme:
    return Scheme.model_validate(data_of(text))


def example() -> Scheme:
    return read((HERE / "example1.yaml").read_text(encoding="utf-8"))


BASE = """
xinyong: 1
scheme: small
version: "1"
use: lab
subjects: person
in_force: {from: 2000-01-01}
timezone: UTC
title: A small scheme
purpose: Tests
data_sets:
  bank:
    context: finance
    source: banks
    basis: contract
    keep: {for: 120 months, from: event, then: delete}
    events:
      pay: {fields: {amount: money, rate: number, late: int, ok: bool, word: text, due: date}}
      fine: {fields: {size: int}}
  town:
    context: municipal
    source: the town
    basis: law
    keep: {for: 120 months, from: event, then: delete}
    events:
      help: {fields: {hours: number}}
score: {start: 100, floor: 0, ceiling: 1000}
bands:
  - {name: low, from: 0}
  - {name: mid, from: 100}
  - {name: top, from: 200}
"""


def small(text: str = "") -> Scheme:
    """The small scheme; top-level keys of ``text`` replace its own."""
    return Scheme.model_validate({**data_of(BASE), **(data_of(text) if text.strip() else {})})


def event(
    kind: str,
    at: str,
    /,
    *,
    id: str = "e",
    recorded: str | None = None,
    struck: str | None = None,
    subject: str = "s",
    zone: str = "UTC",
    **fields: Any,
) -> Event:
    """An event of the small scheme; days and moments as text in ``zone``."""
    from zoneinfo import ZoneInfo

    place = ZoneInfo(zone)
    return Event(
        subject=subject,
        kind=kind,
        happened_at=parse_moment(at, place),
        recorded_at=parse_moment(recorded or at, place),
        id=id,
        fields=fields,
        struck_at=parse_moment(struck, place) if struck else None,
    )
