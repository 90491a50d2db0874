"""A small made-up scheme and three borrowers, for tests of the face and the command line."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

LENDING = Path(__file__).parent / "lending.yaml"


def rows() -> list[dict[str, Any]]:
    """Ann: in time and helpful. Bob: late thrice. Cy: asked for nothing but an atlas."""

    def row(subject: str, kind: str, day: date, number: int, **fields: object) -> dict[str, Any]:
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        empty = dict.fromkeys(["days_late", "fee", "kind_of_book", "hours", "thanked", "until"])
        return {
            "subject": subject,
            "kind": kind,
            "happened_at": moment,
            "id": f"{subject}-{number}",
            **empty,
            **fields,
        }

    found = [
        row("ann", "loan", date(2022, 3, 1), 1, days_late=0, fee=0, kind_of_book="novel"),
        row("ann", "help", date(2022, 4, 1), 2, hours=Decimal("1.5"), thanked=True),
        row("cy", "loan", date(2022, 5, 1), 1, days_late=0, fee=0, kind_of_book="atlas"),
    ]
    found += [
        row("bob", "loan", date(2022, n, 2), n, days_late=3 * n, fee=500 * n, kind_of_book="novel")
        for n in (1, 2, 3)
    ]
    return found


SCHEMA = pa.schema(
    [
        ("subject", pa.string()),
        ("kind", pa.string()),
        ("happened_at", pa.timestamp("us", tz="UTC")),
        ("id", pa.string()),
        ("days_late", pa.int64()),
        ("fee", pa.int64()),
        ("kind_of_book", pa.string()),
        ("hours", pa.decimal128(18, 6)),
        ("thanked", pa.bool_()),
        ("until", pa.date32()),
    ]
)


def borrowers() -> pa.Table:
    """Their events as an Arrow table."""
    return pa.Table.from_pylist(rows(), schema=SCHEMA)
