"""``mix_in``: parts of library schemes taken into another."""

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from samples import EXAMPLE, changed, spot

from xinyong.engine.cases import run_cases
from xinyong.scheme import home
from xinyong.scheme.complaints import Code
from xinyong.scheme.diff import diff
from xinyong.scheme.json_schema import json_schema
from xinyong.scheme.mixing import SECTIONS, mixed
from xinyong.scheme.page import page
from xinyong.scheme.reading import read_text, scheme_from_text
from xinyong.scheme.tree import grow

FINES = """\
xinyong: 1
scheme: fines
version: "1"
use: operations
subjects: person
in_force: {from: 2016-01-01}
title: Fines
purpose: Show what can be shared
data_sets:
  penalties:
    context: admin.penalty
    source: a public office
    basis: public record
    keep: {for: 36 months, from: event, then: delete}
    events:
      fine: {fields: {worth: money}}
parameters:
  small: {title: A small fine, unit: money, values: {2016-01-01: {value: 5000, cite: a rule}}}
variables:
  large_fines: {title: Large fines, count: fine, where: worth > small, within: 36 months}
lists:
  fined: {title: Fined, add_when: large_fines > 0, lasts: 36 months}
score: {start: 0, floor: 0, ceiling: 0}
bands: [{name: all, from: 0}]
"""

USING = """\
  - {id: C3, context: rental, when: "on('fined') and large_fines > 0", effect: talk, kind: benefit}
"""

Shelf = Callable[..., None]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A library of one's own: name=text puts a scheme there."""
    monkeypatch.setattr(home, "HOME", tmp_path)

    def put(**schemes: str) -> None:
        for name, text in schemes.items():
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "scheme.yaml").write_text(text, encoding="utf-8")

    put(fines=FINES)
    return put


def mixing(words: str, *pairs: tuple[str, str]) -> str:
    """The worked example with ``mix_in`` before its data sets."""
    return changed(("\ndata_sets:\n", f"\nmix_in: {words}\ndata_sets:\n"), *pairs)


def used(*pairs: tuple[str, str]) -> str:
    return mixing("[fines]", ("\nrights:\n", f"\n{USING}rights:\n"), *pairs)


@pytest.mark.usefixtures("shelf")
def test_the_parts_become_parts_of_this_scheme() -> None:
    scheme = scheme_from_text(used())
    own = scheme_from_text(EXAMPLE)
    assert scheme.mix_in == ("fines",)
    assert tuple(scheme.data_sets) == (*own.data_sets, "penalties")
    assert tuple(scheme.parameters) == (*own.parameters, "small")
    assert tuple(scheme.variables) == (*own.variables, "large_fines")
    assert tuple(scheme.lists) == ("fined",)
    assert scheme.bands == own.bands and scheme.score == own.score
    assert scheme.rights == own.rights


@pytest.mark.usefixtures("shelf")
def test_mixed_in_parts_count_like_written_ones() -> None:
    scheme = scheme_from_text(
        used(
            (
                "  - name: nothing known at all",
                "  - name: a small fine and a large one\n    day: 2016-12-31\n"
                "    events:\n"
                "      - {fine: {worth: 5000}, at: 2016-05-01}\n"
                "      - {fine: {worth: 5001}, at: 2016-06-01}\n"
                "    expect: {variables: {large_fines: 1}, lists: {fined: listed},"
                " consequences: [C2, C3]}\n"
                "  - name: nothing known at all",
            )
        )
    )
    report = run_cases(scheme, scheme.tests)
    assert len(report.results) == 4
    assert [result.differences for result in report.failed] == []


@pytest.mark.usefixtures("shelf")
def test_what_is_written_out_means_the_same() -> None:
    """Only the name under mix_in is left as a difference."""
    block = FINES[FINES.index("  penalties:") : FINES.index("parameters:")]
    small = FINES[FINES.index("  small:") : FINES.index("variables:")]
    large = FINES[FINES.index("  large_fines:") : FINES.index("lists:")]
    lists = FINES[FINES.index("lists:") : FINES.index("score:")]
    written = changed(
        ("\nparameters:\n", f"\n{block}parameters:\n"),
        ("\nvariables:\n", f"\n{small}variables:\n"),
        ("\nscore:\n", f"\n{large}{lists}score:\n"),
        ("\nrights:\n", f"\n{USING}rights:\n"),
    )
    one, two = scheme_from_text(written), scheme_from_text(used())
    assert two.model_copy(update={"mix_in": ()}).model_dump() == one.model_dump()
    assert len(diff(one, two)) == 1
    assert "fines" in diff(one, two)[0]


def test_the_digest_moves_with_the_library(shelf: Shelf) -> None:
    before = scheme_from_text(used())
    assert b"penalties" in before.canonical
    assert scheme_from_text(used()).digest == before.digest
    shelf(fines=FINES.replace("value: 5000", "value: 5001"))
    assert scheme_from_text(used()).digest != before.digest


@pytest.mark.usefixtures("shelf")
def test_the_page_says_so() -> None:
    shown = page(scheme_from_text(used()))
    (said,) = [line for line in shown.splitlines() if "taken from the library" in line.lower()]
    assert "fines" in said
    assert "Large fines" in shown


# ------------------------------------------------------------------ complaints


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("words", "pairs", "code", "says"),
    [
        ("[fine]", (), Code.UNKNOWN_NAME, "did you mean 'fines'?"),
        ("[../fines]", (), Code.UNKNOWN_NAME, "no scheme called"),
        ("[fines]", (("worst_delay:", "large_fines:"),), Code.DUPLICATE_NAME, "'large_fines'"),
        ("[fines]", (("  profile:\n", "  penalties:\n"),), Code.DUPLICATE_NAME, "'penalties'"),
        ("[fines]", (("  late_days:\n", "  small:\n"),), Code.DUPLICATE_NAME, "parameters"),
        (
            "[fines]",
            (("\nconsequences:", "\nlists:\n  fined: {title: x, add_when: score > 1, "
              "lasts: 1 day}\nconsequences:"),),
            Code.DUPLICATE_NAME,
            "lists already",
        ),
    ],
)  # fmt: skip
def test_a_complaint_stands_at_the_name(
    words: str, pairs: tuple[tuple[str, str], ...], code: Code, says: str
) -> None:
    text = mixing(words, *pairs)
    reading = read_text(text, file="my.yaml")
    assert reading.scheme is None
    found = [complaint for complaint in reading.errors if complaint.code is code]
    assert len(found) == 1
    assert says in str(found[0])
    assert (found[0].file, found[0].path) == ("my.yaml", ("mix_in", 0))
    assert (found[0].line, found[0].column) == spot(text, words[1:-1])


@pytest.mark.usefixtures("shelf")
def test_one_name_twice_is_one_complaint() -> None:
    text = used(("mix_in: [fines]", "mix_in: [fines, fines]"))
    (only,) = read_text(text).errors
    line, column = spot(text, "fines, fines")
    assert (only.code, only.line, only.column) == (Code.DUPLICATE_NAME, line, column + 7)


def test_two_that_bring_the_same_name_are_told_at_the_second(shelf: Shelf) -> None:
    shelf(other=FINES)
    text = used(("mix_in: [fines]", "mix_in: [fines, other]"))
    errors = read_text(text).errors
    assert {error.code for error in errors} == {Code.DUPLICATE_NAME}
    assert {(error.line, error.column) for error in errors} == {spot(text, "other]")}
    assert len(errors) == 4


def test_one_step_and_no_chains(shelf: Shelf) -> None:
    shelf(chain=FINES.replace("data_sets:", "mix_in: [fines]\ndata_sets:", 1))
    text = mixing("[chain]")
    (only,) = read_text(text).errors
    assert (only.code, only.line, only.column) == (Code.WRONG_VALUE, *spot(text, "chain"))
    assert "mixes in others" in only.message


def test_a_scheme_that_mixes_in_itself_is_refused(shelf: Shelf) -> None:
    shelf(itself=mixing("[itself]"))
    (only,) = read_text(mixing("[itself]")).errors
    assert only.code is Code.WRONG_VALUE


def test_money_of_another_currency_is_refused(shelf: Shelf) -> None:
    shelf(fines=FINES.replace("title: Fines\n", "title: Fines\ncurrency: EUR\n"))
    assert read_text(used()).errors == ()
    text = used(("\ntitle:", "\ncurrency: CNY\ntitle:"))
    (only,) = read_text(text).errors
    assert (only.code, only.line, only.column) == (Code.UNIT_MISMATCH, *spot(text, "fines]"))


def test_a_broken_library_scheme_is_told_at_its_name(shelf: Shelf) -> None:
    shelf(fines="a: [")
    text = mixing("[fines]")
    (only,) = read_text(text).errors
    assert (only.code, only.line, only.column) == (Code.NOT_READABLE, *spot(text, "fines"))


def test_complaints_about_mixed_in_parts_point_at_the_name(shelf: Shelf) -> None:
    """A misfit of the model, a name, a type, and a finding, each in another part."""
    text = used()
    place = spot(text, "fines]")
    for old, new, code in (
        ("within: 36 months", "windw: 36 months", Code.UNKNOWN_FIELD),
        ("basis: public record", "basis: rumour", Code.WRONG_VALUE),
        ("worth > small", "worht > small", Code.UNKNOWN_NAME),
        ("worth > small", "worth + small", Code.TYPE_MISMATCH),
        ("large_fines > 0, lasts: 36 months", "large_fines > 0", Code.LIST_WITHOUT_END),
        ("{worth: money}", "{worth: money, hue: text}", Code.DATA_UNREAD),
        ("for: 36 months", "for: 12 months", Code.KEEP_TOO_SHORT),
    ):
        assert FINES.count(old) == 1, old
        shelf(fines=FINES.replace(old, new))
        found = [c for c in read_text(text).complaints if c.code is code]
        assert place in {(c.line, c.column) for c in found}, (code, found)


@pytest.mark.usefixtures("shelf")
def test_an_event_that_stands_in_both_is_told_at_the_name() -> None:
    text = mixing("[fines]", ("      rental: {fields", "      fine: {fields"))
    twice = [e for e in read_text(text).errors if e.code is Code.DUPLICATE_NAME]
    assert [(e.line, e.column) for e in twice] == [spot(text, "fines]")]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("words", ["fines", "[{a: 1}]", "[[fines]]", "3", "[3]"])
def test_what_is_no_list_of_names_is_told_by_shape(words: str) -> None:
    errors = read_text(mixing(words)).errors
    assert {error.code for error in errors} == {Code.WRONG_TYPE}


@pytest.mark.usefixtures("shelf")
def test_names_without_number_are_refused_at_once() -> None:
    words = ", ".join(f"x{number}" for number in range(50_000))
    errors = read_text(mixing(f"[{words}]")).errors
    assert Code.TOO_MANY in {error.code for error in errors}
    assert len(errors) == home.MOST_MIXED + 1


@pytest.mark.usefixtures("shelf")
def test_a_scheme_needs_a_data_set_of_its_own() -> None:
    text = mixing("[fines]")
    cut = text[: text.index("data_sets:")] + text[text.index("parameters:") :]
    assert Code.MISSING_FIELD in {error.code for error in read_text(cut).errors}


@pytest.mark.usefixtures("shelf")
def test_the_text_s_own_tree_is_left_alone() -> None:
    tree, _ = grow(used(), "my.yaml")
    assert tree is not None
    joined, complaints = mixed(tree, "my.yaml")
    assert complaints == []
    assert "penalties" not in tree.value["data_sets"]
    assert all(tree.value.get(s) != joined.value[s] for s in SECTIONS)


# ------------------------------------------------------------------ schema


@pytest.mark.usefixtures("shelf")
def test_the_json_schema_knows_the_key() -> None:
    checker = jsonschema.Draft7Validator(json_schema())
    tree, _ = grow(used(), "my.yaml")
    assert tree is not None
    plain = _plain(tree.value)
    assert list(checker.iter_errors(plain)) == []
    plain["mix_in"] = "fines"
    assert list(checker.iter_errors(plain)) != []


def _plain(value: object) -> object:
    """Tuples and exact decimals as JSON has them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, bool, type(None))) else float(value)
