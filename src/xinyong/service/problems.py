"""Every failure as ``application/problem+json`` (RFC 9457): what, where, why, mend.

No answer repeats a value that was sent, so no personal data stands in one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from xinyong import errors as e

MEDIA: Final = "application/problem+json"


class Problem(BaseModel):
    """A failure, as RFC 9457 writes it, with our four parts."""

    type: str = Field(description="A word for programs, as the fragment of an address")
    title: str = Field(description="The name of the status")
    status: int
    detail: str = Field(description="What went wrong")
    where: str = Field(default="", description="Where: the field, file or place")
    why: str = Field(default="", description="Why: the rule behind it")
    mend: str = Field(default="", description="How to mend it")
    findings: list[dict[str, Any]] = Field(default=[], description="What clauses found")
    errors: list[dict[str, Any]] = Field(default=[], description="Each field that does not fit")


class Refused(Exception):
    """A request that is refused for a reason of the service itself."""

    def __init__(
        self,
        status: int,
        code: str,
        what: str,
        *,
        where: str = "",
        why: str = "",
        mend: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.status, self.code, self.what = status, code, what
        self.where, self.why, self.mend = where, why, mend
        self.headers = headers or {}
        super().__init__(what)


def not_here() -> Refused:
    """The one answer for what does not exist and for what the caller may not know of."""
    return Refused(
        404,
        "not-here",
        "there is nothing here that you may see",
        why="what is not yours and what does not exist are answered alike",
        mend="check the address and whose key you use",
    )


def too_large(most: int) -> HTTPException:
    """The refusal of a body of more than ``most`` bytes. FastAPI lets this kind alone through."""
    return HTTPException(413, f"the request has more than {most} bytes")


def headers_too_large(most: int) -> Response:
    """The answer to headers of more than ``most`` bytes."""
    what = f"the request's headers have more than {most} bytes"
    return answer(431, "headers-too-large", what, mend="send shorter headers")


_CODES: Final = {413: "too-large"}
_MENDS: Final = {
    400: "send JSON as UTF-8, each name once in an object, not nested deeply",
    413: "send less at a time",
}

_STEPS: Final = {
    "no consent": 403,
    "not approved": 403,
    "out of order": 409,
    "same person": 409,
    "too early": 409,
    "too late": 409,
    "disputed": 409,
}


def _status(error: e.XinyongError) -> tuple[int, str]:
    if isinstance(error, e.KeyTaken):
        return 409, "id-taken"
    if isinstance(error, e.NeedUnmet):
        return (403, "no-consent") if error.need == "consent" else (409, error.need)
    if isinstance(error, e.BudgetSpent):
        return 409, "budget-spent"
    if isinstance(error, e.StoreStopped):
        return 503, "stopped"
    if isinstance(error, e.StepRefused):
        return _STEPS.get(error.code, 422), error.code.replace(" ", "-")
    if isinstance(error, e.CharterRefused):
        return 403, "charter"
    if isinstance(error, e.ProofRefused):
        return 422, "proof"
    return 422, type(error).__name__.removesuffix("Refused").lower() or "refused"


def answer(
    status: int,
    code: str,
    what: str,
    *,
    where: str = "",
    why: str = "",
    mend: str = "",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem as a response."""
    said = {
        "type": f"#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": what,
        "where": where,
        "why": why,
        "mend": mend,
        **more,
    }
    return Response(msgspec.json.encode(said), status, headers, MEDIA)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, e.XinyongError)
    status, code = _status(error)
    more: dict[str, Any] = {}
    if isinstance(error, e.CharterRefused):
        more["findings"] = [
            {"clause": f.clause, "place": f.place, "why": f.why, "mend": f.mend}
            for f in error.findings
        ]
    headers = {"retry-after": "5"} if status == 503 else None
    told = {"where": error.where, "why": error.why, "mend": error.mend}
    return answer(status, code, error.what, headers=headers, **told, **more)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    told = {"where": error.where, "why": error.why, "mend": error.mend}
    return answer(error.status, error.code, error.what, headers=error.headers, **told)


async def _misfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    known = _words(request)
    faults = [
        {"where": _place(fault["loc"], known), "what": fault["msg"]}
        for fault in error.errors()[:50]
    ]
    return answer(
        422,
        "unfit",
        "the request does not fit",
        where=faults[0]["where"] if faults else "",
        why="requests are read strictly: no unknown fields, no number in quotes",
        mend="compare with the description of this address in /api/v1/openapi.json",
        errors=faults,
    )


def _words(request: Request) -> frozenset[str]:
    """All names of fields and parameters that the API's description knows."""
    state = request.app.state
    if not hasattr(state, "words"):
        found = set(_KINDS)
        waiting: list[Any] = [request.app.openapi()]
        while waiting:
            one = waiting.pop()
            if isinstance(one, dict):
                found |= {*one.get("properties", ())}
                if "in" in one and isinstance(one.get("name"), str):
                    found.add(one["name"])
                waiting += one.values()
            elif isinstance(one, list):
                waiting += one
        state.words = frozenset(found)
    words: frozenset[str] = state.words
    return words


_KINDS: Final = ("body", "path", "query", "header", "int", "bool", "str", "[key]")


def _place(steps: Iterable[Any], known: frozenset[str]) -> str:
    """A place in a request. Names that were sent and that nobody knows are not repeated."""
    return ".".join(
        str(step) if isinstance(step, int) or step in known else "(a name not known)"
        for step in steps
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code = _CODES.get(status) or HTTPStatus(status).phrase.lower().replace(" ", "-")
    headers = dict(error.headers or {})
    if status == 404:
        lost = not_here()
        return answer(404, "not-here", lost.what, why=lost.why, mend=lost.mend, headers=headers)
    mend = _MENDS.get(status, "")
    return answer(status, code, str(error.detail), mend=mend, headers=headers)


async def _unforeseen(request: Request, error: Exception) -> Response:
    return answer(
        500,
        "fault",
        "something went wrong here",
        why="this is our fault, not yours; what was answered before stays true",
        mend="try again; if it stays, tell the operator the time of this answer",
    )


_Handler = Callable[[Request, Exception], Awaitable[Response]]


def add_to(app: FastAPI) -> None:
    """Answer every failure of an application this way."""
    handlers: dict[type[Exception], _Handler] = {
        e.XinyongError: _ours,
        Refused: _refused,
        RequestValidationError: _misfit,
        HTTPException: _http,
        Exception: _unforeseen,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


__all__ = [
    "MEDIA",
    "Problem",
    "Refused",
    "add_to",
    "answer",
    "headers_too_large",
    "not_here",
    "too_large",
]
