"""Tables from elsewhere: every library that hands over Arrow data, and every misfit."""

from datetime import date, datetime
from typing import Any

import duckdb
import lending
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import xinyong
from xinyong.days import instant, parse_moment
from xinyong.engine.case_events import case_events
from xinyong.engine.shape import shape_of
from xinyong.errors import EventsRefused
from xinyong.face import frames

DAY = "2022-06-30"
TABLE = lending.borrowers()
SHAPE = shape_of(xinyong.load(lending.LENDING))

SOURCES: dict[str, Any] = {
    "arrow": lambda: TABLE,
    "batch": lambda: TABLE.combine_chunks().to_batches()[0],
    "reader": TABLE.to_reader,
    "polars": lambda: pl.from_arrow(TABLE),
    "lazy polars": lambda: pl.from_arrow(TABLE).lazy(),  # type: ignore[union-attr]
    "pandas": TABLE.to_pandas,
    "pandas with floats": lambda: TABLE.to_pandas().astype({"days_late": "float64"}),
    "duckdb": lambda: duckdb.connect().from_arrow(TABLE),
    "large and dictionary types": lambda: TABLE.cast(
        pa.schema(
            [
                field.with_type(
                    pa.dictionary(pa.int32(), pa.string())
                    if field.name == "kind"
                    else pa.large_string()
                    if pa.types.is_string(field.type)
                    else field.type
                )
                for field in TABLE.schema
            ]
        )
    ),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_same_scores(source: str) -> None:
    wanted = xinyong.score(lending.LENDING, TABLE, day=DAY)
    assert xinyong.score(lending.LENDING, SOURCES[source](), day=DAY).equals(wanted)


def test_results_go_back_to_polars_pandas_and_duckdb() -> None:
    scores = xinyong.score(lending.LENDING, TABLE, day=DAY)
    assert pl.DataFrame(scores)["score"].to_list() == [83, 30, 85]
    assert scores.to_pandas()["score"].tolist() == [83, 30, 85]
    rows = duckdb.connect().from_arrow(scores).aggregate("sum(score)").fetchall()
    assert rows == [(198,)]


def test_a_list_of_events_is_taken() -> None:
    scheme = xinyong.load(lending.LENDING)
    events = case_events(scheme, scheme.tests[1], "ann")
    assert xinyong.score(scheme, events, day=DAY)["score"].to_pylist() == [83]


def row(**fields: object) -> dict[str, object]:
    moment = datetime(2022, 3, 1, 12)
    return {"subject": "ann", "kind": "loan", "happened_at": moment, "days_late": 0, **fields}


def fitted(**fields: object) -> dict[str, Any]:
    found = frames.fit(pa.Table.from_pylist([row(**fields)]), SHAPE).to_pylist()[0]
    return dict(found)


def test_days_and_naive_moments_are_read_in_the_schemes_zone() -> None:
    assert str(fitted()["happened_at"]) == "2022-03-01 11:00:00+00:00"
    assert str(fitted(happened_at=date(2022, 7, 1))["happened_at"]) == "2022-06-30 22:00:00+00:00"


def test_hours_that_a_clock_change_skips_or_repeats() -> None:
    twice = fitted(happened_at=datetime(2022, 10, 30, 2, 30))["happened_at"]
    never = fitted(happened_at=datetime(2022, 3, 27, 2, 30))["happened_at"]
    assert str(twice) == "2022-10-30 00:30:00+00:00"
    assert str(never) == "2022-03-27 01:30:00+00:00"
    for moment, text in ((twice, "2022-10-30T02:30:00"), (never, "2022-03-27T02:30:00")):
        assert instant(moment) == parse_moment(text, SHAPE.zone)


def test_numbers_of_subjects_become_their_names() -> None:
    assert fitted(subject=7)["subject"] == "7"


def test_nan_is_unknown() -> None:
    assert fitted(days_late=float("nan"))["days_late"] is None


def test_columns_that_are_no_fields_are_passed_over() -> None:
    assert "note" not in fitted(note="seen")


def test_a_qualified_column_is_a_field() -> None:
    table = pa.Table.from_pylist([row(), row(happened_at=datetime(2022, 4, 1))])
    renamed = table.rename_columns(["subject", "kind", "happened_at", "loan.days_late"])
    assert xinyong.score(lending.LENDING, renamed, day=DAY).equals(
        xinyong.score(lending.LENDING, table, day=DAY)
    )


@pytest.mark.parametrize(
    ("fields", "match", "mend"),
    [
        ({"kind": "lone"}, "no events of kind 'lone'", "did you mean 'loan'"),
        ({"kind": None}, "1 of 1 rows have no kind", "drop the rows"),
        ({"subject": None}, "1 of 1 rows have no subject", "drop the rows"),
        ({"happened_at": "2022-03-01"}, "the column holds string", "parse it first"),
        ({"fees": 1}, "no field is called 'fees'", "rename it to 'fee'"),
        ({"fee": 12.5}, "the column holds double", "minor units"),
        ({"days_late": 0.5}, "the column holds double", "whole numbers"),
        ({"days_late": "3"}, "the column holds string", "cast it to a number"),
        ({"days_late": 10**15}, "too large", "larger unit"),
        ({"thanked": 1}, "the column holds int64", "cast it to bool"),
        ({"thanked": "yes"}, "the column holds string", "cast it to bool"),
        ({"kind_of_book": 3}, "the column holds int64", "cast it to text"),
        ({"until": "2022-04-01"}, "the column holds string", "to_date"),
        ({"hours": 2e11}, "too large", "larger unit"),
        ({"hours": 1e13}, "the column holds double", "six decimals"),
    ],
)
def test_misfits_are_refused_in_four_parts(
    fields: dict[str, object], match: str, mend: str
) -> None:
    with pytest.raises(EventsRefused, match=match) as error:
        fitted(**fields)
    assert mend in error.value.mend
    assert error.value.where.startswith("events") and error.value.why


@pytest.mark.parametrize(
    ("names", "match"),
    [
        (["subject", "kind", "when"], "no column 'happened_at'"),
        (["name", "kind", "happened_at"], "no column 'subject'"),
        (["subject", "subject", "kind"], "two columns called 'subject'"),
        ([], "no column 'subject' and no column 'kind' and no column 'happened_at'"),
    ],
)
def test_missing_and_doubled_columns(names: list[str], match: str) -> None:
    table = pa.Table.from_arrays([pa.array(["x"])] * len(names), names=names)
    with pytest.raises(EventsRefused, match=match):
        xinyong.score(lending.LENDING, table, day=DAY)


@pytest.mark.parametrize("events", [5, object(), [{"subject": "ann"}], b"bytes", None])
def test_what_is_no_table_at_all(events: object) -> None:
    with pytest.raises(EventsRefused) as error:
        xinyong.score(lending.LENDING, events, day=DAY)
    assert error.value.mend


def test_an_empty_table_gives_an_empty_answer_with_its_columns() -> None:
    empty = TABLE.slice(0, 0)
    scores = xinyong.score(lending.LENDING, empty, day=DAY)
    assert len(scores) == 0
    assert {"subject", "score", "band", "points.care"} <= set(scores.column_names)


def test_pandas_objects_with_missing_values() -> None:
    frame = pd.DataFrame([row(thanked=None), row(kind="help", days_late=None, thanked=True)])
    table = frames.arrow(frame, SHAPE)
    assert table["thanked"].to_pylist() == [None, True]
    assert table["days_late"].to_pylist() == [0, None]
