"""Mapping documents: what is wrong is said with its place and the nearest word."""

import re
from pathlib import Path

import pytest

from xinyong.errors import MappingRefused
from xinyong.records.aside import MEANING, Reason
from xinyong.records.checking import check_mapping
from xinyong.records.forms import ENCODINGS
from xinyong.records.mapping import parse_mapping, read_mapping
from xinyong.records.places import DEEPEST, LARGEST, read_places

from .helpers import SHAPE

GOOD = """\
xinyong_mapping: 1
zone: Europe/Prague
files:
  - path: a.csv
    csv: {delimiter: ";"}
    subject: who
    events:
      - kind: loan
        at: {column: day, plus_days: 3}
        when: {column: state, is: 1}
        fields:
          amount: {money: sum}
          days: {days_between: [a, {day: 2016-01-01}]}
      - kind: bill
        at: day
        fields:
          paid: {column: state, in: [A, B]}
          word: {column: w, map: {r: red}}
          due: {column: d, format: "%d.%m.%Y"}
"""

WRONG: list[tuple[str, str, str, str]] = [
    ("xinyong_mapping: 1", "xinyong_mapping: 2", "1:1", "this must be 1"),
    ("xinyong_mapping: 1", "", "2:1", "'xinyong_mapping' must be given"),
    ("zone: Europe/Prague", "zone: Europe/Prag", "2:1", "no time zone is called 'Europe/Prag'"),
    ("zone: Europe/Prague", "zone: ../etc", "2:1", "no time zone"),
    ("subject: who", "subjct: who", "6:5", "did you mean 'subject'?"),
    ("    subject: who\n", "", "4:5", "'subject' must be given"),
    ("path: a.csv", "format: cvs", "4:5", "did you mean 'csv'?"),
    ('delimiter: ";"', 'delimiter: "ab"', "5:11", "one plain character"),
    ('delimiter: ";"', "encoding: utf-9", "5:11", "did you mean"),
    ('delimiter: ";"', "header: false", "5:5", "names of its columns"),
    ("kind: loan", "kind: [loan]", "8:9", "this must be text"),
    ("kind: loan", "kind: lone", "8:9", "did you mean 'loan'?"),
    ("{column: day, plus_days: 3}", "{colum: day}", "9:14", "did you mean 'column'?"),
    ("{column: day, plus_days: 3}", "{plus_days: 3}", "9:9", "either 'column' or 'day'"),
    ("{column: day, plus_days: 3}", "{day: 2016-02-30}", "9:14", "not a day of the calendar"),
    ("is: 1", "is: 1, given: true", "10:9", "exactly one test"),
    ("is: 1", "is: 1.5", "10:31", "words are compared as text"),
    ("amount: {money: sum}", "amont: {money: sum}", "12:11", "did you mean 'amount'?"),
    ("{money: sum}", "{money: sum, minor: 9}", "12:32", "less than or equal to 6"),
    ("days: {days_between", "amount: {days_between", "13:11", "stands twice"),
    ("[a, {day: 2016-01-01}]", "[a]", "13:18", "item 2 of this list must be given"),
    ("paid: {column: state, in: [A, B]}", "paid: {money: a}", "17:11", "of type bool"),
    ("in: [A, B]", "in: []", "17:33", "at least 1"),
    ("{r: red}", "{r: green}", "18:11", "'green' is not one of the words listed"),
    ("{r: red}", "{r: red}, round: true", "18:11", "'map' stands alone"),
    ("%d.%m.%Y", "%d.%q", "19:28", "'%q' is not known"),
    ("%d.%m.%Y", "day", "19:28", "not a way of writing a day"),
    ("path: a.csv", "path: &x a.csv", "4:11", "anchors and aliases are refused"),
    ("path: a.csv", "path: *x", "4:11", "anchors and aliases are refused"),
    ("path: a.csv", "path: !!str a.csv", "4:11", "tags are refused"),
    ("path: a.csv", "<<: a.csv", "4:5", "merge keys are refused"),
    ("path: a.csv", "[a]: b", "4:5", "a key must be plain text"),
    ("path: a.csv", "path: {a", "5:8", "not YAML"),
    ("zone: Europe/Prague", "---", "2:1", "a second document"),
    ("zone: Europe/Prague", "zone: " + "[" * 40, "2:38", "nesting is too deep"),
]


def test_a_good_mapping_is_read_and_fits() -> None:
    mapping = parse_mapping(GOOD)
    check_mapping(mapping, SHAPE)
    (file,) = mapping.document.files
    assert file.columns() == {"who", "day", "state", "sum", "a", "w", "d"}


@pytest.mark.parametrize(("old", "new", "place", "says"), WRONG, ids=[w[1][:30] for w in WRONG])
def test_wrong_mapping(old: str, new: str, place: str, says: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    with pytest.raises(MappingRefused) as caught:
        check_mapping(parse_mapping(text, name="m.yaml"), SHAPE)
    assert says in str(caught.value)
    assert caught.value.where == f"m.yaml:{place}"
    assert caught.value.mend


@pytest.mark.parametrize("text", ["", "7", "[]", "a", "xinyong_mapping: 1\nfiles: []\n"])
def test_no_mapping_at_all(text: str) -> None:
    with pytest.raises(MappingRefused):
        parse_mapping(text)


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = GOOD.replace("kind: loan", "kind: [x]").replace("%d.%m.%Y", "%q")
    with pytest.raises(MappingRefused) as caught:
        parse_mapping(text)
    assert "mapping:19:28: '%q' is not known" in caught.value.why


def test_words_are_yaml_1_2() -> None:
    value = read_places('{a: no, b: on, c: 0x1, d: ~, e: "1", f: 010, g: 1e3, h: 1:30}', "x").value
    assert value == {
        "a": "no", "b": "on", "c": "0x1", "d": None, "e": "1", "f": "010", "g": "1e3", "h": "1:30",
    }  # fmt: skip


def test_depth_and_size_have_bounds(tmp_path: Path) -> None:
    deep = "[" * DEEPEST + "]" * DEEPEST
    assert read_places(deep, "x").value is not None
    with pytest.raises(MappingRefused, match="too deep"):
        read_places("[" + deep + "]", "x")
    path = tmp_path / "m.yaml"
    path.write_text("#" * (LARGEST + 1))
    with pytest.raises(MappingRefused, match="too large"):
        read_mapping(path)


def test_documents_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(MappingRefused, match="cannot be opened"):
        read_mapping(tmp_path / "none.yaml")
    with pytest.raises(MappingRefused, match="cannot be opened"):
        read_mapping(tmp_path)
    (tmp_path / "m.yaml").write_bytes(b"a: \xff")
    with pytest.raises(MappingRefused, match="not UTF-8"):
        read_mapping(tmp_path / "m.yaml")


def test_each_encoding_is_one() -> None:
    for name in ENCODINGS:
        assert b"a".decode("ascii").encode(name).decode(name) == "a"


def test_the_documented_mapping_is_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "intake.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(xinyong_mapping.*?)```", page, re.DOTALL)
    assert len(parse_mapping(text).document.files[0].events) == 2


def test_every_reason_stands_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "intake.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", page, re.MULTILINE))
    told = {reason: text for reason, text in told.items() if reason in set(Reason)}
    assert told == {reason.value: MEANING[reason] for reason in Reason}
