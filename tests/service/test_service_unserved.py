"""A scheme that is no longer run: what was done under it can still be mended and ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from city_service import CITY, member
from serving import DAY, Client, Served
from test_service_disputes import decided, objection, ready
from test_service_lists import FIRM, GRANT, MARKET, listed, polluter

from xinyong.service.sharing import LIVE, PLACE
from xinyong.service.worker import Worker

LIBRARY = Path(__file__).parents[2] / "src" / "xinyong" / "library"


def another(of: Path, folder: Path) -> str:
    """A scheme like one that is there, by another name."""
    lines = of.read_text(encoding="utf-8").splitlines()
    made = folder / "another.yaml"
    made.write_text(
        "\n".join("scheme: another" if one.startswith("scheme: ") else one for one in lines),
        encoding="utf-8",
    )
    return str(made)


def without(start: Callable[..., Served], before: Served, folder: Path) -> Served:
    """The same service at the same moment, which runs another scheme instead."""
    later = start(schemes=[another(LIBRARY / "a-fair-start" / "scheme.yaml", folder)])
    later.clock.now = before.clock.now
    return later


def mended(
    service: Served, subject: Client, handle: str, event: str, field: str, now: object
) -> Any:
    """The answer to a correction of one field, by a dispute under the scheme that is run."""
    form = {"scheme": "another", "about": "events", "events": [event], "statement": "it is wrong"}
    opened = subject.ok(subject.post("/subjects/me/disputes", form))
    operator = service.operator
    steps = f"/subjects/{handle}/disputes/{opened['id']}/steps"
    operator.ok(operator.post(steps, {"step": "take", "person": "Li"}))
    found = {"found": "corrected", "fields": [{"event": event, "field": field, "value": now}]}
    return operator.post(steps, {"step": "decide", "person": "Li", "grounds": "seen", **found})


def letters(service: Served) -> dict[str, dict[str, Any]]:
    """The letters about corrections and disputes that anna was given, by their kinds."""
    acts = service.house.store.of("anna", ("notice",))
    told = [act.body["told"] for act in acts if act.body is not None and "told" in act.body]
    return {one["kind"]: one for one in told if one["to"] == "subject"}


def test_a_correction_ends_a_share_whose_band_cannot_be_worked_out_again(
    start: Callable[..., Served], tmp_path: Path
) -> None:
    before = start(**CITY)
    anna = member(before)
    made = anna.share()
    later = start(**CITY | {"schemes": [another(Path(CITY["schemes"][0]), tmp_path)]})
    hers = later.client("subject", "anna again", "anna")
    later.clock.now = before.clock.now
    assert later.house.store.states(PLACE, values=(LIVE,))
    answer = mended(later, hers, anna.handle, "help-0", "hours", 4)
    assert answer.status_code == 200, answer.text
    assert later.house.store.states("correction", values=("pending",)) == []
    (share,) = hers.ok(hers.get("/subjects/me/shares"))
    assert (share["id"], share["state"]) == (made["id"], "taken back")
    assert later.house.store.states(PLACE, values=(LIVE,)) == []
    said = [act.body for act in later.house.store.of("anna", ("share",))][-1]
    assert said == {"ends": made["id"], "by": "correction", "why": "its scheme is not run any more"}


def test_a_correction_ends_the_burden_of_a_scheme_that_is_not_run_any_more(
    start: Callable[..., Served], tmp_path: Path
) -> None:
    before = start()
    operator, _, handle = ready(before)
    old = decided(operator, handle)
    later = without(start, before, tmp_path)
    anna = later.client("subject", "anna again", "anna")
    answer = mended(later, anna, handle, "bill-0", "on_time", True)
    assert answer.status_code == 200, answer.text
    (decision,) = anna.ok(anna.get("/subjects/me/decisions"))
    assert (decision["id"], decision["state"]) == (old, "ended")
    letter = letters(later)["decision replaced"]
    assert (letter["about"], letter["scheme"]) == (old, "a-fair-start")
    assert letter["operator"] == letter["contact"] == "A credit co-operative"
    asked = anna.get(f"/subjects/me/decisions/{old}/letter", params={"language": "zh"})
    assert asked.status_code == 200


def test_a_person_can_end_a_burden_of_a_scheme_that_is_not_run_any_more(
    start: Callable[..., Served], tmp_path: Path
) -> None:
    before = start()
    operator, _, handle = ready(before)
    old = decided(operator, handle)
    later = without(start, before, tmp_path)
    steps = f"/subjects/{handle}/decisions/{old}/steps"
    form = {"step": "end", "person": "Chen", "note": "we do not run this any more"}
    assert later.operator.ok(later.operator.post(steps, form))["state"] == "ended"


def test_time_decides_a_dispute_whose_scheme_is_not_run_any_more(
    start: Callable[..., Served], tmp_path: Path
) -> None:
    before = start()
    _, anna, handle = ready(before)
    ids = [
        anna.ok(anna.post("/subjects/me/disputes", objection(f"bill-{n}")))["id"] for n in (0, 1)
    ]
    later = without(start, before, tmp_path)
    operator = later.operator
    steps = f"/subjects/{handle}/disputes/{ids[1]}/steps"
    operator.ok(operator.post(steps, {"step": "take", "person": "Li"}))
    found = {"step": "decide", "person": "Li", "found": "kept", "grounds": "it is right"}
    assert operator.ok(operator.post(steps, found))["state"] == "decided"
    later.clock.now += 12 * DAY
    done = Worker(later.house).once()
    assert (done["close_disputes"], done["work_out_all"]) == (1, 1)
    assert operator.ok(operator.get("/disputes")) == []
    letter = letters(later)["dispute timed out"]
    assert (letter["about"], letter["operator"]) == (ids[0], "A credit co-operative")


def test_an_entry_in_a_list_that_is_not_kept_any_more_can_be_taken_off(
    start: Callable[..., Served], tmp_path: Path
) -> None:
    before = start(**MARKET)
    operator, handle = polluter(before)
    made = listed(operator, handle)
    later = start(**MARKET | {"schemes": [another(Path(MARKET["schemes"][0]), tmp_path)]})
    later.clock.now = before.clock.now + 4 * DAY
    path = f"/subjects/{handle}/listings/{made['id']}"
    gone = later.operator.ok(later.operator.post(f"{path}/removal", GRANT))
    assert gone["state"] == "removed"
    said = [act.body["told"] for act in later.house.store.of(FIRM, ("notice",)) if act.body]
    assert (said[-1]["kind"], said[-1]["about"]) == ("listing removed", made["id"])
    assert said[-1]["operator"] == later.house.config.operator
