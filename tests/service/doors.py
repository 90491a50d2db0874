"""Every door of the service: who may pass, written down by hand, and how one knocks.

:data:`TABLE` repeats for every operation what the service should have declared. It is not drawn
from the service: an operation that is missing here, or declared otherwise, fails the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from city_service import PARTNER, PURPOSE, agree, hours, sharing
from serving import DAY, START, Client, Served

from xinyong.service.worker import Worker

FIRM = "91999999XKMUHQR65D"
Body = Callable[["Person"], Any]


@dataclass
class Person:
    """Somebody who is on record; ``consented`` says whether she agreed to anything."""

    service: Served
    name: str
    consented: bool = True
    client: Client = field(init=False)
    handle: str = field(init=False)
    papers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.handle = self.service.enter(self.name)
        operator = self.service.operator
        operator.ok(operator.post("/events", {"events": hours(self.name)}))
        self.client = self.service.client("subject", self.name, self.name)
        if self.consented:
            agree(self.client, "help")
            agree(self.client, "help", partner=PARTNER)

    def made(self, path: str, body: Any, *, by: Client | None = None) -> dict[str, Any]:
        """What a POST about her brought."""
        client = by or self.service.operator
        found: dict[str, Any] = client.ok(client.post(f"/subjects/{self.handle}{path}", body))
        return found

    def paper(self, kind: str) -> str:
        """The id of a paper of hers, made on the first call."""
        if kind not in self.papers:
            self.papers[kind] = PAPERS[kind](self)
        return self.papers[kind]


@dataclass(frozen=True)
class Door:
    """One operation: ``roles`` that pass ("" : anybody), what it ``tells``, the ``body`` to send,
    the status when all is well, ``bare``, the status where nothing was consented to, and ``parts``
    of its address that name no person."""

    roles: str
    tells: str = ""
    body: Body | None = None
    ok: int = 200
    query: str = ""
    bare: int | None = None
    parts: dict[str, str] = field(default_factory=dict)


# ------------------------------------------------------------------ papers of a person


def _dispute(person: Person) -> str:
    return str(person.made("/disputes", objection(person))["id"])


def _decision(person: Person) -> str:
    return str(person.made("/decisions", {"scheme": "city"})["id"])


def _consent(person: Person) -> str:
    return agree(person.client, "help")


def _share(person: Person) -> str:
    return str(person.made("/shares", sharing(), by=person.client)["id"])


def _listing(person: Person) -> str:
    return str(person.made("/listings", entry(person))["id"])


def _job(person: Person) -> str:
    """Everybody scored; it is about nobody, but has an id in addresses as papers have."""
    operator = person.service.operator
    form = {"kind": "score everybody", "scheme": "city"}
    made = operator.ok(operator.post("/jobs", form))
    Worker(person.service.house).once()
    return str(made["id"])


PAPERS: dict[str, Callable[[Person], str]] = {
    "consent": _consent,
    "share": _share,
    "decision": _decision,
    "dispute": _dispute,
    "listing": _listing,
    "job": _job,
}
"""How a person comes by each kind of paper that an address can name, in an order that works."""

NOBODYS = {"job"}
"""Kinds of papers that are the house's own and nobody's."""


def objection(person: Person) -> dict[str, Any]:
    """A dispute about her events."""
    events = ["help-0"]
    said = {"statement": "it was longer", "source": "an association"}
    return {"scheme": "city", "about": "events", "events": events, **said}


def entry(person: Person) -> dict[str, Any]:
    """All it takes to enter her in the list of defaulters, with the ground and its legal basis."""
    operator = person.service.operator
    judgment = {"id": "judgment", "kind": "unperformed", "happened_at": START - 90 * DAY}
    operator.ok(operator.post("/events", {"events": [{"subject": person.name, **judgment}]}))
    basis = {"data_sets": ["courts"], "until": START + 300 * DAY, "basis": "law:rules of the city"}
    if person.consented:
        person.made("/consents", {"scheme": "city", **basis})
    return {
        "scheme": "city",
        "list": "defaulters",
        "person": "Judge Gao",
        "decided_in": "decision 7 of 2026",
        "noticed": "2026-11-10",
        "effective": "2026-11-25",
        "matched": "strong identifier",
        "exempt_checked": ["minors"],
        "able": True,
        "heard": {"day": "2026-11-18", "by": "a judge", "came": True, "said": "nothing"},
    }


def event(person: Person) -> dict[str, Any]:
    """One more event of hers."""
    said = {"kind": "volunteering", "happened_at": START - DAY, "fields": {"hours": 1}}
    return {"events": [{"subject": person.name, "id": "more", **said}]}


def wish(person: Person) -> dict[str, Any]:
    """A consent."""
    return {"scheme": "city", "data_sets": ["help"], "until": START + 30 * DAY}


def query(person: Person) -> dict[str, Any]:
    """A partner's question about her."""
    made = "0" * 32
    if person.consented:
        made = person.made("/shares", sharing(), by=person.client)["reference"]
    return {"reference": made, "scheme": "city", "purpose": PURPOSE}


def alarm(person: Person) -> dict[str, Any]:
    """An alarm that somebody has looked at."""
    guesser = person.service.client("partner", f"guesser {person.handle}")
    body = {"reference": "0" * 32, "scheme": "city", "purpose": PURPOSE}
    for _ in range(person.service.house.config.limits.partner_misses_a_day):
        guesser.post("/partner/queries", body)
    (made,) = [
        one["alarm"]
        for one in person.service.operator.get("/alarms").json()
        if one["partner"] == f"guesser {person.handle}"
    ]
    return {"alarm": made, "person": "Li", "note": "looked at"}


def old_key(person: Person) -> dict[str, Any]:
    """A key that is taken back."""
    operator = person.service.operator
    made = operator.ok(operator.post("/keys", {"role": "auditor", "name": "the old one"}))
    return {"digest": made["digest"]}


def repaired(person: Person) -> dict[str, Any]:
    """The answer to her, who has made good."""
    made = person.papers["listing"]
    person.made(f"/listings/{made}/repair", {"said": "I have paid"})
    return {"person": "Li", "granted": True, "grounds": "paid"}


def budget(person: Person) -> dict[str, Any]:
    """A budget for a scope of its own."""
    return {"scope": f"budget {person.handle}", "amount": 1_000_000, "person": "Li"}


def release(person: Person) -> dict[str, Any]:
    """Statistics of a job, with a budget to pay for them."""
    operator = person.service.operator
    scope = {"scope": f"release {person.handle}", "amount": 1_000_000, "person": "Li"}
    operator.ok(operator.post("/statistics/budgets", scope))
    return {**scope, "job": person.paper("job")}


def said(**form: Any) -> Body:
    """A body that is the same for everybody."""
    return lambda person: form


BOTH = "subject operator"
LISTED = "listing"
SCORED = "score band reasons"
DECIDED = "score band reasons consequences"
WORKER = said(person="Li", grounds="it was looked at")

TABLE: dict[str, Door] = {
    "health": Door(""),
    "ready": Door(""),
    "metrics": Door("operator auditor"),
    "schemes": Door(""),
    "scheme": Door("", parts={"name": "city"}),
    "make_key": Door("operator", body=said(role="auditor", name="a court"), ok=201),
    "take_back_key": Door("operator", body=old_key),
    "enter_subject": Door("operator", body=said(subject="newcomer"), ok=201),
    "erase_subject": Door(BOTH, body=said(reason="she asked for it")),
    "record_events": Door("operator", body=event, ok=201),
    "subject_events": Door(BOTH, "events"),
    "strike_events": Door("operator", body=said(events=["help-1"], why="wrong"), ok=201),
    "give_consent": Door(BOTH, body=wish, ok=201),
    "consents": Door(BOTH, "consents"),
    "withdraw_consent": Door(BOTH),
    "score_subject": Door(BOTH, SCORED, said(scheme="city"), bare=403),
    "suppose": Door(BOTH, SCORED, said(scheme="city"), bare=403),
    "make_decision": Door("operator", DECIDED, said(scheme="city"), 201, bare=403),
    "decisions": Door(BOTH, DECIDED),
    "decision": Door(BOTH, DECIDED),
    "step_decision": Door("operator", DECIDED, said(step="end", person="Li", note="over")),
    "decision_letter": Door(BOTH, "notice"),
    "dispute_open": Door(BOTH, "dispute", objection, 201),
    "subject_disputes": Door(BOTH, "dispute"),
    "open_disputes": Door("operator", "dispute"),
    "dispute_step": Door("operator", "dispute", said(step="take", person="Li")),
    "dispute_withdraw": Door("subject", "dispute"),
    "enter_listing": Door("operator", LISTED, entry, 201, bare=403),
    "subject_listings": Door(BOTH, LISTED),
    "ask_repair": Door(BOTH, LISTED, said(said="I have paid")),
    "remove_listing": Door("operator", LISTED, WORKER),
    "find_wrong": Door("operator", LISTED, WORKER),
    "answer_repair": Door("operator", LISTED, repaired),
    "make_share": Door("subject", "band shares", lambda person: sharing(), 201, bare=403),
    "shares": Door(BOTH, "band shares"),
    "take_back_share": Door(BOTH),
    "share_issuer": Door(""),
    "share_states": Door(""),
    "partner_query": Door("partner", "band", query, bare=404),
    "partner_notices": Door("partner", "notice"),
    "open_alarms": Door("operator auditor"),
    "close_alarm": Door("operator", body=alarm),
    "public_list": Door("", "published listing", parts={"scheme": "city", "name": "defaulters"}),
    "subject_calendar": Door(BOTH, "calendar"),
    "subject_icalendar": Door(BOTH, "calendar"),
    "whole_calendar": Door("operator", "calendar"),
    "letters": Door(BOTH, "letters"),
    "make_job": Door("operator", body=said(kind="score everybody", scheme="city"), ok=202),
    "all_jobs": Door("operator"),
    "one_job": Door("operator"),
    "job_result": Door("operator", SCORED),
    "statistics": Door(""),
    "grant_budget": Door("operator", body=budget, ok=201),
    "publish_statistics": Door("operator", body=release, ok=201),
    "record_flags": Door("operator", body=said(looked_at=[{"firm": FIRM, "tries": 9}]), ok=201),
    "inspection_priorities": Door("operator", "flags"),
    "readings": Door(BOTH, "readings"),
    "whole_file": Door(BOTH, "file"),
    "ledger_key": Door(""),
    "checkpoint": Door(""),
    "inclusion": Door("", query="?entry=0&size=1"),
    "consistency": Door("", query="?old=1&new=1"),
    "entries": Door("auditor operator"),
    "verify_all": Door("auditor operator"),
}
