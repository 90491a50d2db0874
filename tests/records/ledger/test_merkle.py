import random
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from merkle_oracle import ListNodes, mth, path, subproof

from xinyong.errors import ProofRefused, QuestionRefused
from xinyong.records.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The inputs and roots that the reference log of Certificate Transparency is tested with.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(data) for data in INPUTS]

leaf_lists = st.integers(0, 140).map(lambda count: [leaf_hash(b"%d" % i) for i in range(count)])


def grown(leaves: list[bytes]) -> Frontier:
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier


def test_roots_are_those_of_the_reference_log() -> None:
    assert grown([]).root() == EMPTY_ROOT == sha256(b"").digest()
    frontier = Frontier()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        frontier.append(leaf)
        assert frontier.root().hex() == root
        assert root_of(ListNodes(LEAVES), frontier.size).hex() == root


def test_example_of_the_rfc() -> None:
    """RFC 6962 section 2.1.3: the seven leaves d0 to d6, with the letters of its drawing."""
    d0, d1, d2, d3, d4, d5, d6 = (leaf_hash(b"d%d" % i) for i in range(7))
    g, h, i, j = node_hash(d0, d1), node_hash(d2, d3), node_hash(d4, d5), d6
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741 - its letter in the drawing
    nodes = ListNodes([d0, d1, d2, d3, d4, d5, d6])
    assert root_of(nodes, 7) == node_hash(k, l)
    assert prove_inclusion(nodes, 0, 7) == (d1, h, l)
    assert prove_inclusion(nodes, 3, 7) == (d2, g, l)
    assert prove_inclusion(nodes, 4, 7) == (d5, j, k)
    assert prove_inclusion(nodes, 6, 7) == (i, k)
    assert prove_consistency(nodes, 3, 7) == (d2, d3, g, l)
    assert prove_consistency(nodes, 4, 7) == (l,)
    assert prove_consistency(nodes, 6, 7) == (i, j, k)


@given(leaf_lists, st.data())
def test_frontier_equals_the_definition(leaves: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(leaves)))
    frontier = Frontier.from_bytes(grown(leaves[:cut]).to_bytes())
    before = frontier.copy()
    frontier.extend(leaves[cut:])
    assert (frontier.size, frontier.root()) == (len(leaves), mth(leaves))
    assert (before.size, before.root()) == (cut, mth(leaves[:cut]))
    assert frontier.to_bytes() == grown(leaves).to_bytes()


@given(st.integers(1, 140), st.data())
def test_proofs_equal_the_definition_and_hold(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % i) for i in range(size)]
    nodes, seq, old = ListNodes(leaves), data.draw(st.integers(0, size - 1)), 0
    found = prove_inclusion(nodes, seq, size)
    assert list(found) == path(seq, leaves)
    assert verify_inclusion(leaves[seq], seq, size, found, mth(leaves))
    old = data.draw(st.integers(1, size))
    found = prove_consistency(nodes, old, size)
    assert list(found) == subproof(old, leaves, True)
    assert verify_consistency(old, mth(leaves[:old]), size, mth(leaves), found)


def test_every_proof_of_every_small_tree_holds_for_its_place_alone() -> None:
    for size in range(1, 20):
        leaves = [leaf_hash(b"%d" % i) for i in range(size)]
        nodes, root = ListNodes(leaves), mth(leaves)
        for seq in range(size):
            found = prove_inclusion(nodes, seq, size)
            holds = [
                (other, width)
                for width in range(size + 3)
                for other in range(size + 3)
                if verify_inclusion(leaves[seq], other, width, found, root)
            ]
            assert (seq, size) in holds
            # A path says left and right, so another size can only pass with the same turns.
            assert {other for other, width in holds if width == size} == {seq}
            for wrong in range(size):
                if wrong != seq:
                    assert not verify_inclusion(leaves[wrong], seq, size, found, root)
        for old in range(size + 1):
            found = prove_consistency(nodes, old, size)
            for other in range(size + 1):
                holds_too = verify_consistency(other, mth(leaves[:other]), size, root, found)
                assert holds_too == (other == old or (not found and other in (0, size)))


def damaged(proof: tuple[bytes, ...], chance: random.Random) -> list[bytes]:
    """The proof with one hash changed, left out, doubled, cut or exchanged."""
    steps, spot = list(proof), chance.randrange(len(proof))
    way = chance.randrange(5)
    if way == 0:
        step = bytearray(steps[spot])
        step[chance.randrange(32)] ^= 1 << chance.randrange(8)
        steps[spot] = bytes(step)
    elif way == 1:
        del steps[spot]
    elif way == 2:
        steps.insert(spot, steps[spot])
    elif way == 3:
        steps[spot] = steps[spot][:-1]
    else:
        steps.append(bytes(32))
    return steps


def test_damaged_proofs_do_not_hold() -> None:
    chance, tried = random.Random(5), 0
    while tried < 4000:
        size = chance.randrange(2, 90)
        leaves = [leaf_hash(b"%d" % i) for i in range(size)]
        nodes, root = ListNodes(leaves), mth(leaves)
        seq, old = chance.randrange(size), chance.randrange(1, size)
        wrong = damaged(prove_inclusion(nodes, seq, size), chance)
        assert not verify_inclusion(leaves[seq], seq, size, wrong, root)
        wrong = damaged(prove_consistency(nodes, old, size), chance)
        assert not verify_consistency(old, mth(leaves[:old]), size, root, wrong)
        # Another past, or another present, is not consistent either.
        proof = prove_consistency(nodes, old, size)
        fork = leaves.copy()
        fork[chance.randrange(old)] = leaf_hash(b"another")
        assert not verify_consistency(old, mth(fork[:old]), size, root, proof)
        assert not verify_consistency(old, mth(leaves[:old]), size, mth(fork), proof)
        tried += 4


def test_questions_without_an_answer_are_refused() -> None:
    nodes = ListNodes(LEAVES)
    for seq, size in ((0, 0), (8, 8), (-1, 8), (9, 8)):
        with pytest.raises(QuestionRefused):
            prove_inclusion(nodes, seq, size)
    for old, new in ((5, 4), (-1, 4)):
        with pytest.raises(QuestionRefused):
            prove_consistency(nodes, old, new)
    with pytest.raises(QuestionRefused):
        root_of(nodes, -1)
    assert not verify_inclusion(LEAVES[0], 0, 0, [], EMPTY_ROOT)
    assert not verify_consistency(5, mth(LEAVES[:5]), 4, mth(LEAVES[:4]), [])


def test_empty_tree_begins_every_tree_and_proves_nothing_else() -> None:
    root = mth(LEAVES)
    assert verify_consistency(0, EMPTY_ROOT, 8, root, [])
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not verify_consistency(0, root, 8, root, [])
    assert not verify_consistency(0, root, 0, root, [])
    assert not verify_consistency(0, EMPTY_ROOT, 8, root, [root])
    assert not verify_consistency(8, root, 8, EMPTY_ROOT, [])


def test_frontier_refuses_what_is_none() -> None:
    with pytest.raises(ProofRefused):
        Frontier().append(b"short")
    whole = grown(LEAVES[:7]).to_bytes()
    for wrong in (b"", whole[:-1], whole + b"\0", whole[:7], b"\xff" * 8 + bytes(64 * 32)):
        with pytest.raises(ProofRefused):
            Frontier.from_bytes(wrong)
    frontier = grown(LEAVES[:3])
    with pytest.raises(ProofRefused):
        frontier.extend([LEAVES[3], b"short"])
    assert (frontier.size, frontier.root()) == (3, mth(LEAVES[:3])), "nothing was added"
