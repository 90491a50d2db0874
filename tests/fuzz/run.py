"""Throw random input at everything that reads, for a while.

    python tests/fuzz/run.py --seconds 60 [--only reader] [--seed 7]
    python tests/fuzz/run.py --replay reader:7:1234

Every module beside this one that has ``once(random.Random) -> None`` takes part. ``once`` makes
one input, puts it into the module's ``LAST`` (bytes) before using it, and raises nothing but
XinyongError. It may have ``SEEDS``, the inputs it starts from; they only have to be there.

A failure is: any other exception, a crash, one input that takes over 5 seconds of processor time,
or one that makes the process grow by more than 256 MiB. The input is saved in ``out/fuzz/`` and the
command to replay it is printed. Exit code 1 if anything failed.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType, ModuleType

HERE = Path(__file__).resolve().parent
OUT = HERE.parent.parent / "out" / "fuzz"
MOST_SECONDS = 5.0
MOST_GROWTH = 256 * 1024  # KiB, as getrusage counts
STUCK_SECONDS = 30.0  # a child that shows no sign of life for so long is ended

# The modules use the good inputs of other rooms' tests.
sys.path[:0] = [
    str(HERE.parent / room) for room in ("fuzz", "", "decisions", "decisions/credential", "service")
]


class TooSlow(BaseException):
    """One input took too long; not an Exception, so that nothing swallows it."""


def modules(only: str | None) -> list[str]:
    found = []
    for path in sorted(HERE.glob("*.py")):
        if path.stem == "run" or (only is not None and path.stem != only):
            continue
        if "def once(" in path.read_text(encoding="utf-8"):
            found.append(path.stem)
    return found


def _alarm(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def one(module: ModuleType, seed: int, count: int) -> str | None:
    """Run input number ``count``; gives what went wrong, if anything did."""
    from xinyong.errors import XinyongError

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        module.once(random.Random(f"{seed}:{count}"))
    except XinyongError:
        pass
    except TooSlow:
        return f"took more than {MOST_SECONDS:.0f} s\n{traceback.format_exc(limit=-4)}"
    except Exception:
        return traceback.format_exc(limit=-8)[-4000:]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return f"grew by {grown // 1024} MiB" if grown > MOST_GROWTH else None


def save(name: str, module: ModuleType, seed: int, count: int, problem: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{name}-{seed}-{count}.bin"
    path.write_bytes(getattr(module, "LAST", b""))
    print(f"FAILURE in {name}: input saved as {path.relative_to(OUT.parent.parent)}")
    print(f"  again: python tests/fuzz/run.py --replay {name}:{seed}:{count}")
    print("  " + problem.strip().replace("\n", "\n  "), flush=True)


def child(name: str, seed: int, seconds: float, sign: int) -> int:
    """Fuzz one module; ``sign`` is a file that always holds how far it has come."""
    signal.signal(signal.SIGPROF, _alarm)
    module = importlib.import_module(name)
    end, count, failures = time.monotonic() + seconds, 0, 0
    slowest = 0.0
    while time.monotonic() < end and failures < 5:
        os.pwrite(sign, f"{count:012d}".encode(), 0)
        start = time.monotonic()
        problem = one(module, seed, count)
        slowest = max(slowest, time.monotonic() - start)
        if problem is not None:
            failures += 1
            save(name, module, seed, count, problem)
        count += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{name}: {count:,} inputs, {failures} failures;"
        f" slowest {slowest:.2f} s, peak {peak} MiB, seed {seed}",
        flush=True,
    )
    return 1 if failures else 0


def watch(name: str, seed: int, seconds: float) -> bool:
    """Fuzz one module in a process of its own; true if all went well."""
    OUT.mkdir(parents=True, exist_ok=True)
    sign = os.open(OUT / f"{name}.at", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            code = child(name, seed, seconds, sign)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    seen, since = b"", time.monotonic()
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        here = os.pread(sign, 12, 0)
        if done:
            if os.WIFSIGNALED(status):
                print(f"FAILURE in {name}: ended by signal {os.WTERMSIG(status)}")
                print(f"  again: python tests/fuzz/run.py --replay {name}:{seed}:{int(here or 0)}")
            return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
        if here != seen:
            seen, since = here, time.monotonic()
        elif time.monotonic() - since > STUCK_SECONDS:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=60, help="for each module")
    parser.add_argument("--only", help="one module alone")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--replay", metavar="MODULE:SEED:NUMBER")
    given = parser.parse_args()
    if given.replay:
        name, seed, count = given.replay.split(":")
        signal.signal(signal.SIGPROF, _alarm)
        module = importlib.import_module(name)
        problem = one(module, int(seed), int(count))
        if problem is not None:
            save(name, module, int(seed), int(count), problem)
        print("no failure" if problem is None else "", end="\n" if problem is None else "")
        return 0 if problem is None else 1
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**9)
    names = modules(given.only)
    if not names:
        print("nothing to fuzz")
        return 1
    return 0 if all([watch(name, seed, given.seconds) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
