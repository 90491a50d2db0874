"""Traps in requests: whatever comes in, a clear refusal goes out, soon, and nothing is recorded."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from city_service import CITY
from serving import DAY, START, V1, Served

BOMB = gzip.compress(bytes(64 << 20))
SUBJECT = b'{"subject":"q"}'
BODIES: dict[str, tuple[bytes, str, int]] = {
    "lists in lists": (b"[" * 100_000 + b"]" * 100_000, "application/json", 400),
    "objects in objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "application/json", 400),
    "random bytes": (bytes(range(256)) * 4000, "application/json", 400),
    "zeros": (bytes(1_000_000), "application/json", 400),
    "a mark of order": (b"\xef\xbb\xbf" + SUBJECT, "application/json", 400),
    "UTF-16": ('{"subject":"q"}'.encode("utf-16"), "application/json", 400),
    "half a character": (b'{"subject":"\\ud800"}', "application/json", 422),
    "half a character in bytes": (b'{"subject":"a\xed\xa0\x80"}', "application/json", 400),
    "a name twice": (b'{"subject":"q","subject":"r"}', "application/json", 400),
    "a million digits": (b'{"subject":' + b"9" * 1_000_000 + b"}", "application/json", 400),
    "not a number": (b'{"subject":NaN}', "application/json", 400),
    "a text": (SUBJECT, "text/plain", 422),
    "no type": (SUBJECT, "", 422),
    "a form": (b"subject=q", "application/x-www-form-urlencoded", 422),
    "parts": (b"--x\r\n\r\n", "multipart/form-data; boundary=x", 422),
    "a bomb": (BOMB, "application/json", 400),
    "too much": (b"[" + b"1," * 700_000 + b"1]", "application/json", 413),
}


@pytest.fixture
def city(start: Callable[..., Served]) -> Served:
    return start(**CITY, synchronous="OFF", limits={"failed_keys_a_minute": 5})


def send(service: Served, path: str, content: Any, kind: str, **headers: str) -> Any:
    given = {**service.operator.headers, "content-type": kind, **headers}
    return service.http.post(V1 + path, content=content, headers=given)


def bodies(service: Served) -> int:
    """Entries in the ledger that are not about keys."""
    store = service.house.store
    return sum(entry.kind != "partner" for entry, _ in store.entries(0, store.size()))


@pytest.mark.parametrize("name", sorted(BODIES))
def test_no_body_is_a_trap(city: Served, name: str) -> None:
    content, kind, status = BODIES[name]
    before = bodies(city)
    for path in ("/subjects", "/events", "/keys"):
        began = time.process_time()
        answer = send(city, path, content, kind)
        assert (answer.status_code, path) == (status, path), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 10_000
        assert time.process_time() - began < 2
    assert bodies(city) == before


def test_a_body_in_pieces_is_bounded_too(city: Served) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    answer = send(city, "/subjects", pieces(), "application/json")
    assert (answer.status_code, answer.json()["type"]) == (413, "#too-large")
    packed = {"content-encoding": "gzip"}
    answer = send(city, "/subjects", gzip.compress(SUBJECT), "application/json", **packed)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "value", ["false", '"1"', "1e3", "1.0", "1E400", "9" * 19, "1" + "0" * 400, "{}", "[1]"]
)
def test_a_number_is_a_whole_number(city: Served, value: str) -> None:
    event = '{"events":[{"subject":"q","id":"%s","kind":"volunteering","happened_at":%s,%s}]}'
    fields = '"fields":{"hours":%s}'
    for text in (
        event % ("x", START, fields % value),
        event % ("x", value, fields % 1),
    ):
        answer = send(city, "/events", text.encode(), "application/json")
        assert answer.status_code == 422, answer.text
    good = event % ("x", START - DAY, fields % 1)
    assert send(city, "/events", good.encode(), "application/json").status_code == 201


@pytest.mark.parametrize(
    "path",
    [
        "//api/v1/health",
        "/api/v1//health",
        "/api/v1/%2e%2e/v1/health",
        "/api/v1/health/",
        "/API/v1/health",
        "/api/v1/schemes/..%2f..%2fservice.toml",
        "/api/docs/files/..%2f..%2f..%2fservice.toml",
        "/api/docs/files/%2e%2e/%2e%2e/vault.db",
        "/api/v1/jobs/..%2f..%2fservice.toml/result",
        "/api/v1/schemes/a%0d%0aset-cookie:x",
        "/api/v1/schemes/%F0%9F",
    ],
)
def test_no_path_leads_astray(city: Served, path: str) -> None:
    answer = city.http.get(path, headers=city.operator.headers)
    assert answer.status_code == 404
    assert answer.json()["type"] == "#not-here"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("query", ["first=9999-12-31", "last=9999-12-31", "first=0001-01-01"])
def test_no_day_is_a_fault(city: Served, query: str) -> None:
    assert city.operator.get(f"/calendar?{query}").status_code in (200, 422)


def test_headers_are_bounded(city: Served) -> None:
    long = city.operator.headers | {"cookie": "x" * 40_000}
    answer = city.http.get(f"{V1}/health", headers=long)
    assert (answer.status_code, answer.json()["type"]) == (431, "#headers-too-large")
    assert city.http.get(f"{V1}/health", headers={"cookie": "x" * 8000}).status_code == 200


def test_every_answer_is_marked(city: Served) -> None:
    for path in ("/api/v1/health", "/api/v1/no", "/api/v1/keys", "/api/docs"):
        said = city.http.get(path).headers
        assert said["x-content-type-options"] == "nosniff"
        assert said["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in said["content-security-policy"]
        assert said["referrer-policy"] == "no-referrer"
        assert not {"server", "x-powered-by", "access-control-allow-origin"} & {*said}
        assert "strict-transport-security" not in said
    safe = city.http.get("https://testserver/api/v1/health").headers
    assert safe["strict-transport-security"].startswith("max-age=")


def test_a_foreign_host_changes_nothing(city: Served) -> None:
    for path in ("/api/v1/health", "/api/v1/openapi.json", "/api/docs"):
        usual = city.http.get(path)
        odd = city.http.get(path, headers={"host": "evil.example", "x-forwarded-host": "evil"})
        assert odd.content == usual.content and b"evil" not in odd.content


def test_keys_are_not_guessed_for_long(city: Served) -> None:
    bad = {"authorization": "Bearer xy1_nobody"}
    told = [city.http.get(f"{V1}/alarms", headers=bad).status_code for _ in range(7)]
    assert told[:5] == [401] * 5 and told[5:] == [429] * 2
    last = city.http.get(f"{V1}/alarms", headers=bad)
    assert 0 < int(last.headers["retry-after"]) <= 60
    assert city.operator.get("/alarms").status_code == 200  # who has a key is not kept out
