"""A transparent engine for scoring schemes: what is said, what happened, how many points.

Everything a notebook needs has one of these names; each loads its room when first used, so that
``import xinyong`` itself costs nothing.

>>> import xinyong
>>> scheme = xinyong.load("sesame")
>>> scheme.score.floor, scheme.score.ceiling
(350, 950)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xinyong.demo.town import draw_town as draw_town
    from xinyong.errors import XinyongError as XinyongError
    from xinyong.face import (
        approve,
        charter_report,
        check,
        diff,
        explain,
        load,
        read_events,
        read_scheme,
        score,
        test,
        what_if,
    )

__version__ = "0.1.0"

_ROOM = {
    "XinyongError": "xinyong.errors",
    "approve": "xinyong.face",
    "charter_report": "xinyong.face",
    "check": "xinyong.face",
    "diff": "xinyong.face",
    "draw_town": "xinyong.demo.town",
    "explain": "xinyong.face",
    "load": "xinyong.face",
    "read_events": "xinyong.face",
    "read_scheme": "xinyong.face",
    "score": "xinyong.face",
    "test": "xinyong.face",
    "what_if": "xinyong.face",
}

__all__ = [
    "XinyongError",
    "approve",
    "charter_report",
    "check",
    "diff",
    "draw_town",
    "explain",
    "load",
    "read_events",
    "read_scheme",
    "score",
    "test",
    "what_if",
]


def __getattr__(name: str) -> Any:
    room = _ROOM.get(name)
    if room is None:
        raise AttributeError(f"module 'xinyong' has no attribute '{name}'")
    found = getattr(import_module(room), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
