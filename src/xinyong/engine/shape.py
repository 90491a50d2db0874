"""The shape of the events a scheme reads."""

from __future__ import annotations

from xinyong.records.shape import EventShape, FieldShape
from xinyong.scheme.model import Scheme


def shape_of(scheme: Scheme) -> EventShape:
    """Kinds, fields and time zone of the events that a scheme declares."""
    return EventShape(
        kinds={
            kind: {name: FieldShape(spec.type, spec.one_of) for name, spec in event.fields.items()}
            for data_set in scheme.data_sets.values()
            for kind, event in data_set.events.items()
        },
        data_set_of={
            kind: name for name, data_set in scheme.data_sets.items() for kind in data_set.events
        },
        zone=scheme.zone,
    )
