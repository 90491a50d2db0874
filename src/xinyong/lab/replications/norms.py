"""Case D: a public list of who is in good standing, under norms and with errors.

Who helps whom depends on standing; standing depends on who helped whom. Eight norms keep help going
(Ohtsuki and Iwasa 2006); the ninth, image scoring, takes standing from whoever did not help, for
whatever reason (Nowak and Sigmund 1998). Shares under errors of assessment and of deed: Glynatsi,
Hilbe and Murase 2025.

**The norms are schemes**, one YAML file each in ``norms/``: a person's standing is the band, who
helps a person are the consequences. From each scheme the engine (:mod:`xinyong.engine.plain`) is
asked about all sixteen meetings there can be; the table of its answers is what the compiled loop
reads. Two things hold the loop to the scheme: tests play whole histories with the plain engine at
every step, and each run asks the batch engine for the standing of everybody after the last round.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.engine import plain
from xinyong.engine.batch import score_table
from xinyong.errors import QuestionRefused
from xinyong.lab.chance import Stream, at, key
from xinyong.lab.compiling import compiled
from xinyong.lab.replications.case import Case, Figure, Found
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme
from xinyong.scheme.reading import read_scheme

Bits = npt.NDArray[np.uint8]
Reals = npt.NDArray[np.float64]

FOLDER: Final = Path(__file__).parent / "norms"
NORMS: Final = ("l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "image-scoring")
FIELDS: Final = ("own_good", "other_good", "helped", "mistaken")
DAY: Final = date(2020, 1, 2)
MOMENT: Final = int(datetime(2020, 1, 1, 12, tzinfo=UTC).timestamp() * 1_000_000)
SUBJECT: Final = "person"

ERRORS: Final = ((0.01, 0.0), (0.01, 0.01), (0.05, 0.05))
"""Published pairs: chance that the keeper errs, chance that meant help does not come."""

_FIRST: Final = ((0.990000, 0.990100), (0.980388, 0.970965), (0.908732, 0.871209))
_SECOND: Final = ((0.990000, 0.990000), (0.980392, 0.970588), (0.909091, 0.863636))
_IMAGE: Final = ((0.5, 0.5), (0.335570, 0.332215), (0.344828, 0.327586))
PUBLISHED: Final = {
    **dict.fromkeys(("l1", "l2"), _FIRST),
    **dict.fromkeys(("l3", "l4", "l5", "l6"), _SECOND),
    "image-scoring": _IMAGE,
}
"""For each pair of errors: share in good standing, share of meetings with help."""


@lru_cache(maxsize=16)
def norm(name: str) -> Scheme:
    """The scheme of a norm. :raises QuestionRefused: no norm has that name."""
    if name not in NORMS:
        raise QuestionRefused(
            f"no norm is called '{name}'", where="case D", mend=f"say one of: {', '.join(NORMS)}"
        )
    return read_scheme(FOLDER / f"{name}.yaml")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A norm as the engine answers it.

    ``standing`` uint8[own, other, helped, mistaken]: 1 good after such a meeting; ``helps``
    uint8[own, other]: whether one in standing ``own`` means to help one in standing ``other``;
    ``start``: standing of a newcomer.
    """

    standing: Bits
    helps: Bits
    start: int


def meeting(bits: tuple[int, ...], number: int = 0, subject: str = SUBJECT) -> Event:
    """One meeting as an event; ``bits`` in the order of :data:`FIELDS`, ``number`` its place."""
    fields = {name: bool(bit) for name, bit in zip(FIELDS, bits, strict=True)}
    moment = MOMENT + number
    return Event(subject, "meeting", moment, moment, f"{number}", fields)


@lru_cache(maxsize=16)
def table(name: str) -> Table:
    """Ask the plain engine about every meeting there can be, and about a newcomer."""
    scheme = norm(name)
    standing = np.zeros((2, 2, 2, 2), np.uint8)
    helps = np.zeros((2, 2), np.uint8)
    first = plain.score(scheme, [], subject=SUBJECT, day=DAY)
    for bits in product((0, 1), repeat=4):
        told = plain.score(scheme, [meeting(bits)], subject=SUBJECT, day=DAY)
        good = int(told.band == "good")
        standing[bits] = good
        helps[1, good] = "G1" in told.consequences
        helps[0, good] = "B1" in told.consequences
    return Table(standing, helps, int(first.band == "good"))


# -- the society


@compiled("void(u1[::1],u1[::1],u1[:,:,:,::1],u1[:,::1],f8,f8,i8,i8,i8,u1[:,::1])")
def play(
    standing: Bits, after: Bits, assess: Bits, helps: Bits, keeper: float, deed: float,
    partners: int, deeds: int, errors: int, seen: Bits,
) -> None:  # fmt: skip
    """One round: everybody meets one other, all at once; ``after`` takes the new standing.

    ``keeper``, ``deed``: chances of error; ``partners``, ``deeds``, ``errors``: keys of chance;
    ``seen`` [n, 4] takes each meeting, in the order of :data:`FIELDS`.
    """
    n = len(standing)
    for person in range(n):
        other = int(at(partners, person) * (n - 1))
        if other >= person:
            other += 1
        own, theirs = standing[person], standing[other]
        helped = 0
        if helps[own, theirs] and not at(deeds, person) < deed:
            helped = 1
        mistaken = 1 if at(errors, person) < keeper else 0
        after[person] = assess[own, theirs, helped, mistaken]
        seen[person, 0] = own
        seen[person, 1] = theirs
        seen[person, 2] = helped
        seen[person, 3] = mistaken


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """Means over the rounds that count; ``seen`` and ``standing``: the last round and its end."""

    good: float
    helped: float
    standing: Bits
    seen: Bits


def society(
    name: str, keeper: float, deed: float, *, people: int, rounds: int, leave_out: int, seed: int
) -> Played:
    """Play ``leave_out`` rounds, then ``rounds`` more that count, from everybody a newcomer."""
    found = table(name)
    standing = np.full(people, found.start, np.uint8)
    after, seen = np.empty_like(standing), np.empty((people, 4), np.uint8)
    good, helped = 0, 0
    for month in range(leave_out + rounds):
        partners, deeds = key(seed, month, Stream.PARTNERS), key(seed, month, Stream.ACTION)
        errors = key(seed, month, Stream.ASSESSMENT)
        if month >= leave_out:
            good += int(standing.sum())
        play(standing, after, found.standing, found.helps, keeper, deed,
             partners, deeds, errors, seen)  # fmt: skip
        if month >= leave_out:
            helped += int(seen[:, 2].sum(dtype=np.int64))
        standing, after = after, standing
    whole = people * rounds
    return Played(good / whole, helped / whole, standing, seen)


def told_otherwise(name: str, played: Played) -> int:
    """How many people the batch engine puts in another standing, asked about the last round."""
    people = len(played.standing)
    subjects = pa.array([f"{place:08d}" for place in range(people)])
    moments = pa.array(np.full(people, MOMENT), pa.timestamp("us", tz="UTC"))
    columns = {
        "subject": subjects,
        "kind": pa.array(["meeting"] * people),
        "happened_at": moments,
        "recorded_at": moments,
        "id": subjects,
    }
    for place, field in enumerate(FIELDS):
        columns[field] = pa.array(played.seen[:, place].astype(bool))
    scores = score_table(norm(name), pa.table(columns), day=DAY, reasons=False)
    good = pc.equal(scores["band"].cast(pa.string()), "good").to_numpy()
    return int((good != played.standing.astype(bool)).sum())


def expected(name: str, keeper: float, deed: float) -> tuple[float, float]:
    """Share in good standing and share of help where both no longer move, in endless societies."""
    found = table(name)
    good = 0.5
    for _ in range(200_000):
        after, helped = 0.0, 0.0
        for own, other in product((0, 1), repeat=2):
            chance = (good if own else 1.0 - good) * (good if other else 1.0 - good)
            comes = (1.0 - deed) * float(found.helps[own, other])
            helped += chance * comes
            for does, mistaken in product((0, 1), repeat=2):
                weight = comes if does else 1.0 - comes
                weight *= keeper if mistaken else 1.0 - keeper
                after += chance * weight * float(found.standing[own, other, does, mistaken])
        if abs(after - good) < 1e-15:
            break
        good = after
    return good, helped


# -- figures


def _figures(
    name: str, pair: tuple[float, float], people: int, rounds: int, seed: int
) -> Iterator[Figure]:
    keeper, deed = pair
    image = name == "image-scoring"
    counted = rounds * 20 if image else rounds
    played = society(name, keeper, deed, people=people, rounds=counted,
                     leave_out=1500 if image else 100, seed=seed)  # fmt: skip
    rows = PUBLISHED.get(name)
    row = rows[ERRORS.index(pair)] if rows and pair in ERRORS else None
    known = row or expected(name, keeper, deed)
    basis = "published" if row else "our own expectation"
    tolerance = (5e-3 if image else 5e-4) * max(1.0, math.sqrt(2e7 / (people * rounds)))
    told = f"{name}, errors {keeper:g} and {deed:g}"
    yield Figure(f"{told}: share in good standing", played.good, known[0], tolerance, basis=basis)
    yield Figure(f"{told}: share of help", played.helped, known[1], tolerance, basis=basis)
    yield Figure(f"{told}: people whose standing the engine gives otherwise",
                 told_otherwise(name, played), 0.0, 0.0, basis="the scheme")  # fmt: skip


def run(
    *,
    norm_name: str | None = None,
    mu_a: float | None = None,
    mu_e: float | None = None,
    people: int = 20_000,
    rounds: int = 1_000,
    seed: int = 1,
) -> Found:
    """Case D. ``norm_name``: one norm (None: all nine).

    ``mu_a``, ``mu_e``: chances that the keeper errs and that meant help does
    not come (both None: the three published pairs). ``people`` meet for ``rounds`` rounds that
    count, twenty times as many under image scoring, which forgets slowly.
    """
    given = (mu_a, mu_e)
    pairs = ERRORS if given == (None, None) else ((given[0] or 0.0, given[1] or 0.0),)
    if not all(0 <= error < 1 for pair in pairs for error in pair) or people < 2 or rounds < 1:
        raise QuestionRefused(
            "errors lie from 0 to below 1, and a society has two people and a round",
            where="case D",
        )
    figures = [
        figure
        for name in (NORMS if norm_name is None else (norm_name,))
        for pair in pairs
        for figure in _figures(name, pair, people, rounds, seed)
    ]
    return Found(
        tuple(figures),
        (
            "The norms are the schemes in replications/norms. The loop reads the engine's answers"
            " to all sixteen meetings; the last line of each norm asks the engine about everybody.",
            "Nobody in good standing ever helps one in bad standing here, so norms that differ only"
            " in what follows from it come out equal to the digit.",
            "For L7 and L8 nothing is tabulated; ours stands beside our own expectation.",
        ),
    )


CASE: Final = Case(
    "D",
    "norms",
    "Which public lists of good standing keep people helping when there are errors",
    "Ohtsuki and Iwasa 2006; Nowak and Sigmund 1998; Glynatsi, Hilbe, Murase 2025",
    run,
)
