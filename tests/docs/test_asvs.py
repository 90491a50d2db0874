"""The table of ASVS: each requirement once, each test that it names there, the counts right."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]
STATES = ("met", "does not apply", "not met")
LEVELS = {"1": 70, "2": 183}
"""Requirements of ASVS 5.0.0 at each level."""


def test_every_requirement_stands_once_with_a_state_and_a_reason() -> None:
    numbers = [row[0] for row in ROWS]
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers, key=lambda text: [int(part) for part in text.split(".")])
    assert Counter(row[1] for row in ROWS) == LEVELS
    for row in ROWS:
        assert len(row) == 5 and row[3] in STATES and row[2] and row[4], row


def test_the_counts_are_those_of_the_table() -> None:
    met, other, missing = (Counter(row[3] for row in ROWS)[state] for state in STATES)
    told = (
        f"Of {len(ROWS)} requirements {met} are met, {other} do not apply and {missing} are not met"
    )
    assert told in PAGE


def test_every_test_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE))
    assert len(named) > 40
    assert PAGE.count("::") == len(re.findall(r"`tests/[\w/]+\.py::test_\w+`", PAGE))
    for path, name in sorted(named):
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        functions = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
        assert name in functions, f"{path}::{name}"


def test_every_page_that_is_named_is_there() -> None:
    for path in re.findall(r"docs/[\w-]+\.md", PAGE):
        assert (ROOT / path).is_file(), path
