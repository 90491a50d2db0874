"""The store of real records: a ledger that only grows, on SQLite or PostgreSQL."""

from xinyong.records.store.acts import (
    ALTERING,
    KINDS,
    Act,
    AtMost,
    Block,
    Known,
    Need,
    Parcel,
    Receipt,
    State,
    Unchanged,
)
from xinyong.records.store.reading import Reader, Stamp, Standed
from xinyong.records.store.standing import (
    PACKED,
    Standing,
    body_of,
    packed_standing,
    standing,
    unpacked_standing,
)
from xinyong.records.store.store import Store, wall_clock

__all__ = [
    "ALTERING",
    "KINDS",
    "PACKED",
    "Act",
    "AtMost",
    "Block",
    "Known",
    "Need",
    "Parcel",
    "Reader",
    "Receipt",
    "Stamp",
    "Standed",
    "Standing",
    "State",
    "Store",
    "Unchanged",
    "body_of",
    "packed_standing",
    "standing",
    "unpacked_standing",
    "wall_clock",
]
