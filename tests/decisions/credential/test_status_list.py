import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import DAY, MOMENT, OPERATOR, OTHER, PLACE, URI, states

from xinyong.decisions.credential.signed import CredentialRefused, public_of, sign, to_base64
from xinyong.decisions.credential.status import (
    KIND,
    LARGEST,
    Place,
    StatusList,
    check_status,
    sign_list,
)
from xinyong.errors import QuestionRefused

PUBLIC = public_of(OPERATOR)


def test_the_examples_of_the_specification() -> None:
    """draft-ietf-oauth-status-list, section 4.1: bytes b9 a3, and c9 44 f9 for two bits each."""
    one = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    two = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    for bits, values, data, text in (
        (1, one, "b9a3", "eNrbuRgAAhcBXQ"),
        (2, two, "c944f9", "eNo76fITAAPfAgc"),
    ):
        made = StatusList(len(values), bits)
        for index, value in enumerate(values):
            made[index] = value
        assert bytes(made._data).hex() == data
        assert made.to_json() == {"bits": bits, "lst": text}
        again = StatusList.from_json({"bits": bits, "lst": text})
        assert [again[index] for index in range(len(again))] == values


@given(st.sampled_from((1, 2, 4, 8)), st.integers(1, 70), st.data())
def test_states_read_back(bits: int, size: int, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.integers(0, 2**bits - 1), min_size=size, max_size=size))
    made = StatusList(size, bits)
    for _ in range(2):  # the second time over values that are there
        order = data.draw(st.permutations(range(size)))
        for index in order:
            made[index] = values[index]
    again = StatusList.from_json(made.to_json())
    assert [again[index] for index in range(size)] == values


def test_what_is_no_list_is_refused() -> None:
    for size, bits in ((0, 1), (-1, 1), (5, 3), (LARGEST * 8 + 1, 1)):
        with pytest.raises(QuestionRefused):
            StatusList(size, bits)
    made = StatusList(5)
    for index in (-1, 8):
        with pytest.raises(QuestionRefused):
            made[index]
    with pytest.raises(QuestionRefused):
        made[0] = 2
    good = made.to_json()["lst"]
    bomb = to_base64(zlib.compress(bytes(LARGEST + 1), 9))
    assert len(bomb) < 2000
    for odd in (
        None,
        [],
        {"lst": good},
        {"bits": "1", "lst": good},
        {"bits": True, "lst": good},
        {"bits": 3, "lst": good},
        {"bits": 1, "lst": 7},
        {"bits": 1, "lst": good[:-2]},
        {"bits": 1, "lst": "AAAA"},
        {"bits": 1, "lst": to_base64(zlib.compress(b""))},
        {"bits": 1, "lst": to_base64(zlib.compress(b"x") + b"more")},
        {"bits": 1, "lst": bomb},
    ):
        with pytest.raises(CredentialRefused) as caught:
            StatusList.from_json(odd)
        assert caught.value.code == "malformed"


def code(token: str, place: Place = PLACE, moment: int = MOMENT, issuer: bytes = PUBLIC) -> str:
    try:
        check_status(token, place, issuer=issuer, moment=moment)
    except CredentialRefused as refused:
        assert refused.what and refused.where and refused.why and refused.mend
        return refused.code
    return "valid"


def test_only_the_right_list_of_now_counts() -> None:
    token = states(5, 78)
    assert code(token) == "valid"
    assert code(token, Place(URI, 5)) == "revoked"
    assert code(token, Place(URI, 1000)) == "status"
    assert code(token, Place(URI + "0", 77)) == "status"
    assert code(token, moment=MOMENT + DAY - 1) == "valid"
    assert code(token, moment=MOMENT + DAY) == "status"
    assert code(token, moment=MOMENT - 1) == "status"
    assert code(token, issuer=public_of(OTHER)) == "tampered"
    assert code(sign({"sub": URI}, KIND, OPERATOR)) == "malformed"
    assert code(sign({"sub": URI}, "jwt", OPERATOR)) == "malformed"
    suspended = StatusList(100, 2)
    suspended[77] = 2
    two = sign_list(suspended, URI, moment=MOMENT, until=MOMENT + DAY, seed=OPERATOR)
    assert code(two) == "revoked", "whatever is not valid does not count"


def test_no_changed_list_counts() -> None:
    token, chance = states(5), random.Random(4)
    for spot in range(len(token)):
        other = chr(ord(token[spot]) ^ 1 << chance.randrange(7))
        assert code(token[:spot] + other + token[spot + 1 :]) != "valid"
        assert code(token[:spot] + token[spot + 1 :]) != "valid"


@pytest.mark.parametrize(("count", "longest"), [(10_000, 40_000), (500_000, 240_000)])
def test_a_million_states_are_small_and_read(count: int, longest: int) -> None:
    made, chance = StatusList(1_000_000), random.Random(1)
    revoked = set(chance.sample(range(1_000_000), count))
    for index in revoked:
        made.revoke(index)
    token = sign_list(made, URI, moment=MOMENT, until=MOMENT + DAY, seed=OPERATOR)
    assert len(token) < longest
    for index in (0, 999_999, *chance.sample(range(1_000_000), 10)):
        assert code(token, Place(URI, index)) == ("revoked" if index in revoked else "valid")
