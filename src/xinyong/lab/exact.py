"""Logarithm, exponential and normal quantile made of additions, products, quotients and roots.

Those four operations round the same way on every processor, and taking a number apart into
mantissa and exponent is exact. A library's own ``log`` or ``exp`` may differ in the last bit
between a compiled loop, NumPy and another machine, and one bit can turn one agent's choice. Each
function here comes twice: for one number inside loops, and for arrays, with equal bits.

Accuracy: within 4 units in the last place of the true value (tested).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.lab.compiling import compiled, plain

Reals = npt.NDArray[np.float64]

HALF_ROOT = 0.7071067811865476
LN2_HIGH = 0.6931471803691238  # the first 33 bits, so that a whole number times it is exact
LN2_LOW = 1.9082149292705877e-10
LOWEST, HIGHEST = -708.0, 709.0
"""Powers outside these are taken as these: e**-708 is about 3e-308."""


@compiled("f8(f8,f8)")
def _ln_parts(mantissa: float, power: float) -> float:
    s = (mantissa - 1.0) / (mantissa + 1.0)
    t = s * s
    p = 1.0 / 21.0 + t * (1.0 / 23.0)
    p = 1.0 / 17.0 + t * (1.0 / 19.0 + t * p)
    p = 1.0 / 13.0 + t * (1.0 / 15.0 + t * p)
    p = 1.0 / 9.0 + t * (1.0 / 11.0 + t * p)
    p = 1.0 / 5.0 + t * (1.0 / 7.0 + t * p)
    p = t * (1.0 / 3.0 + t * p)
    return power * LN2_HIGH + (2.0 * s + (2.0 * s * p + power * LN2_LOW))


@compiled("f8(f8)")
def ln(x: float) -> float:
    """Natural logarithm of one number above 0 (not of 0, infinity or a subnormal number)."""
    mantissa, power = math.frexp(x)
    if mantissa < HALF_ROOT:
        return _ln_parts(mantissa * 2.0, power - 1.0)
    return _ln_parts(mantissa, power * 1.0)


def lns(x: npt.NDArray[Any]) -> Reals:
    """:func:`ln` of every entry, shape kept."""
    mantissa, power = np.frexp(x)
    small = mantissa < HALF_ROOT
    result: Reals = plain(_ln_parts)(np.where(small, mantissa * 2.0, mantissa), power - 1.0 * small)
    return result


@compiled("f8(f8)")
def _exp_rest(r: float) -> float:
    p = 1.0 / 6227020800.0 + r * (1.0 / 87178291200.0)
    p = 1.0 / 39916800.0 + r * (1.0 / 479001600.0 + r * p)
    p = 1.0 / 362880.0 + r * (1.0 / 3628800.0 + r * p)
    p = 1.0 / 5040.0 + r * (1.0 / 40320.0 + r * p)
    p = 1.0 / 120.0 + r * (1.0 / 720.0 + r * p)
    p = 1.0 / 6.0 + r * (1.0 / 24.0 + r * p)
    return 1.0 + (r + r * r * (0.5 + r * p))


@compiled("f8(f8)")
def exp(x: float) -> float:
    """e to the power of one number, which is first held between -708 and 709."""
    x = min(max(x, LOWEST), HIGHEST)
    k = math.floor(x * 1.4426950408889634 + 0.5)
    return math.ldexp(_exp_rest((x - k * LN2_HIGH) - k * LN2_LOW), int(k))


def exps(x: Reals) -> Reals:
    """:func:`exp` of every entry, shape kept."""
    held = np.clip(x, LOWEST, HIGHEST)
    k = np.floor(held * 1.4426950408889634 + 0.5)
    rest: Reals = plain(_exp_rest)((held - k * LN2_HIGH) - k * LN2_LOW)
    return np.ldexp(rest, k.astype(np.int32))


@compiled("f8(f8)")
def logistic(x: float) -> float:
    """1 / (1 + e**-x) of one number: the chance that goes with log odds ``x``."""
    return 1.0 / (1.0 + exp(-x))


def logistics(x: Reals) -> Reals:
    """:func:`logistic` of every entry, shape kept."""
    return 1.0 / (1.0 + exps(-x))


# Wichura (1988), algorithm AS 241, Applied Statistics 37(3), 477-484, doi 10.2307/2347330:
# three quotients of polynomials, for the middle, the sides and the far tails.


@compiled("f8(f8)")
def _middle(q: float) -> float:
    r = 0.180625 - q * q
    n = 2.5090809287301226727e3 * r + 3.3430575583588128105e4
    n = (n * r + 6.7265770927008700853e4) * r + 4.5921953931549871457e4
    n = (n * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3
    n = (n * r + 1.3314166789178437745e2) * r + 3.3871328727963666080
    d = 5.2264952788528545610e3 * r + 2.8729085735721942674e4
    d = (d * r + 3.9307895800092710610e4) * r + 2.1213794301586595867e4
    d = (d * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2
    d = (d * r + 4.2313330701600911252e1) * r + 1.0
    return n * q / d


@compiled("f8(f8)")
def _side(r: float) -> float:
    r = r - 1.6
    n = 7.74545014278341407640e-4 * r + 2.27238449892691845833e-2
    n = (n * r + 2.41780725177450611770e-1) * r + 1.27045825245236838258
    n = (n * r + 3.64784832476320460504) * r + 5.76949722146069140550
    n = (n * r + 4.63033784615654529590) * r + 1.42343711074968357734
    d = 1.05075007164441684324e-9 * r + 5.47593808499534494600e-4
    d = (d * r + 1.51986665636164571966e-2) * r + 1.48103976427480074590e-1
    d = (d * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940
    d = (d * r + 2.05319162663775882187) * r + 1.0
    return n / d


@compiled("f8(f8)")
def _far(r: float) -> float:
    r = r - 5.0
    n = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
    n = (n * r + 1.24266094738807843860e-3) * r + 2.65321895265761230930e-2
    n = (n * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580
    n = (n * r + 5.46378491116411436990) * r + 6.65790464350110377720
    d = 2.04426310338993978564e-15 * r + 1.42151175831644588870e-7
    d = (d * r + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4
    d = (d * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1
    d = (d * r + 5.99832206555887937690e-1) * r + 1.0
    return n / d


@compiled("f8(f8)")
def quantile(p: float) -> float:
    """The standard normal value below which a share ``p`` lies; 0 < p < 1."""
    q = p - 0.5
    if -0.425 <= q <= 0.425:
        return _middle(q)
    r = math.sqrt(-ln(p if q < 0.0 else 1.0 - p))
    x = _side(r) if r <= 5.0 else _far(r)
    return -x if q < 0.0 else x


def quantiles(p: npt.NDArray[Any]) -> Reals:
    """:func:`quantile` of every entry of a one-dimensional array."""
    q = p - 0.5
    result: Reals = plain(_middle)(q)
    outside = np.flatnonzero(np.abs(q) > 0.425)
    if len(outside):
        low = q[outside] < 0.0
        r = np.sqrt(-lns(np.where(low, p[outside], 1.0 - p[outside])))
        x = np.where(r <= 5.0, plain(_side)(r), plain(_far)(r))
        result[outside] = np.where(low, -x, x)
    return result
