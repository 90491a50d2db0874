"""Jobs: everybody scored at once, and the result, with one reading for each subject in it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from anyio import to_thread
from starlette.responses import Response

from xinyong.decisions.permission import purpose_of
from xinyong.errors import NeedUnmet
from xinyong.records.store import Act, Need, Parcel
from xinyong.service import jobs as book
from xinyong.service.asking import ATTEMPTS, Asked, Asking, plain
from xinyong.service.desk import Desk
from xinyong.service.forms import DayText, Form, Id, Told
from xinyong.service.house import Served
from xinyong.service.problems import Refused, not_here
from xinyong.service.routes.scores import day_of
from xinyong.service.scoring import CONSENT, GIVEN

desk = Desk("/jobs", "jobs")

CHUNK: Final = 500
"""Readings recorded at a time."""
MEDIA: Final = "application/vnd.apache.parquet"


class ScoreFile(Response):
    """Scores as a Parquet file."""

    media_type = MEDIA


class JobForm(Form):
    """What is to be done, by which scheme, on which day (default: today in its time zone)."""

    kind: Literal["score everybody"]
    scheme: Id
    day: DayText | None = None


class JobTold(Told):
    """A job as it stands; once done, up to which entry the ledger was read."""

    id: str
    kind: str
    scheme: str
    day: str
    state: str


@desk.post("", roles=("operator",), answers=JobTold, status=202)
async def make_job(asked: Asked, form: JobForm) -> Response:
    """Ask for a job; a worker does it. Scores are those that each subject would have alone."""
    served = asked.house.served(form.scheme)
    body, act = book.new_job(served, day_of(asked, served, form.day), asked.caller.name)
    await asked.append(act)
    return plain(body, 202)


@desk.get("", roles=("operator",), answers=list[JobTold])
async def all_jobs(asked: Asked) -> Response:
    """All jobs as they stand."""
    return plain(await asked.read(book.jobs, asked.house))


@desk.get("/{job}", roles=("operator",), answers=JobTold)
async def one_job(asked: Asked, job: Id) -> Response:
    """One job as it stands."""
    return plain(await _job(asked, job))


@desk.get(
    "/{job}/result",
    roles=("operator",),
    discloses=("score", "band", "reasons"),
    response_class=ScoreFile,
)
async def job_result(asked: Asked, job: Id) -> Response:
    """The scores as a Parquet file; ``subject`` is the handle.

    Whoever has withdrawn consent since, or was erased, is left out. One reading is recorded for
    each subject that is in it, before it is handed out.
    """
    body = await _job(asked, job)
    path = book.result_of(asked.house, job)
    if body["state"] != book.DONE or not path.exists():
        raise Refused(
            409,
            "not-done",
            "this job has no result",
            where="job",
            why="it waits, runs, has failed, or its result was removed after a week",
            mend="look at its state; ask for a new job",
        )
    served = asked.house.served(body["scheme"])
    table = await to_thread.run_sync(pq.read_table, path)
    whos: list[str] = table["subject"].to_pylist()
    seen: set[str] = set()
    for part in _chunks(whos):
        seen |= await _recorded(asked, served, part)
    data = await to_thread.run_sync(_file, table, [who in seen for who in whos])
    name = {"content-disposition": f'attachment; filename="{body["scheme"]}-{body["day"]}.parquet"'}
    answer = await asked.release_many(data, (), basis="each subject's own")
    answer.headers.update(name)
    answer.headers["content-type"] = MEDIA
    return answer


async def _job(asked: Asking, job: str) -> dict[str, Any]:
    found = await asked.read(book.jobs, asked.house)
    known = next((one for one in found if one["id"] == job), None)
    if known is None:
        raise not_here()
    return known


def _chunks(whos: list[str]) -> Iterator[list[str]]:
    every = sorted(set(whos))
    for first in range(0, len(every), CHUNK):
        yield every[first : first + CHUNK]


async def _recorded(asked: Asking, served: Served, whos: Sequence[str]) -> set[str]:
    """Record a reading for each subject that may be read now; their handles."""
    for attempt in range(ATTEMPTS):
        acts, needs, seen = await asked.read(_readings, asked, served, whos)
        if not acts:
            return set()
        try:
            await asked.append_many(Parcel(tuple(acts), tuple(needs)))
        except NeedUnmet:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            break
    return seen


def _readings(
    asked: Asking, served: Served, whos: Sequence[str]
) -> tuple[list[Act], set[Need], set[str]]:
    acts: list[Act] = []
    needs: set[Need] = set()
    seen: set[str] = set()
    moment = asked.house.clock()
    for who in whos:
        subject = asked.house.store.subject_of(who)
        may = subject and book.permitted(asked.scorer, served, subject, moment)
        if not subject or not may:
            continue
        basis = f"consent:{','.join(may.consents)}"
        purpose = purpose_of(served.approved.scheme)
        acts.append(asked.read_act(subject, asked.declared, basis=basis, purpose=purpose))
        needs |= {Need(CONSENT, one, GIVEN, running=True) for one in may.consents}
        seen.add(who)
    return acts, needs, seen


def _file(table: pa.Table, kept: list[bool]) -> bytes:
    out = io.BytesIO()
    pq.write_table(table.filter(pa.array(kept, pa.bool_())), out, compression="zstd")
    return out.getvalue()
