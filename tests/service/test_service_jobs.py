"""Everybody scored at once: as each alone, under consent in force, with a reading for each."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from serving import DAY, START, Client, Served, bills

from xinyong.service.jobs import LEASE, result_of
from xinyong.service.worker import Worker

BOTH = pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)
NAMES = ("anna", "bela", "chen", "dora", "emil", "fang")


def agree(service: Served, name: str, data_set: str = "bills") -> tuple[Client, str]:
    client = service.client("subject", name, name)
    form: dict[str, Any] = {
        "scheme": "a-fair-start",
        "data_sets": [data_set],
        "until": START + 300 * DAY,
        "written": True,
        "warned": True,
    }
    return client, client.ok(client.post("/subjects/me/consents", form))["id"]


def town(service: Served) -> dict[str, str]:
    """Six people: different records, Emil without a record, Fang without consent; handles."""
    operator = service.operator
    handles = {name: service.enter(name) for name in NAMES}
    for number, name in enumerate(NAMES):
        if name != "emil":
            found = bills(name, 10 + number, late=number)
            saved = {"kind": "saving", "happened_at": START - DAY, "subject": name, "id": "s"}
            operator.ok(operator.post("/events", {"events": [*found, saved]}))
        if name != "fang":
            agree(service, name)
    anna, _ = agree(service, "anna", "account")
    objection = {
        "scheme": "a-fair-start",
        "about": "events",
        "events": ["bill-3"],
        "statement": "I never lived there",
        "source": "water works",
    }
    anna.ok(anna.post("/subjects/me/disputes", objection))
    return handles


def asked_for(service: Served, **more: str) -> dict[str, Any]:
    """A job, done."""
    operator = service.operator
    form = {"kind": "score everybody", "scheme": "a-fair-start", **more}
    made = operator.ok(operator.post("/jobs", form))
    assert made["state"] == "waiting"
    assert Worker(service.house).once()["do_jobs"] == 1
    done: dict[str, Any] = operator.ok(operator.get(f"/jobs/{made['id']}"))
    assert done["state"] == "done", done
    return done


def table_of(service: Served, job: dict[str, Any]) -> pa.Table:
    operator = service.operator
    answer = operator.get(f"/jobs/{job['id']}/result")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    return pq.read_table(io.BytesIO(answer.content))


@BOTH
def test_everybody_is_scored_as_each_alone(service: Served) -> None:
    handles = town(service)
    operator = service.operator
    job = asked_for(service)
    rows = {row["subject"]: row for row in table_of(service, job).to_pylist()}
    assert set(rows) == {handles[name] for name in NAMES if name != "fang"}
    assert job["subjects"] == 5
    bands = set()
    for who, row in rows.items():
        alone = operator.ok(operator.post(f"/subjects/{who}/scores", {"scheme": "a-fair-start"}))
        assert row["day"] == date(2026, 11, 22)
        bands.add(row["score"])
        assert (row["score"], row["band"], row["start"]) == (
            alone["score"],
            alone["band"],
            alone["start"],
        )
        parts = {k: row[f"points.{k}"] for k in alone["dimensions"]}
        assert parts == alone["dimensions"]
        reasons = [(row[f"reason.{n}"], row[f"lost.{n}"]) for n in range(1, 5)]
        given = [(one["rule"], one["lost"]) for one in alone["reasons"]]
        assert [one for one in reasons if one[0] is not None] == given
        taken = {k.removeprefix("consequence."): v for k, v in row.items() if "consequence." in k}
        assert sorted(k for k, v in taken.items() if v) == sorted(alone["consequences"])
    assert len(bands) >= 3


def test_whoever_withdrew_since_is_not_handed_out_and_nobody_without_a_reading(
    service: Served,
) -> None:
    handles = town(service)
    job = asked_for(service)
    store = service.house.store
    assert [len(store.of(name, ("read",))) for name in ("bela", "chen")] == [0, 0]
    dora = service.client("subject", "dora", "dora")
    (consent,) = dora.ok(dora.get("/subjects/me/consents"))
    dora.ok(dora.post(f"/subjects/me/consents/{consent['id']}/withdrawal"))
    emil = service.client("subject", "emil", "emil")
    emil.ok(emil.post("/subjects/me/erasure", {"reason": "I asked for it"}))
    found = table_of(service, job)
    assert set(found["subject"].to_pylist()) == {handles[n] for n in ("anna", "bela", "chen")}
    (read,) = store.of("chen", ("read",))
    assert read.body is not None
    assert (read.body["operation"], read.body["fields"]) == (
        "job_result",
        ["band", "reasons", "score"],
    )
    assert [one.body["operation"] for one in store.of("dora", ("read",)) if one.body] == [
        "consents"
    ]
    for path in (service.house.folder / "jobs").iterdir():
        assert not any(name.encode() in path.read_bytes() for name in NAMES)


def test_a_job_is_done_once_and_anew_where_it_was_cut_short(service: Served) -> None:
    town(service)
    operator, worker = service.operator, Worker(service.house)
    form = {"kind": "score everybody", "scheme": "a-fair-start", "day": "2026-10-01"}
    made = operator.ok(operator.post("/jobs", form))
    path = f"/jobs/{made['id']}"
    assert operator.get(f"{path}/result").status_code == 409

    class Cut(BaseException):
        pass

    def cut(*_: Any, **__: Any) -> None:
        raise Cut

    import xinyong.service.jobs as book

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book, "score_file", cut)
        with pytest.raises(Cut):
            worker.once()
    assert operator.ok(operator.get(path))["state"] == "running"
    assert list((service.house.folder / "jobs").iterdir()) == []
    assert worker.once()["do_jobs"] == 0  # somebody may still be at it
    service.clock.now += LEASE
    assert worker.once()["do_jobs"] == 1
    assert worker.once()["do_jobs"] == 0
    days = table_of(service, made)["day"].to_pylist()
    assert set(days) == {date(2026, 10, 1)}
    assert result_of(service.house, made["id"]).exists()
    service.clock.now += 8 * DAY
    assert worker.once()["end_jobs"] == 1
    assert not result_of(service.house, made["id"]).exists()
    assert operator.get(f"{path}/result").status_code == 409
    assert [one["state"] for one in operator.ok(operator.get("/jobs"))] == ["gone"]


def test_a_job_over_nobody_is_empty_and_a_day_to_come_is_refused(
    start: Callable[..., Served],
) -> None:
    service = start()
    job = asked_for(service)
    assert (job["subjects"], table_of(service, job).num_rows) == (0, 0)
    operator = service.operator
    form = {"kind": "score everybody", "scheme": "a-fair-start", "day": "2026-11-23"}
    assert operator.post("/jobs", form).status_code == 422
    assert operator.get("/jobs/nothing").status_code == 404
