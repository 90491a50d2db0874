"""What happened to every agent, month by month, as bits.

A *tile* is one 64-bit word per agent and happening: bit 0 is this month, bit 1 the month before.
Every month all words move up by one. Most schemes look no further back than 64 months; where one
does, the bits that fall out are kept in more words (``deep``), or, where only their number still
matters, counted (``older``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab.casting import CLASSES, Casting

Bits = npt.NDArray[np.uint64]
WORD: Final = 64
"""Months that one word holds."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a scheme looks: words for each row of the tiles, and what is counted for ever.

    ``words`` has one number, 1 or more, for each row; ``counted`` the streams whose events beyond
    the last word still matter by their number alone.
    """

    words: tuple[int, ...]
    counted: tuple[int, ...] = ()

    @property
    def deep(self) -> tuple[tuple[int, int], ...]:
        """(row, word) of each row of ``Tiles.deep``; word 1 follows the first one."""
        return tuple((row, n) for row, many in enumerate(self.words) for n in range(1, many))

    @property
    def bytes_per_agent(self) -> int:
        """State of one agent in bytes."""
        return 8 * sum(self.words) + 2 * len(self.counted)


class Tiles:
    """The history of ``n`` agents under one casting.

    ``bits`` uint64[rows, n], rows as in ``casting.happenings``; ``deep`` uint64[d, n] and
    ``older`` uint16[c, n] as :class:`Reach` says; ``month`` the number of the month of bit 0,
    counted from 0. A society that moves ``bits`` up by itself calls :meth:`keep` before.
    """

    def __init__(self, casting: Casting, reach: Reach, n: int) -> None:
        rows = len(casting.happenings)
        if len(reach.words) != rows:
            raise QuestionRefused(
                f"the reach has {len(reach.words)} rows, the casting {rows}",
                where="tiles",
                why="both must be of the same scheme",
                mend="make tiles by LabScorer.tiles(n)",
            )
        self.casting, self.reach = casting, reach
        self.bits: Bits = np.zeros((rows, n), np.uint64)
        self.deep: Bits = np.zeros((len(reach.deep), n), np.uint64)
        self.older = np.zeros((len(reach.counted), n), np.uint16)
        self.month = 0

    @property
    def agents(self) -> int:
        """How many agents there are."""
        return int(self.bits.shape[1])

    def happened(self, happening: int, who: npt.NDArray[np.bool_]) -> None:
        """Write this month's happening for the agents where ``who`` (bool[n]) is true.

        A happening that the scheme does not read is passed over.
        """
        row = int(self.casting.rows[happening])
        if row >= 0:
            self.bits[row] |= who

    def next_month(self) -> None:
        """Move everything up by a month."""
        self.keep()
        self.bits <<= np.uint64(1)
        self.month += 1

    def keep(self) -> None:
        """Keep what the next move would lose: deep words, then counts. Before bits move."""
        if self.month + 1 < WORD:
            return  # nothing has reached the end of a word
        top = np.uint64(WORD - 1)
        fallen = {row: self.bits[row] >> top for row in self._losing()}
        for place, (row, _) in enumerate(self.reach.deep):
            lost = self.deep[place] >> top
            self.deep[place] = (self.deep[place] << np.uint64(1)) | fallen[row]
            fallen[row] = lost
        if not self.reach.counted:
            return
        groups = np.arange(self.agents) % CLASSES
        for row, lost in fallen.items():
            month = self.month + 1 - WORD * self.reach.words[row]
            streams = [n for n in self.casting.of_row[row] if n in self.reach.counted]
            if month < 0 or not streams:
                continue
            met = self.casting.met(month)[row][groups]
            for stream in streams:
                place = self.reach.counted.index(stream)
                self.older[place] += ((met == stream) & (lost != 0)).astype(np.uint16)

    def _losing(self) -> list[int]:
        """Rows of which what falls out is kept."""
        counted = {
            row
            for row, streams in enumerate(self.casting.of_row)
            if any(n in self.reach.counted for n in streams)
        }
        return [row for row, many in enumerate(self.reach.words) if many > 1 or row in counted]

    def months_of(self, row: int, agent: int) -> list[int]:
        """Months, ascending, in which a row's happening happened, as far as the words reach."""
        words = [int(self.bits[row, agent])]
        words += [
            int(self.deep[place, agent])
            for place, (of, _) in enumerate(self.reach.deep)
            if of == row
        ]
        found = []
        for n, word in enumerate(words):
            for bit in range(WORD):
                if word >> bit & 1:
                    found.append(self.month - WORD * n - bit)
        return sorted(found)


__all__ = ["WORD", "Bits", "Reach", "Tiles"]
