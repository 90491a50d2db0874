"""Jobs of people at the firms there are: who is in danger of losing one this month.

Each job of a firm's full size is a place; who works for firms holds one of them, drawn once and for
all, so that a firm has people in proportion to its size. A month's danger of a place is the part of
its jobs that the firm has just shed, or what goes when the firm's loan is given up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.lab import margins
from xinyong.lab.cells import Trait
from xinyong.lab.chance import Stream, everyone, uniforms
from xinyong.lab.firms import Firms
from xinyong.lab.firms_month import Purse, State

Array = npt.NDArray[Any]
JOB, FIRMS = np.uint8(Trait.JOB), np.uint8(Trait.FIRMS)
SMALL_FIRM, LARGE_FIRM = 2, 3
"""Kinds of jobs that firms give, as :mod:`.population` numbers them."""


class Jobs:
    """The firms' jobs before a month, and the danger of each place after it."""

    def __init__(self, firms: Firms) -> None:
        size = np.maximum(firms.staff[0].astype(np.int64), 0)
        self.of = np.repeat(np.arange(firms.count, dtype=np.int32), size)
        self.note(firms)

    def note(self, firms: Firms) -> None:
        """Keep what the firms have, before their month."""
        self.jobs = firms.staff[1].astype(np.float64)
        self.borrowed = firms.states[State.LEFT] > 0

    def risk(self, firms: Firms, passed: float, failing: float) -> Array:
        """The danger of each place, float32[places], after the firms' month.

        ``passed``: jobs shed that people feel; ``failing``: jobs that go with a loan given up.
        """
        shed = np.maximum(self.jobs - firms.staff[1], 0.0) / np.maximum(self.jobs, 1.0)
        owes = firms.money[Purse.DUE] > 0
        failed = self.borrowed & (firms.states[State.LEFT] == 0) & owes
        danger = np.minimum(shed + failing * failed, 1.0) * passed
        found: Array = danger.astype(np.float32)[self.of]
        return found


def kinds(job: Array, seed: int) -> Array:
    """The bits of :attr:`.Fact.TRAITS` for drawn kinds of jobs: uint8[n].

    Who has none when the run begins works for firms later as often as those who do.
    """
    at_firms = (job == SMALL_FIRM) | (job == LARGE_FIRM)
    shares = margins.shares(margins.JOB)
    part = float(shares[SMALL_FIRM - 1] + shares[LARGE_FIRM - 1])
    later = (job == 0) & (uniforms(seed, 0, Stream.EMPLOYER, everyone(len(job))) < part)
    found: Array = JOB * (job > 0) | FIRMS * (at_firms | later)
    return found
