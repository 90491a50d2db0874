"""Requests whose body means one thing."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


class StrictRequest(Request):
    """A request whose JSON is UTF-8 without a mark, each name once in an object, no NaN."""

    async def body(self) -> bytes:
        """The body; HTTPException with 400 where the client has gone before it was there."""
        if not hasattr(self, "_body"):
            pieces, more = [], True
            while more:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    raise HTTPException(400, "the request did not come whole")
                pieces.append(message.get("body", b""))
                more = message.get("more_body", False)
            self._body, self._stream_consumed = b"".join(pieces), True
        return self._body

    async def json(self) -> Any:
        """The body; HTTPException with 400 where it is no such JSON."""
        body = await self.body()
        try:
            return json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_none)
        except (ValueError, RecursionError):
            raise HTTPException(400, "the body is no JSON that is read here") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return made


def _none(word: str) -> Any:
    raise ValueError("this is no number of JSON")


__all__ = ["StrictRequest"]
