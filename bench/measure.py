"""One measurement in a process of its own: ``measure.py JSON`` prints JSON.

The order names a function ``module:name``, its arguments, and those of a small run before it that
loads libraries and compiled code. The function prepares and gives back a callable without
arguments; only the call to that is measured. Its result, if an array, is saved to ``answer``.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from typing import Any

import numpy as np


def cpu_seconds() -> float:
    """User and system time so far of this process, its threads and its ended children."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_megabytes() -> float:
    """Most memory this process has held so far, libraries included, in MB (10^6 bytes).

    Linux's own mark for the address space is used where there is one: the figure of getrusage
    lives through exec and so would show the parent's memory.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def run(order: dict[str, Any]) -> dict[str, Any]:
    module, _, name = order["what"].partition(":")
    prepare = getattr(importlib.import_module(module), name)
    if order.get("warm"):
        prepare(**order["warm"])()
    call = prepare(**order["args"])
    cpu, wall = cpu_seconds(), time.perf_counter()
    result = call()
    cpu, wall = cpu_seconds() - cpu, time.perf_counter() - wall
    found: dict[str, Any] = {"cpu": cpu, "wall": wall, "peak_mb": peak_megabytes()}
    if isinstance(result, np.ndarray):
        np.save(order["answer"], result)
    elif isinstance(result, dict):
        found["figures"] = result
    return found


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
