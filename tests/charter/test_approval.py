"""Approval is a type that cannot exist for a refused scheme; a fair start needs all its rights."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import date
from typing import Any

import pytest
from clean import DAY, GONE, changed, read

from xinyong.charter import approval
from xinyong.charter.approval import ApprovedScheme, approve
from xinyong.charter.check import check, home, read_places
from xinyong.charter.words import DISCLAIMER, Severity, State, Verdict
from xinyong.errors import CharterRefused, QuestionRefused
from xinyong.scheme import library
from xinyong.scheme.follows import Rights

FAIR = library.load("a-fair-start")
GRANTED = [name for name in Rights.model_fields if getattr(FAIR.rights, name) not in (None, False)]


@pytest.mark.parametrize("place", ["eu", "us", "cn", "all"])
def test_a_fair_start_is_approved(place: str) -> None:
    approved = approve(FAIR, place, DAY)
    assert approved.places == read_places(place)
    assert approved.digest == FAIR.digest
    assert approved.report.verdict is Verdict.NO_OBJECTION
    assert {finding.severity for finding in approved.warnings} <= {Severity.INFO}


def test_a_fair_start_grants_every_right_there_is_but_damages_for_a_listing() -> None:
    assert set(GRANTED) == set(Rights.model_fields) - {"wrongful"}
    assert not FAIR.lists


@pytest.mark.parametrize("right", GRANTED)
def test_without_any_one_right_a_fair_start_is_refused(right: str) -> None:
    taken = changed("fair", {f"rights.{right}": GONE})
    with pytest.raises(CharterRefused) as error:
        approve(taken, "all", DAY)
    assert [f for f in error.value.findings if f.severity.name == "ERROR"]
    refused = [place for place in ("eu", "us", "cn") if check(taken, place, DAY).refused]
    assert refused, "in at least one of the places by itself"


@pytest.mark.parametrize(
    "part",
    [
        "rights.dispute.mark",
        "rights.notice.within",
        "rights.notice.reasons",
        "rights.notice.specific",
    ],
)
def test_nor_without_a_part_of_one(part: str) -> None:
    assert read("fair", {part: GONE}).verdict is Verdict.REFUSED


@pytest.mark.parametrize("hidden", ["score", "reasons", "record", "readers"])
def test_nor_with_something_hidden(hidden: str) -> None:
    shows = [word for word in ("score", "reasons", "record", "readers") if word != hidden]
    assert read("fair", {"rights.access.shows": shows}).verdict is Verdict.REFUSED


def test_approval_cannot_be_made_for_a_refused_scheme_by_any_road() -> None:
    lab = library.load("rongcheng")
    with pytest.raises(CharterRefused):
        ApprovedScheme(lab, ("cn",), DAY)
    approved = approve(FAIR, "eu", DAY)
    with pytest.raises(CharterRefused):
        replace(approved, scheme=lab)
    with pytest.raises(FrozenInstanceError):
        approved.scheme = lab  # type: ignore[misc]
    assert "override" not in "".join(vars(approval))


def test_a_copy_and_a_pickle_read_the_clauses_again(monkeypatch: pytest.MonkeyPatch) -> None:
    approved = approve(FAIR, "eu", DAY)
    packed = pickle.dumps(approved)
    assert pickle.loads(packed) == copy.copy(approved) == copy.deepcopy(approved) == approved
    read_again: list[str] = []

    def counted(*given: Any, **more: Any) -> Any:
        read_again.append(given[0].scheme)
        return check(*given, **more)

    monkeypatch.setattr(approval, "check", counted)
    pickle.loads(packed)
    copy.copy(approved)
    copy.deepcopy(approved)
    assert read_again == ["a-fair-start"] * 3


def test_an_approval_names_scheme_clauses_and_code() -> None:
    approved = approve(FAIR, "eu", DAY)
    digests = (approved.digest, approved.clauses_digest, approved.code_digest)
    assert len(set(digests)) == 3
    assert all(len(one) == 64 and int(one, 16) >= 0 for one in digests)


def test_the_digest_of_clauses_changes_with_a_clause(tmp_path: Any) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    before = approval._digest_of(tmp_path)
    approval._digest_of.cache_clear()
    (tmp_path / "a.py").write_text("x = 2\n")
    assert approval._digest_of(tmp_path) != before
    approval._digest_of.cache_clear()


def test_a_refusal_holds_all_findings_and_says_why() -> None:
    with pytest.raises(CharterRefused) as error:
        approve(library.load("suining-2010"), "cn", DAY)
    assert "lab only" in str(error.value)
    assert len(error.value.findings) == len(check(library.load("suining-2010"), "cn", DAY).findings)


def test_a_scheme_that_does_not_say_enough_is_unknown_and_not_approved() -> None:
    report = read("city", {"data_sets.loans.collected_from": GONE})
    assert report.verdict is Verdict.UNKNOWN and report.refused
    assert report.states["D00-unsaid"] is State.UNKNOWN


def test_places() -> None:
    assert read_places("eu") == ("eu",)
    assert read_places("us, cn") == ("cn", "us")
    assert read_places("all") == ("cn", "eu", "us")
    assert read_places("elsewhere") == ()
    for odd in ("mars", "", "eu,mars"):
        with pytest.raises(QuestionRefused):
            read_places(odd)


@pytest.mark.parametrize(
    ("codes", "places"),
    [
        ([], ("cn", "eu", "us")),
        (["CN-SH"], ("cn",)),
        (["DE"], ("eu",)),
        (["US", "FR"], ("eu", "us")),
        (["NG"], ()),
    ],
)
def test_home_is_where_the_scheme_says(codes: list[str], places: tuple[str, ...]) -> None:
    assert home(changed("fair", {"jurisdiction": codes})) == places


def test_elsewhere_the_charters_own_rules_still_hold() -> None:
    report = read("fair", {"consequences.3.related": {}}, place="elsewhere")
    assert report.verdict is Verdict.LAB_ONLY
    assert [(f.clause, str(f.basis), f.law) for f in report.findings if f.severity == 3] == [
        ("C01-context", "charter", ())
    ]


def test_the_same_question_has_the_same_answer() -> None:
    scheme = library.load("sesame-2015")
    assert check(scheme, "all", DAY) == check(scheme, "all", DAY)


def test_nothing_is_ever_called_compliant_and_nothing_is_a_percentage() -> None:
    words = [str(verdict) for verdict in Verdict] + [str(state) for state in State]
    assert not [word for word in words if "compl" in word or "%" in word or "pass" in word]
    assert "not legal advice" in DISCLAIMER


def test_the_ai_act_does_not_bind_a_table_written_by_hand() -> None:
    broken = {"consequences.3.related": {}}
    by_hand = read("fair", broken, place="eu").findings[0]
    learnt = read("fair", {**broken, "ai_system": True}, place="eu").findings[0]
    assert (by_hand.clause, str(by_hand.basis)) == ("C01-context", "charter")
    assert (learnt.clause, str(learnt.basis)) == ("C01-context", "statute")
    assert learnt.law == ("AI Act art. 5(1)(c)(i)",)


def test_local_law_binds_where_the_scheme_is() -> None:
    at_home = read("city", {"rights.dispute.decide": "6 working days"})
    assert at_home.verdict is Verdict.NO_OBJECTION
    shanghai = read(
        "city", {"rights.dispute.decide": "6 working days", "jurisdiction": ["CN", "CN-SH"]}
    )
    assert [f.clause for f in shanghai.findings] == ["P06-dispute"]
    assert "5 working days are the most" in shanghai.findings[0].why


def test_high_risk_duties_start_on_their_day() -> None:
    ai = {"ai_system": True}
    before = read("fair", ai, day=date(2027, 11, 1), place="eu")
    after = read("fair", ai, day=date(2027, 12, 2), place="eu")
    told = [
        next(f.severity for f in one.findings if f.clause == "G03-highrisk")
        for one in (before, after)
    ]
    assert told == [Severity.INFO, Severity.ERROR]


def test_clauses_grow_stale() -> None:
    fresh = read("fair", {}, day=date(2027, 11, 22), place="us")
    stale = read("fair", {}, day=date(2027, 11, 23), place="us")
    assert fresh.verdict is Verdict.NO_OBJECTION
    assert stale.verdict is Verdict.UNKNOWN
