"""Whether the service is there, and its figures."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from xinyong.service.alarms import ALARM, OPEN
from xinyong.service.asking import plain
from xinyong.service.desk import Desk
from xinyong.service.figures import MEDIA
from xinyong.service.forms import Told
from xinyong.service.house import VERSION
from xinyong.service.problems import Refused

desk = Desk("", "health")


class Health(Told):
    """That the process answers, and which version it is."""

    status: str
    version: str


@desk.get("/health", answers=Health)
async def health() -> Response:
    """The process is alive."""
    return plain({"status": "alive", "version": VERSION})


@desk.get("/ready", answers=Health, refuses=(503,))
async def ready(request: Request) -> Response:
    """The store takes records. 503 while it does not."""
    house = request.app.state.house
    if house.store.stopped:
        raise Refused(
            503,
            "stopped",
            "the store acknowledges nothing",
            why="a write failed; what the disk holds is unknown until it is verified",
            mend="mend the disk or the database; the service tries again by itself",
        )
    house.store.size()
    return plain({"status": "ready", "version": VERSION})


@desk.get("/metrics", roles=("operator", "auditor"), response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Figures for Prometheus; none of them names a person."""
    house = request.app.state.house
    alarms = len(house.store.states(ALARM, values=(OPEN,)))
    page = request.app.state.figures.page(house.store.size(), house.store.stopped, alarms)
    return Response(page, media_type=MEDIA)
