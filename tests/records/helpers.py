"""A small shape of events and short ways to take files in."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from xinyong.records.event import Event
from xinyong.records.intake import IntakeReport, read_events, take_in
from xinyong.records.mapping import Mapping, parse_mapping
from xinyong.records.shape import EventShape, FieldShape
from xinyong.records.table import to_events

SHAPE = EventShape(
    {
        "bill": {
            "paid": FieldShape("bool"),
            "amount": FieldShape("money"),
            "rate": FieldShape("number"),
            "due": FieldShape("date"),
            "word": FieldShape("text", ("red", "blue")),
            "note": FieldShape("text"),
        },
        "loan": {"amount": FieldShape("money"), "days": FieldShape("int")},
        "visit": {},
    },
    {"bill": "bills", "loan": "loans", "visit": "visits"},
    ZoneInfo("Europe/Prague"),
)


class Place:
    """A folder with input, and a result that must not change when intake is refused."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "in"
        self.folder.mkdir()
        self.out_folder = folder / "out"
        self.out_folder.mkdir()
        self.out = self.out_folder / "events.parquet"
        self.rejects = self.out_folder / "aside.jsonl"

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def take(self, *paths: Path | str, mapping: Mapping | None = None) -> IntakeReport:
        return take_in(paths, SHAPE, mapping=mapping, out=self.out, rejects=self.rejects)

    def table(self) -> pa.Table:
        return read_events(self.out)

    def events(self) -> list[Event]:
        return to_events(self.table(), SHAPE)

    def aside(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.rejects.read_text("utf-8").splitlines()]

    def reasons(self) -> list[tuple[int, str]]:
        return [(row["line"], row["reason"]) for row in self.aside()]


def mapping(text: str, folder: Path | str = ".") -> Mapping:
    return parse_mapping("xinyong_mapping: 1\n" + text, name="m.yaml", folder=folder)
