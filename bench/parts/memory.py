"""(a) From memory: all variables to a score, held against NumPy's sum of the same columns."""

from __future__ import annotations

from typing import Any

from session import Case, Session, ratio

PART = "a memory"
SMALL = 20_000  # subjects


def run(session: Session) -> None:
    found = session.compare(PART, [*_cases(session, False), *_cases(session, True)])
    base, ours = found.get("numpy sum"), found.get("ours")
    session.goal(PART, "ours / NumPy sum, 1,040 variables", ratio(ours, base), most=8)
    session.goal(PART, "ours with reasons / NumPy sum", ratio(found.get("ours with reasons"), base))
    session.goal(
        PART,
        "ours with the next change / NumPy sum",
        ratio(found.get("ours with next change"), base),
    )
    session.goal(
        PART,
        "ours / NumPy sum, with 40 distinct counts",
        ratio(found.get("ours, distinct"), found.get("numpy sum, distinct")),
    )


def _cases(session: Session, distinct: bool) -> list[Case]:
    path, few = session.events(), session.events(session.warm_subjects)
    scheme = session.scheme("bench-distinct" if distinct else "bench")
    mark = ", distinct" if distinct else ""

    def ours(name: str, **more: Any) -> Case:
        full = {"path": path, "scheme": scheme, "subjects": session.subjects, **more}
        small = {**full, "path": few, "subjects": session.warm_subjects}
        return Case(name + mark, "ours:memory", full, small, answers=mark)

    plain = {"path": path, "scheme": scheme, "subjects": 20}
    return [
        Case(f"plain{mark} (first 20)", "ours:plain", plain, answers=mark),
        Case(f"numpy sum{mark}", "ours:numpy_sum", {"path": path, "distinct": distinct}),
        ours("ours"),
        ours("ours with reasons", reasons=True),
        ours("ours with next change", next_change=True),
        *_without_numba(session, scheme, mark),
        Case(
            f"Polars narrow{mark}, from the file",
            "peers.frames:narrow",
            {
                "path": path,
                "subjects": session.subjects,
                "per_subject": session.per_subject,
                "distinct": distinct,
            },
            answers=mark,
        ),
    ]


def _without_numba(session: Session, scheme: str, mark: str) -> list[Case]:
    """The NumPy engine, and ours beside it, on a smaller file: it is slow, and has no limit."""
    subjects = min(session.subjects, SMALL)
    full = {"path": session.events(subjects), "scheme": scheme, "subjects": subjects}
    few = session.warm_subjects
    warm = {**full, "path": session.events(few), "subjects": few}
    return [
        Case(
            f"ours{mark}, {word}, {subjects:,} subjects",
            "ours:memory",
            {**full, "engine": engine},
            {**warm, "engine": engine},
            answers=f"small{mark}",
        )
        for word, engine in (("numba", "numba"), ("no numba", "numpy"))
    ]
