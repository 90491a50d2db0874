"""The four classes, rule by rule; a name alone matches nobody, whatever the probability."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linking_people import number

from xinyong.errors import QuestionRefused
from xinyong.records import uscc
from xinyong.records.linking.candidates import MOST
from xinyong.records.linking.identifiers import FIRM, LEI, PERSON, RESIDENT, USCC, Identifier
from xinyong.records.linking.judging import Bars, Judged, Match, judge
from xinyong.records.linking.matching import match
from xinyong.records.linking.record import Record, Ref

BORN = date(2150, 2, 3)
MINE = Identifier(RESIDENT, number("110101", BORN, 17))
TWINS = Identifier(RESIDENT, number("110101", BORN, 19))
FIRM_A, FIRM_B = (Identifier(USCC, uscc.with_check_digits(f"919999990000A00{c}")) for c in "BC")
LEI_A = Identifier(LEI, "ZZZZ00TESTONLY000110")
LEI_B = Identifier(LEI, "ZZZZ00TESTONLY000207")


def person(side: str, *numbers: Identifier, **fields: object) -> Record:
    said = {"name": "王小明", "born": BORN, "place": "Nanjing", "phone": "10012345678"} | fields
    return Record(Ref(side, "1"), PERSON, identifiers=numbers, **said)  # type: ignore[arg-type]


def firm(side: str, *numbers: Identifier, name: str = "星光贸易有限公司") -> Record:
    return Record(Ref(side, "1"), FIRM, name, numbers)


def both(left: Record, right: Record, probability: int | None = MOST) -> Judged:
    one = judge(left, right, Bars(), probability=probability)
    other = judge(right, left, Bars(), probability=probability)
    assert (one.match, one.why, one.probability) == (other.match, other.why, other.probability)
    return one


def test_the_same_number_and_nothing_against_it_is_strong() -> None:
    found = both(person("l", MINE), person("r", MINE, place="Xian", phone=""), None)
    assert found.match is Match.STRONG and found.probability is None
    assert both(person("l", MINE), person("r", MINE), 3).match is Match.STRONG
    assert both(firm("l", FIRM_A), firm("r", FIRM_A)).match is Match.STRONG
    assert both(firm("l", FIRM_A, LEI_A), firm("r", LEI_A)).match is Match.STRONG


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"name": "王大明"}, "names differ"),
        ({"name": "李红"}, "names differ"),
        ({"born": date(2150, 2, 4)}, "birth dates differ"),
        ({"born": date(2150, 3, 2)}, "birth dates differ"),
        ({"born": None}, "no birth date to check the number by"),
    ],
)
def test_a_number_with_something_against_it_goes_to_a_person(
    changed: dict[str, object], says: str
) -> None:
    found = both(person("l", MINE), person("r", MINE, **changed))
    assert found.match is Match.DOUBTFUL and says in found.why


def test_both_may_not_agree_on_a_birth_date_that_the_number_does_not_hold() -> None:
    other = date(2151, 2, 3)
    found = both(person("l", MINE, born=other), person("r", MINE, born=other))
    assert found.match is Match.DOUBTFUL and "not the one the number holds" in found.why


def test_numbers_that_differ_part_whatever_else_agrees() -> None:
    assert both(person("l", MINE), person("r", TWINS)).match is Match.NONE
    assert both(firm("l", FIRM_A), firm("r", FIRM_B)).match is Match.NONE
    found = both(firm("l", FIRM_A, LEI_A), firm("r", FIRM_A, LEI_B))
    assert found.match is Match.DOUBTFUL and "lei differs" in found.why


def test_a_firm_founded_on_another_day_goes_to_a_person() -> None:
    one, other = (
        Record(Ref(side, "1"), FIRM, "星光贸易有限公司", (FIRM_A,), founded)
        for side, founded in (("l", BORN), ("r", date(2150, 2, 4)))
    )
    found = both(one, other)
    assert found.match is Match.DOUBTFUL and "birth dates differ" in found.why


def test_firms_of_one_name_and_town_are_found_by_their_code_alone() -> None:
    def firms(source: str, *codes: Identifier | None) -> list[Record]:
        return [
            Record(
                Ref(source, str(i)), FIRM, "星光贸易有限公司", (c,) if c else (), None, "Nanjing"
            )
            for i, c in enumerate(codes)
        ]

    found = match(firms("court", FIRM_A, None), firms("register", FIRM_B, FIRM_A, None))
    assert [(p.left.ref.id, p.right.ref.id, p.match) for p in found.pairs] == [
        ("0", "1", Match.STRONG)
    ]
    assert found.looked_at == 6  # all were looked at, being of one name and town


def test_a_person_is_never_a_firm() -> None:
    one = Record(Ref("l", "1"), PERSON, "王小明", (), BORN, "Nanjing", "10012345678")
    other = Record(Ref("r", "1"), FIRM, "王小明", (), BORN, "Nanjing", "10012345678")
    assert both(one, other).match is Match.NONE


def test_probable_takes_name_birth_and_home_and_the_bar() -> None:
    assert both(person("l", MINE), person("r")).match is Match.PROBABLE
    assert both(person("l"), person("r"), 990_000).match is Match.PROBABLE
    assert both(person("l"), person("r"), 989_999).match is Match.DOUBTFUL
    assert both(person("l"), person("r"), 499_999).match is Match.NONE
    assert both(person("l"), person("r"), None).match is Match.NONE
    assert both(person("l"), person("r", place="Xian")).match is Match.PROBABLE
    assert both(person("l"), person("r", place="Xian", phone="")).match is Match.DOUBTFUL
    assert both(person("l"), person("r", name="王大明")).match is Match.DOUBTFUL
    assert both(person("l"), person("r", born=date(2150, 2, 4))).match is Match.DOUBTFUL


@given(
    probability=st.integers(0, MOST),
    name=st.sampled_from(["王伟", "司徒清明", "Ana Nováková"]),
    same_place=st.booleans(),
    phones=st.sampled_from([("", ""), ("10012345678", ""), ("10012345678", "10099999999")]),
    births=st.sampled_from(
        [(None, None), (BORN, None), (BORN, date(2150, 11, 25)), (BORN, date(2161, 7, 19))]
    ),
    numbers=st.sampled_from([(), (MINE,)]),
)
def test_a_name_alone_matches_nobody_whatever_splink_says(
    probability: int,
    name: str,
    same_place: bool,
    phones: tuple[str, str],
    births: tuple[date | None, date | None],
    numbers: tuple[Identifier, ...],
) -> None:
    """Name, name and place, name and year: with any probability it is none."""
    if births == (None, None):
        numbers = ()  # a number would hold a birth date, and one side alone has it
    left = person("l", *numbers, name=name, phone=phones[0], born=births[0])
    place = "Nanjing" if same_place else "Xian"
    right = person("r", name=name, phone=phones[1], born=births[1], place=place)
    found = both(left, right, probability)
    assert found.match is Match.NONE
    assert "shared by many" in found.why


def test_the_lower_bar_is_never_below_a_half() -> None:
    for bars in ((990_000, 499_999), (400_000, 500_000), (1_000_000, 500_000)):
        with pytest.raises(QuestionRefused, match="bars"):
            Bars(*bars)
    assert Bars(500_000, 500_000).probable == 500_000


def test_what_cannot_be_told() -> None:
    """Somebody else's number on a record that is otherwise like that of somebody else.

    A namesake born on the same day, whose record was given the wrong number: nothing here differs.
    The page says so; notice before a burden, and dispute, are what is left.
    """
    theirs = person("register", MINE)
    mistaken = person("court", MINE, place="Xian", phone="10088888888")
    assert both(theirs, mistaken).match is Match.STRONG
