"""Decisions made from the store: score, papers, and what follows.

What is decided is a pure function of the score's key, the consents, the place and the match, as
long as no dispute and no listing is about; so it is worked out once for each of those and dated
anew when it is asked for again.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import replace
from typing import Any

from xinyong.charter.words import Place
from xinyong.decisions.course import Step
from xinyong.decisions.deciding import decide
from xinyong.decisions.decision import Decision, Matched
from xinyong.decisions.notice import Notice, write_notice
from xinyong.service.house import Served
from xinyong.service.papers import Papers, papers_of
from xinyong.service.scoring import Scored, Scorer, allowed

_Key = tuple[Any, ...]
_PAPERS = ("dispute", "outcome", "listing", "delisting")


class Decider:
    """Decides about subjects of one house; ``remembered`` results are kept for asking again."""

    def __init__(self, scorer: Scorer, *, remembered: int = 5_000) -> None:
        self._scorer = scorer
        self._most = remembered
        self._known: OrderedDict[_Key, tuple[Decision, Notice | None]] = OrderedDict()

    def decide(
        self,
        served: Served,
        subject: str,
        moment: int,
        *,
        place: Place,
        by: str,
        matched: Matched | None,
    ) -> tuple[Decision, Notice | None, Scored]:
        """A new decision, its letter where it is in effect at once, and the score behind it."""
        day = served.today(moment)
        found = self._scorer.score(served, subject, day, moment)
        papers = papers_of(self._scorer.store, subject, _PAPERS)
        quiet = not (papers.disputes or papers.listings)
        key = (
            served.approved.digest,
            subject,
            day,
            found.upto,
            found.permission.consents,
            place,
            matched,
        )
        known = self._known.get(key) if quiet else None
        if known is None:
            made = self._made(served, subject, moment, found, papers, place, by, matched)
            if quiet and found.upto:
                self._keep(key, made)
        else:
            self._known.move_to_end(key)
            made = _dated(known, moment, by)
        return (*made, found)

    def _keep(self, key: _Key, made: tuple[Decision, Notice | None]) -> None:
        self._known[key] = made
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def _made(
        self,
        served: Served,
        subject: str,
        moment: int,
        found: Scored,
        papers: Papers,
        place: Place,
        by: str,
        matched: Matched | None,
    ) -> tuple[Decision, Notice | None]:
        scheme = served.approved.scheme
        standing = self._scorer.store.standing(subject, upto=found.upto)
        made = decide(
            served.approved,
            found.outcome,
            allowed(
                scheme, standing.fitting(served.shape, disputed=True), found.permission.data_sets
            ),
            self._scorer.consents(subject),
            id=secrets.token_hex(16),
            sequence=found.upto,
            moment=moment,
            place=place,
            by=by,
            matched=matched,
            disputed=standing.disputed | papers.disputed(moment),
            listings=papers.listings.values(),
        )
        if made.state != "in effect":
            return made, None
        given = served.today(moment)
        notice = write_notice(made, scheme, id=secrets.token_hex(16), given=given, changes=())
        return made, notice


def _dated(
    known: tuple[Decision, Notice | None], moment: int, by: str
) -> tuple[Decision, Notice | None]:
    """The same result as a decision of its own: another id, moment and asker."""
    decision, notice = known
    first = Step(state=decision.steps[0].state, by=by, at=moment)
    made = replace(decision, id=secrets.token_hex(16), moment=moment, steps=(first,))
    if notice is None:
        return made, None
    return made, replace(notice, id=secrets.token_hex(16), decision=made.id)


__all__ = ["Decider"]
