"""Every clock of a decision, a dispute and a listing, with the text it comes from.

A clock is what the scheme says; where it says nothing, the charter's own bound. All days are
local days of the scheme's time zone, working days those of the place (``charter.clocks``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from xinyong.charter.clocks import due
from xinyong.charter.words import Place
from xinyong.days import Period, Term, local_day
from xinyong.scheme.model import Appeal, Consequence, DisputeRight, Scheme
from xinyong.scheme.model import Notice as NoticeSpec
from xinyong.scheme.who import PEOPLE

NOTICE: Final = Term(30, "day")
DISPUTE: Final = DisputeRight(
    mark=Term(1, "working day"), decide=Term(30, "day"), suspends=True, tells_source=None
)
REMOVAL: Final = Term(3, "working day")
REASONS: Final = 4
FRESH: Final = Period(1, "month")
"""A burden rests on a score no older than this; the charter's own bound."""

LASTING: Final = Period(12, "month")
"""What a scheme gives no term lasts this long at most; then it is decided again."""

SECOND_FROM: Final = 4
"""From this gravity on a second person looks at a burden."""


def grave(spec: Consequence) -> bool:
    """Whether a second person looks at this burden; where no gravity is given, one does."""
    return spec.gravity is None or spec.gravity >= SECOND_FROM


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock: its name, its length in words, and the text that it comes from."""

    name: str
    term: str
    source: str


def day_of(moment: int, zone: str) -> date:
    """The local day of an instant (microseconds since 1970-01-01T00:00Z) in a time zone."""
    return local_day(moment, ZoneInfo(zone))


def notice_of(scheme: Scheme, spec: Consequence) -> NoticeSpec:
    """The notice that goes with a consequence: its own, that of the rights, or the charter's."""
    return spec.notice or scheme.rights.notice or NoticeSpec(within=NOTICE)


def appeal_of(scheme: Scheme, spec: Consequence) -> Appeal | None:
    """To whom a consequence can be taken: its own appeal, or the review of the rights."""
    return spec.appeal or scheme.rights.review


def dispute_of(scheme: Scheme) -> DisputeRight:
    """The scheme's clocks of a dispute, or the charter's."""
    return scheme.rights.dispute or DISPUTE


def grace_of(scheme: Scheme) -> Term:
    """How long a burden waits after its notice: as long as a dispute takes.

    So an objection made on the day of the notice is answered before anything begins.
    """
    return dispute_of(scheme).decide


def begins(noticed: date, grace: Term, place: Place) -> date:
    """First day of a burden whose notice was given on a day: the day after the grace."""
    return due(noticed, grace, place) + timedelta(days=1)


def longest(scheme: Scheme, places: tuple[Place, ...]) -> Period:
    """The most that anything may be held against a subject (clause R02)."""
    if "cn" in places and scheme.subjects in PEOPLE:
        return Period(60, "month")
    return Period(84 if "us" in places else 120, "month")


def shortest_end(start: date, *spans: Period | None) -> date:
    """The first day no longer, of a thing that begins on a day and lasts none of the spans out."""
    return min(span.after(start) for span in spans if span is not None)


def clocks(scheme: Scheme, places: tuple[Place, ...]) -> tuple[Clock, ...]:
    """Every clock that runs under a scheme, with its source."""
    name = f"{scheme.scheme} {scheme.version}"
    rights, own = scheme.rights, "the charter's own bound"
    found = [
        Clock("a burden waits after its notice", str(grace_of(scheme)), f"{name}: dispute.decide")
    ]
    for spec in scheme.consequences:
        if spec.kind == "burden":
            letter, appeal = notice_of(scheme, spec), appeal_of(scheme, spec)
            said = spec.notice or rights.notice
            found.append(
                Clock(f"notice of {spec.id}", str(letter.within or NOTICE), name if said else own)
            )
            if appeal is not None:
                found.append(Clock(f"appeal against {spec.id}", str(appeal.within), name))
        lasts = spec.lasts
        found.append(Clock(f"end of {spec.id}", str(lasts or LASTING), name if lasts else own))
    right = dispute_of(scheme)
    source = f"{name}: rights.dispute" if rights.dispute else f"{own} (P06)"
    for word, term in (
        ("a disputed record is marked", right.mark),
        ("a dispute is decided", right.decide),
        ("a dispute is extended by", right.extension),
        ("the source is told", right.tells_source),
    ):
        if term is not None:
            found.append(Clock(word, str(term), source))
    for listed, entry in scheme.lists.items():
        found.append(
            Clock(
                f"removal from '{listed}'",
                str(entry.remove_within or REMOVAL),
                name if entry.remove_within else "Provisions of 2017 art. 10 (P07)",
            )
        )
    found.append(Clock("anything held against a subject", str(longest(scheme, places)), "R02"))
    return tuple(found)


__all__ = [
    "DISPUTE",
    "FRESH",
    "LASTING",
    "NOTICE",
    "REASONS",
    "REMOVAL",
    "SECOND_FROM",
    "Clock",
    "appeal_of",
    "begins",
    "clocks",
    "day_of",
    "dispute_of",
    "grace_of",
    "grave",
    "longest",
    "notice_of",
    "shortest_end",
]
