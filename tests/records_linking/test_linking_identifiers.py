"""Strong identifiers: what passes, what does not, and that no number is ever repeated."""

import traceback
from datetime import date

import pytest
from linking_people import number

from xinyong.errors import CodeRefused, QuestionRefused
from xinyong.records import uscc
from xinyong.records.linking.identifiers import (
    FIRM,
    KINDS,
    LEI,
    PERSON,
    RESIDENT,
    USCC,
    Identifier,
    identifier,
    resident_check_digit,
)
from xinyong.records.linking.record import Record, Ref, plain, plain_phone

RESIDENTS = number("110101", date(2150, 2, 28), 17)
FIRMS = uscc.with_check_digits("919999990000A00B")
LEIS = "ZZZZ00TESTONLY000110"


@pytest.mark.parametrize(
    ("kind", "value", "whose"),
    [(RESIDENT, RESIDENTS, PERSON), (USCC, FIRMS, FIRM), (LEI, LEIS, FIRM)],
)
def test_a_well_formed_number_passes_and_is_hidden_when_printed(
    kind: str, value: str, whose: str
) -> None:
    found = Identifier(kind, value)
    assert found.whose == whose
    assert value not in repr(found) and value not in f"{found}" and value not in f"{[found]}"
    spaced = f" {value[:6]}-{value[6:].lower()} "
    assert identifier(kind, spaced) == found


def test_the_birth_date_of_a_resident_is_read_from_the_number() -> None:
    assert Identifier(RESIDENT, RESIDENTS).born == date(2150, 2, 28)
    assert Identifier(USCC, FIRMS).born is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (RESIDENT, "11010519491231002X"),  # GB 11643, both examples of the standard
        (RESIDENT, "440524188001010014"),
        # Check digits as python-stdnum 2.2 worked them out on 22 November 2026.
        (RESIDENT, "360426199101010071"),
        (RESIDENT, "65010421890615123X"),
        (RESIDENT, "500103200002299990"),  # 29 February 2000
        (LEI, "5493001KJTIIGC8Y1R12"),
        (LEI, "7LTWFZYICNSX8D621K86"),
        (LEI, "HWUPKR0MPOU8FGXBT394"),
    ],
)
def test_published_examples_pass(kind: str, value: str) -> None:
    assert identifier(kind, value) is not None


@pytest.mark.parametrize("before", ["", "1101051949123100", "1101051949123100X", "１" * 17])
def test_only_seventeen_digits_have_a_check_digit(before: str) -> None:
    with pytest.raises(CodeRefused, match="17 digits"):
        resident_check_digit(before)


def slips(value: str) -> set[str]:
    """Every character mistyped in every way, and all neighbours that changed places."""
    wrong = {
        value[:i] + c + value[i + 1 :]
        for i in range(len(value))
        for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    }
    wrong |= {value[:i] + value[i + 1] + value[i] + value[i + 2 :] for i in range(len(value) - 1)}
    return wrong - {value}


@pytest.mark.parametrize(("kind", "value"), [(RESIDENT, RESIDENTS), (USCC, FIRMS)])
def test_no_single_slip_passes(kind: str, value: str) -> None:
    assert len(slips(value)) > 600
    assert [text for text in slips(value) if identifier(kind, text)] == []


def test_of_an_lei_a_digit_taken_for_a_letter_can_pass_and_nothing_else() -> None:
    """Its check turns letters into two digits: known, and one reason for looking at the name."""
    passed = [text for text in slips(LEIS) if identifier(LEI, text)]
    assert 0 < len(passed) < len(slips(LEIS)) / 100
    for text in passed:
        assert sum(map(str.isdigit, text)) != sum(map(str.isdigit, LEIS))


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (RESIDENT, RESIDENTS[:17], "17 digits"),
        (RESIDENT, "１" + RESIDENTS[1:], "17 digits"),
        (RESIDENT, RESIDENTS[:17] + ("5" if RESIDENTS[17] != "5" else "6"), "check digit"),
        (RESIDENT, number("990101", date(2150, 2, 28), 17), "region"),
        (RESIDENT, number("110101", date(2150, 2, 28), 0), "sequence"),
        (USCC, FIRMS[:17], "well formed"),
        (LEI, LEIS[:18], "18 letters"),
        (LEI, LEIS[:18] + "00", "check digits"),
        ("passport", "E12345678", "no kind"),
    ],
)
def test_what_is_wrong_is_said_without_the_number(kind: str, value: str, says: str) -> None:
    with pytest.raises(CodeRefused, match=says) as caught:
        Identifier(kind, value)
    told = "".join(traceback.format_exception_only(caught.value))
    assert value not in told
    assert caught.value.why and caught.value.mend


def test_a_number_that_is_not_well_formed_is_none_and_an_unknown_kind_an_error() -> None:
    assert all(identifier(kind, "12345") is None for kind in KINDS)
    with pytest.raises(CodeRefused, match="no kind"):
        identifier("cn-passport", "E12345678")


def test_a_day_that_there_is_not_is_refused() -> None:
    stem = "11010121500230001"
    numbers = [stem + c for c in "0123456789X"]
    assert all(identifier(RESIDENT, text) is None for text in numbers)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "shop"},
        {"name": "·-"},
        {"name": "a" * 201},
        {"born": date(1899, 12, 31)},
        {"identifiers": (Identifier(USCC, FIRMS),)},
        {"identifiers": (Identifier(RESIDENT, RESIDENTS),) * 2},
    ],
)
def test_a_record_that_does_not_fit_is_refused_and_names_nobody(fields: dict[str, object]) -> None:
    whole = {"ref": Ref("left", "7"), "kind": PERSON, "name": "王小明", "phone": "10012345678"}
    with pytest.raises(QuestionRefused) as caught:
        Record(**(whole | fields))  # type: ignore[arg-type]
    assert "left/7" in str(caught.value)
    assert "王小明" not in str(caught.value) and "10012345678" not in str(caught.value)


def test_a_record_prints_its_ref_alone() -> None:
    record = Record(
        Ref("left", "7"), PERSON, "王小明", (Identifier(RESIDENT, RESIDENTS),), phone="10012345678"
    )
    assert repr(record) == "Record(left/7)"
    assert record.birth == date(2150, 2, 28)


@pytest.mark.parametrize("source", ["", "a" * 201, "a\nb"])
def test_a_ref_is_short_and_printable(source: str) -> None:
    with pytest.raises(QuestionRefused, match="source or id"):
        Ref(source, "1")


def test_texts_are_compared_in_one_form() -> None:
    assert plain("阿布都·热西提") == plain("阿布都•热西提") == plain("阿布都热西提 ")
    assert plain("ＡＢＣ（上海）Co., Ltd.") == "abc上海coltd"
    assert plain_phone("+86 100-1234-5678") == plain_phone("0086 10012345678") == "10012345678"
    assert plain_phone("８６10012345678") == "10012345678"
    assert plain_phone("861234567") == "861234567"
