"""Compiled: the calendar, exact arithmetic, and the stack machine for one row.

The twin of :mod:`xinyong.engine.machine`, which does the same on whole columns.
"""

from __future__ import annotations

from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.memory import read
from xinyong.engine.packed import (
    CODE,
    PARAM_DAY,
    PARAM_START,
    PARAM_VALUE,
    PROGRAMS,
    SETS,
    cell,
    one,
)

UNKNOWN = -(2**63)
LIMIT = 9 * 10**17
MICRO = 1_000_000
POINTS_LIMIT = 1_000_000

# ------------------------------------------------------------------ calendar


@compiled
def month_start(months: int) -> int:
    """Day number of the first day of a month, counted in months since year 0."""
    year, month = months // 12, months % 12 + 1
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    doe = yoe * 365 + yoe // 4 - yoe // 100 + doy
    return era * 146097 + doe - 719468


@compiled
def months_of(day: int) -> int:
    """Month of a day, counted in months since year 0."""
    z = day + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    year = yoe + era * 400 + (1 if month <= 2 else 0)
    return year * 12 + month - 1


@compiled
def before(day: int, length: int, unit: int) -> int:
    """``day`` less a period; falls back to the month's last day."""
    if unit == 0:
        return day - length
    months = months_of(day)
    offset = day - month_start(months)
    first = month_start(months - length)
    last = month_start(months - length + 1) - first - 1
    return first + min(offset, last)


@compiled
def leaves(day: int, length: int, unit: int) -> int:
    """First day whose window of this period no longer holds an event of ``day``."""
    if unit == 0:
        return day + length
    months = months_of(day)
    offset = day - month_start(months)
    first = month_start(months + length)
    size = month_start(months + length + 1) - first
    return first + offset if offset < size else first + size


# ------------------------------------------------------------------ arithmetic


@compiled
def divide(a: int, b: int) -> int:
    """``a / b`` in millionths, halves away from zero; unknown beyond the limit or if b is 0."""
    if b == 0:
        return UNKNOWN
    top, low = abs(a), abs(b)
    quotient, rest = top // low, top % low
    if quotient > LIMIT // MICRO:
        return UNKNOWN
    for _ in range(6):
        rest = rest * 10
        quotient = quotient * 10 + rest // low
        rest = rest % low
    if rest >= low - rest:
        quotient += 1
    if quotient > LIMIT:
        return UNKNOWN
    return -quotient if (a < 0) != (b < 0) else quotient


@compiled
def multiply(a: int, b: int) -> int:
    """Product of whole numbers, unknown beyond the limit."""
    if b != 0 and abs(a) > LIMIT // abs(b):
        return UNKNOWN
    return a * b


@compiled
def multiply_fixed(a: int, b: int) -> int:
    """Product of millionths, rounded, unknown beyond the limit."""
    top, low = abs(a), abs(b)
    high = top // MICRO
    if low != 0 and high > LIMIT // low:
        return UNKNOWN
    small = (top % MICRO) * (low % MICRO)
    total = high * low + (top % MICRO) * (low // MICRO) + (small + MICRO // 2) // MICRO
    if total > LIMIT:
        return UNKNOWN
    return -total if (a < 0) != (b < 0) else total


@compiled
def half_away(a: int, b: int) -> int:
    """``a / b`` to the nearest whole, halves away from zero; ``b`` above 0."""
    top = abs(a)
    quotient, rest = top // b, top % b
    if rest >= b - rest:
        quotient += 1
    return -quotient if a < 0 else quotient


@compiled
def parameter(P: Vector, number: int, day: int) -> int:
    """A parameter's value as of a day; unknown before its first date."""
    value = UNKNOWN
    for row in range(one(P, PARAM_START, number), one(P, PARAM_START, number + 1)):
        if one(P, PARAM_DAY, row) > day:
            break
        value = one(P, PARAM_VALUE, row)
    return value


@compiled
def run(
    P: Vector,
    program: int,
    stack: Vector,
    D: Grid,
    row: int,
    event_day: int,
    values: Vector,
    day: int,
    score: int,
    band: int,
    on: Vector,
) -> int:
    """Run one program for one row; see :class:`xinyong.engine.machine.Op`."""
    top = -1
    for at in range(one(P, PROGRAMS, program), one(P, PROGRAMS, program + 1)):
        op, a = cell(P, CODE, at, 0), cell(P, CODE, at, 1)
        if op <= 7:
            top += 1
            if op == 0:
                stack[top] = a
            elif op == 1:
                stack[top] = read(D, a + 4, row)
            elif op == 2:
                stack[top] = parameter(P, a, event_day)
            elif op == 3:
                stack[top] = values[a]
            elif op == 4:
                stack[top] = parameter(P, a, day)
            elif op == 5:
                stack[top] = score
            elif op == 6:
                stack[top] = band
            else:
                stack[top] = on[a]
            continue
        x = stack[top]
        if op in (8, 9, 23, 24, 27, 28, 29):
            if op == 24:
                stack[top] = 1 if x != UNKNOWN else 0
            elif op == 29:
                stack[top] = 0 if x == UNKNOWN else min(max(x, -POINTS_LIMIT), POINTS_LIMIT)
            elif x == UNKNOWN:
                pass
            elif op == 8:
                stack[top] = x * MICRO if abs(x) <= LIMIT // MICRO else UNKNOWN
            elif op == 9:
                stack[top] = -x
            elif op == 23:
                stack[top] = 1 - x
            elif op == 28:
                stack[top] = half_away(x, MICRO)
            else:
                found = 0
                for place in range(a, a + cell(P, CODE, at, 2)):
                    if one(P, SETS, place) == x:
                        found = 1
                        break
                stack[top] = found
            continue
        y = x
        top -= 1
        x = stack[top]
        if op == 21:
            if x == 0 or y == 0:
                stack[top] = 0
            else:
                stack[top] = UNKNOWN if (x == UNKNOWN or y == UNKNOWN) else 1
        elif op == 22:
            if x == 1 or y == 1:
                stack[top] = 1
            else:
                stack[top] = UNKNOWN if (x == UNKNOWN or y == UNKNOWN) else 0
        elif op == 25 or op == 26:
            if x == UNKNOWN:
                stack[top] = y
            elif y == UNKNOWN:
                stack[top] = x
            else:
                stack[top] = min(x, y) if op == 25 else max(x, y)
        elif x == UNKNOWN or y == UNKNOWN:
            stack[top] = UNKNOWN
        elif op == 10 or op == 11:
            z = x + y if op == 10 else x - y
            stack[top] = z if abs(z) <= LIMIT else UNKNOWN
        elif op == 12:
            stack[top] = multiply(x, y)
        elif op == 13:
            stack[top] = multiply_fixed(x, y)
        elif op == 14:
            stack[top] = divide(x, y)
        elif op == 15:
            stack[top] = 1 if x < y else 0
        elif op == 16:
            stack[top] = 1 if x <= y else 0
        elif op == 17:
            stack[top] = 1 if x > y else 0
        elif op == 18:
            stack[top] = 1 if x >= y else 0
        elif op == 19:
            stack[top] = 1 if x == y else 0
        else:
            stack[top] = 1 if x != y else 0
    return stack[0]
