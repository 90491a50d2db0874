"""The synthetic town: the same for the same seed, in order, and plausible."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from xinyong.demo.town import GROUP, Town, draw_town
from xinyong.engine.shape import shape_of
from xinyong.errors import QuestionRefused
from xinyong.records.shape import EventShape, FieldShape
from xinyong.records.table import schema, to_events
from xinyong.scheme.library import load

FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)
PARTS = ("people", "firms")


def town(seed: int = 5, people: int = 1_000, firms: int = 200) -> Town:
    return draw_town(people, firms, seed=seed, first=FIRST, last=LAST)


@pytest.fixture(scope="module")
def people() -> pa.Table:
    return town().events("people")


@pytest.fixture(scope="module")
def firms() -> pa.Table:
    return town().events("firms")


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for part in PARTS:
        one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
        rows = town().write(part, one)
        assert town().write(part, other, threads=2) == rows > 0
        assert one.read_bytes() == other.read_bytes()
        assert sorted(p.name for p in tmp_path.iterdir()) == ["one.parquet", "other.parquet"]


def test_another_seed_gives_another_town(people: pa.Table) -> None:
    other = town(seed=6).events("people")
    assert not other.equals(people)
    assert abs(other.num_rows / people.num_rows - 1) < 0.2


def test_a_larger_town_begins_with_the_same_groups() -> None:
    small = draw_town(0, GROUP, seed=1, first=FIRST, last=date(2024, 3, 1))
    large = replace(small, firms=GROUP + 7)
    groups = list(large.groups("firms"))
    assert groups[0].equals(small.events("firms"))
    assert pc.min(groups[1]["subject"]).as_py() > "synthetic:f05000"


@pytest.mark.parametrize("part", PARTS)
def test_tables_are_in_order_and_say_so(part: str, request: pytest.FixtureRequest) -> None:
    table = request.getfixturevalue(part)
    keys = ("subject", "happened_at", "recorded_at", "id")
    order = pc.sort_indices(table, [(key, "ascending") for key in keys])
    assert order.to_pylist() == list(range(table.num_rows))
    assert table.group_by(["subject", "id"]).aggregate([]).num_rows == table.num_rows
    assert table.schema.metadata == {b"xinyong.events": b"1 in-order", b"xinyong.synthetic": b"1"}
    prefix = f"synthetic:{part[0]}"
    assert pc.all(pc.starts_with(table["subject"], prefix)).as_py()


@pytest.mark.parametrize(("part", "name"), [("people", "sesame"), ("firms", "tax-credit")])
def test_every_event_and_field_of_the_scheme_is_drawn(
    part: str, name: str, request: pytest.FixtureRequest
) -> None:
    table, shape = request.getfixturevalue(part), shape_of(load(name))
    assert table.schema.equals(schema(shape))
    assert set(table["kind"].unique().to_pylist()) == {*shape.kinds, "coverage"}
    assert set(table["data_set"].drop_null().unique().to_pylist()) == set(
        shape.data_set_of.values()
    )
    for kind, fields in shape.kinds.items():
        rows = table.filter(pc.equal(table["kind"], kind))
        assert set(rows["source"].unique().to_pylist()) == {shape.data_set_of[kind]}
        for field, spec in fields.items():
            column = rows[shape.column(kind, field)]
            assert column.null_count < rows.num_rows, (kind, field)
            if spec.one_of:
                assert set(column.drop_null().unique().to_pylist()) <= set(spec.one_of)
    read = to_events(table.slice(0, 50), shape)
    assert all(
        set(event.fields) == set(shape.kinds.get(event.kind, ["data_set"])) for event in read
    )


def test_moments_lie_where_they_should(people: pa.Table) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    first = datetime(2024, 1, 1, tzinfo=zone).astimezone(UTC)
    end = datetime(2026, 1, 1, tzinfo=zone).astimezone(UTC)
    assert first <= pc.min(people["happened_at"]).as_py()
    assert pc.max(people["happened_at"]).as_py() < end
    assert pc.all(pc.greater_equal(people["recorded_at"], people["happened_at"])).as_py()
    struck = people.filter(pc.is_valid(people["struck_at"]))
    assert pc.all(pc.greater(struck["struck_at"], struck["recorded_at"])).as_py()
    wait = pc.subtract(people["recorded_at"], people["happened_at"])
    late = pc.mean(pc.greater(wait, timedelta(days=6))).as_py()
    assert 0.02 < late < 0.04
    assert 0.001 < struck.num_rows / people.num_rows < 0.006


def test_marginals_are_plausible(people: pa.Table) -> None:
    events = people.filter(pc.not_equal(people["kind"], "coverage"))
    counts = events.group_by("subject").aggregate([("id", "count")])["id_count"].to_numpy()
    assert 35 < events.num_rows / 1_000 < 75
    assert 30 < 1_000 - len(counts) < 200, "some people leave no trace"
    assert 50 < (counts < 10).sum() < 300, "some leave very little"
    assert counts.max() > 150
    row = duckdb.sql(
        """
        select avg(paid_on_time::int), avg((days_late > 0)::int), avg((days_late > 30)::int),
               median(amount) filter (kind = 'salary'), avg((used > "limit")::int)
        from events
        """
    ).fetchall()[0]
    on_time, late, very_late, wage, over = row
    assert 0.8 < on_time < 0.96
    assert 0.02 < late < 0.2
    assert 0 < very_late < late / 2
    assert 300_000 < wage < 1_500_000
    assert over < 0.25


def test_behaviour_hangs_together(people: pa.Table) -> None:
    """Who pays bills late repays loans late more often: one hidden trait moves both."""
    row = duckdb.sql(
        """
        with each as (
            select avg(paid_on_time::int) as bills, avg((days_late > 0)::int) as loans
            from people group by subject having count(paid_on_time) > 8 and count(days_late) > 8)
        select avg(loans) filter (bills < 0.8), avg(loans) filter (bills > 0.95) from each
        """
    ).fetchall()[0]
    assert row[0] > 1.5 * row[1]


def test_events_nobody_foresaw_are_drawn_all_the_same() -> None:
    fields = {
        type_: FieldShape(type_, ("x", "y") if type_ == "text" else None)
        for type_ in ("bool", "int", "number", "money", "text", "date")
    }
    zone = ZoneInfo("UTC")
    odd = EventShape(
        {"quux": fields, "frob": {"int": FieldShape("text")}}, {"quux": "a", "frob": "b"}, zone
    )
    drawn = draw_town(300, 300, seed=1, first=FIRST, last=LAST, people_shape=odd, firm_shape=odd)
    for part in PARTS:
        table = drawn.events(part)
        assert table.schema.equals(schema(odd))
        for kind, specs in odd.kinds.items():
            rows = table.filter(pc.equal(table["kind"], kind))
            for field in specs:
                assert rows[odd.column(kind, field)].null_count < rows.num_rows
        assert set(table["text"].drop_null().unique().to_pylist()) == {"x", "y"}


@pytest.mark.parametrize("wrong", [{"people": -1}, {"firms": 10**6}, {"seed": -1}, {"last": FIRST}])
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, int]) -> None:
    given = {"people": 1, "firms": 1, "seed": 1, "first": FIRST, "last": LAST} | wrong
    with pytest.raises(QuestionRefused) as refused:
        draw_town(**given)  # type: ignore[arg-type]
    assert refused.value.mend


def test_a_town_without_firms_has_an_empty_table() -> None:
    assert town(people=0, firms=0).events("firms").num_rows == 0
