"""The authorisation matrix: operation x caller x whose papers x consent, drawn from the API itself.

Every cell has an expected answer from the table in ``doors.py``. A wrong configuration is put in
on purpose, to see the same matrix find it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from city_service import CITY, PARTNER
from doors import NOBODYS, PAPERS, TABLE, Door, Person
from fastapi import APIRouter, FastAPI
from serving import V1, Client, Served
from starlette.testclient import TestClient

from xinyong.service import desk
from xinyong.service.app import create_app
from xinyong.service.callers import ROLES, digest_of, new_key, take_back

NOBODY = "0123456789abcdef" * 2
NUMBER = count()


@dataclass(frozen=True)
class Operation:
    """One operation as the API describes it."""

    name: str
    method: str
    path: str
    roles: tuple[str, ...]
    tells: tuple[str, ...]

    @property
    def about(self) -> bool:
        """Whether its address names a subject."""
        return "{who}" in self.path

    @property
    def papers(self) -> list[str]:
        """Kinds of papers that its address names."""
        return [one for one in re.findall(r"{(\w+)}", self.path) if one in PAPERS]


def operations(app: FastAPI) -> Iterator[Operation]:
    """Every operation of the description."""
    for path, methods in app.openapi()["paths"].items():
        for method, one in methods.items():
            roles, tells = tuple(one["x-roles"]), tuple(one["x-discloses"])
            yield Operation(one["operationId"], method, path, roles, tells)


OPEN = {f"{V1}/openapi.json", "/api/docs", "/api/docs/files"}
"""What no desk made: the description, its page, and the page's own files. It tells of nobody."""


def every_route(routes: Iterable[Any]) -> Iterator[Any]:
    """All routes, those of routers within routers too."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from every_route(inner.routes)


def undeclared(app: FastAPI) -> list[str]:
    """Routes that no desk made, or that the description leaves out."""
    found = []
    for route in every_route(app.routes):
        extra = getattr(route, "openapi_extra", None) or {}
        declared = isinstance(route, desk.DeclaredRoute) and {"x-roles", "x-discloses"} <= {*extra}
        if route.path not in OPEN and not (declared and route.include_in_schema):
            found.append(route.path)
    return found


@pytest.fixture
def city(start: Callable[..., Served]) -> Served:
    return start(
        **CITY,
        limits={"partner_misses_a_day": 60, "failed_keys_a_minute": 100_000},
        synchronous="OFF",
    )


@dataclass
class Cell:
    """One request: what was expected, and what came."""

    operation: str
    caller: str
    whose: str
    expected: int
    status: int
    body: bytes

    @property
    def wrong(self) -> bool:
        return self.status != self.expected

    def __str__(self) -> str:
        asked = f"{self.operation} as {self.caller} for {self.whose}"
        return f"{asked}: {self.status}, expected {self.expected}: {self.body[:300]!r}"


class Matrix:
    """Tries operations of a running service, cell by cell."""

    def __init__(self, service: Served, only: set[str] | None = None) -> None:
        self.service = service
        self.only = only
        self.cells: list[Cell] = []
        self.callers = {role: service.client(role, "x") for role in ROLES if role != "subject"}
        self.callers["partner"] = service.client("partner", PARTNER)
        self.anna, self.bela = self.person(), self.person()
        for kind in PAPERS:
            self.anna.paper(kind)
            self.bela.paper(kind)
        self.shut = self._shut()

    def person(self, consented: bool = True) -> Person:
        """Somebody new."""
        return Person(self.service, f"person {next(NUMBER)}", consented)

    def _shut(self) -> dict[str, Client]:
        """Callers who are nobody: without a key, with one of nobody, an old one, a late one."""
        house, http = self.service.house, self.service.http
        back = new_key(house, "operator", "gone")
        take_back(house, digest_of(back), role="operator", name="gone", subject=None)
        late = new_key(house, "operator", "late", until=house.clock() - 1)
        erased = self.person()
        erased.made("/erasure", {"reason": "asked"})
        http.app.state.doorkeeper._known.clear()  # type: ignore[attr-defined]
        return {
            "no key": Client(http, None),
            "a wrong key": Client(http, f"xy1_{secrets.token_urlsafe(32)}"),
            "a key taken back": Client(http, back),
            "a key that ended": Client(http, late),
            "no key at all": Client(http, "secret"),
            "an erased subject": erased.client,
        }

    def run(self) -> list[Cell]:
        """Every cell of every operation."""
        app: Any = self.service.http.app
        for one in operations(app):
            if self.only is None or one.name in self.only:
                self._try(one, TABLE[one.name])
        return self.cells

    def _try(self, operation: Operation, door: Door) -> None:
        """All callers: those who are nobody, those of other roles, those who may."""
        roles = door.roles.split() or list(ROLES)
        sample = self._body(operation, door, self._somebody(operation))
        for name, client in self.shut.items():
            status = 401 if door.roles else door.ok
            self._cell(operation, door, name, client, self.anna, status, body=sample)
        for role in ROLES:
            client = self.callers.get(role, self.anna.client)
            if role not in roles:
                self._cell(operation, door, role, client, self.anna, 403, body=sample)
                continue
            if operation.about or operation.papers:
                self._others(operation, door, role, client, sample)
            if door.bare is not None:
                self._own(operation, door, role, door.bare, self.person(False), "without consent")
            self._own(operation, door, role, door.ok, self._somebody(operation), "her")
            if operation.about and role == "subject":
                person = self._somebody(operation)
                self._own(operation, door, role, door.ok, person, "herself", who="me")

    def _somebody(self, operation: Operation) -> Person:
        """Somebody about whom it can be done: new where it changes something."""
        return self.anna if operation.method == "get" else self.person()

    def _own(
        self,
        operation: Operation,
        door: Door,
        role: str,
        status: int,
        person: Person,
        whose: str,
        **parts: str,
    ) -> None:
        """By herself, or about her by somebody who may."""
        client = self.callers.get(role, person.client)
        body = self._body(operation, door, person)
        self._cell(operation, door, role, client, person, status, whose, body, **parts)

    def _body(self, operation: Operation, door: Door, person: Person) -> Any:
        for kind in operation.papers:
            person.paper(kind)
        return door.body(person) if door.body else None

    def _others(
        self, operation: Operation, door: Door, role: str, client: Client, body: Any
    ) -> None:
        """What is not hers, and what does not exist: answered alike, to the byte."""
        first, anna = len(self.cells), self.anna

        def lost(whose: str, person: Person = anna, **parts: str) -> None:
            self._cell(operation, door, role, client, person, 404, whose, body, **parts)

        if operation.about:
            lost("nobody", who=NOBODY)
            if role == "subject":
                lost("another", self.bela)
            else:
                lost("me of no subject", who="me")
        for kind in operation.papers:
            if kind not in NOBODYS:
                lost(f"another's {kind}", **{kind: self.bela.papers[kind]})
            lost(f"no {kind}", **{kind: secrets.token_hex(16)})
        bodies = {cell.body for cell in self.cells[first:] if cell.status == 404}
        assert len(bodies) <= 1, f"{operation.name}: {bodies}"

    def _cell(
        self,
        operation: Operation,
        door: Door,
        caller: str,
        client: Client,
        person: Person,
        expected: int,
        whose: str = "her",
        body: Any = None,
        **parts: str,
    ) -> None:
        named = {"who": person.handle, **door.parts, **person.papers, **parts}
        path = operation.path.removeprefix(V1).format(**named) + door.query
        answer = client.get(path) if operation.method == "get" else client.post(path, body)
        status, content = answer.status_code, answer.content
        self.cells.append(Cell(operation.name, caller, whose, expected, status, content))


def wrong(cells: list[Cell]) -> str:
    """The cells that were not as they should be, one a line."""
    return "\n".join(str(cell) for cell in cells if cell.wrong)


def test_every_route_is_declared(city: Served) -> None:
    app: Any = city.http.app
    assert undeclared(app) == []
    made = [one for one in every_route(app.routes) if isinstance(one, desk.DeclaredRoute)]
    assert len(made) == len(list(operations(app))) == len(TABLE)


def test_a_route_of_no_desk_is_found(city: Served) -> None:
    app = create_app(city.house, close=False)
    app.get(f"{V1}/rogue")(lambda: "everything about everybody")
    app.mount(f"{V1}/files", FastAPI())
    bare = desk.Desk("/half", "half")
    half = APIRouter(prefix="/half", route_class=desk.DeclaredRoute)
    half.add_api_route("", lambda: "half", methods=["GET"])
    bare.get("/hidden", include_in_schema=False)(lambda: "hidden")
    bare.get("/good")(lambda: "good")
    bare.put_on(app.router, V1)
    app.include_router(half, prefix=V1)
    assert undeclared(app) == [f"{V1}/rogue", f"{V1}/files", f"{V1}/half/hidden", "/half"]


def test_the_table_names_every_operation_as_it_is_declared(city: Served) -> None:
    found = {one.name: one for one in operations(city.http.app)}  # type: ignore[arg-type]
    assert sorted(found) == sorted(TABLE), "write new operations into tests/service/doors.py"
    for name, one in found.items():
        assert sorted(one.roles) == sorted(TABLE[name].roles.split()), name
        assert " ".join(one.tells) == TABLE[name].tells, name


def test_every_cell_of_the_matrix(city: Served) -> None:
    matrix = Matrix(city)
    cells = matrix.run()
    assert not wrong(cells), wrong(cells)
    passed = {cell.operation for cell in cells if cell.status < 300}
    assert passed == set(TABLE)
    assert len(cells) > 10 * len(TABLE)


def test_widened_roles_are_found(city: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    let_in = desk._let_in

    def lenient(request: Any, roles: tuple[str, ...]) -> None:
        widened = (*roles, "partner") if request.url.path.endswith("/events") else roles
        let_in(request, widened)

    monkeypatch.setattr(desk, "_let_in", lenient)
    cells = Matrix(city, {"subject_events", "consents"}).run()
    assert [(c.operation, c.caller, c.status) for c in cells if c.wrong] == [
        ("subject_events", "partner", 200)
    ]


def test_a_door_that_forgets_whose_file_it_is_is_found(
    city: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_to_all(request: Any, roles: tuple[str, ...]) -> None:
        request.state.caller = request.app.state.doorkeeper.caller(request)

    matrix = Matrix(city, {"subject_events"})
    monkeypatch.setattr(desk, "_let_in", open_to_all)
    cells = matrix.run()
    found = {(c.caller, c.whose, c.status) for c in cells if c.wrong}
    assert ("subject", "another", 200) in found
    assert ("partner", "her", 200) in found


def test_a_handler_that_does_not_ask_for_consent_is_found(
    city: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xinyong.service.scoring import Scorer

    monkeypatch.setattr(Scorer, "needs", lambda self, permission, subject, upto, last: ())
    given = Scorer._permission
    with TestClient(create_app(city.house, close=False)) as http:
        other = Served(city.house, http, city.clock)
        matrix = Matrix(other, {"score_subject"})
        anna = matrix.anna.name
        monkeypatch.setattr(
            Scorer, "_permission", lambda s, v, one, m, _: given(s, v, anna, m, s._stamp(anna))
        )
        found = {(c.whose, c.status) for c in matrix.run() if c.wrong}
    assert ("without consent", 200) in found


def test_other_methods_open_nothing(city: Served) -> None:
    http, operator = city.http, city.operator
    for one in operations(http.app):  # type: ignore[arg-type]
        path = one.path.format(who=NOBODY, **{kind: NOBODY for kind in (*PAPERS, "name", "scheme")})
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "HEAD"):
            answer = http.request(method, path, headers=operator.headers)
            assert answer.status_code == 405, (method, path)
