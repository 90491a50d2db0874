"""Takes one file in, and says how far the process grew and how it went.

    python unfolding.py FILE

As swallowing.py measures: imports made, a good file taken in, the peak set back. Prints how it went
(``refused`` or ``taken``), KiB of growth and milliseconds of processor time.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from swallowing import kib

from xinyong.errors import IntakeRefused
from xinyong.records.intake import take_in
from xinyong.records.shape import EventShape, FieldShape

SHAPE = EventShape({"visit": {"note": FieldShape("text")}}, {"visit": "visits"}, ZoneInfo("UTC"))


def taken(path: Path, folder: Path) -> str:
    """How it went; a refusal must say that the file unfolds or unpacks to too much, or is none."""
    out, rejects = folder / "o.parquet", folder / "r.jsonl"
    try:
        take_in([path], SHAPE, mapping=None, out=out, rejects=rejects)
    except IntakeRefused as error:
        assert error.where and error.mend
        return f"refused: {error.what}"
    return "taken"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good = folder / "good.csv"
        good.write_text("subject,kind,happened_at\na,visit,2016-01-01\n")
        assert taken(good, folder) == "taken"
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        before, began = kib("VmRSS"), time.process_time()
        how = taken(Path(sys.argv[1]), folder)
        print(how)
        print(kib("VmHWM") - before, round((time.process_time() - began) * 1000))


if __name__ == "__main__":
    main()
