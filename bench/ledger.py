"""What ledger, vault and credential cost, in CPU time: ``ledger.py [SUBJECTS]``.

CPU time of one process, so that what else the machine does counts for little. The best of three.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from xinyong.decisions.credential.credential import CHOICE, SharedBand
from xinyong.decisions.credential.sd_jwt import SdJwt
from xinyong.decisions.credential.signed import public_of
from xinyong.decisions.credential.status import Place, StatusList, sign_list
from xinyong.records.ledger.entry import entry_leaf
from xinyong.records.ledger.merkle import Frontier, prove_inclusion
from xinyong.records.ledger.tiles import TileNodes, filled_tiles, tile_bytes
from xinyong.records.ledger.verify import Stored, verify_ledger
from xinyong.records.vault import Vault

ENTRIES = 100_000
BODY = b"x" * 200


def say(what: str, count: int, work: Callable[[], Any], times: int = 3) -> None:
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    print(f"{what:<52}{best / count * 1e6:>12.2f} us")


def ledger() -> None:
    def append() -> None:
        frontier = Frontier()
        for first in range(0, ENTRIES, 100):
            frontier.extend(
                entry_leaf(seq, "event", 1, "0" * 32, BODY) for seq in range(first, first + 100)
            )

    say("append: leaf hash and tree, an entry", ENTRIES, append)
    leaves = [entry_leaf(seq, "event", 1, "0" * 32, BODY) for seq in range(ENTRIES)]
    tiles: dict[tuple[int, int], bytes] = {}

    def nodes(roots: dict[tuple[int, int], bytes] | None = None) -> TileNodes:
        return TileNodes(
            lambda level, number: tiles.get((level, number)),
            lambda start, stop: b"".join(leaves[start:stop]),
            roots=roots,
        )

    for level, number in filled_tiles(0, ENTRIES):
        tiles[level, number] = tile_bytes(nodes(), level, number)
    rows = [Stored(seq, "event", 1, "0" * 32, BODY, leaf) for seq, leaf in enumerate(leaves)]
    kept = [(level, number, data) for (level, number), data in tiles.items()]
    say("verify the whole ledger, an entry", ENTRIES, lambda: verify_ledger(rows, tiles=kept))
    roots: dict[tuple[int, int], bytes] = {}

    def prove(known: dict[tuple[int, int], bytes] | None) -> None:
        for turn in range(20):
            prove_inclusion(nodes(known), 4999 * turn, ENTRIES)

    say("prove inclusion", 20, lambda: prove(None))
    say("prove inclusion, roots of tiles at hand", 20, lambda: prove(roots))


def vault(folder: Path, count: int) -> None:
    subjects = [f"subject-{number:08d}" for number in range(count)]
    path = folder / "keys.vault"
    with Vault.open(path, bytes(32)) as open_vault:

        def some(first: int, width: int = 500) -> Any:
            return open_vault.keys_of(subjects[first : first + width])

        say(
            "new keys, 500 a commit, a subject",
            count,
            lambda: [some(first) for first in range(0, count, 500)],
            times=1,
        )
        print(f"{'file, a subject':<52}{path.stat().st_size / count:>12.0f} bytes")
        keys = some(0)[0]
        sealed = keys.seal(BODY, b"7")
        say("seal 200 bytes", 10_000, lambda: [keys.seal(BODY, b"7") for _ in range(10_000)])
        say("unseal 200 bytes", 10_000, lambda: [keys.unseal(sealed, b"7") for _ in range(10_000)])
        say("mark", 10_000, lambda: [keys.mark("event-1") for _ in range(10_000)])
        say("keys from memory, one by one", 1000, lambda: [some(0, 1) for _ in range(1000)])
        say("keys from memory, 500 at once", 5000, lambda: [some(0) for _ in range(10)])
        say("erase, a subject", 20, lambda: [open_vault.erase(s) for s in subjects[:20]], times=1)
        say("rotate, a subject", count, open_vault.rotate, times=1)


def credential() -> None:
    seed, mine, moment = bytes(32), bytes(range(32)), 1_800_000_000_000_000
    until, place = moment + 86_400_000_000, Place("https://operator.example/1", 7)
    shared = SharedBand(
        issuer="operator",
        partner="partner",
        purpose="a loan",
        band="good",
        scheme="scheme",
        digest="0" * 64,
        issued=date(2027, 1, 15),
        until=until,
    )
    states = sign_list(StatusList(100_000), place.uri, moment=moment, until=until, seed=seed)
    form, holder = SdJwt(), public_of(mine)
    given = form.issue(shared, holder=holder, place=place, moment=moment, seed=seed)
    shown = form.present(given, CHOICE, nonce="n", moment=moment, seed=mine)

    def issue() -> None:
        for _ in range(200):
            form.issue(shared, holder=holder, place=place, moment=moment, seed=seed)

    def verify() -> None:
        for _ in range(200):
            form.verify(
                shown,
                issuer="operator",
                public=public_of(seed),
                partner="partner",
                nonce="n",
                states=states,
                moment=moment,
            )

    say("issue a credential", 200, issue)
    say("verify a credential, its list of 100,000 too", 200, verify)
    print(f"{'a credential shown whole':<52}{len(shown):>12} bytes")


if __name__ == "__main__":
    ledger()
    with tempfile.TemporaryDirectory() as made:
        vault(Path(made), int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
    credential()
