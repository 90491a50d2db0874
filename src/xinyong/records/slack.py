"""The bytes of an SQLite file that belong to no row: where copies of erased rows can be left.

SQLite overwrites a deleted row when told to, but not the copies it left behind when it moved rows
to another page earlier (measured: parts of about one row in 1,500). They lie between
the pointers and the cells of a page, or in its free blocks. Layout: the SQLite file format, section
1.6, "B-tree pages".
"""

from __future__ import annotations

import re
from struct import Struct

_HEADER = Struct(">BHHH")
_BLOCK = Struct(">HH")
_LEAVES, _INNER = (10, 13), (2, 5)
_PIECE = 8
_ZEROS = re.compile(rb"\0{8,}")


def slack(data: bytes) -> bytes:
    """All unused bytes of a database in a row, but for eight zeros or more, and for crumbs.

    Raises ValueError where a page points out of the file.
    """
    size = int.from_bytes(data[16:18], "big")
    size = 65_536 if size == 1 else size
    found = []
    for page in range(0, len(data), size):
        head = page + 100 if page == 0 else page
        kind, block, cells, content = _HEADER.unpack_from(data, head)
        if kind not in _LEAVES and kind not in _INNER:
            spans = [(page, page + size)]
        else:
            first = head + (8 if kind in _LEAVES else 12) + 2 * cells
            spans = [(first, page + (content or 65_536))]
            while block:
                if page + block + _BLOCK.size > len(data):
                    raise ValueError(f"page {page // size + 1} points out of the file")
                following, length = _BLOCK.unpack_from(data, page + block)
                spans.append((page + block + _BLOCK.size, page + block + length))
                block = following if following > block else 0
        for a, b in spans:
            if data.count(0, a, b) < b - a:
                found += [part for part in _ZEROS.split(data[a:b]) if len(part) >= _PIECE]
    return b"".join(found)


def left_over(data: bytes, gone: tuple[bytes, ...]) -> bool:
    """Whether eight bytes in a row of any of these texts stand among the unused bytes."""
    unused = slack(data)
    return any(
        text[spot : spot + _PIECE] in unused
        for text in gone
        for spot in range(len(text) - _PIECE + 1)
    )
