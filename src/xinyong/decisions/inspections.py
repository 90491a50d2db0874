"""What follows abnormal readings and flags, and by when: the clocks of Zibo.

The regulation on automatic monitoring of pollution sources (adopted 2 November 2021, in force since
1 March 2022) names the duties. For most of them it says "within the prescribed time" and leaves the
time to rules we did not read; only two lengths of a fault and two terms of keeping are in its text.
Each clock here says where its length comes from, and a caller can give the prescribed one instead.

A flag (:mod:`xinyong.records.sensors.flags`) opens an inspection and nothing else: no consequence,
no notice, no listing. What the inspection finds is recorded by the authority that found it, in the
words of its own law, and only that can reach a scheme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from datetime import date
from typing import Final, Literal
from zoneinfo import ZoneInfo

from pydantic.dataclasses import dataclass

from xinyong.charter.clocks import due
from xinyong.days import Period, Term, local_day
from xinyong.errors import QuestionRefused, StepRefused
from xinyong.records.sensors.flags import Flag
from xinyong.records.sensors.instrument import HOUR
from xinyong.records.sensors.series import Series, State
from xinyong.records.written import STRICT, Day, Id, Line, Text, Written, fitting

IN_FORCE: Final = date(2022, 3, 1)
"""First day of the regulation (its article 39)."""

PLACE: Final = "cn"
ZONE: Final = ZoneInfo("Asia/Shanghai")

ClockName = Literal[
    "mark", "report a fault", "test by hand", "standby device", "mend", "reply", "check",
    "keep records", "keep files",
]  # fmt: skip
Basis = Literal["text", "elsewhere", "house"]
"""In the regulation's text; in another local regulation, the nearest we read; our own guess."""


@plain_dataclass(frozen=True, slots=True)
class InspectionClock:
    """One clock: the duty, its length, the article that makes it a duty, and whose length it is."""

    name: ClockName
    duty: str
    term: Term
    article: str
    basis: Basis
    source: str


def _clock(name: ClockName, duty: str, term: str, article: str, basis: Basis,
           source: str) -> InspectionClock:  # fmt: skip
    return InspectionClock(name, duty, Term.parse(term), article, basis, source)


_LINYI: Final = "Linyi regulation on air pollution of 2020: 12 hours, five working days"
CLOCKS: Final[Mapping[ClockName, InspectionClock]] = {
    clock.name: clock
    for clock in (
        _clock("mark", "data of a day are reviewed; abnormal and missing ones are marked, with "
               "papers", "1 day", "19", "house", "the text says daily, within the prescribed time"),
        _clock("report a fault", "a fault of a device is reported to the bureau", "12 hours", "22",
               "elsewhere", _LINYI),
        _clock("test by hand", "an accredited laboratory measures by hand", "24 hours", "23",
               "text", "a fault of more than 24 hours"),
        _clock("standby device", "a standby device is used", "72 hours", "23", "text",
               "a fault of more than 72 hours"),
        _clock("mend", "the device runs again after its fault was reported", "5 working days",
               "23", "elsewhere", _LINYI),
        _clock("reply", "the unit says what it makes of a flag", "5 working days", "27", "house",
               "the text asks for cooperation with inspections and sets no time"),
        _clock("check", "the bureau looks: on the spot, by reference material, by a test beside "
               "the device", "10 working days", "27, 29", "house",
               "the text asks for key inspections of abnormal data and sets no time"),
        _clock("keep records", "raw records of measurement are kept", "5 years", "17", "text",
               "at least five years"),
        _clock("keep files", "files of operation and maintenance are kept", "3 years", "17",
               "text", "at least three years"),
    )
}  # fmt: skip
"""All clocks by name."""


@plain_dataclass(frozen=True, slots=True)
class FaultClocks:
    """The clocks of one fault: instants in microseconds since 1970-01-01T00:00Z, and a day."""

    report_by: int
    test_by_hand_from: int
    standby_from: int
    mend_by: date


def of_fault(
    began: int, reported: int, terms: Mapping[ClockName, Term] | None = None
) -> FaultClocks:
    """The clocks of a fault that began and was reported at two instants (microseconds).

    ``terms`` are prescribed ones in place of ours. The working days to mend it run from the day of
    the report. Raises :class:`~xinyong.errors.QuestionRefused` before the regulation's first day.
    """
    _in_force(local_day(began, ZONE))
    if reported < began:
        raise QuestionRefused(
            "a fault is reported before it begins", why="article 22: a fault that happened",
            mend="give the instants in order",
        )  # fmt: skip
    hours = {name: _term(name, terms) for name in ("report a fault", "test by hand")}
    return FaultClocks(
        began + _hours(hours["report a fault"]),
        began + _hours(hours["test by hand"]),
        began + _hours(_term("standby device", terms)),
        due(local_day(reported, ZONE), _term("mend", terms), PLACE),
    )


@plain_dataclass(frozen=True, slots=True)
class ToMark:
    """A local day with hours that are missing or doubtful, and the last day to mark them."""

    day: date
    hours: int
    by: date


def to_mark(series: Series, terms: Mapping[ClockName, Term] | None = None) -> tuple[ToMark, ...]:
    """Days on which the unit owes a mark: hours without a good reading and without a mark."""
    owed: dict[date, int] = {}
    for hour, state in enumerate(series.state):
        if state in (State.MISSING, State.DOUBTFUL):
            day = local_day(series.start + hour * HOUR, ZONE)
            owed[day] = owed.get(day, 0) + 1
    term = _term("mark", terms)
    return tuple(
        ToMark(day, count, due(day, term, PLACE))
        for day, count in sorted(owed.items())
        if day >= IN_FORCE
    )


def can_show_exceedance(marked: bool, ran_as_required: bool) -> bool:
    """Whether a reading over the limit may be held against a unit (article 30).

    Not where the unit marked it as abnormal and its plant ran as the rules require.
    """
    return not (marked and ran_as_required)


def kept_until(day: date, what: Literal["keep records", "keep files"]) -> date:
    """Last day on which a record or file of a day must still be there (article 17)."""
    return Period(CLOCKS[what].term.length * 12, "month").after(day)


@dataclass(frozen=True, config=STRICT)
class Inspection(Written):
    """A flag on its way: opened, replied to, checked. It carries no consequence of its own.

    ``reply_by`` and ``check_by`` are last days in China's working days. ``found`` is what the visit
    found: nothing, a fault of the device, or grounds to open a case under the law; the case itself
    is not here.
    """

    id: Id
    flag: Flag
    opened: Day
    reply_by: Day
    check_by: Day
    replied: Day | None = None
    reply: Text | None = None
    checked: Day | None = None
    by: Line | None = None
    found: Literal["nothing", "fault", "grounds for a case"] | None = None
    grounds: Text | None = None

    def __post_init__(self) -> None:
        for given in ((self.replied, self.reply), (self.checked, self.by, self.found)):
            if any(one is None for one in given) != all(one is None for one in given):
                raise _odd("half a step", "give the day together with what was said or found")
        if self.found in ("fault", "grounds for a case") and self.grounds is None:
            raise _odd("a finding without grounds", "say what was seen")
        if any(day is not None and day < self.opened for day in (self.replied, self.checked)):
            raise _odd("a step before the opening", "give the days in order")

    def overdue(self, day: date) -> tuple[ClockName, ...]:
        """Clocks that have run out on a day without their step."""
        late: list[ClockName] = []
        if self.replied is None and self.checked is None and day > self.reply_by:
            late.append("reply")
        if self.checked is None and day > self.check_by:
            late.append("check")
        return tuple(late)


@fitting
def open_inspection(
    name: str, flag: Flag, day: date, terms: Mapping[ClockName, Term] | None = None
) -> Inspection:
    """Open an inspection of a flag on a day; both clocks start on the day after.

    Raises :class:`~xinyong.errors.QuestionRefused` before the regulation's first day, or before the
    flagged week has ended.
    """
    _in_force(day)
    if day < local_day(flag.end - 1, ZONE):
        raise QuestionRefused(
            "the flagged week has not ended", why="a flag is about a whole week",
            mend="open the inspection after it",
        )  # fmt: skip
    return Inspection(
        id=name, flag=flag, opened=day,
        reply_by=due(day, _term("reply", terms), PLACE),
        check_by=due(day, _term("check", terms), PLACE),
    )  # fmt: skip


@fitting
def reply(inspection: Inspection, day: date, said: str) -> Inspection:
    """The unit's own words. They are taken late too: an answer is never shut out."""
    if inspection.replied is not None or inspection.checked is not None:
        raise _odd("a reply to what is answered or checked", "add it to the file of the visit")
    return replace(inspection, replied=day, reply=said)


@fitting
def check(
    inspection: Inspection, day: date, by: str, found: Literal["nothing", "fault",
    "grounds for a case"], grounds: str | None = None,
) -> Inspection:  # fmt: skip
    """What a named person found on the spot. Not before the unit replied or its time ran out,
    unless nothing was found."""
    if inspection.checked is not None:
        raise _odd("a second check", "open another inspection")
    waited = inspection.replied is not None or day > inspection.reply_by
    if not waited and found != "nothing":
        raise _odd("a finding before the unit could reply", "wait for the reply or its last day")
    return replace(inspection, checked=day, by=by, found=found, grounds=grounds)


def _term(name: ClockName, terms: Mapping[ClockName, Term] | None) -> Term:
    return (terms or {}).get(name, CLOCKS[name].term)


def _hours(term: Term) -> int:
    if term.unit != "hour":
        raise QuestionRefused(
            f"'{term}' is not in hours", why="the clocks of a fault run in hours",
            mend="write '24 hours'",
        )  # fmt: skip
    return term.length * HOUR


def _in_force(day: date) -> None:
    if day < IN_FORCE:
        raise QuestionRefused(
            f"the regulation has no clocks on {day}", why=f"it is in force from {IN_FORCE} on",
            mend="ask for a later day",
        )  # fmt: skip


def _odd(what: str, mend: str) -> StepRefused:
    return StepRefused(
        what, code="out of order", where="Inspection",
        why="an inspection is opened, answered and checked, each once", mend=mend,
    )  # fmt: skip


__all__ = [
    "CLOCKS",
    "IN_FORCE",
    "FaultClocks",
    "Inspection",
    "InspectionClock",
    "ToMark",
    "can_show_exceedance",
    "check",
    "kept_until",
    "of_fault",
    "open_inspection",
    "reply",
    "to_mark",
]
