"""No personal data where it does not belong: logs, error bodies, figures, addresses, descriptions.

Canary words are put into every free field and id of every operation, in requests that go well and
in requests that are refused; then everything that leaves the house without being an answer about a
subject is searched for them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from city_service import CITY
from doors import PAPERS, TABLE, Person
from serving import DAY, START, V1, Served
from starlette.testclient import TestClient
from test_service_doors import Operation, operations

from xinyong.service import app as application
from xinyong.service import worker as works
from xinyong.service.app import create_app
from xinyong.service.worker import Worker

CANARY = "kanarka"
"""Part of every id, name and text that the requests carry."""


@pytest.fixture
def city(start: Callable[..., Served]) -> Served:
    return start(
        **CITY,
        synchronous="OFF",
        limits={"partner_misses_a_day": 60, "failed_keys_a_minute": 100_000},
    )


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Everything that is logged, as it would be written."""
    found: list[str] = []

    def keep(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
        found.append(f"{name} {json.dumps(event, default=repr)}")
        raise structlog.DropEvent

    given = {"processors": [keep], "wrapper_class": structlog.make_filtering_bound_logger(0)}
    for module in (application, works):
        monkeypatch.setattr(module, "log", structlog.wrap_logger(None, **given))
    handler = _Kept(found)
    root = logging.getLogger()
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.DEBUG)
    for quiet in ("httpx2", "httpx", "httpcore", "asyncio"):  # the client's own, not the service's
        monkeypatch.setattr(logging.getLogger(quiet), "disabled", True)
    yield found
    root.removeHandler(handler)
    root.setLevel(before)


class _Kept(logging.Handler):
    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        self._found.append(f"{record.name} {record.getMessage()} {record.exc_info!r}")


def spoiled(form: Any) -> Iterator[Any]:
    """A well-formed body with a canary in each of its texts, names and places, one at a time."""
    yield CANARY
    yield [CANARY, {CANARY: CANARY}]
    if not isinstance(form, dict):
        return
    yield {**form, CANARY: CANARY}
    for name, value in form.items():
        yield {**form, name: CANARY}
        yield {**form, name: {CANARY: CANARY}}
        yield {**form, name: [f"{CANARY} {value}"]}
        yield {**form, name: f"{value} {CANARY}\u0000"}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for one in spoiled(value[0]):
                yield {**form, name: [one]}


def everything(city: Served) -> tuple[list[Any], int]:
    """All operations, well and badly asked, by everybody; the failures, and how many went well."""
    app: Any = city.http.app
    anna = Person(city, f"{CANARY} Anna")
    for kind in PAPERS:
        anna.paper(kind)
    failed, well = [], 0
    for number, one in enumerate(operations(app)):
        person = anna if one.method == "get" else Person(city, f"{CANARY}-{number}")
        for answer in _asked(city, one, person):
            if answer.status_code >= 400:
                failed.append(answer)
            else:
                well += 1
    return failed, well


def _asked(city: Served, one: Operation, person: Person) -> Iterator[Any]:
    door = TABLE[one.name]
    for kind in one.papers:
        person.paper(kind)
    body = door.body(person) if door.body else None
    named = {"who": person.handle, **person.papers, **door.parts}
    path = one.path.removeprefix(V1)
    lost = path.format(**{name: CANARY for name in (*named, "scheme", "name")})
    papers = {**named, **{kind: f"{CANARY} {kind}" for kind in PAPERS}}
    for role in ("operator", "partner", "auditor"):
        client = city.client(role, f"{CANARY} {role}")  # type: ignore[arg-type]
        client.headers["xinyong-purpose"] = f"{CANARY} asks"
        for caller in (client, person.client):
            send = caller.get if one.method == "get" else caller.post
            yield send(f"{lost}?{CANARY}={CANARY}&first={CANARY}&day={CANARY}&language={CANARY}")
            yield send(path.format(**papers) + door.query)
            if one.method == "post" and role == "operator":
                for bad in spoiled(body):
                    yield caller.post(path.format(**named), bad)
    for caller in (city.client("operator", f"{CANARY} last"), person.client):
        if one.method == "get":
            yield caller.get(path.format(**named) + door.query)
        else:
            yield caller.post(path.format(**named), body)


def test_no_canary_leaves_but_in_an_answer_about_her(city: Served, lines: list[str]) -> None:
    failed, well = everything(city)
    assert len(failed) > 300 and well > 60
    told = {f"{one.text} {one.headers}" for one in failed}
    assert [one for one in sorted(told) if CANARY in one.lower()] == []
    auditor = city.client("auditor", f"{CANARY} court")
    Worker(city.house).once()
    public = [
        auditor.get("/metrics").text,
        city.http.get(f"{V1}/openapi.json").text,
        city.http.get("/api/docs").text,
        *(auditor.get(path).text for path in ("/audit/checkpoint", "/shares/states", "/schemes")),
        auditor.get("/audit/entries?limit=1000").text,
    ]
    for page in public:
        assert CANARY not in page.lower()
    assert len(lines) > 300
    hits = [line for line in lines if CANARY in line.lower()]
    assert hits == []


def test_a_log_line_names_nobody(city: Served, lines: list[str]) -> None:
    anna = Person(city, "anna")
    lines.clear()
    anna.client.get(f"/subjects/{anna.handle}/events")
    (line,) = [one for one in lines if one.startswith("info")]
    said = json.loads(line.removeprefix("info "))
    assert {*said} == {"event", "operation", "status", "role", "ms"}
    assert (said["operation"], said["role"], said["status"]) == ("subject_events", "subject", 200)
    assert anna.handle not in line


def test_a_fault_says_nothing_of_what_it_choked_on(
    city: Served, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Person(city, f"{CANARY}")

    def breaks(*given: Any, **named: Any) -> Any:
        raise RuntimeError(f"{CANARY} was born in 1970")

    monkeypatch.setattr(city.house.store, "standing", breaks, raising=False)
    answer = anna.client.get("/subjects/me/events")
    assert answer.status_code == 500 and CANARY not in answer.text
    assert [line for line in lines if CANARY in line] == []
    monkeypatch.setattr(works, "duties", lambda: [breaks])
    Worker(city.house).once()
    assert [line for line in lines if "RuntimeError" in line]
    assert [line for line in lines if CANARY in line] == []


def test_a_canary_in_a_log_is_found(city: Served, lines: list[str]) -> None:
    with TestClient(create_app(city.house, close=False)):
        application.log.info("served", path=f"/subjects/{CANARY}")
    assert [line for line in lines if CANARY in line]


def test_addresses_hold_handles_only(city: Served) -> None:
    """No parameter in an address is an operator's own id of a subject."""
    app: Any = city.http.app
    for path, methods in app.openapi()["paths"].items():
        for one in methods.values():
            names = {part["name"] for part in one.get("parameters", [])}
            assert not names & {"subject", "person", "name_of", "birth"}, path
    anna = Person(city, "anna")
    assert city.operator.get("/subjects/anna/events").status_code == 422
    assert len(anna.handle) == 32 and "anna" not in anna.handle
    assert START > DAY
