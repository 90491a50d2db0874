"""The six detectors by kind: how each learns from genuine hours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from xinyong.records.sensors.capped import fit_capped
from xinyong.records.sensors.copied import fit_copied
from xinyong.records.sensors.diluted import fit_diluted
from xinyong.records.sensors.fitted import Fitted
from xinyong.records.sensors.flat import fit_flat
from xinyong.records.sensors.kinds import Kind
from xinyong.records.sensors.noisy import fit_noisy
from xinyong.records.sensors.series import Mask, Watched
from xinyong.records.sensors.typed import fit_typed

FIT: Final[dict[Kind, Callable[[Watched, Mask], Fitted | None]]] = {
    Kind.COPIED: fit_copied,
    Kind.FLAT: fit_flat,
    Kind.CAPPED: fit_capped,
    Kind.DILUTED: fit_diluted,
    Kind.TYPED: fit_typed,
    Kind.NOISY_COPY: fit_noisy,
}
"""For each kind: from a record and the hours that may be learnt from to a detector.

None means that the kind cannot be looked for: no limit, no independent station, too short a record.
"""
