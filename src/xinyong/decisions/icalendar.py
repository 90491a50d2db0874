"""A calendar as iCalendar text (RFC 5545), for whoever keeps days in a calendar programme.

Whole days, one VEVENT each; lines end in CR LF and are folded after 75 octets of UTF-8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from xinyong.days import from_instant
from xinyong.decisions.calendar import Entry
from xinyong.records.written import fitting

WIDTH: Final = 75
"""Most octets of one line, its end not counted (RFC 5545, 3.1)."""


def escaped(text: str) -> str:
    """A text value: backslash, semicolon, comma and line ends (RFC 5545, 3.3.11)."""
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def folded(line: str) -> str:
    """A line cut after 75 octets at most, never inside a character; what follows is indented."""
    pieces, piece, width = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if width + octets > WIDTH:
            pieces.append(piece)
            piece, width = " ", 1
        piece, width = piece + sign, width + octets
    return "\r\n".join([*pieces, piece])


@fitting
def icalendar(entries: Iterable[Entry], *, made: int, name: str) -> str:
    """Entries as one calendar.

    ``made`` is when the text is made, in microseconds since 1970-01-01T00:00Z; ``name`` is the
    calendar's. The same entry always has the same UID, so that a programme replaces it.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//xinyong//decisions//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    stamp = from_instant(made).strftime("%Y%m%dT%H%M%SZ")
    for entry in entries:
        lines += _event(entry, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(entry: Entry, stamp: str) -> Iterator[str]:
    part = "" if entry.part is None else f" {entry.part}"
    key = "\0".join((entry.about, entry.id, entry.what, entry.part or "", entry.subject))
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(key.encode()).hexdigest()[:32]}@xinyong"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(f'{entry.what}: {entry.about} {entry.id}{part}')}"
    yield f"DESCRIPTION:{escaped(f'Subject {entry.subject}')}"
    yield f"CATEGORIES:{escaped(entry.about)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


__all__ = ["WIDTH", "escaped", "folded", "icalendar"]
