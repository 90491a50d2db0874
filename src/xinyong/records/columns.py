"""Columns of text become columns of values, exactly: no value ever passes through a float.

Whole columns are converted at once where their texts look as they should; the few others are read
one by one by ``read_number``, which defines the meaning. Results are Arrow arrays with null for
unknown: ``int`` and ``money`` int64, ``number`` int64 millionths, truth bool, words string.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.records import moments
from xinyong.records.aside import Reason, RowFault, clip
from xinyong.records.rows import Array, Rows, mask_of, whole
from xinyong.records.shape import FieldShape
from xinyong.terms import FIELD_LIMIT, FIXED_FIELD_LIMIT, MICRO, half_away

TEXT_LIMIT: Final = 4096
"""Most bytes a text may have."""

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_CONTROL_IN_ID = r"[\x00-\x1f\x7f]"
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?")


def read_number(
    text: str, places: int, limit: int, *, point: bool = True, rounded: bool = False
) -> int:
    """One number from text, as a whole number of 10^-places. Raises :class:`RowFault`.

    ``limit`` is the largest magnitude of the result; ``point`` False refuses a decimal point.
    """
    what = "a number" if places else "a whole number"
    if not text.isascii() or not _NUMBER.fullmatch(text) or len(text) > 1000:
        raise RowFault(Reason.WRONG_TYPE, f"{clip(text)} is not {what}")
    if not point and not re.fullmatch(r"[+-]?\d+", text):
        raise RowFault(
            Reason.WRONG_TYPE,
            f"{clip(text)} is not whole minor units; a mapping reads decimals: {{money: column}}",
        )
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise RowFault(Reason.WRONG_TYPE, f"{clip(text)} is not {what}") from None
    if not number:
        return 0
    if number.adjusted() > 30:
        raise RowFault(Reason.BEYOND_LIMIT, f"{clip(text)} is beyond what a field may hold")
    sign, digits, exponent = number.as_tuple()
    value = int("".join(map(str, digits)))
    shift = int(exponent) + places
    if shift >= 0:
        value *= 10**shift
    else:
        units, rest = divmod(value, 10**-shift)
        if rest and not rounded:
            raise RowFault(
                Reason.TOO_MANY_DECIMALS,
                f"{clip(text)} has more than {places} decimals"
                if places
                else f"{clip(text)} is not a whole number",
            )
        value = half_away(value, 10**-shift) if rest else units
    if value > limit:
        raise RowFault(Reason.BEYOND_LIMIT, f"{clip(text)} is beyond what a field may hold")
    return -value if sign else value


def numbers(
    rows: Rows,
    text: Array,
    name: str,
    *,
    places: int,
    limit: int,
    point: bool = True,
    rounded: bool = False,
) -> Array:
    """A column of numbers: int64, in units of 10^-places."""
    known = mask_of(pc.is_valid(text))
    if places:
        pattern = rf"^(?P<w>-?\d{{1,12}})(?:\.(?P<f>\d{{0,{places}}})0*)?$"
    else:
        pattern = r"^(?P<w>-?\d{1,15})(?:\.(?P<f>)0*)?$" if point else r"^(?P<w>-?\d{1,15})$"
    parts = pc.extract_regex(text, pattern)
    fits = mask_of(pc.is_valid(parts))
    digits = pc.struct_field(parts, "w")
    if places:
        decimals = pc.utf8_rpad(pc.struct_field(parts, "f"), places, "0")
        digits = pc.binary_join_element_wise(digits, decimals, "")
    digits = pc.if_else(pa.array(fits), digits, "0")
    out = pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False)
    fits &= np.abs(out) <= limit
    rest = rows.each(
        text,
        known & ~fits,
        lambda t: read_number(t, places, limit, point=point, rounded=rounded),
        name,
    )
    return whole(np.where(fits, out, rest), known)


def words(rows: Rows, text: Array, name: str, *, identity: bool = False) -> Array:
    """A column of texts, refused where too long or holding control characters."""
    rows.fault(
        pc.greater(pc.binary_length(text), TEXT_LIMIT),
        Reason.TOO_LONG,
        f"{name}: the text is longer than {TEXT_LIMIT} bytes",
    )
    rows.fault(
        pc.match_substring_regex(text, _CONTROL_IN_ID if identity else _CONTROL),
        Reason.BAD_CHARACTERS,
        f"{name}: the text holds control characters",
    )
    return text


def truths(rows: Rows, text: Array, name: str) -> Array:
    """A column of truth values: ``true``, ``false``, ``1``, ``0``, in any case."""
    lowered = pc.utf8_lower(text)
    yes = pc.is_in(lowered, value_set=pa.array(["true", "1"]))
    no = pc.is_in(lowered, value_set=pa.array(["false", "0"]))
    bad = pc.and_(pc.is_valid(text), pc.invert(pc.or_(yes, no)))
    if pc.any(bad).as_py():
        rows.each(text, mask_of(bad), _not_truth, name)
    return pc.if_else(pc.is_valid(text), yes, pa.scalar(None, pa.bool_()))


def _not_truth(text: str) -> int:
    raise RowFault(Reason.WRONG_TYPE, f"{clip(text)} is neither true nor false")


def _not_listed(text: str) -> int:
    raise RowFault(Reason.NOT_IN_WORDS, f"{clip(text)} is not one of the words listed")


def listed(rows: Rows, text: Array, words_: tuple[str, ...], name: str) -> None:
    """Note a fault where a word is not among the given ones."""
    bad = pc.and_(pc.is_valid(text), pc.invert(pc.is_in(text, value_set=pa.array(words_))))
    if pc.any(bad).as_py():
        rows.each(text, mask_of(bad), _not_listed, name)


def field_values(
    rows: Rows,
    text: Array,
    spec: FieldShape,
    zone: ZoneInfo,
    name: str,
    *,
    format: str | None = None,
    rounded: bool = False,
) -> Array:
    """A column of a field's values, by the field's type."""
    if spec.type == "bool":
        return truths(rows, text, name)
    if spec.type == "date":
        return moments.days(rows, text, zone, name, format)
    if spec.type == "text":
        found = words(rows, text, name)
        if spec.one_of is not None:
            listed(rows, found, spec.one_of, name)
        return found
    places = 6 if spec.type == "number" else 0
    return numbers(
        rows, text, name, places=places,
        limit=FIXED_FIELD_LIMIT * MICRO if spec.type == "number" else FIELD_LIMIT,
        point=spec.type != "money", rounded=rounded,
    )  # fmt: skip


def mapped(rows: Rows, text: Array, table: dict[str, str | None], closed: bool, default: str | None,
           name: str) -> Array:  # fmt: skip
    """Other words for words; those not in the table are refused if it is closed."""
    if closed:
        listed(rows, text, tuple(table), name)
    spots = pc.index_in(text, value_set=pa.array(list(table), pa.string()))
    found = pa.array(list(table.values()), pa.string()).take(spots)
    lost = pc.and_(pc.is_valid(text), pc.is_null(spots))
    return pc.if_else(lost, pa.scalar(default, pa.string()), found)
