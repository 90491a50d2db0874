"""Compiled: what bits answer, for a block of agents at a time, and points for each event."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numba import njit

from xinyong.engine.outcome import finish

_F = TypeVar("_F", bound=Callable[..., Any])
_ENGINE = finish.py_func.__qualname__.rsplit("_", 1)[1]  # type: ignore[attr-defined]
_STAMP: Final = hashlib.sha256(_ENGINE.encode() + Path(__file__).read_bytes()).hexdigest()[:16]
"""What is kept on disk is only tied to a function's own file; this ties it to those it calls."""


def kept(function: _F) -> _F:
    """Compile and keep on disk, under the digest of the engine's compiled files and this one."""
    function.__qualname__ = f"{function.__qualname__}_{_STAMP}"
    made: Any = njit(cache=True, nogil=True, error_model="numpy")(function)
    result: _F = made
    return result


@kept
def ones(x: Any) -> Any:
    """How many bits of an unsigned 64-bit word are set."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kept
def hold(points: Any, cap: Any) -> Any:
    """A sum held by a cap: from above if the cap is 0 or more, else from below."""
    if cap == 2**62:
        return points
    return min(points, cap) if cap >= 0 else max(points, cap)


@kept
def counted(word: Any, masks: Any, begin: int, answers: Any) -> None:
    """How many bits under the masks are set, for a block of agents from ``begin`` on."""
    size = answers.shape[0]
    for b in range(0, size - size % 16, 16):
        for g in range(16):
            answers[b + g] = ones(word[begin + b + g] & masks[g])
    for b in range(size - size % 16, size):
        answers[b] = ones(word[begin + b] & masks[b % 16])


@kept
def newest(word: Any, masks: Any, begin: int, answers: Any) -> None:
    """1 + the newest bit under the masks (0 none), for a block of agents."""
    for b in range(answers.shape[0]):
        bits = word[begin + b] & masks[b % 16]
        low = bits & (~bits + np.uint64(1))
        answers[b] = 0 if bits == 0 else ones(low - np.uint64(1)) + 1


@kept
def answer_block(
    ask: Any, word: Any, masks: Any, words: Any, older: Any, begin: int, answers: Any
) -> None:
    """What each atom answers about a block of agents: int64[atoms, agents]."""
    for n in range(ask.shape[0]):
        if ask[n] == 0:
            counted(words[word[n]], masks[n], begin, answers[n])
        elif ask[n] == 1:
            newest(words[word[n]], masks[n], begin, answers[n])
        else:
            for b in range(answers.shape[1]):
                answers[n, b] = np.int64(older[word[n], begin + b])


@kept
def sums_of(term: Any, answers: Any, sums: Any) -> None:
    """Points by line of points for each event, for a block of agents: int64[lines, agents]."""
    sums[:] = 0
    for t in range(term.shape[0]):
        line, got, points = sums[term[t, 0]], answers[term[t, 1]], term[t, 2]
        for b in range(sums.shape[1]):
            line[b] += got[b] * points


@kept
def capped_block(line: Any, held: Any, words: Any, begin: int, sums: Any) -> None:
    """Points of a line (place, cap, first term, end) held unit by unit, for a block of agents."""
    cap = line[1]
    for b in range(sums.shape[0]):
        total, part, unit = np.int64(0), np.int64(0), np.int64(-1)
        for t in range(line[2], line[3]):
            if held[t, 0] != unit:
                total += hold(part, cap)
                part, unit = np.int64(0), held[t, 0]
            here = (words[held[t, 1], begin + b] >> np.uint64(held[t, 2])) & np.uint64(1)
            if here != 0 and (held[t, 3] >> (b % 16)) & 1:
                part += held[t, 4]
        sums[b] = total + hold(part, cap)
