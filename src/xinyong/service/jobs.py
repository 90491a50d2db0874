"""Jobs: everybody scored at one point of the ledger, by the batch engine.

A job is a state and an entry for each of its steps; whoever comes first does it, and where that is
cut short it is done anew. Only subjects whose consent or legal basis is in force are in it, each
with the events of the data sets that may be read. Its files lie in the house's folder ``jobs`` and
name subjects by their handles; the events go when the job is done, the result after a week.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from xinyong.decisions.permission import Permission
from xinyong.engine.batch import score_file
from xinyong.errors import NeedUnmet, StepRefused, XinyongError
from xinyong.records.event import Event
from xinyong.records.store import Act, Need, Parcel, State
from xinyong.records.store.standing import Standing
from xinyong.service.house import House, Served
from xinyong.service.scoring import Scorer, allowed

JOB: Final = "job"
WAITING: Final = "waiting"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
GONE: Final = "gone"
LEASE: Final = 6 * 3_600_000_000
"""After so long (microseconds) a job that runs is taken for cut short."""
KEPT: Final = 7 * 86_400_000_000
"""How long a result is kept (microseconds)."""


def new_job(served: Served, day: date, by: str) -> tuple[dict[str, Any], Act]:
    """A job that scores everybody by a scheme on a day, and its first entry."""
    body = {
        "id": secrets.token_hex(16),
        "kind": "score everybody",
        "scheme": served.name,
        "digest": served.approved.digest,
        "day": day.isoformat(),
        "by": by,
        "state": WAITING,
    }
    return body, step(body, WAITING)


def step(body: dict[str, Any], state: str, *, due: int | None = None, **more: Any) -> Act:
    """The entry of a job's step; ``more`` is added to what is known of it."""
    known = State(JOB, body["id"], state, due, body["scheme"])
    return Act("job", None, {**body, **more, "state": state}, states=(known,))


def jobs(house: House) -> list[dict[str, Any]]:
    """All jobs as they stand, the oldest first."""
    found: dict[str, dict[str, Any]] = {}
    for act in house.store.about_nobody(("job",)):
        if act.body is not None:
            began = found.get(act.body["id"], {}).get("asked_at", act.at)
            found[act.body["id"]] = {**act.body, "asked_at": began}
    return list(found.values())


def result_of(house: House, job: str) -> Path:
    """The file of a job's result."""
    return house.folder / "jobs" / f"{job}.parquet"


# ------------------------------------------------------------------ the worker's part


def do_jobs(house: House, moment: int) -> int:
    """Do the jobs that wait, and those that were cut short; how many. A duty of the worker."""
    states = house.store.states(JOB, values=(WAITING, RUNNING))
    if not states:
        return 0
    known = {one["id"]: one for one in jobs(house)}
    done = 0
    for state in states:
        body = known[state.item]
        if state.value == RUNNING:
            if state.due is None or state.due > moment:
                continue
            if not _stepped(house, step(body, WAITING), RUNNING):
                continue
        if _stepped(house, step(body, RUNNING, due=moment + LEASE), WAITING):
            done += _run(house, body, moment)
    return done


def end_jobs(house: House, moment: int) -> int:
    """Remove results that were kept for a week; how many. A duty of the worker."""
    done = 0
    for state in house.store.states(JOB, values=(DONE,), due_before=moment + 1):
        body = next(one for one in jobs(house) if one["id"] == state.item)
        result_of(house, state.item).unlink(missing_ok=True)
        done += _stepped(house, step(body, GONE), DONE)
    return done


def _stepped(house: House, act: Act, before: str) -> bool:
    """Take a step, unless somebody else has taken it."""
    item = act.states[0].item
    try:
        house.store.append(Parcel((act,), (Need(JOB, item, frozenset({before})),)))
    except NeedUnmet:
        return False
    return True


def _run(house: House, body: dict[str, Any], moment: int) -> int:
    try:
        found = score_everybody(house, body, moment)
    except XinyongError as error:
        return int(_stepped(house, step(body, FAILED, why=type(error).__name__), RUNNING))
    return int(_stepped(house, step(body, DONE, due=moment + KEPT, **found), RUNNING))


def score_everybody(house: House, body: dict[str, Any], moment: int) -> dict[str, Any]:
    """Score everybody whom the scheme may read now, as the ledger stands; what came of it.

    Each subject is asked about as one is who is scored alone: by the moment of the newest act that
    matters to her.
    """
    served = house.served(body["scheme"])
    scheme, day = served.approved.scheme, date.fromisoformat(body["day"])
    scorer: Scorer = house.rooms.setdefault("scorer", Scorer(house))
    folder = house.folder / "jobs"
    folder.mkdir(mode=0o700, exist_ok=True)
    events, out = folder / f".{body['id']}.events.parquet", result_of(house, body["id"])
    asked: dict[str, int] = {}

    def choose(found: Standing, fitting: list[Event]) -> list[Event]:
        may = permitted(scorer, served, found.subject, moment)
        if may is None:
            return []
        asked[found.subject] = found.known_by if found.upto else moment
        return allowed(scheme, fitting, may.data_sets)

    try:
        made = house.store.snapshot(events, served.shape, choose=choose, handles=True)
        table = _questions(house, asked, day)
        score_file(scheme, events, out, questions=table, threads=1)
    finally:
        events.unlink(missing_ok=True)
    return {
        "sequence": made.upto,
        "subjects": len(asked),
        "events": made.events,
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
    }


def permitted(scorer: Scorer, served: Served, subject: str, moment: int) -> Permission | None:
    """What a scheme may read about a subject at a moment; None for nothing at all."""
    try:
        return scorer.permission(served, subject, moment)
    except StepRefused:
        return None


def _questions(house: House, asked: dict[str, int], day: date) -> pa.Table:
    keys = house.vault.keys_of(list(asked))
    rows: Iterable[tuple[str, int]] = sorted((one.who, asked[one.subject]) for one in keys)
    whos, moments = [one[0] for one in rows], [one[1] for one in rows]
    return pa.table(
        {
            "subject": pa.array(whos, pa.string()),
            "day": pa.array([day] * len(whos), pa.date32()),
            "known_by": pa.array(moments, pa.timestamp("us", tz="UTC")),
        }
    )


__all__ = [
    "DONE",
    "FAILED",
    "JOB",
    "do_jobs",
    "end_jobs",
    "jobs",
    "new_job",
    "permitted",
    "result_of",
    "score_everybody",
]
