"""All clauses. Adding one is adding a function to one of the files beside this one."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from xinyong.charter.clause import Clause
from xinyong.charter.clauses import china, eu, ours, usa


def _of(module: ModuleType) -> tuple[Clause, ...]:
    return tuple(value for value in vars(module).values() if isinstance(value, Clause))


CLAUSES: Final = tuple(
    sorted(
        (*_of(eu), *_of(china), *_of(usa), *_of(ours)),
        key=lambda one: ("CDRKPVGL".index(one.id[0]), one.id),
    )
)
"""Every clause, in the order of the table: contexts, data, retention, consent, process..."""
