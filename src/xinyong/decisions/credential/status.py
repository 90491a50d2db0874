"""The status list: which credentials were taken back, one bit each.

After the IETF's Token Status List: bits packed from the lowest on, compressed by zlib, signed by
the issuer under the list's own address. The address is a name here: who verifies is given the list.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Final

from xinyong.decisions.credential.signed import (
    CredentialRefused,
    check_signature,
    from_base64,
    malformed,
    read_signed,
    sign,
    to_base64,
)
from xinyong.errors import QuestionRefused

KIND: Final = "statuslist+jwt"
"""The kind of signed JSON that a status list is."""
VALID: Final = 0
"""The status of what was not taken back."""
LARGEST: Final = 2**20
"""Bytes of the largest list that is unpacked: eight million credentials."""

_WHERE: Final = "status list"
_SECOND: Final = 1_000_000
_WIDTHS: Final = (1, 2, 4, 8)
_ONES: Final = {1: 0xFF, 2: 0x55, 4: 0x11, 8: 0x01}
"""A byte in which every state is 1, by its width."""


@dataclass(frozen=True)
class Place:
    """Where the status of one credential stands: the list's address, and its index from 0."""

    uri: str
    index: int


class StatusList:
    """The states of many credentials, 0 for each that is valid."""

    __slots__ = ("_data", "bits")

    def __init__(self, size: int, bits: int = 1) -> None:
        if bits not in _WIDTHS or not 0 < size * bits <= LARGEST * 8:
            raise QuestionRefused(f"there is no status list of {size} times {bits} bits")
        self.bits = bits
        self._data = bytearray((size * bits + 7) // 8)

    def __len__(self) -> int:
        return len(self._data) * 8 // self.bits

    def __getitem__(self, index: int) -> int:
        spot, shift = self._spot(index)
        return self._data[spot] >> shift & (1 << self.bits) - 1

    def __setitem__(self, index: int, value: int) -> None:
        spot, shift = self._spot(index)
        mask = (1 << self.bits) - 1
        if not 0 <= value <= mask:
            raise QuestionRefused(f"a status of {self.bits} bits is from 0 to {mask}")
        self._data[spot] = self._data[spot] & ~(mask << shift) | value << shift

    def _spot(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise QuestionRefused(f"the status list has no index {index}")
        spot, within = divmod(index * self.bits, 8)
        return spot, within

    def revoke(self, index: int) -> None:
        """Take back the credential at an index; there is no way to give it again."""
        self[index] = 1

    def revoke_all(self) -> None:
        """Take back whatever has no place yet: each place is then made valid by itself."""
        self._data[:] = bytes([_ONES[self.bits]]) * len(self._data)

    def to_json(self) -> dict[str, Any]:
        """Bits for each and the compressed list, as the specification names them."""
        return {"bits": self.bits, "lst": to_base64(zlib.compress(bytes(self._data), 9))}

    @classmethod
    def from_json(cls, data: object) -> StatusList:
        """The list written by :meth:`to_json`. Raises CredentialRefused."""
        if not isinstance(data, dict) or type(data.get("bits")) is not int:
            raise malformed("it holds no list", _WHERE)
        if data["bits"] not in _WIDTHS or not isinstance(data.get("lst"), str):
            raise malformed("it holds no list", _WHERE)
        unpack = zlib.decompressobj()
        try:
            found = unpack.decompress(from_base64(data["lst"], _WHERE), LARGEST)
        except zlib.error:
            raise malformed("the list cannot be unpacked", _WHERE) from None
        if not found or not unpack.eof or unpack.unused_data:
            raise malformed("the list is empty, cut off or too large", _WHERE)
        made = cls(len(found) * 8 // data["bits"], data["bits"])
        made._data[:] = found
        return made


def sign_list(states: StatusList, uri: str, *, moment: int, until: int, seed: bytes) -> str:
    """The list as signed JSON, made at a moment and good until another (microseconds UTC)."""
    payload = {
        "sub": uri,
        "iat": moment // _SECOND,
        "exp": until // _SECOND,
        "status_list": states.to_json(),
    }
    return sign(payload, KIND, seed)


def check_status(token: str, place: Place, *, issuer: bytes, moment: int) -> None:
    """Raise CredentialRefused unless a signed list says that a credential is valid.

    ``revoked``: it was taken back. ``status``: the list is another, of another time, too short.
    """
    payload = read_signed(token, KIND, _WHERE, longest=2 * LARGEST)
    check_signature(token, issuer, _WHERE)
    start, end = payload.get("iat"), payload.get("exp")
    if type(start) is not int or type(end) is not int:
        raise malformed("it does not say from when to when it is good", _WHERE)
    if payload.get("sub") != place.uri:
        raise _unfit("it is another list than the credential names")
    if not start * _SECOND <= moment < end * _SECOND:
        raise _unfit("it is not good at this moment")
    states = StatusList.from_json(payload.get("status_list"))
    if not 0 <= place.index < len(states):
        raise _unfit("it has no place for this credential")
    if states[place.index] != VALID:
        raise CredentialRefused(
            "the credential was taken back",
            code="revoked",
            where=_WHERE,
            why="the subject withdrew consent, or the operator withdrew the band",
            mend="do not use the band; ask the subject whether there is a new one",
        )


def _unfit(what: str) -> CredentialRefused:
    return CredentialRefused(
        what,
        code="status",
        where=_WHERE,
        why="a credential counts only while its own list, of now, says so",
        mend="get today's list from the address in the credential",
    )
