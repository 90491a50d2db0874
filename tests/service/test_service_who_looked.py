"""No byte about a subject leaves before the record of its reading is durable.

Drawn from the table of doors: every operation that discloses something is tried with commits that
wait, and with commits that fail. A service that answers too early is found by the same harness.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import pytest
from city_service import CITY, PARTNER, PURPOSE, member
from doors import PAPERS, TABLE, Door, Person
from serving import DAY, V1, Client, Served
from starlette.testclient import TestClient
from test_service_doors import Operation, operations
from test_service_flags import FIRMS, flag, looked
from test_service_lists import MARKET, listed, polluter

from xinyong.records.store import Parcel, Receipt, opening
from xinyong.service.app import create_app
from xinyong.service.asking import Asking, plain
from xinyong.service.desk import Desk
from xinyong.service.house import open_house

WAIT = 0.05
APART = {"public_list", "partner_notices", "inspection_priorities"}
"""Lists on which somebody stands only after much else: tried by themselves below."""
BOTH = pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)


class Commits:
    """The store's commits: they pass, wait, or fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()
        self.open.set()
        self.broken = False
        self._commit = opening.commit
        monkeypatch.setattr(opening, "commit", self)

    def __call__(self, connection: Any) -> None:
        assert self.open.wait(30)
        if self.broken:
            raise OSError("the disk is gone")
        self._commit(connection)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Commits wait inside."""
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()

    @contextmanager
    def failing(self, service: Served) -> Iterator[None]:
        """Commits fail inside; the store is opened again afterwards."""
        self.broken = True
        try:
            yield
        finally:
            self.broken = False
            if service.house.store.stopped:
                service.house.store.reopen()


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Commits:
    return Commits(monkeypatch)


@pytest.fixture
def city(start: Callable[..., Served]) -> Served:
    return start(**CITY, synchronous="OFF")


Send = Callable[[], Any]


def knocks(service: Served) -> Iterator[tuple[Operation, Person, Send]]:
    """Every operation that discloses something, each with somebody about whom it tells."""
    app: Any = service.http.app
    anna = Person(service, "anna")
    for kind in PAPERS:
        anna.paper(kind)
    for number, one in enumerate(operations(app)):
        door = TABLE[one.name]
        if not one.tells or one.name in APART:
            continue
        person = anna if one.method == "get" else Person(service, f"person {number}")
        yield one, person, _knock(service, one, door, person)


def _knock(service: Served, one: Operation, door: Door, person: Person) -> Send:
    for kind in one.papers:
        person.paper(kind)
    body = door.body(person) if door.body else None
    role = "operator" if "operator" in one.roles else one.roles[0]
    client: Client = person.client
    if role != "subject":
        client = service.client(role, PARTNER if role == "partner" else "x")  # type: ignore[arg-type]
    path = one.path.removeprefix(V1).format(who=person.handle, **person.papers) + door.query
    if one.method == "get":
        return lambda: client.get(path)
    return lambda: client.post(path, body)


def early(service: Served, commits: Commits, seconds: float = WAIT) -> list[str]:
    """Operations whose answer came, with something in it, while the commit was waiting."""
    found = []
    with ThreadPoolExecutor(1) as pool:
        for one, _, send in knocks(service):
            with commits.waiting():
                future: Future[Any] = pool.submit(send)
                wait([future], seconds)
                came = future.done()
            answer = future.result(30)
            assert answer.status_code < 300, (one.name, answer.text)
            if came:
                found.append(one.name)
    return found


def test_no_answer_comes_before_its_record_is_durable(city: Served, commits: Commits) -> None:
    assert early(city, commits) == []


def test_an_answer_that_does_not_wait_is_found(
    city: Served, commits: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hasty(self: Asking, parcel: Parcel) -> Receipt:
        self.house.store.submit(parcel)  # and nobody waits
        return Receipt((0,), self.moment, (True,))

    released = Asking.release

    async def release(self: Asking, *given: Any, **named: Any) -> Any:
        if commits.open.is_set():
            return await released(self, *given, **named)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Asking, "append", hasty)
            return await released(self, *given, **named)

    monkeypatch.setattr(Asking, "release", release)
    found = early(city, commits, 1)
    assert {"subject_events", "score_subject", "partner_query"} <= set(found)


def test_nothing_leaves_where_the_commit_fails(city: Served, commits: Commits) -> None:
    tried = 0
    for one, person, send in knocks(city):
        with commits.failing(city):
            answer = send()
        said = answer.json()
        assert (answer.status_code, said["type"]) == (503, "#stopped"), one.name
        assert answer.headers["retry-after"] == "5"
        assert person.name not in answer.text and person.handle not in answer.text
        assert {*said} == {"type", "title", "status", "detail", "where", "why", "mend"}
        tried += 1
    assert tried >= 25


def published(start: Callable[..., Served]) -> tuple[Served, Send]:
    """A list that anybody may read, with a plant on it."""
    market = start(**MARKET, synchronous="OFF")
    operator, handle = polluter(market)
    listed(operator, handle)
    market.clock.now += 4 * DAY
    return market, lambda: market.client(None).get("/lists/market/polluters")


def flagged(start: Callable[..., Served]) -> tuple[Served, Send]:
    """An order for inspections, with a plant on it."""
    bureau = start(**MARKET, synchronous="OFF")
    operator = bureau.operator
    operator.ok(operator.post("/flags", looked(flag(FIRMS[1]))))
    return bureau, lambda: operator.get("/flags")


def corrected(start: Callable[..., Served]) -> tuple[Served, Send]:
    """A letter to a partner about somebody whose band was worked out again."""
    city = start(**CITY, synchronous="OFF")
    operator, anna = city.operator, member(city)
    parks = city.client("partner", PARTNER)
    form = {"scheme": "city", "matched": "strong identifier"}
    operator.ok(operator.post(f"/subjects/{anna.handle}/decisions", form))
    reference = anna.share()["reference"]
    query = {"reference": reference, "scheme": "city", "purpose": PURPOSE}
    parks.ok(parks.post("/partner/queries", query))
    objection = {"scheme": "city", "about": "events", "events": ["help-0", "help-1", "help-2"]}
    said = {"statement": "I was not there", "source": "an association"}
    opened = anna.client.ok(anna.client.post("/subjects/me/disputes", objection | said))
    steps = f"/subjects/{anna.handle}/disputes/{opened['id']}/steps"
    operator.ok(operator.post(steps, {"step": "take", "person": "Li"}))
    end = {"step": "decide", "person": "Li", "found": "deleted", "grounds": "they mistook her"}
    operator.ok(operator.post(steps, end))
    return city, lambda: parks.get("/partner/notices")


@pytest.mark.parametrize("made", [published, flagged, corrected])
def test_lists_of_many_wait_too(
    start: Callable[..., Served],
    commits: Commits,
    made: Callable[[Callable[..., Served]], tuple[Served, Send]],
) -> None:
    service, send = made(start)
    with commits.failing(service):
        answer = send()
    assert (answer.status_code, answer.json()["type"]) == (503, "#stopped")
    with ThreadPoolExecutor(1) as pool:
        with commits.waiting():
            future = pool.submit(send)
            wait([future], 4 * WAIT)
            assert not future.done()
        answer = future.result(30)
    said = answer.json()
    found = said if isinstance(said, list) else said.get("entries", said.get("firms"))
    assert answer.status_code == 200 and len(found) == 1


def test_a_handler_that_forgets_the_record_answers_nothing(city: Served) -> None:
    careless = Desk("/careless", "careless")

    @careless.get("", roles=("operator",), discloses=("events",))
    async def forgetful() -> Any:
        return plain({"events": "all of Anna's"})

    @careless.get("/none", roles=("operator",))
    async def harmless() -> Any:
        return plain({"events": "none"})

    app = create_app(city.house, close=False)
    careless.put_on(app.router, V1)
    with TestClient(app, raise_server_exceptions=False) as http:
        operator = Served(city.house, http, city.clock).operator
        answer = operator.get("/careless")
        assert (answer.status_code, answer.json()["type"]) == (500, "#fault")
        assert "Anna" not in answer.text
        assert operator.get("/careless/none").status_code == 200


@BOTH
def test_she_sees_who_looked_at_once(start: Callable[..., Served]) -> None:
    """In the first look after the answer, and by another process than the one that answered."""
    city = start(**CITY)
    other = open_house(city.house.folder, clock=city.clock, config=city.house.config)
    elsewhere = create_app(other)
    with TestClient(elsewhere) as http:
        for one, person, send in knocks(city):
            assert send().status_code < 300, one.name
            anna = Client(http, None)
            anna.headers = dict(person.client.headers)
            seen = anna.get("/subjects/me/readings").json()
            mine = [read for read in seen if read["operation"] == one.name]
            assert mine and mine[-1]["fields"] == sorted(one.tells), one.name
            assert {"reader", "role", "purpose", "basis", "at"} <= {*mine[-1]}


def test_what_was_read_is_what_was_declared(city: Served) -> None:
    """Every read record names its operation and no field that the operation did not declare."""
    told = {one.name: set(one.tells) for one, _, send in knocks(city) if send() is not None}
    acts = [act.body for act in city.house.store.of("anna", ("read",)) if act.body]
    assert len(acts) > 10
    for body in acts:
        assert set(body["fields"]) <= told[body["operation"]], json.dumps(body)
