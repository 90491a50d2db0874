"""The schemes that are run here: what they read, what they bring, by which approval."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from xinyong.decisions.permission import operator_of, purpose_of
from xinyong.service.asking import plain
from xinyong.service.desk import Desk
from xinyong.service.forms import Told
from xinyong.service.house import Served
from xinyong.service.problems import not_here

desk = Desk("/schemes", "schemes")


class SchemeTold(Told):
    """One scheme as anybody may read it."""

    name: str
    version: str
    title: str
    digest: str
    purpose: str
    operator: str
    places: list[str]
    approved_on: str
    clauses_digest: str
    data_sets: dict[str, Any]


@desk.get("", answers=list[SchemeTold])
async def schemes(request: Request) -> Response:
    """All schemes that are run here."""
    return plain([told(one) for one in request.app.state.house.schemes.values()])


@desk.get("/{name}", answers=SchemeTold)
async def scheme(request: Request, name: str) -> Response:
    """One scheme: its data sets, bands, lists, consequences and rights, as it is written."""
    if name not in request.app.state.house.schemes:
        raise not_here()
    served = request.app.state.house.served(name)
    model = served.approved.scheme.model_dump(mode="json", by_alias=True, exclude_none=True)
    return plain({**told(served), "document": model})


def told(served: Served) -> dict[str, Any]:
    """A scheme in short."""
    approved, scheme = served.approved, served.approved.scheme
    return {
        "name": scheme.scheme,
        "version": scheme.version,
        "title": scheme.title,
        "digest": scheme.digest,
        "purpose": purpose_of(scheme),
        "operator": operator_of(scheme),
        "places": list(approved.places),
        "approved_on": approved.day.isoformat(),
        "clauses_digest": approved.clauses_digest,
        "data_sets": {
            name: {
                "title": one.title,
                "basis": one.basis,
                "separate": bool(one.consent and one.consent.separate),
                "written": bool(one.consent and one.consent.written),
                "harm_warning": bool(one.consent and one.consent.harm_warning),
                "kinds": sorted(one.events),
            }
            for name, one in scheme.data_sets.items()
        },
    }
