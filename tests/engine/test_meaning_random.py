"""Random schemes and histories under the plain engine: it never raises, and its parts agree."""

import json
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import days_and_known, histories, schemes

from xinyong.days import local_day
from xinyong.engine import plain
from xinyong.scheme.model import Scheme

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


def question(data: st.DataObject) -> tuple[Scheme, list[Any], date, int | None]:
    scheme = data.draw(schemes())
    day, known = data.draw(days_and_known(scheme))
    return scheme, data.draw(histories(scheme)), day, known


@settings(max_examples=100, suppress_health_check=QUIET)
@given(st.data())
def test_parts_add_up_to_the_score(data: st.DataObject) -> None:
    scheme, events, day, known = question(data)
    rules = scheme.score
    for subject in ("s0", "s1", "nobody"):
        outcome = plain.score(scheme, events, subject=subject, day=day, known_by=known)
        total = outcome.start + sum(outcome.dimensions.values())
        assert outcome.score == max(rules.floor, min(rules.ceiling, total))
        assert len(outcome.reasons) <= rules.reasons.most
        assert outcome.band in {band.name for band in scheme.bands}
        assert outcome == plain.score(
            scheme, list(reversed(events)), subject=subject, day=day, known_by=known
        )


def _alike(one: Any, other: Any) -> bool:
    def part(outcome: Any) -> Any:
        return outcome.score, outcome.band, outcome.lists, outcome.consequences

    return bool(part(one) == part(other))


@settings(max_examples=60, suppress_health_check=QUIET)
@given(st.data())
def test_next_change_agrees_with_scoring_day_by_day(data: st.DataObject) -> None:
    scheme, events, day, known = question(data)
    today = plain.score(scheme, events, subject="s0", day=day, known_by=known)
    # The same events and no others: those that are not visible today are left out.
    visible = [e for e in events if _visible(scheme, events, e, day, today.known_by)]
    expected = None
    for ahead in range(1, 61):
        later = day + timedelta(days=ahead)
        outcome = plain.score(scheme, visible, subject="s0", day=later, known_by=today.known_by)
        if not _alike(today, outcome):
            expected = later
            break
    found = plain.next_change(scheme, events, subject="s0", day=day, known_by=known)
    if expected is None:
        assert found is None or found > day + timedelta(days=60)
    else:
        assert found == expected


def _visible(scheme: Scheme, events: list[Any], event: Any, day: date, known_by: int) -> bool:
    """Written a second time, on purpose: one record of each id, on the day, known, not struck."""
    same = [e for e in events if (e.subject, e.id) == (event.subject, event.id)]
    first = min(same, key=lambda e: (e.recorded_at, e.happened_at, e.kind))
    return (
        event is first
        and local_day(event.happened_at, scheme.zone) <= day
        and event.recorded_at <= known_by
        and not (event.struck_at is not None and event.struck_at <= known_by)
    )


@settings(max_examples=60, suppress_health_check=QUIET)
@given(st.data())
def test_the_trace_adds_up_and_is_json(data: st.DataObject) -> None:
    scheme, events, day, known = question(data)
    found = plain.explain(scheme, events, subject="s0", day=day, known_by=known)
    outcome = plain.score(scheme, events, subject="s0", day=day, known_by=known)
    assert found.outcome == outcome
    trace = json.loads(json.dumps(found.trace, allow_nan=False))
    parts = [trace["start"], *trace["lines"], *trace["limits"]]
    assert sum(part["points"] for part in parts) == trace["score"] == outcome.score
    for variable in trace["variables"]:
        assert variable["unknown"] == (variable["value"] is None) == bool(variable["why"])
        assert variable["text"] != "0" or variable["value"] == 0
