"""People and firms who do not exist, drawn to stated margins.

People are drawn in three steps. A table of age, region, class, parents' class and presence at a
bank is fitted to the margins of :mod:`xinyong.lab.margins` and made whole, so that the margins hold
to the person. People are then put in order of region and, loosely, of class, and cut into
households; agents next to each other live together. All else is drawn for each agent by chance that
is a function of the seed and the agent.

Nothing here takes records: there is no way to put a real person in.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab import margins
from xinyong.lab.chance import (
    Stream,
    ats,
    belows,
    chooses,
    everyone,
    key,
    normals,
    summed,
    uniform,
    uniforms,
)
from xinyong.lab.exact import exps, lns
from xinyong.lab.fitting import Held, associated, fit, whole
from xinyong.lab.margins import FIRMS, PEOPLE, Parameter, shares
from xinyong.lab.networks import Layer, Network, arranged, communities

Columns = dict[str, npt.NDArray[Any]]
Numbers = dict[str, float]

PEOPLE_COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "age": ("u1", "years, 20 to 69"),
    "region": ("u1", "0 east, 1 centre, 2 west, 3 north-east"),
    "city": ("u1", "number within the region"),
    "group": ("u1", "synthetic, 0 or 1; stands for no real group"),
    "parent_class": ("u1", "fifth of the parents, 0 the lowest"),
    "klass": ("u1", "own fifth, 0 the lowest"),
    "household": ("i4", "number, rising with the agent"),
    "school": ("u1", "number of the household's school within its city"),
    "job": ("u1", "0 none, 1 own account, 2 small firm, 3 large firm, 4 public"),
    "income": ("f4", "yuan a month"),
    "wealth": ("f4", "yuan"),
    "reliability": ("f4", "chance that a due that can be paid is paid; latent, seen by nobody"),
    "capacity": ("f4", "share of income above what a month costs at least, 0 to 1"),
    "presence": ("u1", "1 known to a bank, 0 a thin file"),
    "aware": ("u1", "1 knows the own score"),
    "chilled": ("f4", "share of speech held back; 0"),
    "loan": ("f4", "yuan owed; 0"),
    "loan_left": ("u1", "instalments left; 0"),
    "flags": ("u1", "what a scheme has done; 0"),
    "listed_since": ("i2", "month of the listing; -1: not listed"),
}
"""Columns of :func:`draw_people`: type and meaning."""

FIRM_COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "sector": ("u1", "0 services, 1 light industry, 2 heavy industry, 3 farming"),
    "size": ("u1", "0 to 3: 1-9, 10-49, 50-299, 300-2000 workers"),
    "workers": ("i4", "people at work"),
    "region": ("u1", "as for people"),
    "city": ("u1", "number within the region"),
    "cost": ("f4", "share of turnover that keeping all rules costs"),
    "emission": ("f4", "true emission as a share of the limit"),
    "reported": ("f4", "reported emission; those who fabricate stay below the limit"),
    "fabricates": ("u1", "1: the measurements are made up"),
    "loan": ("f4", "owed, in months of turnover"),
    "flags": ("u1", "what a scheme has done; 0"),
    "listed_since": ("i2", "month of the listing; -1: not listed"),
}
"""Columns of :func:`draw_firms`: type and meaning."""


def bytes_per_person() -> int:
    """Bytes that one person takes in the columns of :func:`draw_people`."""
    return sum(np.dtype(kind).itemsize for kind, _ in PEOPLE_COLUMNS.values())


def bytes_per_firm() -> int:
    """Bytes that one firm takes in the columns of :func:`draw_firms`."""
    return sum(np.dtype(kind).itemsize for kind, _ in FIRM_COLUMNS.values())


# -- people


def people_table(**parameters: float) -> npt.NDArray[np.float64]:
    """Fitted shares of age, region, class, parents' class and presence: float64[5, 4, 5, 5, 2].

    Refuses (QuestionRefused) parameters that are unknown or out of range.
    """
    given = _given(PEOPLE, parameters)
    by_age, by_class = (
        np.asarray(margin.numbers)
        for margin in (margins.PRESENCE_BY_AGE, margins.PRESENCE_BY_CLASS)
    )
    step = np.asarray(margins.EAST.numbers)[:, None] ** np.arange(5.0)
    pairs = associated(5, given["inheritance"])
    start = np.ones((5, 4, 5, 5, 2)) * step[None, :, :, None, None] * pairs[..., None]
    start[..., 1] *= by_age[:, None, None, None] * by_class[None, None, :, None]
    thin = np.array([given["thin"], 1.0 - given["thin"]])
    held: list[Held] = [
        ((0,), shares(margins.AGE)),
        ((1,), shares(margins.REGION)),
        ((2, 3), pairs),
        ((4,), thin),
    ]
    return fit(start, held)


def draw_people(n: int, seed: int, **parameters: float) -> Columns:
    """``n`` people: the arrays of :data:`PEOPLE_COLUMNS`, each of n entries.

    ``parameters`` are those of :data:`xinyong.lab.margins.PEOPLE`. The margins of the fitted traits
    hold to the person (each cell within one). Refuses (QuestionRefused) a negative ``n`` and
    parameters that are unknown or out of range.
    """
    given = _given(PEOPLE, parameters)
    _check_many(n)
    agents = everyone(n)
    fitted = people_table(**parameters)
    cells = _cells(fitted, n, uniform(seed, 0, Stream.ROUNDING, 0))
    band, region, klass, parent, presence = _settled(cells, fitted.shape, given, seed)
    household = _households(region, seed)
    drawn: Columns = {
        "region": region, "klass": klass, "parent_class": parent, "presence": presence,
        "household": household,
    }  # fmt: skip
    drawn["age"] = _ages(band, seed)
    drawn["city"] = belows(key(seed, 0, Stream.CITY), household, int(given["cities"]))
    schools = _schools(n, given)
    drawn["school"] = belows(key(seed, 0, Stream.SCHOOL), household, schools)
    drawn["group"] = uniforms(seed, 0, Stream.GROUP, agents) < given["second_group"]
    drawn["aware"] = uniforms(seed, 0, Stream.AWARE, agents) >= given["unaware"]
    drawn["job"] = _jobs(band, seed)
    drawn["income"] = _incomes(klass, seed)
    saved = np.asarray(margins.SAVED.numbers)[band]
    drawn["wealth"] = (
        drawn["income"] * 12.0 * saved * exps(normals(_of(seed, Stream.WEALTH), agents))
    )
    drawn["reliability"] = 0.8 + 0.2 * uniforms(seed, 0, Stream.RELIABILITY, agents)
    drawn["capacity"] = np.clip(1.0 - given["need"] / drawn["income"], 0.0, 1.0)
    drawn["listed_since"] = np.full(n, -1)
    return _columns(PEOPLE_COLUMNS, drawn, n)


def acquaintances(
    people: Columns,
    seed: int,
    friends: float = 8.0,
    likeness: float = 0.5,
    under: npt.NDArray[np.uint8] | None = None,
) -> Network:
    """Who knows whom among the ``people`` of :func:`draw_people`.

    Households know each other; ``friends`` others come half from the school and half from the city
    (assumed), a share ``likeness`` of them looked for in one's own class alone. ``under`` uint8[n]
    says whose rules each lives under, where that differs: they are friends with their like.
    """
    city = people["region"].astype(np.int64) * 256 + people["city"]
    if under is not None and len(under):
        city = city * 256 + under
    school = city * 256 + people["school"]
    layers = [
        Layer("household", people["household"], np.inf),
        Layer("school", np.unique(school, return_inverse=True)[1], friends / 2, likeness),
        Layer("city", np.unique(city, return_inverse=True)[1], friends / 2, likeness),
    ]
    return communities(layers, people["klass"], seed)


def _cells(table: npt.NDArray[np.float64], n: int, u: float) -> npt.NDArray[np.int16]:
    """The cell of each of n people, in order of cells."""
    counts = whole(table, n, u).ravel()
    return np.repeat(np.arange(len(counts), dtype=np.int16), counts)


def _settled(
    cells: npt.NDArray[np.int16], shape: tuple[int, ...], given: Numbers, seed: int
) -> list[npt.NDArray[np.uint8]]:
    """The five traits of each person, in the order in which they live: by region, then likeness."""
    traits = [
        np.asarray(trait, np.uint8)[cells]
        for trait in np.unravel_index(np.arange(int(np.prod(shape))), shape)
    ]
    agents = everyone(len(cells))
    pull = given["likeness"]
    place = pull * (traits[2] + uniforms(seed, 0, Stream.PARTNER, agents)) / 5.0
    place += (1.0 - pull) * uniforms(seed, 0, Stream.ORDER, agents)
    order = _order(place, traits[1], shape[1])
    return [trait[order] for trait in traits]


def _order(
    place: npt.NDArray[np.float64], part: npt.NDArray[Any], parts: int
) -> npt.NDArray[np.int32]:
    """Agents by part (0 to ``parts`` - 1), in it by place in [0, 1), to 32 bits."""
    bits = (place * 2.0**32).astype(np.int64)
    first = arranged(bits & 65535, 65536)[0]
    second = arranged(part[first].astype(np.int64) * 65536 + (bits[first] >> 16), parts * 65536)[0]
    return first[second]


def _households(region: npt.NDArray[np.uint8], seed: int) -> npt.NDArray[np.int64]:
    """Number of each person's household: neighbours in order, never across regions."""
    n = len(region)
    if n == 0:
        return np.zeros(0, np.int64)
    u = uniforms(seed, 0, Stream.HOUSEHOLD, everyone(n))
    ends = np.cumsum(1 + chooses(u, summed(margins.HOUSEHOLD.numbers)))
    first = np.zeros(n, np.int64)
    first[ends[ends < n]] = 1
    first[1:] |= region[1:] != region[:-1]
    result: npt.NDArray[np.int64] = np.cumsum(first)
    return result


def _ages(band: npt.NDArray[np.uint8], seed: int) -> npt.NDArray[np.int64]:
    """Ages spread evenly within their band."""
    edges = np.asarray(margins.AGES)
    wide = np.diff(edges)[band]
    return edges[band] + belows(_of(seed, Stream.AGE), everyone(len(band)), wide)


def _jobs(band: npt.NDArray[np.uint8], seed: int) -> npt.NDArray[np.int64]:
    """Kind of job: none by age, else by the shares of those who work."""
    luck = _of(seed, Stream.JOB)
    u = ats(luck, everyone(len(band)))
    idle = np.asarray(margins.IDLE.numbers)[band]
    working = (u - idle) / (1.0 - idle)
    return np.where(u < idle, 0, 1 + chooses(working, summed(margins.JOB.numbers)))


def _incomes(klass: npt.NDArray[np.uint8], seed: int) -> npt.NDArray[np.float64]:
    """Lognormal incomes whose means are those of the classes."""
    spread = np.asarray(margins.SPREAD.numbers)[klass]
    mean = np.asarray(margins.INCOME.numbers)[klass]
    z = normals(_of(seed, Stream.INCOME), everyone(len(klass)))
    return mean * exps(spread * z - 0.5 * spread * spread)


def _schools(n: int, given: Numbers) -> int:
    """Schools of a city, 1 to 250."""
    cities = len(margins.REGION.values) * given["cities"]
    return int(min(max(n / cities / given["school_size"], 1), 250))


# -- firms


def firms_table(**parameters: float) -> npt.NDArray[np.float64]:
    """Fitted shares of sector, size and region: float64[4, 4, 4]."""
    _given(FIRMS, parameters)
    step = np.asarray(margins.HEAVY.numbers)[:, None] ** np.arange(4.0)
    start = np.ones((4, 4, 4)) * step[..., None]
    each = (margins.SECTOR, margins.SIZE, margins.REGION)
    return fit(start, [((axis,), shares(margin)) for axis, margin in enumerate(each)])


def draw_firms(n: int, seed: int, **parameters: float) -> Columns:
    """``n`` firms: the arrays of :data:`FIRM_COLUMNS`, each of n entries.

    ``parameters`` are those of :data:`xinyong.lab.margins.FIRMS`. Refuses (QuestionRefused) a
    negative ``n`` and parameters that are unknown or out of range.
    """
    given = _given(FIRMS, parameters)
    _check_many(n)
    agents = everyone(n)
    fitted = firms_table(**parameters)
    cells = _cells(fitted, n, uniform(seed, 0, Stream.FIRM_ROUNDING, 0))
    places = uniforms(seed, 0, Stream.FIRM_ORDER, agents)
    cells = cells[_order(places, np.zeros(n, np.uint8), 1)]
    sector, size, region = np.unravel_index(cells, fitted.shape)
    low, high = (np.asarray(edge, np.float64)[size] for edge in zip(*margins.WORKERS, strict=True))
    u = uniforms(seed, 0, Stream.FIRM_SIZE, agents)
    usual = np.asarray(margins.EMISSION.numbers)[sector]
    emission = usual * exps(0.4 * normals(_of(seed, Stream.FIRM_EMISSION), agents))
    industry = (sector == 1) | (sector == 2)
    fakes = industry & (uniforms(seed, 0, Stream.FIRM_FAKES, agents) < given["fabricating"])
    owed = given["small_gap"] + (1.0 - given["small_gap"]) * size / 3.0
    drawn: Columns = {
        "sector": sector, "size": size, "region": region, "emission": emission,
        "workers": low * exps(u * lns(high / low)),
        "city": belows(_of(seed, Stream.FIRM_CITY), agents, int(given["cities"])),
        "cost": 2.0 * given["cost"] * uniforms(seed, 0, Stream.FIRM_COST, agents),
        "reported": np.where(fakes, np.minimum(emission, 0.95), emission),
        "fabricates": fakes,
        "loan": 3.0 * (uniforms(seed, 0, Stream.FIRM_LOAN, agents) < given["indebted"] * owed),
        "listed_since": np.full(n, -1),
    }  # fmt: skip
    return _columns(FIRM_COLUMNS, drawn, n)


# -- shared


def _of(seed: int, stream: Stream) -> int:
    return key(seed, 0, stream)


def _columns(kinds: dict[str, tuple[str, str]], drawn: Columns, n: int) -> Columns:
    """The columns in their order and types; zeros where nothing was drawn."""
    return {
        name: drawn[name].astype(kind) if name in drawn else np.zeros(n, kind)
        for name, (kind, _) in kinds.items()
    }


def _given(known: dict[str, Parameter], parameters: Numbers) -> Numbers:
    """All parameters with their defaults. Refuses unknown names and numbers out of range."""
    for name, value in parameters.items():
        if name not in known:
            raise QuestionRefused(
                f"there is no parameter '{name}'",
                why="a misspelt parameter would quietly leave the default in place",
                mend=f"use one of: {', '.join(known)}",
            )
        asked = known[name]
        if not asked.least <= value <= asked.most:
            raise QuestionRefused(
                f"'{name}' cannot be {value:g}",
                why=f"{asked.title}: {asked.least:g} to {asked.most:g}",
                mend="give a number within the range",
            )
    return {name: parameters.get(name, own.default) for name, own in known.items()}


def _check_many(n: int) -> None:
    if not 0 <= n < 2**31:
        raise QuestionRefused(
            f"{n:,} agents cannot be drawn",
            why="an agent's number is held in 32 bits",
            mend="draw from 0 to 2,147,483,647",
        )
