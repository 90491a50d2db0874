"""The application: routes put together, one house behind them, and what every answer carries."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xinyong.service import problems
from xinyong.service.callers import Doorkeeper
from xinyong.service.deciding import Decider
from xinyong.service.figures import Figures
from xinyong.service.house import VERSION, House
from xinyong.service.routes import desks
from xinyong.service.scoring import Scorer

PREFIX: Final = "/api/v1"
MOST_HEADERS: Final = 32_768
"""Bytes of a request's headers, names and values together."""
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_DOCS: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)

log = structlog.get_logger("xinyong.service")


def create_app(house: House, *, close: bool = True) -> FastAPI:
    """The application over an open house; closes it when it stops, unless told otherwise."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield
        if close:
            house.close()

    app = FastAPI(
        title="Xinyong",
        version=VERSION,
        summary="Scores with reasons, consent, notice, dispute and an audit anyone can verify",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        redirect_slashes=False,
    )
    app.state.house = house
    app.state.doorkeeper = Doorkeeper(house)
    app.state.scorer = Scorer(house)
    app.state.decider = Decider(app.state.scorer)
    app.state.figures = Figures()
    problems.add_to(app)
    for desk in desks():
        desk.put_on(app.router, PREFIX)
    _describe(app)
    _docs(app)
    app.add_middleware(Around, figures=app.state.figures, most=house.config.limits.body)
    return app


def _describe(app: FastAPI) -> None:
    """Add what every route shares to the API's description: how one says who one is."""
    made = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = made()
            parts = schema.setdefault("components", {})
            parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            parts.setdefault("schemas", {})["Problem"] = problems.Problem.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
        return app.openapi_schema or {}

    app.openapi = described  # type: ignore[method-assign]


def _docs(app: FastAPI) -> None:
    """The API's page, with every script from here: it works without a network."""
    from swagger_ui_bundle import swagger_ui_path

    app.mount("/api/docs/files", StaticFiles(directory=swagger_ui_path), name="docs")

    @app.get("/api/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url=f"{PREFIX}/openapi.json",
            title="Xinyong API",
            swagger_js_url="/api/docs/files/swagger-ui-bundle.js",
            swagger_css_url="/api/docs/files/swagger-ui.css",
            swagger_favicon_url="data:,",
        )
        page.headers["content-security-policy"] = _DOCS
        return page


class Around:
    """Around every request: its size and headers bounded, its time measured, its answer marked.

    The log line holds the operation, status, role and time: no address, no id, no body.
    """

    def __init__(self, app: ASGIApp, figures: Figures, most: int) -> None:
        self._app, self._figures, self._most = app, figures, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        taken = 0

        async def taking() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                raise problems.too_large(self._most)
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.setdefault("headers", [])
                there = {name for name, _ in headers}
                headers += [pair for pair in _ALWAYS if pair[0] not in there]
                if scope["scheme"] == "https":
                    headers.append((b"strict-transport-security", b"max-age=31536000"))
            await send(message)

        try:
            if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS:
                await problems.headers_too_large(MOST_HEADERS)(scope, receive, sending)
            else:
                await self._app(scope, taking, sending)
        finally:
            route = scope.get("route")
            operation = getattr(route, "operation_id", None) or "other"
            caller = scope.get("state", {}).get("caller")
            seconds = time.perf_counter() - started
            self._figures.served(operation, status, seconds)
            log.info(
                "served",
                operation=operation,
                status=status,
                role=caller.role if caller else "",
                ms=round(seconds * 1000, 2),
            )


__all__ = ["PREFIX", "Around", "create_app"]
