"""Acts made ready for writing, outside of any transaction: canonical, sealed, marked."""

from __future__ import annotations

import hashlib
from typing import Any, Final, NamedTuple

from xinyong.errors import ProofRefused, StoreRefused
from xinyong.records.ledger.canonical import Canonical, canonical, written_plain
from xinyong.records.sealed import Opener, SubjectKeys
from xinyong.records.store.acts import (
    ALTERING,
    KINDS,
    Act,
    AtMost,
    Block,
    Need,
    Parcel,
    State,
    Unchanged,
)
from xinyong.records.vault import Vault

LARGEST: Final = 1 << 20
"""Bytes an entry's body may have."""
WORD: Final = 400
"""Bytes a state's word may have in UTF-8: an index of PostgreSQL holds about 2,700 for all."""
_TOP: Final = 1 << 63


class Ready(NamedTuple):
    """An act as it will be written.

    Where it happens once (``mark``), ``plain`` is what its body says and ``opener`` opens what was
    written under that mark, for comparing.
    """

    kind: str
    who: str
    body: bytes
    mark: str | None
    plain: bytes
    opener: Opener | None
    states: tuple[State, ...]
    alters: bool
    erases: str = ""
    """The pseudonym that is erased by this act."""


class ReadyParcel(NamedTuple):
    """A parcel as it will be written."""

    acts: tuple[Ready, ...]
    needs: tuple[Need, ...]
    unchanged: tuple[tuple[str, Unchanged], ...]
    at_most: tuple[AtMost, ...]
    blocks: tuple[dict[str, Any], ...] = ()


def written(value: Any) -> bytes:
    """A value as canonical JSON; StoreRefused for what has no one form."""
    try:
        return canonical(value)
    except (ProofRefused, RecursionError) as error:
        raise StoreRefused(
            f"this cannot be written: {error}",
            why="entries are JSON of text, whole numbers, truth and nothing else",
            mend="give money in minor units, shares in millionths, and nothing deeply nested",
        ) from None


def bound_to(kind: str, who: str) -> bytes:
    """What a sealed body is bound to: it opens only as the same kind about the same subject."""
    return f"{kind}\n{who}".encode()


def mark_of(act: Act, keys: SubjectKeys | None) -> str | None:
    """The keyed hash under which an act happens once; says nothing once the keys are gone."""
    if act.key is None:
        return None
    text = f"{act.kind}\n{act.key}"
    return (
        keys.mark(text) if keys else hashlib.sha256(b"xinyong.key/1\n" + text.encode()).hexdigest()
    )


def ready(parcel: Parcel, vault: Vault) -> ReadyParcel:
    """Seal and mark a parcel's acts; makes keys for subjects that have none.

    Raises StoreRefused where a body cannot be written or is larger than :data:`LARGEST`, and
    where a word or number is one that a database would choke on: the writing thread must never
    meet it.
    """
    _check_needs(parcel)
    names = sorted({act.subject for act in parcel.acts if act.subject is not None})
    keys = dict(zip(names, vault.keys_of(names), strict=True)) if names else {}
    acts = tuple(
        [_ready(act, keys.get(act.subject) if act.subject else None) for act in parcel.acts]
    )
    unchanged = []
    for need in parcel.needs:
        if isinstance(need, Unchanged):
            # Made where there are none: somebody may be about to write the first act.
            found = keys.get(need.subject) or vault.keys_of([need.subject])[0]
            unchanged.append((found.who, need))
    blocks = tuple(_sealed(block, vault) for block in parcel.blocks)
    return ReadyParcel(
        acts,
        tuple(n for n in parcel.needs if isinstance(n, Need)),
        tuple(unchanged),
        tuple(n for n in parcel.needs if isinstance(n, AtMost)),
        tuple(block for block in blocks if block is not None),
    )


def _sealed(block: Block, vault: Vault) -> dict[str, Any] | None:
    keys = vault.keys(block.subject, create=False)
    if keys is None:
        return None
    body = keys.seal(block.body, bound_to(f"block {block.label}", keys.who))
    return {"who": keys.who, "label": block.label, "upto": block.upto, "body": body}


def _ready(act: Act, keys: SubjectKeys | None) -> Ready:
    if act.kind not in KINDS:
        raise StoreRefused(f"'{act.kind}' is not a kind of entry", mend=f"use {sorted(KINDS)}")
    body = act.body.text if isinstance(act.body, Canonical) else written(act.body)
    plain = b'{"body":%b%b}' % (body, _more(act))
    if len(plain) > LARGEST:
        raise StoreRefused(
            f"one entry of {len(plain)} bytes",
            why=f"an entry has at most {LARGEST} bytes",
            mend="split it, or keep large evidence elsewhere and give its digest",
        )
    if act.kind == "erasure":
        raise StoreRefused(
            "an erasure is not written like another act",
            why="the keys have to go with it",
            mend="ask the store to erase the subject",
        )
    who = keys.who if keys else ""
    sealed = keys.seal(plain, bound_to(act.kind, who)) if keys else plain
    alters = act.kind in ALTERING and keys is not None
    mark = mark_of(act, keys)
    if mark is None:
        return Ready(act.kind, who, sealed, None, b"", None, act.states, alters)
    opener = None if keys is None else keys.opener()
    return Ready(act.kind, who, sealed, mark, plain, opener, act.states, alters)


def _more(act: Act) -> bytes:
    """What an entry says besides its body: the key and the states."""
    found = b""
    if act.key is not None:
        found = b',"key":' + written(act.key)
    if act.states:
        for state in act.states:
            _clean(state)  # afterwards they are words and numbers, and need no reading back
        found += b',"states":' + written_plain([state.written() for state in act.states]).text
    return found


def erasing(who: str, reason: str) -> ReadyParcel:
    """The parcel that erases a pseudonym: from its entry on, nothing is written about it."""
    plain = canonical({"body": {"who": who, "reason": reason}, "key": who})
    act = Act("erasure", None, {}, key=who)
    return ReadyParcel(
        (Ready("erasure", "", plain, mark_of(act, None), plain, None, (), False, who),), (), (), ()
    )


def _clean(state: State) -> None:
    """Words and numbers the database itself must be able to hold."""
    _check_words(state.name, state.item, state.value, state.group)
    if state.due is not None:
        _check_number(state.due)


def _check_needs(parcel: Parcel) -> None:
    for need in parcel.needs:
        if isinstance(need, Need):
            _check_words(need.name, need.item)
        elif isinstance(need, AtMost):
            _check_words(need.name, need.group)
        else:
            _check_words(*need.names)
    for block in parcel.blocks:
        _check_words(block.label)
        _check_number(block.upto)


def _check_words(*words: str) -> None:
    for word in words:
        fits = type(word) is str and word.isprintable()
        if not fits or (len(word) if word.isascii() else len(word.encode())) > WORD:
            raise StoreRefused(
                "a state's word holds what no database keeps",
                why=f"names, items, values and groups are printable, with at most {WORD} bytes",
                mend="use ids and marks",
            )


def _check_number(number: int) -> None:
    if type(number) is not int or not -_TOP <= number < _TOP:
        raise StoreRefused(
            f"{number!r} is no moment and no number of an entry",
            why="databases keep whole numbers of 64 bits",
            mend="give microseconds since 1970",
        )


__all__ = [
    "LARGEST",
    "Ready",
    "ReadyParcel",
    "bound_to",
    "erasing",
    "mark_of",
    "ready",
    "written",
]
