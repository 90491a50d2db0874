"""Checked by mypy in test_linking_types.py, never run: a guess cannot carry a burden."""

from xinyong.records.linking.book import Book
from xinyong.records.linking.entries import Proposal
from xinyong.records.linking.judging import Judged
from xinyong.records.linking.links import BurdenLink, Estimated, Link
from xinyong.records.linking.record import Record


def lay_a_burden(on: BurdenLink) -> str:
    """Stands for whatever takes something from somebody."""
    return str(on.link.right)


def try_it(book: Book, link: Link, judged: Judged, proposal: Proposal, record: Record) -> None:
    lay_a_burden(book.burden_link(link.id))
    lay_a_burden(link)
    lay_a_burden(judged)
    lay_a_burden(proposal)
    lay_a_burden(record)
    lay_a_burden(Estimated(999_999))
    lay_a_burden(BurdenLink(link))
    link.may_carry_burden = True
