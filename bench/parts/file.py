"""(b) From Parquet: held against a bare scan, narrow and wide plans, and natural SQL."""

from __future__ import annotations

from typing import Any

from session import Case, Measured, Session, cheapest, ratio

PART = "b file"
NARROW = {"DuckDB narrow": "peers.duck:narrow", "Polars narrow": "peers.frames:narrow"}
BEYOND = {"Polars keys, NumPy sums": "peers.frames:keys"}
WIDE = {"DuckDB wide": "peers.duck:wide", "Polars wide": "peers.frames:wide"}
NATURAL_SUBJECTS = 200  # the natural SQL is quadratic in its columns: few subjects must do
NATURAL_BASE = 4
NATURAL_FILE = 400


def run(session: Session) -> None:
    for distinct in (False, True):
        _compare(session, distinct)
    _memory(session)


def _args(session: Session, distinct: bool, subjects: int) -> dict[str, Any]:
    """Arguments of a peer for the first so many subjects."""
    size = session.subjects if subjects == session.subjects else max(subjects, NATURAL_FILE)
    return {
        "path": session.events(size),
        "subjects": subjects,
        "per_subject": session.per_subject,
        "distinct": distinct,
    }


def _ours(session: Session, subjects: int, distinct: bool, **more: Any) -> dict[str, Any]:
    return {
        "path": session.events(subjects),
        "scheme": session.scheme("bench-distinct" if distinct else "bench"),
        "subjects": subjects,
        "out": str(session.folder / "scores.parquet"),
        **more,
    }


def _compare(session: Session, distinct: bool) -> None:
    part, all_, few = _part(distinct), session.subjects, session.warm_subjects
    path = session.events()
    group = "scores"
    scan = {"path": path, "distinct": distinct}
    cases = [
        Case("bare scan", "peers.duck:scan", scan, {**scan, "path": session.events(few)}),
        Case(
            "ours",
            "ours:file",
            _ours(session, all_, distinct),
            _ours(session, few, distinct),
            group,
        ),
        Case(
            "ours with reasons",
            "ours:file",
            _ours(session, all_, distinct, reasons=True),
            _ours(session, few, distinct, reasons=True),
            group,
        ),
    ]
    for name, what in {**NARROW, **BEYOND, **WIDE}.items():
        full, small = _args(session, distinct, all_), _args(session, distinct, few)
        cases.append(Case(name, what, full, small, group))
    found = session.compare(part, cases)
    _natural(session, distinct, found)
    ours = found.get("ours")
    limit = 5 if distinct else 3
    session.goal(part, "ours / bare scan", ratio(ours, found.get("bare scan")), most=limit)
    session.goal(
        part,
        "ours with reasons / bare scan",
        ratio(found.get("ours with reasons"), found.get("bare scan")),
    )
    for text, names, least in (("narrow", list(NARROW), 4), ("wide", list(WIDE), 8)):
        best = cheapest(found, names)
        if best is not None:
            said = f"best {text} plan ({best.name}) / ours"
            session.goal(part, said, ratio(best, ours), least=None if distinct else least)
    for name in BEYOND:
        session.goal(part, f"{name} / ours", ratio(found.get(name), ours))


def _part(distinct: bool) -> str:
    return f"{PART}, distinct" if distinct else PART


def _natural(session: Session, distinct: bool, found: dict[str, Measured]) -> None:
    """Natural SQL on few subjects; less the fixed cost of planning; extrapolated in a line."""
    part = f"{_part(distinct)}, natural SQL"
    names = {count: f"natural SQL, {count} subjects" for count in (NATURAL_BASE, NATURAL_SUBJECTS)}
    same = _ours(session, NATURAL_FILE, distinct)
    cases = [Case("ours, the same subjects", "ours:file", same, None, "scores")]
    cases += [
        Case(name, "peers.duck:natural", _args(session, distinct, count), None, "scores")
        for count, name in names.items()
    ]
    measured = session.compare(part, cases, rounds=1 if distinct else None)
    low, high = (measured.get(names[count]) for count in (NATURAL_BASE, NATURAL_SUBJECTS))
    ours = found.get("ours")
    if low is None or high is None or ours is None:
        return
    each = (high.cpu - low.cpu) / (NATURAL_SUBJECTS - NATURAL_BASE)
    whole = each * session.subjects
    session.notes.append(
        f"{part}: {whole:,.0f} CPU s for {session.size:,} events is extrapolated in a straight"
        f" line from {NATURAL_SUBJECTS * session.per_subject:,} events ({high.cpu:.1f} CPU s), less"
        f" what {NATURAL_BASE} subjects cost ({low.cpu:.1f} CPU s, planning for the most part)"
    )
    session.goal(
        _part(distinct),
        "natural SQL (extrapolated) / ours",
        whole / ours.cpu,
        least=None if distinct else 30,
    )


def _memory(session: Session) -> None:
    """Peak memory of ours at a tenth of the size and at the whole."""
    part = f"{PART}, memory"
    tenth = max(session.subjects // 10, 1)
    cases = [
        Case(f"ours, {size:,} subjects{mark}", "ours:file", _ours(session, size, distinct))
        for distinct, mark in ((False, ""), (True, ", distinct"))
        for size in (tenth, session.subjects)
    ]
    found = session.compare(part, cases, rounds=1)
    for small, large in (cases[:2], cases[2:]):
        if small.name in found and large.name in found:
            low, high = found[small.name].peak_mb, found[large.name].peak_mb
            session.goal(part, f"peak, {large.name}", high, most=700, unit="MB")
            session.goal(part, f"peak, {large.name} / a tenth of that", high / low)
