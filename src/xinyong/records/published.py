"""Published statistics: how many subjects are in which band, on which list, in which month.

A release is a table of counts with totals. Four things stand between it and any one subject:

1. A subject counts in at most ``most`` cells, once in each (:func:`counted`).
2. Noise is added to every cell, and its epsilon is paid from a budget first
   (:mod:`~xinyong.records.published_noise`, :mod:`~xinyong.records.published_budget`).
3. Numbers below 10 are hidden, after the noise.
4. So are enough others that no subtraction brings them back
   (:mod:`~xinyong.records.published_hiding`).

The promise of the second alone holds against whoever knows everything else; the third and fourth
keep readers from taking a small number for a person. docs/published-statistics.md says what is not
promised.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from xinyong.errors import QuestionRefused
from xinyong.records.published_budget import PAID, BudgetEntry, Purse, digest, enter
from xinyong.records.published_hiding import LEAST, Shown, Table, hidden
from xinyong.records.published_noise import error_bound, noise

MOST_CELLS: Final = 10_000
LONGEST: Final = 200
_WHERE = "records.published"


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted: subjects by rows and columns, such as bands by months.

    ``rows`` and ``columns`` are all labels there are, named in advance: a label made from the data
    would itself tell something. ``most`` is in how many cells one subject may count. Raises
    :class:`~xinyong.errors.QuestionRefused`.
    """

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...] = ("all",)
    most: int = 1

    def __post_init__(self) -> None:
        cells = len(self.rows) * len(self.columns)
        twice = len({*self.rows}) < len(self.rows) or len({*self.columns}) < len(self.columns)
        texts = (self.title, *self.rows, *self.columns)
        if twice or not all(0 < len(t) <= LONGEST and t.isprintable() for t in texts):
            self._refuse("has a label twice, or one that is none")
        if not 1 <= self.most <= cells <= MOST_CELLS:
            self._refuse(f"has {cells:,} cells of which a subject may be in {self.most:,}")

    def _refuse(self, what: str) -> None:
        raise QuestionRefused(
            f"the question {what}",
            where=_WHERE,
            why=f"rows and columns are named in advance, at most {MOST_CELLS:,} cells",
            mend="name each label once; count a subject in at least one cell, at most in all",
        )

    @property
    def digest(self) -> str:
        """24 hex digits that name the question: the same question can be answered once for all."""
        return digest(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "title": self.title,
            "rows": list(self.rows),
            "columns": list(self.columns),
            "most": self.most,
        }


@dataclass(frozen=True, slots=True)
class Published:
    """A release, as it may be shown to everybody.

    ``cells`` has a row and a column more than the question: totals, the grand total last. Each is
    a whole number with noise in it, or None where it is hidden. A total is the sum of the cells as
    they are here, hidden ones too. ``within`` says how far a cell is from the truth in 95 of 100
    cases at most, as noise goes; numbers below 0 were made 0.
    """

    question: Question
    cells: Shown
    paid: BudgetEntry
    within: int

    def to_json(self) -> dict[str, Any]:
        """As plain data; hidden numbers are null."""
        return {
            "question": self.question.to_json(),
            "cells": [list(row) for row in self.cells],
            "paid": self.paid.to_json(),
            "within": self.within,
            "least": LEAST,
        }


def publish(
    question: Question,
    facts: Iterable[tuple[str, str, str]],
    *,
    purse: Purse,
    scope: str,
    amount: int,
    by: str,
    at: int,
) -> Published:
    """Answer a question once, and pay for it first.

    ``facts`` are (subject, row, column); ``amount`` is the epsilon in millionths, paid from the
    budget of ``scope``; ``by`` and ``at`` (microseconds UTC) go into the entry. Nothing is drawn
    before the entry is durable: who is interrupted in between has paid and holds no answer, never
    the other way round. Needs the extra ``privacy``.

    Raises :class:`~xinyong.errors.BudgetSpent`, and :class:`~xinyong.errors.QuestionRefused` for a
    label that the question does not name.
    """
    counts = counted(question, facts)
    entry = BudgetEntry(scope, PAID, amount, question.digest, by, at)
    add_noise = noise(amount, question.most)
    enter(purse, entry)
    flat = add_noise([n for row in counts for n in row])
    width = len(question.columns)
    table = tuple(
        tuple(max(0, n) for n in flat[i * width : (i + 1) * width])
        for i in range(len(question.rows))
    )
    return Published(question, hidden(table), entry, error_bound(amount, question.most))


def counted(question: Question, facts: Iterable[tuple[str, str, str]]) -> Table:
    """How many subjects are in each cell, without noise: never shown.

    A subject counts once in a cell, and in at most ``question.most`` cells. Which, is settled by a
    hash of subject and cell, so that it depends on this subject alone. Adding or removing a subject
    therefore changes at most ``most`` counts, each by one.
    """
    row_at = {label: i for i, label in enumerate(question.rows)}
    column_at = {label: j for j, label in enumerate(question.columns)}
    cells_of: dict[str, set[tuple[int, int]]] = {}
    for subject, row, column in facts:
        if row not in row_at or column not in column_at:
            raise QuestionRefused(
                "a fact has a label that the question does not name",
                where=_WHERE,
                why="a label that only some data have would tell which data they are",
                mend="name all bands, lists or months there can be",
            )
        cells_of.setdefault(subject, set()).add((row_at[row], column_at[column]))
    counts = [[0] * len(question.columns) for _ in question.rows]
    for subject, cells in cells_of.items():
        for i, j in _kept(subject, cells, question.most):
            counts[i][j] += 1
    return tuple(tuple(row) for row in counts)


def _kept(subject: str, cells: set[tuple[int, int]], most: int) -> Iterable[tuple[int, int]]:
    if len(cells) <= most:
        return cells

    def lot(cell: tuple[int, int]) -> bytes:
        return hashlib.sha256(f"{subject}\n{cell[0]}\n{cell[1]}".encode()).digest()

    return sorted(cells, key=lot)[:most]
