"""Rows of text while they are converted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.records.aside import Faults, Reason, RowFault

Array: TypeAlias = pa.Array


def clean(column: Array, unknown: tuple[str, ...]) -> Array:
    """Text without the blanks around it; nothing and the given words become null."""
    text = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.is_in(text, value_set=pa.array(["", *unknown], pa.string())), None, text)


class Rows:
    """Some rows of a batch of text while they are converted; faults are noted by batch row."""

    def __init__(self, table: pa.RecordBatch, numbers: np.ndarray, faults: Faults) -> None:
        self.table, self.numbers, self.faults = table, numbers, faults

    def __len__(self) -> int:
        return len(self.numbers)

    def text(self, column: str) -> Array:
        """A column's text; unknown throughout if the file does not have it."""
        if column in self.table.schema.names:
            return self.table.column(column)
        return pa.nulls(len(self), pa.string())

    def fault(self, mask: Array | np.ndarray, reason: Reason, text: str) -> None:
        """Note a fault of the rows where the mask is true."""
        if not isinstance(mask, np.ndarray):
            mask = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
        if mask.any():
            self.faults.add(self.numbers[mask], reason, text)

    def each(
        self, text: Array, where: np.ndarray, read: Callable[[str], int], name: str
    ) -> np.ndarray:
        """Read the distinct texts where the mask is true, one by one; int64, 0 elsewhere.

        Rows whose text is refused get the fault.
        """
        out = np.zeros(len(text), np.int64)
        spots = np.flatnonzero(where)
        if not len(spots):
            return out
        coded = text.take(pa.array(spots)).dictionary_encode()
        codes = coded.indices.to_numpy(zero_copy_only=False)
        values = np.zeros(len(coded.dictionary), np.int64)
        for code, word in enumerate(coded.dictionary.to_pylist()):
            try:
                values[code] = read(word)
            except RowFault as fault:
                bad = self.numbers[spots[codes == code]]
                self.faults.add(bad, fault.reason, f"{name}: {fault.text}")
        out[spots] = values[codes]
        return out


def mask_of(array: Array) -> np.ndarray:
    """Truth values as a NumPy mask, unknown as false."""
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=bool)


def whole(values: np.ndarray, known: np.ndarray, type_: pa.DataType | None = None) -> Array:
    """Integers as an Arrow array (int64 unless said), unknown where they are not known."""
    return pa.array(values, type_ or pa.int64(), mask=~known)
