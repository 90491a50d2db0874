"""Everybody from a snapshot, one subject from the store, and the plain meaning: the same scores."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from timelines import Teller, timeline, told

sys.path.append(str(Path(__file__).parents[1] / "engine"))

import many
from equal import expected_row, rows

from xinyong.engine import plain
from xinyong.engine.batch import score_table
from xinyong.engine.shape import shape_of
from xinyong.engine.single import packed, score_one
from xinyong.records.store import Store
from xinyong.records.table import to_events
from xinyong.scheme import library

SUBJECTS = 40
ERASED = 5

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["a-fair-start", "tax-credit-2025"])
def test_snapshot_and_store_give_the_same_scores(
    name: str, make: Callable[..., Store], tmp_path: Path
) -> None:
    scheme = library.load(name)
    shape = shape_of(scheme)
    drawn = many.by_subject(to_events(many.drawn(name), shape))
    names = sorted(drawn)[:SUBJECTS]
    chance = random.Random(name)
    steps = timeline((event for one in names for event in drawn[one]), chance)
    teller = Teller()
    store = make(clock=teller.clock)
    teller.tell(store, steps)
    size = store.size()
    assert size == len(steps)
    assert {step.kind for step in steps} == {"event", "strike", "dispute", "outcome"}
    asked = [*sorted(chance.sample(range(1, size), 3)), size]
    scores = [compare(store, name, teller, upto, tmp_path / f"{upto}.parquet") for upto in asked]
    assert any(before != after for before, after in pairwise(scores))
    for one in names[:ERASED]:
        assert store.erase(one, reason="asked")
    for upto in asked:
        path = tmp_path / f"later-{upto}.parquet"
        later = compare(store, name, teller, upto, path, gone=frozenset(names[:ERASED]))
        assert later.items() <= scores[asked.index(upto)].items()


def compare(
    store: Store,
    name: str,
    teller: Teller,
    upto: int,
    path: Path,
    *,
    gone: frozenset[str] = frozenset(),
) -> dict[str, int]:
    """The score of each subject, after holding every way to it against the others."""
    scheme = library.load(name)
    shape = shape_of(scheme)
    taken = store.snapshot(path, shape, upto=upto)
    assert taken.upto == upto and taken.known_by == teller.written[upto - 1][1]
    oracle = {s: e for s, e in told(teller.written, upto).items() if s not in gone}
    table = pq.read_table(path)
    assert taken.events == table.num_rows == sum(map(len, oracle.values()))
    made = score_table(
        scheme, table, day=many.DAY, known_by=taken.known_by, lines=True, next_change=False
    )
    got = {row["subject"]: row for row in rows(made)}
    assert list(got) == sorted(oracle)
    for subject, events in oracle.items():
        question = {"day": many.DAY, "known_by": taken.known_by}
        standing = store.standing(subject, upto=upto)
        wanted = plain.score(scheme, events, subject=subject, **question)
        mine = packed(scheme, standing.fitting(shape), subject=subject)
        assert score_one(mine, **question) == wanted
        assert got[subject] == expected_row(scheme, events, subject, *question.values())
        # The moment of the subject's own newest act gives the same, but for its name.
        own = score_one(mine, day=many.DAY, known_by=max(standing.known_by, 1))
        assert (own.score, own.band, own.lists) == (wanted.score, wanted.band, wanted.lists)
    return {subject: row["score"] for subject, row in got.items()}
