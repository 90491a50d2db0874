"""The service killed again and again under load: nothing acknowledged is lost, no read unlogged.

    python bench/soak.py [--minutes 10] [--rate 100] [--every 30] [--store sqlite|postgresql]

Requests come at a rate (events in, scores, decisions); the server is killed with SIGKILL at random,
every ``--every`` seconds on average, and started again. At the end every event that was answered is
on record, every answer about a subject has its read record before it, every score that was answered
is scored again from the ledger as it was then and is the same, and the whole ledger verifies.
Exits with 1 where anything of that fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from service import _wait, one, raw, seeded  # the load's client and the people in the store


def free_port():
    """A port that nobody listens on: another run's service would answer for ours."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


PORT = free_port()
EXPECTED = {200, 201, 409, 503, "cut"}
"""Answers that may come: done, changed meanwhile too often, stopping, no answer for a kill."""
_QUIET = ["--port", str(PORT), "--no-access-log", "--log-level", "error"]


class Server:
    """The service as a process that is killed and started again."""

    def __init__(self, folder):
        self.folder = folder
        self.starts = 0
        self.start()

    def start(self):
        """Start it; do not wait."""
        env = {"XINYONG_SERVICE": str(self.folder), "XINYONG_LOG": "error", "XINYONG_WORKER": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "xinyong.service.main:app", "--factory", *_QUIET],
            env=os.environ | env,
            stderr=subprocess.DEVNULL,
        )
        self.starts += 1

    def kill(self):
        """Kill it as the power would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Told:
    """What was answered."""

    def __init__(self):
        self.events = []
        self.scores = []
        self.decisions = []
        self.statuses = Counter()


async def connection(pool):
    """A kept connection, or a new one once the server answers."""
    if pool:
        return pool.pop()
    return await asyncio.open_connection("127.0.0.1", PORT)


async def asked(pool, request, note, told):
    """One request; what was answered with success is noted."""
    try:
        pair = await connection(pool)
        status, body = await asyncio.wait_for(one(*pair, request), 20)
    except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
        told.statuses["cut"] += 1
        return
    pool.append(pair)
    told.statuses[status] += 1
    if status < 300:
        note(json.loads(body))


async def load(server, given, handles, key, told, chance):
    """Requests at the rate until the time is over; kills in between."""
    end = time.monotonic() + given.minutes * 60
    start = time.monotonic()
    next_kill = start + given.every * chance.uniform(0.5, 1.5)
    pool, tasks, number = [], set(), 0
    while time.monotonic() < end:
        due = start + number / given.rate
        await asyncio.sleep(max(0, due - time.monotonic()))
        if time.monotonic() > next_kill:
            server.kill()
            pool.clear()
            server.start()
            next_kill = time.monotonic() + given.every * chance.uniform(0.5, 1.5)
        place = chance.randrange(len(handles))
        handle, kind = handles[place], chance.random()
        if kind < 0.4:
            event = {
                "subject": f"member-{place}",
                "id": f"soak-{number}",
                "kind": "bill",
                "happened_at": 1_790_000_000_000_000 + number,
                "fields": {"on_time": chance.random() < 0.9},
            }
            request = raw("POST", "/api/v1/events", key, {"events": [event]})

            def note(answer, event=event, place=place):
                told.events.append((place, event["id"], answer["sequences"][0]))
        else:
            verb = "scores" if kind < 0.8 else "decisions"
            path = f"/api/v1/subjects/{handle}/{verb}"
            request = raw("POST", path, key, {"scheme": "a-fair-start"})
            kept = told.scores if verb == "scores" else told.decisions

            def note(answer, place=place, kept=kept):
                kept.append((place, answer["score"], answer["key"], answer.get("id")))

        task = asyncio.create_task(asked(pool, request, note, told))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        number += 1
    await asyncio.gather(*tasks)
    return number


def checked(folder, told):
    """What is wrong, line by line; nothing if all held."""
    from xinyong.engine.single import packed, score_one
    from xinyong.service.auditing import verify_house
    from xinyong.service.house import open_house
    from xinyong.service.scoring import Scorer, allowed

    house = open_house(folder)
    wrong = []
    found = verify_house(house)
    if found.fault is not None:
        wrong.append(f"the ledger does not verify: {found.fault}")
    on_record = {}
    for place, name, seq in told.events:
        known = on_record.setdefault(
            place,
            {a.seq: a.body["id"] for a in house.store.of(f"member-{place}", ("event",))},
        )
        if known.get(seq) != name:
            wrong.append(f"event {name} was answered and is not on record")
    served = house.schemes["a-fair-start"]
    scorer = Scorer(house)
    reads, decided, scored = Counter(), {}, Counter()
    for place in {p for p, *_ in told.scores + told.decisions}:
        for act in house.store.of(f"member-{place}", ("read", "score", "decision")):
            if act.kind == "read":
                reads[place, act.body["operation"]] += 1
            elif act.kind == "score":
                key = act.body["key"]
                scored[place, key["sequence"], act.body["score"]] += 1
            else:
                decided[act.body["decision"]["id"]] = act.body["decision"]["score"]
    for operation, answers in (("score_subject", told.scores), ("make_decision", told.decisions)):
        for place, many in Counter(p for p, *_ in answers).items():
            if reads[place, operation] < many:
                wrong.append(
                    f"{many - reads[place, operation]} answers about {place} were not logged"
                )
    again = {}
    for place, score, key, identity in told.scores + told.decisions:
        if identity is not None and decided.get(identity) != score:
            wrong.append(f"decision {identity} was answered and is not on record")
        if identity is None and not scored[place, key["sequence"], score]:
            wrong.append(f"a score of {place} was answered and is not on record")
        name = (place, key["sequence"], key["day"])
        if name not in again:
            subject = f"member-{place}"
            standing = house.store.standing(subject, upto=key["sequence"])
            sets = scorer.permission(served, subject, house.clock()).data_sets
            scheme = served.approved.scheme
            events = allowed(scheme, standing.fitting(served.shape), sets)
            one_subject = packed(scheme, events, subject=subject)
            day = date.fromisoformat(key["day"])
            again[name] = score_one(one_subject, day=day, known_by=standing.known_by).score
        if again[name] != score:
            wrong.append(f"a score of {place} at {key} was {score}, scored again {again[name]}")
    size = house.store.size()
    house.close()
    return wrong, size


def main():
    """Run, check, tell."""
    asked_for = argparse.ArgumentParser()
    asked_for.add_argument("--minutes", type=float, default=10)
    asked_for.add_argument("--rate", type=float, default=100)
    asked_for.add_argument("--every", type=float, default=30)
    asked_for.add_argument("--store", default="sqlite", choices=["sqlite", "postgresql"])
    asked_for.add_argument("--subjects", type=int, default=200)
    asked_for.add_argument("--events", type=int, default=40)
    asked_for.add_argument("--seed", type=int, default=1)
    given = asked_for.parse_args()
    chance, told = random.Random(given.seed), Told()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "service"
        url = None
        if given.store == "postgresql":
            from postgres import fresh_database

            url = stack.enter_context(fresh_database())
        handles, key = seeded(folder, url, given.subjects, given.events)
        server = Server(folder)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                asyncio.run(_wait(PORT))
                break
            except OSError:
                time.sleep(0.1)
        try:
            sent = asyncio.run(load(server, given, handles, key, told, chance))
        finally:
            server.kill()
        wrong, size = checked(folder, told)
        odd = {status: many for status, many in told.statuses.items() if status not in EXPECTED}
        wrong += [f"{many} answers {status} were not looked for" for status, many in odd.items()]
    print(f"{given.store}: {sent} requests in {given.minutes:g} minutes, {server.starts - 1} kills")
    print(f"  answers: {dict(sorted(told.statuses.items(), key=str))}")
    print(
        f"  {len(told.events)} events, {len(told.scores)} scores, {len(told.decisions)} decisions"
    )
    print(f"  the ledger has {size} entries; {len(wrong)} things are wrong")
    for line in wrong[:20]:
        print(f"    {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
