"""Each reason for which a row is set aside, with its line, in each format that can have it."""

import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xinyong.records.aside import Reason
from xinyong.records.duplicates import Once
from xinyong.records.rules import stored
from xinyong.terms import FIELD_LIMIT, FIXED_FIELD_LIMIT, MICRO

from .helpers import SHAPE, Place, mapping

GOOD = {"subject": "a", "kind": "bill", "happened_at": "2016-01-01", "id": "good"}
LONG = "é" * 2049

CASES: list[tuple[Reason, dict[str, str], str]] = [
    (Reason.MISSING_SUBJECT, {"subject": ""}, "nobody is named"),
    (Reason.MISSING_SUBJECT, {"subject": "  "}, "nobody is named"),
    (Reason.UNREADABLE_MOMENT, {"happened_at": ""}, "no moment is given"),
    (Reason.UNREADABLE_MOMENT, {"happened_at": "2016-02-30"}, "'2016-02-30' is not a moment"),
    (Reason.UNREADABLE_MOMENT, {"happened_at": "1.2.2016"}, "'1.2.2016' is not a moment"),
    (Reason.UNREADABLE_MOMENT, {"happened_at": "2016-01-01T24:00:01"}, "is not a moment"),
    (Reason.UNREADABLE_MOMENT, {"recorded_at": "soon"}, "recorded_at: 'soon'"),
    (Reason.UNREADABLE_MOMENT, {"struck_at": "٢٠١٦-٠١-٠١"}, "struck_at"),
    (Reason.DAY_OUTSIDE, {"happened_at": "1899-12-31"}, "outside 1900-01-01 to 2199-12-31"),
    (Reason.DAY_OUTSIDE, {"happened_at": "2199-12-31T23:30:00Z"}, "outside"),
    (Reason.DAY_OUTSIDE, {"happened_at": "0001-01-01T00:00:00+14:00"}, "outside"),
    (Reason.DAY_OUTSIDE, {"due": "9999-12-31T23:59:59-12:00"}, "due: '9999"),
    (Reason.DAY_OUTSIDE, {"due": "2200-01-01"}, "due: '2200-01-01' is outside"),
    (Reason.RECORDED_EARLY, {"recorded_at": "2015-12-31"}, "before it happened"),
    (Reason.UNKNOWN_KIND, {"kind": "bil"}, "did you mean 'bill'?"),
    (Reason.UNKNOWN_KIND, {"kind": ""}, "no kind is given"),
    (Reason.UNKNOWN_FIELD, {"days": "3"}, "'bill' has no field 'days'"),
    (Reason.WRONG_TYPE, {"amount": "12.50"}, "{money: column}"),
    (Reason.WRONG_TYPE, {"amount": "x"}, "amount: 'x' is not a whole number"),
    (Reason.WRONG_TYPE, {"rate": "1,5"}, "rate: '1,5' is not a number"),
    (Reason.WRONG_TYPE, {"rate": "NaN"}, "rate: 'NaN' is not a number"),
    (Reason.WRONG_TYPE, {"rate": "inf"}, "is not a number"),
    (Reason.WRONG_TYPE, {"rate": "1_000"}, "is not a number"),
    (Reason.WRONG_TYPE, {"rate": "٣"}, "is not a number"),
    (Reason.WRONG_TYPE, {"paid": "yes"}, "'yes' is neither true nor false"),
    (Reason.WRONG_TYPE, {"due": "tomorrow"}, "due: 'tomorrow' is not a day"),
    (Reason.WRONG_TYPE, {"kind": "coverage"}, "must say which data set"),
    (Reason.BEYOND_LIMIT, {"amount": str(FIELD_LIMIT + 1)}, "beyond"),
    (Reason.BEYOND_LIMIT, {"amount": "-99999999999999999999"}, "beyond"),
    (Reason.BEYOND_LIMIT, {"rate": f"{FIXED_FIELD_LIMIT}.000001"}, "beyond"),
    (Reason.BEYOND_LIMIT, {"rate": "1e9999"}, "beyond"),
    (Reason.TOO_MANY_DECIMALS, {"rate": "0.1234567"}, "more than 6 decimals"),
    (Reason.TOO_MANY_DECIMALS, {"rate": "1e-9999"}, "more than 6 decimals"),
    (Reason.NOT_IN_WORDS, {"word": "green"}, "word: 'green' is not one of the words listed"),
    (Reason.NOT_IN_WORDS, {"kind": "coverage", "data_set": "taxes"}, "data_set: 'taxes'"),
    (Reason.TOO_LONG, {"note": LONG}, "longer than 4096 bytes"),
    (Reason.TOO_LONG, {"subject": LONG}, "longer than 4096 bytes"),
    (Reason.BAD_CHARACTERS, {"subject": "a\x07"}, "control characters"),
    (Reason.BAD_CHARACTERS, {"id": "a\x00b"}, "control characters"),
    (Reason.BAD_CHARACTERS, {"id": "a\tb"}, "control characters"),
    (Reason.BAD_CHARACTERS, {"note": "a\x1fb"}, "control characters"),
]


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(("reason", "wrong", "says"), CASES)
def test_reason(
    place: Place, format: str, reason: Reason, wrong: dict[str, str], says: str
) -> None:
    names = [*dict.fromkeys([*GOOD, *wrong, "note"])]
    rows = [GOOD, {**GOOD, "id": "bad", **wrong}, {**GOOD, "id": "fine"}]
    path = place.folder / f"a.{format}"
    if format == "csv":
        lines = [",".join(f'"{row.get(name, "")}"' for name in names) for row in rows]
        path.write_text("\n".join([",".join(names), *lines]))
    elif format == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        pq.write_table(pa.table({n: [row.get(n) for row in rows] for n in names}), path)
    report = place.take(path)
    (row,) = place.aside()
    assert row["reason"] == reason.value
    assert says in str(row["text"])
    assert row["line"] == (3 if format == "csv" else 2)
    assert report.aside == {reason: 1}
    assert (report.rows, report.events) == (3, 2)
    assert [e.id for e in place.events()] == ["fine", "good"]


def test_numbers_at_their_limits_go_in(place: Place) -> None:
    text = "subject,kind,happened_at,amount,rate\n"
    most, rate = FIELD_LIMIT, FIXED_FIELD_LIMIT
    text += f"a,bill,1900-01-01,{most},{rate}.000000000\na,bill,2199-12-31,-{most},-{rate}e0\n"
    text += "a,bill,2016-01-01,+7,.5\na,bill,2016-01-02,0007,-0\na,bill,2016-01-03,,5.\n"
    assert place.take(place.file("a.csv", text)).set_aside == 0
    assert [(e.fields["amount"], e.fields["rate"]) for e in place.events()] == [
        (most, rate * MICRO), (7, 500_000), (7, 0), (None, 5_000_000), (-most, -rate * MICRO),
    ]  # fmt: skip


def test_rows_that_are_no_csv_rows(place: Place) -> None:
    text = "subject,kind,happened_at\n"
    text += 'a,visit\nb,visit,2016-01-01,x\nc,visit,"2016-01-01"x\nd,visit,2016-01-01\n'
    text += f"{'e' * 1_100_000},visit,2016-01-01\nf,visit,2016-01-01\n"
    report = place.take(place.file("a.csv", text))
    assert place.reasons() == [
        (2, "wrong-number-of-columns"), (3, "wrong-number-of-columns"), (4, "bad-quotes"),
        (6, "too-long"),
    ]  # fmt: skip
    assert [e.subject for e in place.events()] == ["d", "f"]
    assert report.rows == 6
    assert place.aside()[1]["row"] == "b,visit,2016-01-01,x"


def test_rows_that_are_no_json_rows(place: Place) -> None:
    good = '"kind": "bill", "happened_at": "2016-01-01"'
    lines = [
        '{"subject": "a", ' + good,
        "[1]",
        "7",
        '{"subject": "a", "subject": "b", ' + good + "}",
        '{"subject": "a", "rate": NaN, ' + good + "}",
        '{"subject": "a", "rate": [1], ' + good + "}",
        '{"subject": "a", "amout": 1, ' + good + "}",
        '{"subject": "\\ud800", ' + good + "}",
        "[" * 100_000,
        '{"subject": "' + "x" * 1_100_000 + '"}',
        '{"subject": "a", "rate": 0.1, ' + good + "}",
        '{"subject": "b", "amount": ' + "9" * 5000 + ", " + good + "}",
    ]
    place.take(place.file("a.jsonl", "\n".join(lines).encode() + b'\n{"subject": "\xff"}\n'))
    assert place.reasons() == [
        (1, "not-an-object"), (2, "not-an-object"), (3, "not-an-object"), (4, "duplicate-key"),
        (5, "wrong-type"), (6, "wrong-type"), (7, "unknown-field"), (8, "bad-characters"),
        (9, "not-an-object"), (10, "too-long"), (12, "wrong-type"), (13, "bad-characters"),
    ]  # fmt: skip
    assert "did you mean 'amount'?" in str(place.aside()[6]["text"])
    assert [e.fields["rate"] for e in place.events()] == [100_000]


def test_floats_in_parquet_are_taken_by_their_shortest_text(place: Place) -> None:
    rates = [0.1, 0.1 + 0.2, float("nan"), 1e20, 2.5e-6]
    amounts = [3.0, 3.0, 3.0, 3.0, 3.5]
    count = len(rates)
    table = pa.table(
        {"subject": ["a"] * count, "kind": ["bill"] * count, "happened_at": ["2016-01-01"] * count,
         "id": [str(i) for i in range(count)], "rate": rates, "amount": amounts}
    )  # fmt: skip
    pq.write_table(table, place.folder / "a.parquet")
    place.take(place.folder / "a.parquet")
    assert [(e.fields["rate"], e.fields["amount"]) for e in place.events()] == [(100_000, 3)]
    assert place.reasons() == [
        (2, "too-many-decimals"), (3, "wrong-type"), (4, "number-beyond-limit"),
        (5, "wrong-type"),
    ]  # fmt: skip


def test_nan_is_unknown_where_a_mapping_says_so(place: Place) -> None:
    table = pa.table({"s": ["a", "b"], "t": ["2016-01-01"] * 2, "r": [1.5, float("nan")]})
    pq.write_table(table, place.folder / "a.parquet")
    rules = (
        "files: [{unknown: [nan], subject: s, events: [{kind: bill, at: t, fields: {rate: r}}]}]"
    )
    assert place.take(place.folder / "a.parquet", mapping=mapping(rules)).set_aside == 0
    assert [e.fields["rate"] for e in place.events()] == [1_500_000, None]


def test_long_words_in_parquet_are_cut_before_they_unfold(place: Place) -> None:
    count = 40_000
    words = pa.DictionaryArray.from_arrays(pa.array([0] * count), pa.array(["x" * 5_000_000]))
    table = pa.table(
        {"subject": ["a"] * count, "kind": ["bill"] * count, "happened_at": ["2016-01-01"] * count,
         "note": words}
    )  # fmt: skip
    pq.write_table(table, place.folder / "a.parquet")
    report = place.take(place.folder / "a.parquet")
    assert report.aside == {Reason.TOO_LONG: count}
    assert place.rejects.stat().st_size < 40_000_000


def test_no_subject_has_more_events_than_the_engine_takes() -> None:
    layout = stored(SHAPE)

    def rows(subject: str, ids: list[int]) -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist(
            [
                {"subject": subject, "kind": "visit", "happened_at": i, "recorded_at": i,
                 "id": str(i), "#file": 0, "#line": i}
                for i in ids
            ],
            schema=layout,
        )  # fmt: skip

    put: Counter[str] = Counter()
    once = Once(lambda row, reason, text: put.update([f"{row['subject']} {reason}"]), limit=10)
    batches = [rows("a", list(range(k, k + 7))) for k in range(0, 70, 7)]
    batches += [rows("b", [1, 1, 2]), rows("b", [3, 3]), rows("c", list(range(10)))]
    kept = pa.concat_tables(once.pass_on(iter(batches)))
    assert Counter(kept["subject"].to_pylist()) == {"a": 10, "b": 3, "c": 10}
    assert [i for s, i in zip(kept["subject"].to_pylist(), kept["id"].to_pylist(), strict=True)
            if s == "a"] == [str(i) for i in range(10)]  # fmt: skip
    assert put == {"a too-many-events": 60}
    assert (once.dropped, once.subjects) == (2, 3)


def test_every_reason_is_reached_here() -> None:
    elsewhere = {
        Reason.RAGGED, Reason.BAD_QUOTES, Reason.NOT_AN_OBJECT, Reason.DUPLICATE_KEY,
        Reason.SAME_ID, Reason.TOO_MANY_EVENTS,
    }  # fmt: skip
    assert {reason for reason, _, _ in CASES} | elsewhere == set(Reason)
