"""The service against a bare FastAPI "hello", in one run on loopback, one worker each.

    python bench/service.py [--seconds 10] [--store sqlite|postgresql] [--subjects 500]

Prints requests a second and server CPU a request: for the first score of everybody (the scheme is
compiled and events are packed meanwhile) and the first decision; then for hello, for a score with
reasons and for a whole decision about subjects of 250 events who were asked about before, and
their ratio to hello; the latency of decisions at 100 requests a second; and events a second taken
in, in batches of 100, each answered when durable.
The load comes from one other process over kept connections.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

DAY = 86_400_000_000
HELLO = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/hello")
async def hello():
    return {"message": "hello"}
"""


@contextmanager
def server(folder, port, *command):
    """A server's process with one worker; gives its psutil handle once it answers."""
    command = [sys.executable, "-m", *command, "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                asyncio.run(_wait(port))
                break
            except OSError:
                time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


async def _wait(port):
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def one(reader, writer, request):
    """Send one request over a kept connection; gives its status and body."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return status, await reader.readexactly(length)


def raw(method, path, key=None, body=None):
    """A request as bytes."""
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(data)}\r\n"
    if key:
        head += f"authorization: Bearer {key}\r\nxinyong-purpose: a benchmark\r\n"
    if data:
        head += "content-type: application/json\r\n"
    return head.encode() + b"\r\n" + data


async def load(port, requests, seconds, connections=32):
    """As many requests as can be answered; gives their number and the statuses seen.

    Without ``seconds``, each request once.
    """
    end = time.monotonic() + (3600 if seconds is None else seconds)
    done, statuses = 0, {}

    async def run(number):
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        place = number
        while time.monotonic() < end and (seconds is not None or place < len(requests)):
            status, _ = await one(reader, writer, requests[place % len(requests)])
            statuses[status] = statuses.get(status, 0) + 1
            place += connections
            done += 1
        writer.close()

    await asyncio.gather(*(run(n) for n in range(connections)))
    return done, statuses


async def steady(port, requests, seconds, rate=100):
    """Requests at a rate; gives the sorted times in milliseconds, from when each was due."""
    times = []
    pool = asyncio.Queue()
    for _ in range(32):
        await pool.put(await asyncio.open_connection("127.0.0.1", port))

    async def ask(request, due):
        pair = await pool.get()
        await one(*pair, request)
        times.append((time.monotonic() - due) * 1000)
        pool.put_nowait(pair)

    start = time.monotonic()
    tasks = []
    for n in range(int(seconds * rate)):
        due = start + n / rate
        await asyncio.sleep(max(0, due - time.monotonic()))
        tasks.append(asyncio.create_task(ask(requests[n % len(requests)], due)))
    await asyncio.gather(*tasks)
    return sorted(times)


def cpu_of(process):
    """Seconds of CPU time that a process and those it started have taken."""
    every = [process, *process.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in every)


def measured(name, process, port, requests, seconds):
    """One line of figures; gives requests a second."""
    before = cpu_of(process)
    started = time.monotonic()
    done, statuses = asyncio.run(load(port, requests, seconds))
    took = time.monotonic() - started
    cpu = (cpu_of(process) - before) / max(done, 1)
    print(f"{name:34} {done / took:9.0f} requests/s {cpu * 1e6:8.0f} us CPU each  {statuses}")
    return done / took, cpu


def seeded(folder, url, subjects, events):
    """A service's folder with people who have bills and consent; gives handles and a key."""
    from xinyong.records.consent import give
    from xinyong.records.store import Act, Parcel, State
    from xinyong.service.callers import new_key
    from xinyong.service.config import FILE
    from xinyong.service.house import open_house, prepare

    prepare(folder)
    if url:
        file = folder / FILE
        file.write_text(file.read_text().replace("sqlite:///records.db", url))
    house = open_house(folder)
    scheme = house.schemes["a-fair-start"].approved.scheme
    now = house.clock()
    futures = []
    for n in range(subjects):
        subject = f"member-{n}"
        acts = [
            Act(
                "event",
                subject,
                {
                    "id": f"b{k}",
                    "kind": "bill",
                    "happened_at": now - (k + 1) * 2 * DAY,
                    "fields": {"on_time": (n + k) % 9 != 0},
                    "source": "",
                },
                key=f"b{k}",
            )
            for k in range(events)
        ]
        consent = give(
            id=f"c{n}",
            subject=subject,
            purpose=" ".join(scheme.purpose.split()),
            scheme=scheme.scheme,
            operator=scheme.operator.name,
            data_sets=("bills",),
            given_at=now - DAY,
            until=now + 300 * DAY,
            written=True,
            warned=True,
        )
        state = State("consent", consent.id, "given", consent.until, scheme.scheme)
        acts.append(Act("consent", subject, {"consent": consent.to_json()}, states=(state,)))
        futures.append(house.store.submit(Parcel(tuple(acts))))
    for future in futures:
        future.result()
    handles = [house.vault.keys(f"member-{n}", create=False).who for n in range(subjects)]
    key = new_key(house, "operator", "bench")
    house.close()
    return handles, key


def main():
    """Run everything once."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=10)
    asked.add_argument("--store", default="sqlite", choices=["sqlite", "postgresql"])
    asked.add_argument("--subjects", type=int, default=500)
    asked.add_argument("--events", type=int, default=250)
    asked.add_argument("--rounds", type=int, default=1)
    given = asked.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = None
        if given.store == "postgresql":
            from postgres import fresh_database

            url = stack.enter_context(fresh_database())
        (folder / "hello.py").write_text(HELLO)
        handles, key = seeded(folder / "service", url, given.subjects, given.events)
        quiet = ("--no-access-log", "--log-level", "warning")
        hello = stack.enter_context(server(folder, 8421, "uvicorn", "hello:app", *quiet))
        quiet = ("--no-worker", "--log", "warning")
        ours = stack.enter_context(server(folder, 8422, "xinyong", "serve", "service", *quiet))
        form = {"scheme": "a-fair-start"}
        scores = [raw("POST", f"/api/v1/subjects/{one}/scores", key, form) for one in handles]
        decisions = [raw("POST", f"/api/v1/subjects/{one}/decisions", key, form) for one in handles]
        print(f"{given.store}, {given.subjects} subjects of {given.events} events, 32 connections")
        measured("first scores, each once", ours, 8422, scores, None)
        measured("first decisions, each once", ours, 8422, decisions, None)
        for _ in range(given.rounds):
            base, base_cpu = measured("hello", hello, 8421, [raw("GET", "/hello")], given.seconds)
            both = (("score with reasons", scores), ("decision with letter", decisions))
            for name, requests in both:
                rate, cpu = measured(name, ours, 8422, requests, given.seconds)
                print(f"{'':34} {rate / base:9.3f} of hello's rate; CPU {cpu / base_cpu:.1f} times")
            times = asyncio.run(steady(8422, decisions, given.seconds))
            told = ", ".join(
                f"p{p} {times[min(len(times) - 1, int(len(times) * p / 100))]:.1f} ms"
                for p in (50, 95, 99)
            )
            print(f"{'decisions at 100 requests/s':34} {told}")
            batches = [
                raw(
                    "POST",
                    "/api/v1/events",
                    key,
                    {
                        "events": [
                            {
                                "subject": f"member-{(b * 37 + k) % given.subjects}",
                                "id": f"n{time.monotonic_ns()}-{b}-{k}",
                                "kind": "bill",
                                "happened_at": 1_700_000_000_000_000 + k,
                                "fields": {"on_time": True},
                            }
                            for k in range(100)
                        ]
                    },
                )
                for b in range(2000)
            ]
            rate, cpu = measured("batches of 100 events", ours, 8422, batches, given.seconds)
            print(f"{'':34} {rate * 100:9.0f} events/s, {cpu * 1e4:.0f} us CPU an event")


if __name__ == "__main__":
    main()
