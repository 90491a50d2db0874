"""Flags of instruments: which organisations to inspect first, and how many flags are chance.

A flag is kept beside the record and is no event: no scheme reads it and no score contains it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from anyio import to_thread
from pydantic import Field
from starlette.responses import Response

from xinyong.errors import CodeRefused, QuestionRefused
from xinyong.records import uscc
from xinyong.records.ledger.canonical import canonical
from xinyong.records.sensors.flags import Flag, Priorities, prioritise
from xinyong.records.sensors.kinds import PER_10000, Kind
from xinyong.records.store import Act, AtMost, Parcel, State
from xinyong.service.asking import Asked, Asking, plain
from xinyong.service.desk import Desk
from xinyong.service.forms import Form, Id, Moment, Text, Told
from xinyong.service.house import House

desk = Desk("/flags", "flags")

LOOKED: Final = "looked"


class FlagForm(Form):
    """One sign at one instrument in one week, as :class:`xinyong.records.sensors.flags.Flag`."""

    firm: Id
    instrument: Id
    substance: Id
    kind: Annotated[Kind, Field(strict=False)]
    start: Moment
    end: Moment
    evidence: Text
    false_alarms_per_10000: Annotated[int, Field(ge=1, le=PER_10000)]
    use: Literal["inspection priority"] = "inspection priority"


class LookedForm(Form):
    """A firm that was looked at: how many weeks and kinds were judged, flagged or not."""

    firm: Id
    tries: Annotated[int, Field(ge=1, le=1_000_000)]


class FlagsForm(Form):
    """What one look brought: every firm that was looked at, and the flags among them.

    ``look`` is the look's own id, under which it is recorded once.
    """

    look: Id | None = None
    looked_at: Annotated[list[LookedForm], Field(min_length=1, max_length=1000)]
    flags: Annotated[list[FlagForm], Field(max_length=1000)] = []


class LookTold(Told):
    """What was recorded."""

    firms: int
    flags: int


class PriorityTold(Told):
    """A firm to inspect: its flags, and how likely as many are by chance, in millionths."""

    handle: str
    flags: list[dict[str, Any]]
    tries: int
    odds_per_million: int


class PrioritiesTold(Told):
    """Flagged firms, the least likely by chance first, and what must be said with the list."""

    firms: list[PriorityTold]
    looked_at: int
    told: str


@desk.post("", roles=("operator",), answers=LookTold, status=201)
async def record_flags(asked: Asked, form: FlagsForm) -> Response:
    """Record what a look at instruments brought. Organisations only; all or nothing. The same look
    with the same content is answered as the first time, with another content refused."""
    flags = [Flag.from_json(one.model_dump(mode="json")) for one in form.flags]
    tries: dict[str, int] = {}
    for one in form.looked_at:
        _check(one.firm)
        tries[one.firm] = tries.get(one.firm, 0) + one.tries
    prioritise(flags, tries)
    look = form.look or secrets.token_hex(16)
    content = hashlib.sha256(canonical(form.model_dump(mode="json"))).hexdigest()
    acts = []
    for number, (firm, count) in enumerate(sorted(tries.items())):
        item = hashlib.sha256(f"{look}.{content}.{number}".encode()).hexdigest()[:32]
        acts.append(_act(look, content, item, firm, count, flags))
    once = AtMost(LOOKED, look, len(acts), why="a look of this id is on record with other firms")
    await asked.append_many(Parcel(tuple(acts), needs=(once,)))
    return plain({"firms": len(tries), "flags": len(flags)}, 201)


def _check(firm: str) -> None:
    try:
        uscc.check(firm)
    except CodeRefused:
        raise QuestionRefused(
            "what was looked at is no organisation",
            where="looked_at",
            why="flags are about instruments of organisations, named by their codes",
            mend="give the organisation's unified code",
        ) from None


def _act(
    look: str, content: str, item: str, firm: str, tries: int, flags: Iterable[Flag]
) -> Act:  # fmt: skip
    mine = [one.to_json() for one in flags if one.firm == firm]
    body = {"look": look, "content": content, "tries": tries, "flags": mine}
    state = State(LOOKED, item, LOOKED, None, look)
    return Act("flag", firm, body, key=look, states=(state,))


@desk.get("", roles=("operator",), discloses=("flags",), answers=PrioritiesTold)
async def inspection_priorities(asked: Asked) -> Response:
    """Flagged firms in the order in which they might be inspected. None of it is a finding."""
    said, subjects = await to_thread.run_sync(_list, asked)
    return await asked.release_many(said, subjects, basis="law:duty to inspect")


def _list(asked: Asking) -> tuple[dict[str, Any], list[str]]:
    found = _priorities(asked.house)
    keys = {k.subject: k.who for k in asked.house.vault.keys_of([f.firm for f in found.firms])}
    firms = [
        {
            "handle": keys[one.firm],
            "flags": [_flag(flag) for flag in one.flags],
            "tries": one.tries,
            "odds_per_million": round(one.odds * 1_000_000),
        }
        for one in found.firms
    ]
    said = {"firms": firms, "looked_at": found.looked_at, "told": found.told}
    return said, [one.firm for one in found.firms]


def _flag(flag: Flag) -> dict[str, Any]:
    said = flag.to_json()
    said.pop("firm")
    return said


def _priorities(house: House) -> Priorities:
    tries: dict[str, int] = {}
    flags: dict[tuple[str, str, Kind, int], Flag] = {}
    for who in sorted({one.who for one in house.store.states(LOOKED, limit=10_000_000)}):
        firm = house.store.subject_of(who)
        if firm is None:
            continue
        for act in house.store.of(firm, ("flag",)):
            if act.body is not None and "look" in act.body:
                tries[firm] = tries.get(firm, 0) + act.body["tries"]
                for flag in map(Flag.from_json, act.body["flags"]):
                    # A week that is looked at again is no second sign.
                    flags.setdefault((firm, flag.instrument, flag.kind, flag.start), flag)
    return prioritise(flags.values(), tries)
