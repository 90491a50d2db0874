"""The lab: what a scheme does to a society of people who do not exist.

Chance is a function of (seed, month, stream, agent), never a generator that remembers. So results
do not depend on threads or on the order of work, and two schemes can be run under the same luck.

================  ==========================================================================
``compiling``     how the lab's loops are compiled, and how they run without the compiler
``exact``         logarithm, exponential and normal quantile, the same bits on every road
``chance``        the one source of randomness
``networks``      who knows whom, as compressed rows
``margins``       the numbers behind people and firms, each with its mark and its source
``fitting``       margins to tables, tables to whole counts
``population``    people and firms drawn to those numbers
``exchange``      the wealth exchange of statistical physics, as a check of both regimes
``scenario``      what an experiment is; ``scenario_reading`` takes it from YAML
``mechanisms``    every switch of the society, with its settings and what they rest on
``experiment``    runs, resumed and compared; ``executors`` is where they are worked out
``measures``      figures of a society at one time; ``course`` over time, ``catalogue`` names all
``intervals``     paired differences over seeds, and what may be ranked by them
``sensitivity``   which setting moves a result, by SALib
``replications``  published results done again, ours beside the published numbers
``report``        the page about a comparison; ``odd`` describes a scenario in full
================  ==========================================================================

The names below load their rooms when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_ROOM = {
    "Scenario": "xinyong.lab.scenario",
    "Society": "xinyong.lab.society",
    "compare": "xinyong.lab.experiment",
    "default": "xinyong.lab.scenario",
    "load": "xinyong.lab.scenario_reading",
    "reproduce": "xinyong.lab.replications",
    "run": "xinyong.lab.experiment",
    "sweep": "xinyong.lab.experiment",
}


def __getattr__(name: str) -> Any:
    room = _ROOM.get(name)
    if room is None:
        raise AttributeError(f"module 'xinyong.lab' has no attribute '{name}'")
    found = getattr(import_module(room), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(_ROOM)
