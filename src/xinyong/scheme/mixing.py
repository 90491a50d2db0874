"""Parts of library schemes taken into another: ``mix_in: [credit-repair]``.

Mixing works on the tree, before anything is checked: the data sets, parameters, variables and
lists of the named scheme become entries of this one, as if they had been written here. They bear
the place of the name under ``mix_in``, so that a complaint about one of them points there. What
is mixed in is part of the canonical form, and so of the digest. A mixed-in scheme may not mix in
others: one step, no chains. ``docs/language.md`` tells the same to authors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xinyong.scheme import home
from xinyong.scheme.complaints import Code, Complaint, did_you_mean
from xinyong.scheme.tree import MOST_BYTES, Branch, find, grow

MIX_IN = "mix_in"
SECTIONS = ("data_sets", "parameters", "variables", "lists")
"""The parts of a document that are taken from a mixed-in scheme, entry by entry."""


def mixed(root: Branch, file: str) -> tuple[Branch, list[Complaint]]:
    """The document with the parts it mixes in, and what is wrong with its ``mix_in``.

    ``root`` is left as it was. A document without ``mix_in``, or whose ``mix_in`` is no list of
    words, comes back as it is, and names beyond ``home.MOST_MIXED`` are not looked at: what does
    not fit the shape is the model's to say. Complaints: ``unknown-name`` for a scheme that the
    library does not have, ``duplicate-name`` for an entry that stands here already and for a
    scheme named twice, ``wrong-value`` for one that mixes in others, ``unit-mismatch`` for one
    that counts in another currency, ``not-readable`` for one that cannot be read.
    """
    wanted = find(root, (MIX_IN,))
    if wanted is None or not isinstance(wanted.below, list):
        return root, []
    complaints: list[Complaint] = []
    seen: set[str] = set()
    for index, entry in enumerate(wanted.below[: home.MOST_MIXED]):
        if not isinstance(entry.value, str):
            continue
        before = len(complaints)
        if entry.value in seen:
            complaints.append(
                _said(Code.DUPLICATE_NAME, f"'{entry.value}' is mixed in already", "once is enough")
            )
            part = None
        else:
            seen.add(entry.value)
            part = _part(entry.value, complaints)
        if part is not None:
            _money(root, part, entry.value, complaints)
            root = _joined(root, _placed(part, entry), entry.value, complaints)
        for place in range(before, len(complaints)):
            complaints[place] = replace(
                complaints[place],
                file=file,
                line=entry.line,
                column=entry.column,
                path=(MIX_IN, index),
            )
    return root, complaints


def _said(code: Code, message: str, mend: str = "") -> Complaint:
    return Complaint("", 0, 0, code, message, mend)


def _part(name: str, complaints: list[Complaint]) -> Branch | None:
    """The tree of a scheme of the library; None, with a complaint, where it cannot be used."""
    known = home.names()
    if name not in known:
        complaints.append(
            _said(
                Code.UNKNOWN_NAME,
                f"the library has no scheme called '{name[:60]}'",
                did_you_mean(name, known),
            )
        )
        return None
    try:
        with (home.HOME / name / home.SCHEME_FILE).open("rb") as stream:
            tree, found = grow(stream.read(MOST_BYTES + 1), name)
    except OSError:
        tree, found = None, []
    if tree is None or found:
        complaints.append(
            _said(
                Code.NOT_READABLE,
                f"'{name}' of the library cannot be read itself",
                f"see what 'xinyong check {name}' says",
            )
        )
        return None
    chain = find(tree, (MIX_IN,))
    if chain is not None and chain.value:
        complaints.append(
            _said(
                Code.WRONG_VALUE,
                f"'{name}' mixes in others, so it cannot be mixed in",
                "mix in what it mixes in, each by its own name",
            )
        )
        return None
    return tree


def _money(root: Branch, part: Branch, name: str, complaints: list[Complaint]) -> None:
    """Amounts keep their meaning only where both documents count in the same currency."""
    ours, theirs = find(root, ("currency",)), find(part, ("currency",))
    if ours is None or theirs is None or ours.value == theirs.value:
        return
    complaints.append(
        _said(
            Code.UNIT_MISMATCH,
            f"'{name}' counts money in {theirs.value}, this scheme in {str(ours.value)[:60]}",
            "mix in schemes of the same currency",
        )
    )


def _placed(branch: Branch, entry: Branch) -> Branch:
    """A branch whose every place is that of the name under ``mix_in``."""
    below = branch.below
    if isinstance(below, dict):
        below = {key: _placed(item, entry) for key, item in below.items()}
    elif isinstance(below, list):
        below = [_placed(item, entry) for item in below]
    return replace(
        branch,
        line=entry.line,
        column=entry.column,
        steps=None,
        below=below,
        keys=dict.fromkeys(branch.keys, (entry.line, entry.column)),
    )


def _joined(root: Branch, part: Branch, name: str, complaints: list[Complaint]) -> Branch:
    """The document with the sections of ``part`` added to its own."""
    if not isinstance(root.below, dict):
        return root
    below, keys, value = dict(root.below), dict(root.keys), dict(root.value)
    for section in SECTIONS:
        extra = find(part, (section,))
        own = below.get(section)
        if extra is None or not isinstance(extra.below, dict) or not extra.below:
            continue
        if own is None:
            if section == "data_sets":
                continue  # a scheme has a data set of its own; that it has none is told
            own = replace(extra, value={}, below={}, keys={})
            keys[section] = (extra.line, extra.column)
        if not isinstance(own.below, dict):
            continue  # not a block of fields: the model says so
        complaints += _twice(section, own.below, extra.below, name)
        items = {**own.below, **{k: v for k, v in extra.below.items() if k not in own.below}}
        below[section] = replace(
            own,
            below=items,
            value={key: item.value for key, item in items.items()},
            keys={**extra.keys, **own.keys},
        )
        value[section] = below[section].value
    return replace(root, below=below, keys=keys, value=value)


def _twice(
    section: str, own: dict[str, Branch], extra: dict[str, Branch], name: str
) -> Iterator[Complaint]:
    words = section.replace("_", " ")
    for key in extra:
        if key in own:
            yield _said(
                Code.DUPLICATE_NAME,
                f"'{key[:60]}' stands under {words} already, and '{name}' brings it too",
                "give the one here another name",
            )


__all__ = ["MIX_IN", "SECTIONS", "mixed"]
