"""Two hand-written schemes on loans whose outcome is known: SuperLender's and Berka's.

The figures are told in docs/real-data.md, which the last test holds to what is measured here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from ranks import auc
from real_loans import EXAMPLES, Question, Real, ask_plain, by_subject, differences, table_of

from xinyong.engine.batch import score_table

FAR = 4_102_444_800_000_000  # 2100-01-01


@pytest.fixture(params=["superlender", "berka"])
def real(request: pytest.FixtureRequest) -> Real:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Real)
    return found


def scored(real: Real, change: Callable[[Question], Question] = lambda q: q) -> pa.Table:
    """All loans in one call, each as of its own moment, or with the question changed."""
    asked = table_of([change(question) for question in real.questions])
    return score_table(real.scheme, real.events, questions=asked, lines=True)


def scores(table: pa.Table) -> list[int]:
    return list(table["score"].to_pylist())


def auc_of(real: Real, found: Sequence[int]) -> Fraction:
    pairs = list(zip(found, real.questions, strict=True))
    return auc([s for s, q in pairs if not q.bad], [s for s, q in pairs if q.bad])


def known_at_any_time(question: Question) -> Question:
    return replace(question, known_by=FAR)


def instants(column: pa.ChunkedArray) -> list[int]:
    return list(column.cast(pa.int64()).to_pylist())


# ------------------------------------------------------------------ the measure itself


def test_ties_count_half_in_the_auc() -> None:
    assert auc([3, 2], [1, 2]) == Fraction(7, 8)
    assert auc([1, 1], [1, 1, 1]) == Fraction(1, 2)
    assert auc([5], [7, 8]) == 0


# ------------------------------------------------------------------ intake


def test_superlender_is_taken_in_whole(superlender: Real) -> None:
    report = superlender.report
    assert (report.rows, report.set_aside, report.duplicates) == (18_183 + 4_368, 0, 0)
    assert report.events == superlender.events.num_rows == 3 * 18_183 + 4_368
    assert report.subjects == len(superlender.questions) == 4_368
    assert superlender.rejects == ""


def test_berka_is_taken_in_whole(berka: Real) -> None:
    report = berka.report
    assert (report.rows, report.set_aside, report.duplicates) == (30_200 + 682, 0, 0)
    assert report.events == berka.events.num_rows == 30_200 + 682
    assert len(berka.questions) == 354
    assert berka.rejects == ""


def test_nothing_but_what_the_scheme_declares_is_taken_in(real: Real) -> None:
    """No name, bank, employer, schooling or outcome gets past the mapping."""
    fields = {
        name
        for data_set in real.scheme.data_sets.values()
        for event in data_set.events.values()
        for name in event.fields
    }
    house = {"subject", "kind", "happened_at", "recorded_at", "struck_at", "id", "source"}
    assert set(real.events.column_names) <= fields | house | {"data_set"}


# ------------------------------------------------------------------ one call, two engines


def test_both_engines_answer_every_loan_alike(real: Real) -> None:
    found = scored(real)
    outcomes = ask_plain(real.scheme, by_subject(real.scheme, real.events), real.questions)
    assert len(outcomes) == len(real.questions)
    assert differences(real.scheme, found, outcomes) == []
    assert len({one.day for one in outcomes}) > 25, "many days in one call"


# ------------------------------------------------------------------ what judgement is worth


def test_the_thin_file_scheme_tells_good_from_bad(superlender: Real) -> None:
    assert sum(question.bad for question in superlender.questions) == 952
    assert auc_of(superlender, scores(scored(superlender))) >= Fraction(62, 100)


def test_the_current_account_scheme_tells_good_from_bad(berka: Real) -> None:
    """The floor lies two standard errors (0.045 each, with 30 bad loans) below what was seen."""
    assert sum(question.bad for question in berka.questions) == 30
    assert auc_of(berka, scores(scored(berka))) >= Fraction(75, 100)


# ------------------------------------------------------------------ nothing from later


def late_closings(real: Real) -> set[str]:
    """Subjects with an earlier loan that closes at or after the moment of scoring."""
    moment = {question.subject: question.known_by for question in real.questions}
    rows = zip(
        real.events["subject"].to_pylist(),
        real.events["kind"].to_pylist(),
        instants(real.events["recorded_at"]),
        strict=True,
    )
    late = [who for who, kind, at in rows if kind == "loan_closed" and at >= moment[who]]
    assert len(late) == 756
    return set(late)


def test_events_known_later_change_scores_and_are_kept_out(superlender: Real) -> None:
    now, later = scored(superlender), scored(superlender, known_at_any_time)
    changed = {
        question.subject
        for question, one, other in zip(
            superlender.questions, scores(now), scores(later), strict=True
        )
        if one != other
    }
    assert len(changed) == 750
    assert changed <= late_closings(superlender), "nobody else's score hangs on later events"
    assert auc_of(superlender, scores(later)) > auc_of(superlender, scores(now))


def test_the_scores_are_those_of_a_table_from_which_later_events_are_struck(
    superlender: Real,
) -> None:
    """Taking the later events out by hand and letting all be known gives the same scores."""
    moment = {question.subject: question.known_by for question in superlender.questions}
    keep = [
        at <= moment[who]
        for who, at in zip(
            superlender.events["subject"].to_pylist(),
            instants(superlender.events["recorded_at"]),
            strict=True,
        )
    ]
    assert 0 < keep.count(False) == 756 + 664
    cut = replace(superlender, events=superlender.events.filter(pa.array(keep)))
    assert scored(cut, known_at_any_time).equals(scored(superlender))


def test_the_end_of_the_day_is_too_late_a_cut(superlender: Real) -> None:
    """Without ``known_by`` a day sees all of itself, and so the very repayments to be kept out."""
    asked = table_of(superlender.questions).drop_columns(["known_by"])
    whole_day = score_table(superlender.scheme, superlender.events, questions=asked, lines=True)
    assert scores(whole_day) == scores(scored(superlender, known_at_any_time))


def test_berkas_file_holds_nothing_from_the_loans_day_on(berka: Real) -> None:
    moment = {question.subject: question.known_by for question in berka.questions}
    late = [
        who
        for who, kind, at in zip(
            berka.events["subject"].to_pylist(),
            berka.events["kind"].to_pylist(),
            instants(berka.events["recorded_at"]),
            strict=True,
        )
        if kind == "entry" and at >= moment[who]
    ]
    assert late == []
    assert scored(berka, known_at_any_time).equals(scored(berka))


def test_what_is_booked_an_hour_later_is_kept_out_of_berkas_scores(berka: Real) -> None:
    """Ruin written behind each loan, on its own day, leaves its score alone until it is let in."""
    hour = 3_600_000_000
    subjects = [question.subject for question in berka.questions]
    moments = pa.array([question.known_by + hour for question in berka.questions], pa.int64())
    count = len(subjects)
    ruin = pa.table(
        {
            "subject": subjects,
            "kind": ["entry"] * count,
            "happened_at": moments.cast(pa.timestamp("us", tz="UTC")),
            "recorded_at": moments.cast(pa.timestamp("us", tz="UTC")),
            "id": [f"ruin-{n}" for n in range(count)],
            "way": ["out"] * count,
            "reason": ["penalty"] * count,
            "amount": [100] * count,
            "balance": [-9_000_000] * count,
        }
    )
    both = pa.concat_tables([berka.events, ruin], promote_options="default")
    after = replace(berka, events=both.replace_schema_metadata(None))
    now, later = scores(scored(berka)), scores(scored(after, known_at_any_time))
    assert scores(scored(after)) == now
    fallen = sum(one > other for one, other in zip(now, later, strict=True))
    assert fallen >= 340, "all but the few who stand at the bottom already"


# ------------------------------------------------------------------ the figures in the docs


def test_the_page_tells_what_is_measured(superlender: Real, berka: Real) -> None:
    page = " ".join((EXAMPLES.parent / "docs" / "real-data.md").read_text("utf-8").split())

    def row(name: str, found: pa.Table) -> str:
        bands = zip(found["band"].to_pylist(), now["band"].to_pylist(), strict=True)
        differ = sum(a != b for a, b in zip(scores(found), scores(now), strict=True))
        moved = sum(a != b for a, b in bands)
        return (
            f"| {name} | {float(auc_of(superlender, scores(found))):.4f} | {differ:,} | {moved} |"
        )

    def next_day(question: Question) -> Question:
        return replace(question, day=question.day + timedelta(days=1), known_by=FAR)

    now = scored(superlender)
    assert row("known by the moment of creation", now).replace("| 0 | 0 |", "| | |") in page
    assert (
        row("all that ever became known, up to that day", scored(superlender, known_at_any_time))
        in page
    )
    assert row("the same, and the window moved on by a day", scored(superlender, next_day)) in page
    ours, theirs = auc_of(superlender, scores(now)), auc_of(berka, scores(scored(berka)))
    assert f"| **{float(ours):.4f}** (standard error 0.010) | **{float(theirs):.4f}** (" in page
    assert f"| {superlender.report.events:,} | {berka.report.events:,} |" in page


def test_the_readmes_snippet_gives_the_same_scores(superlender: Real, data_folder: Path) -> None:
    readme = (EXAMPLES / "thin-file" / "README.md").read_text(encoding="utf-8")
    code = readme.split("```python\n")[1].split("```")[0]
    for said, meant in (("superlender/", data_folder / "superlender"), ("examples", EXAMPLES)):
        assert f'"{said}' in code
        code = code.replace(f'"{said}', f'"{meant}')
    names: dict[str, Any] = {}
    exec(code, names)
    found = {row["subject"]: row["score"] for row in names["scores"].to_pylist()}
    ours = scored(superlender)
    assert found == dict(zip(ours["subject"].to_pylist(), scores(ours), strict=True))
