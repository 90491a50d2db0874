import json
from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xinyong.errors import ProofRefused
from xinyong.records.ledger.canonical import canonical
from xinyong.records.ledger.entry import KINDS, Entry, entry_leaf
from xinyong.records.ledger.merkle import leaf_hash

WHO = "0123456789abcdef" * 2
entries = st.builds(
    Entry,
    st.integers(0, 2**63 - 1),
    st.sampled_from(sorted(KINDS)),
    st.integers(0, 2**63 - 1),
    st.sampled_from([WHO, ""]),
    st.binary(max_size=60),
)


def test_the_bytes_are_those_of_the_design() -> None:
    entry = Entry(7, "event", 1_700_000_000_000_000, WHO, b"\x00\nsealed")
    wanted = b"xinyong.entry/1\n7\nevent\n1700000000000000\n" + WHO.encode() + b"\n\x00\nsealed"
    assert entry.to_bytes() == wanted
    assert entry.leaf() == sha256(b"\0" + wanted).digest()


@given(entries, entries)
def test_two_entries_never_share_their_bytes(one: Entry, two: Entry) -> None:
    assume(one != two)
    assert one.to_bytes() != two.to_bytes()
    assert one.leaf() != two.leaf()


@given(entries)
def test_both_ways_to_a_leaf_agree(entry: Entry) -> None:
    assert entry.leaf() == leaf_hash(entry.to_bytes())
    assert entry.leaf() == entry_leaf(entry.seq, entry.kind, entry.at, entry.who, entry.body)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": -1},
        {"seq": 2**63},
        {"seq": True},
        {"seq": "7"},
        {"at": -1},
        {"at": 1.5},
        {"kind": "gossip"},
        {"kind": "event\n"},
        {"who": WHO + "\n"},
        {"who": WHO.upper()},
        {"who": "7"},
        {"who": None},
        {"body": "text"},
        {"body": bytearray(b"x")},
    ],
)
def test_what_is_out_of_shape_is_refused(wrong: dict[str, object]) -> None:
    good: dict[str, object] = {"seq": 7, "kind": "event", "at": 5, "who": WHO, "body": b""}
    Entry(**good)  # type: ignore[arg-type]
    with pytest.raises(ProofRefused):
        Entry(**{**good, **wrong})  # type: ignore[arg-type]


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_canonical_json_reads_back_and_has_one_text(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_canonical_json_is_sorted_unspaced_and_not_escaped() -> None:
    assert (
        canonical({"b": [1, True, None], "a": "信用"}) == '{"a":"信用","b":[1,true,null]}'.encode()
    )


@pytest.mark.parametrize("odd", [1.0, float("nan"), {1: 2}, b"x", {"a": {3}}, "\ud800", object()])
def test_what_has_no_single_text_is_refused(odd: object) -> None:
    with pytest.raises(ProofRefused):
        canonical(odd)
