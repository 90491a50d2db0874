"""Every code comes from some bad document, at the exact place."""

from dataclasses import dataclass

import pytest
from samples import EXAMPLE, changed, spot

from xinyong.scheme.complaints import MEANING, SEVERITY, Code, Complaint
from xinyong.scheme.reading import read_text


@dataclass(frozen=True)
class Bad:
    """A replacement in the worked example, and the text at whose start the complaint stands."""

    code: Code
    old: str
    new: str
    at: str
    says: str = ""


LATE = "bins: late_loans\n      table:\n        - {below: 1, points: 210"
LISTS = "lists:\n  bad: {title: Bad payers, "
BAD = [
    Bad(Code.NOT_READABLE, "title: Consent", "title: \x07Consent", "\x07"),
    Bad(Code.TOO_DEEP, "[CN]", "[" * 40 + "]" * 40, "[" * 9 + "]", "32"),
    Bad(Code.NOT_YAML, "purpose: Decide", "purpose: a: b", ": b", "a ':' cannot stand here"),
    Bad(Code.ALIAS, "title: Consent", "title: &x Consent", "&x", "anchors"),
    Bad(Code.ALIAS, "title: Consent", "title: *x", "*x", "aliases"),
    Bad(Code.ALIAS, "title: Consent", "title: !!str Consent", "!!str", "tags"),
    Bad(Code.ALIAS, "title: Consent", "<<: {}\ntitle: Consent", "<<", "merge keys"),
    Bad(Code.DUPLICATE_KEY, "purpose: Decide", "title: Decide", "title: Decide", "in line 9"),
    Bad(Code.MANY_DOCUMENTS, "bands:  ", "---\nbands:  ", "---"),
    Bad(Code.UNKNOWN_FIELD, "within: 24 months}", "windw: 24 months}", "windw", "'windw'"),
    Bad(Code.MISSING_FIELD, "ceiling: 950\n", "\n", "score:", "'score' has no 'ceiling'"),
    Bad(Code.MISSING_FIELD, "{name: poor, from: 350}", "{from: 350}", "{from: 350}", "'name'"),
    Bad(Code.WRONG_TYPE, 'version: "2016.2"', "version: 2016.2", "2016.2", "here is 2016.2"),
    Bad(Code.WRONG_TYPE, "start: 350", "start: abc", "abc", "a whole number of points or a list"),
    Bad(Code.WRONG_TYPE, "cap: 170", "cap: 010", "010", "the text '010'"),
    Bad(Code.WRONG_TYPE, "parameters:", "1: x\nparameters:", "1: x", "a key is a word"),
    Bad(Code.WRONG_VALUE, "kind: private", "kind: privat", "privat,", "cannot be 'privat'"),
    Bad(Code.WRONG_VALUE, "within: 24 months", "within: 24 mnths", "24 mnths", "span of time"),
    Bad(Code.WRONG_VALUE, "suspends: true", "on_timeout: the record is held", "the record is held",
        "'on_timeout' cannot be 'the record is held'"),
    Bad(Code.WRONG_VALUE, "points: 90", "points: 1000001", "1000001", "at most 1,000,000"),
    Bad(Code.WRONG_VALUE, "below: 0.80", "below: .nan", ".nan"),
    Bad(Code.WRONG_VALUE, "from: 2016-01-01", "from: 2016-02-30", "2016-02-30", "calendar"),
    Bad(Code.UNCLEAR_FORM, "bins: bill_rate", "bens: bill_rate", "id: R1", "kind of line"),
    Bad(Code.UNCLEAR_FORM, "{below: 0.80,", "{below: 0.80, is: 1,", "{below: 0.80, is"),
    Bad(Code.BAD_NAME, "late_days:\n", "Late days:\n", "Late days", "'Late days' is not a name"),
    Bad(Code.BAD_NAME, "id: R1", 'id: "1 2"', '"1 2"', "not an identifier"),
    Bad(Code.DUPLICATE_NAME, "id: R2", "id: R1", "R1\n      dimension: credit", "two lines"),
    Bad(Code.UNKNOWN_NAME, "bins: late_loans", "bins: late_lons", "late_lons", "late_lons"),
    Bad(Code.UNKNOWN_NAME, "where: days_late > late", "where: days_lat > late", "days_lat >"),
    Bad(Code.UNKNOWN_NAME, "when: score >= 600", "when: score >= scor", "scor,", "'scor'"),
    Bad(Code.BAD_EXPRESSION, "when: score >= 600", "when: score >=", "score >="),
    Bad(Code.BAD_EXPRESSION, "score >= 600", "score >= abs(1)", "abs(1)", "abs"),
    Bad(Code.TYPE_MISMATCH, "when: score >= 600", "when: score + 600", "score + 600", "condition"),
    Bad(
        Code.UNIT_MISMATCH,
        "bill_rate:     {",
        "odd: {expr: since + worst}\n  since: {days_since: bill}\n"
        "  worst: {max: bill.amount}\n  bill_rate:     {",
        "since + worst",
    ),
    Bad(
        Code.CYCLE,
        "bill_rate:     {",
        "one: {expr: two + 1}\n  two: {expr: one + 1}\n  bill_rate:     {",
        "",
        "depend on themselves",
    ),
    Bad(Code.DATA_UNREAD, "{returned: bool}", "{returned: bool, colour: text}", "colour"),
    Bad(Code.KEEP_TOO_SHORT, "keep: {for: 60 months", "keep: {for: 12 months", "12 months, from"),
    Bad(Code.EXPIRES_AFTER_KEEP, "expires: 24", "expires: 36", "36 months", "last 36 months"),
    Bad(Code.UNREACHABLE_ROW, "{below: 3, points: 110", "{below: 0, points: 110", "{below: 0,"),
    Bad(Code.OVERLAPPING_ROWS, "{below: 3, points: 110", "{below:  1, points: 7", "{below:  1"),
    Bad(Code.BAND_GAP, "{name: good, from: 600}", "{name: good, from: 540}", "540", "540"),
    Bad(Code.LOWEST_BAND, "{name: poor, from: 350}", "{name: poor, from: 400}", "400}"),
    Bad(Code.CEILING_UNREACHABLE, "ceiling: 950", "ceiling: 960", "960", "more than 950"),
    Bad(Code.CAP_NEVER_REACHED, "cap: 170", "cap: -170", "-170"),
    Bad(
        Code.LIST_WITHOUT_END,
        "consequences:\n",
        f"{LISTS}add_when: late_loans > 3}}\nconsequences:\n",
        "bad: {title",
        "nothing ends",
    ),
    Bad(Code.BURDEN_WITHOUT_NOTICE, "notice: {reasons: 4, within: 30 days}, ", "", "{id: C2"),
    Bad(Code.BURDEN_WITHOUT_APPEAL, ", appeal: {to: a person, within: 60 days}", "", "{id: C2"),
    Bad(Code.BROKEN_PROMISE, "latest: address.years}", "latest: address.years, more_is: worse}",
        "- {below: 1, points: 20", "more of 'address_years' is worse"),
    Bad(Code.UNKNOWN_AS_ZERO, "                  known_if: any loan_due}", "                  }",
        "210", "brings 210 points"),
    Bad(Code.DATES_OUT_OF_ORDER, "until: null", "until: 2015-01-01", "2015-01-01"),
]  # fmt: skip
ELSEWHERE = {Code.TOO_LARGE, Code.TOO_MANY, Code.CASE_FAILED}


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad.code}-{bad.new[:20]!r}")
def test_a_bad_document_is_told_at_its_place(bad: Bad) -> None:
    text = changed((bad.old, bad.new))
    reading = read_text(text, file="my.yaml")
    found = [c for c in reading.complaints if c.code is bad.code and bad.says in c.message]
    assert found, [str(c) for c in reading.complaints]
    if bad.at:
        assert spot(text, bad.at) in {(c.line, c.column) for c in found}
    assert all(c.file == "my.yaml" for c in found)
    assert all(c.severity == SEVERITY[bad.code] for c in found)
    assert (reading.scheme is None) == (SEVERITY[bad.code] == "error")


def test_every_code_has_a_bad_document_here_or_elsewhere() -> None:
    assert {bad.code for bad in BAD} | ELSEWHERE == set(Code)
    assert set(MEANING) == set(Code) == set(SEVERITY)


def test_a_file_over_a_mebibyte_is_refused() -> None:
    reading = read_text("#" * (1 << 20) + "\n" + EXAMPLE, file="big.yaml")
    assert [(c.code, c.line) for c in reading.complaints] == [(Code.TOO_LARGE, 0)]
    assert str(reading.complaints[0]).startswith("big.yaml  too-large: ")


def test_a_document_of_too_many_values_is_refused() -> None:
    reading = read_text("[" + "1," * 70_000 + "1]")
    assert [c.code for c in reading.complaints] == [Code.TOO_MANY]


def test_the_text_of_a_complaint() -> None:
    text = changed(("within: 24 months}", "windw: 24 months}"))
    line, column = spot(text, "windw")
    assert str(read_text(text, file="my.yaml").errors[0]) == (
        f"my.yaml:{line}:{column}  unknown-field: no field is called 'windw' here\n"
        "  did you mean 'within'?"
    )


def test_a_finding_is_marked_and_does_not_refuse() -> None:
    finding = Complaint("a.yaml", 3, 4, Code.DATA_UNREAD, "x", severity="finding")
    assert str(finding) == "a.yaml:3:4  data-unread: (finding) x"


def test_all_errors_are_told_at_once_in_the_order_of_the_file() -> None:
    text = changed(
        ("kind: private", "kind: privat"),
        ("basis: contract", "basis: contrat"),
        ("where: days_late > late_days", "where: days_late > late_dys"),
        ("floor: 350", "flor: 350"),
        ("{name: fair, from: 550}", "{name: fair, from: low}"),
        ("gravity: 4", "gravity: 9"),
        ("dispute: {mark: 1 working day", "dispute: {mark: 1 workday"),
        ("{returned: true}, at", "{returned: true}, day"),
    )
    reading = read_text(text, file="my.yaml")
    places = [(c.line, c.column) for c in reading.errors]
    assert places == sorted(places)
    marks = ("privat,", "contrat\n", "score:\n", "flor", "low}", "9,", "1 workday")
    marks += ("{rental: {returned: true}, day",)
    assert {spot(text, mark) for mark in marks} == set(places)


def test_a_misspelt_key_does_not_hide_a_misspelt_name() -> None:
    text = changed(
        ("within: 24 months}", "windw: 24 months}"),
        ("{name: fair, from: 550}", "{name: fair, frm: 550}"),
        ("when: score >= 600", "when: scre >= 600"),
        ("days_late > late_days", "days_late > late_dys"),
    )
    found = {(c.line, c.column): c.code for c in read_text(text).errors}
    assert found == {
        spot(text, "windw"): Code.UNKNOWN_FIELD,
        spot(text, "frm"): Code.UNKNOWN_FIELD,
        spot(text, "scre"): Code.UNKNOWN_NAME,
        spot(text, "late_dys"): Code.UNKNOWN_NAME,
    }


def test_entries_keep_their_place_when_one_before_them_is_dropped() -> None:
    text = changed(("id: R1", "id: 7"), ("bins: address_years", "bins: adress_years"))
    found = {(c.line, c.column) for c in read_text(text).errors}
    assert found == {spot(text, "7\n"), spot(text, "adress_years")}


def test_no_message_is_in_the_words_of_the_libraries() -> None:
    text = changed(("score:\n", "score: 7\nscor:\n"), ("bands:  ", "bands: {a: 1}\nband:  "))
    said = " ".join(str(c) for c in read_text(text).complaints)
    assert "Input" not in said and "valid" not in said and "pydantic" not in said


def test_what_is_beyond_two_hundred_complaints_is_counted() -> None:
    many = "".join(f"  v{i}: {{coont: bill}}\n" for i in range(300))
    reading = read_text(changed(("variables:\n", "variables:\n" + many)))
    assert len(reading.complaints) == 201
    assert "100 more complaints" in reading.complaints[-1].message
    assert reading.scheme is None


def _promise(more_is: str, rows: str) -> set[Code]:
    text = EXAMPLE.replace(
        "fields: {verified: bool, years: int}", "fields: {verified: bool, years: int, moved: bool}"
    )
    text = text.replace(
        "  address_years: {",
        f"  moved: {{latest: address.moved, more_is: {more_is}}}\n  address_years: {{",
    )
    line = f"    - {{id: R9, bins: moved, table: [{rows}], missing: {{points: 0, says: b}}}}\n"
    assert text.count("bands:") == 1
    text = text.replace("bands:", f"{line}bands:")
    return {complaint.code for complaint in read_text(text).complaints}


@pytest.mark.parametrize("first", ["is: true", "is: false"])
@pytest.mark.parametrize("more_is", ["better", "worse"])
def test_the_promise_of_a_truth_value_looks_at_what_else_stands_for(
    first: str, more_is: str
) -> None:
    good = (first == "is: true") == (more_is == "better")
    kept = f"{{{first}, points: {9 if good else 0}, says: a}}, " + (
        f"{{else: true, points: {0 if good else 9}, says: a}}"
    )
    broken = kept.replace("9", "x").replace("0", "9").replace("x", "0")
    assert Code.BROKEN_PROMISE not in _promise(more_is, kept)
    assert Code.BROKEN_PROMISE in _promise(more_is, broken)
