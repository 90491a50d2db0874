"""How functions of the fast engine are compiled: once each, for the types they state.

Without stated types the compiler would make a version of a function for every constant it is
called with. Everything is a 64-bit integer, a contiguous array of them, a truth value, or nothing.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit, types

Vector = npt.NDArray[np.int64]
Grid = npt.NDArray[np.int64]
Cube = npt.NDArray[np.int64]
"""Arrays of 64-bit integers with one, two and three axes."""

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

ENTRIES = ("answer", "follow")
"""Functions that Python calls."""

_F = TypeVar("_F", bound=Callable[..., Any])
_TYPES = {
    "int": types.int64,
    "bool": types.boolean,
    "None": types.void,
    "Vector": types.int64[::1],
    "Grid": types.int64[:, ::1],
    "Cube": types.int64[:, :, ::1],
}


@lru_cache(maxsize=1)
def _stamp() -> str:
    """Digest of the compiled files."""
    here = Path(__file__).parent
    text = b"".join((here / f"{name}.py").read_bytes() for name in COMPILED)
    return hashlib.sha256(text).hexdigest()[:16]


def compiled(function: _F) -> _F:
    """Compile a function for the types of its annotations; kept on disk between runs."""
    # numba keeps a compiled function as long as its own file stands; ours also depend on the
    # other files here, so the digest of all is made part of the name it is kept under
    function.__qualname__ = f"{function.__qualname__}_{_stamp()}"
    hints = dict(function.__annotations__)
    result = _TYPES[hints.pop("return")]
    signature = result(*(_TYPES[hint] for hint in hints.values()))
    options: dict[str, Any] = {
        "cache": True,
        "nogil": True,
        "error_model": "numpy",  # divisors are checked where they can be 0
        "no_cfunc_wrapper": True,  # half a second of compiling saved
    }
    if function.__name__ not in ENTRIES:
        options["no_cpython_wrapper"] = True  # called from compiled code alone
    return cast(_F, njit(signature, **options)(function))


def kept(module: str, name: str) -> bool:
    """Whether a compiled function need not be compiled: it is loaded, or its code lies on disk.

    False where that cannot be told, as when the code is kept in a folder of the user's.
    """
    if f"xinyong.engine.{module}" in sys.modules:
        return True
    pattern = f"*{name}_{_stamp()}-*.nbi"
    own = os.environ.get("NUMBA_CACHE_DIR")
    if own:
        return any(Path(own).rglob(pattern))
    return any((Path(__file__).parent / "__pycache__").glob(pattern))
