"""The book: proposed, decided by a person, linked, used, undone; who used it is told."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from linking_people import number

from xinyong.errors import QuestionRefused
from xinyong.records.linking import entries
from xinyong.records.linking.book import Book
from xinyong.records.linking.candidates import MOST
from xinyong.records.linking.entries import Linked, Parted, Proposal
from xinyong.records.linking.identifiers import RESIDENT, Identifier
from xinyong.records.linking.judging import Bars, Judged, judge
from xinyong.records.linking.links import (
    BurdenLink,
    Estimated,
    Evidence,
    EvidenceKind,
    Link,
    PersonDecided,
    StrongIdentifier,
)
from xinyong.records.linking.record import Record, Ref

AT = 1_800_000_000_000_000  # 15 January 2027
DAY = date(2027, 1, 15)
BORN = date(2150, 2, 3)
SEEN = (Evidence(EvidenceKind.IDENTITY_DOCUMENT, "shown at the counter, copy 17"),)
MEI = PersonDecided("Mei, registrar", DAY, SEEN)
ONE, TWO = (Identifier(RESIDENT, number("110101", BORN, n)) for n in (17, 19))


def record(source: str, *numbers: Identifier, name: str = "王小明", **fields: object) -> Record:
    said = {"born": BORN, "place": "Nanjing", "phone": "10012345678"} | fields
    return Record(Ref(source, "1"), "person", name, numbers, **said)  # type: ignore[arg-type]


def a_book(*records: Record) -> tuple[Book, dict[Ref, Record]]:
    held = {one.ref: one for one in records}
    return Book(held.__getitem__), held


def found(left: Record, right: Record, probability: int | None = None) -> Judged:
    return judge(left, right, Bars(), probability=probability)


def test_a_strong_pair_is_linked_at_once_and_carries() -> None:
    left, right = record("court", ONE), record("register", ONE)
    book, _ = a_book(left, right)
    entry = book.take(found(left, right), AT)
    assert isinstance(entry, Linked) and entry.link.basis == StrongIdentifier((RESIDENT,))
    assert entry.link.may_carry_burden
    assert book.burden_link(entry.link.id) == BurdenLink(entry.link, left, right)
    assert book.subject(left.ref, for_burden=True) == {left.ref, right.ref}
    assert book.take(found(left, right), AT + 1) is None


def test_a_probable_pair_is_shown_and_never_carries() -> None:
    left, right = record("court"), record("register")
    book, _ = a_book(left, right)
    entry = book.take(found(left, right, MOST), AT)
    assert isinstance(entry, Linked) and entry.link.basis == Estimated(MOST)
    assert not entry.link.may_carry_burden
    with pytest.raises(QuestionRefused, match="rests on a probability") as caught:
        book.burden_link(entry.link.id)
    assert "a person has to look" in caught.value.why
    assert book.subject(left.ref, for_burden=True) == {left.ref}
    assert book.subject(left.ref, for_burden=False) == {left.ref, right.ref}


def test_a_doubtful_pair_waits_for_a_person_whose_word_carries() -> None:
    left, right = record("court"), record("register", phone="", place="Xian")
    book, _ = a_book(left, right)
    proposal = book.take(found(left, right, 800_000), AT)
    assert isinstance(proposal, Proposal) and book.proposals == (proposal,)
    assert book.take(found(left, right, 900_000), AT) is None  # it waits already
    assert book.subject(left.ref, for_burden=False) == {left.ref}
    entry = book.decide(proposal.id, MEI, same=True, at=AT + 1)
    assert isinstance(entry, Linked) and entry.link.basis == MEI
    assert book.proposals == () and book.burden_link(entry.link.id).link is entry.link
    assert book.take(found(left, right, 10), AT + 2) is None
    with pytest.raises(QuestionRefused, match="nothing waits"):
        book.decide(proposal.id, MEI, same=True, at=AT + 3)


def test_what_a_person_parted_is_not_asked_again_until_other_grounds_are_known() -> None:
    left, right = record("court"), record("register", phone="", place="Xian")
    book, held = a_book(left, right)
    proposal = book.take(found(left, right, 800_000), AT)
    assert isinstance(proposal, Proposal)
    parted = book.decide(proposal.id, MEI, same=False, at=AT + 1)
    assert isinstance(parted, Parted) and parted.told == ()
    assert book.links == () and book.take(found(left, right, 999_000), AT + 2) is None
    held[right.ref] = replace(right, phone="10012345678", place="Nanjing")
    again = book.take(found(left, held[right.ref], MOST), AT + 3)
    assert isinstance(again, Proposal)  # probable by now, and still a person is asked


def test_a_link_can_be_undone_and_those_who_used_it_are_told() -> None:
    left, right, third = record("court", ONE), record("register", ONE), record("tax", ONE)
    book, _ = a_book(left, right, third)
    first = book.take(found(left, right), AT)
    second = book.take(found(right, third), AT)
    assert isinstance(first, Linked) and isinstance(second, Linked)
    assert book.use(left.ref, "decision-9", AT + 1, for_burden=True).links == tuple(
        sorted((first.link.id, second.link.id))
    )
    book.use(third.ref, "score-4", AT + 2, for_burden=False)
    parted = book.split(second.link.id, MEI, "two people with one number", AT + 3)
    assert parted.told == ("decision-9", "score-4")
    assert book.subject(left.ref, for_burden=True) == {left.ref, right.ref}
    assert book.subject(third.ref, for_burden=False) == {third.ref}
    with pytest.raises(QuestionRefused, match="stands"):
        book.burden_link(second.link.id)
    with pytest.raises(QuestionRefused, match="stands"):
        book.split(second.link.id, MEI, "again", AT + 4)
    assert book.take(found(right, third), AT + 5) is None  # not linked again by itself
    # The other link stands, and was used as well.
    assert book.split(first.link.id, MEI, "asked", AT + 6).told == ("decision-9", "score-4")


def test_a_split_link_comes_back_by_a_person_alone_and_old_users_are_not_told_twice() -> None:
    left, right = record("court", ONE), record("register", ONE)
    book, _ = a_book(left, right)
    entry = book.take(found(left, right), AT)
    assert isinstance(entry, Linked)
    book.use(left.ref, "score-1", AT, for_burden=False)
    book.split(entry.link.id, MEI, "a mistake", AT)
    proposal = book.propose(left.ref, right.ref, "the subject says so", AT + 1)
    with pytest.raises(QuestionRefused, match="waits already"):
        book.propose(right.ref, left.ref, "again", AT + 1)
    back = book.decide(proposal.id, MEI, same=True, at=AT + 2)
    assert isinstance(back, Linked) and book.burden_link(back.link.id)
    book.use(left.ref, "score-2", AT, for_burden=False)
    assert book.split(back.link.id, MEI, "after all", AT + 3).told == ("score-2",)


def test_a_probable_link_becomes_strong_and_its_users_are_remembered() -> None:
    left, right = record("court", ONE), record("register")
    book, held = a_book(left, right)
    guess = book.take(found(left, right, MOST), AT)
    assert isinstance(guess, Linked)
    book.use(left.ref, "read-1", AT, for_burden=False)
    held[right.ref] = record("register", ONE)
    sure = book.take(found(left, held[right.ref], MOST), AT + 1)
    assert isinstance(sure, Linked) and sure.link.may_carry_burden
    assert book.links == (sure.link,)
    with pytest.raises(QuestionRefused, match="stands"):
        book.split(guess.link.id, MEI, "old", AT + 2)
    assert book.split(sure.link.id, MEI, "wrong", AT + 2).told == ("read-1",)


def test_two_different_numbers_never_meet_in_one_subject() -> None:
    left, middle, right = record("court", ONE), record("register"), record("tax", TWO)
    book, _ = a_book(left, middle, right)
    for one, other in ((left, middle), (middle, right)):
        proposal = book.propose(one.ref, other.ref, "by hand", AT)
        if one is left:
            book.decide(proposal.id, MEI, same=True, at=AT)
    with pytest.raises(QuestionRefused, match="cannot be one subject") as caught:
        book.decide(proposal.id, MEI, same=True, at=AT)
    assert ONE.value not in str(caught.value) and TWO.value not in str(caught.value)
    assert book.subject(right.ref, for_burden=True) == {right.ref}


def test_a_guess_never_brings_two_different_numbers_together() -> None:
    left, middle, right = record("court", ONE), record("register"), record("tax", TWO)
    book, _ = a_book(left, middle, right)
    assert isinstance(book.take(found(left, middle, MOST), AT), Linked)
    assert isinstance(book.take(found(middle, right, MOST), AT), Linked)
    # Each may be; both cannot. Neither is shown, from whichever end one looks.
    for one in (left, middle, right):
        assert book.subject(one.ref, for_burden=False) == {one.ref}
    clash = book.take(replace(found(left, right, MOST), match=found(left, middle, MOST).match), AT)
    assert isinstance(clash, Proposal) and "two different numbers" in clash.why


def test_a_strong_link_stops_carrying_when_the_records_no_longer_bear_it_out() -> None:
    left, right = record("court", ONE), record("register", ONE)
    book, held = a_book(left, right)
    entry = book.take(found(left, right), AT)
    assert isinstance(entry, Linked)
    held[right.ref] = record("register", ONE, name="李红")
    with pytest.raises(QuestionRefused, match="any more") as caught:
        book.burden_link(entry.link.id)
    assert "names differ" in caught.value.why
    assert book.subject(left.ref, for_burden=True) == {left.ref}
    asked = book.take(found(left, held[right.ref], 1), AT + 1)
    assert isinstance(asked, Proposal)


def test_a_link_cannot_be_forged() -> None:
    left, right, other = record("court"), record("register"), record("tax", TWO)
    for one, basis in (
        (right, StrongIdentifier((RESIDENT,))),
        (right, Estimated(MOST)),
    ):
        with pytest.raises(QuestionRefused):
            BurdenLink(Link(left.ref, one.ref, basis, (), AT), left, one)
    with pytest.raises(QuestionRefused, match="not those of the link"):
        BurdenLink(Link(left.ref, right.ref, MEI, (), AT), left, other)
    first = record("court", ONE)
    with pytest.raises(QuestionRefused, match="any more"):
        BurdenLink(Link(first.ref, other.ref, MEI, (), AT), first, other)
    for basis in ((), ("name",), (RESIDENT, "phone")):
        with pytest.raises(QuestionRefused, match="without a strong identifier"):
            StrongIdentifier(basis)
    for probability in (-1, 1_000_000):
        with pytest.raises(QuestionRefused, match="probability"):
            Estimated(probability)
    with pytest.raises(QuestionRefused, match="to itself"):
        Link(left.ref, left.ref, MEI, (), AT)
    told = Link(left.ref, right.ref, Estimated(700_000), (), AT).to_json()
    told["basis"] = {"strong": [RESIDENT]}
    with pytest.raises(QuestionRefused, match="id does not fit"):
        Link.from_json(told)


@pytest.mark.parametrize(
    ("by", "day", "evidence", "says"),
    [
        ("", DAY, SEEN, "person who decides"),
        ("  ", DAY, SEEN, "person who decides"),
        ("Mei", DAY, (), "without evidence"),
        ("Mei", DAY + timedelta(days=2), SEEN, "dated after"),
    ],
)
def test_a_decision_names_person_day_and_evidence(
    by: str, day: date, evidence: tuple[Evidence, ...], says: str
) -> None:
    left, right = record("court"), record("register")
    with pytest.raises(QuestionRefused, match=says):
        Link(left.ref, right.ref, PersonDecided(by, day, evidence), (), AT)
    with pytest.raises(QuestionRefused, match="evidence is not named"):
        Evidence(EvidenceKind.COURT_FILE, " ")


def test_entries_survive_the_ledger_and_say_nothing_about_anybody() -> None:
    left, right = record("court", ONE), record("register", phone="", place="Xian")
    book, held = a_book(left, right)
    written = [book.take(found(left, right, 800_000), AT)]
    assert isinstance(written[0], Proposal)
    written.append(book.decide(written[0].id, MEI, same=True, at=AT + 1))
    written.append(book.use(left.ref, "score-1", AT + 2, for_burden=True))
    written.append(book.split(book.links[0].id, MEI, "after a dispute", AT + 3))
    text = [json.dumps(entry.to_json(), ensure_ascii=False) for entry in written if entry]
    for hidden in ("王小明", ONE.value, "10012345678", "2150"):
        assert not any(hidden in one for one in text)
    read = [entries.from_json(json.loads(one)) for one in text]
    assert read == written
    again = Book(held.__getitem__, read)
    assert (again.links, again.proposals) == (book.links, book.proposals) == ((), ())
    assert again.take(found(left, right, 800_000), AT + 4) is None
    with pytest.raises(QuestionRefused, match="no known kind"):
        entries.from_json({"what": "merged"})
    with pytest.raises(QuestionRefused, match="id does not fit"):
        entries.from_json(written[0].to_json() | {"why": "changed"})


class Books(RuleBasedStateMachine):
    """Anything anybody may do, in any order: the book never joins two numbers for a burden."""

    @initialize()
    def begin(self) -> None:
        sources = ("court", "register", "tax", "bureau", "water")
        numbers = (ONE, ONE, TWO, None, None)
        self.records = {
            Ref(s, "1"): record(s, *([n] if n else []))
            for s, n in zip(sources, numbers, strict=True)
        }
        self.refs = sorted(self.records)
        self.book = Book(self.records.__getitem__)
        self.written: list[entries.Entry] = []
        self.used: dict[str, set[frozenset[Ref]]] = {}
        self.at = AT

    def tick(self) -> int:
        self.at += 1
        return self.at

    @rule(i=st.integers(0, 4), j=st.integers(0, 4), p=st.sampled_from([None, 600_000, MOST]))
    def matching(self, i: int, j: int, p: int | None) -> None:
        if i != j:
            pair = found(self.records[self.refs[i]], self.records[self.refs[j]], p)
            entry = self.book.take(pair, self.tick())
            self.written += [entry] if entry else []

    @rule(i=st.integers(0, 4), j=st.integers(0, 4))
    def propose(self, i: int, j: int) -> None:
        pair = {self.refs[i], self.refs[j]}
        if i != j and all(p.pair != pair for p in self.book.proposals):
            self.written.append(
                self.book.propose(self.refs[i], self.refs[j], "by hand", self.tick())
            )

    @precondition(lambda self: self.book.proposals)
    @rule(data=st.data(), same=st.booleans())
    def decide(self, data: st.DataObject, same: bool) -> None:
        proposal = data.draw(st.sampled_from(self.book.proposals))
        try:
            entry = self.book.decide(proposal.id, MEI, same=same, at=self.tick())
        except QuestionRefused as error:
            assert same and "two different numbers" in error.why
        else:
            self.written.append(entry)
            self.told(entry)

    @rule(i=st.integers(0, 4), burden=st.booleans())
    def use(self, i: int, burden: bool) -> None:
        used = self.book.use(self.refs[i], f"use-{self.at}", self.tick(), for_burden=burden)
        links = {link.id: link.pair for link in self.book.links}
        self.used[used.by] = {links[one] for one in used.links}
        self.written.append(used)

    @precondition(lambda self: self.book.links)
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        link = data.draw(st.sampled_from(self.book.links))
        entry = self.book.split(link.id, MEI, "a mistake", self.tick())
        self.written.append(entry)
        self.told(entry)

    def told(self, entry: entries.Entry) -> None:
        """Everybody who used the parted pair is told, and nobody else."""
        if isinstance(entry, Parted):
            assert set(entry.told) == {by for by, pairs in self.used.items() if entry.pair in pairs}
            for pairs in self.used.values():
                pairs.discard(entry.pair)

    @invariant()
    def no_two_numbers_meet(self) -> None:
        for ref in self.refs:
            for burden in (True, False):
                subject = self.book.subject(ref, for_burden=burden)
                held = {n for one in subject for n in self.records[one].identifiers}
                assert len(held) <= 1 and ref in subject
            sure = self.book.subject(ref, for_burden=True)
            assert sure <= subject
            assert all(ref in self.book.subject(one, for_burden=False) for one in subject)
            assert all(self.book.subject(one, for_burden=True) == sure for one in sure)

    @invariant()
    def the_entries_are_the_book(self) -> None:
        again = Book(self.records.__getitem__, self.written)
        assert (again.links, again.proposals) == (self.book.links, self.book.proposals)


Books.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestBooks = Books.TestCase
