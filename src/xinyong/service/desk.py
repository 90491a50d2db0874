"""Routes that say who may use them and what they tell about whom.

Every address is made by a :class:`Desk`. It names the roles that may call (none: anybody may) and
what it discloses about subjects. What was declared is enforced here and written into the API's
description (``x-roles``, ``x-discloses``), from which the tests draw their matrix. An answer of a
route that discloses something is held back unless its read was recorded first.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from xinyong.service.asking import Asking
from xinyong.service.callers import Role
from xinyong.service.problems import MEDIA, Problem, Refused, not_here
from xinyong.service.straight import Straight, again, straight

_Function = Callable[..., Any]
_F = TypeVar("_F", bound=_Function)
_SCHEMA: Final = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}


class DeclaredRoute(APIRoute):
    """A route that lets in whom it declared, and lets out what was recorded."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        way = straight(self)
        if way is not None:
            self.app = self._straight(way, self.app)

    @property
    def _roles(self) -> tuple[str, ...]:
        return tuple((self.openapi_extra or {}).get("x-roles", ()))

    @property
    def _discloses(self) -> bool:
        return bool((self.openapi_extra or {}).get("x-discloses"))

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler with the door before it and the record behind it."""
        inner = super().get_route_handler()
        roles, discloses = self._roles, self._discloses

        async def handler(request: Request) -> Response:
            asking = Asking(request.scope, request.receive)
            if roles:
                _let_in(asking, roles)
            response = await inner(asking)
            if discloses:
                _let_out(asking, response)
            return response

        return handler

    def _straight(self, way: Straight, other: ASGIApp) -> ASGIApp:
        """The same without the framework's dependencies; ``other`` is taken where it must be."""
        roles, discloses, function = self._roles, self._discloses, self.endpoint

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            asking = Asking(scope, receive)
            if roles:
                _let_in(asking, roles)
            given = await way.given(asking)
            if given is None:
                await other(scope, again(await asking.body(), receive), send)
                return
            response = await function(**given)
            if discloses:
                _let_out(asking, response)
            await response(scope, receive, send)

        return app


def _let_in(request: Request, roles: tuple[str, ...]) -> None:
    caller = request.app.state.doorkeeper.caller(request)
    if caller.role not in roles:
        raise Refused(
            403,
            "not-your-role",
            f"this address is not for the role '{caller.role}'",
            why=f"it is for: {', '.join(roles)}",
            mend="use a key of the right role",
        )
    request.state.caller = caller
    who = request.path_params.get("who")
    if who is None:
        return
    if caller.role == "subject":
        if who not in ("me", caller.who):
            raise not_here()
        request.path_params["who"] = caller.who
    elif who == "me":
        raise not_here()


def _let_out(asking: Asking, response: Response) -> None:
    if response.status_code < 400 and not asking.released:
        raise RuntimeError("an answer about a subject left without a record of its reading")


class Desk:
    """A group of routes under one prefix."""

    def __init__(self, prefix: str, tag: str) -> None:
        self._prefix, self._tag = prefix, tag
        self._routes: list[tuple[str, _Function, dict[str, Any]]] = []

    def put_on(self, router: APIRouter, prefix: str) -> None:
        """Add the routes to a router themselves: one in another costs every request more."""
        for path, function, declared in self._routes:
            router.add_api_route(
                prefix + self._prefix + path,
                function,
                tags=[self._tag],
                route_class_override=DeclaredRoute,
                **declared,
            )

    def route(
        self,
        method: str,
        path: str,
        *,
        roles: tuple[Role, ...] = (),
        discloses: tuple[str, ...] = (),
        answers: Any = None,
        status: int = 200,
        refuses: tuple[int, ...] = (),
        **more: Any,
    ) -> Callable[[_F], _F]:
        """Declare a route.

        ``roles`` may call it (none: anybody); ``discloses`` names what it tells about subjects;
        ``answers`` is the model of its answer, ``refuses`` further statuses it may answer with.
        The name of the function is the operation's id; its docstring the description.
        """
        codes = {*refuses, 422, 500, 503} | ({401, 403, 429} if roles else set())
        codes |= {400, 431}
        if "{" in path:
            codes.add(404)
        if method != "GET" or discloses:
            codes |= {409, 413}
        extra: dict[str, Any] = {"x-roles": list(roles), "x-discloses": list(discloses)}
        if roles:
            extra["security"] = [{"key": []}]
        extra |= more.pop("openapi_extra", {})

        def declare(function: _F) -> _F:
            declared = {
                "methods": [method],
                "status_code": status,
                "response_model": None,
                "operation_id": function.__name__,
                "openapi_extra": extra,
                "responses": {
                    **({status: {"model": answers}} if answers is not None else {}),
                    **{code: {"model": Problem, "content": _SCHEMA} for code in sorted(codes)},
                },
            }
            self._routes.append((path, function, declared | more))
            return function

        return declare

    def get(self, path: str, **declared: Any) -> Callable[[_F], _F]:
        """Declare a route that only reads."""
        return self.route("GET", path, **declared)

    def post(self, path: str, **declared: Any) -> Callable[[_F], _F]:
        """Declare a route that does something."""
        return self.route("POST", path, **declared)

    def delete(self, path: str, **declared: Any) -> Callable[[_F], _F]:
        """Declare a route that ends something."""
        return self.route("DELETE", path, **declared)


__all__ = ["DeclaredRoute", "Desk"]
