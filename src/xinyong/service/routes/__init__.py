"""All desks of the API, in the order of its description."""

from __future__ import annotations

from xinyong.service.desk import Desk


def desks() -> list[Desk]:
    """Every desk; a new one is put here."""
    from xinyong.service.routes import (
        audit,
        calendar,
        consents,
        decisions,
        disputes,
        events,
        flags,
        health,
        jobs,
        keys,
        lists,
        partner,
        readings,
        schemes,
        scores,
        shares,
        statistics,
        subjects,
    )

    modules = (
        decisions,  # addresses are tried in this order: the busiest come first
        scores,
        events,
        health,
        schemes,
        keys,
        subjects,
        consents,
        disputes,
        lists,
        shares,
        partner,
        calendar,
        jobs,
        statistics,
        flags,
        readings,
        audit,
    )
    return [module.desk for module in modules]


__all__ = ["desks"]
