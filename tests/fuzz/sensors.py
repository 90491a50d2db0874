"""A folder of emission readings: the register and files of readings, in all three formats."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import changing
import pyarrow as pa
import pyarrow.parquet as pq

from xinyong.errors import XinyongError
from xinyong.records import uscc
from xinyong.records.sensors.folder import REGISTER, examine_folder, read_register

LAST = b""
ZONE = ZoneInfo("Asia/Shanghai")
FIRMS = [uscc.with_check_digits(f"91999999{n:08}") for n in (1, 2)]
HEAD = "instrument,firm,substance,unit,resolution,limit,beside\n"
GOOD = HEAD + f"a,{FIRMS[0]},SO2,ug/m3,1,35,b\nb,{FIRMS[1]},SO2,mg/m3,0.001,,\n"
WORDS = """a b c 0 -1 1.5 1e9 9999999999999999999 nan N F M ug/m3 mg/m3 mg/L 2027-01-01T05:00
2027-01-01T05:30 2027-03-28T02:00+08:00 1800-01-01 9999-12-31T23:00-12:00 SO2 NO2""".split()
COLUMNS = ["instrument", "moment", "value", "unit", "status", "firm", "substance"]


def _rows(rng: random.Random) -> list[dict[str, str]]:
    rows = []
    for hour in range(rng.randrange(30)):
        row = {"instrument": rng.choice("ab"), "moment": f"2027-01-01T{hour % 24:02}:00"}
        row["value"] = str(rng.randrange(100))
        for name in rng.sample(COLUMNS, rng.choice([0, 0, 1, 3])):
            row[name] = rng.choice([*WORDS, *FIRMS, rng.choice(changing.ODD_TEXTS)])
        rows.append(row)
    return rows


def _readings(rng: random.Random, folder: Path) -> None:
    rows, kind = _rows(rng), rng.randrange(3)
    if kind == 0:
        lines = [",".join(COLUMNS), *(",".join(r.get(c, "") for c in COLUMNS) for r in rows)]
        data, name = "\n".join(lines).encode("utf-8", "surrogatepass"), "r.csv"
    elif kind == 1:
        odd = [changing.altered(rng, row) if rng.random() < 0.1 else row for row in rows]
        data, name = "\n".join(_line(row) for row in odd).encode(), "r.jsonl"
    else:
        clean = [{k: v.encode("utf-8", "replace").decode() for k, v in r.items()} for r in rows]
        sink = pa.BufferOutputStream()
        columns = {c: pa.array([r.get(c) for r in clean], pa.string()) for c in COLUMNS}
        pq.write_table(pa.table(columns), sink)
        data, name = bytes(sink.getvalue()), "r.parquet"
    if rng.random() < 0.3:
        data = changing.changed(rng, data)
    if name != "r.parquet" and rng.random() < 0.1:
        data, name = changing.changed(rng, gzip.compress(data)), f"{name}.gz"
    _keep(data)
    (folder / name).write_bytes(data)


def _line(row: object) -> str:
    try:
        return json.dumps(row)
    except RecursionError:
        return "[" * 5000


def once(rng: random.Random) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        register = GOOD.encode()
        if rng.random() < 0.4:
            register = changing.changed(rng, register)
            _keep(register)
        (folder / REGISTER).write_bytes(register)
        if rng.random() < 0.8:
            _readings(rng, folder)
        until = rng.choice([0, 1_798_800_000_000_000, 2**60])
        examine_folder(folder, genuine_until=until, zone=ZONE)


def parse(content: bytes) -> None:
    """Bytes as a register and as readings."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / REGISTER).write_bytes(content)
        with contextlib.suppress(XinyongError):
            read_register(folder / REGISTER)
        for ending in ("csv", "jsonl", "parquet", "csv.gz"):
            (folder / REGISTER).write_text(GOOD)
            (folder / f"r.{ending}").write_bytes(content)
            with contextlib.suppress(XinyongError):
                examine_folder(folder, genuine_until=0, zone=ZONE)
            (folder / f"r.{ending}").unlink()


def _keep(data: bytes) -> None:
    global LAST  # noqa: PLW0603 - the runner reads it
    LAST = data
