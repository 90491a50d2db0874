"""One request at work: who asks about whom, and the one way to give an answer about a subject.

:meth:`Asking.release` writes the read record, together with whatever else must stand or fall with
it, waits until that is durable, and only then hands out the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar

import msgspec
from anyio import to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope

from xinyong.errors import NeedUnmet
from xinyong.records.ledger.canonical import written_plain
from xinyong.records.store import Act, AtMost, Block, Need, Parcel, Receipt, State, Unchanged
from xinyong.service.answers import answers_here
from xinyong.service.callers import Caller
from xinyong.service.deciding import Decider
from xinyong.service.house import House
from xinyong.service.problems import Refused, not_here
from xinyong.service.scoring import CONSENT, Scorer
from xinyong.service.strict import StrictRequest

T = TypeVar("T")

PURPOSE: Final = "xinyong-purpose"
"""Header in which an operator or partner says, in one line, what a reading is for."""

DAY: Final = 86_400_000_000

_ANYBODY: Final = Caller("subject", "")

ATTEMPTS: Final = 5
"""How often something is tried while the records change under it."""


class Asking(StrictRequest):
    """A request: ``house``, ``caller``, ``moment`` (microseconds UTC) and the subject it is about.

    It is the request itself: a dependency of the framework's would cost every request more.
    ``subject`` is the id of whom it is about. ``released`` tells whether the reading was recorded.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        self.house: House = scope["app"].state.house
        self.released = False
        self._moment = 0
        self._subject: str | None = None
        self._inline = self.house.store.url.startswith("sqlite")

    @property
    def caller(self) -> Caller:
        """Who asks, as the door found; a nameless subject where anybody may."""
        found: Caller = getattr(self.state, "caller", _ANYBODY)
        return found

    @property
    def moment(self) -> int:
        """The moment by which the request is answered: when it was first looked at."""
        if not self._moment:
            self._moment = self.house.clock()
        return self._moment

    @property
    def who(self) -> str:
        """The subject's ledger pseudonym as it stands in the address, or nothing."""
        found: str = self.path_params.get("who", "")
        return found

    @who.setter
    def who(self, who: str) -> None:
        self.path_params["who"], self._subject = who, None

    @property
    def scorer(self) -> Scorer:
        """The scorer of this process."""
        made: Scorer = self.app.state.scorer
        return made

    @property
    def decider(self) -> Decider:
        """The decider of this process."""
        made: Decider = self.app.state.decider
        return made

    # ------------------------------------------------------------ about whom

    @property
    def subject(self) -> str:
        """The subject's id; refused with 404 where the address names nobody known."""
        if self._subject is None:
            self._subject = self.house.store.subject_of(self.who) if len(self.who) == 32 else None
            if self._subject is None:
                raise not_here()
        return self._subject

    @property
    def own(self) -> bool:
        """Whether the subject asks about herself."""
        return self.caller.role == "subject"

    @property
    def purpose(self) -> str:
        """What the reading is for: the header of an operator or partner; a subject needs none."""
        if self.own:
            return "my own file"
        said = self.headers.get(PURPOSE, "").strip()
        if not said or len(said) > 200 or not said.isprintable():
            raise Refused(
                422,
                "no-purpose",
                "it is not said what this reading is for",
                where=PURPOSE,
                why="the subject sees who read what, and for what",
                mend=f"send the header '{PURPOSE}' with one line, at most 200 characters",
            )
        return said

    # ------------------------------------------------------------ the store

    async def read(self, function: Callable[..., T], *given: Any, **named: Any) -> T:
        """Read from the store; where that means waiting for a server, beside other requests."""
        if self._inline:
            return function(*given, **named)
        return await to_thread.run_sync(lambda: function(*given, **named))

    async def append(self, parcel: Parcel | Act) -> Receipt:
        """Write a parcel and wait until it is durable."""
        made = Parcel((parcel,)) if isinstance(parcel, Act) else parcel
        answers = answers_here(self.house.rooms)
        slot = answers.slot()
        self.house.store.give(made, slot, answers.soon)
        return await slot.future

    async def append_many(self, parcel: Parcel) -> Receipt:
        """Write a large parcel, made ready beside other requests."""
        slot = answers_here(self.house.rooms).slot()
        await to_thread.run_sync(self.house.store.give, parcel, slot)
        return await slot.future

    async def settled(self, attempt: Callable[[bool], Awaitable[Response]]) -> Response:
        """An attempt, made again where the records changed between reading and writing.

        It is told whether it may go by what is remembered: the first time alone.
        """
        try:
            return await attempt(True)
        except NeedUnmet as error:
            if error.need not in ("unchanged", CONSENT):
                raise
        for _ in range(ATTEMPTS - 2):
            try:
                return await attempt(False)
            except NeedUnmet as error:
                if error.need != "unchanged":
                    raise
        return await attempt(False)

    # ------------------------------------------------------------ the answer

    def read_act(
        self, subject: str, fields: Iterable[str], *, basis: str, purpose: str | None = None
    ) -> Act:
        """The record of one reading about one subject."""
        body = self.read_body(fields, basis=basis, purpose=purpose)
        return Act("read", subject, written_plain(body))  # words alone

    def read_body(
        self, fields: Iterable[str], *, basis: str, purpose: str | None = None
    ) -> dict[str, Any]:
        """What the record of a reading says."""
        route = self.scope["route"]
        return {
            "reader": self.caller.name,
            "role": self.caller.role,
            "purpose": self.purpose if purpose is None else purpose,
            "fields": sorted(fields),
            "basis": basis,
            "operation": route.operation_id,
        }

    async def release(
        self,
        content: Any,
        *,
        basis: str,
        fields: Iterable[str] | None = None,
        purpose: str | None = None,
        acts: Iterable[Act] = (),
        needs: Iterable[Need | Unchanged | AtMost] = (),
        blocks: Iterable[Block] = (),
        status: int = 200,
        headers: dict[str, str] | None = None,
        media: str = "application/json",
    ) -> Response:
        """Record the reading and what goes with it; then the answer.

        ``content`` is bytes or JSON-ready, or a function from the receipt to it. ``fields`` default
        to what the route declared. ``basis`` says by what right. ``needs`` must hold at commit.
        """
        told = tuple(self.declared if fields is None else fields)
        act = self.read_act(self.subject, told, basis=basis, purpose=purpose)
        parcel = Parcel((*acts, act), tuple(needs), tuple(blocks))
        receipt = await self.append(parcel)
        return self._answer(content, receipt, status, headers, media)

    async def release_many(
        self, content: Any, subjects: Iterable[str], *, basis: str, acts: Iterable[Act] = ()
    ) -> Response:
        """Record one reading for each subject an answer speaks of; then the answer."""
        purpose = self.purpose
        records = [
            self.read_act(one, self.declared, basis=basis, purpose=purpose)
            for one in sorted(set(subjects))
        ]
        every = (*acts, *records)
        receipt = await self.append_many(Parcel(every)) if every else Receipt((), self.moment, ())
        return self._answer(content, receipt, 200, None, "application/json")

    @property
    def declared(self) -> tuple[str, ...]:
        """What the route declared to disclose."""
        return tuple(self.scope["route"].openapi_extra["x-discloses"])

    def _answer(
        self,
        content: Any,
        receipt: Receipt,
        status: int,
        headers: dict[str, str] | None,
        media: str,
    ) -> Response:
        self.released = True
        said = content(receipt) if callable(content) else content
        data = said if isinstance(said, bytes) else msgspec.json.encode(said)
        return Response(data, status, headers, media)

    def seen_today(self, limit: int) -> tuple[State, AtMost]:
        """The state and the need that count distinct subjects of a partner in a day."""
        day = self.moment // DAY
        group = f"{self.caller.name} {day}"
        item = f"{group} {self.who}"
        most = AtMost(
            "seen", group, limit, why=f"more than {limit} different people in one day for a partner"
        )
        return State("seen", item, "seen", None, group), most


Asked = Asking


def plain(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer that tells nothing about a subject."""
    data = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Response(data, status, headers, "application/json")


__all__ = ["DAY", "PURPOSE", "Asked", "Asking", "plain"]
