"""Who lives together: agents next to each other, cut into households once and for all.

Households are told by the first agent of each, rising (:attr:`.Society.households`). A child takes
the place of a parent; who moves to another city stays kin.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def first(household: Array) -> Array:
    """Who is the first of her household, from a column of numbers that rise: bool[n]."""
    found = np.ones(len(household), np.bool_)
    found[1:] = household[1:] != household[:-1]
    return found


def others(firsts: Array, people: int, agent: int) -> list[int]:
    """Who else lives with an agent, from the next one round."""
    place = int(np.searchsorted(firsts, agent, "right")) - 1
    begin = int(firsts[place])
    end = int(firsts[place + 1]) if place + 1 < len(firsts) else people
    return [*range(agent + 1, end), *range(begin, agent)]


def anyone(firsts: Array, marked: Array) -> Array:
    """Of whom somebody in the household, she herself included, is ``marked`` (bool[n]): bool[n]."""
    found = np.logical_or.reduceat(marked, firsts)
    return np.repeat(found, np.diff(firsts, append=len(marked)))


def pooled(firsts: Array, incomes: Array, usual: Array, shared: float) -> Array:
    """Incomes after households have put the part ``shared`` of them together: float64[n].

    Of what is put together each member gets the part that is hers of the usual incomes; a household
    has as much afterwards as before.
    """
    size = np.diff(firsts, append=len(incomes))
    level = np.add.reduceat(incomes, firsts) / np.maximum(np.add.reduceat(usual, firsts), 1e-12)
    made: Array = (1.0 - shared) * incomes + shared * usual * np.repeat(level, size)
    return made
