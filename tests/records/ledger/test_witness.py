import json
import multiprocessing
from pathlib import Path

import pytest
from merkle_oracle import ListNodes, mth

from xinyong.errors import ProofRefused
from xinyong.records.ledger.merkle import leaf_hash, prove_consistency
from xinyong.records.ledger.note import (
    COSIGNATURE,
    Checkpoint,
    Signer,
    cosignatures,
    open_checkpoint,
    sign_checkpoint,
)
from xinyong.records.ledger.witness import Witness

LEDGER = Signer("example.com/ledger", bytes(range(32)))
KEY = Signer("example.org/witness", bytes(range(9, 41)), COSIGNATURE)
LEAVES = [leaf_hash(b"%d" % i) for i in range(60)]
MOMENT = 1_700_000_000_000_000


def note_of(size: int, leaves: list[bytes] = LEAVES) -> str:
    return sign_checkpoint(Checkpoint("example.com/ledger", size, mth(leaves[:size])), LEDGER)


def proof(old: int, new: int, leaves: list[bytes] = LEAVES) -> tuple[bytes, ...]:
    return prove_consistency(ListNodes(leaves), old, new)


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "seen.json", KEY, [LEDGER.verifier])


def test_what_grew_is_cosigned_and_remembered(witness: Witness, tmp_path: Path) -> None:
    assert witness.last("example.com/ledger") is None
    size = 0
    for new in (0, 7, 7, 20, 60):
        note = note_of(new)
        whole = note + witness.cosign(note, proof(size, new), MOMENT + new)
        assert open_checkpoint(whole, LEDGER.verifier).size == new
        assert [c.moment for c in cosignatures(whole, [KEY.verifier])] == [MOMENT]
        again = Witness(tmp_path / "seen.json", KEY, [LEDGER.verifier])
        assert again.last("example.com/ledger") == open_checkpoint(note, LEDGER.verifier)
        size = new


def test_what_did_not_grow_is_not_cosigned(witness: Witness, tmp_path: Path) -> None:
    witness.cosign(note_of(20), (), MOMENT)
    memory = (tmp_path / "seen.json").read_bytes()
    fork = [*LEAVES[:5], leaf_hash(b"another"), *LEAVES[6:]]
    with pytest.raises(ProofRefused, match="older"):
        witness.cosign(note_of(19), (), MOMENT)
    for note, steps in (
        (note_of(40, fork), proof(20, 40, fork)),
        (note_of(40, fork), proof(20, 40)),
        (note_of(40), proof(19, 40)),
        (note_of(40), ()),
        (note_of(20, fork), ()),
    ):
        with pytest.raises(ProofRefused, match="did not grow"):
            witness.cosign(note, steps, MOMENT)
    assert (tmp_path / "seen.json").read_bytes() == memory
    kept = json.loads((tmp_path / "seen.json.contradiction").read_text())
    assert kept == {"one": note_of(20), "two": note_of(20, fork)}
    assert witness.cosign(note_of(40), proof(20, 40), MOMENT)


def test_only_watched_ledgers_with_their_own_key(witness: Witness) -> None:
    other = Signer("example.com/other", bytes(32))
    text = Checkpoint("example.com/other", 5, mth(LEAVES[:5]))
    with pytest.raises(ProofRefused, match="does not watch"):
        witness.cosign(sign_checkpoint(text, other), (), MOMENT)
    forged = Signer("example.com/ledger", bytes(32))
    text = Checkpoint("example.com/ledger", 5, mth(LEAVES[:5]))
    with pytest.raises(ProofRefused, match="did not sign"):
        witness.cosign(sign_checkpoint(text, forged), (), MOMENT)
    with pytest.raises(ProofRefused):
        witness.cosign("example.com/ledger\nnonsense", (), MOMENT)


def test_a_lost_memory_is_refused_not_begun_anew(witness: Witness, tmp_path: Path) -> None:
    witness.cosign(note_of(20), (), MOMENT)
    for text in ("", "[]", '{"example.com/ledger": 5}', "{"):
        (tmp_path / "seen.json").write_text(text)
        with pytest.raises(ProofRefused, match="memory cannot be read"):
            witness.cosign(note_of(40), proof(20, 40), MOMENT)
    (tmp_path / "seen.json").write_text(json.dumps({"example.com/ledger": note_of(9)[:-9]}))
    with pytest.raises(ProofRefused):
        witness.cosign(note_of(40), proof(20, 40), MOMENT)


def _ask(path: Path, fork: bool, results: "multiprocessing.SimpleQueue[list[int]]") -> None:
    leaves = [*LEAVES[:30], *(leaf_hash(b"fork %d" % i) for i in range(30))] if fork else LEAVES
    witness, given = Witness(path, KEY, [LEDGER.verifier]), []
    for new in range(1, 61):
        last = witness.last("example.com/ledger")
        old = last.size if last else 0
        try:
            witness.cosign(note_of(new, leaves), proof(old, new, leaves), MOMENT)
            given.append(new)
        except Exception:
            continue
    results.put(given)


def test_two_processes_get_one_past(tmp_path: Path) -> None:
    """Both ask at once, each with a past of its own; what is cosigned is one of them."""
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    workers = [
        context.Process(target=_ask, args=(tmp_path / "seen.json", fork, results))
        for fork in (False, True)
    ]
    for worker in workers:
        worker.start()
    given = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    beyond = [[size for size in sizes if size > 30] for sizes in given]
    assert sum(map(bool, beyond)) == 1, given
