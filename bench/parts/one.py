"""(c) One subject of 250 events with reasons, in the process: the compiled plan and plain."""

from __future__ import annotations

from session import Case, Session

PART = "c one subject"


def run(session: Session) -> None:
    path = session.events(session.warm_subjects)
    cases = []
    for scheme, calls in (("bench-few", (2000, 200)), ("bench", (400, 40))):
        for way, count in zip(("plan", "plain"), calls, strict=True):
            cases.append(
                Case(
                    f"{scheme}, {way}",
                    "ours:one_subject",
                    {
                        "path": path,
                        "scheme": session.scheme(scheme),
                        "way": way,
                        "calls": count,
                    },
                )
            )
    found = session.compare(PART, cases)
    for scheme, variables in (("bench-few", "40"), ("bench", "1,040")):
        answers = []
        for way, most in (("plan", 100), ("plain", 5_000)):
            measured = found.get(f"{scheme}, {way}")
            if measured is None or measured.figures is None:
                continue
            answers.append(measured.figures["answers"])
            session.goal(
                PART,
                f"{way}, {variables} variables with points",
                measured.figures["median_us"],
                most=most if scheme == "bench-few" else None,
                unit="µs",
            )
        if len(answers) == 2:
            text = f"{scheme}: plan = plain, score and reasons, 20 subjects"
            session.checks.append((PART, text, answers[0] == answers[1]))
