"""How a scheme's events follow from what happens in the lab."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xinyong.engine import plain
from xinyong.errors import QuestionRefused, SchemeRefused
from xinyong.lab.casting import Casting, Happening, StreamSpec, cast, happening_of
from xinyong.lab.probing import event_instant, last_day, month_of
from xinyong.records.event import Event
from xinyong.scheme import library
from xinyong.scheme.model import Scheme

EVERY = library.names()
FIRMS = frozenset(range(Happening.REPORTED, Happening.CURED + 1)) | {
    Happening.DECLARED, Happening.BORDER_FINED,
}  # fmt: skip
BOTH = frozenset(
    {Happening.GRAVE_BREACH, Happening.COURT_DEFAULT, Happening.COURT_DONE, Happening.COVERED}
)


def points(casting: Casting, kind: str) -> list[int]:
    return [stream.points for stream in casting.streams if stream.kind == kind]


@pytest.mark.parametrize("name", EVERY)
def test_every_scheme_is_cast_on_the_happenings_of_its_subjects(name: str) -> None:
    scheme = library.load(name)
    casting = cast(scheme)
    kinds = {kind for data_set in scheme.data_sets.values() for kind in data_set.events}
    assert casting.streams
    assert len(casting.happenings) * 8 <= 100
    for stream in casting.streams:
        assert stream.kind in kinds | {"coverage"}
        firm = stream.happening in FIRMS
        if stream.happening not in BOTH:
            assert firm == (scheme.subjects == "organisation"), stream
    assert [s.happening for s in casting.streams] == sorted(s.happening for s in casting.streams)


def test_points_are_those_of_the_scheme_as_written() -> None:
    suining = cast(library.load("suining-2010"))
    assert {s.kind: s.points for s in suining.streams} == {
        "bill_unpaid": -20,
        "card_unpaid": -50,
        "red_light": -5,
        "office_blocked": -50,
        "parents_neglected": -50,
        "party_warning": -30,
        "violence": -50,
        "commendation": 100,
        "bravery": 10,
        "petition": -20,
        "unplanned_birth": -35,
    }
    rongcheng = cast(library.load("rongcheng"))
    assert points(rongcheng, "penalty") == [-30]
    assert points(rongcheng, "quarrel") == [-5]
    assert points(rongcheng, "judgment") == [-100]
    assert points(rongcheng, "judgment_performed") == [100]


def test_best_and_worst_values_make_the_variants() -> None:
    rongcheng = cast(library.load("rongcheng"))
    offences = {s.happening: s for s in rongcheng.streams if s.kind == "traffic_offence"}
    assert dict(offences[Happening.GRAVE_BREACH].fields) == {"offence": "drunk_driving"}
    assert dict(offences[Happening.SMALL_BREACH].fields) != {"offence": "drunk_driving"}
    # the veto costs no points, so those that bring the same band: from 1000 to the end of C
    assert offences[Happening.GRAVE_BREACH].points == 849 - 1000
    fair = cast(library.load("a-fair-start"))
    bills = {dict(s.fields)["on_time"]: s for s in fair.streams if s.kind == "bill"}
    assert bills[True].happening == Happening.BILL_PAID
    assert bills[False].happening == Happening.BILL_MISSED
    assert bills[True].points > 0 > bills[False].points


def test_what_puts_right_is_found_after_the_breach() -> None:
    repair = cast(library.load("credit-repair"))
    [mended] = [s for s in repair.streams if s.kind == "record_repaired"]
    assert mended.happening == Happening.CURED
    assert dict(mended.fields)["duty_done"] is True
    assert mended.points > 0


def test_points_are_what_the_plain_engine_gives() -> None:
    scheme = library.load("suqian-2018")
    month = month_of(scheme.in_force.since) + 24
    at, day = event_instant(month, scheme), last_day(month)

    def score(stream: StreamSpec | None) -> int:
        events = []
        if stream is not None:
            events = [Event("1", stream.kind, at, at, "1", dict(stream.fields))]
        return plain.score(scheme, events, subject="1", day=day).score

    nothing = score(None)
    alone = [s for s in cast(scheme).streams if s.kind != "judgment_performed"]
    assert len(alone) >= 8
    for stream in alone:
        assert score(stream) - nothing == stream.points, stream


def test_a_casting_is_the_same_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import xinyong.lab.casting as room

    scheme = library.load("sesame-linked")
    first = cast(scheme)
    assert cast(scheme) is first
    room._cast.cache_clear()
    monkeypatch.setenv("XINYONG_ENGINE", "numpy")
    again = cast(scheme)
    assert again is not first
    assert again == first


def test_what_is_met_follows_shares_and_traits_last() -> None:
    streams = (
        StreamSpec(Happening.GOOD_DEED, "a", (), 1, 3.0),
        StreamSpec(Happening.GOOD_DEED, "b", (), 9, 1.0),
        StreamSpec(Happening.PROFILE, "c", (("x", True),), 1),
        StreamSpec(Happening.PROFILE, "c", (("x", False),), -1),
    )
    casting = Casting("x", "y", streams)
    met = np.stack([casting.met(month) for month in range(500)])
    assert met.shape == (500, 2, 16)
    assert abs((met[:, 0] == 0).mean() - 0.75) < 0.02
    assert (met[:, 1] == met[0, 1]).all()
    assert set(met[0, 1].tolist()) == {2, 3}
    assert casting.points[Happening.GOOD_DEED] == 3
    assert casting.rows[Happening.GOOD_DEED] == 0
    assert casting.rows[Happening.PROFILE] == 1
    assert casting.rows[Happening.SPOKE] == -1


# ------------------------------------------------------------------ lab.yaml


@pytest.fixture
def scheme() -> Scheme:
    return library.load("rongcheng")


def write(folder: Path, text: str) -> Path:
    (folder / "lab.yaml").write_text(text)
    return folder


def test_a_file_in_the_folder_counts_instead(scheme: Scheme, tmp_path: Path) -> None:
    text = """
streams:
  - {happening: SPOKE, kind: quarrel, share: 2}
  - {happening: SMALL_BREACH, kind: traffic_offence, fields: {offence: speeding}, share: 5}
leave_out: [gift, soldier_child]
"""
    casting = cast(scheme, folder=write(tmp_path, text))
    spoken = {s.kind: s for s in casting.streams}
    assert spoken["quarrel"].happening == Happening.SPOKE
    assert spoken["quarrel"].points == -5
    [offence] = [s for s in casting.streams if s.kind == "traffic_offence"]
    assert (dict(offence.fields), offence.share) == ({"offence": "speeding"}, 5.0)
    assert not {"gift", "soldier_child"} & set(spoken)
    by_rule = {s.kind: s for s in cast(scheme).streams}
    assert spoken["blood_donation"] == by_rule["blood_donation"]


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("{happening: SPOKEN, kind: quarrel}", ":2:", "no happening 'SPOKEN'"),
        ("{happening: SPOKE, kind: quarel}", ":2:", "no event 'quarel'"),
        ("{happening: SPOKE, kind: gift, fields: {wort: 3}}", ":2:", "has no field 'wort'"),
        ("{happening: SPOKE, kind: gift, fields: {worth: much}}", ":2:", "does not fit"),
        (
            "{happening: SPOKE, kind: traffic_offence, fields: {offence: flying}}",
            ":2:",
            "parking, red_light",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    scheme: Scheme, tmp_path: Path, line: str, place: str, message: str
) -> None:
    folder = write(tmp_path, f"streams:\n  - {line}\n")
    with pytest.raises(SchemeRefused) as caught:
        cast(scheme, folder=folder)
    assert f"lab.yaml{place}" in str(caught.value)
    assert message in str(caught.value)


def test_nothing_left_to_happen_is_refused(scheme: Scheme, tmp_path: Path) -> None:
    kinds = [kind for data_set in scheme.data_sets.values() for kind in data_set.events]
    folder = write(tmp_path, f"leave_out: [{', '.join(kinds)}]\n")
    with pytest.raises(QuestionRefused, match="nothing that can happen"):
        cast(scheme, folder=folder)


def test_a_kind_that_is_not_there_is_refused(scheme: Scheme) -> None:
    with pytest.raises(QuestionRefused, match="no event 'flight'"):
        happening_of(scheme, "flight", {}, -1)
