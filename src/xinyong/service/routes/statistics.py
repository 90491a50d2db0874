"""Published statistics: counts with noise, small numbers hidden, paid from a budget."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from pydantic import Field
from starlette.responses import Response

from xinyong.records.published_budget import MOST_GRANTED, Account
from xinyong.service import publishing
from xinyong.service.asking import Asked, plain
from xinyong.service.desk import Desk
from xinyong.service.forms import Form, Id, Line, Told
from xinyong.service.jobs import DONE, jobs, result_of
from xinyong.service.problems import Refused, not_here

desk = Desk("/statistics", "statistics")

Amount = Annotated[int, Field(ge=1, le=MOST_GRANTED)]


class GrantForm(Form):
    """A budget for a scope, such as a scheme's subjects in a year; ``amount`` in millionths."""

    scope: Id
    amount: Amount
    person: Line


class PublishForm(Form):
    """Publish the bands of a job that is done, for ``amount`` millionths of a scope's budget."""

    job: Id
    scope: Id
    amount: Amount
    person: Line


class AccountTold(Told):
    """A budget: what was granted, paid, and is left, in millionths of an epsilon."""

    scope: str
    granted: int
    paid: int
    left: int


class ReleaseTold(Told):
    """A table with totals, the grand total last; hidden numbers are null."""

    question: dict[str, Any]
    cells: list[list[int | None]]
    within: int
    least: int
    scheme: str
    day: str


class StatisticsTold(Told):
    """All releases and all budgets."""

    releases: list[ReleaseTold]
    budgets: list[AccountTold]


@desk.get("", answers=StatisticsTold)
async def statistics(asked: Asked) -> Response:
    """Everything that was published, and what is left of each budget."""
    releases = await asked.read(publishing.releases, asked.house)
    accounts = await asked.read(publishing.accounts, asked.house)
    return plain({"releases": releases, "budgets": [_told(one) for one in accounts]})


@desk.post("/budgets", roles=("operator",), answers=AccountTold, status=201)
async def grant_budget(asked: Asked, form: GrantForm) -> Response:
    """Grant a scope its budget: once, for good, before anything is told of it."""
    made = await to_thread.run_sync(
        publishing.grant, asked.house, form.scope, form.amount, form.person, asked.moment
    )
    return plain(_told(made), 201)


@desk.post("", roles=("operator",), answers=ReleaseTold, status=201, refuses=(404,))
async def publish_statistics(asked: Asked, form: PublishForm) -> Response:
    """Publish how many subjects are in each band. The budget is charged first.

    Numbers have noise in them, small ones are hidden. The same is not published twice.
    """
    known = await asked.read(jobs, asked.house)
    job = next((one for one in known if one["id"] == form.job), None)
    if job is None:
        raise not_here()
    if job["state"] != DONE or not result_of(asked.house, form.job).exists():
        raise Refused(409, "not-done", "this job has no result", where="job", mend="ask for a new")
    made = await to_thread.run_sync(
        lambda: publishing.publish_bands(
            asked.house,
            job,
            scope=form.scope,
            amount=form.amount,
            by=form.person,
            moment=asked.moment,
        )
    )
    return plain(made, 201)


def _told(account: Account) -> dict[str, Any]:
    return {
        "scope": account.scope,
        "granted": account.granted,
        "paid": account.paid,
        "left": account.left,
    }
