"""Requests taken straight to the function behind their address.

FastAPI works out for every request what a function is given, from whatever kinds of dependencies it
might have. Most of ours are given the request, words of the address and one form; those are read
here by the very fields that FastAPI made. Whatever does not fit is left to FastAPI, whose errors
say why.
"""

from __future__ import annotations

import inspect
from typing import Any

from fastapi import params
from fastapi.routing import APIRoute
from starlette.types import Message, Receive

from xinyong.service.strict import StrictRequest

JSON = b"application/json"


class Straight:
    """How the function of one route is given what it asks for."""

    def __init__(self, route: APIRoute) -> None:
        asks = route.dependant
        self._request = asks.request_param_name
        self._words = tuple((field.name, field.alias, field) for field in asks.path_params)
        self._form = route.body_field
        self._name = asks.body_params[0].name if asks.body_params else ""

    async def given(self, request: StrictRequest) -> dict[str, Any] | None:
        """The function's arguments by name; None where one is missing or does not fit.

        Raises HTTPException (400) where the body is no strict JSON.
        """
        found: dict[str, Any] = {self._request: request} if self._request else {}
        for name, alias, field in self._words:
            value, errors = field.validate(request.path_params[alias], {}, loc=())
            if errors:
                return None
            found[name] = value
        if self._form is not None:
            if not _says_json(request) or not await request.body():
                return None
            found[self._name], errors = self._form.validate(await request.json(), {}, loc=())
            if errors:
                return None
        return found


def straight(route: APIRoute) -> Straight | None:
    """The short way of a route; None where its function asks for anything else."""
    asks = route.dependant
    others = (
        asks.dependencies,
        asks.query_params,
        asks.header_params,
        asks.cookie_params,
        asks.http_connection_param_name,
        asks.response_param_name,
        asks.background_tasks_param_name,
        asks.security_scopes_param_name,
    )
    form = route.body_field
    plain = form is None or (
        len(asks.body_params) == 1
        and not route._embed_body_fields
        and not isinstance(form.field_info, params.Form | params.File)
    )
    if any(others) or not plain or not inspect.iscoroutinefunction(route.endpoint):
        return None
    return Straight(route)


def again(body: bytes, receive: Receive) -> Receive:
    """What brings a body once more that was read already, then whatever else comes."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def bring() -> Message:
        return first.pop() if first else await receive()

    return bring


def _says_json(request: StrictRequest) -> bool:
    return any(
        name == b"content-type" and value == JSON for name, value in request.scope["headers"]
    )


__all__ = ["Straight", "again", "straight"]
