"""The book of links: what was found, put before a person, decided, used, and undone.

The book is what its entries say, in their order; every verb gives back the entry to be written, and
has entered it already. It knows no clock and no disk. One book is for one writer at a time.

*Sure* links are those that may carry a burden. They join records into one subject, link by link. An
estimate adds the records at its other end to what is shown of a subject, and no further: what is
likely of something likely is not shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from xinyong.errors import QuestionRefused
from xinyong.records.linking.comparing import Ground
from xinyong.records.linking.entries import Entry, Linked, Parted, Proposal, Used
from xinyong.records.linking.judging import Bars, Judged, Match, judge
from xinyong.records.linking.links import (
    BurdenLink,
    Estimated,
    Link,
    PersonDecided,
    StrongIdentifier,
)
from xinyong.records.linking.record import Record, Ref

Pair = frozenset[Ref]
_WHERE = "records.linking"


class Book:
    """All links between records, as of the last entry.

    ``record_of`` gives a record as it is now; it raises for a ref it does not know.
    """

    def __init__(self, record_of: Callable[[Ref], Record], entries: Iterable[Entry] = ()) -> None:
        self._record_of = record_of
        self._standing: dict[Pair, Link] = {}
        self._of: defaultdict[Ref, set[Pair]] = defaultdict(set)
        self._pair_of: dict[str, Pair] = {}
        self._open: dict[str, Proposal] = {}
        self._waiting: dict[Pair, str] = {}
        self._apart: dict[Pair, tuple[Ground, ...]] = {}
        self._uses: defaultdict[Pair, set[str]] = defaultdict(set)
        for entry in entries:
            self.enter(entry)

    # -------------------------------------------------------------------------------- reading

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """What waits for a person, longest waiting first."""
        return tuple(sorted(self._open.values(), key=lambda p: (p.at, p.id)))

    @property
    def links(self) -> tuple[Link, ...]:
        """All links that stand, in order of their making."""
        return tuple(sorted(self._standing.values(), key=lambda link: (link.at, link.id)))

    def burden_link(self, link: str) -> BurdenLink:
        """The link of that id, to rest a burden on; refused where it does not stand or carry."""
        found = self._find(link)
        return BurdenLink(found, self._record_of(found.left), self._record_of(found.right))

    def subject(self, ref: Ref, *, for_burden: bool) -> frozenset[Ref]:
        """The records that are about the same subject as this one, itself among them.

        For a burden, sure links alone count. Otherwise records that are likely to belong to it are
        added; but where likely ones cannot all be right, by their numbers, none of them is.
        """
        sure = self._sure(ref)
        if for_burden:
            return sure
        groups = (self._sure(other) for other in self._likely(sure))
        return sure.union(*(group for group in groups if sure & self._likely(group)))

    # -------------------------------------------------------------------------------- writing

    def take(self, judged: Judged, at: int) -> Entry | None:
        """Take what matching found: a link, a proposal, or nothing new (None).

        Nothing that a person parted is linked or proposed again, unless other grounds are known
        now; then it is proposed.
        """
        left, right = judged.left.ref, judged.right.ref
        pair = frozenset((left, right))
        known = _without_weights(judged.grounds)
        if judged.match is Match.NONE or self._apart.get(pair) == known or self._waits(pair):
            return None
        stands = self._standing.get(pair)
        if stands is not None and isinstance(stands.basis, PersonDecided):
            return None
        doubtful = judged.match is Match.DOUBTFUL or pair in self._apart
        clash = self._clash(self._sure(left), self._sure(right))
        if doubtful or clash:
            why = f"{judged.why}; {clash}" if clash else judged.why
            return self._entered(Proposal(left, right, why, judged.grounds, judged.probability, at))
        if judged.match is Match.STRONG:
            same = [g.field for g in judged.grounds if judged.left.identifier(g.field)]
            basis: StrongIdentifier | Estimated = StrongIdentifier(tuple(same))
        else:
            basis = Estimated(judged.probability or 0)
        if stands is not None and (
            type(stands.basis) is type(basis) or isinstance(basis, Estimated)
        ):
            return None
        return self._entered(Linked(Link(left, right, basis, judged.grounds, at)))

    def propose(self, left: Ref, right: Ref, why: str, at: int) -> Proposal:
        """Put a pair before a person by hand, such as when the subject says so."""
        if self._waits(frozenset((left, right))):
            raise _refused("this pair waits already", "decide the proposal that there is")
        judged = judge(self._record_of(left), self._record_of(right), Bars())
        proposal = Proposal(left, right, why, judged.grounds, None, at)
        self.enter(proposal)
        return proposal

    def decide(self, proposal: str, person: PersonDecided, *, same: bool, at: int) -> Entry:
        """A person's decision on a proposal: a link that may carry a burden, or parted for good.

        Refused where two numbers would meet in one subject: then a record is wrong, and its source
        has to mend it.
        """
        found = self._open.get(proposal)
        if found is None:
            raise _refused(f"nothing waits as {proposal[:60]}", "take one from the proposals")
        if not same:
            return self._part(found.left, found.right, person, found.why, at)
        if clash := self._clash(self._sure(found.left), self._sure(found.right)):
            raise QuestionRefused(
                f"{found.left} and {found.right} cannot be one subject",
                where=_WHERE,
                why=clash,
                mend="keep them apart, or have the wrong record mended at its source",
            )
        return self._entered(Linked(Link(found.left, found.right, person, found.grounds, at)))

    def use(self, ref: Ref, by: str, at: int, *, for_burden: bool) -> Used:
        """Say that something (its id ``by``) is built on all records of this subject.

        Whoever splits one of these links later is handed this id.
        """
        records = self.subject(ref, for_burden=for_burden)
        ids = {
            link.id
            for one in records
            for link in self._links_at(one)
            if link.pair <= records and (link.may_carry_burden or not for_burden)
        }
        used = Used(by, tuple(sorted(ids)), at)
        self.enter(used)
        return used

    def split(self, link: str, person: PersonDecided, why: str, at: int) -> Parted:
        """Undo a link. The entry's ``told`` are the ids of all that was built on it."""
        found = self._find(link)
        return self._part(found.left, found.right, person, why, at)

    def enter(self, entry: Entry) -> None:
        """Enter an entry that was written before; the only way the book changes."""
        if isinstance(entry, Proposal):
            self._open[entry.id] = entry
            self._waiting[entry.pair] = entry.id
        elif isinstance(entry, Used):
            for link in entry.links:
                self._uses[self._pair_of[link]].add(entry.by)
        elif isinstance(entry, Linked):
            pair = entry.link.pair
            self._close(pair)
            self._apart.pop(pair, None)
            self._standing[pair] = entry.link
            self._pair_of[entry.link.id] = pair
            for ref in pair:
                self._of[ref].add(pair)
        else:
            self._close(entry.pair)
            self._standing.pop(entry.pair, None)
            self._uses.pop(entry.pair, None)
            for ref in entry.pair:
                self._of[ref].discard(entry.pair)
            self._apart[entry.pair] = _without_weights(entry.grounds)

    # -------------------------------------------------------------------------------- inside

    def _entered(self, entry: Entry) -> Entry:
        self.enter(entry)
        return entry

    def _part(self, left: Ref, right: Ref, person: PersonDecided, why: str, at: int) -> Parted:
        pair = frozenset((left, right))
        grounds = judge(self._record_of(left), self._record_of(right), Bars()).grounds
        told = tuple(sorted(self._uses.get(pair, ())))
        parted = Parted(left, right, person, why, grounds, told, at)
        self.enter(parted)
        return parted

    def _find(self, link: str) -> Link:
        found = self._standing.get(self._pair_of.get(link, frozenset()))
        if found is None or found.id != link:
            raise _refused(f"no link {link[:60]} stands", "it was undone, replaced or never made")
        return found

    def _waits(self, pair: Pair) -> bool:
        return pair in self._waiting

    def _close(self, pair: Pair) -> None:
        waited = self._waiting.pop(pair, None)
        if waited is not None:
            del self._open[waited]

    def _links_at(self, ref: Ref) -> Iterator[Link]:
        return (self._standing[pair] for pair in self._of.get(ref, ()))

    def _carries(self, link: Link) -> bool:
        try:
            BurdenLink(link, self._record_of(link.left), self._record_of(link.right))
        except QuestionRefused:
            return False
        return True

    def _sure(self, ref: Ref) -> frozenset[Ref]:
        seen, ahead = {ref}, [ref]
        while ahead:
            here = ahead.pop()
            for link in self._links_at(here):
                new = link.pair - seen
                if new and link.may_carry_burden and self._carries(link):
                    seen |= new
                    ahead += new
        return frozenset(seen)

    def _likely(self, sure: frozenset[Ref]) -> frozenset[Ref]:
        """Records that an estimate joins to one of these; none where their numbers quarrel."""
        others = frozenset(
            other
            for one in sure
            for link in self._links_at(one)
            if isinstance(link.basis, Estimated)
            for other in link.pair - sure
        )
        groups = frozenset(ref for other in others for ref in self._sure(other))
        return frozenset() if self._clash(sure, groups) else others

    def _clash(self, one: frozenset[Ref], other: frozenset[Ref]) -> str:
        """Why two groups of records cannot be one subject by their numbers; empty if they can."""
        records = [self._record_of(ref) for ref in sorted(one | other)]
        if len({record.kind for record in records}) > 1:
            return "one is a person, the other a firm"
        numbers: dict[str, set[str]] = defaultdict(set)
        for record in records:
            for number in record.identifiers:
                numbers[number.kind].add(number.value)
        twice = sorted(kind for kind, values in numbers.items() if len(values) > 1)
        return f"two different numbers would meet: {', '.join(twice)}" if twice else ""


def _without_weights(grounds: tuple[Ground, ...]) -> tuple[Ground, ...]:
    """Grounds as the fields agree; how much each weighs changes with the records at hand."""
    return tuple(Ground(ground.field, ground.agreement) for ground in grounds)


def _refused(what: str, mend: str) -> QuestionRefused:
    return QuestionRefused(what, where=_WHERE, why="the book of links says otherwise", mend=mend)
