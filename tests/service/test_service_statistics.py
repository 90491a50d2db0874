"""Published statistics over HTTP: paid first, hidden where small, never more than was granted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from city_service import CITY, kept
from serving import DAY, START, Served

from xinyong.errors import BudgetSpent
from xinyong.records.published_budget import PAID, BudgetEntry, enter
from xinyong.records.store import Act, Parcel, State
from xinyong.service.publishing import LedgerPurse, accounts
from xinyong.service.worker import Worker

BOTH = pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def city(start: Callable[..., Served]) -> Served:
    return start(**CITY, synchronous="OFF")


def crowd(service: Served, count: int = 120) -> None:
    """People of the city who agreed to being scored; half of them kept books too long."""
    from xinyong.records.consent import give

    served = service.house.served("city")
    acts = []
    for n in range(count):
        consent = give(
            id=f"consent-{n}",
            subject=f"person {n}",
            purpose=" ".join(served.approved.scheme.purpose.split()),
            scheme="city",
            operator="A city",
            data_sets=("loans",),
            given_at=START - DAY,
            until=START + 300 * DAY,
        )
        state = State("consent", consent.id, "given", consent.until, "city")
        body = {"consent": consent.to_json(), "by": "subject"}
        acts.append(Act("consent", consent.subject, body, states=(state,)))
    service.house.store.append(Parcel(tuple(acts)))
    late = [event for n in range(0, count, 2) for event in kept(f"person {n}", 3)]
    service.operator.ok(service.operator.post("/events", {"events": late}))


def job_of(service: Served, day: str = "2026-11-22") -> str:
    operator = service.operator
    form = {"kind": "score everybody", "scheme": "city", "day": day}
    made = operator.ok(operator.post("/jobs", form))
    assert Worker(service.house).once()["do_jobs"] == 1
    return str(made["id"])


def pay(job: str, amount: int = 600_000, **other: Any) -> dict[str, Any]:
    return {"job": job, "scope": "city 2026", "amount": amount, "person": "Ms Wen", **other}


@BOTH
def test_bands_are_published_once_and_for_all_to_read(city: Served) -> None:
    crowd(city)
    operator, anybody = city.operator, city.client(None)
    job = job_of(city)
    early = operator.post("/statistics", pay(job))
    assert (early.status_code, early.json()["type"]) == (409, "#budget-spent")
    grant = {"scope": "city 2026", "amount": 1_000_000, "person": "Ms Wen"}
    assert operator.ok(operator.post("/statistics/budgets", grant))["left"] == 1_000_000
    assert operator.post("/statistics/budgets", grant).status_code == 422
    made = operator.ok(operator.post("/statistics", pay(job)))
    assert made["question"]["rows"] == ["plain", "trusted"]
    (plain, _), (trusted, _), (total, _) = made["cells"]
    assert abs(plain - 60) <= 4 * made["within"] and abs(trusted - 60) <= 4 * made["within"]
    assert total == plain + trusted
    told = anybody.ok(anybody.get("/statistics"))
    assert told["releases"] == [made]
    assert told["budgets"] == [
        {"scope": "city 2026", "granted": 1_000_000, "paid": 600_000, "left": 400_000}
    ]
    assert operator.post("/statistics", pay(job, 1)).status_code == 409  # no second answer
    other = job_of(city, "2026-11-21")
    spent = operator.post("/statistics", pay(other, 400_001))
    assert (spent.status_code, spent.json()["type"]) == (409, "#budget-spent")
    operator.ok(operator.post("/statistics", pay(other, 400_000)))
    told = anybody.ok(anybody.get("/statistics"))
    assert [one["left"] for one in told["budgets"]] == [0]
    assert len(told["releases"]) == 2
    assert anybody.post("/statistics", pay(job)).status_code == 401
    assert operator.post("/statistics", pay("no-such-job")).status_code == 404


def test_many_payments_at_once_never_pay_more_than_was_granted(city: Served) -> None:
    purse = LedgerPurse(city.house)
    operator = city.operator
    grant = {"scope": "s", "amount": 1000, "person": "Ms Wen"}
    operator.ok(operator.post("/statistics/budgets", grant))

    def paid(number: int) -> bool:
        try:
            enter(purse, BudgetEntry("s", PAID, 90, f"question {number}", "Ms Wen", number))
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(paid, range(32)))
    (account,) = accounts(city.house)
    assert (sum(done), account.paid, account.left) == (11, 990, 10)
