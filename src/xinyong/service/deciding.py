"""Decisions made from the store: score, papers, and what follows.

What is decided is a pure function of the score's key, the consents, the place and the match, as
long as no dispute and no listing is about; so it is worked out once for each of those and dated
anew when it is asked for again.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from xinyong.charter.words import Place
from xinyong.days import instant
from xinyong.decisions.deciding import decide
from xinyong.decisions.decision import Decision, Matched
from xinyong.decisions.notice import Notice, write_notice
from xinyong.records.ledger.canonical import Blank, Canonical, canonical
from xinyong.records.sealed import fresh
from xinyong.records.store import Act, State
from xinyong.service.house import Served
from xinyong.service.papers import NONE, Papers, decision_act, notice_act, papers_of
from xinyong.service.remembered import Remembered
from xinyong.service.scoring import Scored, Scorer, readable

_Key = tuple[Any, ...]
_PAPERS = ("dispute", "outcome", "listing", "delisting")


@dataclass(frozen=True, slots=True)
class Terms:
    """Where it is decided, who asks, and how the records were found to be the subject's."""

    place: Place
    by: str
    matched: Matched | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A new decision: the entries it is written in, the answer, and its score."""

    acts: tuple[Act, ...]
    answer: bytes
    scored: Scored


class Decider:
    """Decides about subjects of one house; ``remembered`` results are kept for asking again."""

    def __init__(self, scorer: Scorer, *, remembered: int = 5_000) -> None:
        self._scorer = scorer
        self._known: Remembered[_Key, _Made] = Remembered(remembered)
        self._erasures = -1

    def decide(self, served: Served, subject: str, moment: int, terms: Terms) -> Decided:
        """A new decision, its letter where it is in effect at once, and the score behind it."""
        found = self._scorer.score(served, subject, served.today(moment), moment)
        key = _key(served, subject, found, terms)
        kept = self._kept(key) if found.quiet else None
        if kept is None:
            papers = NONE if found.quiet else papers_of(self._scorer.store, subject, _PAPERS)
            kept = _Made(*self._made(served, subject, moment, found, papers, terms))
            if found.quiet and found.upto:
                self._known.keep(key, kept)
        return kept.dated(moment, found)

    def remembered(self, served: Served, subject: str, moment: int, terms: Terms) -> Decided | None:
        """The same decision from memory alone; None where anything for it is not there.

        See :meth:`xinyong.service.scoring.Scorer.remembered`.
        """
        found = self._scorer.remembered(served, subject, served.today(moment), moment)
        if found is None or not found.quiet:
            return None
        kept = self._kept(_key(served, subject, found, terms))
        return None if kept is None else kept.dated(moment, found)

    def _kept(self, key: _Key) -> _Made | None:
        if self._scorer.erasures != self._erasures:
            self._erasures = self._scorer.erasures
            self._known.clear()
        return self._known.get(key)

    def _made(
        self,
        served: Served,
        subject: str,
        moment: int,
        found: Scored,
        papers: Papers,
        terms: Terms,
    ) -> tuple[Decision, Notice | None]:
        scheme = served.approved.scheme
        standing = self._scorer.store.standing(subject, upto=found.upto)
        made = decide(
            served.approved,
            found.outcome,
            readable(served, standing, found.permission, disputed=True),
            self._scorer.consents(subject),
            id=secrets.token_hex(16),
            sequence=found.upto,
            moment=moment,
            place=terms.place,
            by=terms.by,
            matched=terms.matched,
            disputed=standing.disputed | papers.disputed(moment),
            listings=papers.listings.values(),
        )
        if made.state != "in effect":
            return made, None
        given = served.today(moment)
        notice = write_notice(made, scheme, id=secrets.token_hex(16), given=given, changes=())
        return made, notice


def _key(served: Served, subject: str, found: Scored, terms: Terms) -> _Key:
    """All that a decision follows from, where no dispute and no listing is about."""
    return (
        served.approved.digest,
        subject,
        found.outcome.day,
        found.upto,
        found.permission.consents,
        terms,
    )


class _Made:
    """A decision and its letter, of which a few words are put in anew each time."""

    def __init__(self, decision: Decision, notice: Notice | None) -> None:
        act = decision_act(decision, due=due_of(decision))
        self._decision = _Paper(act, "id", "moment", "steps")
        self._notice = None if notice is None else _Paper(notice_act(notice), "id", "decision")
        self._first = Blank(decision.steps[0].to_json(), "at")
        self._answer = Blank(told(decision, decision.moment), "id", "moment", "steps")

    def dated(self, moment: int, scored: Scored) -> Decided:
        """The same result as a decision of its own: another id and moment."""
        id, other = dated_id(moment), dated_id(moment)
        said, at = b'"%b"' % id.encode(), b"%d" % moment
        new = {"id": said, "moment": at, "steps": b"[%b]" % self._first.filled(at=at)}
        acts = [self._decision.again(id, new)]
        if self._notice is not None:
            its = {"id": b'"%b"' % other.encode(), "decision": said}
            acts.append(self._notice.again(other, its))
        return Decided(tuple(acts), self._answer.filled(**new), scored)


class _Paper:
    """The act of one paper, with gaps."""

    def __init__(self, act: Act, *gaps: str) -> None:
        assert not isinstance(act.body, Canonical)
        ((name, paper),) = act.body.items()
        self._act, self._paper = act, Blank(paper, *gaps)
        self._head = b"{%b:" % canonical(name)

    def again(self, id: str, new: dict[str, bytes]) -> Act:
        """The act of a paper that is the same but for what is new; its states are ``id``'s."""
        act = self._act
        text = b"%b%b}" % (self._head, self._paper.filled(**new))
        states = tuple(State(s.name, id, s.value, s.due, s.group) for s in act.states)
        return Act(act.kind, act.subject, Canonical(text), act.key, states)


def dated_id(moment: int) -> str:
    """An id of 32 hexadecimal digits: the milliseconds of a moment, then 80 random bits.

    Ids that rise with time stand side by side in the database's indexes, as UUIDs of version 7 do.
    """
    return f"{moment // 1000:012x}{fresh(10).hex()}"


def due_of(made: Decision) -> int | None:
    """The moment after the last day on which notice can be given; None where it was."""
    if made.state in ("in effect", "dropped", "ended"):
        return None
    last = datetime.combine(made.notice_due + timedelta(days=1), time(), ZoneInfo(made.zone))
    return instant(last.astimezone(UTC))


def told(
    made: Decision,
    moment: int,
    away: Collection[str] = (),
    papers: Papers = NONE,
) -> dict[str, Any]:
    """A decision as an answer; ``in_force`` are the consequences that hold at the moment."""
    said = made.to_json()
    said.pop("subject")
    said["key"].pop("subject")
    said.setdefault("left_out", [])
    force = [
        one.id for one in made.in_force(moment, disputed=away, listings=papers.listings.values())
    ]
    return {**said, "state": made.state, "in_force": force}


__all__ = ["Decided", "Decider", "Terms", "dated_id", "due_of", "told"]
