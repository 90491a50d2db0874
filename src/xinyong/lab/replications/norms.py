"""Case D: a public list of who is in good standing, under norms and with errors.

Who helps whom depends on standing; standing depends on who helped whom. Eight norms keep help going
(Ohtsuki and Iwasa 2006); the ninth, image scoring, takes standing from whoever did not help, for
whatever reason (Nowak and Sigmund 1998). Shares under errors of assessment and of deed: Glynatsi,
Hilbe and Murase 2025.

**The norms are schemes**, one YAML file each in ``norms/``: a person's standing is the band, who
helps a person are the consequences. **The society is the lab's own**, in months that are encounters
(:mod:`xinyong.lab.encounters`): what happens becomes bits in tiles, the engine's own plan of the
scheme scores them, and the scores are the public list by which people act in the next month. Both
errors are settings of the society. Tests play whole histories with the plain engine beside it, and
each run asks the batch engine for the standing of everybody after the last round.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
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
from xinyong.lab.casting import ByHand
from xinyong.lab.counts import Counts
from xinyong.lab.encounters import BY_BAD, BY_GOOD
from xinyong.lab.replications.case import Case, Figure, Found
from xinyong.lab.scenario import Scenario, Town
from xinyong.lab.society import founded, step
from xinyong.lab.state import Society
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme
from xinyong.scheme.reading import read_scheme

Bits = npt.NDArray[np.uint8]

FOLDER: Final = Path(__file__).parent / "norms"
NORMS: Final = ("l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "image-scoring")
FIELDS: Final = ("own_good", "other_good", "helped", "mistaken")
"""What is known of an encounter."""
KINDS: Final = ("own_standing", "other_standing", "help", "mistake")
"""The events by which that is on record where it is true, in the same order."""
DAY: Final = date(2020, 1, 31)
MOMENT: Final = int(datetime(2020, 1, 15, 12, tzinfo=UTC).timestamp() * 1_000_000)
SUBJECT: Final = "person"
SCORED: Final = 10
"""Years that a scorer is made for; rounds may go on for longer."""

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


def meeting(bits: tuple[int, ...], moment: int = MOMENT, subject: str = SUBJECT) -> list[Event]:
    """One encounter as events; ``bits`` in the order of :data:`FIELDS`."""
    kinds = [kind for kind, bit in zip(KINDS, bits, strict=True) if bit]
    kinds += [] if bits[FIELDS.index("helped")] else ["neglect"]
    return [Event(subject, kind, moment, moment, f"{moment}.{kind}") for kind in kinds]


@lru_cache(maxsize=16)
def table(name: str) -> Table:
    """Ask the plain engine about every meeting there can be, and about a newcomer."""
    scheme = norm(name)
    standing = np.zeros((2, 2, 2, 2), np.uint8)
    helps = np.zeros((2, 2), np.uint8)
    first = plain.score(scheme, [], subject=SUBJECT, day=DAY)
    for bits in product((0, 1), repeat=4):
        told = plain.score(scheme, meeting(bits), subject=SUBJECT, day=DAY)
        good = int(told.band == "good")
        standing[bits] = good
        helps[1, good] = BY_GOOD in told.consequences
        helps[0, good] = BY_BAD in told.consequences
    return Table(standing, helps, int(first.band == "good"))


# -- the society


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """Means over the rounds that count, and the society after the last round."""

    good: float
    helped: float
    society: Society

    @property
    def standing(self) -> Bits:
        """Who is in good standing now: uint8[people]."""
        (home,) = self.society.homes
        assert home.found is not None and home.world.scorer is not None
        return (home.found.band == len(home.world.scorer.bands) - 1).astype(np.uint8)


def town(people: int, keeper: float, deed: float) -> Scenario:
    """A society of encounters with these chances that the keeper errs and that help fails."""
    errors: dict[str, int | Decimal] = {
        "misjudged": Decimal(repr(keeper)),
        "slips": Decimal(repr(deed)),
    }
    return Scenario(
        lab=1,
        scenario="encounters",
        title="Public lists of good standing",
        schemes=("norm",),
        years=SCORED,
        society=Town(people=people, firms=0, activation="encounters", settings=errors),
    )


def society(
    name: str, keeper: float, deed: float, *, people: int, rounds: int, leave_out: int, seed: int
) -> Played:
    """Play ``leave_out`` rounds, then ``rounds`` more that count, from everybody a newcomer."""
    made, world = founded(town(people, keeper, deed), ByHand.of(norm(name), FOLDER), seed)
    for _ in range(leave_out):
        step(made, world)
    (home,) = made.at_work(world)
    home.counts = Counts()
    for _ in range(rounds):
        step(made, world)
    met, good, helped = home.counts.met.tolist()
    return Played(good / met, helped / met, made)


def told_otherwise(name: str, played: Played) -> int:
    """How many people the batch engine puts in another standing, asked about the last round."""
    record = played.society.homes[0].record
    assert record is not None
    rows = [np.flatnonzero(words & np.uint64(1)) for words in record.bits]
    who = np.concatenate(rows)
    streams = record.casting.streams
    kinds = [streams[of[0]].kind for of in record.casting.of_row]
    people = played.society.people
    moments = pa.array(np.full(len(who), MOMENT), pa.timestamp("us", tz="UTC"))
    subjects = np.array([f"{place:08d}" for place in range(people)])
    events = pa.table(
        {
            "subject": subjects[who],
            "kind": np.repeat(kinds, [len(row) for row in rows]),
            "happened_at": moments,
            "recorded_at": moments,
            "id": [f"{place:08d}" for place in range(len(who))],
        }
    )
    asked = pa.table({"subject": subjects, "day": pa.array([DAY] * people, pa.date32())})
    scores = score_table(norm(name), events, questions=asked, reasons=False)
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


def _rounds(name: str, keeper: float, deed: float, rounds: int) -> tuple[int, int]:
    """Rounds left out, and rounds that count.

    Under image scoring standing forgets a share 1 - (1 - 2 keeper)(1 - deed) of its distance from
    where it rests in a round; thirty times what that makes is left out, at least a hundred rounds.
    """
    if name != "image-scoring":
        return 50, rounds
    forgets = max(1.0 - (1.0 - 2.0 * keeper) * (1.0 - deed), 1e-3)
    return max(100, round(30.0 / forgets)), max(rounds, round(rounds * 0.8 / forgets))


def _figures(
    name: str, pair: tuple[float, float], people: int, rounds: int, seed: int
) -> Iterator[Figure]:
    keeper, deed = pair
    image = name == "image-scoring"
    before, counted = _rounds(name, keeper, deed, rounds)
    played = society(name, keeper, deed, people=people, rounds=counted,
                     leave_out=before, seed=seed)  # fmt: skip
    rows = PUBLISHED.get(name)
    row = rows[ERRORS.index(pair)] if rows and pair in ERRORS else None
    known = row or expected(name, keeper, deed)
    basis = "published" if row else "our own expectation"
    tolerance = (5e-3 if image else 5e-4) * max(1.0, math.sqrt(8e6 / (people * rounds)))
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
    rounds: int = 400,
    seed: int = 1,
) -> Found:
    """Case D. ``norm_name``: one norm (None: all nine).

    ``mu_a``, ``mu_e``: chances that the keeper errs and that meant help does
    not come (both None: the three published pairs). ``people`` (at least 100) meet for ``rounds``
    rounds that count, up to forty times as many under image scoring, which forgets slowly.
    """
    given = (mu_a, mu_e)
    pairs = ERRORS if given == (None, None) else ((given[0] or 0.0, given[1] or 0.0),)
    if not all(0 <= error < 1 for pair in pairs for error in pair) or people < 100 or rounds < 1:
        raise QuestionRefused(
            "errors lie from 0 to below 1, and a society has a hundred people and a round",
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
            "The norms are the schemes in replications/norms, played by the lab's society in months"
            " of encounters: tiles, the scheme's own scorer, its consequences. The last line of"
            " each norm asks the batch engine about everybody.",
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
