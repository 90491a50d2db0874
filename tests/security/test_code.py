"""What our own code never does: run what it read, call out, use a weak hash or weak chance."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import xinyong

HOME = Path(str(xinyong.__file__)).parent
RUNS = {"eval", "exec", "compile", "__import__"}
LOADS = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
PROGRAMS = {"subprocess", "pty", "ctypes"}
CALLS_OUT = {"urllib.request", "http.client", "requests", "httpx", "aiohttp", "smtplib", "socket"}
CHANCE = {"random"}
APART, APART_CHILD = "records/store/apart.py", "records/store/apart_child.py"
"""The two ends of the writer that is a process of its own."""
OPERATIONS = ("service", "decisions", "records")


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def trees(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for path in sorted((HOME / room).rglob("*.py")):
            yield path.relative_to(HOME).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def found(names: set[str], *rooms: str, calls: bool = False) -> list[str]:
    """Files that import one of these, or call it."""
    return [
        f"{path}: {name}"
        for path, tree in trees(*rooms)
        for name in {*(called(tree) if calls else imported(tree))}
        if name in names
    ]


def test_nothing_is_run_that_was_read() -> None:
    assert found(RUNS | {"os.system", "os.popen"}, *OPERATIONS, "scheme", calls=True) == []
    assert found(LOADS, *OPERATIONS, "scheme", "charter", "engine", "cli") == []
    assert found(PROGRAMS, *OPERATIONS, "scheme", "charter") == [f"{APART}: subprocess"]


def test_no_connection_is_made_from_the_service() -> None:
    assert found(CALLS_OUT, *OPERATIONS, "scheme", "charter", "engine") == [
        f"{APART}: socket",
        f"{APART_CHILD}: socket",
    ]
    ours = [
        name
        for path, tree in trees("records/store")
        if path in (APART, APART_CHILD)
        for name in called(tree)
        if name.startswith(("socket.", "subprocess."))
    ]
    # A pair without a name, a program of ours, and the end that it was given: no address at all.
    assert sorted(set(ours)) == ["socket.socket", "socket.socketpair", "subprocess.Popen"]


def test_no_weak_hash_and_no_weak_chance() -> None:
    weak = {f"{one}{name}" for one in ("hashlib.", "") for name in ("md5", "sha1", "new")}
    assert found(weak - {"new"}, *OPERATIONS, calls=True) == []
    assert found(CHANCE, "service", "decisions", "records/ledger", "records/store") == []


@pytest.mark.parametrize(
    ("text", "name", "calls"),
    [
        ("x = eval('1')", "eval", True),
        ("import pickle", "pickle", False),
        ("from urllib import request", "urllib.request", False),
        ("hashlib.md5(b'')", "hashlib.md5", True),
    ],
)
def test_what_is_looked_for_is_found(text: str, name: str, calls: bool) -> None:
    tree = ast.parse(text)
    assert name in set(called(tree) if calls else imported(tree))
