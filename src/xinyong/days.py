"""Days, spans of time, and deadlines.

A window of length *p* on day *d* is the half-open span ``(d - p, d]``. Subtracting months
keeps the day of the month, or falls back to the month's last day: 31 March less one month
is 28 (or 29) February.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)
"""Days an event may happen on and a score may be asked for."""

LONGEST_MONTHS = 1200
LONGEST_DAYS = 36525

_PERIOD = re.compile(r"(\d{1,5}) (day|month|year)s?")
_TERM = re.compile(r"(\d{1,5}) (working day|day|month|year|hour)s?")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of calendar time: a number of days or of months (a year is 12 months)."""

    length: int
    unit: Literal["day", "month"]

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``30 days``, ``24 months`` or ``2 years``; ValueError says what is wrong."""
        match = _PERIOD.fullmatch(text)
        if not match:
            raise ValueError(f"'{text}' is not a span of time; write '30 days' or '24 months'")
        length, unit = int(match[1]), match[2]
        if unit == "year":
            length, unit = length * 12, "month"
        most = LONGEST_DAYS if unit == "day" else LONGEST_MONTHS
        if not 1 <= length <= most:
            raise ValueError(f"'{text}' is outside 1 to {most} {unit}s")
        return cls(length, "day" if unit == "day" else "month")

    def __str__(self) -> str:
        return f"{self.length} {self.unit}{'' if self.length == 1 else 's'}"

    @property
    def slug(self) -> str:
        """The period as part of a variable's name: ``30_days``."""
        return str(self).replace(" ", "_")

    def times(self, factor: int) -> Period:
        """This period ``factor`` times over."""
        return Period(self.length * factor, self.unit)

    @property
    def half(self) -> Period | None:
        """Half of it, rounded down; None where that leaves nothing."""
        return Period(self.length // 2, self.unit) if self.length > 1 else None

    def before(self, day: date) -> date:
        """``day`` less this period: the last day that lies outside a window ending on ``day``."""
        return self._moved(day, -self.length)

    def after(self, day: date) -> date:
        """``day`` plus this period; a month without that day gives its last one."""
        return self._moved(day, self.length)

    def leaves(self, day: date) -> date:
        """First day on which a window of this length no longer holds an event of ``day``."""
        moved = self._moved(day, self.length)
        cut_short = self.unit != "day" and moved.day != day.day
        return moved + timedelta(days=1) if cut_short else moved

    def _moved(self, day: date, length: int) -> date:
        if self.unit == "day":
            return day + timedelta(days=length)
        year, month = divmod(day.year * 12 + day.month - 1 + length, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last))

    def roughly_days(self) -> int:
        """Length in days, for comparing periods of different units (a month as 30.44 days)."""
        return self.length if self.unit == "day" else round(self.length * 30.44)


@dataclass(frozen=True, slots=True)
class Term:
    """A deadline as a scheme states it: hours, calendar days, working days, months or years."""

    length: int
    unit: Literal["hour", "day", "working day", "month", "year"]

    @classmethod
    def parse(cls, text: str) -> Term:
        """Read ``3 working days`` or ``20 days``; ValueError says what is wrong."""
        match = _TERM.fullmatch(text)
        if not match:
            raise ValueError(f"'{text}' is not a term; write '20 days' or '3 working days'")
        return cls(int(match[1]), match[2])  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.length} {self.unit}{'' if self.length == 1 else 's'}"


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - 719163


def from_day_number(number: int) -> date:
    """The date that lies ``number`` days after 1970-01-01."""
    return date.fromordinal(number + 719163)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z of an aware moment."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_instant(microseconds: int) -> datetime:
    """The aware moment, in UTC, of that many microseconds since 1970-01-01T00:00Z."""
    return _EPOCH + timedelta(microseconds=microseconds)


def start_of_day(day: date, zone: ZoneInfo) -> int:
    """Instant (microseconds) at which ``day`` begins in ``zone``."""
    return instant(datetime(day.year, day.month, day.day, tzinfo=zone))


def end_of_day(day: date, zone: ZoneInfo) -> int:
    """Last instant (microseconds) that still belongs to ``day`` in ``zone``."""
    return start_of_day(day + timedelta(days=1), zone) - 1


def local_day(microseconds: int, zone: ZoneInfo) -> date:
    """The day an instant falls on in ``zone``."""
    return from_instant(microseconds).astimezone(zone).date()


def parse_day(text: str) -> date:
    """Read ``2016-12-31``; ValueError says what is wrong."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"'{text}' is not a day; write it as 2016-12-31")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a day of the calendar") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"'{text}' is outside {FIRST_DAY} to {LAST_DAY}")
    return day


def parse_moment(text: str, zone: ZoneInfo) -> int:
    """Read a day or a moment; a day is its first instant in ``zone``.

    A moment without an offset is read in ``zone``. Returns microseconds since 1970-01-01T00:00Z.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return start_of_day(parse_day(text), zone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"'{text}' is not a moment; write 2016-12-31 or 2016-12-31T09:30:00+08:00"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if not FIRST_DAY.year <= moment.year <= LAST_DAY.year:
        raise ValueError(f"'{text}' is outside {FIRST_DAY} to {LAST_DAY}")
    return instant(moment)
