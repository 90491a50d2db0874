"""How fields agree: the definition, and that Splink counts by the same."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linking_people import Slips, a_crowd, written_down

from xinyong.errors import QuestionRefused
from xinyong.records.linking.candidates import MOST, scored_pairs
from xinyong.records.linking.comparing import (
    FIELDS,
    Agreement,
    Ground,
    compare,
    one_lost,
    one_slip,
    shortened,
)
from xinyong.records.linking.odds import STATED, FieldOdds, Odds, Share
from xinyong.records.linking.record import Record, Ref

TEXTS = st.text("abcd", max_size=7)


def person(name: str = "王小明", **fields: object) -> Record:
    return Record(Ref("left", "1"), "person", name, **fields)  # type: ignore[arg-type]


@given(TEXTS, TEXTS)
def test_one_lost_is_what_its_definition_says(left: str, right: str) -> None:
    meets = bool(shortened(left) & shortened(right))
    assert one_lost(left, right) == one_lost(right, left) == meets


@pytest.mark.parametrize(
    ("left", "right", "way"),
    [
        ("王小明", "王小明", "same"),
        ("王 小明", "王小明", "same"),
        ("王小明", "王大明", "near"),
        ("王小明", "王明小", "near"),
        ("诸葛小明", "诸葛明", "near"),
        ("王小明", "王明", "differs"),  # two characters are too few to judge by
        ("王明", "王红", "differs"),
        ("王小明", "李大明", "differs"),
    ],
)
def test_names(left: str, right: str, way: str) -> None:
    assert compare(person(left), person(right))["name"].value == way


@pytest.mark.parametrize(
    ("left", "right", "way"),
    [
        ("2150-02-03", "2150-02-03", "same"),
        ("2150-02-03", "2150-03-02", "near"),
        ("2150-02-03", "2150-02-13", "near"),
        ("2150-02-03", "2105-02-03", "near"),
        ("2150-02-03", "2150-11-25", "part"),
        ("2150-02-03", "2149-11-25", "differs"),
        ("2150-02-03", None, "unknown"),
    ],
)
def test_birth_dates(left: str, right: str | None, way: str) -> None:
    one = person(born=date.fromisoformat(left))
    other = person(born=right and date.fromisoformat(right))
    assert compare(one, other)["birth"].value == compare(other, one)["birth"].value == way


def test_phones_and_places() -> None:
    def way(field: str, left: str, right: str) -> str:
        return compare(person(**{field: left}), person(**{field: right}))[field].value

    assert way("phone", "100 1234 5678", "+86 10012345678") == "same"
    assert way("phone", "10012345678", "10012345687") == "near"
    assert way("phone", "10012345678", "10092345687") == "differs"
    assert way("phone", "123456", "123457") == "differs"
    assert way("place", "Nanjing", "NANJING ") == "same"
    assert way("place", "Nanjing", "Nanking") == "differs"
    assert way("place", "", "Nanking") == "unknown"


@given(st.text("01", min_size=8, max_size=8), st.text("01", min_size=8, max_size=8))
def test_one_slip_is_one_change_or_one_swap(left: str, right: str) -> None:
    changed = {left[:i] + c + left[i + 1 :] for i in range(8) for c in "01"}
    swapped = {left[:i] + left[i + 1] + left[i] + left[i + 2 :] for i in range(7)}
    assert one_slip(left, right) == (right in (changed | swapped) - {left})


def test_a_ground_survives_the_ledger() -> None:
    ground = Ground("phone", Agreement.NEAR, -1234)
    assert Ground.from_json(ground.to_json()) == ground


def test_splink_agrees_with_the_definition() -> None:
    """Each way to agree has its own weight: what Splink weighed tells which way it saw."""
    rng = np.random.default_rng(3)
    people = a_crowd(rng, 3_000)
    slips = Slips(name=30, born=30, phone_other=20, moved=20)
    left, right = (written_down(rng, source, people, slips) for source in ("left", "right"))
    # Many ways to look like another: phones one digit away.
    right += [
        Record(
            Ref("right", f"n{r.ref.id}"), r.kind, r.name, (), r.born, r.place, r.phone[:-1] + "0"
        )
        for r in right
        if r.phone
    ]
    seen: dict[tuple[str, Agreement], set[int]] = {}
    for scored in scored_pairs(left, right, Odds(), threads=2):
        ways = compare(left[scored.left], right[scored.right])
        for (field, way), weight in zip(ways.items(), scored.weights, strict=True):
            seen.setdefault((field, way), set()).add(weight)
    for odds in STATED:
        said = {odds.field: {share.agreement: share for share in odds.shares}}
        for way in Agreement:
            weights = seen.get((odds.field, way), set())
            if way is Agreement.UNKNOWN:
                assert weights <= {0}
            elif way in said[odds.field] and way is not Agreement.SAME:
                share = said[odds.field][way]
                assert weights == {round(1000 * float(np.log2(share.one / share.two)))}, way
            elif way is Agreement.SAME:
                most = 1000 * float(np.log2(odds.shares[0].one / odds.rarest))
                assert weights and max(weights) <= most + 1 and min(weights) > 0
            else:
                assert not weights
    assert {field for field, _ in seen} == set(FIELDS)


def test_a_common_name_weighs_less_than_a_rare_one() -> None:
    born = date(2150, 1, 1)
    left = [Record(Ref("left", str(i)), "person", "王伟", (), born) for i in range(50)]
    left.append(Record(Ref("left", "rare"), "person", "司徒清明", (), born))
    right = [Record(Ref("right", r.ref.id), r.kind, r.name, (), r.born) for r in left]
    scored = scored_pairs(left, right, Odds(), threads=1)
    common, rare = (next(s for s in scored if s.left == s.right == i) for i in (0, 50))
    assert common.weights[0] < 1_000 < 4_000 < rare.weights[0]
    assert common.probability < rare.probability <= MOST


def changed(field: int, **parts: object) -> tuple[FieldOdds, ...]:
    fields = list(STATED)
    old = fields[field]
    fields[field] = FieldOdds(
        **({"field": old.field, "shares": old.shares, "rarest": old.rarest} | parts)  # type: ignore[arg-type]
    )
    return tuple(fields)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shared": 0},
        {"shared": 1_000_000},
        {"fields": STATED[:3]},
        {"fields": changed(0, rarest=0)},
        {"fields": changed(3, shares=(Share(Agreement.SAME, 999_999, 2),))},
        {
            "fields": changed(
                3,
                shares=(
                    Share(Agreement.SAME, 850_000, 50_000),
                    Share(Agreement.DIFFERS, 150_001, 950_000),
                ),
            )
        },
    ],
)
def test_odds_that_are_none_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(QuestionRefused) as caught:
        Odds(**wrong)  # type: ignore[arg-type]
    assert caught.value.mend
