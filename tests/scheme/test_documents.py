"""Library, JSON Schema, page, diff, and the documentation made from the code."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from samples import EXAMPLE, ROOT, changed, spot

from xinyong.engine.cases import run_cases
from xinyong.errors import SchemeNotFound, SchemeRefused
from xinyong.scheme import library
from xinyong.scheme.binding import bind
from xinyong.scheme.diff import diff
from xinyong.scheme.json_schema import json_schema
from xinyong.scheme.page import page
from xinyong.scheme.reading import read_scheme, read_text, scheme_from_text
from xinyong.scheme.tree import grow

NAMES = library.names()


def test_the_worked_example_is_good() -> None:
    reading = read_text(EXAMPLE)
    assert reading.scheme is not None and reading.errors == ()
    assert len(reading.scheme.tests) == 3
    assert {str(c.code) for c in reading.complaints} == {"data-unread"}


def test_the_worked_example_s_cases_come_out_as_they_say() -> None:
    scheme = scheme_from_text(EXAMPLE)
    report = run_cases(scheme, scheme.tests)
    assert [result.differences for result in report.results] == [(), (), ()]


def test_a_reading_knows_the_place_of_every_value() -> None:
    reading = read_text(EXAMPLE)
    assert reading.place(("score", "ceiling")) == spot(EXAMPLE, "950")
    assert reading.place(("score", "add", 1, "id")) == spot(EXAMPLE, "R2")
    assert reading.place(("score", "nothing", 3)) == spot(EXAMPLE, "score:\n")
    assert read_text("[").place(("score",)) == (0, 0)


def test_the_documentation_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "make_docs.py", "--check", "reference"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# ------------------------------------------------------------------ the library


@pytest.mark.parametrize("name", NAMES)
def test_library_schemes_load_with_their_cases(name: str) -> None:
    scheme = library.load(name)
    assert scheme.scheme == name
    assert len(library.cases(name)) >= 12


def test_a_scheme_is_found_by_file_and_folder(tmp_path: Path) -> None:
    (tmp_path / "scheme.yaml").write_text(EXAMPLE, encoding="utf-8")
    by_folder, by_file = library.load(tmp_path), library.load(tmp_path / "scheme.yaml")
    assert by_folder.digest == by_file.digest == scheme_from_text(EXAMPLE).digest
    assert len(library.cases(tmp_path)) == 3
    (tmp_path / "cases.yaml").write_text(
        "tests:\n  - {name: more, day: 2017-01-01, expect: {score: 530}}\n", encoding="utf-8"
    )
    assert [case.name for case in library.cases(tmp_path)][-1] == "more"


def test_bad_cases_are_refused_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "scheme.yaml").write_text(EXAMPLE, encoding="utf-8")
    beside = tmp_path / "cases.yaml"
    beside.write_text("tests:\n  - {name: more, dya: 2017-01-01, expect: {}}\n", encoding="utf-8")
    with pytest.raises(SchemeRefused) as caught:
        library.cases(tmp_path)
    assert f"{beside}:2:18  unknown-field: no field is called 'dya' here" in str(caught.value)
    beside.write_text(
        "tests:\n  - {name: a, day: 2017-01-01, events: [{bil: {}, at: 2016-01-01}], expect: {}}\n",
        encoding="utf-8",
    )
    with pytest.raises(SchemeRefused) as caught:
        library.cases(tmp_path)
    assert f"{beside}:2:42  unknown-name: no event is called 'bil'" in str(caught.value)


def test_a_name_nobody_knows() -> None:
    with pytest.raises(SchemeNotFound, match="no scheme is called 'sesam'") as caught:
        library.load("sesam")
    assert "did you mean 'sesame'?" in str(caught.value)
    for odd in ("", "a\x00b", "/nowhere/x.yaml", "x" * 5000):
        with pytest.raises(SchemeNotFound):
            library.load(odd)


def test_a_file_that_cannot_be_opened_is_a_complaint(tmp_path: Path) -> None:
    with pytest.raises(SchemeRefused) as caught:
        read_scheme(tmp_path / "none.yaml")
    assert "not-readable: the file cannot be opened" in str(caught.value)


def test_refusal_prints_every_error() -> None:
    with pytest.raises(SchemeRefused) as caught:
        scheme_from_text(changed(("kind: private", "kind: privat"), ("floor:", "flor:")), file="m")
    assert str(caught.value).count("\nm:") == 2
    assert len(caught.value.complaints) == 3


# ------------------------------------------------------------------ JSON Schema


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def documents() -> list[str]:
    files = [library.HOME / name / "scheme.yaml" for name in NAMES]
    return [EXAMPLE, *(file.read_text(encoding="utf-8") for file in files)]


def test_the_json_schema_takes_good_schemes() -> None:
    schema = json_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    for text in documents():
        tree, _ = grow(text, "t")
        assert tree is not None
        jsonschema.Draft7Validator(schema).validate(plain(tree.value))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("within: 24 months}", "windw: 24 months}"),
        ("within: 24 months}", "within: 24}"),
        ("kind: private", "kind: privat"),
        ("ceiling: 950", "ceiling: high"),
        ("{name: poor, from: 350}", "{from: 350}"),
        ("paid_on_time: bool", "paid_on_time: boll"),
    ],
)
def test_the_json_schema_refuses_bad_shapes(old: str, new: str) -> None:
    tree, _ = grow(changed((old, new)), "t")
    assert tree is not None
    assert list(jsonschema.Draft7Validator(json_schema()).iter_errors(plain(tree.value)))


def test_every_part_of_the_json_schema_is_described() -> None:
    schema = json_schema()
    assert schema["properties"]["purpose"]["description"]
    objects = [d for d in schema["definitions"].values() if d.get("type") == "object"]
    assert len(objects) > 25 and all(d["description"] for d in objects)


# ------------------------------------------------------------------ page and diff


def test_the_page_says_everything_in_words() -> None:
    said = page(scheme_from_text(EXAMPLE))
    for text in (
        "# Consent-based score for people without a bank record",
        "from utility companies; by consent",
        "| 0.8 to less than 0.95 | 90 | Some bills were paid late |",
        "| 1 to 2 | 110 | One or two late repayments |",
        "| unknown | 120 | No loan on record |",
        "8 points for each “rental” where returned, until 24 months after it, at most 170 points",
        "- **poor**: 350 to 549",
        "- **excellent**: 700 to 950",
        "deposit waived (benefit in rental) when the score is at least 600.",
        "appeal to a person within 60 days",
        "decided within 20 days, and left out meanwhile",
    ):
        assert text in said


@pytest.mark.parametrize("name", NAMES)
def test_library_pages_name_every_line_band_and_consequence(name: str) -> None:
    scheme = library.load(name)
    said = page(scheme)
    for mark in [*(x.id for x in scheme.score.add), *(x.id for x in scheme.consequences)]:
        assert f"**{mark}**" in said
    assert "None" not in said and "{" not in said


def test_nothing_differs_from_itself() -> None:
    scheme = scheme_from_text(EXAMPLE)
    assert diff(scheme, scheme) == ()


def test_differences_are_sentences_in_the_order_of_the_document() -> None:
    new = changed(
        ("keep: {for: 24 months", "keep: {for: 30 months"),
        ("value: 60", "value: 61"),
        ("  bill_rate:", "  bill_share: {title: x, share: bill, within: 2 days}\n  bill_rate:"),
        ("points: 90", "points: 95"),
        ("cap: 170", "cap: 160"),
        ("{name: fair, from: 550}", "{name: fair, from: 560}"),
        ("effect: deposit waived", "effect: deposit halved"),
        ("decide: 20 days", "decide: 10 days"),
    )
    assert diff(scheme_from_text(EXAMPLE), scheme_from_text(new)) == (
        "Data set 'rentals', keep: for was “24 months” and is now “30 months”.",
        "Parameter 'late_days', value from 2020-02-01: value was 60 and is now 61.",
        "Variable 'bill_share' is new. It is the part that “bill” make up of “bill”,"
        " in the last 2 days.",
        "Line 'R1', row 2: points was 90 and is now 95.",
        "Line 'R3': cap was 170 and is now 160.",
        "Band 'fair': from was 550 and is now 560.",
        "Consequence 'C1': effect was “deposit waived” and is now “deposit halved”.",
        "Rights, dispute: decide was “20 days” and is now “10 days”.",
    )


@pytest.mark.parametrize("change", [("points: 90", "points: 91"), ("title: Late", "title: Later")])
def test_what_differs_has_another_digest(change: tuple[str, str]) -> None:
    one, two = scheme_from_text(EXAMPLE), scheme_from_text(changed(change))
    assert len(diff(one, two)) == len(diff(two, one)) == 1
    assert one.digest != two.digest


def test_a_changed_copy_has_another_digest() -> None:
    scheme = library.load("rongcheng")
    before = scheme.digest
    changed = scheme.model_copy(update={"purpose": "another"})
    assert changed.digest != before == scheme.digest
    assert bind(changed).scheme.purpose == "another"
