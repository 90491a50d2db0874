"""What an operator sets: a file ``service.toml`` in the service's folder."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from xinyong.errors import QuestionRefused

FILE: Final = "service.toml"
LARGEST: Final = 65_536
"""Most bytes of settings; reading odd TOML takes longer than its length says."""

FIRST: Final = """\
# What this service runs. Every setting is explained in the operator's guide.
operator = "A credit co-operative"   # who runs it, as consents and letters name it
places = ["eu"]                      # where it decides: eu, cn, us
schemes = ["a-fair-start"]           # names of the library, or paths of schemes of your own
store = "sqlite:///records.db"       # or postgresql://user@host/name
origin = "records.example.org"       # name of the ledger in its checkpoints; never change it

[limits]
partner_subjects_a_day = 200         # how many different people one partner may ask about a day
partner_misses_a_day = 50            # questions that found nothing, after which the alarm is raised
batch = 1000                         # events in one request
body = 1048576                       # bytes of one request
failed_keys_a_minute = 60            # keys that open nothing, from one address
"""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Limits(_Part):
    """Bounds of requests: distinct subjects a partner may ask about in a day, questions of a
    partner that find nothing in a day before the alarm is raised, events in one request, bytes of
    one request, keys that open nothing in a minute from one address."""

    partner_subjects_a_day: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    partner_misses_a_day: Annotated[int, Field(ge=1, le=100_000)] = 50
    batch: Annotated[int, Field(ge=1, le=10_000)] = 1000
    body: Annotated[int, Field(ge=1024, le=64 << 20)] = 1 << 20
    failed_keys_a_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 60


class Oidc(_Part):
    """Tokens of an identity provider: who issues them, for whom, and its keys as a file.

    ``jwks`` is a file of public keys: nothing is ever fetched. ``role`` and ``subject`` name the
    claims that say which role a token has and which subject it speaks for. ``types`` are the kinds
    of token that are taken, as their header names them (RFC 9068: ``at+jwt``). Where ``acr`` is
    set, a token must name one of these levels of logging in; where ``amr`` is, all these means.
    """

    issuer: str
    audience: str
    jwks: str
    role: str = "xinyong_role"
    subject: str = "xinyong_subject"
    name: str = "sub"
    types: Annotated[list[str], Field(min_length=1)] = ["at+jwt", "application/at+jwt"]
    acr: list[str] = []
    amr: list[str] = []


class Config(_Part):
    """All settings; paths are relative to the folder of the file."""

    operator: Annotated[str, Field(min_length=1, max_length=200)]
    places: Annotated[list[Literal["eu", "cn", "us"]], Field(min_length=1)]
    schemes: Annotated[list[str], Field(min_length=1, max_length=100)]
    store: str = "sqlite:///records.db"
    origin: Annotated[str, Field(pattern=r"^[^\s+]{1,200}$")] = "records.example.org"
    limits: Limits = Limits()
    oidc: Oidc | None = None


def _loaded(text: bytes, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text.decode())
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, too many digits
        raise QuestionRefused(
            f"the settings cannot be read: {str(error)[:200]}",
            where=str(file),
            mend="write them as TOML",
        ) from None


def read_config(folder: Path) -> Config:
    """The settings of a folder; QuestionRefused says which line of thought is wrong."""
    file = folder / FILE
    try:
        with file.open("rb") as opened:
            text = opened.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise QuestionRefused(
                f"the settings have more than {LARGEST} bytes", where=str(file), mend="shorten them"
            )
        return Config.model_validate(_loaded(text, file))
    except FileNotFoundError:
        raise QuestionRefused(
            "there is no service here",
            where=str(file),
            why="a service's settings and keys lie in its folder",
            mend="start one with 'xinyong serve', which makes the folder on its first start",
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise QuestionRefused(
            f"'{place}' does not fit: {first['msg']}",
            where=str(file),
            mend="compare with the settings in the operator's guide",
        ) from None


__all__ = ["FILE", "FIRST", "Config", "Limits", "Oidc", "read_config"]
