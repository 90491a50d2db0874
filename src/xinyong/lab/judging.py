"""A month's scores of a city, by its own scheme, and what follows from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.lab import follow
from xinyong.lab.cells import Money, boosted
from xinyong.lab.cities import Home
from xinyong.lab.state import Society

Array = npt.NDArray[Any]


def judge(society: Society, home: Home, luck: Array) -> None:
    """Score a city's people by its own scheme, and let what follows fall on them."""
    own, effects = home.world, home.world.effects
    if own.scorer is None or effects is None:
        if not home.alone:  # what an old city's scheme was worth ends with it
            society.money[Money.WELFARE, home.view[1]] = 0.0
        return
    assert home.record is not None
    found = own.scorer.score(home.record, home.record.month)
    slots, who = home.view
    seen = found.score[slots].astype(np.int32)
    seen[boosted(society.facts)[who]] += own.boost
    society.score[who] = np.minimum(seen, effects.ceiling)
    many = found.score.shape[0]
    listed = (found.lists == 2).any(axis=0) if len(found.lists) else np.zeros(many, np.bool_)
    follow.follow(
        luck, home.whose, society.money, society.facts, society.flags,
        np.ascontiguousarray(found.consequences), listed, effects.flags, effects.worth,
        effects.cost, effects.deposit, effects.public, own.par, home.counts.fall,
    )  # fmt: skip
    burdens = found.consequences[effects.worth < 0.0].sum(axis=0)
    if listed[slots].any():
        each = burdens[slots][listed[slots]] * (1.0 + own.value("stacking.multiplier"))
        home.counts.burdens = float(each.mean()), len(each)
    kept = society.encounters or society.month % 12 == 11
    home.found = found if kept else None
