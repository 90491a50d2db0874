"""How the lab's loops are compiled, and how they run without the compiler.

A loop is written once. With numba it is compiled and kept on disk; without numba, or where the
environment says ``XINYONG_ENGINE=numpy``, the same lines run as plain Python: slower, same bits.
"""

from __future__ import annotations

import enum
import hashlib
import importlib.util
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

HAVE = importlib.util.find_spec("numba") is not None
COMPILED: bool = HAVE and os.environ.get("XINYONG_ENGINE") != "numpy"
"""True where loops are compiled."""

_F = TypeVar("_F", bound=Callable[..., Any])
_STAMPS: dict[str, str] = {}


def compiled(types: str | None = None) -> Callable[[_F], _F]:
    """Decorator: compile a function for the ``types`` stated, else for those it is called with.

    ``types`` is numba's notation, like ``"f8(i8,i8)"``. State them for small functions that others
    call, or one version is made for every constant they are called with. The function releases the
    interpreter's lock. Division by zero gives infinity, not an error; indices are not checked.
    """

    def decorate(function: _F) -> _F:
        if not COMPILED:
            return function
        import numba

        options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
        # What is kept on disk is only tied to the function's own file; the name ties it to the
        # files of the functions it calls and to the constants it reads as well.
        name, stamp = function.__qualname__, _stamp(function, numba.__version__)
        _STAMPS[f"{function.__module__}.{name}"] = stamp
        function.__qualname__ = f"{name}_{stamp}"
        if types is None:
            made = numba.njit(**options)(function)
        else:
            made = numba.njit(types, **options)(function)
        result: _F = made
        return result

    return decorate


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it was written, to be run by Python, also on whole arrays."""
    written: Callable[..., Any] = getattr(function, "py_func", function)
    return written


def _stamp(function: Callable[..., Any], version: str) -> str:
    """Digest of the function's file, of what it calls here, and of the constants it reads."""
    parts = [Path(inspect.getfile(function)).read_text(), version]
    for name in sorted(function.__code__.co_names):
        value = function.__globals__.get(name)
        called = getattr(value, "py_func", None)
        if called is not None:
            key = f"{called.__module__}.{called.__name__}"
            parts.append(_STAMPS.get(key, key))
        elif inspect.isfunction(value) and value.__module__.startswith("xinyong."):
            parts.append(Path(inspect.getfile(value)).read_text())
        elif isinstance(value, int | float | str | tuple):
            parts.append(repr(value))
        elif inspect.isclass(value) and issubclass(value, enum.Enum):
            parts.append(repr(list(value)))
        elif type(value).__module__ == "numpy":
            parts.append(repr(value))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
