"""Whether the fast engine's code lies compiled on the disk; told without loading the compiler."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import lru_cache
from pathlib import Path

COMPILED = (
    "compiling",
    "memory",
    "vectors",
    "packed",
    "arithmetic",
    "buckets",
    "gathering",
    "gathering_plain",
    "measured",
    "points",
    "outcome",
    "tallying",
    "kernel",
    "decaying",
    "due",
    "renewing",
    "following",
)
"""Files whose functions are compiled."""


@lru_cache(maxsize=1)
def stamp() -> str:
    """Digest of the compiled files: part of the name under which compiled code is kept."""
    here = Path(__file__).parent
    text = b"".join((here / f"{name}.py").read_bytes() for name in COMPILED)
    return hashlib.sha256(text).hexdigest()[:16]


def kept(module: str, name: str) -> bool:
    """Whether a compiled function need not be compiled: it is loaded, or its code lies on disk.

    False where that cannot be told, as when the code is kept in a folder of the user's.
    """
    if f"xinyong.engine.{module}" in sys.modules:
        return True
    pattern = f"*{name}_{stamp()}-*.nbi"
    own = os.environ.get("NUMBA_CACHE_DIR")
    if own:
        return any(Path(own).rglob(pattern))
    return any((Path(__file__).parent / "__pycache__").glob(pattern))
