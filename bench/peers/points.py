"""From narrow cells to scores, in NumPy: prefix sums over ages, then the points tables.

A *cell* is (kind, step of the amount, bucket of the age); bucket ``b`` holds the ages from
``WINDOWS[b - 1]`` up to but not including ``WINDOWS[b]``. A peer that knows its families are made
of neighbouring steps may work out 13 of them from 8 steps; ours is told nothing of the kind.
"""

from __future__ import annotations

import numpy as np
from data import EDGES, FAMILIES, KINDS, START, WINDOWS, Table, Tables

STEPS = len(EDGES) + 1
BUCKETS = len(WINDOWS)
CELLS = len(KINDS) * STEPS * BUCKETS
SHAPE = (len(KINDS), STEPS, BUCKETS)


def add_cells(score: np.ndarray, counts: np.ndarray, sums: np.ndarray, points: Tables) -> None:
    """Add the points of all count and sum variables to ``score`` (one entry a subject).

    ``counts`` and ``sums`` are cells x subjects; they are changed in place.
    """
    add_points(score, families(counts), points.counts)
    add_points(score, families(sums), points.sums)


def families(cells: np.ndarray) -> np.ndarray:
    """Variables (family x kind x window x subjects) from cells x subjects."""
    windows = cells.reshape(*SHAPE, -1)
    for b in range(1, BUCKETS):
        windows[:, :, b] += windows[:, :, b - 1]
    upto = np.zeros((STEPS + 1, len(KINDS), BUCKETS, windows.shape[-1]), cells.dtype)
    for step in range(STEPS):
        np.add(upto[step], windows[:, step], out=upto[step + 1])
    made = np.empty((len(FAMILIES), *upto.shape[1:]), cells.dtype)
    for f, (_, _, (first, end)) in enumerate(FAMILIES):
        np.subtract(upto[end], upto[first], out=made[f])
    return made


def add_points(score: np.ndarray, variables: np.ndarray, table: Table) -> None:
    """Look up every variable (last axis: subjects) in its table and add the points to ``score``.

    The points are low + (middle - low)[value >= first] + (high - middle)[value >= second], so
    that each is a product of a vector with a matrix of zeros and ones. In float32 such a product
    runs in BLAS and is exact here: all terms are whole and all sums far below 2^24.
    """
    flat = variables.reshape(-1, variables.shape[-1])
    score += int(table.low.sum())
    for edge, step in (
        (table.first, table.middle - table.low),
        (table.second, table.high - table.middle),
    ):
        reached = flat >= edge.reshape(-1, 1).astype(flat.dtype)
        score += (step.ravel().astype(np.float32) @ reached.astype(np.float32)).astype(np.int64)


def add_distinct(score: np.ndarray, firsts: np.ndarray, points: Tables) -> None:
    """Add the points of the distinct counts; ``firsts`` is (kind x bucket) x subjects: how many
    counterparties were last met in that bucket. Changed in place."""
    windows = firsts.reshape(len(KINDS), BUCKETS, -1)
    for b in range(1, BUCKETS):
        windows[:, b] += windows[:, b - 1]
    add_points(score, windows, points.distinct)


def started(subjects: int) -> np.ndarray:
    """Scores before any points."""
    return np.full(subjects, START, np.int64)
