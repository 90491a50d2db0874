"""Writes docs/api.md from the description that the service gives of itself.

python tools/make_api_docs.py [--check]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from xinyong.service.app import create_app
from xinyong.service.config import Config
from xinyong.service.house import open_house, prepare

PLACE = Path(__file__).resolve().parent.parent / "docs" / "api.md"
HEAD = """\
# The HTTP API

Made by `tools/make_api_docs.py` from the service's own description; do not edit by hand.

A running service gives the same as OpenAPI at `/api/v1/openapi.json`, and as a page to try it at
`/api/docs`, with every script from the service itself.

Who asks sends `Authorization: Bearer KEY`. An operator or partner who reads about a person says
what for in one line, in the header `Xinyong-Purpose`. A person stands in an address by her handle
(32 digits) or, for herself, as `me`. Every failure is `application/problem+json` with `detail`
(what), `where`, `why` and `mend`. What an operation *tells* about a person is on record before the
answer leaves. What does not exist and what one may not see are answered alike, with 404.
"""


def description() -> dict[str, Any]:
    """The OpenAPI description of a service with first settings."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        config = Config(operator="A co-operative", places=["eu"], schemes=["a-fair-start"])
        house = open_house(Path(folder), config=config)
        try:
            found: dict[str, Any] = create_app(house, close=False).openapi()
        finally:
            house.close()
    return found


def text() -> str:
    """The whole page."""
    parts, tag = [HEAD], ""
    for path, verbs in description()["paths"].items():
        for verb, operation in verbs.items():
            if operation["tags"][0] != tag:
                tag = operation["tags"][0]
                parts += [f"## {tag.capitalize()}\n"]
            parts += [
                f"### `{verb.upper()} {path}`\n",
                operation.get("description", "").strip(),
                "",
            ]
            roles = ", ".join(operation["x-roles"]) or "anybody"
            told = ", ".join(operation["x-discloses"]) or "nothing about a person"
            parts += [f"For: {roles}. Tells: {told}. Operation `{operation['operationId']}`.", ""]
            given = [p for p in operation.get("parameters", []) if p["in"] == "query"]
            if given:
                parts += ["Asked in the address: " + ", ".join(f"`{p['name']}`" for p in given)]
                parts[-1] += "."
                parts += [""]
            parts += [_answers(operation["responses"]), ""]
    return "\n".join(parts).rstrip() + "\n"


def _answers(responses: dict[str, Any]) -> str:
    fine = [code for code in responses if code < "400"]
    other = [code for code in responses if code >= "400"]
    return f"Answers: {', '.join(fine)}; refuses with {', '.join(other)}."


def main() -> int:
    """Write the page, or compare it."""
    new = text()
    if "--check" in sys.argv[1:]:
        old = PLACE.read_text(encoding="utf-8") if PLACE.exists() else ""
        if old != new:
            print("docs/api.md is out of date: run python tools/make_api_docs.py", file=sys.stderr)
        return int(old != new)
    PLACE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
