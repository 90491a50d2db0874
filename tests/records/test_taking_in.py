"""Good input: three formats, folders and globs, order, duplicates, plain files and mappings."""

import gzip
import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xinyong.days import instant, parse_moment
from xinyong.errors import IntakeRefused
from xinyong.records.event import Event
from xinyong.records.intake import read_events, take_in
from xinyong.records.table import IN_ORDER, from_events, schema

from .helpers import SHAPE, Place, mapping

PRAGUE = ZoneInfo("Europe/Prague")

PLAIN = """subject,kind,happened_at,recorded_at,struck_at,id,source,paid,amount,rate,due,word,\
note,days,data_set
ann,bill,2016-03-27,2016-04-01T10:00:00+02:00,,b1,power,TRUE,1250,0.125,2016-03-30,red,\
"a ""quiet"" note, ok",,
bob,loan,2016-05-01 09:30:00,,2017-01-01,l1,,,-5,,,,,30,
ann,coverage,2016-01-01,,,,,,,,,,,,bills
ann,visit,2016-07-01T12:00:00.5Z,,,v1,,,,,,,,,
"""


def expected() -> list[Event]:
    at = lambda text: parse_moment(text, PRAGUE)  # noqa: E731
    bill = {
        "paid": True,
        "amount": 1250,
        "rate": 125_000,
        "due": (date(2016, 3, 30) - date(1970, 1, 1)).days,
        "word": "red",
        "note": 'a "quiet" note, ok',
    }
    return [
        Event("ann", "coverage", at("2016-01-01"), at("2016-01-01"), "", {"data_set": "bills"}),
        Event("ann", "bill", at("2016-03-27"), at("2016-04-01T08:00:00+00:00"), "b1", bill,
              source="power"),
        Event("ann", "visit", at("2016-07-01T12:00:00.5+00:00"),
              at("2016-07-01T12:00:00.5+00:00"), "v1"),
        Event("bob", "loan", at("2016-05-01T09:30:00"), at("2016-05-01T09:30:00"), "l1",
              {"amount": -5, "days": 30}, struck_at=at("2017-01-01")),
    ]  # fmt: skip


def without_made_ids(events: list[Event]) -> list[Event]:
    return [
        Event(e.subject, e.kind, e.happened_at, e.recorded_at, "" if len(e.id) == 32 else e.id,
              e.fields, e.struck_at, e.source)
        for e in events
    ]  # fmt: skip


def test_plain_csv(place: Place) -> None:
    report = place.take(place.file("a.csv", PLAIN))
    assert without_made_ids(place.events()) == expected()
    assert place.table().schema.metadata == IN_ORDER
    assert place.table().schema.names == schema(SHAPE).names
    assert (report.rows, report.events, report.set_aside, report.subjects) == (4, 4, 0, 2)
    assert (report.first_day, report.last_day) == (date(2016, 1, 1), date(2016, 7, 1))
    assert place.rejects.read_text() == ""


def test_jsonl_says_the_same_as_csv(place: Place) -> None:
    place.take(place.file("a.csv", PLAIN))
    from_csv = place.out.read_bytes()
    rows = [
        {"subject": "ann", "kind": "bill", "happened_at": "2016-03-27", "id": "b1",
         "recorded_at": "2016-04-01T10:00:00+02:00", "source": "power", "paid": True,
         "amount": 1250, "rate": 0.125, "due": "2016-03-30", "word": "red",
         "note": 'a "quiet" note, ok'},
        {"subject": "bob", "kind": "loan", "happened_at": "2016-05-01T09:30:00", "id": "l1",
         "struck_at": "2017-01-01", "amount": -5, "days": 30.0},
        {"subject": "ann", "kind": "coverage", "happened_at": "2016-01-01", "data_set": "bills"},
        {"subject": "ann", "kind": "visit", "happened_at": "2016-07-01T12:00:00.5Z", "id": "v1",
         "amount": None},
    ]  # fmt: skip
    place.take(place.file("a.jsonl", "\ufeff" + "\r\n".join(map(json.dumps, rows))))
    assert place.out.read_bytes() == from_csv


def test_parquet_says_the_same_as_csv(place: Place) -> None:
    place.take(place.file("a.csv", PLAIN))
    from_csv = place.out.read_bytes()
    again = place.folder / "again.parquet"
    again.write_bytes(from_csv)
    place.take(again)
    assert place.out.read_bytes() == from_csv

    typed = pa.table(
        {
            "subject": pa.array(["ann", "bob"]).dictionary_encode(),
            "kind": ["bill", "loan"],
            "happened_at": pa.array(
                [datetime(2016, 3, 27), datetime(2016, 5, 1, 9, 30)], pa.timestamp("ns")
            ),
            "amount": pa.array([1250.0, None], pa.float64()),
            "rate": pa.array([0.1, None], pa.float64()),
            "days": pa.array([None, 30], pa.int8()),
            "due": pa.array([date(2016, 3, 30), None], pa.date64()),
            "paid": [True, None],
        }
    )
    pq.write_table(typed, place.folder / "typed.parquet")
    place.take(place.folder / "typed.parquet")
    bill, loan = place.events()
    assert bill.happened_at == parse_moment("2016-03-27", PRAGUE)
    assert (bill.fields["amount"], bill.fields["rate"], bill.fields["paid"]) == (
        1250,
        100_000,
        True,
    )
    assert loan.fields == {"amount": None, "days": 30}


def test_events_table_round_trip(place: Place) -> None:
    table = from_events(expected()[1:], SHAPE)
    pq.write_table(table, place.folder / "t.parquet")
    place.take(place.folder / "t.parquet")
    assert place.events() == expected()[1:]
    assert place.table()["rate"].to_pylist()[0] == Decimal("0.125000")


def test_negative_millionths_keep_their_sign(place: Place) -> None:
    place.take(place.file("a.csv", "subject,kind,happened_at,rate\na,bill,2016-01-01,-0.000001\n"))
    assert place.table()["rate"].to_pylist() == [Decimal("-0.000001")]
    assert place.events()[0].fields["rate"] == -1


def some_lines(count: int = 400) -> list[str]:
    draw = random.Random(7)
    return [
        f"s{draw.randint(0, 20)},loan,2016-{draw.randint(1, 12):02}-{draw.randint(1, 28):02},"
        f"{'' if i % 3 else f'id{i}'},{i}"
        for i in range(count)
    ]


HEADER = "subject,kind,happened_at,id,amount\n"


def test_order_and_division_into_files_do_not_matter(place: Place) -> None:
    lines = some_lines()
    place.take(place.file("a.csv", HEADER + "\n".join(lines)))
    first = place.out.read_bytes()
    table = place.table()
    keys = [(e.subject, e.happened_at, e.recorded_at, e.id) for e in place.events()]
    assert keys == sorted(keys) and table.num_rows == len(lines)

    random.Random(3).shuffle(lines)
    place.file("many/x/1.csv", HEADER + "\n".join(lines[:100]))
    place.file("many/2.csv.gz", gzip.compress((HEADER + "\r\n".join(lines[100:300])).encode()))
    rows = [dict(zip(HEADER.strip().split(","), line.split(","), strict=True)) for line in lines]
    place.file("many/3.jsonl", "\n".join(json.dumps(row) for row in rows[300:350]))
    pq.write_table(pa.Table.from_pylist(rows[350:]), place.folder / "many" / "4.parquet")
    place.file("many/readme.txt", "not events")
    report = place.take(place.folder / "many")
    assert place.out.read_bytes() == first
    assert len(report.files) == 4
    place.take(str(place.folder / "many" / "**" / "*.[cjp]*"), place.folder / "many" / "2.csv.gz")
    assert place.out.read_bytes() == first, "a file given twice is read once"


def test_folder_leaves_out_its_own_result(place: Place) -> None:
    place.file("a.csv", HEADER + "\n".join(some_lines()))
    out, rejects = place.folder / "events.parquet", place.folder / "aside.jsonl"
    for _ in range(2):
        report = take_in([place.folder], SHAPE, mapping=None, out=out, rejects=rejects)
        assert (report.rows, report.duplicates, len(report.files)) == (400, 0, 1)


def test_the_table_is_read_back(place: Place) -> None:
    place.take(place.file("a.csv", HEADER))
    assert read_events(place.out).num_rows == 0
    with pytest.raises(IntakeRefused, match="cannot be read as an events table"):
        read_events(place.folder / "none.parquet")
    pq.write_table(pa.table({"subject": ["a"]}), place.folder / "x.parquet")
    with pytest.raises(IntakeRefused, match="column 'kind' is missing"):
        read_events(place.folder / "x.parquet")


def test_a_repeated_delivery_adds_nothing(place: Place) -> None:
    lines = some_lines(100)
    place.take(place.file("a.csv", HEADER + "\n".join(lines)))
    once = place.out.read_bytes()
    again = place.file("b.csv", HEADER + "\n".join(reversed(lines)))
    report = place.take(place.folder / "a.csv", again)
    assert place.out.read_bytes() == once
    assert (report.events, report.duplicates, report.set_aside) == (100, 100, 0)


def test_of_records_with_one_id_the_first_recorded_stays(place: Place) -> None:
    text = (
        "subject,kind,happened_at,recorded_at,id,amount\n"
        "a,loan,2016-01-01,2016-03-01,x,2\n"
        "a,loan,2016-01-01,2016-02-01,x,1\n"
        "a,loan,2016-01-01,2016-04-01,x,1\n"
        "b,loan,2016-01-01,2016-04-01,x,3\n"
    )
    report = place.take(place.file("a.csv", text))
    assert [(e.subject, e.fields["amount"]) for e in place.events()] == [("a", 1), ("b", 3)]
    assert place.events()[0].recorded_at == parse_moment("2016-02-01", PRAGUE)
    assert (report.duplicates, place.reasons()) == (1, [(2, "same-id-other-content")])
    assert place.aside()[0]["row"]["amount"] == 2


def test_duplicates_far_apart_in_time_are_found(place: Place) -> None:
    text = "subject,kind,happened_at,recorded_at,id\n"
    text += "".join(f"a,visit,20{y:02}-01-01,2090-01-{y - 9:02},same\n" for y in range(10, 30))
    report = place.take(place.file("a.csv", text))
    assert (report.events, report.duplicates) == (1, 0)
    assert len(place.aside()) == 19, "another day is other content"
    assert place.events()[0].happened_at == parse_moment("2010-01-01", PRAGUE)


LOANS = """nr;who;opened;due;closed;sum;state;rate
1;ann;01.03.16;31.03.16;05.04.16;1000,00;A;5
2;ann;02.03.16;31.03.16;;99.5;B;7
3;bob;31.12.15;01.01.16;01.01.16;7;?;
"""
LOAN_RULES = """
files:
  - path: loans.txt
    format: csv
    csv: {delimiter: ";", encoding: latin-1}
    unknown: ["?"]
    subject: {text: "p-{who}"}
    source: {const: bank}
    events:
      - kind: loan
        at: {column: opened, format: "%d.%m.%y"}
        recorded: {column: opened, format: "%d.%m.%y", plus_days: 2}
        id: {text: "open-{nr}"}
        fields:
          amount: {money: sum}
          days: rate
      - kind: bill
        at: {column: closed, format: "%d.%m.%y"}
        when:
          - {column: closed, given: true}
          - {column: state, not_in: [B, C]}
        fields:
          paid: {column: state, is: A}
          word: {column: state, map: {A: red}, otherwise: null}
          due: {column: due, format: "%d.%m.%y"}
          note: {const: done}
      - kind: coverage
        at: {day: 2016-01-01}
        fields: {data_set: {const: loans}}
"""


def test_mapping(place: Place) -> None:
    place.file("loans.txt", LOANS.replace("1000,00", "1000.00"))
    report = place.take(mapping=mapping(LOAN_RULES, place.folder))
    assert (report.rows, report.events, report.duplicates, report.set_aside) == (3, 6, 1, 0)
    events = {(e.subject, e.kind, e.id if e.kind == "loan" else ""): e for e in place.events()}
    loan = events["p-ann", "loan", "open-1"]
    assert loan.fields == {"amount": 100_000, "days": 5} and loan.source == "bank"
    assert loan.recorded_at - loan.happened_at == 2 * 86_400_000_000
    assert events["p-ann", "loan", "open-2"].fields["amount"] == 9_950
    bill = events["p-ann", "bill", ""]
    assert bill.happened_at == parse_moment("2016-04-05", PRAGUE)
    assert bill.fields == {
        "paid": True, "amount": None, "rate": None, "word": "red", "note": "done",
        "due": (date(2016, 3, 31) - date(1970, 1, 1)).days,
    }  # fmt: skip
    assert ("p-bob", "bill", "") not in events, "an unknown state is not 'not B'"


def test_a_row_goes_in_whole_or_not_at_all(place: Place) -> None:
    path = place.file("loans.txt", LOANS)
    place.take(path, mapping=mapping(LOAN_RULES))
    assert place.reasons() == [(2, "wrong-type")], "1000,00 has a decimal comma"
    assert place.aside()[0]["row"] == LOANS.splitlines()[1]
    assert not [e for e in place.events() if e.id == "open-1" or e.kind == "bill"]


def test_days_between_moments_and_moved_days(place: Place) -> None:
    rules = """
zone: Africa/Lagos
files:
  - subject: s
    events:
      - kind: loan
        at: a
        id: {text: "{{s}}-{n}"}
        fields: {days: {days_between: [{column: a, plus_days: n}, b]}}
""".replace("{{s}}", "{s}")
    rows = "s,a,b,n\nx,2016-08-15 18:22:40.000000,2016-09-14 00:00:00.000000,10\n"
    rows += "y,2016-08-15T23:30:00Z,2016-08-16T23:30:00+01:00,0\nz,2016-08-15,,1\n"
    place.take(place.file("a.csv", rows), mapping=mapping(rules))
    assert [e.fields["days"] for e in place.events()] == [20, 0, None]
    assert [e.id for e in place.events()] == ["x-10", "y-0", "z-1"]


@pytest.mark.parametrize("zone", ["Europe/Prague", "America/Sao_Paulo", "Asia/Shanghai", "UTC"])
def test_whole_columns_read_moments_as_single_ones_are_read(place: Place, zone: str) -> None:
    draw = random.Random(zone)
    texts = ["2016-03-27 02:30:00", "2016-10-30T02:30:00", "2018-11-04", "1999-12-31T23:59"]
    for _ in range(300):
        text = f"{draw.randint(1901, 2198)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        text += draw.choice(["", f" {draw.randint(0, 23):02}:{draw.randint(0, 59):02}"])
        if " " in text:
            text += draw.choice(["", ":07", ":07.5", ":07.123456"])
            text = text.replace(" ", draw.choice(" T"))
            text += draw.choice(["", "", "Z", "+05:30", "-11:00"])
        texts.append(text)
    rows = "s,n,t\n" + "".join(f"s,{n},{text}\n" for n, text in enumerate(texts))
    rules = f"zone: {zone}\nfiles:\n  - subject: s\n    events: [{{kind: visit, at: t, id: n}}]\n"
    report = place.take(place.file("a.csv", rows), mapping=mapping(rules))
    assert report.set_aside == 0
    got = {int(e.id): e.happened_at for e in place.events()}
    assert got == {n: parse_moment(text, ZoneInfo(zone)) for n, text in enumerate(texts)}


def test_unix_moments_and_json_inside_json(place: Place) -> None:
    rules = """
files:
  - subject: who.id
    events:
      - kind: visit
        at: {column: t, format: unix_ms}
        recorded: {column: u, format: unix}
"""
    row = '{"who": {"id": 7, "x": [1]}, "t": 1500000000123, "u": 1500000001.5, "more": {}}'
    place.take(place.file("a.jsonl", row), mapping=mapping(rules))
    (event,) = place.events()
    assert event.subject == "7"
    assert event.happened_at == 1_500_000_000_123_000 and event.recorded_at == 1_500_000_001_500_000
    assert event.happened_at == instant(datetime(2017, 7, 14, 2, 40, 0, 123_000, UTC))


def test_rounding_only_where_it_is_asked_for(place: Place) -> None:
    rules = """
files:
  - subject: s
    events:
      - {kind: loan, at: t, id: s, fields: {amount: {money: m, round: true}}}
      - {kind: bill, at: t, id: {text: "b{s}"}, fields: {rate: {column: r, round: true}}}
"""
    rows = "s,t,m,r\na,2016-01-01,1.005,0.0000005\nb,2016-01-01,-1.005,-0.00000149\n"
    place.take(place.file("a.csv", rows), mapping=mapping(rules))
    got = [(e.fields.get("amount"), e.fields.get("rate")) for e in place.events()]
    assert got == [(101, None), (None, 1), (-101, None), (None, -1)]


def test_quoted_line_breaks_keep_line_numbers(place: Place) -> None:
    text = 'subject,kind,happened_at,note\n"a",bill,2016-01-01,"two\nlines"\n\n'
    text += 'b,bill,never,"x\r\n\r\ny"\nc,bill,2016-01-01,z,z\nd,bill,2016-01-01,"q"\n'
    place.take(place.file("a.csv", text))
    assert [(e.subject, e.fields["note"]) for e in place.events()] == [
        ("a", "two\nlines"), ("d", "q"),
    ]  # fmt: skip
    assert place.reasons() == [(5, "unreadable-moment"), (8, "wrong-number-of-columns")]


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1250", "gb18030"])
def test_encodings(place: Place, encoding: str) -> None:
    name = "钱" if encoding != "windows-1250" else "Škoda"
    path = place.file("a.csv", f"who,day\n{name},2016-01-01\n".encode(encoding))
    rules = f"files: [{{csv: {{encoding: {encoding}}}, subject: who,"
    place.take(path, mapping=mapping(rules + " events: [{kind: visit, at: day}]}]\n"))
    assert place.events()[0].subject == name


def test_rows_without_header(place: Place) -> None:
    rules = "files: [{csv: {header: false, columns: [who, x, day]}, subject: who, "
    place.take(
        place.file("a.csv", "ann,1,2016-01-01\nbob,2,2016-01-02\n"),
        mapping=mapping(rules + "events: [{kind: visit, at: day, when: {column: x, is: 2}}]}]"),
    )
    assert [e.subject for e in place.events()] == ["bob"]


def test_progress_ends_at_the_whole(place: Place) -> None:
    told: list[tuple[int, int]] = []
    path = place.file("a.csv.gz", gzip.compress((HEADER + "\n".join(some_lines())).encode()))
    take_in([path], SHAPE, mapping=None, out=place.out, rejects=place.rejects,
            progress=lambda done, total: told.append((done, total)))  # fmt: skip
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_more_rows_than_one_block_and_one_row_group(place: Place) -> None:
    count = 150_000
    rows = "".join(f"s{i % 999},loan,2016-01-{i % 28 + 1:02},n{i},{i}\n" for i in range(count))
    bad = "s,loan,2016-01-01,bad,x\n"
    place.take(place.file("a.csv", HEADER + rows + bad))
    assert place.table().num_rows == count
    assert sum(place.table()["amount"].to_pylist()) == count * (count - 1) // 2
    assert place.reasons() == [(count + 2, "wrong-type")]
    assert pq.ParquetFile(place.out).num_row_groups == 2


def test_real_loans_become_events(place: Place, data_folder: Path) -> None:
    rules = """
zone: Africa/Lagos
files:
  - path: previous_loans.csv.gz
    subject: customerid
    events:
      - kind: loan
        at: closeddate
        id: {text: "closed-{systemloanid}"}
        fields: {amount: {money: loanamount}, days: {days_between: [firstduedate, closeddate]}}
"""
    report = place.take(data_folder / "superlender", mapping=mapping(rules))
    assert (report.rows, report.events, report.set_aside) == (18_183, 18_183, 0)
    closed = {e.id: e for e in place.events()}["closed-301682320"]
    assert closed.fields == {"amount": 1_000_000, "days": -13}
