"""Every operation of the API, asked in process: forms filled in from its own description, changed.

Whatever is asked, the answer is one that the description knows: a success, or a problem with a
status of 4xx. A fault of ours (500) is a finding, and so is an answer that is no problem+json.
"""

from __future__ import annotations

import json
import random
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import changing
from serving import Turned, bills
from starlette.testclient import TestClient

from xinyong.service.app import PREFIX, create_app
from xinyong.service.callers import ROLES, new_key
from xinyong.service.config import Config
from xinyong.service.house import House, open_house, prepare

LAST = b""


class Asked:
    """A service with a few subjects and a key for each role."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="xinyong-fuzz-")) / "service"
        prepare(folder)
        config = Config(operator="A co-operative", places=["eu"], schemes=["a-fair-start"])
        self.house: House = open_house(folder, clock=Turned(), config=config, synchronous="OFF")
        self.http = TestClient(create_app(self.house, close=False), raise_server_exceptions=False)
        self.http.__enter__()
        keys = {
            role: new_key(self.house, role, role, subject="anna" if role == "subject" else None)
            for role in ROLES
        }
        self.heads = {role: {"authorization": f"Bearer {key}"} for role, key in keys.items()}
        self.names: list[str] = ["0" * 32, "x", "..", "%00", "me", "a" * 300]
        for name in ("anna", "bela"):
            made = self._post("/subjects", {"subject": name})
            self.names += [made["handle"]] * 3
            self._post("/events", {"events": bills(name, 12)})
        self.form: dict[str, Any] = self.http.get(f"{PREFIX}/openapi.json").json()
        self.parts: dict[str, Any] = self.form["components"]["schemas"]
        self.operations = [
            (path, method, one)
            for path, methods in sorted(self.form["paths"].items())
            for method, one in sorted(methods.items())
            if one["operationId"] not in ("verify_all",)
        ]

    def _post(self, path: str, body: Any) -> Any:
        answer = self.http.post(PREFIX + path, json=body, headers=self.heads["operator"])
        assert answer.status_code < 300, answer.text
        return answer.json()


@lru_cache(maxsize=1)
def asked() -> Asked:
    """One service for each process."""
    return Asked()


def once(rng: random.Random) -> None:
    service = asked()
    path, method, one = rng.choice(service.operations)
    roles = one.get("x-roles") or list(ROLES)
    role = rng.choice(roles if rng.random() < 0.95 else list(ROLES))
    head = {**service.heads[role], "xinyong-purpose": _header(rng)}
    if one["operationId"] == "erase_subject":
        service.names[:] = [name for name in service.names if len(name) != 32] + ["0" * 32]
    address, query = _places(rng, service, path, one, role)
    content = _body(rng, service, one, head)
    _ask(service, method, address, query, content, head)


def _header(rng: random.Random) -> str:
    return rng.choice(["a test", "a test", "a loan", "", "x" * 300, "\xe9", "a\tb"])


def _places(
    rng: random.Random, service: Asked, path: str, one: dict[str, Any], role: str
) -> tuple[str, list[tuple[str, str]]]:
    query = []
    for place in one.get("parameters", ()):
        value = changing.filled(rng, place["schema"], service.parts)
        if rng.random() < 0.2:
            value = changing.odd(rng)
        text = value if isinstance(value, str) else changing.shown(value)
        if place["in"] == "path":
            if rng.random() < 0.7:
                text = "me" if role == "subject" else rng.choice(service.names)
            spelt = text.encode("utf-8", "replace")[:2000]
            path = path.replace(f"{{{place['name']}}}", quote(spelt, safe=""))
        elif place["in"] == "query" and (place.get("required") or rng.random() < 0.5):
            query.append((place["name"], text.encode("utf-8", "replace").decode()[:5000]))
    return path, query


def _body(rng: random.Random, service: Asked, one: dict[str, Any], head: dict[str, str]) -> bytes:
    form = one.get("requestBody", {}).get("content", {}).get("application/json")
    if form is None and rng.random() < 0.95:
        return b""
    head["content-type"] = rng.choice(["application/json"] * 9 + ["text/plain"])
    value = changing.filled(rng, (form or {}).get("schema", {"type": "object"}), service.parts)
    for name in ("subject", "subjects"):
        if isinstance(value, dict) and name in value:
            value[name] = "anna" if name == "subject" else ["anna", "bela"]
    try:
        content = json.dumps(changing.altered(rng, value)).encode()
    except RecursionError:
        content = b"[" * 5000
    if rng.random() < 0.1:
        content = changing.changed(rng, content)
    return changing.raw(rng) if rng.random() < 0.02 else content


def _ask(
    service: Asked, method: str, path: str, query: list[tuple[str, str]], content: bytes,
    head: dict[str, str],
) -> None:  # fmt: skip
    global LAST  # noqa: PLW0603 - the runner reads it
    LAST = f"{method} {path} {query!r}\n".encode() + content
    raw = {name: value.encode("latin-1") for name, value in head.items()}
    answer = service.http.request(method, path, params=query, content=content, headers=raw)
    if answer.status_code >= 400:
        kind = answer.headers["content-type"]
        assert kind == "application/problem+json", (answer.status_code, kind)
        assert answer.json()["status"] == answer.status_code
    assert answer.status_code < 500, answer.text


def parse(content: bytes) -> None:
    """Bytes as the body of some operations, and as a parameter."""
    service = asked()
    short = quote(content[:3000], safe="")
    taking = [each for each in service.operations if "requestBody" in each[2]]
    for path, method, one in taking[:: max(len(taking) // 5, 1)]:
        role = (one.get("x-roles") or ["operator"])[0]
        head = {**service.heads[role], "content-type": "application/json"}
        _ask(service, method, path.replace("{who}", service.names[-1]), [], content, head)
    _ask(
        service, "get", f"{PREFIX}/schemes/{short}", [("x", short)], b"", service.heads["operator"]
    )
