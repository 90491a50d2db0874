from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import AMINA, NOW, at, consent, scheme

from xinyong.decisions.permission import may_read, may_share
from xinyong.errors import StepRefused
from xinyong.records.consent import Consent, give

FIELDS = {
    "id": "c",
    "subject": AMINA,
    "scheme": "a-fair-start",
    "operator": "A credit co-operative",
    "data_sets": ("bills",),
    "given_at": at("2027-01-01"),
    "until": at("2028-01-01"),
}


@given(moment=st.integers(at("2026-01-01"), at("2030-01-01")))
def test_it_holds_from_its_beginning_until_its_end_or_until_it_is_taken_back(moment: int) -> None:
    one = consent()
    assert one.in_force(moment) == (one.given_at <= moment < one.until)
    stopped = one.withdrawn(NOW)
    assert stopped.in_force(moment) == (one.given_at <= moment < NOW)
    assert Consent.from_json(stopped.to_json()) == stopped


def test_it_holds_for_its_own_purpose_partner_and_data_alone() -> None:
    one = consent()
    assert one.in_force(NOW, scheme().purpose, ["bills"])
    assert not one.in_force(NOW, "Sell them things", ["bills"])
    assert not one.in_force(NOW, scheme().purpose, ["bills", "account"])
    assert not one.in_force(NOW, scheme().purpose, ["bills"], partner="A shop")
    passed_on = replace(one, partner="A shop")
    assert passed_on.in_force(NOW, scheme().purpose, ["bills"], partner="A shop")
    assert not passed_on.in_force(NOW, scheme().purpose, ["bills"])


@pytest.mark.parametrize(
    "purpose",
    [["to lend", "to sell"], [], "to lend; to sell", "to lend；to sell", "to lend\nto sell"],
)
def test_several_purposes_in_one_are_refused(purpose: object) -> None:
    with pytest.raises(StepRefused) as caught:
        give(purpose=purpose, **FIELDS)  # type: ignore[arg-type]
    assert caught.value.code in ("bundled", "unfit")
    if isinstance(purpose, list):
        with pytest.raises(StepRefused, match="several purposes"):
            Consent.from_json({**consent().to_json(), "purpose": purpose})


def test_there_is_no_consent_without_an_end_or_with_a_far_one() -> None:
    with pytest.raises(StepRefused, match="too late") as caught:
        consent(until=at("2029-01-02"))
    assert caught.value.code == "unbounded"
    assert consent(until=at("2029-01-01T23:00:00")).until > NOW
    with pytest.raises(StepRefused, match="ends before"):
        consent(until=at("2026-01-01"))
    data = consent().to_json()
    del data["until"]
    with pytest.raises(StepRefused, match="until"):
        Consent.from_json(data)


def test_a_legal_basis_is_named_and_is_not_the_subjects_to_take_back() -> None:
    law = consent(basis="law:GDPR art. 6(1)(b)", data_sets=("circle",))
    with pytest.raises(StepRefused, match="not the subject's"):
        law.withdrawn(NOW)
    assert not law.closed(NOW).in_force(NOW)
    with pytest.raises(StepRefused):
        consent().closed(NOW)
    for basis in ("law:", "law: ", "legitimate", ""):
        data = {**law.to_json(), "basis": basis}
        with pytest.raises(StepRefused):
            Consent.from_json(data)
    with pytest.raises(StepRefused, match="ended already"):
        consent().withdrawn(NOW).withdrawn(NOW + 1)


def test_a_scheme_reads_what_is_agreed_to_separately_in_writing_and_after_a_warning() -> None:
    def read(*consents: Consent) -> set[str]:
        return set(may_read(scheme(), consents, subject=AMINA, moment=NOW).data_sets)

    assert read() == set()
    assert read(consent()) == {"bills"}
    assert read(consent(data_sets=("bills", "account"))) == set()
    assert read(consent(written=False)) == set()
    assert read(consent(warned=False)) == set()
    assert read(consent(subject="ben")) == set()
    assert read(consent(scheme="another")) == set()
    assert read(consent(operator="Another")) == set()
    assert read(consent(purpose="To sell them things")) == set()
    assert read(consent(partner="A shop")) == set()
    assert read(consent(basis="law:GDPR art. 6(1)(b)")) == set()
    assert read(consent(basis="law:GDPR art. 6(1)(b)", data_sets=("circle",))) == {"circle"}
    assert read(consent().withdrawn(NOW)) == set()
    assert read(consent().withdrawn(NOW + 1)) == {"bills"}


def test_nothing_is_passed_on_without_consent_to_that_partner_for_that_purpose() -> None:
    city = scheme("city")
    fields = {
        "scheme": "city", "operator": "A city", "purpose": "to waive a deposit",
        "partner": "the car parks", "data_sets": ("loans",),
    }  # fmt: skip

    def shared(*consents: Consent, partner: str = "the car parks") -> list[str]:
        found = may_share(city, consents, subject=AMINA, partner=partner, moment=NOW)
        return [f"{share.what} {one.id}" for share, one in found]

    yes = consent(**fields)
    assert shared() == [] and shared(yes) == ["band consent-1"]
    assert shared(yes, partner="a shop") == []
    assert shared(consent(**{**fields, "partner": "a shop"}), partner="a shop") == []
    for odd in (
        {"partner": None}, {"partner": "a shop"}, {"subject": "ben"}, {"operator": "Another"},
        {"purpose": city.purpose}, {"scheme": "another"}, {"until": NOW},
        {"basis": "law:Parking Act"},  # the scheme names no law that orders it
    ):  # fmt: skip
        assert shared(consent(**{**fields, **odd})) == []
    assert shared(yes.withdrawn(NOW)) == []
    by_law = city.shares[0].model_copy(update={"law": "Parking Act"})
    ordered = city.model_copy(update={"shares": (by_law,)})
    law = consent(**fields, basis="law:Parking Act")
    assert may_share(ordered, [law], subject=AMINA, partner="the car parks", moment=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"given_at": "1"},
        {"given_at": True},
        {"given_at": 1.0},
        {"data_sets": []},
        {"data_sets": ["bills", "bills"]},
        {"data_sets": "bills"},
        {"unknown": 1},
        {"id": ""},
        {"id": "a\nb"},
        {"subject": " amina"},
        {"written": 1},
        {"shown": "abc"},
        {"until": 10**30},
        {"withdrawn_at": 0},
    ],
)
def test_odd_data_is_no_consent(change: dict[str, object]) -> None:
    data = {**consent().to_json(), **change}
    with pytest.raises(StepRefused) as caught:
        Consent.from_json(data)
    assert "amina" not in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "x", {1: 2}, {"a": {1, 2}}, {"a": float("nan")}])
def test_what_is_no_plain_data_is_no_consent(data: object) -> None:
    with pytest.raises(StepRefused):
        Consent.from_json(data)
