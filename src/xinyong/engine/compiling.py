"""How functions of the fast engine are compiled: once each, for the types they state.

Without stated types the compiler would make a version of a function for every constant it is
called with. Everything is a 64-bit integer, a contiguous array of them, a truth value, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit, types

from xinyong.engine.kept import stamp

Vector = npt.NDArray[np.int64]
Grid = npt.NDArray[np.int64]
Cube = npt.NDArray[np.int64]
"""Arrays of 64-bit integers with one, two and three axes."""

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


def compiled(function: _F) -> _F:
    """Compile a function for the types of its annotations; kept on disk between runs."""
    # numba keeps a compiled function as long as its own file stands; ours also depend on the
    # other files here, so the digest of all is made part of the name it is kept under
    function.__qualname__ = f"{function.__qualname__}_{stamp()}"
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
