"""(e) Twelve month-ends in one pass, held against one day."""

from __future__ import annotations

from session import Case, Session, ratio

PART = "e many days"
MONTHS = 12


def run(session: Session) -> None:
    def args(subjects: int, days: int) -> dict[str, object]:
        return {
            "path": session.events(subjects),
            "scheme": session.scheme("bench"),
            "subjects": subjects,
            "days": days,
        }

    def case(name: str, what: str, days: int, answers: str | None) -> Case:
        return Case(
            name, what, args(session.subjects, days), args(session.warm_subjects, days), answers
        )

    found = session.compare(
        PART,
        [
            case("one day", "ours:days_apart", 1, None),
            case("12 month-ends, one pass", "ours:many_days", MONTHS, "scores"),
            case("12 month-ends, twelve passes", "ours:days_apart", MONTHS, "scores"),
        ],
    )
    one = found.get("one day")
    for name, most in (("12 month-ends, one pass", 4), ("12 month-ends, twelve passes", None)):
        session.goal(PART, f"{name} / one day", ratio(found.get(name), one), most=most)
