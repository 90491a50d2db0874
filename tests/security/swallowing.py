"""Gives a mebibyte of this and that to one parser, and says how far the process grew.

    python swallowing.py NAME

Run as a process of its own. The imports are made and a good input is read first; then the peak of
resident memory (VmHWM) is set back, every content is read, and the growth from what was resident
before (VmRSS) is printed in KiB, with the longest processor time one content took in milliseconds.
"""

from __future__ import annotations

import gc
import importlib
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOMS = ("fuzz", "", "decisions", "decisions/credential", "service")
TESTS = Path(__file__).resolve().parents[1]
MEBIBYTE = 1 << 20


def contents() -> dict[str, bytes]:
    """A mebibyte each."""
    parts = {
        "zeros": b"\x00",
        "ones": b"\xff",
        "letters": b"a",
        "words": b"a ",
        "digits": b"9",
        "spaces": b" ",
        "lines": b"\n",
        "returns": b"\r",
        "rows": b"a,b\n",
        "commas": b",",
        "quotes": b'"',
        "quoted": b'"a",',
        "lists": b"[",
        "objects": b'{"a":',
        "braces": b"{",
        "colons": b"a: ",
        "dashes": b"- ",
        "anchors": b"&a *a ",
        "dots": b"a.",
        "tildes": b"~",
        "numbers": b"1,",
        "wide letters": "\u4fe1".encode(),
        "marks of order": b"\xef\xbb\xbf",
        "halves of characters": b"\xed\xa0\x80",
        "formulas": b"=1+1\n",
        "escapes": b"\\ud800",
        "equals": b"a = 1\n",
        "tables": b"[a]\n",
    }
    made = {name: (part * (MEBIBYTE // len(part) + 1))[:MEBIBYTE] for name, part in parts.items()}
    made["chance"] = random.Random(7).randbytes(MEBIBYTE)
    made["a list that ends"] = b"[" + b"1," * (MEBIBYTE // 2 - 2) + b"1]"
    made["names"] = b"{" + b",".join(b'"%d":1' % n for n in range(80_000)) + b"}"
    made["names in TOML"] = b"\n".join(b"a%d = 1" % n for n in range(80_000))
    made["a mark of order, then NUL"] = b"\xef\xbb\xbf" + bytes(MEBIBYTE - 3)
    return made


def kib(name: str) -> int:
    """A figure of this process from the kernel."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise AssertionError(name)


def main() -> None:
    sys.path[:0] = [str(TESTS / room) for room in ROOMS]
    module = importlib.import_module(sys.argv[1])
    parse: Callable[[bytes], None] = module.parse
    parse(b"a: 1\n")
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before, slowest = kib("VmRSS"), 0.0
    for content in contents().values():
        began = time.process_time()
        parse(content)
        slowest = max(slowest, time.process_time() - began)
    print(kib("VmHWM") - before, round(slowest * 1000))


if __name__ == "__main__":
    main()
