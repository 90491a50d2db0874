"""Which happenings of a synthetic life become which events of a scheme.

A *happening* is something the lab's society knows: a bill was paid, a small rule was broken. A
scheme knows its own kinds of events. The casting ties the two together from what the scheme
declares (conduct, gravity, context) and from what its events are worth: :mod:`.probing` asks the
engine which values of the fields serve a subject best and worst. Where a folder of a scheme holds
a ``lab.yaml``, what it says about a kind counts instead.

Several kinds may be tied to one happening. Which of them an agent meets in a month is settled by
a hash of happening, month and the agent's number (:func:`Casting.met`), in proportion to shares;
so a tile needs no more than one bit per agent, happening and month.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab.casting_file import read_casting
from xinyong.lab.chance import uniform
from xinyong.lab.happenings import HAPPENINGS, Happening, StreamSpec, happening_of
from xinyong.lab.probing import probed
from xinyong.scheme.binding import ByDigest
from xinyong.scheme.home import HOME
from xinyong.scheme.model import Scheme

Ints = npt.NDArray[np.int64]


CLASSES: Final = 16
"""Agents whose numbers agree in the last four bits meet the same kind of a happening."""
LASTING: Final = frozenset({Happening.PROFILE, Happening.REPORTED, Happening.DECLARED})
"""Happenings by which a trait is written down."""
KEPT: Final = 27
"""Stream of chance for which of several values of a trait an agent has."""
SALT: Final = 4_711
"""Stream of chance for :meth:`Casting.met`; beside the streams of :mod:`xinyong.lab.chance`."""


@dataclass(frozen=True)
class Casting:
    """How a scheme's events follow from happenings.

    ``streams`` are in order of happenings. ``digest`` is the scheme's.
    """

    scheme: str
    digest: str
    streams: tuple[StreamSpec, ...]

    @cached_property
    def happenings(self) -> tuple[Happening, ...]:
        """The happenings that the scheme reads, ascending: the rows of the tiles."""
        return tuple(sorted({stream.happening for stream in self.streams}))

    @cached_property
    def rows(self) -> Ints:
        """Row of the tiles by happening; -1 where the scheme does not read it. int64."""
        made = np.full(HAPPENINGS, -1, np.int64)
        made[list(self.happenings)] = np.arange(len(self.happenings))
        return made

    @cached_property
    def points(self) -> Ints:
        """Mean change of the score by happening, weighed by shares, to the whole. int64."""
        total, weight = np.zeros(HAPPENINGS), np.zeros(HAPPENINGS)
        for stream in self.streams:
            total[stream.happening] += stream.share * stream.points
            weight[stream.happening] += stream.share
        mean = total / np.where(weight > 0, weight, 1)
        return np.rint(mean).astype(np.int64)

    @cached_property
    def of_row(self) -> tuple[tuple[int, ...], ...]:
        """Numbers of the streams of each row of the tiles."""
        return tuple(
            tuple(n for n, stream in enumerate(self.streams) if stream.happening == happening)
            for happening in self.happenings
        )

    def met(self, month: int) -> Ints:
        """Which stream a happening of this month becomes: int64[rows, 16], by agent mod 16.

        Where a trait has several values, agents keep theirs; all else is drawn anew each month.
        """
        made = np.empty((len(self.happenings), CLASSES), np.int64)
        for row, (happening, streams) in enumerate(zip(self.happenings, self.of_row, strict=True)):
            for group in range(CLASSES):
                place = self._drawn(streams, uniform(SALT, month, int(happening), group))
                if happening in LASTING:
                    kind = self.streams[streams[place]].kind
                    same = [n for n in streams if self.streams[n].kind == kind]
                    luck = uniform(SALT, same[0], KEPT, group)
                    made[row, group] = same[self._drawn(same, luck)]
                else:
                    made[row, group] = streams[place]
        return made

    def _drawn(self, streams: Sequence[int], luck: float) -> int:
        """Place of the stream that ``luck`` in [0, 1) falls on, by shares."""
        edges = np.cumsum([self.streams[n].share for n in streams])
        return min(int(np.searchsorted(edges, luck * edges[-1], "right")), len(streams) - 1)


# ------------------------------------------------------------------ the whole casting


@dataclass(frozen=True)
class ByHand:
    """A scheme from a file beside which a ``lab.yaml`` stands: its text ``said``, and its name."""

    scheme: Scheme
    said: bytes
    file: str

    @property
    def digest(self) -> str:
        """SHA-256 of the scheme's digest and the text, in hexadecimal digits."""
        return hashlib.sha256(self.scheme.digest.encode() + self.said).hexdigest()

    @classmethod
    def of(cls, scheme: Scheme, folder: Path) -> Scheme | ByHand:
        """The scheme with the ``lab.yaml`` of this folder, or as it is where there is none."""
        path = folder / "lab.yaml"
        return cls(scheme, path.read_bytes(), str(path)) if path.is_file() else scheme


def plain_scheme(said: Scheme | ByHand) -> Scheme:
    """The scheme itself, without what a ``lab.yaml`` beside it says."""
    return said.scheme if isinstance(said, ByHand) else said


def cast(scheme: Scheme | ByHand, *, folder: Path | None = None) -> Casting:
    """The casting of a scheme: from ``lab.yaml`` in its folder where that says so, else by rule.

    ``folder`` defaults to the scheme's folder in the library, if there is one. Kept for schemes
    seen before. Raises SchemeRefused where ``lab.yaml`` cannot be used.
    """
    if isinstance(scheme, ByHand):
        return _cast(ByDigest(scheme.scheme), scheme.said, scheme.file)
    if folder is None and (HOME / scheme.scheme).is_dir():
        folder = HOME / scheme.scheme
    said = None if folder is None else folder / "lab.yaml"
    text = said.read_bytes() if said is not None and said.is_file() else None
    return _cast(ByDigest(scheme), text, str(said))


@lru_cache(maxsize=64)
def _cast(key: ByDigest, text: bytes | None, name: str) -> Casting:
    scheme = key.scheme
    said = None if text is None else read_casting(text, scheme, name)
    streams = probed(scheme, said)
    if not streams:
        raise QuestionRefused(
            f"nothing that can happen in the lab changes anything in '{scheme.scheme}'",
            where=name,
            why="no value of any field of any of its events moved score, band, list or consequence",
            mend="say in lab.yaml which events, with which values, follow from which happenings",
        )
    ordered = sorted(streams, key=lambda stream: stream.happening)
    return Casting(scheme.scheme, scheme.digest, tuple(ordered))


__all__ = [
    "CLASSES",
    "HAPPENINGS",
    "ByHand",
    "Casting",
    "Happening",
    "StreamSpec",
    "cast",
    "happening_of",
    "plain_scheme",
]
