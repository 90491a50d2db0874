"""Case A's score as a scheme, so that the engine itself moves the scores of case A's people.

The scheme stands in ``bureau.yaml``: 75 points up, 150 down, held between 300 and 850.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xinyong.engine.batch import score_table
from xinyong.scheme.model import Scheme
from xinyong.scheme.reading import read_scheme

Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

UP: Final = 75.0
DOWN: Final = -150.0
DAY: Final = date(2020, 1, 2)
MOMENT: Final = int(datetime(2020, 1, 1, 12, tzinfo=UTC).timestamp() * 1_000_000)


@lru_cache(maxsize=1)
def scheme() -> Scheme:
    """The bureau's scheme."""
    return read_scheme(Path(__file__).parent / "bureau.yaml")


def scores(before: Ints, approved: Truths, repays: Truths) -> Ints:
    """Scores after one round by the batch engine: int64[n].

    ``before`` int64[n]: whole points each stood at; ``approved``, ``repays`` bool[n].
    """
    n = len(before)
    lent = np.flatnonzero(approved)
    who = np.concatenate([np.arange(n), lent])
    subjects = pa.array(np.char.zfill(who.astype(str), 9))
    loans = np.where(repays[lent], "repaid", "defaulted")
    places = pa.array(np.arange(len(who)).astype(str))
    moments = pa.array(np.full(len(who), MOMENT), pa.timestamp("us", tz="UTC"))
    stood = np.concatenate([before, np.zeros(len(lent), np.int64)])
    events = pa.table(
        {
            "subject": subjects,
            "kind": pa.array(np.concatenate([np.full(n, "standing"), loans])),
            "happened_at": moments,
            "recorded_at": moments,
            "id": places,
            "stood": pa.array(stood, mask=np.arange(len(who)) >= n),
        }
    )
    found: Ints = score_table(scheme(), events, day=DAY, reasons=False)["score"].to_numpy()
    return found
