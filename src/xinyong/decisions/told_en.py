"""Short letters in English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from xinyong.decisions.dispute import Finding, OnTimeout
from xinyong.decisions.told import Told

Wording = Mapping[str, str]


_TIMEOUT: Final[Mapping[OnTimeout | None, str]] = {
    None: "",
    "removed": "The records are out and do not count.",
    "left out": "The records do not count until somebody decides.",
    "kept": "By the scheme the records count again.",
}


def told(letter: Told, wording: Wording) -> str:
    """One short letter."""
    lines = [
        letter.operator,
        f"{letter.given.isoformat()}, letter {letter.id}",
        f"To: {letter.whom}",
        "",
        *_body(letter, wording),
        "",
        f"Contact: {letter.contact}",
        f"Scheme: {letter.scheme}",
    ]
    return "\n".join(lines) + "\n"


def _body(letter: Told, wording: Wording) -> Iterator[str]:
    word = letter.kind.partition(" ")[0]
    if letter.to == "recipient":
        yield from _recipient(letter)
    elif word == "dispute":
        yield from (_dispute(letter, wording) if letter.to == "subject" else _source(letter))
    elif letter.kind == "decision replaced":
        yield from _replaced(letter)
    else:
        yield from _listing(letter, wording)
    if letter.review is not None and letter.until is not None and letter.to == "subject":
        yield (
            f"If you do not agree, you can turn to {wording.get(letter.review, letter.review)}"
            f" until {letter.until.isoformat()}."
        )


def _records(letter: Told) -> str:
    return ", ".join(letter.events) or "no record in particular"


def _dispute(letter: Told, wording: Wording) -> Iterator[str]:
    yield f"Your dispute {letter.about}. Records: {_records(letter)}."
    if letter.statement is not None:
        yield f"You said: {letter.statement}"
    due = "" if letter.decide_due is None else letter.decide_due.isoformat()
    if letter.kind == "dispute opened":
        yield "We have it. These records do not count from now on; what rests on them is stayed."
        if letter.mark_due is not None:
            yield f"They are marked as disputed by {letter.mark_due.isoformat()}."
        yield f"You have an answer, with grounds, by {due}."
    elif letter.kind == "dispute extended":
        yield f"We need more time, once. You have an answer, with grounds, by {due}."
        yield "Until then the records do not count."
    elif letter.kind == "dispute timed out":
        yield f"Nobody decided by {due}. The time was ours to keep. {_TIMEOUT[letter.on_timeout]}"
    elif letter.finding is not None:
        yield from _finding(letter.finding)
    if letter.handler is not None:
        yield f"It is handled by {letter.handler}."


def _finding(finding: Finding) -> Iterator[str]:
    if finding.found == "kept":
        yield "The records stay as they are and count again."
    elif finding.found == "deleted":
        yield "The records are deleted. Nothing may rest on them any more."
    else:
        yield "The records are corrected and count in their corrected form:"
        for one in finding.fields:
            value = one.says or ("unknown" if one.value is None else _value(one.value))
            yield f"- record {one.event}, {one.field}: {value}"
    yield f"Grounds: {finding.grounds}"
    if finding.found != "kept":
        yield "Whoever was told of a decision that changes is told so."


def _value(value: bool | int | str) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _source(letter: Told) -> Iterator[str]:
    yield f"Records that came from you are disputed (dispute {letter.about}): {_records(letter)}."
    if letter.statement is not None:
        yield f"The subject says: {letter.statement}"
    due = "" if letter.decide_due is None else letter.decide_due.isoformat()
    if letter.finding is not None:
        yield from _finding(letter.finding)
        if letter.finding.found != "kept":
            yield "Mend your own books, and do not send them as they were again."
    elif letter.kind == "dispute timed out":
        yield f"Nobody decided by {due}. {_TIMEOUT[letter.on_timeout]}"
        if letter.on_timeout == "removed":
            yield "Do not send them again."
    else:
        yield f"Please check them and answer, with papers, well before {due}."


def _listing(letter: Told, wording: Wording) -> Iterator[str]:
    title = letter.title or ""
    yield f"List: {wording.get(title, title)}. Entry {letter.about}."
    if letter.kind == "listing announced":
        yield f"You are to be entered if {letter.ground}. Records: {_records(letter)}."
        yield f"Law: {letter.law}. Decided by {letter.authority}, in {letter.decided_in}."
        if letter.effective is not None and letter.end is not None:
            yield (
                f"It takes effect on {letter.effective.isoformat()} and ends on"
                f" {letter.end.isoformat()} at the latest."
            )
        if letter.hearing:
            yield "You are heard before it takes effect."
        yield "If a record is wrong, dispute it: the entry is then stayed."
    elif letter.kind == "repair asked":
        due = "" if letter.decide_due is None else letter.decide_due.isoformat()
        yield f"You asked to be taken off. You are off by {due} unless somebody refuses by then."
    elif letter.kind == "repair refused":
        yield "You asked to be taken off. This was refused."
    elif letter.kind == "listing removed":
        yield f"You are off the list from {letter.end.isoformat() if letter.end else ''} on."
    else:
        yield "The entry was wrong. It is void from its first day, as if it had never been."
        yield "Everybody who was shown it is told so."
        if letter.wrongful is not None:
            yield f"What makes it good: {wording.get(letter.wrongful, letter.wrongful)}."
    if letter.grounds is not None:
        yield f"Grounds: {letter.grounds}"


_CHANGED = {
    "score": "the score",
    "band": "the band",
    "reasons": "the reasons",
    "benefits": "the benefits",
    "burdens": "the burdens",
}


def _replaced(letter: Told) -> Iterator[str]:
    yield f"Records behind decision {letter.about} were corrected: {_records(letter)}."
    yield f"That changes {', '.join(_CHANGED.get(word, word) for word in letter.changed)}."
    yield "What no longer follows has ended. Nothing new is held against you for it."
    if letter.new is not None:
        yield f"The new decision is {letter.new}; the old one is kept beside it."
    yield "Everybody to whom the old one was disclosed is told."


def _recipient(letter: Told) -> Iterator[str]:
    yield f"What you were given under reference {letter.about} no longer holds."
    if letter.kind == "listing void":
        yield "It was wrong from the first day. Undo what you did because of it."
    elif letter.kind == "listing removed":
        yield "The entry is over. Show it to nobody and act on it no more."
    else:
        yield "Do not act on it. Ask again if you still need an answer and are still allowed to."


__all__ = ["told"]
