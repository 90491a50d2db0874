"""Letters in English. Each function says one part; what is not there is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xinyong.charter.words import PLACES
from xinyong.decisions.consequence import Consequence
from xinyong.decisions.notice import Notice, Would

Wording = Mapping[str, str]


def decision(notice: Notice, wording: Wording) -> str:
    """The letter about a decision."""
    parts = [
        _head(notice, wording),
        _follows(notice, wording),
        _why(notice, wording),
        _would(notice, wording),
        _see(notice, wording),
        _object(notice, wording),
        _foot(notice, wording),
    ]
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"


def _said(text: str, wording: Wording) -> str:
    return wording.get(text, text)


def _head(notice: Notice, wording: Wording) -> Iterator[str]:
    yield f"{notice.operator}"
    yield f"Notice {notice.id} of {notice.given.isoformat()}, about decision {notice.decision}"
    yield f"To: {notice.subject}"
    yield ""
    yield _said(notice.title, wording)
    band = _said(notice.band_title, wording)
    yield f"On {notice.scored.isoformat()} your score was {notice.score}; your band is “{band}”."
    if notice.replaces is not None:
        yield f"A record was corrected. This decision takes the place of {notice.replaces}."


def _follows(notice: Notice, wording: Wording) -> Iterator[str]:
    yield "WHAT FOLLOWS"
    for one in notice.follows:
        yield f"- {_said(one.effect, wording)} ({one.id}). {_days(one)}"
        if one.kind == "burden":
            yield from _burden(one, wording)
    if not notice.follows:
        yield "Nothing."
    if notice.burdens:
        if notice.decided_by_person:
            yield "A person has decided this; the score alone did not."
        else:
            yield "This was decided by a machine. A person will look at it if you ask."


def _days(one: Consequence) -> str:
    if one.start is None or one.end is None:
        return ""
    return f"From {one.start.isoformat()} on; it ends on {one.end.isoformat()} at the latest."


def _burden(one: Consequence, wording: Wording) -> Iterator[str]:
    if one.ends is not None:
        yield f"  It ends earlier if this comes first: {_said(one.ends, wording)}."
    if one.decided is not None:
        yield f"  Decided {_said(one.decided, wording)}."


def _why(notice: Notice, wording: Wording) -> Iterator[str]:
    if not notice.burdens:
        return
    yield "WHY"
    for one in notice.burdens:
        met = "; ".join(
            f"{_said(held.title, wording)}: {_said(held.value, wording)}" for held in one.held
        )
        yield f"{one.id} follows if {one.ground}. Of you we hold: {met}."
    if notice.reasons:
        yield "What lowered your score, the most first:"
    for number, reason in enumerate(notice.reasons, 1):
        lost = f" (cost {reason.lost} points)" if reason.lost else ""
        yield f"{number}. {_said(reason.says, wording)}{lost} [rule {reason.rule}]"


def _would(notice: Notice, wording: Wording) -> Iterator[str]:
    if not notice.would:
        return
    yield "WHAT WOULD CHANGE IT"
    for one in notice.would:
        yield f"- {_change(one, wording)}"
    yield "Each by itself, worked out by scoring again, if nothing else changes. It is no promise."


def _change(one: Would, wording: Wording) -> str:
    after = f"the score would be {one.score}, the band “{one.band}”"
    if one.title is not None and one.value is not None:
        return f"If “{_said(one.title, wording)}” were {one.value}, {after}."
    if one.form == "time" and one.day is not None:
        return f"If nothing new happens: on {one.day.isoformat()} {after}."
    if one.form == "edge":
        return f"The band “{one.band}” begins at {one.score} points."
    if one.without is not None:
        return f"Without record {one.without}, {after}."
    return f"With one more record like {one.again}, {after}."


def _see(notice: Notice, wording: Wording) -> Iterator[str]:
    yield "HOW TO SEE YOUR RECORD"
    shown = f": {', '.join(_said(word, wording) for word in notice.shows)}" if notice.shows else ""
    yield f"You can see what is held about you{shown}. Where: {notice.see}"
    if notice.free is not None:
        yield f"Free of charge: {_said(notice.free, wording)}."
    if notice.copies is not None:
        yield f"Copies a year: {notice.copies}."


def _object(notice: Notice, wording: Wording) -> Iterator[str]:
    yield "HOW TO OBJECT"
    yield f"If a record is wrong, dispute it at any time. To: {notice.object_to}"
    yield (
        "From the moment you do, the record does not count, and nothing that rests on it takes"
        " effect."
    )
    mark = f"it is marked by {notice.marked_by.isoformat()} and " if notice.marked_by else ""
    yield (
        f"If you do so on {notice.given.isoformat()}, {mark}you have an answer, with grounds, by"
        f" {notice.answered_by.isoformat()}."
    )
    for way in notice.ways:
        yield (
            f"Against {way.consequence} itself you can turn to {_said(way.to, wording)} until"
            f" {way.until.isoformat()}."
        )
    if notice.statement:
        yield "You can add a statement of your own to your record; it is shown with it."
    if notice.repair is not None:
        yield f"A record is also taken down when {_said(notice.repair, wording)}."
    if notice.wrongful is not None:
        yield f"If this was wrong: {_said(notice.wrongful, wording)}."


def _foot(notice: Notice, wording: Wording) -> Iterator[str]:
    yield f"Contact: {notice.contact}"
    yield (
        f"Scheme: {notice.scheme} {notice.version}, {notice.digest[:16]}. Days are those of"
        f" {notice.zone}; working days those of {PLACES[notice.place]}."
    )


__all__ = ["decision"]
