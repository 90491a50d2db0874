"""The shape of events: which kinds there are and what their fields hold.

Records know nothing of schemes; whoever has a scheme gives them this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

FieldType = Literal["bool", "int", "number", "money", "text", "date"]


@dataclass(frozen=True, slots=True)
class FieldShape:
    """Type of one field; ``one_of`` are the words a text field can hold, None if any."""

    type: FieldType
    one_of: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class EventShape:
    """Kinds of events with their fields, the data set of each kind, and the zone that cuts days."""

    kinds: Mapping[str, Mapping[str, FieldShape]]
    data_set_of: Mapping[str, str]
    zone: ZoneInfo

    def column(self, kind: str, field: str) -> str:
        """Name of the column that holds a field in an events table.

        The field's name where every kind that has it agrees on the type, else ``kind.field``.
        """
        types = {fields[field].type for fields in self.kinds.values() if field in fields}
        return field if len(types) == 1 and field not in RESERVED_COLUMNS else f"{kind}.{field}"


RESERVED_COLUMNS = frozenset(
    {"subject", "kind", "happened_at", "recorded_at", "struck_at", "id", "source"}
)
