"""Histories of many subjects as they are told to a store: events, strikes, disputes, outcomes.

:func:`told` is the oracle: which events count after the first so many acts, worked out from the
list of acts with plain dictionaries and nothing of the store.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xinyong.records.event import Event
from xinyong.records.store import Act, Parcel, Store, body_of

HOUR = 3_600_000_000


@dataclass(frozen=True)
class Step:
    """One act at one moment, microseconds UTC."""

    at: int
    kind: str
    subject: str
    body: dict[str, Any]
    event: Event | None = None
    ids: tuple[str, ...] = ()
    dispute: str = ""


def timeline(events: Iterable[Event], chance: random.Random) -> list[Step]:
    """Every event when it was recorded, struck when it was, some disputed for a while."""
    steps = []
    for number, event in enumerate(events):
        bare = replace(event, struck_at=None)
        at = max(event.recorded_at, 1)
        steps.append(Step(at, "event", event.subject, body_of(bare), bare, (event.id,)))
        if event.struck_at is not None:
            body = {"events": [event.id], "why": "a mistake"}
            at_strike = max(event.struck_at, at + 1)
            steps.append(Step(at_strike, "strike", event.subject, body, None, (event.id,)))
        if chance.random() < 0.1:
            opened = at + chance.randrange(1, 3_000) * HOUR
            name = f"d{number}"
            body = {"dispute": name, "events": [event.id, "no such event"]}
            steps.append(Step(opened, "dispute", event.subject, body, None, (event.id,), name))
            if chance.random() < 0.6:
                end = opened + chance.randrange(1, 1_000) * HOUR
                body = {"dispute": name, "outcome": "kept"}
                steps.append(Step(end, "outcome", event.subject, body, dispute=name))
    return sorted(steps, key=lambda step: step.at)


@dataclass
class Teller:
    """Writes steps to a store, whose clock it turns."""

    now: int = 0
    written: list[tuple[Step, int]] = field(default_factory=list)
    """Each step with the moment at which it was recorded."""

    def clock(self) -> int:
        return self.now

    def tell(self, store: Store, steps: Sequence[Step]) -> None:
        """Write them, those of one moment together; several moments wait for one disk flush."""
        together: dict[int, list[Step]] = defaultdict(list)
        for step in steps:
            together[step.at].append(step)
        for at, some in together.items():
            self.now = at
            acts = tuple(Act(s.kind, s.subject, s.body) for s in some)  # type: ignore[arg-type]
            receipt = store.append(Parcel(acts))
            self.written += [(step, receipt.at) for step in some]


def told(written: Sequence[tuple[Step, int]], upto: int) -> dict[str, list[Event]]:
    """The events that count for each subject after the first ``upto`` steps."""
    first: dict[tuple[str, str], Event] = {}
    struck: set[tuple[str, str]] = set()
    disputed: dict[tuple[str, str], tuple[str, ...]] = {}
    for step, at in written[:upto]:
        if step.event is not None:
            first.setdefault((step.subject, step.event.id), replace(step.event, recorded_at=at))
        elif step.kind == "strike":
            struck |= {(step.subject, one) for one in step.ids}
        elif step.kind == "dispute":
            disputed[step.subject, step.dispute] = step.ids
        else:
            del disputed[step.subject, step.dispute]
    held = {(subject, one) for (subject, _), ids in disputed.items() for one in ids}
    found: dict[str, list[Event]] = defaultdict(list)
    for key, event in first.items():
        if key not in struck and key not in held:
            found[event.subject].append(event)
    return dict(found)
