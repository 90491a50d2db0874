"""Requests whose body means one thing."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


class StrictRequest(Request):
    """A request whose JSON is UTF-8 without a mark, each name once in an object, no NaN."""

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
