"""A made-up city's service, and a member of its library who shares her band with the car parks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving import DAY, START, Client, Served

from xinyong.decisions.credential.signed import public_of, to_base64

CITY = {
    "operator": "A city",
    "places": ["cn"],
    "schemes": [str(Path(__file__).parents[1] / "charter" / "city.yaml")],
}
PARTNER = "the car parks"
PURPOSE = "to waive a deposit"
HOLDER = bytes(range(32))
UNTIL = START + 90 * DAY


def hours(subject: str, count: int = 3) -> list[dict[str, Any]]:
    """Afternoons of volunteering, each of five hours."""
    return [
        {
            "subject": subject,
            "id": f"help-{n}",
            "kind": "volunteering",
            "happened_at": START - (n + 1) * 10 * DAY,
            "fields": {"hours": 5},
        }
        for n in range(count)
    ]


def kept(subject: str, count: int) -> list[dict[str, Any]]:
    """Books that were kept for forty days too long."""
    return [
        {
            "subject": subject,
            "id": f"book-{n}",
            "kind": "book_kept",
            "happened_at": START - (n + 1) * DAY,
            "fields": {"days_late": 40},
        }
        for n in range(count)
    ]


def agree(client: Client, *data_sets: str, partner: str | None = None, **more: Any) -> str:
    """Consent of a client's own subject to data sets of the city; its id."""
    form = {"scheme": "city", "data_sets": list(data_sets), "until": START + 300 * DAY, **more}
    if partner is not None:
        form |= {"partner": partner, "purpose": PURPOSE}
    return str(client.ok(client.post("/subjects/me/consents", form))["id"])


def sharing(partner: str = PARTNER, until: int = UNTIL) -> dict[str, Any]:
    """What a subject sends to share her band."""
    key = {"kty": "OKP", "crv": "Ed25519", "x": to_base64(public_of(HOLDER))}
    return {
        "scheme": "city",
        "partner": partner,
        "purpose": PURPOSE,
        "until": until,
        "holder": key,
    }


@dataclass
class Member:
    """A member with events and consents: her client, handle, and consent to pass on."""

    client: Client
    handle: str
    read: str
    passed_on: str

    def share(self) -> dict[str, Any]:
        """A share of hers."""
        made: dict[str, Any] = self.client.ok(self.client.post("/subjects/me/shares", sharing()))
        return made


def member(service: Served, name: str = "anna") -> Member:
    """A new member who has helped, and agreed to scoring and to passing her band on."""
    operator = service.operator
    handle = service.enter(name)
    operator.ok(operator.post("/events", {"events": hours(name)}))
    client = service.client("subject", name, name)
    read = agree(client, "help")
    return Member(client, handle, read, agree(client, "help", partner=PARTNER))
