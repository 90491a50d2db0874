"""From readings to the order of inspections over HTTP; and the score beside it does not move."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from drawn_readings import FIRM, OTHER, START, THIRD, YEAR_HOURS, ZONE, drawn
from serving import DAY, Served, Turned
from starlette.testclient import TestClient

from xinyong.records.sensors.folder import Examined, examine_folder
from xinyong.records.sensors.instrument import HOUR, WEEK
from xinyong.records.sensors.kinds import Kind
from xinyong.service.app import create_app
from xinyong.service.config import Config
from xinyong.service.house import open_house, prepare

CUT = START + 3 * YEAR_HOURS * HOUR
SCHEME = Path(__file__).parents[1] / "service" / "market.yaml"
REGISTER = (
    "instrument,firm,substance,unit,resolution,limit,beside\n"
    f"chimney 1,{FIRM},dust,ug/m3,1,150,\n"
    f"chimney 2,{THIRD},dust,ug/m3,1,150,\n"
)


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> Examined:
    """Two firms; after three years the first sends a week of the second year once more."""
    folder = tmp_path_factory.mktemp("readings")
    (folder / "instruments.csv").write_text(REGISTER, encoding="utf-8")
    hours = 3 * YEAR_HOURS + 4 * WEEK
    for name, seed in (("chimney 1", 21), ("chimney 2", 22)):
        values = drawn(hours, seed).own.values.copy()
        if name == "chimney 1":
            source, at = 60 * WEEK, 3 * YEAR_HOURS + 2 * WEEK
            values[at : at + WEEK] = values[source : source + WEEK]
        moments = pa.array(START + HOUR * np.arange(hours), pa.timestamp("us", "UTC"))
        shown = pa.array([str(value // 1000) for value in values])
        table = pa.table(
            {"instrument": pa.array([name] * hours), "moment": moments, "value": shown}
        )
        pq.write_table(table, folder / f"{name}.parquet")
    return examine_folder(folder, genuine_until=CUT, zone=ZONE, kinds=(Kind.COPIED,))


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Served]:
    prepare(tmp_path)
    clock = Turned()
    config = Config(operator="An environment bureau", places=["cn"], schemes=[str(SCHEME)])
    house = open_house(tmp_path, clock=clock, config=config, synchronous="OFF")
    with TestClient(create_app(house), raise_server_exceptions=False) as http:
        yield Served(house, http, clock)


def test_a_copied_week_is_flagged_and_every_firm_looked_at_is_counted(examined: Examined) -> None:
    (flag,) = examined.flags
    assert (flag.firm, flag.instrument, flag.kind) == (FIRM, "chimney 1", Kind.COPIED)
    assert flag.start == CUT + 2 * WEEK * HOUR and "168 readings" in flag.evidence
    assert examined.tries == {FIRM: 4, THIRD: 4} and OTHER not in examined.tries


def test_a_copied_stream_leads_to_an_inspection_and_never_to_a_score(
    examined: Examined, bureau: Served
) -> None:
    operator, handle = bureau.operator, bureau.enter(FIRM)
    basis = {
        "scheme": "market",
        "data_sets": ["sensors"],
        "until": bureau.clock.now + 300 * DAY,
        "basis": "law:Environmental Protection Law art. 42",
    }
    operator.ok(operator.post(f"/subjects/{handle}/consents", basis))
    path, form = f"/subjects/{handle}/scores", {"scheme": "market"}
    before = operator.ok(operator.post(path, form))
    kinds = {act.kind for act in bureau.house.store.of(FIRM)}

    look = {
        "looked_at": [{"firm": firm, "tries": tries} for firm, tries in examined.tries.items()],
        "flags": [flag.to_json() for flag in examined.flags],
    }
    assert operator.ok(operator.post("/flags", look)) == {"firms": 2, "flags": 1}

    found = operator.ok(operator.get("/flags"))
    (first,) = found["firms"]
    assert first["handle"] == handle and found["looked_at"] == 2
    (told,) = first["flags"]
    assert told["kind"] == "copied" and told["use"] == "inspection priority"
    assert told["evidence"] == examined.flags[0].evidence
    assert "would be flagged by chance" in found["told"] and "not a finding" in found["told"]

    after = operator.ok(operator.post(path, form))
    assert after == before and "copied" not in json.dumps(after)
    added = {act.kind for act in bureau.house.store.of(FIRM)} - kinds
    assert added <= {"flag", "read", "score"}, "no event, no listing, no decision"
    assert operator.get(f"/flags/{handle}").status_code == 404
