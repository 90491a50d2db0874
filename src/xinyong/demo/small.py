"""A town for notebooks: the demo's schemes and years, any size."""

from __future__ import annotations

from datetime import date

from xinyong.demo.run import FIRST, LAST, SCHEMES
from xinyong.demo.town import Town
from xinyong.demo.town import draw_town as draw
from xinyong.engine.shape import shape_of
from xinyong.scheme.library import load


def draw_town(
    people: int = 1_000,
    firms: int = 50,
    *,
    seed: int,
    first: date = FIRST,
    last: date = LAST,
) -> Town:
    """A synthetic town whose events fit the schemes sesame (people) and tax-credit (firms).

    ``town.events("people")`` and ``town.events("firms")`` are Arrow tables; nobody in them exists.
    The same seed gives the same town. Raises QuestionRefused for a size, seed or span that cannot
    be drawn.
    """
    shapes = {part: shape_of(load(name)) for part, name in SCHEMES.items()}
    return draw(
        people,
        firms,
        seed=seed,
        first=first,
        last=last,
        people_shape=shapes["people"],
        firm_shape=shapes["firms"],
    )
