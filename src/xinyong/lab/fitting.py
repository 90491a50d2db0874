"""From margins to counts of people: proportional fitting, and counts that are whole numbers.

``fit`` is iterative proportional fitting (Deming and Stephan 1940, doi 10.1214/aoms/1177731829):
a table is scaled to one margin after the other until all hold; the odds ratios of the table it
began with stay as they were. ``whole`` makes the cells whole: truncate, replicate, sample (Lovelace
and Ballas 2013, doi 10.1016/j.compenvurbsys.2013.03.004), the sample being systematic, so that
every cell is within one of what was fitted, and the total is met.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused

Table = npt.NDArray[np.float64]
Held = tuple[tuple[int, ...], Table]
"""The axes a margin is about, rising, and its numbers."""

CLOSE = 1e-12
ROUNDS = 10_000


def fit(start: Table, margins: Sequence[Held], close: float = CLOSE) -> Table:
    """A table of shares with the odds ratios of ``start`` and all ``margins`` (each sums to 1).

    Stops when the largest error of a margin is below ``close``. Refuses (QuestionRefused) margins
    that no table with the zeros of ``start`` can have.
    """
    table = start / start.sum()
    for _ in range(ROUNDS):
        worst = 0.0
        for axes, wanted in margins:
            others = tuple(axis for axis in range(table.ndim) if axis not in axes)
            found = table.sum(axis=others)
            worst = max(worst, float(np.abs(found - wanted).max()))
            factor = np.divide(wanted, found, out=np.zeros_like(found), where=found > 0)
            table = table * np.expand_dims(factor, others)
        if worst < close:
            return table
    raise QuestionRefused(
        "the margins cannot be fitted",
        why=f"after {ROUNDS:,} rounds one is still off by {worst:.2g}; margins that contradict "
        "each other, or need people in cells that are empty from the start, have no table",
        mend="change the shares so that they can hold at once",
    )


def whole(table: Table, n: int, u: float) -> npt.NDArray[np.int64]:
    """Whole counts that sum to ``n``, of the shape of ``table`` (shares); ``u`` in [0, 1) decides.

    Over all ``u`` each cell's mean is its share of n; each count is that rounded down or up.
    """
    wanted = table.ravel() / table.sum() * n
    counts = np.floor(wanted).astype(np.int64)
    rest = n - int(counts.sum())
    if rest:
        parts = np.cumsum(wanted - counts)
        parts *= rest / parts[-1]
        parts[-1] = rest
        first = np.floor(1.0 - u)
        # a tiny u is lost beside a larger number: no end may be rounded up past the last one
        ends = np.minimum(np.floor(parts + (1.0 - u)), first + rest)
        ends[-1] = first + rest
        counts += np.diff(ends, prepend=first).astype(np.int64)
    return counts.reshape(table.shape)


def associated(many: int, correlation: float) -> Table:
    """Shares of pairs of ``many`` equal classes whose places have the ``correlation`` (0 to 0.9).

    Each next class has constant odds to go with a next class: of all tables with these margins
    and this correlation it is the one that assumes least. float64[many, many].
    """
    even = np.full(many, 1.0 / many)
    places = (np.arange(many) - (many - 1) / 2) / np.sqrt((many**2 - 1) / 12)
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        table = fit(np.exp(middle * np.outer(places, places)), (((0,), even), ((1,), even)), 1e-9)
        if (table * np.outer(places, places)).sum() < correlation:
            low = middle
        else:
            high = middle
    return table
