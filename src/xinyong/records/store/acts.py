"""What is written to the store, and on what terms.

An :class:`Act` is one thing that happened: it becomes one ledger entry. A :class:`Parcel` is the
acts that stand or fall together, with the :class:`Need` s that must hold when they are written.
The store writes a whole parcel or nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from xinyong.records.ledger.canonical import Canonical
from xinyong.records.ledger.entry import KINDS

Kind = Literal[
    "event",
    "strike",
    "consent",
    "revocation",
    "dispute",
    "outcome",
    "listing",
    "delisting",
    "decision",
    "notice",
    "score",
    "read",
    "share",
    "link",
    "flag",
    "scheme",
    "partner",
    "budget",
    "job",
    "erasure",
]


ALTERING: Final = frozenset({"event", "strike", "dispute", "outcome"})
"""Kinds that can change which events of a subject count."""


@dataclass(frozen=True, slots=True)
class State:
    """How something stands from this act on: ``name`` what sort of thing, ``item`` which one.

    An item belongs to one subject for ever, or to nobody: it goes when she is erased.
    ``value`` is a word, ``due`` the moment (microseconds UTC) on which its clock runs out or it
    ends, ``group`` what it is counted or looked up under. Words about a person do not belong in
    any of them: give marks (see :meth:`xinyong.records.vault.SubjectKeys.mark`) or ids of ours.
    """

    name: str
    item: str
    value: str
    due: int | None = None
    group: str = ""

    def written(self) -> list[Any]:
        """As it stands in the entry, so that all states can be worked out again from the ledger."""
        return [self.name, self.item, self.value, self.due, self.group]


@dataclass(frozen=True, slots=True)
class Need:
    """A state that must hold in the moment of writing.

    ``values``: the words it may have; with ``""`` among them the thing may also be unknown.
    ``running``: its ``due`` must lie after the moment of writing.
    """

    name: str
    item: str
    values: frozenset[str]
    running: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """No act that alters which events of ``subject`` count was written at ``since`` or later.

    Nor has any of her states of these ``names`` been written after the entry ``last``.
    """

    subject: str
    since: int
    names: tuple[str, ...] = ()
    last: int = -1


@dataclass(frozen=True, slots=True)
class AtMost:
    """After this parcel, at most ``limit`` states of a name and group exist."""

    name: str
    group: str
    limit: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened, about one subject or (``subject`` None) about nobody.

    ``body`` is JSON-ready: text, whole numbers, truth, None, lists and mappings; no fractions. Or
    it is the canonical text of such an object.
    ``key`` makes the act happen once: the same key and body again is answered with the first
    receipt, another body under the same key is refused. Keys are counted per subject and kind.
    """

    kind: Kind
    subject: str | None
    body: Mapping[str, Any] | Canonical
    key: str | None = None
    states: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A subject's events packed for one scheme: a copy that saves work, never the record itself.

    ``label`` says for what, ``upto`` up to which entry it is true.
    """

    subject: str
    label: str
    upto: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Parcel:
    """Acts that are written together or not at all, and what must hold for it.

    ``blocks`` are written along with them.
    """

    acts: tuple[Act, ...]
    needs: tuple[Need | Unchanged | AtMost, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where the acts of a parcel stand: the sequence number of each, and the moment.

    ``new`` says of each act whether this parcel wrote it, or an earlier one with the same key.
    ``at`` is the moment of the newest of them, microseconds UTC.
    """

    seqs: tuple[int, ...]
    at: int
    new: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """One entry as somebody with the keys reads it; ``body`` None where it is erased."""

    seq: int
    kind: str
    at: int
    subject: str | None
    body: Mapping[str, Any] | None = field(hash=False)


__all__ = [
    "ALTERING",
    "KINDS",
    "Act",
    "AtMost",
    "Block",
    "Kind",
    "Known",
    "Need",
    "Parcel",
    "Receipt",
    "State",
    "Unchanged",
]
