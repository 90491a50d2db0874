"""A flag is a reason to inspect: never a penalty, never part of a score, told with its chance."""

import ast
from dataclasses import fields
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from drawn_readings import FIRM, START
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import xinyong
from xinyong.errors import EventsRefused, QuestionRefused, StepRefused
from xinyong.face import score
from xinyong.records import uscc
from xinyong.records.sensors.flags import Flag, at_least, prioritise
from xinyong.records.sensors.instrument import HOUR, WEEK
from xinyong.records.sensors.kinds import Kind
from xinyong.scheme import library

FIRMS = uscc.draw(np.random.default_rng(5), 300)


def flag(firm: str = FIRM, week: int = 0, kind: Kind = Kind.FLAT, **more: object) -> Flag:
    given: dict[str, object] = {
        "firm": firm, "instrument": "chimney 1", "substance": "dust", "kind": kind,
        "start": START + week * WEEK * HOUR, "end": START + (week + 1) * WEEK * HOUR,
        "evidence": "12 ug/m3 stood unchanged for 40 hours", "false_alarms_per_10000": 100,
    }  # fmt: skip
    return Flag(**(given | more))  # type: ignore[arg-type]


# ------------------------------------------------------------------ what a flag is


def test_a_flag_goes_into_plain_data_and_back() -> None:
    one = flag()
    assert Flag.from_json(one.to_json()) == one
    assert one.to_json()["use"] == "inspection priority"


@pytest.mark.parametrize(
    "wrong",
    [
        {"firm": "11010519491231002X"},
        {"firm": "somebody"},
        {"use": "penalty"},
        {"false_alarms_per_10000": 101},
        {"false_alarms_per_10000": 0},
        {"end": START},
        {"evidence": ""},
        {"points": -50},
    ],
)
def test_no_flag_is_about_a_person_or_without_its_rate_or_for_another_use(
    wrong: dict[str, object],
) -> None:
    with pytest.raises((ValidationError, TypeError)):
        flag(**wrong)
    with pytest.raises(StepRefused):
        Flag.from_json(flag().to_json() | wrong)


def test_a_flag_holds_nothing_that_weighs() -> None:
    words = {one.name for one in fields(Flag)}
    assert words == {
        "firm", "instrument", "substance", "kind", "start", "end", "evidence",
        "false_alarms_per_10000", "use",
    }  # fmt: skip


SRC = Path(xinyong.__file__).parent
MAY_KNOW = {"decisions/inspections.py"}
"""Who may know of readings and flags, besides the doors ``service`` and ``cli``."""


@cache
def imports(path: Path) -> frozenset[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def knows_of(part: str) -> set[str]:
    return {
        str(path.relative_to(SRC))
        for path in SRC.rglob("*.py")
        if any(name == part or name.startswith(part + ".") for name in imports(path))
    }


def test_no_room_that_scores_or_decides_knows_of_flags() -> None:
    outside = {
        path
        for path in knows_of("xinyong.records.sensors")
        if not path.startswith(("records/sensors/", "service/", "cli/"))
    }
    assert outside <= MAY_KNOW
    # and who may know is itself known to nobody but the doors
    beyond = knows_of("xinyong.decisions.inspections")
    assert all(path.startswith(("service/", "cli/")) for path in beyond)
    assert knows_of("xinyong.records.sensors.flags"), "the search itself finds something"


def test_what_judges_never_imports_what_fabricates() -> None:
    users = knows_of("xinyong.records.sensors.injected")
    assert users == {"records/sensors/judged.py"}


@pytest.mark.parametrize("name", ["zibo-emissions-2021", "environmental-credit"])
def test_a_flag_given_as_an_event_is_no_event_of_a_scheme(name: str) -> None:
    assert name in library.names()
    given = flag().to_json() | {"subject": FIRM, "happened_at": "2022-01-03"}
    row = {**given, "kind": "flag"}
    for one in (given, row, {key: row[key] for key in ("subject", "kind", "happened_at")}):
        with pytest.raises(EventsRefused):
            score(name, pa.Table.from_pylist([one]), day="2022-12-31", place="cn")


# ------------------------------------------------------------------ the list


def test_the_list_is_told_with_what_chance_brings() -> None:
    tries = dict.fromkeys(FIRMS[:100], 50)
    found = prioritise([flag(firm) for firm in FIRMS[:40]], tries)
    assert len(found.firms) == 40 and found.looked_at == 100
    assert found.flagged_by_chance == pytest.approx(100 * (1 - 0.99**50))
    assert found.told.startswith("Of 40 firms flagged, about 39 would be flagged by chance: 100 ")
    assert "up to 1 % of the genuine cases" in found.told
    assert "not a finding" in found.told


def test_chance_never_claims_more_firms_than_are_flagged() -> None:
    found = prioritise([flag(FIRMS[0])], dict.fromkeys(FIRMS, 500))
    assert found.told.startswith("Of 1 firm flagged, about 1 would")


def test_many_flags_in_few_tries_come_first() -> None:
    few, many, tie = FIRMS[:3]
    flags = [*(flag(many, week) for week in range(6)), *(flag(few, w) for w in range(4))]
    flags.append(flag(tie))
    found = prioritise(flags, {few: 40, many: 600, tie: 600})
    assert [row.firm for row in found.firms] == [few, many, tie]
    assert [row.by_chance for row in found.firms] == pytest.approx([0.4, 6.0, 6.0])
    assert [one.start for one in found.firms[0].flags] == sorted(
        one.start for one in found.firms[0].flags
    )


def test_the_order_does_not_depend_on_the_order_given() -> None:
    flags = [flag(firm, week) for firm in FIRMS[:20] for week in range(3)]
    tries = dict.fromkeys(FIRMS[:20], 60)
    assert prioritise(flags, tries) == prioritise(flags[::-1], dict(reversed(tries.items())))


@pytest.mark.parametrize("tries", [{}, {FIRM: 1}])
def test_flags_without_their_tries_make_no_list(tries: dict[str, int]) -> None:
    with pytest.raises(QuestionRefused, match="tries"):
        prioritise([flag(), flag(week=1)], tries)


def test_nobody_flagged_is_an_empty_list() -> None:
    found = prioritise([], {FIRM: 50})
    assert found.firms == () and found.told.startswith("Of 0 firms flagged, about 0 would")


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_chance_of_so_many_flags_is_the_binomial_tail(hits: int, of: int) -> None:
    ways, tail = 1.0, 0.0
    for k in range(of + 1):
        if k >= hits:
            tail += ways * 0.01**k * 0.99 ** (of - k)
        ways = ways * (of - k) / (k + 1)
    assert at_least(hits, of, 0.01) == pytest.approx(tail, abs=1e-12)


def test_firms_flagged_by_chance_alone_are_as_many_as_told() -> None:
    """Genuine firms, flagged at the promised rate: the sentence is right on average."""
    chance = np.random.default_rng(11)
    tries = dict.fromkeys(FIRMS, 30)
    counts = []
    for _ in range(20):
        hits = chance.binomial(30, 0.01, len(FIRMS))
        flags = [flag(f, w) for f, n in zip(FIRMS, hits, strict=True) for w in range(n)]
        found = prioritise(flags, tries)
        counts.append(len(found.firms))
    assert np.mean(counts) == pytest.approx(found.flagged_by_chance, rel=0.08)
